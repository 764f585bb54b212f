//! Editing a connector: all of it or nothing, no key to a host it was not typed for, and no verdict that nobody asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use replug_core::{Allow, ConnectorId, Health, Secret, ServerAddress, State, StoredIn};
use replug_engine::wire::{ConnectorView, EditConnector, Event, HealthView, SecretEdit};
use replug_keychain::fake::{Fault, FaultyStore, Operation};
use replug_keychain::{MemoryStore, Patience, Store as SecretStore, StoreError};
use replug_lab::{Front, McpFaults, McpServer};
use replug_store::Store;

use crate::bench::TestEngine;

const HEADER: &str = "X-Api-Key";

fn server() -> McpServer {
    McpServer::start(McpFaults::default(), None).unwrap()
}

fn key(edit: SecretEdit) -> EditConnector {
    EditConnector { headers: Some(vec![(HEADER.to_owned(), edit)]), ..EditConnector::default() }
}

fn set(value: &str) -> SecretEdit {
    SecretEdit::Set(value.to_owned())
}

fn to(address: &str) -> EditConnector {
    EditConnector { address: Some(address.to_owned()), ..EditConnector::default() }
}

/// What is stored of the fixed headers and of the query.
async fn secrets(test: &TestEngine, id: &ConnectorId) -> (Vec<String>, Vec<String>) {
    let Some(record) = test.record(id).await else { return Default::default() };
    let [headers, query] = [record.inputs.headers, record.inputs.query]
        .map(|pairs| pairs.into_iter().map(|(_, value)| value.expose().clone()).collect());
    (headers, query)
}

async fn edit(test: &TestEngine, id: &ConnectorId, changes: &EditConnector) -> ConnectorView {
    Box::pin(test.engine.edit(id, changes)).await.unwrap()
}

#[tokio::test]
async fn a_name_that_is_taken_stops_an_edit_before_anything_is_changed() {
    let (server, test) = (server(), TestEngine::start().await);
    let id = test.add_with(&format!("{}?key=old", server.address()), key(set("old"))).await;
    let other = test.add(&server.address()).await;
    let taken = test.engine.get(&other).await.unwrap().name;
    let before = test.engine.get(&id).await.unwrap();
    let changes =
        EditConnector { name: Some(taken), address: Some(format!("{}?key=new", server.address())), ..key(set("new")) };
    let refused = test.engine.edit(&id, &changes).await.unwrap_err();
    assert_eq!(refused.code.as_str(), "RPL-USE-NAME-TAKEN");
    assert_eq!(secrets(&test, &id).await, (vec!["old".to_owned()], vec!["old".to_owned()]));
    assert_eq!(test.engine.get(&id).await.unwrap(), before);
}

#[tokio::test]
async fn an_edit_whose_secrets_cannot_be_kept_is_taken_back() {
    let store = FaultyStore::over(Arc::new(MemoryStore::new()));
    let (server, test) = (server(), TestEngine::start_over(Arc::new(store.clone())).await);
    let id = test.add_with(&server.address(), key(set("old"))).await;
    let before = test.check(&id).await;
    assert_eq!(before.health.state, State::Connected);
    let settings = test.engine.show(&id).await.unwrap().settings;
    let changes = EditConnector {
        name: Some("Another".to_owned()),
        address: Some("https://elsewhere.example/mcp".to_owned()),
        paused: Some(true),
        scope: Some("read".to_owned()),
        ..key(set("new"))
    };
    store.fail_always(Operation::Write, Fault::Denied);
    let refused = test.engine.edit(&id, &changes).await.unwrap_err();
    assert_eq!(refused.code.as_str(), "RPL-KEY-DENIED");
    assert_eq!(test.engine.get(&id).await.unwrap(), before, "the verdict is kept too");
    assert_eq!(test.engine.show(&id).await.unwrap().settings, settings);
    store.heal();
    assert_eq!(secrets(&test, &id).await.0, ["old"]);
    assert_eq!(edit(&test, &id, &changes).await.name, "Another");
    assert_eq!(secrets(&test, &id).await.0, ["new"]);
}

#[tokio::test]
async fn two_edits_at_once_keep_what_the_other_changed() {
    let test = TestEngine::start().await;
    let (id, beside) = (test.add("https://mcp.example/mcp").await, test.beside().await);
    for round in 0..10 {
        let (scope, client_name) = (format!("scope-{round}"), format!("name-{round}"));
        let one = EditConnector { scope: Some(scope.clone()), ..EditConnector::default() };
        let two = EditConnector { client_name: Some(client_name.clone()), ..EditConnector::default() };
        let (one, two) = tokio::join!(test.engine.edit(&id, &one), beside.engine.edit(&id, &two));
        one.and(two).unwrap();
        let settings = test.engine.show(&id).await.unwrap().settings;
        assert_eq!((settings.scope, settings.client_name), (Some(scope), Some(client_name)));
    }
}

