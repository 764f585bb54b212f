//! A whole engine for tests: real database in a folder of its own, a keychain in memory that survives a restart, a clock that
//! can be set, randomness from a seed, and a scripted person in front of the browser.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use replug_core::{Clock, ConnectorId, Credentials, Random};
use replug_engine::wire::{ConnectorView, EditConnector, NewConnector, SignInProgress};
use replug_engine::{Computer, Edges, Engine, Patience, Platform, SignInOptions};
use replug_keychain::{Keychain, MemoryStore, Store as SecretStore};
use replug_lab::{Conduct, Person, SeededRandom, TestClock};
use replug_net::{Browser, Http, HttpOptions};
use replug_store::Store;
use tempfile::TempDir;

/// An address that nobody may contact.
pub(crate) struct Canary(TcpListener);

impl Canary {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}/mcp", self.0.local_addr().unwrap())
    }

    /// Whether anybody connected, whatever was said then.
    pub(crate) fn was_contacted(&self) -> bool {
        self.0.accept().is_ok()
    }
}

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
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Self::open_with(folder, clock, Arc::new(MemoryStore::new()), http, Patience::Background).await
    }

    /// As [`TestEngine::beside`], waiting for the keychain no longer than this.
    pub(crate) async fn beside_within(&self, patience: Patience) -> Self {
        let (folder, clock) = (Arc::clone(&self.folder), Arc::clone(&self.clock));
        Self::open_with(folder, clock, Arc::clone(&self.secrets), HttpOptions::default(), patience).await
    }

    /// A fresh engine with another browser, which no person sits at.
    pub(crate) async fn with_browser(browser: Arc<dyn Browser>) -> Self {
        let Self { clock, person, secrets, random, folder, .. } = Self::start().await;
        let edges = edges(&folder, &clock, (&secrets, &random), HttpOptions::default(), browser).await;
        Self { engine: Engine::new(edges, Patience::Background), clock, person, secrets, random, folder }
    }

    async fn open(folder: Arc<TempDir>, clock: Arc<TestClock>, secrets: Arc<dyn SecretStore>) -> Self {
        Self::open_with(folder, clock, secrets, HttpOptions::default(), Patience::Background).await
    }

    async fn open_with(
        folder: Arc<TempDir>,
        clock: Arc<TestClock>,
        secrets: Arc<dyn SecretStore>,
        http: HttpOptions,
        patience: Patience,
    ) -> Self {
        let person = Person::new(Conduct::Allow);
        let random: Arc<dyn Random> = Arc::new(SeededRandom::fresh());
        let edges = edges(&folder, &clock, (&secrets, &random), http, Arc::new(person.clone())).await;
        Self { engine: Engine::new(edges, patience), clock, person, secrets, random, folder }
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The home of the person whose apps are looked at.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder().join("home")
    }

    /// Writes a file of an app.
    pub(crate) fn write_home(&self, path: &str, text: &str) {
        let place = self.home().join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(&place, text).unwrap();
        // As the apps do it, whatever the mask of whoever runs the tests.
        #[cfg(unix)]
        std::fs::set_permissions(place, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
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

async fn edges(
    folder: &TempDir,
    clock: &Arc<TestClock>,
    (secrets, random): (&Arc<dyn SecretStore>, &Arc<dyn Random>),
    http: HttpOptions,
    browser: Arc<dyn Browser>,
) -> Edges {
    Edges {
        store: Store::open(folder.path(), clock.clone()).await.unwrap().store,
        keychain: Keychain::over(Arc::clone(secrets), Arc::clone(random)).unwrap(),
        http: Http::new(http).unwrap(),
        browser,
        clock: clock.clone(),
        random: Arc::clone(random),
        computer: Computer::new(Platform::Linux, folder.path().join("home"), |_| None),
        data_dir: folder.path().to_owned(),
    }
}
