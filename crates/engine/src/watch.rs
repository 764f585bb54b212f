//! Keeping a window true: noticing what other processes wrote, checking when a connector is due, dropping old history.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use replug_core::{Code, ConnectorId};
use replug_store::StoredConnector;
use tokio::time::{MissedTickBehavior, interval};

use crate::Engine;
use crate::wire::Event;

/// How often the database is asked whether somebody else wrote it.
const LOOK: Duration = Duration::from_secs(1);
/// How often due checks are looked for.
const DUE: Duration = Duration::from_secs(15);
/// How often history that is too old is dropped.
const PRUNE: Duration = Duration::from_hours(24);

impl Engine {
    /// Runs until it is dropped: tells the shells when another process changed the database, and checks connectors whose
    /// interval has passed. History that is too old is dropped at once and then every day.
    pub async fn watch(&self) {
        let [mut look, mut due, mut prune] = [LOOK, DUE, PRUNE].map(|period| {
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        });
        let mut seen = None;
        loop {
            tokio::select! {
                _ = look.tick() => self.look(&mut seen).await,
                _ = due.tick() => self.check_due().await,
                _ = prune.tick() => self.prune().await,
            }
        }
    }

    async fn look(&self, seen: &mut Option<i64>) {
        match self.edges().store.data_version().await {
            Ok(version) => {
                if seen.replace(version).is_some_and(|before| before != version) {
                    self.send(Event::ConnectorsChanged);
                }
            }
            // The next look asks again; a database that stays away is reported by whatever needs it.
            Err(error) => tracing::warn!(%error, "the database could not be watched"),
        }
    }

    async fn check_due(&self) {
        match self.due().await {
            Ok(ids) if !ids.is_empty() => self.check_in_background(ids),
            Ok(_) => {}
            Err(failure) => tracing::warn!(code = %failure.code, "due checks could not be looked for"),
        }
    }

    async fn prune(&self) {
        // What was not dropped today is dropped tomorrow.
        if let Err(error) = self.edges().store.prune(self.edges().clock.now()).await {
            tracing::warn!(%error, "old history could not be dropped");
        }
    }

    /// Connectors that were checked, and longer ago than their interval. A first check is started by a person.
    async fn due(&self) -> Result<Vec<ConnectorId>, replug_core::Failure> {
        let usual = self.settings().await?.check_every_s;
        let now = self.edges().clock.now();
        let stored = self.edges().store.list().await?;
        Ok(stored.into_iter().filter(|stored| is_due(stored, usual, now)).map(|stored| stored.connector.id).collect())
    }
}

fn is_due(stored: &StoredConnector, usual_s: u32, now: Timestamp) -> bool {
    let every = SignedDuration::from_secs(i64::from(stored.connector.settings.check_every_s.unwrap_or(usual_s)));
    let waited = stored.health.checked_at.map(|at| now.duration_since(at));
    // A locked keychain would ask the person at every interval; the next check is theirs to start.
    let would_ask = stored.health.cause.as_ref().is_some_and(|cause| cause.code == Code::KeyLocked);
    !stored.connector.paused && !would_ask && waited.is_some_and(|waited| waited >= every)
}
