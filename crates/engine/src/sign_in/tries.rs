//! The tries of one attempt: with the client there is, with a new one when the service does not take that, and with fewer
//! permissions when it refuses some. What comes before the first try is in `flow`, the wait for the browser in `visit`.

use jiff::SignedDuration;
use replug_core::{Code, Connector, Failure, Registration, RegistrationKind};
use replug_oauth::{Attempt, AttemptInput, Context, Preflight, ServiceMetadata};

use super::client::{CALLBACK_ADDRESS, Client};
use super::finish::Redeeming;
use super::flow::Flow;
use super::plan;
use crate::check::Asked;
use crate::profiles::profile;
use crate::wire::SignInStep;

/// A registration that worked within this time is not asked for before the browser is opened.
const TRUSTED: SignedDuration = SignedDuration::from_hours(24);

pub(super) const FORGOTTEN: &str = "The sign-in service forgot this app. Replug registers anew.";
const REDIRECT_REFUSED: &str =
    "The sign-in service does not take the callback address any more. Replug registers anew.";
const DOCUMENT_REFUSED: &str = "The sign-in service does not take Replug's client document. Replug registers instead.";

/// How a try with one client ended without tokens.
struct Ended {
    failure: Failure,
    /// Why another client may work, when one may.
    anew: Option<&'static str>,
}

impl Ended {
    /// With a client of this kind. One that was made for this very try is not made again, and one that the person entered
    /// cannot be: the person has to look at it.
    fn with(failure: Failure, kind: RegistrationKind, reused: bool) -> Self {
        let why = match failure.code {
            Code::RegForgotten => Some(FORGOTTEN),
            Code::RegRedirectRefused => Some(REDIRECT_REFUSED),
            _ => None,
        };
        match (kind, failure.code) {
            (RegistrationKind::Dynamic, _) => Self { anew: why.filter(|_| reused), failure },
            (RegistrationKind::PreRegistered, Code::RegForgotten) => {
                Self { failure: Failure { code: Code::RegClientRefused, ..failure }, anew: None }
            }
            // Whether something can take its place is found out by `without_document`.
            (
                RegistrationKind::ClientIdDocument,
                Code::RegForgotten | Code::RegClientRefused | Code::RegRedirectRefused,
            ) => Self { failure: Failure { code: Code::RegDocumentRefused, ..failure }, anew: None },
            (RegistrationKind::PreRegistered | RegistrationKind::ClientIdDocument, _) => Self { failure, anew: None },
        }
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self { failure, anew: None }
    }
}

impl Flow {
    /// Every try: with another client when the service does not take the first one, and once with fewer permissions when it
    /// refuses some. `anew` says why the stored registration is not used.
    pub(super) async fn attempts(
        &mut self,
        ctx: &Context<'_>,
        connector: &Connector,
        mut asked: Asked,
        anew: Option<&'static str>,
    ) -> Result<(), Failure> {
        let Err(failure) = self.attempt_twice(ctx, (connector, &asked), anew).await else {
            return Ok(());
        };
        let fewer = asked.scope.fewer(&asked.service).filter(|_| failure.code == Code::AuthScopeRefused);
        let Some((fewer, dropped)) = fewer else {
            return Err(failure);
        };
        let dropped = dropped.join(" ");
        tracing::info!(connector = %self.id, %dropped, "the service refused permissions; some are left out");
        self.note(format!("The service refused the permissions. Replug asks again without {dropped}."));
        self.engine.drop_unproven(&self.id).await?;
        asked.scope = fewer;
        let outcome = self.attempt_twice(ctx, (connector, &asked), anew).await;
        outcome.map_err(|failure| failure.with_fact("Tried without", dropped))
    }

    async fn attempt_twice(
        &mut self,
        ctx: &Context<'_>,
        asking: (&Connector, &Asked),
        anew: Option<&'static str>,
    ) -> Result<(), Failure> {
        let mut outcome = self.attempt(ctx, asking, anew).await;
        if let Err(Ended { anew: Some(why), .. }) = outcome {
            outcome = self.attempt(ctx, asking, Some(why)).await;
        }
        outcome.map_err(|ended| ended.failure)
    }

    /// One try with one client. The connector's own stays stored until another has produced a token, even when the service
    /// does not take it and it is not used any more, for the reason in `anew`.
    async fn attempt(
        &mut self,
        ctx: &Context<'_>,
        (connector, asked): (&Connector, &Asked),
        anew: Option<&'static str>,
    ) -> Result<(), Ended> {
        let mut record = self.engine.record_of(connector, self.engine.patience()).await?;
        let is_dynamic = |known: &mut Registration| known.kind == RegistrationKind::Dynamic;
        if let Some(why) = anew
            && record.registration.take_if(is_dynamic).is_some()
        {
            self.note(why);
        }
        let scope = asked.scope.joined();
        let client = (connector, &record);
        let chosen = self.engine.choose_client(ctx, client, &asked.service, scope.as_deref()).await?;
        let (registration, reused) = (chosen.registration.duplicate(), chosen.reused);
        let Err(failure) = self.attempt_with(chosen, ctx, connector, asked).await else {
            return Ok(());
        };
        // Nobody sits there any more, so that no other client is tried.
        let silent = failure.code == Code::AuthTimeout;
        if silent && reused {
            self.distrust_registration().await?;
        }
        let failure = if silent { why_silent(ctx, (connector, asked), &registration, failure).await } else { failure };
        let ended = Ended::with(failure, registration.kind, reused && !silent);
        if ended.failure.code != Code::RegDocumentRefused {
            return Err(ended);
        }
        let ended = self.without_document(ended.failure, &asked.service, &registration).await?;
        Err(Ended { anew: ended.anew.filter(|_| !silent), ..ended })
    }

