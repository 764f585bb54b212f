//! Verdicts, history, days and retention.

use jiff::{SignedDuration, Timestamp};
use replug_core::{Code, Connector, Failure, Health, Level, Outcome, Rung, State, Step};
use replug_store::{Change, DayState, Store, StoreError};

use crate::support::{Place, noon};

fn connected(tools: u32) -> Health {
    Health {
        state: State::Connected,
        summary: format!("Connected · {tools} tools"),
        tools: Some(tools),
        ..Health::unknown()
    }
}

fn troubled(state: State, code: Code) -> Health {
    let finding = Failure::new(code).with_fact("Status", "503").to_finding();
    Health {
        state,
        summary: finding.text.clone(),
        cause: Some(finding.clone()),
        findings: vec![finding],
        checked_at: Some(noon()),
        duration_ms: Some(1234),
        ..Health::unknown()
    }
}

fn step(rung: Rung, text: &str) -> Step {
    Step {
        rung,
        outcome: Outcome::Ok,
        started_ms: 0,
        duration_ms: 7,
        code: None,
        text: text.to_owned(),
        exchanges: Vec::new(),
    }
}

fn days_later(days: i64) -> Timestamp {
    noon() + SignedDuration::from_hours(24 * days)
}

async fn with_connector(place: &Place) -> (Store, Connector) {
    let store = place.open().await;
    let connector = place.connector("a");
    store.insert(&connector).await.unwrap();
    (store, connector)
}

#[tokio::test]
async fn the_last_verdict_and_its_steps_come_back_after_reopening() {
    let place = Place::new();
    let (store, Connector { id, .. }) = with_connector(&place).await;
    let health = troubled(State::Failed, Code::HttpServerError);
    store.record_check(&id, &connected(3), &[step(Rung::Dns, "first")], noon()).await.unwrap();
    let steps = [step(Rung::Http, "503"), step(Rung::Tools, "not reached")];
    store.record_check(&id, &health, &steps, noon()).await.unwrap();
    store.close().await.unwrap();

    let store = place.open().await;
    let stored = store.get(&id).await.unwrap().unwrap();
    assert_eq!(stored.health, health);
    assert_eq!(stored.revision, 3, "each check is a change of the connector");
    assert_eq!(store.steps(&id).await.unwrap(), steps, "only the steps of the last check are kept");
}

#[tokio::test]
async fn history_grows_only_when_state_or_cause_change() {
    let place = Place::new();
    let (store, Connector { id, .. }) = with_connector(&place).await;
    let checks = [
        (connected(3), true),
        (connected(4), false),
        (troubled(State::Failed, Code::NetTimeout), true),
        (troubled(State::Failed, Code::NetUnreachable), true),
        (troubled(State::Failed, Code::NetUnreachable), false),
        (connected(4), true),
    ];
    let mut expected = Vec::new();
    for (minute, (health, is_change)) in (0_i64..).zip(checks) {
        let at = noon() + SignedDuration::from_mins(minute);
        let changed = store.record_check(&id, &health, &[], at).await.unwrap();
        assert_eq!(changed, is_change, "minute {minute}");
        if is_change {
            let code = health.cause.map(|cause| cause.code);
            expected.insert(0, Change { at, state: health.state, code, summary: health.summary });
        }
    }
    assert_eq!(store.history(&id, 100).await.unwrap(), expected, "the newest first");
    assert_eq!(store.history(&id, 2).await.unwrap(), expected[..2], "no more than asked for");
    assert_eq!(expected[1].level(), Level::Red);
}

