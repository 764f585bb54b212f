//! Checking connectors: starting, joining, bounding and cancelling climbs, and keeping their verdicts. The climb itself is in
//! `climb`, the verdict in `verdict`.

mod ask;
mod climb;
mod clock;
mod gates;
mod judgement;
mod keep;
mod ladder;
mod line;
mod moved;
mod probe;
mod refused;
mod texts;
mod verdict;
mod way;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use replug_core::{Code, ConnectorId, Failure, Health, Step, StoredIn};
use replug_keychain::Patience;
use replug_store::StoredConnector;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub(crate) use ask::Asked;
use climb::{Climb, Climbed, Ended, Subject};
use gates::Gates;
pub(crate) use judgement::{Unauthorized, permission_wanted};
use ladder::Ladder;
pub(crate) use line::{Line, Opened};
pub(crate) use refused::{in_words, remembered};
pub(crate) use texts::needs_person;
use verdict::{Conclusion, met_by_an_attempt, verdict};

use crate::Engine;
use crate::engine::guard;
use crate::view;
use crate::wire::{ConnectorView, DiagnosisStep, Event};

/// The bound of a whole check.
const WHOLE_CHECK: Duration = Duration::from_secs(45);
/// The longest that a server may ask to be left alone.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// The checks that are running, and the gates that bound how many run at once.
#[derive(Default)]
pub(crate) struct Checks {
    running: Mutex<HashMap<ConnectorId, Running>>,
    gates: Gates,
}

/// A check that is running.
struct Running {
    cancel: CancellationToken,
    thorough: bool,
    /// The place of the sign-ins at its start, and whether it was shut: what it says is about that one.
    place: (StoredIn, bool),
    /// `None` until it has ended.
    outcome: CheckOutcome,
}

type CheckOutcome = watch::Receiver<Option<Checked>>;

/// What was made, or `None` when the last verdict stays: the connector is paused, the check was cancelled, or it was about
/// something that has changed meanwhile.
type Checked = Result<Option<Arc<Made>>, Failure>;

/// What a check came to.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) health: Health,
    pub(crate) steps: Vec<Step>,
}

/// Whose check a caller waits for.
enum Turn {
    /// One that was started for it, or was running and will do.
    Wait(CheckOutcome),
    /// One that has to end before another can begin.
    After(CheckOutcome),
}

/// A place among the running checks, given up however the check ends.
struct Place {
    engine: Engine,
    id: ConnectorId,
}

impl Drop for Place {
    fn drop(&mut self) {
        guard(&self.engine.inner.checks.running).remove(&self.id);
    }
}

/// How a check is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// Whether every rung is climbed, also those that an answer makes needless.
    pub(crate) thorough: bool,
    /// Whether a check that began before this moment will not do, because something has changed since.
    pub(crate) fresh: bool,
    /// How long the keychain may take.
    pub(crate) patience: Patience,
}

impl Manner {
    /// A routine check.
    pub(crate) const fn usual(patience: Patience) -> Self {
        Self { thorough: false, fresh: false, patience }
    }
}

impl Engine {
    /// Starts checks and returns at once; without ids, of all connectors that are not paused. Each one tells its progress
    /// and its end as events.
    pub async fn check(&self, ids: Option<Vec<ConnectorId>>) -> Result<(), Failure> {
        let ids = self.chosen(ids).await?;
        self.spawn_checks(ids, Manner::usual(self.patience()));
        Ok(())
    }

    pub(crate) fn check_in_background(&self, ids: Vec<ConnectorId>) {
        self.spawn_checks(ids, Manner::usual(Patience::Background));
    }

    fn spawn_checks(&self, ids: Vec<ConnectorId>, manner: Manner) {
        for id in ids {
            let engine = self.clone();
            tokio::spawn(async move {
                if let Err(failure) = engine.run_check(&id, manner).await {
                    tracing::warn!(connector = %id, code = %failure.code, "a check could not be made");
                }
            });
        }
    }

