//! Opening the database: the folder, the checks before anything is written, and the connections. What a damaged file becomes
//! is in `rebuild`.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use replug_core::Clock;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::Mutex;

use crate::files::{Folder, Hold};
use crate::inspect::{Condition, inspect};
use crate::rebuild::{self, Rebuilt};
use crate::{Store, StoreError, migrate};

/// Connections for queries, of which one at a time writes.
const CONNECTIONS: u32 = 4;

/// How long SQLite waits for another writer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait for a process that creates or rebuilds the database.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait for the others to let go of a database that has to be mended, before looking at it again.
const PATIENCE_TO_MEND: Duration = Duration::from_secs(1);

/// How often to look: another process may mend it first, or was just in the middle of a write.
const ROUNDS: u32 = 4;

/// Held shared while the database is open, and exclusively while its file is made or replaced.
const LOCK: &str = "database.lock";

/// The first SQLite without the WAL-reset race (3.7.0 to 3.51.2) that can damage a database with several connections.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// An open database, and what had to be done for it.
#[derive(Debug)]
pub struct Opened {
    /// The database.
    pub store: Store,
    /// What a person should know when the old file was damaged; `None` when it was sound or there was none.
    pub rebuilt: Option<Rebuilt>,
}

impl Store {
    /// Opens the database in `data_dir`, and makes the folder (for this user only) and the database when there is none.
    ///
    /// A database of an older schema is migrated, after a copy was put into `backups/`. A damaged one is moved aside and
    /// rebuilt, which needs that no other process has it open. A newer one is refused, and its file is not touched.
    pub async fn open(data_dir: &Path, clock: Arc<dyn Clock>) -> Result<Opened, StoreError> {
        require_sqlite().await?;
        let folder = Folder::prepare(data_dir)?;
        let (in_use, rebuilt) = make_sound(&folder, clock.now()).await?;
        migrate::bring_up_to_date(&folder, clock.now()).await?;
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(options(&folder))
            .await?;
        let store = Self { pool, watcher: Arc::new(Mutex::new(None)), clock, in_use: Arc::new(in_use) };
        Ok(Opened { store, rebuilt })
    }
}

/// How every connection to the database is set up. The journal mode is a property of the file since it was created.
pub(crate) fn options(folder: &Folder) -> SqliteConnectOptions {
    hardened().filename(filename(&folder.database())).synchronous(SqliteSynchronous::Full).foreign_keys(true)
}

/// Settings that hold for our own file and for a hostile one: nothing in the schema may call functions, each cell is
/// checked before it is used, and no page is mapped into memory, where a failing disk ends the process.
pub(crate) fn hardened() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .pragma("mmap_size", "0")
        .disable_statement_logging()
}

/// A path as sqlx takes it. It wants text, which a path need not be: one that is none goes over as a `file:` address, in which
/// every byte can be written (<https://www.sqlite.org/uri.html>).
pub(crate) fn filename(path: &Path) -> Cow<'_, Path> {
    if path.to_str().is_some() {
        return Cow::Borrowed(path);
    }
    let encoded = percent_encode(path.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC);
    Cow::Owned(format!("file:{encoded}").into())
}

/// Opens one connection.
pub(crate) async fn connect(options: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    SqliteConnection::connect_with(options).await
}

/// Opens a database that exists only while the connection does.
pub(crate) async fn connect_to_memory() -> Result<SqliteConnection, sqlx::Error> {
    connect(&SqliteConnectOptions::new().in_memory(true).disable_statement_logging()).await
}

async fn require_sqlite() -> Result<(), StoreError> {
    let mut conn = connect_to_memory().await?;
    let found: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut conn).await?;
    conn.close().await?;
    let numbers: Option<Vec<u32>> = found.split('.').map(|part| part.parse().ok()).collect();
    match numbers {
        Some(numbers) if numbers.as_slice() >= OLDEST_SQLITE.as_slice() => Ok(()),
        _ => Err(StoreError::SqliteTooOld { found }),
    }
}

/// Returns the lock that says "in use", with a sound database under it that nobody can replace while the lock is held.
async fn make_sound(folder: &Folder, now: Timestamp) -> Result<(File, Option<Rebuilt>), StoreError> {
    let mut rebuilt = None;
    for _ in 0..ROUNDS {
        let in_use = folder.lock(LOCK, Hold::Shared, PATIENCE).await?;
        match inspect(folder).await? {
            Condition::Sound => return Ok((in_use, rebuilt)),
            Condition::Newer(found) => {
                return Err(StoreError::Newer { found, known: migrate::KNOWN });
            }
            Condition::Missing | Condition::Damaged(_) | Condition::HalfReplaced => drop(in_use),
        }
        let _alone = match folder.lock(LOCK, Hold::Exclusive, PATIENCE_TO_MEND).await {
            Err(StoreError::Busy) => continue,
            locked => locked?,
        };
        // Look again: somebody else may have mended it in between.
        match inspect(folder).await? {
            Condition::Sound | Condition::Newer(_) => {}
            Condition::Missing => rebuild::create(folder).await?,
            Condition::Damaged(reason) => rebuilt = Some(rebuild::rebuild(folder, reason, now).await?),
            Condition::HalfReplaced => rebuilt = Some(rebuild::finish(folder, now)?),
        }
    }
    Err(StoreError::DamagedInUse)
}
