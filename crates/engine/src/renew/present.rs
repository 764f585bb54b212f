//! Presenting a refresh token: how often while nobody knows whether it was spent, how long it is left alone after a refusal,
//! and what a refusal means for what is stored. When a token is renewed at all is in `due`.
//!
//! The rule for a token whose answer was lost:
//! 1. The renewal that lost it presents it again after 0.5, 2 and 6 seconds, as long as each answer is lost too and it was begun
//!    less than twenty seconds ago. That fits into the ten seconds for which rotating services mostly forgive.
//! 2. Then, and when a process was ended in the middle, the intent stays on the disk and says that the token may be spent. At
//!    the next need, or when the network is back, it is presented once. A connection that could not be made does not count.
//! 3. While there is no answer to that either, it is presented once an hour at most. A gateway that answers for the service is
//!    asked again at the next need.
//!
//! Only a structured error of the service ends the sign-in. Presenting a spent token can cost no more than was lost with the
//! answer; never presenting it again would cost the sign-in for certain.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use replug_core::{Clock, Code, Connector, ConnectorId, Credentials, Failure, Registration, Tokens};
use replug_net::Trace;
use replug_oauth::{Granted, TokenFailure, TokenVerdict};
use replug_store::{RefreshIntent, RefreshPause};
use tokio::time::Instant;

use crate::Engine;
use crate::sign_in::needed;

/// When the same token is presented again after an answer was lost.
const AGAIN: [Duration; 3] = [Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(6)];
/// How old a renewal may be whose token is presented again. Later, no service forgives it, and others wait for the record.
const PROMPT: Duration = Duration::from_secs(20);
/// How long a token that may be spent is left alone after it was presented in vain. Also the longest pause there is.
const QUIET: Duration = Duration::from_hours(1);

/// A refresh token that is about to be presented.
pub(super) struct Presentation<'a> {
    pub(super) connector: &'a Connector,
    pub(super) tokens: &'a Tokens,
    pub(super) registration: &'a Registration,
    /// Tells this refresh token from others.
    pub(super) fingerprint: String,
    /// When an answer to it was lost, so that it may be spent; `None` when it is fresh.
    pub(super) lost_at: Option<Timestamp>,
}

/// A presentation that gave no tokens.
pub(super) struct Refused {
    failure: TokenFailure,
    /// Whether an answer to this very renewal was lost.
    lost: bool,
}

impl Engine {
    /// Fails while a refresh token is left alone.
    pub(super) async fn check_pause(&self, id: &ConnectorId, fingerprint: &str) -> Result<(), Failure> {
        let now = self.edges().clock.now();
        match self.edges().store.pause(id).await? {
            Some(pause) if pause.fingerprint == fingerprint && pause.holds(now) => Err(paused(&pause)),
            Some(_) | None => Ok(()),
        }
    }

    /// When an answer to this refresh token was lost; `None` when it is fresh.
    pub(super) async fn lost_at(&self, id: &ConnectorId, fingerprint: &str) -> Result<Option<Timestamp>, Failure> {
        let intent = self.edges().store.intent(id).await?;
        Ok(intent.filter(|intent| intent.fingerprint == fingerprint).map(|intent| intent.at))
    }

    /// Writes down what is about to be done, so that whoever finds it after a kill knows, and presents the token.
    pub(super) async fn present_token(
        &self,
        presentation: &Presentation<'_>,
        generation: u64,
        trace: &Trace,
    ) -> Result<Result<Granted, Refused>, Failure> {
        let (id, now) = (&presentation.connector.id, self.edges().clock.now());
        let fingerprint = presentation.fingerprint.clone();
        let intent = RefreshIntent { generation, fingerprint, at: presentation.lost_at.unwrap_or(now) };
        self.edges().store.set_intent(id, &intent).await?;
        if presentation.lost_at.is_some() {
            self.pause(presentation, Code::TokenUnsure, QUIET).await?;
        }
        Ok(self.ask(presentation, trace).await)
    }

