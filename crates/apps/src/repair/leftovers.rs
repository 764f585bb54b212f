//! What a program that was killed in the middle of a change leaves in an app's folders, and taking it away: the lock it held,
//! and the file it had not yet named. Where they are is written down as soon as the lock is held.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use replug_core::Failure;
use serde::{Deserialize, Serialize};

use super::backup::{Backups, write_private};
use crate::failure::of_system;
use crate::lock::AppLock;
use crate::replace::TEMPORARY;

const NOTE: &str = "at-work.json";

/// What is in the way if this program ends now.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct AtWork {
    /// Folders that stand for locks, and when they were made.
    pub(super) locks: Vec<(PathBuf, SystemTime)>,
    /// Folders in which files are replaced.
    pub(super) folders: BTreeSet<PathBuf>,
}

impl AtWork {
    /// Writes it down.
    pub(super) fn note(&self, backups: &Backups) -> Result<(), Failure> {
        let path = backups.beside(NOTE);
        remove(&path)?;
        let text = serde_json::to_vec(self).map_err(|error| of_system(&error.into()))?;
        write_private(&path, &text).map_err(|error| of_system(&error))
    }

    /// Strikes it out: the work has ended.
    pub(super) fn done(backups: &Backups) -> Result<(), Failure> {
        remove(&backups.beside(NOTE))
    }
}

/// Clears away what an earlier program left. Whoever calls this holds the lock of the backups, so nobody is at work.
pub(super) fn sweep(backups: &Backups) -> Result<(), Failure> {
    let Ok(text) = fs::read(backups.beside(NOTE)) else {
        return Ok(());
    };
    // One that was cut off names nothing that matters: no file is touched before it is whole.
    let left: AtWork = serde_json::from_slice(&text).unwrap_or_default();
    for (lock, made) in &left.locks {
        AppLock::clear(lock, *made);
    }
    let entries = left.folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    for entry in entries {
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(TEMPORARY));
        if ours && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            remove(&entry.path())?;
        }
    }
    AtWork::done(backups)
}

fn remove(path: &std::path::Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(of_system(&error)),
        _ => Ok(()),
    }
}