    /// The service does not take the client-ID document. Where it registers clients too, that is remembered and done instead.
    async fn without_document(
        &mut self,
        failure: Failure,
        service: &ServiceMetadata,
        document: &Registration,
    ) -> Result<Ended, Failure> {
        tracing::info!(connector = %self.id, "the service refused the client-ID document");
        if service.registration_endpoint.is_none() {
            return Ok(failure.with_fact("Client document", &document.client_id).into());
        }
        self.engine.learn_refused_document(&self.id, document).await?;
        self.note(DOCUMENT_REFUSED);
        Ok(Ended { failure, anew: Some(DOCUMENT_REFUSED) })
    }

    async fn attempt_with(
        &mut self,
        chosen: Client,
        ctx: &Context<'_>,
        connector: &Connector,
        asked: &Asked,
    ) -> Result<(), Failure> {
        let Client { registration, listener, reused, notes } = chosen;
        self.progress.note = notes.last().cloned().or_else(|| self.progress.note.take());
        let said = Said::of(connector, asked);
        let input = said.input(&registration);
        if !reused {
            // Kept before it is used, so that it can be cleaned up even when this process is killed now.
            self.keep_registration(&registration).await?;
        }
        if reused || registration.kind == RegistrationKind::PreRegistered {
            preflight(ctx, &registration, asked, &input).await?;
        }
        let attempt = Attempt::begin(ctx, &asked.service, &input)?;
        let plan = plan::plan(&attempt, &connector.address, self.moved_from.as_deref());
        let callback = self.visit(&attempt, asked.service.iss_parameter, listener, plan).await?;
        self.tell(SignInStep::Exchanging);
        if callback.posted {
            self.note("The sign-in page posted its answer instead of sending the browser back.");
        }
        let redeeming = Redeeming {
            engine: self.engine.clone(),
            connector: connector.clone(),
            service: asked.service.clone(),
            attempt,
            registration,
        };
        // A task of its own: the service hands the tokens out once, and cancelling must not lose them.
        let task = self.engine.inner.renewals.spawn(redeeming.run(callback));
        task.await.unwrap_or_else(|_| Err(Failure::new(Code::LocalInternal)))
    }
}

/// What is said in the authorization request besides the client: what was asked for, in the form the service wants.
struct Said<'a> {
    scopes: Vec<String>,
    offline: bool,
    resource: Option<&'a str>,
    params: Vec<(String, String)>,
}

impl<'a> Said<'a> {
    fn of(connector: &Connector, asked: &'a Asked) -> Self {
        let (service, resource) = (&asked.service, asked.resource.as_deref());
        let profile = profile(&service.issuer);
        Self {
            scopes: asked.scope.scopes(),
            offline: asked.scope.offline(),
            resource: profile.resource(resource),
            params: profile.params(&connector.settings.params, resource, &service.authorization_endpoint),
        }
    }

    fn input(&self, registration: &'a Registration) -> AttemptInput<'_> {
        AttemptInput {
            client_id: &registration.client_id,
            redirect: registration.redirect.clone(),
            scopes: &self.scopes,
            offline: self.offline,
            resource: self.resource,
            extra_params: &self.params,
        }
    }
}

/// Asks the service about a client that has not worked for a while, before a person sees a raw error page.
async fn preflight(
    ctx: &Context<'_>,
    registration: &Registration,
    asked: &Asked,
    input: &AttemptInput<'_>,
) -> Result<(), Failure> {
    let now = ctx.clock.now();
    if registration.last_used_at.is_some_and(|at| now.duration_since(at) < TRUSTED) {
        return Ok(());
    }
    match replug_oauth::preflight(ctx, &asked.service, input).await {
        Preflight::Stale(failure) | Preflight::RedirectRefused(failure) => Err(failure),
        Preflight::Known | Preflight::Unclear => Ok(()),
    }
}

/// What a browser that never came back most likely showed. A new registration is not asked about beforehand.
async fn why_silent(
    ctx: &Context<'_>,
    asking: (&Connector, &Asked),
    registration: &Registration,
    timeout: Failure,
) -> Failure {
    let said = Said::of(asking.0, asking.1);
    match replug_oauth::preflight(ctx, &asking.1.service, &said.input(registration)).await {
        Preflight::Stale(failure) | Preflight::RedirectRefused(failure) => failure,
        // What services that know the client mostly complain of.
        Preflight::Known | Preflight::Unclear if registration.kind == RegistrationKind::PreRegistered => {
            timeout.with_fact(CALLBACK_ADDRESS, registration.redirect.to_address())
        }
        Preflight::Known | Preflight::Unclear => timeout,
    }
}
