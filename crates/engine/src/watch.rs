//! Keeping a window true: noticing what other processes wrote, checking when a connector is due, dropping old history.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use replug_core::{Code, ConnectorId, Random};
use replug_store::StoredConnector;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

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
    /// interval has passed. History that is too old is dropped at once and then every day. What was cut off when the last
    /// program ended is finished beside that.
    pub async fn watch(&self) {
        tokio::join!(self.resume(), self.keep_watch());
    }

    async fn keep_watch(&self) {
        let [mut look, mut due, mut prune] = [LOOK, DUE, PRUNE].map(|period| {
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        });
        let (mut seen, mut plan) = (None, Plan::default());
        loop {
            tokio::select! {
                _ = look.tick() => self.look(&mut seen).await,
                _ = due.tick() => self.plan_due(&mut plan).await,
                () = sleep_until(plan.next()), if !plan.is_empty() => self.check_in_background(plan.take(Instant::now())),
                _ = prune.tick() => self.prune().await,
            }
        }
    }

    async fn look(&self, seen: &mut Option<i64>) {
        match self.edges().store.data_version().await {
            Ok(version) => {
                let before = seen.replace(version);
                if before == Some(version) {
                    return;
                }
                if before.is_some() {
                    self.send(Event::ConnectorsChanged);
                }
                self.look_for_another_place().await;
            }
            // The next look asks again; a database that stays away is reported by whatever needs it.
            Err(error) => tracing::warn!(%error, "the database could not be watched"),
        }
    }

    /// Sign-ins that another process has carried elsewhere are used from there, before anybody misses them.
    async fn look_for_another_place(&self) {
        match self.follow_choice().await {
            Ok(true) => self.reached_again().await,
            Ok(false) => {}
            Err(failure) => tracing::warn!(code = %failure.code, "the place of the sign-ins could not be looked up"),
        }
    }

    async fn plan_due(&self, plan: &mut Plan) {
        match self.due().await {
            Ok(ids) => plan.spread(ids, Instant::now(), self.edges().random.as_ref()),
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
        let due = |stored: &StoredConnector| is_due(stored, usual, now) && !self.waits_for_passphrase(stored);
        Ok(stored.into_iter().filter(due).map(|stored| stored.connector.id).collect())
    }
}

/// Checks that are due, each with its moment: many that fall due together are not made together.
#[derive(Debug, Default)]
struct Plan(HashMap<ConnectorId, Instant>);

impl Plan {
    /// Gives each of these that has no moment yet one within the time until due checks are looked for again.
    fn spread(&mut self, ids: Vec<ConnectorId>, now: Instant, random: &dyn Random) {
        for id in ids {
            self.0.entry(id).or_insert_with(|| now + part_of(DUE, random));
        }
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next moment; now when there is none.
    fn next(&self) -> Instant {
        self.0.values().min().copied().unwrap_or_else(Instant::now)
    }

    /// Takes those out whose moment has come.
    fn take(&mut self, now: Instant) -> Vec<ConnectorId> {
        self.0.extract_if(|_, at| *at <= now).map(|(id, _)| id).collect()
    }
}

/// A random part of a length of time.
fn part_of(whole: Duration, random: &dyn Random) -> Duration {
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    whole.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}

fn is_due(stored: &StoredConnector, usual_s: u32, now: Timestamp) -> bool {
    let every = SignedDuration::from_secs(i64::from(stored.connector.settings.check_every_s.unwrap_or(usual_s)));
    let waited = stored.health.checked_at.map(|at| now.duration_since(at));
    // A locked keychain would ask the person at every interval; the next check is theirs to start.
    let would_ask = stored.health.cause.as_ref().is_some_and(|cause| cause.code == Code::KeyLocked);
    let left_alone = stored.health.not_before.is_some_and(|until| now < until);
    !stored.connector.paused && !would_ask && !left_alone && waited.is_some_and(|waited| waited >= every)
}

#[cfg(test)]
mod tests {
    use replug_core::{Code, Connector, Failure, Health, ServerAddress, Settings};

    use super::*;

    /// Bytes that follow from nothing but how many were asked for before.
    struct Counting(std::sync::atomic::AtomicU8);

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(40, std::sync::atomic::Ordering::Relaxed));
        }
    }

    fn ids(texts: &[&str]) -> Vec<ConnectorId> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn checks_that_fall_due_together_are_spread_and_keep_their_moment() {
        let (mut plan, now) = (Plan::default(), Instant::now());
        let random = Counting(std::sync::atomic::AtomicU8::new(0));
        let all = ids(&["aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc", "dddddddddd"]);
        plan.spread(all.clone(), now, &random);
        let mut moments: Vec<Duration> = plan.0.values().map(|at| *at - now).collect();
        moments.sort_unstable();
        assert!(moments.windows(2).all(|two| two[1].saturating_sub(two[0]) > Duration::from_secs(2)), "{moments:?}");
        assert!(moments.iter().all(|moment| *moment <= DUE), "{moments:?}");

        let before = plan.0.clone();
        plan.spread(all.clone(), now + DUE, &random);
        assert_eq!(plan.0, before, "looked for again, they stay where they are");
        assert_eq!(plan.take(plan.next()), all[..1], "the first one's moment comes first");
        assert_eq!((plan.take(now + DUE).len(), plan.is_empty()), (3, true));
    }

    #[test]
    fn a_server_that_asks_to_be_left_alone_is_not_checked_before() {
        let now: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
        let connector = Connector {
            id: "aaaaaaaaaa".parse().unwrap(),
            name: "Alpha".to_owned(),
            address: ServerAddress::from_stored("https://mcp.example/mcp").unwrap(),
            transport: None,
            protocol: None,
            paused: false,
            settings: Settings::default(),
            sources: Vec::new(),
        };
        let at = |seconds| now + SignedDuration::from_secs(seconds);
        let health = Health {
            cause: Some(Failure::new(Code::HttpRateLimited).to_finding()),
            checked_at: Some(now),
            not_before: Some(at(1_800)),
            ..Health::unknown()
        };
        let stored =
            StoredConnector { connector, health, sign_in: None, created_at: now, awaits_approval: false, revision: 1 };
        assert!(!is_due(&stored, 900, at(901)), "its interval has passed, its wait has not");
        assert!(is_due(&stored, 900, at(1_800)), "from then on");
    }
}
