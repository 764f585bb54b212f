//! Undoing everything Replug put on this computer.

use std::io::ErrorKind;
use std::path::Path;

use replug_core::{Code, ConnectorId, Failure};

use crate::Engine;
use crate::wire::ServiceOutcome;

/// What Replug keeps in its data folder; nothing else in it is touched, because somebody may have pointed it at a folder that
/// holds other things.
const FILES: [&str; 5] = ["replug.db", "replug.db-wal", "replug.db-shm", "secrets.enc", "secrets.enc.damaged"];
/// Tells Replug's own files by their names.
type IsOwn = fn(&str) -> bool;
/// Its folders, and which files in them are Replug's own.
const FOLDERS: [(&str, IsOwn); 3] = [("backups", is_backup), ("locks", is_lock), ("logs", |_| false)];
/// The locks that belong to no connector.
const COMMON_LOCKS: [&str; 3] = ["database.lock", "keychain.lock", "secrets.lock"];
/// What the locks of a connector are for, as in `lock`.
const LOCK_PURPOSES: [&str; 2] = ["record", "sign-in"];

impl Engine {
    /// Removes every connector with its grants, registrations and keychain items, then Replug's own data. The engine is of
    /// no use afterwards.
    ///
    /// What could not be removed stays listed and can be tried again: then the first such failure is returned after all
    /// others were tried, and the data is kept.
    pub async fn reset(&self) -> Result<Vec<(String, ServiceOutcome)>, Failure> {
        let mut done = Vec::new();
        let mut failed = None;
        for stored in self.edges().store.list().await? {
            match self.remove(&stored.connector.id).await {
                Ok(outcome) => done.push((stored.connector.name, outcome)),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        if let Some(failure) = failed {
            return Err(failure);
        }
        self.settle().await;
        self.edges().store.clone().close().await?;
        erase(self.data_dir()).map_err(|error| Failure::new(Code::LocalDisk).with_fact("Reason", error.to_string()))?;
        Ok(done)
    }
}

fn erase(folder: &Path) -> std::io::Result<()> {
    for file in FILES {
        gone(std::fs::remove_file(folder.join(file)))?;
    }
    for (name, is_own) in FOLDERS {
        erase_own(&folder.join(name), is_own)?;
    }
    remove_if_empty(folder)
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

/// `replug-schema-3-20260304T120000Z.db`, and `-2` behind it when that was taken.
fn is_backup(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((version, rest)) = name.strip_prefix("replug-schema-").and_then(|rest| rest.split_once('-')) else {
        return false;
    };
    let Some((stamp, ending)) = rest.split_once(".db") else {
        return false;
    };
    let is_stamp = stamp.len() == "20260304T120000Z".len()
        && stamp
            .strip_suffix('Z')
            .and_then(|stamp| stamp.split_once('T'))
            .is_some_and(|(day, time)| is_number(day) && is_number(time));
    is_number(version) && is_stamp && (ending.is_empty() || ending.strip_prefix('-').is_some_and(is_number))
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