    /// Checks and waits for all verdicts; without ids, of all connectors. Those that are paused keep their state.
    pub async fn check_and_wait(&self, ids: Option<Vec<ConnectorId>>) -> Result<Vec<ConnectorView>, Failure> {
        let wanted = ids.clone();
        let manner = Manner::usual(self.patience());
        let ids = self.chosen(ids).await?;
        for outcome in join_all(ids.iter().map(|id| self.run_check(id, manner))).await {
            outcome?;
        }
        let Some(wanted) = wanted else {
            return self.list().await;
        };
        let mut views = Vec::new();
        for id in &wanted {
            views.push(self.get(id).await?);
        }
        Ok(views)
    }

    /// Climbs every rung of one connector and returns the verdict and the steps with their exchanges. A connector that is
    /// paused keeps its last ones.
    pub async fn diagnose(&self, id: &ConnectorId) -> Result<(ConnectorView, Vec<DiagnosisStep>), Failure> {
        let made = self.run_check(id, Manner { thorough: true, ..Manner::usual(self.patience()) }).await?;
        let mut stored = self.stored(id).await?;
        let steps = match made {
            // Its own, not what another check may have stored meanwhile.
            Some(made) => {
                stored.health = made.health.clone();
                made.steps.clone()
            }
            None => self.edges().store.steps(id).await?,
        };
        Ok((self.view(&stored), view::steps(steps)))
    }

    /// Checks a connector as it is now, after something about it has changed.
    pub(crate) async fn check_one(&self, id: &ConnectorId) -> Checked {
        self.run_check(id, Manner { fresh: true, ..Manner::usual(self.patience()) }).await
    }

    /// Ends a running check; its connector keeps the verdict it had.
    pub fn cancel_check(&self, id: &ConnectorId) {
        if let Some(running) = guard(&self.inner.checks.running).get(id) {
            running.cancel.cancel();
        }
    }

    /// Those that are not paused; the quick ones first, so that dead servers do not hold up the others.
    async fn chosen(&self, ids: Option<Vec<ConnectorId>>) -> Result<Vec<ConnectorId>, Failure> {
        let mut stored: Vec<StoredConnector> = self.edges().store.list().await?;
        stored.retain(|stored| ids.as_ref().is_none_or(|ids| ids.contains(&stored.connector.id)));
        stored.retain(|stored| !stored.connector.paused);
        stored.sort_by_key(|stored| stored.health.duration_ms.unwrap_or_default());
        Ok(stored.into_iter().map(|stored| stored.connector.id).collect())
    }

    /// Makes a check, or waits for the one that is running when that one will do.
    async fn run_check(&self, id: &ConnectorId, manner: Manner) -> Checked {
        loop {
            let (mut outcome, will_do) = match self.start_or_find(id, manner) {
                Turn::Wait(outcome) => (outcome, true),
                Turn::After(outcome) => (outcome, false),
            };
            let ended = outcome.wait_for(Option::is_some).await.map(|last| last.clone());
            if will_do {
                // A check that broke off without an outcome is a mistake of ours.
                return ended.ok().flatten().unwrap_or_else(|| Err(Failure::new(Code::LocalInternal)));
            }
        }
    }

    /// The check runs in a task of its own, so that whoever asked for it can go away without harm.
    fn start_or_find(&self, id: &ConnectorId, manner: Manner) -> Turn {
        let keychain = &self.edges().keychain;
        let place_now = (keychain.kind(), keychain.is_shut());
        let mut running = guard(&self.inner.checks.running);
        if let Some(other) = running.get(id) {
            if !manner.fresh && other.place == place_now && (other.thorough || !manner.thorough) {
                return Turn::Wait(other.outcome.clone());
            }
            // It began before what this one is asked for, or looks less closely: its verdict would be of no use.
            other.cancel.cancel();
            return Turn::After(other.outcome.clone());
        }
        let (told, outcome) = watch::channel(None);
        let cancel = CancellationToken::new();
        let thorough = manner.thorough;
        let mine = Running { cancel: cancel.clone(), thorough, place: place_now, outcome: outcome.clone() };
        running.insert(id.clone(), mine);
        drop(running);
        let place = Place { engine: self.clone(), id: id.clone() };
        tokio::spawn(async move {
            let done = tokio::select! {
                biased;
                () = cancel.cancelled() => Ok(None),
                done = Box::pin(place.engine.bounded_check(&place.id, manner)) => done,
            };
            let (engine, id) = (place.engine.clone(), place.id.clone());
            // Not running any more before anybody hears of it.
            drop(place);
            engine.tell_ended(&id).await;
            told.send_replace(Some(done));
        });
        Turn::Wait(outcome)
    }