#[tokio::test]
async fn a_day_remembers_its_worst_level() {
    let place = Place::new();
    let (store, Connector { id, .. }) = with_connector(&place).await;
    let failed = troubled(State::Failed, Code::NetTimeout);
    for (health, at) in [
        (connected(1), noon()),
        (failed, noon() + SignedDuration::from_hours(1)),
        (connected(1), noon() + SignedDuration::from_hours(2)),
        (troubled(State::NeedsSignIn, Code::AuthNever), days_later(1)),
        (connected(1), days_later(2)),
    ] {
        store.record_check(&id, &health, &[], at).await.unwrap();
    }
    let day = |day: &str, worst| DayState { day: day.parse().unwrap(), worst };
    let expected = [day("2026-03-04", Level::Red), day("2026-03-05", Level::Amber), day("2026-03-06", Level::Green)];
    assert_eq!(store.days(&id, expected[0].day).await.unwrap(), expected);
    assert_eq!(store.days(&id, expected[1].day).await.unwrap(), expected[1..]);
}

#[tokio::test]
async fn pruning_drops_what_is_older_than_ninety_days_and_keeps_the_verdict() {
    let place = Place::new();
    let (store, Connector { id, .. }) = with_connector(&place).await;
    let old = troubled(State::Failed, Code::NetTimeout);
    store.record_check(&id, &old, &[], noon()).await.unwrap();
    assert_eq!(store.prune(days_later(90)).await.unwrap(), 0, "exactly ninety days is not older");
    assert_eq!(store.prune(days_later(91)).await.unwrap(), 2, "the change and its day");
    assert!(store.history(&id, 10).await.unwrap().is_empty());
    assert_eq!(store.get(&id).await.unwrap().unwrap().health, old);
    let again = store.record_check(&id, &old, &[], days_later(91)).await.unwrap();
    assert!(!again, "the kept verdict still says that nothing changed");
}

#[tokio::test]
async fn a_forgotten_verdict_leaves_history_and_days() {
    let place = Place::new();
    let (store, Connector { id, .. }) = with_connector(&place).await;
    assert!(!store.forget_verdict(&id).await.unwrap(), "there is none yet");
    store.record_check(&id, &connected(3), &[step(Rung::Dns, "found")], noon()).await.unwrap();
    assert!(store.forget_verdict(&id).await.unwrap());
    let stored = store.get(&id).await.unwrap().unwrap();
    assert_eq!((stored.health, stored.revision), (Health::unknown(), 3), "others see that it changed");
    assert!(store.steps(&id).await.unwrap().is_empty());
    assert_eq!(store.history(&id, 10).await.unwrap().len(), 1);
    assert_eq!(store.days(&id, "2026-03-04".parse().unwrap()).await.unwrap().len(), 1);
    assert!(store.record_check(&id, &connected(3), &[], noon()).await.unwrap(), "the next verdict is a change");
}

#[tokio::test]
async fn a_check_of_a_removed_connector_leaves_nothing() {
    let place = Place::new();
    let (store, Connector { id, .. }) = with_connector(&place).await;
    store.record_check(&id, &connected(1), &[], noon()).await.unwrap();
    store.delete(&id).await.unwrap();
    let refused = store.record_check(&id, &connected(1), &[], noon()).await;
    assert!(matches!(refused, Err(StoreError::NoSuchConnector { .. })), "{refused:?}");
    assert!(store.history(&id, 10).await.unwrap().is_empty(), "the history went with the connector");
    assert!(store.steps(&id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_verdict_with_a_code_of_a_newer_replug_is_as_if_nobody_had_checked() {
    let place = Place::new();
    let (store, Connector { id, .. }) = with_connector(&place).await;
    store.record_check(&id, &troubled(State::Failed, Code::NetTimeout), &[], noon()).await.unwrap();
    place.execute("UPDATE verdicts SET health = replace(health, 'RPL-NET-TIMEOUT', 'RPL-NET-LATER')").await;
    place.execute("UPDATE changes SET code = 'RPL-NET-LATER'").await;
    assert_eq!(store.get(&id).await.unwrap().unwrap().health, Health::unknown());
    let history = store.history(&id, 10).await.unwrap();
    assert_eq!((history.len(), history[0].code, history[0].state), (1, None, State::Failed));
}
