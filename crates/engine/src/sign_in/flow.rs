//! One attempt to sign in, from the first question to the stored tokens. Which client is used is decided in `client`, what is
//! stored and cleaned up in `finish`.

use jiff::SignedDuration;
use replug_core::{Code, Connector, ConnectorId, Failure, Registration, RegistrationKind};
use replug_net::Trace;
use replug_oauth::{Attempt, AttemptInput, Callback, Context, Preflight, accept_pasted};
use replug_store::{SignInFacts, Standing};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::client::{self, CALLBACK_ADDRESS, Client};
use super::finish::Redeeming;
use super::{Command, SignInOptions, plan};
use crate::Engine;
use crate::check::{Asked, remembered};
use crate::lock::{HeldLock, Purpose, lock, try_lock};
use crate::view;
use crate::wire::{SignInPlan, SignInProgress, SignInStep};

/// A registration that worked within this time is not asked for before the browser is opened.
const TRUSTED: SignedDuration = SignedDuration::from_hours(24);

const FORGOTTEN: &str = "The sign-in service forgot this app. Replug registers anew.";

/// An attempt on its way.
pub(super) struct Flow {
    pub(super) engine: Engine,
    pub(super) id: ConnectorId,
    options: SignInOptions,
    cancel: CancellationToken,
    inbox: mpsc::Receiver<Command>,
    told: watch::Sender<SignInProgress>,
    progress: SignInProgress,
}

/// The last word of an attempt, ready to be told.
pub(super) struct LastWord {
    engine: Engine,
    told: watch::Sender<SignInProgress>,
    progress: SignInProgress,
}

impl LastWord {
    pub(super) fn tell(self) {
        self.engine.tell_sign_in(&self.progress);
        self.told.send_replace(self.progress);
    }
}

/// How a try with one client ended without tokens.
struct Ended {
    failure: Failure,
    /// Whether the service does not know the client, so that another one may work.
    client_gone: bool,
}

impl Ended {
    /// With a client of this kind. One that was made for this very try is not made again, and one that the person entered
    /// cannot be: the person has to look at it.
    fn with(failure: Failure, kind: RegistrationKind, reused: bool) -> Self {
        let gone = failure.code == Code::RegForgotten;
        match kind {
            RegistrationKind::Dynamic => Self { client_gone: gone && reused, failure },
            RegistrationKind::PreRegistered | RegistrationKind::ClientIdDocument if gone => {
                Self { failure: Failure { code: Code::RegClientRefused, ..failure }, client_gone: false }
            }
            RegistrationKind::PreRegistered | RegistrationKind::ClientIdDocument => {
                Self { failure, client_gone: false }
            }
        }
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self { failure, client_gone: false }
    }
}

impl Flow {
    pub(super) fn new(
        engine: Engine,
        id: ConnectorId,
        options: SignInOptions,
        cancel: CancellationToken,
        channels: (mpsc::Receiver<Command>, watch::Sender<SignInProgress>),
    ) -> Self {
        let progress = plan::preparing(&id);
        Self { engine, id, options, cancel, inbox: channels.0, told: channels.1, progress }
    }

    /// Runs to the end; the last word is told by the caller.
    pub(super) async fn run(mut self) -> LastWord {
        self.tell(SignInStep::Preparing);
        let outcome = match self.take_lock().await {
            Ok(Some(lock)) => {
                let outcome = self.guarded().await;
                self.clean_up(outcome.as_ref().err()).await;
                // Not before the outcome is written down: whoever waits for the lock reads it.
                drop(lock);
                outcome
            }
            Ok(None) => self.outcome_of_the_other().await,
            Err(failure) => Err(failure),
        };
        let error = outcome.as_ref().err().map(Into::into);
        if !self.cancel.is_cancelled() {
            self.tell(SignInStep::Checking);
            if let Err(failure) = self.engine.check_one(&self.id).await {
                tracing::warn!(code = %failure.code, "the check after a sign-in could not be made");
            }
        }
        self.progress.step = SignInStep::Done;
        self.progress.plan = None;
        self.progress.until = None;
        self.progress.error = error;
        self.progress.connector = self.engine.get(&self.id).await.ok().map(Box::new);
        LastWord { engine: self.engine, told: self.told, progress: self.progress }
    }

