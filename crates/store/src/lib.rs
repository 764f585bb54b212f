//! The database of Replug: connectors, verdicts and history, facts about sign-ins, settings and the journal.
//!
//! Never a secret: those are the business of the keychain crate. No verdict is computed here, and nothing is contacted.
//!
//! Every process (the window, a command, a bridge) opens the same file; there is no daemon. What holds:
//! - **A write is on the disk when its call returns** (WAL, `synchronous=FULL`), and each is one `BEGIN IMMEDIATE` transaction.
//! - **The file is replaced only by a process that is alone with it.** Each open store holds a shared lock on
//!   `locks/database.lock`; creating and rebuilding take the exclusive one.
//! - **A newer database is refused and left as it is**; a damaged one is kept aside and rebuilt from what can be read.

mod checks;
mod column;
mod connectors;
mod error;
mod files;
mod inspect;
mod intents;
mod journal;
mod migrate;
mod open;
mod project_entries;
mod rebuild;
mod salvage;
mod settings;
mod sign_in;
mod step_ups;
mod watch;

use std::fmt;
use std::fs::File;
use std::sync::Arc;

use replug_core::Clock;
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::Mutex;

pub use checks::{Change, DayState, RETENTION_DAYS};
pub use connectors::StoredConnector;
pub use error::StoreError;
pub use intents::{RefreshIntent, RefreshPause};
pub use journal::{JournalEntry, JournalId, NewJournalEntry};
pub use open::Opened;
pub use project_entries::{ProjectDefinition, ProjectEntry};
pub use rebuild::Rebuilt;
pub use salvage::Salvaged;
pub use sign_in::{RefusedCall, RegistrationFacts, SignInFacts, Standing};
pub use step_ups::StepUps;

/// An open database. Clones share it.
#[derive(Clone)]
pub struct Store {
    pool: SqlitePool,
    /// The one connection that is asked for `data_version`, whose values compare only on the same connection.
    watcher: Arc<Mutex<Option<SqliteConnection>>>,
    clock: Arc<dyn Clock>,
    /// The shared lock that keeps other processes from replacing the file.
    in_use: Arc<File>,
}

impl Store {
    /// Begins a transaction that holds the write lock from its first statement, so that it never has to be repeated.
    async fn write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Closes every connection and waits until the last has written its log back. Clones are closed with it.
    ///
    /// Dropping a store without this loses nothing; the file may then stay open for a moment.
    pub async fn close(self) -> Result<(), StoreError> {
        if let Some(watcher) = self.watcher.lock().await.take() {
            sqlx::Connection::close(watcher).await?;
        }
        self.pool.close().await;
        // Not before: whoever gets the exclusive lock may replace the file at once.
        drop(self.in_use);
        Ok(())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("open", &!self.pool.is_closed()).finish_non_exhaustive()
    }
}
