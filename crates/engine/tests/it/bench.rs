//! A whole engine for tests: real database in a folder of its own, a keychain in memory that survives a restart, a clock that
//! can be set, randomness from a seed, and a scripted person in front of the browser.

use std::path::Path;
use std::sync::Arc;

use replug_core::{Clock, ConnectorId, Credentials, Random};
use replug_engine::wire::{ConnectorView, EditConnector, NewConnector, SignInProgress};
use replug_engine::{Edges, Engine, Patience, SignInOptions};
use replug_keychain::{Keychain, MemoryStore, Store as SecretStore};
use replug_lab::{Conduct, Person, SeededRandom, TestClock};
use replug_net::{Browser, Http, HttpOptions};
use replug_store::Store;
use tempfile::TempDir;

/// An engine with everything around it. Dropping it removes its folder.
pub(crate) struct TestEngine {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) person: Person,
    /// The keychain's content, shared with whoever opens the same folder again.
    secrets: Arc<dyn SecretStore>,
    random: Arc<dyn Random>,
    folder: Arc<TempDir>,
}

impl TestEngine {
    /// A fresh engine, now, with a person who allows everything.
    pub(crate) async fn start() -> Self {
        Self::start_over(Arc::new(MemoryStore::new())).await
    }

    /// The same with this store behind the keychain.
    pub(crate) async fn start_over(secrets: Arc<dyn SecretStore>) -> Self {
        let clock = Arc::new(TestClock::at(replug_lab::SystemClock.now()));
        Self::open(Arc::new(tempfile::tempdir().unwrap()), clock, secrets).await
    }

    /// The same folder and keychain with a new engine, as after a restart of the computer: nothing in memory is kept.
    pub(crate) async fn restart(self) -> Self {
        let Self { engine, clock, secrets, folder, .. } = self;
        drop(engine);
        Self::open(folder, clock, secrets).await
    }

    /// The same with another store behind the keychain, from the next restart on.
    pub(crate) fn over(self, secrets: Arc<dyn SecretStore>) -> Self {
        Self { secrets, ..self }
    }

    /// A second engine on the same folder and keychain, as another process would have.
    pub(crate) async fn beside(&self) -> Self {
        Self::open(Arc::clone(&self.folder), Arc::clone(&self.clock), Arc::clone(&self.secrets)).await
    }

    /// A fresh engine with another HTTP client.
    pub(crate) async fn with_http(http: HttpOptions) -> Self {
        let clock = Arc::new(TestClock::at(replug_lab::SystemClock.now()));
        Self::open_with(Arc::new(tempfile::tempdir().unwrap()), clock, Arc::new(MemoryStore::new()), http).await
    }

    async fn open(folder: Arc<TempDir>, clock: Arc<TestClock>, secrets: Arc<dyn SecretStore>) -> Self {
        Self::open_with(folder, clock, secrets, HttpOptions::default()).await
    }

    async fn open_with(
        folder: Arc<TempDir>,
        clock: Arc<TestClock>,
        secrets: Arc<dyn SecretStore>,
        http: HttpOptions,
    ) -> Self {
        let person = Person::new(Conduct::Allow);
        let random: Arc<dyn Random> = Arc::new(SeededRandom::fresh());
        let edges = Edges {
            store: Store::open(folder.path(), clock.clone()).await.unwrap().store,
            keychain: Keychain::over(Arc::clone(&secrets), Arc::clone(&random)).unwrap(),
            http: Http::new(http).unwrap(),
            browser: Arc::new(person.clone()) as Arc<dyn Browser>,
            clock: clock.clone(),
            random: Arc::clone(&random),
            data_dir: folder.path().to_owned(),
        };
        Self { engine: Engine::new(edges, Patience::Background), clock, person, secrets, random, folder }
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The keychain, to look into it or to change it behind the engine's back.
    pub(crate) fn keychain(&self) -> Keychain {
        Keychain::over(Arc::clone(&self.secrets), Arc::clone(&self.random)).unwrap()
    }

    /// What the keychain holds for a connector.
    pub(crate) async fn record(&self, id: &ConnectorId) -> Option<Credentials> {
        self.keychain().read(id, Patience::Background).await.unwrap()
    }

    /// Adds a connector without asking the server.
    pub(crate) async fn add(&self, address: &str) -> ConnectorId {
        self.add_with(address, EditConnector::default()).await
    }

    /// Adds a connector with settings, without asking the server.
    pub(crate) async fn add_with(&self, address: &str, settings: EditConnector) -> ConnectorId {
        let new = NewConnector { address: address.to_owned(), name: None, settings };
        let added = Box::pin(self.engine.add(&new, false)).await.unwrap();
        added.connector.id.parse().unwrap()
    }

    /// Checks a connector and returns what everybody sees of it.
    pub(crate) async fn check(&self, id: &ConnectorId) -> ConnectorView {
        self.engine.check_and_wait(Some(vec![id.clone()])).await.unwrap();
        self.engine.get(id).await.unwrap()
    }

    /// Signs a connector in, as far as it goes.
    pub(crate) async fn sign_in(&self, id: &ConnectorId) -> SignInProgress {
        self.engine.sign_in(id, SignInOptions::default()).await.unwrap().ended().await
    }
}
