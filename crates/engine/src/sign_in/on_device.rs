//! The part of an attempt that waits for a person on another device (RFC 8628): telling them the code, and asking the service
//! until they have answered. When it is done this way is decided in `tries`, what is stored afterwards in `finish`.

use std::sync::Arc;
use std::time::Duration;

use replug_core::{Code, Connector, Failure, RegistrationKind};
use replug_net::{BrowserAddress, Trace};
use replug_oauth::{Context, DeviceAttempt, NotYet, TokenFailure, TokenVerdict, poll_device};
use tokio::time::{Instant, sleep_until};

use super::again::Stopped;
use super::client::Client;
use super::finish::{Redeemed, Redeeming};
use super::flow::Flow;
use super::pause::pause;
use super::tries::Said;
use super::{Command, plan};
use crate::check::Asked;
use crate::view;
use crate::wire::{SignInPlan, SignInStep};

/// What a service that is asked too often wants longer (RFC 8628 §3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// The longest wait between two questions, unless the service wants a longer one.
const LONGEST: Duration = Duration::from_mins(1);
/// Answers in a row that nobody can use, after which it is given up.
const UNUSABLE: u32 = 3;

const NO_ANSWER: &str = "The sign-in service does not answer now. Replug asks again.";

impl Flow {
    /// One try with one client.
    pub(super) async fn attempt_on_device(
        &mut self,
        ctx: &Context<'_>,
        (connector, asked): (&Connector, &Asked),
        chosen: Client,
    ) -> Result<(), Stopped> {
        let Client { mut registration, notes, listener: _, reused } = chosen;
        self.progress.note = notes.last().cloned().or_else(|| self.progress.note.take());
        let is_first = !reused && registration.kind == RegistrationKind::PreRegistered;
        let first_secret = registration.client_secret.as_ref().filter(|_| is_first);
        let moved_from = self.moved_from.as_deref();
        let before = plan::plan_before_device(asked, &connector.address, moved_from, first_secret.is_some())?;
        self.confirm(&before).await?;
        let said = Said::of(connector, asked);
        let begun = replug_oauth::begin_on_device(ctx, &asked.service, &said.input(&registration), &registration).await;
        let attempt = begun.map_err(refused)?;
        registration.auth_method = attempt.auth_method_changed.unwrap_or(registration.auth_method);
        let plan = plan::plan_on_device(&attempt, &connector.address, self.moved_from.as_deref());
        // What was agreed to is not asked again.
        if plan.host != before.host && plan::plan_on_device(&attempt, &connector.address, None).warning.is_some() {
            self.confirm(&plan).await?;
        }
        let service = asked.service.clone();
        let redeeming = Redeeming { engine: self.engine.clone(), connector: connector.clone(), service, registration };
        Ok(self.ask_until_answered(ctx, plan, Arc::new(attempt), &redeeming).await?)
    }

    async fn ask_until_answered(
        &mut self,
        ctx: &Context<'_>,
        plan: SignInPlan,
        attempt: Arc<DeviceAttempt>,
        redeeming: &Redeeming,
    ) -> Result<(), Failure> {
        let now = ctx.clock.now();
        let life = Duration::try_from(attempt.expires_at.duration_since(now)).unwrap_or_default();
        let patience = self.options.timeout.min(life);
        let until = Instant::now() + patience;
        self.progress.until = Some(view::time(now + patience));
        self.progress.plan = Some(plan);
        self.tell(SignInStep::Waiting);
        let address = attempt.complete_address.as_ref().unwrap_or(&attempt.address);
        let mut pace = Pace::new(attempt.interval);
        while self.idle(ctx, pace.wait(), until, address).await && ctx.clock.now() < attempt.expires_at {
            let asking = Asking { redeeming: redeeming.duplicate(), attempt: Arc::clone(&attempt) };
            match self.redeem(asking.once()).await {
                Ok(()) => return Ok(()),
                Err(NotYet::Over(failure)) => return Err(failure),
                Err(NotYet::Pending) => pace.answered(),
                Err(NotYet::SlowDown) => pace.slow_down(),
                Err(NotYet::Unclear(unclear)) => pace.unclear(unclear)?,
            }
            self.tell_trouble(pace.trouble.is_some());
        }
        Err(pace.trouble.unwrap_or_else(DeviceAttempt::timed_out))
    }

    /// Waits and does what the person asks for meanwhile. Returns whether there is time left.
    async fn idle(&mut self, ctx: &Context<'_>, wait: Duration, until: Instant, address: &BrowserAddress) -> bool {
        let waiting = pause(ctx.clock, wait);
        tokio::pin!(waiting);
        loop {
            tokio::select! {
                () = &mut waiting => return true,
                () = sleep_until(until) => return false,
                Some(command) = self.inbox.recv() => match command {
                    Command::OpenAgain => {
                        self.open(address);
                    }
                    Command::Paste(_, answer) => {
                        let _ = answer.send(Err(Failure::new(Code::AuthStateMismatch)
                            .with_text("This sign-in goes on by itself once the code was entered.")));
                    }
                    Command::Confirm | Command::OnDevice => {}
                },
            }
        }
    }

