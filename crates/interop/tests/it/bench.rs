//! A whole engine for these tests: real database in a folder of its own, a keychain in memory that survives a restart, a clock
//! that can be moved, and a scripted person in front of the browser.

use std::sync::Arc;

use replug_core::{Clock as _, ConnectorId, Random};
use replug_engine::wire::{Added, ConnectorView, NewConnector, ProbeKind, SignInStateName};
use replug_engine::{Computer, Edges, Engine, Patience, Platform, SignInOptions};
use replug_keychain::{Keychain, MemoryStore, Store as SecretStore};
use replug_lab::{Person, SeededRandom, SystemClock, TestClock};
use replug_net::{Http, HttpOptions};
use replug_store::Store;
use tempfile::TempDir;

/// An engine with everything around it.
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) person: Person,
    secrets: Arc<dyn SecretStore>,
    folder: Arc<TempDir>,
}

impl Bench {
    /// A fresh engine, now, with a person who allows everything.
    pub(crate) async fn start() -> Self {
        let clock = Arc::new(TestClock::at(SystemClock.now()));
        Self::open(Arc::new(tempfile::tempdir().unwrap()), clock, Arc::new(MemoryStore::new())).await
    }

    /// The same folder and keychain with a new engine, as after a restart of the computer.
    pub(crate) async fn restart(self) -> Self {
        let Self { engine, clock, secrets, folder, .. } = self;
        drop(engine);
        Self::open(folder, clock, secrets).await
    }

    /// A second engine on the same folder and keychain, as another process would have.
    pub(crate) async fn beside(&self) -> Self {
        Self::open(Arc::clone(&self.folder), Arc::clone(&self.clock), Arc::clone(&self.secrets)).await
    }

    async fn open(folder: Arc<TempDir>, clock: Arc<TestClock>, secrets: Arc<dyn SecretStore>) -> Self {
        let person = Person::default();
        let random: Arc<dyn Random> = Arc::new(SeededRandom::fresh());
        let edges = Edges {
            store: Store::open(folder.path(), clock.clone()).await.unwrap().store,
            keychain: Keychain::over(Arc::clone(&secrets), Arc::clone(&random)).unwrap(),
            http: Http::new(HttpOptions::default()).unwrap(),
            browser: Arc::new(person.clone()),
            clock: clock.clone(),
            random,
            computer: Computer::new(Platform::Linux, folder.path(), |_| None),
            data_dir: folder.path().to_owned(),
        };
        Self { engine: Engine::new(edges, Patience::Background), clock, person, secrets, folder }
    }

    /// Adds a connector as the window does: the server is asked first.
    pub(crate) async fn add(&self, address: &str) -> (ConnectorId, Added) {
        let new = NewConnector { address: address.to_owned(), ..NewConnector::default() };
        let added = self.engine.add(&new, true).await.unwrap();
        (added.connector.id.parse().unwrap(), added)
    }

    /// Adds a connector that asks for a sign-in, signs in, and looks at the outcome.
    pub(crate) async fn signed_in(&self, address: &str) -> ConnectorId {
        let (id, added) = self.add(address).await;
        assert_eq!(added.probe.kind, Some(ProbeKind::SignIn), "{:?}", added.probe);
        let done = self.engine.sign_in(&id, SignInOptions::default()).await.unwrap().ended().await;
        assert_eq!(done.error, None, "{:?}", self.person.journeys());
        let connector = done.connector.unwrap();
        assert_eq!(connector.sign_in.state, SignInStateName::SignedIn);
        id
    }

    /// Checks a connector and returns what everybody sees of it.
    pub(crate) async fn check(&self, id: &ConnectorId) -> ConnectorView {
        self.engine.check_and_wait(Some(vec![id.clone()])).await.unwrap().remove(0)
    }

    /// The names of a connector's tools, which have to be listed to the end.
    pub(crate) async fn tools(&self, id: &ConnectorId) -> Vec<String> {
        let list = self.engine.tools(id).await.unwrap();
        assert!(list.complete, "{:?}", list.error);
        list.tools.into_iter().map(|tool| tool.name).collect()
    }
}
