//! Sign-in facts, refresh intents, the journal, settings.

use jiff::SignedDuration;
use replug_core::{AuthMethod, Code, Quirks, Reduction, RegistrationKind, SignInReason, StoredIn};
use replug_store::{
    JournalEntry, NewJournalEntry, RefreshIntent, RefreshPause, RefusedCall, RegistrationFacts, SignInFacts, Standing,
    StepUps, StoreError,
};
use serde_json::{Value, json};

use crate::support::{Place, noon};

fn signed_in() -> SignInFacts {
    SignInFacts {
        standing: Standing::SignedIn,
        issuer: Some("https://login.example".to_owned()),
        registration: Some(RegistrationFacts {
            kind: RegistrationKind::Dynamic,
            client_id: "client".to_owned(),
            expires_at: Some(noon() + SignedDuration::from_hours(24)),
            redirect: Some("http://127.0.0.1:4000/callback".to_owned()),
        }),
        scopes: vec!["read".to_owned(), "write".to_owned()],
        expires_at: Some(noon()),
        renewable: Some(true),
        stored_in: Some(StoredIn::Keychain),
        last_failure: None,
        last_failed_at: None,
        wanted_scopes: Vec::new(),
        refused_call: Some(RefusedCall { generation: 3, code: Code::AuthNever }),
        step_ups: stepped_up(),
        asked_scopes: vec!["read".to_owned(), "write".to_owned(), "admin".to_owned()],
        quirks: Quirks { reductions: vec![Reduction::Method(AuthMethod::Post)], ..Quirks::of("https://login.example") },
    }
}

fn stepped_up() -> StepUps {
    let mut step_ups = StepUps::default();
    step_ups.begin("first");
    step_ups.count();
    step_ups.begin("second");
    step_ups
}

#[test]
fn a_step_up_counts_for_every_operation_that_was_refused_before_it() {
    let mut step_ups = stepped_up();
    step_ups.begin("first");
    let times = |step_ups: &StepUps| ["first", "second", "third"].map(|operation| step_ups.times(operation));
    assert_eq!(times(&step_ups), [Some(1), Some(0), None]);
    step_ups.count();
    step_ups.end("first");
    assert_eq!(times(&step_ups), [None, Some(1), None], "what was answered begins anew");
}

