//! Undoing everything Replug put on this computer.

use std::io::ErrorKind;
use std::path::Path;

use replug_core::{Code, Connector, ConnectorId, Failure};
use replug_keychain::SecretsFile;

use crate::lock::PLACE_LOCK;
use crate::wire::ServiceOutcome;
use crate::{Engine, LOG_FILES};

/// The encrypted file, a new one on its way, and one that was damaged.
const SECRETS: [&str; 3] = ["secrets.enc", "secrets.enc.new", "secrets.enc.damaged"];
/// What `SQLite` keeps beside a database.
const BESIDE: [&str; 3] = ["", "-wal", "-shm"];
/// Tells Replug's own files by their names. Nothing else is touched, because somebody may have pointed the data folder at one
/// that holds other things.
type IsOwn = fn(&str) -> bool;
/// Folders below the data folder, and which files in them are Replug's own.
const FOLDERS: [(&str, IsOwn); 3] = [("backups", is_backup), ("locks", is_lock), ("logs", is_log)];
/// The locks that belong to no connector.
const COMMON_LOCKS: [&str; 5] = ["database.lock", "migration.lock", "keychain.lock", "secrets.lock", PLACE_LOCK];
/// What the locks of a connector are for, as in `lock`.
const LOCK_PURPOSES: [&str; 2] = ["record", "sign-in"];

impl Engine {
    /// Removes every connector with its grants, registrations and keychain items, then Replug's own data. The engine is of
    /// no use afterwards.
    ///
    /// What could not be removed stays listed and can be tried again: then the first such failure is returned after all
    /// others were tried, and the data is kept.
    pub async fn reset(&self) -> Result<Vec<(String, ServiceOutcome)>, Failure> {
        let stored = self.edges().store.list().await?;
        let connectors: Vec<Connector> = stored.into_iter().map(|stored| stored.connector).collect();
        // All of them before the first: a reset that is killed is finished at the next start.
        let begun = self.begin_removals(&connectors).await?;
        let mut done = Vec::new();
        let mut failed = None;
        for (connector, journal) in connectors.into_iter().zip(begun) {
            match self.remove(&connector.id).await {
                Ok(outcome) => done.push((connector.name, outcome)),
                // Another Replug that started meanwhile has read the journal and finished it.
                Err(gone) if gone.code == Code::UseNoSuchConnector => {}
                Err(failure) => failed = failed.or(Some(failure)),
            }
            self.end_wipe(journal).await;
        }
        if let Some(failure) = failed {
            return Err(failure);
        }
        // Only the database knows of what a former place still holds.
        self.expect_no_copies().await?;
        // What could not be stored was just removed.
        if let Err(failure) = self.settle().await {
            tracing::warn!(code = %failure.code, "something was still going on when everything was removed");
        }
        self.edges().store.clone().close().await?;
        erase(self.data_dir()).map_err(|error| Failure::new(Code::LocalDisk).with_fact("Reason", error.to_string()))?;
        Ok(done)
    }
}

fn erase(folder: &Path) -> std::io::Result<()> {
    for (name, is_own) in FOLDERS {
        erase_own(&folder.join(name), is_own)?;
    }
    erase_own(folder, is_data)
}

/// Removes the files with names of Replug's making, and the folder when nothing else is in it. A link to a folder elsewhere
/// is none of Replug's.
fn erase_own(folder: &Path, is_own: IsOwn) -> std::io::Result<()> {
    match std::fs::symlink_metadata(folder) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Ok(()),
        Err(error) => return gone(Err(error)),
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() && entry.file_name().to_str().is_some_and(is_own) {
            gone(std::fs::remove_file(entry.path()))?;
        }
    }
    remove_if_empty(folder)
}

/// A folder that holds anything else stays.
fn remove_if_empty(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir(folder) {
        Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(()),
        other => gone(other),
    }
}

/// The database and the encrypted file, with everything that is made while they are replaced.
fn is_data(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("replug.db") else {
        return SECRETS.contains(&name) || SecretsFile::is_aside(name);
    };
    let is_kept =
        |rest: &str| rest.split_at_checked(STAMP).is_some_and(|(stamp, rest)| is_stamp(stamp) && is_copy(rest));
    BESIDE.iter().filter_map(|ending| rest.strip_suffix(ending)).any(|rest| match rest.strip_prefix(".damaged-") {
        Some(kept) => is_kept(kept),
        None => ["", ".new", ".unfinished"].contains(&rest),
    })
}

/// `replug-schema-3-20260304T120000Z.db`, and `-2` behind it when that was taken; `.partial` while it is written.
fn is_backup(name: &str) -> bool {
    let name = name.strip_suffix(".partial").unwrap_or(name);
    let Some((version, rest)) = name.strip_prefix("replug-schema-").and_then(|rest| rest.split_once('-')) else {
        return false;
    };
    rest.split_once(".db").is_some_and(|(stamp, ending)| is_number(version) && is_stamp(stamp) && is_copy(ending))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Bytes in a time such as `20260304T120000Z`.
const STAMP: usize = 16;

fn is_stamp(text: &str) -> bool {
    let parts = text.strip_suffix('Z').and_then(|text| text.split_once('T'));
    text.len() == STAMP && parts.is_some_and(|(day, time)| is_number(day) && is_number(time))
}

/// Nothing, or the number of a name that was taken.
fn is_copy(ending: &str) -> bool {
    ending.is_empty() || ending.strip_prefix('-').is_some_and(is_number)
}

fn is_log(name: &str) -> bool {
    LOG_FILES.contains(&name)
}

/// A common lock, or one of a connector's.
fn is_lock(name: &str) -> bool {
    let of_connector =
        |(id, purpose): (&str, &str)| id.parse::<ConnectorId>().is_ok() && LOCK_PURPOSES.contains(&purpose);
    COMMON_LOCKS.contains(&name) || name.split_once('.').is_some_and(of_connector)
}

/// What is not there need not be removed.
fn gone(outcome: std::io::Result<()>) -> std::io::Result<()> {
    match outcome {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
