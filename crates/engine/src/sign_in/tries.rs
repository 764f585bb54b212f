//! The tries of one attempt: with the client there is, with a new one when the service does not take that, and with fewer
//! permissions when it refuses some. What comes before the first try is in `flow`, the wait for the browser in `visit`.

use std::time::Duration;

use jiff::SignedDuration;
use replug_core::{Code, Connector, Failure, Registration, RegistrationKind};
use replug_oauth::{Attempt, AttemptInput, Context, NotYet, Preflight, ServiceMetadata};

use super::again::{Again, Ended, Stopped};
use super::client::{CALLBACK_ADDRESS, Client, Occasion};
use super::finish::Redeeming;
use super::flow::Flow;
use super::pause::pause;
use super::plan;
use super::visit::Visited;
use crate::check::Asked;
use crate::profiles::profile;
use crate::wire::{SignInPlan, SignInStep};

/// A registration that worked within this time is not asked for before the browser is opened.
const TRUSTED: SignedDuration = SignedDuration::from_hours(24);

/// A browser that stays away for so long may show an error of the service's.
const DOUBT: Duration = Duration::from_secs(15);

impl Flow {
    /// Every try: with another client when the service does not take the first one, and once with fewer permissions when it
    /// refuses some. `again` says why the stored registration is not used.
    pub(super) async fn attempts(
        &mut self,
        ctx: &Context<'_>,
        connector: &Connector,
        mut asked: Asked,
        again: Option<Again>,
    ) -> Result<(), Failure> {
        if self.on_device && asked.service.device_authorization_endpoint.is_none() {
            return Err(Failure::new(Code::AuthNoDevice).with_fact("Service", &asked.service.issuer));
        }
        let Err(failure) = self.attempt_each_way(ctx, (connector, &asked), again).await else {
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
        let outcome = self.attempt_each_way(ctx, (connector, &asked), again).await;
        outcome.map_err(|failure| failure.with_fact("Tried without", dropped))
    }

    async fn attempt_each_way(
        &mut self,
        ctx: &Context<'_>,
        asking: (&Connector, &Asked),
        mut again: Option<Again>,
    ) -> Result<(), Failure> {
        let mut reasons = Vec::new();
        loop {
            let Err(ended) = self.attempt(ctx, asking, again).await else {
                return Ok(());
            };
            let next = ended.again.or_else(|| self.elsewhere(asking, &ended));
            let Some(why) = next.filter(|why| !reasons.contains(why)) else {
                return Err(ended.failure);
            };
            tracing::info!(connector = %self.id, ?why, code = %ended.failure.code, "there is another try");
            // What this one registered.
            self.engine.drop_unproven(&self.id).await?;
            self.on_device |= why == Again::OnDevice;
            self.note(why.sentence());
            self.progress.plan = None;
            self.progress.until = None;
            self.tell(SignInStep::Preparing);
            reasons.push(why);
            again = Some(why);
        }
    }

    /// A service that takes no callback address of this computer may let the person sign in on another device.
    fn elsewhere(&self, (connector, asked): (&Connector, &Asked), ended: &Ended) -> Option<Again> {
        let takes_none = ended.failure.code == Code::RegRedirectRefused && connector.settings.client_id.is_none();
        let offered = asked.service.device_authorization_endpoint.is_some();
        (takes_none && offered && !self.on_device && !ended.abandoned).then_some(Again::OnDevice)
    }

    /// One try with one client. The connector's own stays stored until another has produced a token, even when the service
    /// does not take it and it is not used any more.
    async fn attempt(
        &mut self,
        ctx: &Context<'_>,
        (connector, asked): (&Connector, &Asked),
        again: Option<Again>,
    ) -> Result<(), Ended> {
        let mut record = self.engine.record_of(connector, self.engine.patience()).await?;
        let is_dynamic = |known: &mut Registration| known.kind == RegistrationKind::Dynamic;
        if let Some(why) = again.filter(|why| why.is_anew())
            && record.registration.take_if(is_dynamic).is_some()
        {
            self.note(why.sentence());
        }
        let scope = asked.scope.joined();
        let occasion = Occasion { scope: scope.as_deref(), on_device: self.on_device };
        let client = (connector, &record);
        let chosen = self.engine.choose_client(ctx, client, &asked.service, occasion).await?;
        let (registration, reused) = (chosen.registration.duplicate(), chosen.reused);
        let outcome = if self.on_device {
            self.attempt_on_device(ctx, (connector, asked), chosen).await
        } else {
            self.attempt_in_browser(ctx, (connector, asked), chosen).await
        };
        let stopped = match outcome {
            Ok(()) => return Ok(()),
            Err(stopped) => stopped,
        };
        self.ended(ctx, (connector, asked), (&registration, reused), stopped).await
    }

    /// What follows from the way in which a try with this client stopped.
    async fn ended(
        &self,
        ctx: &Context<'_>,
        asking: (&Connector, &Asked),
        (registration, reused): (&Registration, bool),
        stopped: Stopped,
    ) -> Result<(), Ended> {
        let replaceable = reused && registration.kind == RegistrationKind::Dynamic;
        let failure = match stopped {
            Stopped::OnDevice => {
                let ended = Failure::new(Code::LocalCancelled).into();
                return Err(Ended { again: Some(Again::OnDevice), ..ended });
            }
            Stopped::Unfit(failure) if replaceable => {
                return Err(Ended { again: Some(Again::NotForDevice), ..failure.into() });
            }
            Stopped::Unfit(failure) | Stopped::Failed(failure) => failure,
        };
        // Nobody sits there any more, so that no other client is tried.
        let silent = failure.code == Code::AuthTimeout;
        if silent && reused && !self.on_device {
            self.distrust_registration().await?;
        }
        let asks_why = silent && !self.on_device;
        let failure = if asks_why { why_silent(ctx, asking, registration, failure).await } else { failure };
        let ended = Ended { abandoned: silent, ..Ended::with(failure, registration.kind, reused && !silent) };
        if ended.failure.code == Code::RegDocumentRefused {
            return self.without_document(ended, &asking.1.service, registration).await;
        }
        let redirect = ended.failure.code == Code::RegRedirectRefused && registration.kind == RegistrationKind::Dynamic;
        if redirect && !reused && self.engine.learn_other_host(asking.0, registration).await? {
            return Err(Ended { again: (!silent).then_some(Again::OtherHost), ..ended });
        }
        Err(ended)
    }

    /// The service does not take the client-ID document. Where it registers clients too, that is remembered and done instead.
    async fn without_document(
        &self,
        ended: Ended,
        service: &ServiceMetadata,
        document: &Registration,
    ) -> Result<(), Ended> {
        tracing::info!(connector = %self.id, "the service refused the client-ID document");
        if service.registration_endpoint.is_none() {
            let failure = ended.failure.with_fact("Client document", &document.client_id);
            return Err(Ended { failure, ..ended });
        }
        self.engine.learn_refused_document(&self.id, document).await?;
        Err(Ended { again: (!ended.abandoned).then_some(Again::DocumentRefused), ..ended })
    }

    async fn attempt_in_browser(
        &mut self,
        ctx: &Context<'_>,
        (connector, asked): (&Connector, &Asked),
        chosen: Client,
    ) -> Result<(), Stopped> {
        let Client { registration, listener, reused, notes } = chosen;
        let listener = listener.ok_or_else(|| Failure::new(Code::LocalInternal))?;
        self.progress.note = notes.last().cloned().or_else(|| self.progress.note.take());
        let said = Said::of(connector, asked);
        let input = said.input(&registration);
        if reused || registration.kind == RegistrationKind::PreRegistered {
            preflight(ctx, &registration, asked, &input).await?;
        }
        let attempt = Attempt::begin(ctx, &asked.service, &input)?;
        let plan = SignInPlan {
            device_offered: asked.service.device_authorization_endpoint.is_some(),
            ..plan::plan(&attempt, &connector.address, self.moved_from.as_deref())
        };
        let refused = refused_in_browser(ctx, asked, &input, (registration.kind, reused));
        let visited = self.visit(&attempt, asked.service.iss_parameter, (listener, plan), refused).await?;
        let Visited::Returned(callback) = visited else {
            return Err(Stopped::OnDevice);
        };
        self.tell(SignInStep::Exchanging);
        if callback.posted {
            self.note("The sign-in page posted its answer instead of sending the browser back.");
        }
        let redeeming = Redeeming {
            engine: self.engine.clone(),
            connector: connector.clone(),
            service: asked.service.clone(),
            registration,
        };
        let exchange = async move { redeeming.exchange(attempt, callback).await.map_err(NotYet::Over) };
        match self.redeem(exchange).await {
            Ok(()) => Ok(()),
            Err(NotYet::Over(failure)) => Err(failure.into()),
            // Only a code that is entered elsewhere is asked for more than once.
            Err(NotYet::Pending | NotYet::SlowDown | NotYet::Unclear(_)) => {
                Err(Failure::new(Code::LocalInternal).into())
            }
        }
    }
}

/// What is said in the authorization request besides the client: what was asked for, in the form the service wants.
pub(super) struct Said<'a> {
    scopes: Vec<String>,
    offline: bool,
    resource: Option<&'a str>,
    params: Vec<(String, String)>,
}