#[tokio::test]
async fn sign_in_facts_come_back_with_the_connector_and_raise_its_revision() {
    let place = Place::new();
    let store = place.open().await;
    let connector = place.connector("a");
    store.insert(&connector).await.unwrap();
    let needed = Standing::Needed { reason: SignInReason::Dead, code: Some(Code::TokenDead) };
    let facts = [
        Some(signed_in()),
        Some(signed_in()),
        Some(SignInFacts { standing: needed, ..signed_in() }),
        Some(SignInFacts { standing: Standing::NotRequired, ..signed_in() }),
        None,
    ];
    for (facts, revision) in facts.into_iter().zip(2..) {
        store.set_sign_in(&connector.id, facts.as_ref()).await.unwrap();
        let stored = store.get(&connector.id).await.unwrap().unwrap();
        assert_eq!((stored.sign_in, stored.revision), (facts, revision));
    }
    store.delete(&connector.id).await.unwrap();
    let refused = store.set_sign_in(&connector.id, Some(&signed_in())).await;
    assert!(matches!(refused, Err(StoreError::NoSuchConnector { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_refresh_intent_outlives_the_process_until_it_is_cleared() {
    let place = Place::new();
    let store = place.open().await;
    let connector = place.connector("a");
    let intent = RefreshIntent { generation: u64::MAX, fingerprint: "f00d".to_owned(), at: noon() };
    let refused = store.set_intent(&connector.id, &intent).await;
    assert!(matches!(refused, Err(StoreError::NoSuchConnector { .. })), "{refused:?}");
    store.insert(&connector).await.unwrap();
    store.set_intent(&connector.id, &RefreshIntent { generation: 1, ..intent.clone() }).await.unwrap();
    store.set_intent(&connector.id, &intent).await.unwrap();
    store.close().await.unwrap();

    let store = place.open().await;
    assert_eq!(store.intent(&connector.id).await.unwrap(), Some(intent));
    store.clear_intent(&connector.id).await.unwrap();
    assert_eq!(store.intent(&connector.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_pause_outlives_the_process_and_ends_with_the_refresh() {
    let place = Place::new();
    let store = place.open().await;
    let connector = place.connector("a");
    store.insert(&connector).await.unwrap();
    let until = Some(noon() + SignedDuration::from_mins(5));
    let pause = RefreshPause { fingerprint: "f00d".to_owned(), code: Code::HttpRateLimited, since: noon(), until };
    let for_good = RefreshPause { code: Code::TokenDead, until: None, ..pause.clone() };
    store.set_pause(&connector.id, Some(&pause)).await.unwrap();
    store.set_pause(&connector.id, Some(&for_good)).await.unwrap();
    store.close().await.unwrap();

    let store = place.open().await;
    assert_eq!(store.pause(&connector.id).await.unwrap(), Some(for_good.clone()));
    store.clear_intent(&connector.id).await.unwrap();
    assert_eq!(store.pause(&connector.id).await.unwrap(), None);
    store.set_pause(&connector.id, Some(&pause)).await.unwrap();
    store.set_pause(&connector.id, None).await.unwrap();
    assert_eq!(store.pause(&connector.id).await.unwrap(), None);

    let after = |minutes| noon() + SignedDuration::from_mins(minutes);
    assert!(pause.holds(after(0)) && pause.holds(after(4)) && !pause.holds(after(5)));
    assert!(!pause.holds(after(-24 * 60)), "a clock that was set back does not make it longer");
    assert!(for_good.holds(after(-24 * 60)) && for_good.holds(after(24 * 60)));
}

#[tokio::test]
async fn an_unfinished_operation_is_found_at_its_last_step_even_when_its_connector_is_gone() {
    let place = Place::new();
    let store = place.open().await;
    let connector = place.connector("a");
    store.insert(&connector).await.unwrap();
    let entry = NewJournalEntry {
        kind: "remove".to_owned(),
        connector: Some(connector.id.clone()),
        step: "revoke".to_owned(),
        data: json!({"files": ["a"]}),
    };
    let finished = store.begin(&entry).await.unwrap();
    assert!(store.finish(finished).await.unwrap());
    let id = store.begin(&entry).await.unwrap();
    assert_ne!(id, finished, "a number never comes back");
    assert!(!store.advance(finished, "late", &Value::Null).await.unwrap(), "a finished operation cannot go on");
    assert!(store.advance(id, "delete", &json!({"files": []})).await.unwrap());
    store.delete(&connector.id).await.unwrap();
    store.close().await.unwrap();

    let store = place.open().await;
    let expected = JournalEntry {
        id,
        kind: "remove".to_owned(),
        connector: Some(connector.id),
        step: "delete".to_owned(),
        data: json!({"files": []}),
        began_at: noon(),
        updated_at: noon(),
    };
    assert_eq!(store.list_unfinished().await.unwrap(), [expected]);
    assert!(store.finish(id).await.unwrap());
    assert!(!store.finish(id).await.unwrap());
    assert!(store.list_unfinished().await.unwrap().is_empty());
}

#[tokio::test]
async fn several_operations_are_written_down_together_or_not_at_all() {
    let place = Place::new();
    let store = place.open().await;
    let entry = |kind: &str| NewJournalEntry {
        kind: kind.to_owned(),
        connector: None,
        step: "first".to_owned(),
        data: Value::Null,
    };
    let refusal =
        "CREATE TRIGGER full BEFORE INSERT ON journal WHEN NEW.kind = 'c' BEGIN SELECT RAISE(ABORT, 'full'); END";
    sqlx::raw_sql(refusal).execute(&mut place.raw().await).await.unwrap();
    assert!(store.begin_all(&[entry("a"), entry("b"), entry("c")]).await.is_err());
    assert_eq!(store.list_unfinished().await.unwrap(), [], "none of them");
    let begun = store.begin_all(&[entry("a"), entry("b")]).await.unwrap();
    let ids: Vec<_> = store.list_unfinished().await.unwrap().into_iter().map(|entry| entry.id).collect();
    assert_eq!(ids, begun);
}

#[tokio::test]
async fn a_setting_keeps_its_last_value() {
    let place = Place::new();
    let store = place.open().await;
    assert_eq!(store.setting("theme").await.unwrap(), None);
    for value in [json!("dark"), json!({"zoom": 1.25, "n": null}), Value::Null] {
        store.set_setting("theme", &value).await.unwrap();
        assert_eq!(store.setting("theme").await.unwrap(), Some(value));
    }
}

#[tokio::test]
async fn a_write_of_another_handle_is_noticed_once() {
    let place = Place::new();
    let (window, bridge) = (place.open().await, place.open().await);
    let before = window.data_version().await.unwrap();
    assert_eq!(window.data_version().await.unwrap(), before, "nobody wrote");
    bridge.set_setting("a", &json!(1)).await.unwrap();
    let after = window.data_version().await.unwrap();
    assert_ne!(after, before, "somebody wrote");
    window.list().await.unwrap();
    assert_eq!(window.data_version().await.unwrap(), after, "reading is no write");
}
