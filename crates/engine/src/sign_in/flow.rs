//! One attempt to sign in, from the first question to the stored tokens. Which client is used is decided in `client`, how often
//! it is tried in `tries`, what is stored and cleaned up in `finish`.

use jiff::Timestamp;
use replug_core::{Code, Connector, ConnectorId, Failure, Finding, Secret};
use replug_net::Trace;
use replug_oauth::NotYet;
use replug_store::{SignInFacts, Standing};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::again::Again;
use super::finish::Redeemed;
use super::moved::{issuer_changed, moved_from};
use super::{Command, SignInOptions, plan};
use crate::Engine;
use crate::check::{Asked, remembered};
use crate::lock::{HeldLock, Purpose, lock, try_lock};
use crate::profiles::in_plain_words;
use crate::wire::{SignInProgress, SignInStep};

/// What the last attempts have left behind.
struct Left {
    access: Option<Secret<String>>,
    failed: Option<(Finding, Option<Timestamp>)>,
}

/// An attempt on its way.
pub(super) struct Flow {
    pub(super) engine: Engine,
    pub(super) id: ConnectorId,
    pub(super) options: SignInOptions,
    cancel: CancellationToken,
    pub(super) inbox: mpsc::Receiver<Command>,
    told: watch::Sender<SignInProgress>,
    pub(super) progress: SignInProgress,
    /// The sign-in service that was used until now, when the server names another one.
    pub(super) moved_from: Option<String>,
    /// Whether the person signs in on another device.
    pub(super) on_device: bool,
    /// What turns the person's consent into stored tokens, while it is under way.
    redeeming: Option<JoinHandle<Redeemed>>,
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
        let (inbox, told) = channels;
        let on_device = options.on_device;
        Self { engine, id, options, cancel, inbox, told, progress, moved_from: None, on_device, redeeming: None }
    }

    /// Runs to the end, and returns the last word, which is told by the caller.
    pub(super) async fn run(mut self) -> SignInProgress {
        self.tell(SignInStep::Preparing);
        let outcome = match self.take_lock().await {
            Ok((lock, None)) => {
                let outcome = Box::pin(self.guarded()).await.map_err(in_plain_words);
                self.clean_up(outcome.as_ref().err()).await;
                // Not before the outcome is written down: whoever waits for the lock reads it.
                drop(lock);
                outcome
            }
            // Another process has just signed in, or failed to: its outcome is this one's.
            Ok((_lock, Some(outcome))) => outcome,
            Err(failure) => Err(failure),
        };
        let error = outcome.as_ref().err().map(Into::into);
        if outcome.is_ok() || !self.cancel.is_cancelled() {
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
        self.progress
    }

    /// Runs while nobody cancels. The caller holds the lock, and keeps it until nothing of the attempt goes on.
    async fn guarded(&mut self) -> Result<(), Failure> {
        let cancel = self.cancel.clone();
        let outcome = tokio::select! {
            biased;
            () = cancel.cancelled() => None,
            outcome = self.sign_in() => Some(outcome),
        };
        match (outcome, self.redeeming.take()) {
            (Some(outcome), _) => outcome,
            // Cancelling came too late when the tokens are there: then they are kept with what they belong to.
            (None, Some(redeeming)) => match redeeming.await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(NotYet::Over(failure))) => Err(failure),
                Ok(Err(_)) => Err(Failure::new(Code::LocalCancelled)),
                Err(_) => Err(Failure::new(Code::LocalInternal)),
            },
            (None, None) => Err(Failure::new(Code::LocalCancelled)),
        }
    }

    /// Redeems what the person has allowed, in a task of its own: the service hands the tokens out once, and cancelling must
    /// not lose them. A cancelled attempt waits for it too, so that nobody cleans up under its hands.
    pub(super) async fn redeem(&mut self, redeeming: impl Future<Output = Redeemed> + Send + 'static) -> Redeemed {
        let task = self.redeeming.insert(self.engine.inner.renewals.spawn(redeeming));
        let redeemed = task.await;
        self.redeeming = None;
        redeemed.unwrap_or_else(|_| Err(NotYet::Over(Failure::new(Code::LocalInternal))))
    }

    /// Takes the lock, with the outcome of the attempt that held it until then. Who held it for something else, or gave up, has
    /// left none.
    async fn take_lock(&mut self) -> Result<(HeldLock, Option<Result<(), Failure>>), Failure> {
        if let Some(held) = try_lock(self.engine.data_dir(), &self.id, Purpose::SignIn)? {
            return Ok((held, None));
        }
        let before = self.left().await?;
        self.note("Something else goes on with this sign-in. Replug waits until that has ended.");
        self.tell(SignInStep::Preparing);
        let dir = self.engine.data_dir().to_owned();
        let waiting = lock(&dir, &self.id, Purpose::SignIn, self.options.timeout);
        let held = tokio::select! {
            () = self.cancel.cancelled() => return Err(Failure::new(Code::LocalCancelled)),
            outcome = waiting => outcome?,
        };
        let outcome = self.left().await?.since(&before);
        Ok((held, outcome))
    }

    async fn left(&self) -> Result<Left, Failure> {
        let facts = self.engine.stored(&self.id).await?.sign_in;
        let record = self.engine.read_record(&self.id, self.engine.patience()).await?;
        Ok(Left {
            access: record.tokens.map(|tokens| tokens.access),
            failed: facts.and_then(|facts| facts.last_failure.map(|finding| (finding, facts.last_failed_at))),
        })
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
        self.notice_move(&connector, &asked).await?;
        if let Some(client) = self.engine.own_client(&connector, &asked.service).await? {
            self.confirm(&plan::plan_in_own_name(&asked, &connector.address, self.moved_from.as_deref())?).await?;
            self.tell(SignInStep::Exchanging);
            return self.engine.sign_in_as_client(&ctx, &connector, &asked, client).await;
        }
        self.attempts(&ctx, &connector, asked, forgotten.then_some(Again::Forgotten)).await
    }

    /// A moved service is never used without a person's consent: they are asked for it, or nothing is done.
    async fn notice_move(&mut self, connector: &Connector, asked: &Asked) -> Result<(), Failure> {
        let record = self.engine.record_of(connector, self.engine.patience()).await?;
        let named = &asked.service.issuer;
        self.moved_from = moved_from(connector, &record, named).map(str::to_owned);
        match &self.moved_from {
            Some(known) if !self.options.confirm_unusual && !self.options.accept_move => {
                Err(issuer_changed(known, named))
            }
            Some(_) | None => Ok(()),
        }
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

    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.progress.note = Some(note.into());
    }

    pub(super) fn tell(&mut self, step: SignInStep) {
        self.progress.step = step;
        self.engine.tell_sign_in(&self.progress);
        self.told.send_replace(self.progress.clone());
    }
}

impl Left {
    /// The outcome of an attempt that was made after `before`; `None` when there was none.
    fn since(self, before: &Self) -> Option<Result<(), Failure>> {
        if self.failed != before.failed
            && let Some((finding, _)) = &self.failed
        {
            return Some(Err(remembered(finding)));
        }
        let is_known =
            |access: &Secret<String>| before.access.as_ref().is_some_and(|known| known.matches(access.expose()));
        self.access.filter(|access| !is_known(access)).map(|_| Ok(()))
    }
}