    async fn ask(&self, presentation: &Presentation<'_>, trace: &Trace) -> Result<Granted, Refused> {
        let surroundings = self.surroundings(presentation.connector).await;
        let ctx = surroundings.context(trace);
        let begun = Begun::now(ctx.clock);
        let waits: &[Duration] = if presentation.lost_at.is_some() { &[] } else { &AGAIN };
        let (tokens, registration) = (presentation.tokens, presentation.registration);
        let mut outcome = replug_oauth::refresh(&ctx, tokens, registration).await;
        let mut lost = outcome.as_ref().is_err_and(|refused| refused.unclear);
        for wait in waits {
            if !outcome.as_ref().is_err_and(|refused| refused.unclear) || begun.age(ctx.clock) + *wait > PROMPT {
                break;
            }
            tokio::time::sleep(*wait).await;
            // The computer may have slept meanwhile.
            if begun.age(ctx.clock) > PROMPT {
                break;
            }
            outcome = replug_oauth::refresh(&ctx, tokens, registration).await;
            lost |= outcome.as_ref().is_err_and(|refused| refused.unclear);
        }
        outcome.map_err(|failure| Refused { failure, lost })
    }

    /// What a refusal means for what is stored. Nothing is deleted: a person decides that.
    pub(super) async fn refused(
        &self,
        record: &Credentials,
        presentation: &Presentation<'_>,
        refused: Refused,
    ) -> Result<Failure, Failure> {
        let Refused { failure: TokenFailure { verdict, failure, .. }, lost } = refused;
        let failure = match presentation.lost_at {
            Some(at) => failure.with_fact("An answer was lost", at.to_string()),
            None => failure,
        };
        match verdict {
            TokenVerdict::Dead
            | TokenVerdict::RegistrationGone
            | TokenVerdict::ScopeRefused
            | TokenVerdict::Refused => {
                self.end_of(presentation, &failure).await?;
                self.publish(record, needed(failure.code)).await?;
            }
            TokenVerdict::Transient { .. } | TokenVerdict::Blocked | TokenVerdict::Broken => {
                self.keep_for_later(presentation, lost, &failure).await?;
                if let TokenVerdict::Transient { retry_after: Some(wait) } = verdict {
                    self.pause(presentation, failure.code, wait.min(QUIET)).await?;
                }
            }
        }
        Ok(failure)
    }

    /// A definite answer. A token that is dead is asked about a second time, because a service may have erred, and then never
    /// again.
    async fn end_of(&self, presentation: &Presentation<'_>, failure: &Failure) -> Result<(), Failure> {
        let (store, id) = (&self.edges().store, &presentation.connector.id);
        let fingerprint = presentation.fingerprint.clone();
        let is_same = |pause: &RefreshPause| pause.fingerprint == fingerprint && pause.code == Code::TokenDead;
        let again = store.pause(id).await?.is_some_and(|pause| is_same(&pause));
        store.clear_intent(id).await?;
        if failure.code == Code::TokenDead {
            let now = self.edges().clock.now();
            let pause = RefreshPause { fingerprint, code: failure.code, since: now, until: (!again).then_some(now) };
            store.set_pause(id, Some(&pause)).await?;
        }
        Ok(())
    }

    /// Nothing says that the sign-in has ended. A token whose answer was lost before may be spent as it might have been.
    async fn keep_for_later(
        &self,
        presentation: &Presentation<'_>,
        lost: bool,
        failure: &Failure,
    ) -> Result<(), Failure> {
        let (store, id) = (&self.edges().store, &presentation.connector.id);
        let silent = lost && matches!(failure.code, Code::NetInterrupted | Code::NetTimeout);
        match presentation.lost_at {
            Some(_) if !silent => store.set_pause(id, None).await?,
            None if !lost => store.clear_intent(id).await?,
            Some(_) | None => {}
        }
        Ok(())
    }

    async fn pause(&self, presentation: &Presentation<'_>, code: Code, wait: Duration) -> Result<(), Failure> {
        let since = self.edges().clock.now();
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        let until = Some(since.checked_add(wait).unwrap_or(Timestamp::MAX));
        let pause = RefreshPause { fingerprint: presentation.fingerprint.clone(), code, since, until };
        Ok(self.edges().store.set_pause(&presentation.connector.id, Some(&pause)).await?)
    }
}

fn paused(pause: &RefreshPause) -> Failure {
    let failure = Failure::new(pause.code);
    match pause.until {
        Some(until) => failure.with_fact("Not asked again before", until.to_string()),
        None => failure,
    }
}

/// When a renewal was begun, by the wall clock, which goes on while the computer sleeps, and by the process's own, which nobody
/// sets back.
struct Begun {
    at: Timestamp,
    counted_from: Instant,
}

impl Begun {
    fn now(clock: &dyn Clock) -> Self {
        Self { at: clock.now(), counted_from: Instant::now() }
    }

    fn age(&self, clock: &dyn Clock) -> Duration {
        let by_clock = Duration::try_from(clock.now().duration_since(self.at)).unwrap_or_default();
        self.counted_from.elapsed().max(by_clock)
    }
}
