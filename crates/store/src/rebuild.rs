//! Making a database file and putting it in the place of a damaged one, so that a kill at any moment loses nothing that could
//! be read. Which rows are copied is in `salvage`.
//!
//! The caller is alone with the file (`locks/database.lock`). A new database is built as `replug.db.unfinished`, renamed to
//! `replug.db.new` when it is complete and on the disk, and only then takes the place of the old one. Whoever finds a
//! `replug.db.new` finishes that last step.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use replug_core::{Code, Failure};
use sqlx::Connection;
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use crate::files::{self, Folder};
use crate::migrate::{self, KNOWN};
use crate::salvage::{Salvaged, salvage};
use crate::{StoreError, open};

/// What a person should know after a damaged database was rebuilt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Where the damaged file is kept.
    pub kept: PathBuf,
    /// What was wrong with it, in SQLite's words or ours.
    pub reason: String,
    /// How much was copied; `None` when an earlier process did that and was killed before it could say.
    pub salvaged: Option<Salvaged>,
}

impl From<&Rebuilt> for Failure {
    fn from(rebuilt: &Rebuilt) -> Self {
        let name = rebuilt.kept.file_name().unwrap_or(rebuilt.kept.as_os_str());
        let failure = Self::new(Code::LocalDatabaseDamaged)
            .with_fact("Damaged file", name.to_string_lossy())
            .with_fact("What was wrong", &rebuilt.reason);
        match rebuilt.salvaged {
            Some(salvaged) => failure
                .with_fact("Connectors kept", salvaged.connectors.to_string())
                .with_fact("Rows that could not be read", salvaged.lost.to_string()),
            None => failure,
        }
    }
}

/// Makes the first database.
pub(crate) async fn create(folder: &Folder) -> Result<(), StoreError> {
    build(folder, None).await?;
    // A log without its database belongs to nothing, and would be taken for the new one's.
    for ending in ["-wal", "-shm"] {
        files::remove(&files::beside(&folder.database(), ending))?;
    }
    files::rename(&folder.unfinished(), &folder.database())?;
    folder.sync()
}

/// Makes a new database of what can be read in the damaged one, and keeps that one aside.
pub(crate) async fn rebuild(folder: &Folder, reason: String, now: Timestamp) -> Result<Rebuilt, StoreError> {
    let salvaged = build(folder, Some(&folder.database())).await?;
    files::rename(&folder.unfinished(), &folder.successor())?;
    folder.sync()?;
    let kept = replace(folder, now)?;
    tracing::warn!(reason, connectors = salvaged.connectors, lost = salvaged.lost, "the database was rebuilt");
    Ok(Rebuilt { kept, reason, salvaged: Some(salvaged) })
}

/// Finishes a rebuild that was cut short after the new database was complete.
pub(crate) fn finish(folder: &Folder, now: Timestamp) -> Result<Rebuilt, StoreError> {
    let kept = replace(folder, now)?;
    Ok(Rebuilt { kept, reason: "an earlier rebuild was cut short".to_owned(), salvaged: None })
}

/// Leaves a complete database at [`Folder::unfinished`], on the disk and without a log beside it.
async fn build(folder: &Folder, from: Option<&Path>) -> Result<Salvaged, StoreError> {
    let path = folder.unfinished();
    for ending in ["", "-wal", "-shm"] {
        files::remove(&files::beside(&path, ending))?;
    }
    files::create_private(&path)?;
    let options = open::hardened()
        .filename(open::filename(&path))
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut conn = open::connect(&options).await?;
    migrate::apply(&mut conn, 0, KNOWN).await?;
    let salvaged = match from {
        Some(damaged) => salvage(damaged, &mut conn).await?,
        None => Salvaged::default(),
    };
    // Closing does this too, but does not say whether it worked; the log would stay behind under the old name.
    let (blocked, _, _): (i64, i64, i64) =
        sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut conn).await?;
    conn.close().await?;
    if blocked != 0 {
        return Err(StoreError::Busy);
    }
    files::sync_file(&path)?;
    Ok(salvaged)
}

/// Moves the old database aside and the successor into its place. Can be repeated after a kill at any step.
fn replace(folder: &Folder, now: Timestamp) -> Result<PathBuf, StoreError> {
    let (old, kept) = (folder.database(), folder.damaged(now));
    // The log first: left behind, it would be replayed into the new database.
    for ending in ["-wal", ""] {
        let part = files::beside(&old, ending);
        if files::exists(&part)? {
            files::rename(&part, &files::beside(&kept, ending))?;
        }
    }
    files::remove(&files::beside(&old, "-shm"))?;
    folder.sync()?;
    files::rename(&folder.successor(), &old)?;
    folder.sync()?;
    Ok(kept)
}