    async fn bounded_check(&self, id: &ConnectorId, manner: Manner) -> Checked {
        let stored = self.stored(id).await?;
        if stored.connector.paused {
            return Ok(None);
        }
        match self.require_approval(id).await {
            Err(failure) if failure.code == Code::AppNotApproved => return Ok(None),
            other => other?,
        }
        if self.waits_for_passphrase(&stored) {
            // Nothing can be said about it: the last verdict stays.
            return Err(Code::KeyFileLocked.into());
        }
        let mut pass = self.inner.checks.gates.enter(&stored.connector.address).await;
        self.send(Event::CheckStarted { id: id.to_string() });
        let (health, steps, climbed) = pass.make_way_while(Box::pin(self.climb(&stored, manner))).await;
        let now = self.stored(id).await?.connector;
        if now.address != stored.connector.address || now.settings != stored.connector.settings {
            // Edited meanwhile, perhaps by another process: this verdict is about something else.
            return Ok(None);
        }
        self.edges().store.record_check(id, &health, &steps, self.edges().clock.now()).await?;
        if let Some(climbed) = climbed {
            self.keep_findings(&stored, climbed).await?;
        }
        Ok(Some(Arc::new(Made { health, steps })))
    }

    async fn climb(&self, stored: &StoredConnector, manner: Manner) -> (Health, Vec<Step>, Option<Climbed>) {
        let engine = self.clone();
        let id = stored.connector.id.to_string();
        let of = u32::try_from(replug_core::Rung::ALL.len()).unwrap_or(u32::MAX);
        let ladder = Ladder::new(Box::new(move |rung| {
            engine.send(Event::CheckStep { id: id.clone(), number: view::number(rung), of });
        }));
        let subject = Subject::of(stored, manner);
        let mut climb = Climb::new(self, ladder, subject);
        let ended = tokio::time::timeout(WHOLE_CHECK, climb.run()).await;
        let (conclusion, climbed) = if let Ok((conclusion, climbed)) = ended {
            (conclusion, Some(climbed))
        } else {
            climb.cut_off(&too_slow());
            (Conclusion::Stopped(too_slow()), None)
        };
        let Ended { conclusion, notes, duration_ms, steps } = climb.finish(conclusion);
        let now = self.edges().clock.now();
        let mut health = verdict(conclusion, &notes, now, duration_ms);
        health.not_before = climbed.as_ref().and_then(|climbed| climbed.wait).map(|wait| left_alone_until(now, wait));
        if climbed.as_ref().is_some_and(|climbed| climbed.from_attempt) {
            health = met_by_an_attempt(health);
        }
        (health, steps, climbed)
    }

    async fn tell_ended(&self, id: &ConnectorId) {
        match self.get(id).await {
            Ok(connector) => self.send(Event::CheckEnded { connector: Box::new(connector) }),
            // Removed while it was checked.
            Err(_) => self.send(Event::ConnectorsChanged),
        }
    }
}

/// When a server that asks to be left alone may be asked again.
fn left_alone_until(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait.min(LONGEST_WAIT)).unwrap_or(SignedDuration::ZERO);
    now.saturating_add(wait).unwrap_or(now)
}

fn too_slow() -> Failure {
    Failure::new(Code::NetTimeout).with_fact("Waited", format!("{} s", WHOLE_CHECK.as_secs()))
}