    /// Runs while nobody cancels. The caller holds the lock.
    async fn guarded(&mut self) -> Result<(), Failure> {
        let cancel = self.cancel.clone();
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(Failure::new(Code::LocalCancelled)),
            outcome = self.sign_in() => outcome,
        }
    }

    /// `None` when another process held it, and has let go of it by now.
    async fn take_lock(&mut self) -> Result<Option<HeldLock>, Failure> {
        if let Some(held) = try_lock(self.engine.data_dir(), &self.id, Purpose::SignIn)? {
            return Ok(Some(held));
        }
        self.note("Another Replug is signing in; this one waits for it.");
        self.tell(SignInStep::Preparing);
        let dir = self.engine.data_dir().to_owned();
        let waiting = lock(&dir, &self.id, Purpose::SignIn, self.options.timeout);
        tokio::select! {
            () = self.cancel.cancelled() => Err(Failure::new(Code::LocalCancelled)),
            outcome = waiting => outcome.map(|_| None),
        }
    }

    /// Another process has just signed in, or failed to: its outcome is this one's.
    async fn outcome_of_the_other(&self) -> Result<(), Failure> {
        let facts = self.engine.stored(&self.id).await?.sign_in;
        match facts.as_ref().map(|facts| (facts.last_failure.as_ref(), facts.standing)) {
            Some((Some(finding), _)) => Err(remembered(finding)),
            Some((None, Standing::SignedIn | Standing::NotRequired)) => Ok(()),
            Some((None, Standing::SignedOut | Standing::Needed { .. })) | None => {
                Err(Failure::new(Code::LocalCancelled).with_text("The other Replug gave its sign-in up."))
            }
        }
    }

    async fn sign_in(&mut self) -> Result<(), Failure> {
        self.engine.edges().keychain.probe_writable(self.engine.patience()).await?;
        if self.works_already().await? {
            return Ok(());
        }
        // Left over when an earlier attempt was killed.
        self.engine.drop_unproven(&self.id).await?;
        let forgotten = self.is_forgotten().await?;
        let connector = self.engine.stored(&self.id).await?.connector;
        let surroundings = self.engine.surroundings(&connector).await;
        let trace = Trace::new();
        let ctx = surroundings.context(&trace);
        let Some(asked) = self.engine.ask_for_sign_in(&ctx, &connector).await? else {
            let record = self.engine.read_record(&self.id, self.engine.patience()).await?;
            return self.engine.publish(&record, Standing::NotRequired).await;
        };
        let mut outcome = self.attempt(&ctx, (&connector, &asked), forgotten).await;
        if outcome.as_ref().is_err_and(|ended| ended.client_gone) {
            outcome = self.attempt(&ctx, (&connector, &asked), true).await;
        }
        outcome.map_err(|ended| ended.failure)
    }

    /// Whether the stored sign-in does its work, perhaps after a renewal: then no browser is needed.
    async fn works_already(&self) -> Result<bool, Failure> {
        let record = self.engine.read_record(&self.id, self.engine.patience()).await?;
        if record.tokens.is_none() {
            return Ok(false);
        }
        self.engine.check_one(&self.id).await?;
        let stored = self.engine.stored(&self.id).await?;
        // A call may need more permission than the check does, which then finds nothing wrong.
        let suffices = |facts: SignInFacts| facts.standing == Standing::SignedIn && facts.wanted_scopes.is_empty();
        let signed_in = stored.sign_in.is_some_and(suffices);
        Ok(signed_in && stored.health.level() == replug_core::Level::Green)
    }

    /// Whether the last check or attempt found out that the service does not know the client any more.
    async fn is_forgotten(&self) -> Result<bool, Failure> {
        let facts = self.engine.stored(&self.id).await?.sign_in;
        let forgotten = Some(Code::RegForgotten);
        Ok(facts.is_some_and(|facts| {
            let last = facts.last_failure.map(|finding| finding.code);
            last == forgotten || matches!(facts.standing, Standing::Needed { code, .. } if code == forgotten)
        }))
    }

    /// One try with one client. The connector's own stays stored until another has produced a token, even when the service
    /// has `forgotten` it and it is not used any more.
    async fn attempt(
        &mut self,
        ctx: &Context<'_>,
        (connector, asked): (&Connector, &Asked),
        forgotten: bool,
    ) -> Result<(), Ended> {
        let mut record = self.engine.read_record(&self.id, self.engine.patience()).await?;
        let is_dynamic = |known: &mut Registration| known.kind == RegistrationKind::Dynamic;
        if forgotten && record.registration.take_if(is_dynamic).is_some() {
            self.note(FORGOTTEN);
        }
        let scope = asked.scope.joined();
        let chosen = client::choose(ctx, &asked.service, &connector.settings, &record, scope.as_deref()).await?;
        let (kind, reused) = (chosen.registration.kind, chosen.reused);
        let redirect = chosen.registration.redirect.to_address();
        let Err(mut failure) = self.attempt_with(chosen, ctx, connector, asked).await else {
            return Ok(());
        };
        if failure.code == Code::AuthTimeout {
            if reused {
                self.distrust_registration().await?;
            }
            if kind == RegistrationKind::PreRegistered {
                // What services that know the client mostly complain of in the browser.
                failure = failure.with_fact(CALLBACK_ADDRESS, redirect);
            }
        }
        Err(Ended::with(failure, kind, reused))
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
        let client_id = registration.client_id.clone();
        let input = AttemptInput {
            client_id: &client_id,
            redirect: listener.redirect().clone(),
            scopes: &asked.scope.scopes,
            offline: asked.scope.offline,
            resource: asked.resource.as_deref(),
            extra_params: &connector.settings.params,
        };
        if reused {
            self.preflight(ctx, &registration, asked, &input).await?;
        } else {
            // Kept before it is used, so that it can be cleaned up even when this process is killed now.
            self.keep_registration(&registration).await?;
        }
        let attempt = Attempt::begin(ctx, &asked.service, &input)?;
        let callback = self.visit(&attempt, asked.service.iss_parameter, listener, connector).await?;
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

    /// Asks the service about a client that has not worked for a while, before a person sees a raw error page.
    async fn preflight(
        &self,
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
            Preflight::Stale(failure) => Err(failure),
            Preflight::Known | Preflight::Unclear => Ok(()),
        }
    }

    /// Sends the person to the sign-in page and waits for the answer.
    async fn visit(
        &mut self,
        attempt: &Attempt,
        iss_required: bool,
        listener: replug_oauth::Listener,
        connector: &Connector,
    ) -> Result<Callback, Failure> {
        let plan = plan::plan(attempt, &connector.address);
        self.confirm(&plan).await?;
        let until = Instant::now() + self.options.timeout;
        self.progress.until = Some(view::time(self.engine.edges().clock.now() + self.options.timeout));
        self.progress.plan = Some(plan);
        self.tell(SignInStep::Waiting);
        if self.options.open_browser {
            self.open(attempt);
        }
        // Cancelling drops this whole future, so the listener needs no signal of its own.
        let waiting = listener.wait(attempt, iss_required, until, std::future::pending());
        tokio::pin!(waiting);
        loop {
            tokio::select! {
                outcome = &mut waiting => return outcome,
                Some(command) = self.inbox.recv() => {
                    if let Some(callback) = self.obey(command, attempt, iss_required)? {
                        return Ok(callback);
                    }
                }
            }
        }
    }

    /// An unusual host waits for the person to say that it is right.
    async fn confirm(&mut self, plan: &SignInPlan) -> Result<(), Failure> {
        if plan.warning.is_none() || !self.options.confirm_unusual {
            return Ok(());
        }
        self.progress.plan = Some(plan.clone());
        self.tell(SignInStep::Confirm);
        let deadline = Instant::now() + self.options.timeout;
        loop {
            let waiting = tokio::time::timeout_at(deadline, self.inbox.recv()).await;
            match waiting.map_err(|_| Failure::new(Code::AuthTimeout))? {
                Some(Command::Confirm) => return Ok(()),
                Some(Command::OpenAgain | Command::Paste(..)) => {}
                None => return Err(Failure::new(Code::LocalCancelled)),
            }
        }
    }

    fn obey(&mut self, command: Command, attempt: &Attempt, iss_required: bool) -> Result<Option<Callback>, Failure> {
        match command {
            Command::Confirm => Ok(None),
            Command::OpenAgain => {
                self.open(attempt);
                Ok(None)
            }
            Command::Paste(address, answer) => match accept_pasted(attempt, iss_required, &address) {
                Ok(callback) => {
                    let _ = answer.send(Ok(()));
                    Ok(Some(callback))
                }
                // Not of this attempt: nothing has happened, and the browser may still come.
                Err(failure) if failure.code == Code::AuthStateMismatch => {
                    let _ = answer.send(Err(failure));
                    Ok(None)
                }
                Err(failure) => {
                    let _ = answer.send(Ok(()));
                    Err(failure)
                }
            },
        }
    }

    /// A browser that cannot be opened is no end: the link can be copied.
    fn open(&mut self, attempt: &Attempt) {
        if let Err(failure) = self.engine.edges().browser.open(&attempt.address) {
            self.note(format!("{} {}", failure.sentence(), failure.code.info().hint));
            self.tell(SignInStep::Waiting);
        }
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.progress.note = Some(note.into());
    }

    fn tell(&mut self, step: SignInStep) {
        self.progress.step = step;
        self.engine.tell_sign_in(&self.progress);
        self.told.send_replace(self.progress.clone());
    }
}
