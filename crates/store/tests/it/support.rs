//! What the tests share: a folder, a clock that stands still, and connectors.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use replug_core::{Clock, Connector, ConnectorId, Random, ServerAddress, Settings};
use replug_store::{Opened, Store, StoreError};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

/// The time of every test.
pub(crate) fn noon() -> Timestamp {
    "2026-03-04T12:00:00Z".parse().unwrap()
}

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        noon()
    }
}

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(Stopped)
}

/// Counts instead of being random: every id of a test differs, and is the same in each run.
pub(crate) struct Counting(AtomicU64);

impl Counting {
    pub(crate) fn from(start: u64) -> Self {
        Self(AtomicU64::new(start))
    }
}

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let mut number = self.0.fetch_add(1, Ordering::Relaxed);
        for byte in bytes {
            *byte = u8::try_from(number % 32).unwrap();
            number /= 32;
        }
    }
}

pub(crate) fn connector(id: ConnectorId, name: &str) -> Connector {
    Connector {
        id,
        name: name.to_owned(),
        address: ServerAddress::from_stored("https://mcp.example/mcp").unwrap(),
        transport: None,
        protocol: None,
        paused: false,
        settings: Settings::default(),
        sources: Vec::new(),
    }
}

/// A data folder that is removed with the test, and ids for it.
pub(crate) struct Place {
    pub(crate) dir: TempDir,
    pub(crate) ids: Counting,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { dir: TempDir::new().unwrap(), ids: Counting::from(1) }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.dir.path().join("replug")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.data_dir().join("replug.db")
    }

    pub(crate) async fn try_open(&self) -> Result<Opened, StoreError> {
        Store::open(&self.data_dir(), clock()).await
    }

    /// Opens what must be sound.
    pub(crate) async fn open(&self) -> Store {
        let opened = self.try_open().await.unwrap();
        assert_eq!(opened.rebuilt, None, "the database was sound");
        opened.store
    }

    pub(crate) fn connector(&self, name: &str) -> Connector {
        connector(ConnectorId::random(&self.ids), name)
    }

    /// The files in the data folder, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.data_dir()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A connection that knows nothing of the store's rules.
    pub(crate) async fn raw(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.database()).create_if_missing(true);
        options.connect().await.unwrap()
    }

    /// Runs SQL behind the store's back.
    pub(crate) async fn execute(&self, sql: &'static str) {
        let mut conn = self.raw().await;
        sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
    }
}

pub(crate) async fn names(store: &Store) -> Vec<String> {
    store.list().await.unwrap().into_iter().map(|stored| stored.connector.name).collect()
}
