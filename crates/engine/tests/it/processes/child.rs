//! The child: one process that renews the sign-in it is told about, by the engine or naively, and stops where it is told.

use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use replug_core::{ConnectorId, Credentials, Secret, StoredIn};
use replug_engine::{Computer, Edges, Engine, Patience, Platform};
use replug_keychain::{Cost, FileStore, Keychain, Store as SecretStore, StoreError};
use replug_lab::{Conduct, Person, SeededRandom, TestClock};
use replug_net::{Http, HttpOptions, Reach, Trace};
use replug_store::Store;
use serde::{Deserialize, Serialize};

/// What a child says when it is ready, when it has stopped at its point, and when it is done.
pub(super) const READY: &str = "child: ready";
pub(super) const STOPPED: &str = "child: stopped";
pub(super) const DONE: &str = "child: ";

/// How a child refreshes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Manner {
    /// By the engine.
    Engine,
    /// As programs do that know of no others: read, ask, write.
    Naive,
}

/// Where a child stops for ever. The moments at the service are its own to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Point {
    /// At the nth read of the record, before it.
    Read(usize),
    /// Before the renewed record is written.
    BeforeWrite,
    /// When it is written and nobody knows yet.
    AfterWrite,
}

/// What a child is told.
#[derive(Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) data_dir: String,
    pub(super) secrets: String,
    pub(super) connector: String,
    pub(super) now: Timestamp,
    pub(super) manner: Manner,
    pub(super) stop_at: Option<Point>,
}

/// A store that stops its process at a point.
struct Stopping {
    inner: FileStore,
    at: Option<Point>,
    reads: AtomicUsize,
}

impl Stopping {
    fn stop_at(&self, here: Point) {
        if self.at == Some(here) {
            say(STOPPED);
            loop {
                std::thread::park();
            }
        }
    }
}

impl SecretStore for Stopping {
    fn kind(&self) -> StoredIn {
        self.inner.kind()
    }

    fn locked(&self) -> Result<bool, StoreError> {
        self.inner.locked()
    }

    fn read(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        let number = self.reads.fetch_add(1, Ordering::SeqCst) + 1;
        self.stop_at(Point::Read(number));
        self.inner.read(account)
    }

    fn write(&self, account: &str, label: &str, value: &Secret<Vec<u8>>) -> Result<(), StoreError> {
        self.stop_at(Point::BeforeWrite);
        self.inner.write(account, label, value)?;
        self.stop_at(Point::AfterWrite);
        Ok(())
    }

    fn delete(&self, account: &str) -> Result<(), StoreError> {
        self.inner.delete(account)
    }
}

pub(super) fn say(line: &str) {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "\n{line}").unwrap();
    stdout.flush().unwrap();
}

/// The encrypted file, quick to open: many processes have it open at once.
pub(super) fn secrets_in(folder: &Path) -> FileStore {
    std::fs::create_dir_all(folder.join("locks")).unwrap();
    let random = Arc::new(SeededRandom::fresh());
    let passphrase = Secret::new("for a test".to_owned());
    FileStore::open_with_cost(&folder.join("secrets.enc"), passphrase, random, Cost::LEAST).unwrap()
}

#[tokio::test]
#[ignore = "the other tests run it in a process of its own"]
async fn child_that_renews() {
    let mut first = String::new();
    std::io::stdin().lock().read_line(&mut first).unwrap();
    let Ok(job) = serde_json::from_str::<Job>(&first) else { return };
    let (clock, random) = (Arc::new(TestClock::at(job.now)), Arc::new(SeededRandom::fresh()));
    let inner = secrets_in(Path::new(&job.secrets));
    let secrets = Stopping { inner, at: job.stop_at, reads: AtomicUsize::new(0) };
    let edges = Edges {
        store: Store::open(Path::new(&job.data_dir), clock.clone()).await.unwrap().store,
        keychain: Keychain::over(Arc::new(secrets), random.clone()).unwrap(),
        http: Http::new(HttpOptions::default()).unwrap(),
        browser: Arc::new(Person::new(Conduct::Allow)),
        clock,
        random,
        computer: Computer::new(Platform::Linux, &job.data_dir, |_| None),
        data_dir: job.data_dir.into(),
    };
    let id: ConnectorId = job.connector.parse().unwrap();
    say(READY);
    std::io::stdin().lock().read_line(&mut first).unwrap();
    let outcome = match job.manner {
        Manner::Engine => by_the_engine(Engine::new(edges, Patience::Background), &id).await,
        Manner::Naive => naively(&edges, &id).await,
    };
    say(&format!("{DONE}{outcome}"));
}

async fn by_the_engine(engine: Engine, id: &ConnectorId) -> String {
    let tools = engine.tools_raw(id).await.unwrap();
    engine.settle().await.unwrap();
    tools.error.map_or_else(|| "served".to_owned(), |failure| failure.code.as_str().to_owned())
}

async fn naively(edges: &Edges, id: &ConnectorId) -> String {
    let mut record: Credentials = edges.keychain.read(id, Patience::Background).await.unwrap().unwrap();
    let trace = Trace::new();
    let ctx = replug_oauth::Context {
        http: &edges.http,
        trace: &trace,
        clock: edges.clock.as_ref(),
        random: edges.random.as_ref(),
        reach: Reach::OWN,
        loopback: true,
    };
    let (tokens, client) = (record.tokens.take().unwrap(), record.registration.as_ref().unwrap());
    match replug_oauth::refresh(&ctx, &tokens, client).await {
        Ok(granted) => {
            record.tokens = Some(granted.into_renewed(&tokens));
            record.generation += 1;
            edges.keychain.write(&record, "naive", Patience::Background).await.unwrap();
            "served".to_owned()
        }
        Err(refused) => refused.failure.code.as_str().to_owned(),
    }
}