#[tokio::test]
async fn a_key_does_not_follow_the_address_to_another_origin() {
    let (server, elsewhere, test) = (server(), server(), TestEngine::start().await);
    let id = test.add_with(&server.address(), key(set("the-key"))).await;
    edit(&test, &id, &to(&format!("{}/other", server.address()))).await;
    assert_eq!(secrets(&test, &id).await.0, ["the-key"], "the same origin");

    let kept = EditConnector { address: Some(elsewhere.address()), ..key(SecretEdit::Keep) };
    for changes in [to(&elsewhere.address()), kept] {
        edit(&test, &id, &EditConnector { address: Some(server.address()), ..key(set("the-key")) }).await;
        edit(&test, &id, &changes).await;
        assert_eq!(secrets(&test, &id).await.0, Vec::<String>::new());
        assert_eq!(test.engine.show(&id).await.unwrap().settings.headers, [HEADER], "the name stays");
        assert_eq!(test.check(&id).await.health.state, State::Connected);
    }
    let asked = elsewhere.requests().all();
    assert!(!asked.is_empty() && asked.iter().all(|request| !request.headers.contains(&HEADER.to_lowercase())));

    edit(&test, &id, &EditConnector { address: Some(server.address()), ..key(set("for-here")) }).await;
    assert_eq!(secrets(&test, &id).await.0, ["for-here"], "typed together with the address");
}

/// Moves the address in the database only, as an edit does that is killed before it comes to the keychain.
async fn cut_off_after_the_row(test: &TestEngine, id: &ConnectorId, address: &str) {
    let store = Store::open(test.folder(), test.clock.clone()).await.unwrap().store;
    let (address, _) = ServerAddress::parse(address, false).unwrap();
    store.update(id, |connector| connector.address = address).await.unwrap();
}

#[tokio::test]
async fn keys_of_another_address_are_never_sent_after_an_edit_that_was_cut_off() {
    let (one, two, test) = (server(), server(), TestEngine::start().await);
    let id = test.add_with(&format!("{}?token=old", one.address()), key(set("the-key"))).await;
    assert_eq!(test.check(&id).await.health.state, State::Connected);
    let stored = test.engine.show(&id).await.unwrap().settings.headers_stored;
    assert_eq!(stored, Some(vec![HEADER.to_owned()]));

    for elsewhere in [two.address(), format!("{}?token=", two.address()), format!("{}/other", one.address())] {
        cut_off_after_the_row(&test, &id, &elsewhere).await;
        let asked = (one.requests().all().len(), two.requests().all().len());
        let cause = test.check(&id).await.health.cause.unwrap();
        assert_eq!(cause.code.as_str(), "RPL-KEY-OTHER-ADDRESS");
        assert_eq!(test.engine.tools(&id).await.unwrap().error.unwrap().code.as_str(), "RPL-KEY-OTHER-ADDRESS");
        assert_eq!((one.requests().all().len(), two.requests().all().len()), asked, "nobody was asked");
        assert_eq!(test.engine.show(&id).await.unwrap().settings.headers_stored, Some(Vec::new()));
    }
    let typed = EditConnector { address: Some(two.address()), ..key(set("for-two")) };
    edit(&test, &id, &typed).await;
    assert_eq!(secrets(&test, &id).await, (vec!["for-two".to_owned()], Vec::new()));
    assert_eq!(test.check(&id).await.health.state, State::Connected);
}

#[tokio::test]
async fn an_edit_after_one_that_was_cut_off_drops_what_belongs_elsewhere() {
    let (one, two, test) = (server(), server(), TestEngine::start().await);
    let id = test.add_with(&format!("{}?token=old", one.address()), key(set("the-key"))).await;
    cut_off_after_the_row(&test, &id, &two.address()).await;
    edit(&test, &id, &key(SecretEdit::Keep)).await;
    assert_eq!(secrets(&test, &id).await, (Vec::new(), Vec::new()));
    assert_eq!(test.check(&id).await.health.state, State::Connected);
    let asked = two.requests().all();
    assert!(asked.iter().all(|request| !request.has_header(&HEADER.to_lowercase()) && !request.has("token")));
}

/// How often a slow change lets others go first.
const TURNS: usize = 20_000;

/// A store in which every other change is slow, so that whoever came first may end last.
#[derive(Default)]
struct Uneven {
    inner: MemoryStore,
    changes: AtomicUsize,
}

impl Uneven {
    fn pass(&self) {
        if self.changes.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) {
            (0..TURNS).for_each(|_| std::thread::yield_now());
        }
    }
}

impl SecretStore for Uneven {
    fn kind(&self) -> StoredIn {
        self.inner.kind()
    }

    fn locked(&self) -> Result<bool, StoreError> {
        self.inner.locked()
    }

    fn read(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        self.inner.read(account)
    }

    fn write(&self, account: &str, label: &str, value: &Secret<Vec<u8>>) -> Result<(), StoreError> {
        self.pass();
        self.inner.write(account, label, value)
    }