    fn tell_trouble(&mut self, trouble: bool) {
        let told = self.progress.note.as_deref() == Some(NO_ANSWER);
        if told != trouble {
            self.progress.note = trouble.then(|| NO_ANSWER.to_owned());
            self.tell(SignInStep::Waiting);
        }
    }
}

/// A client that was made for the browser may not be good for this, which services word in many ways.
fn refused(refused: TokenFailure) -> Stopped {
    match refused.verdict {
        TokenVerdict::Refused | TokenVerdict::RegistrationGone => Stopped::Unfit(refused.failure),
        TokenVerdict::Dead
        | TokenVerdict::Transient { .. }
        | TokenVerdict::Blocked
        | TokenVerdict::Broken
        | TokenVerdict::ScopeRefused => Stopped::Failed(refused.failure),
    }
}

/// One question whether the person has answered.
struct Asking {
    redeeming: Redeeming,
    attempt: Arc<DeviceAttempt>,
}

impl Asking {
    async fn once(self) -> Redeemed {
        let Self { redeeming, attempt } = self;
        let surroundings = redeeming.engine.surroundings(&redeeming.connector).await;
        let trace = Trace::new();
        let ctx = surroundings.context(&trace);
        let granted = poll_device(&ctx, &redeeming.service, &attempt, &redeeming.registration).await?;
        redeeming.keep(&ctx, granted, &attempt.extent()).await.map_err(NotYet::Over)
    }
}

/// How long to wait between two questions (RFC 8628 §3.5).
struct Pace {
    interval: Duration,
    /// Questions in a row without an answer that says anything.
    unclear: u32,
    unusable: u32,
    /// What the service wants after such an answer.
    at_least: Duration,
    /// The last such answer, until another comes.
    trouble: Option<Failure>,
}

impl Pace {
    const fn new(interval: Duration) -> Self {
        Self { interval, unclear: 0, unusable: 0, at_least: Duration::ZERO, trouble: None }
    }

    fn wait(&self) -> Duration {
        let doubled = self.interval.saturating_mul(1 << self.unclear.min(10));
        doubled.min(LONGEST.max(self.interval)).max(self.at_least)
    }

    fn answered(&mut self) {
        *self = Self::new(self.interval);
    }

    fn slow_down(&mut self) {
        *self = Self::new(self.interval + SLOWER);
    }

    /// Asked again later, and less and less often. Fails when something else answers in the service's place for good.
    fn unclear(&mut self, unclear: TokenFailure) -> Result<(), Failure> {
        self.unclear += 1;
        if let TokenVerdict::Transient { retry_after } = unclear.verdict {
            self.unusable = 0;
            self.at_least = retry_after.unwrap_or_default();
        } else {
            self.unusable += 1;
            self.at_least = Duration::ZERO;
        }
        if self.unusable == UNUSABLE {
            return Err(unclear.failure);
        }
        self.trouble = Some(unclear.failure);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unclear(verdict: TokenVerdict) -> TokenFailure {
        TokenFailure { verdict, failure: Failure::new(Code::TokenServiceDown), unclear: false }
    }

    #[test]
    fn a_service_that_wants_to_be_asked_less_often_is_asked_five_seconds_less_often_for_good() {
        let mut pace = Pace::new(Duration::from_secs(5));
        pace.slow_down();
        assert_eq!(pace.wait(), Duration::from_secs(10));
        pace.answered();
        pace.slow_down();
        assert_eq!(pace.wait(), Duration::from_secs(15));
    }

    #[test]
    fn without_an_answer_it_waits_twice_as_long_each_time_up_to_a_minute_and_as_before_after_one() {
        let mut pace = Pace::new(Duration::from_secs(5));
        let waits: Vec<u64> = (0..5)
            .map(|_| {
                pace.unclear(unclear(TokenVerdict::Transient { retry_after: None })).unwrap();
                pace.wait().as_secs()
            })
            .collect();
        assert_eq!(waits, [10, 20, 40, 60, 60]);
        let retry_after = Some(Duration::from_secs(90));
        pace.unclear(unclear(TokenVerdict::Transient { retry_after })).unwrap();
        assert_eq!(pace.wait().as_secs(), 90, "the service knows better");
        pace.answered();
        assert_eq!((pace.wait().as_secs(), pace.trouble), (5, None));
    }

    #[test]
    fn what_nobody_can_use_is_asked_for_three_times_in_a_row_and_no_more() {
        let mut pace = Pace::new(Duration::from_secs(5));
        for verdict in [TokenVerdict::Blocked, TokenVerdict::Broken] {
            assert_eq!(pace.unclear(unclear(verdict)), Ok(()));
        }
        pace.unclear(unclear(TokenVerdict::Transient { retry_after: None })).unwrap();
        for verdict in [TokenVerdict::Blocked, TokenVerdict::Broken] {
            assert_eq!(pace.unclear(unclear(verdict)), Ok(()), "only those in a row count");
        }
        assert!(pace.unclear(unclear(TokenVerdict::Blocked)).is_err());
    }
}