impl<'a> Said<'a> {
    pub(super) fn of(connector: &Connector, asked: &'a Asked) -> Self {
        let (service, resource) = (&asked.service, asked.resource.as_deref());
        let profile = profile(&service.issuer);
        Self {
            scopes: asked.scope.scopes(),
            offline: asked.scope.offline(),
            resource: profile.resource(resource),
            params: profile.params(&connector.settings.params, resource, &service.authorization_endpoint),
        }
    }

    pub(super) fn input(&self, registration: &'a Registration) -> AttemptInput<'_> {
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

/// Asks the service about a client that it issued, when the browser has stayed away for a while: it may show an error that only
/// the person sees. Ends with a refusal, or never. A new client may not be known everywhere yet.
async fn refused_in_browser(
    ctx: &Context<'_>,
    asked: &Asked,
    input: &AttemptInput<'_>,
    (kind, reused): (RegistrationKind, bool),
) -> Failure {
    if kind == RegistrationKind::Dynamic {
        pause(ctx.clock, DOUBT).await;
        match replug_oauth::preflight(ctx, &asked.service, input).await {
            Preflight::RedirectRefused(failure) => return failure,
            Preflight::Stale(failure) if reused => return failure,
            Preflight::Stale(_) | Preflight::Known | Preflight::Unclear => {}
        }
    }
    std::future::pending().await
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