    fn delete(&self, account: &str) -> Result<(), StoreError> {
        self.pass();
        self.inner.delete(account)
    }
}

#[tokio::test]
async fn two_edits_of_the_address_at_once_never_cross() {
    let test = TestEngine::start_over(Arc::new(Uneven::default())).await;
    let (id, beside) = (test.add("https://mcp.example/mcp").await, test.beside().await);
    for round in 0..10 {
        let moved = |place: &str| EditConnector {
            address: Some(format!("https://{place}.example/mcp?k={place}{round}")),
            ..key(set(&format!("{place}{round}")))
        };
        let (one, two) = (moved("one"), moved("two"));
        let (one, two) = tokio::join!(test.engine.edit(&id, &one), beside.engine.edit(&id, &two));
        one.and(two).unwrap();
        let host = test.engine.get(&id).await.unwrap().host;
        let expected = vec![format!("{}{round}", host.trim_end_matches(".example"))];
        assert_eq!(secrets(&test, &id).await, (expected.clone(), expected), "{host}");
    }
}

#[tokio::test]
async fn a_record_without_an_address_belongs_to_the_one_the_connector_has() {
    let (server, test) = (server(), TestEngine::start().await);
    let id = test.add_with(&server.address(), key(set("the-key"))).await;
    let mut old = test.record(&id).await.unwrap();
    old.inputs.address = None;
    test.keychain().write(&old, "a test", Patience::Background).await.unwrap();
    assert_eq!(test.check(&id).await.health.state, State::Connected);
    assert!(server.requests().all().iter().any(|request| request.has_header(&HEADER.to_lowercase())));
}

#[tokio::test]
async fn what_is_asked_otherwise_is_not_green_until_it_is_asked() {
    let (one, two, test) = (server(), server(), TestEngine::start().await);
    let id = test.add_with(&one.address(), key(set("old"))).await;
    let with = EditConnector::default;
    for (what, changes) in [
        ("address", EditConnector { address: Some(two.address()), ..with() }),
        ("query", EditConnector { address: Some(format!("{}?a=1", two.address())), ..with() }),
        ("query value", EditConnector { address: Some(format!("{}?a=2", two.address())), ..with() }),
        ("header", key(set("new"))),
        ("no header", EditConnector { headers: Some(Vec::new()), ..with() }),
        ("client secret", EditConnector { client_secret: set("secret"), ..with() }),
        ("client ID", EditConnector { client_id: Some("client".to_owned()), ..with() }),
        ("issuer", EditConnector { issuer: Some("https://auth.example".to_owned()), ..with() }),
        ("allow", EditConnector { allow: Some(vec![Allow::PkceUnlisted]), ..with() }),
    ] {
        assert_eq!(test.check(&id).await.health.state, State::Connected, "before: {what}");
        let edited = edit(&test, &id, &changes).await;
        assert_eq!(edited.health.state, Health::unknown().state, "{what}");
        assert!(test.engine.show(&id).await.unwrap().steps.is_empty(), "{what}: nobody climbed these steps");
    }
    assert_eq!(test.check(&id).await.health.state, State::Connected);
}

#[tokio::test]
async fn an_edit_that_asks_nothing_else_keeps_the_verdict() {
    let (server, test) = (server(), TestEngine::start().await);
    let id = test.add_with(&server.address(), key(set("old"))).await;
    let green: HealthView = test.check(&id).await.health;
    assert_eq!(green.state, State::Connected);
    let same = EditConnector { name: Some("Renamed".to_owned()), address: Some(server.address()), ..key(set("old")) };
    for changes in [same, key(SecretEdit::Keep), EditConnector { check_every_s: Some(600), ..EditConnector::default() }]
    {
        assert_eq!(edit(&test, &id, &changes).await.health, green);
    }
}

#[tokio::test]
async fn a_check_that_runs_during_an_edit_gives_no_verdict() {
    let (slow, other, test) = (server(), server(), TestEngine::start().await);
    let id = test.add(&slow.address()).await;
    assert_eq!(test.check(&id).await.health.state, State::Connected);
    slow.change_faults(|faults| faults.front = Front::Silent);
    let mut events = test.engine.subscribe();
    test.engine.check(Some(vec![id.clone()])).await.unwrap();
    slow.requests().until(|asked| asked.last().is_some_and(|last| last.status.is_none())).await;
    edit(&test, &id, &to(&other.address())).await;
    let ended = async {
        loop {
            if let Event::CheckEnded { connector } = events.next().await.unwrap() {
                return connector;
            }
        }
    };
    // Sooner than a silent server is given up.
    let connector = tokio::time::timeout(Duration::from_secs(10), ended).await.unwrap();
    assert_eq!(connector.health.state, State::Unknown);
    assert_eq!(other.requests().all().len(), 0, "nobody asked the new address");
}
