//! File locks that hold between processes: one per connector and purpose, never deleted, always bounded.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use replug_core::{Code, ConnectorId, Failure};
use tokio::time::Instant;

/// How often a taken lock is tried again.
const AGAIN: Duration = Duration::from_millis(25);

/// What a lock protects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Reading, renewing and writing a connector's record.
    Record,
    /// A sign-in attempt.
    SignIn,
}

impl Purpose {
    const fn extension(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::SignIn => "sign-in",
        }
    }
}

/// A lock that is held. It opens when this is dropped, or when the process ends in whatever way.
#[derive(Debug)]
pub(crate) struct HeldLock {
    // Held for its effect: closing the file opens the lock.
    _file: File,
}

/// Takes a lock if it is free now.
///
/// Fails with `RPL-LOCAL-DISK` when the lock file cannot be opened: that is never permission to go on without it.
pub(crate) fn try_lock(data_dir: &Path, id: &ConnectorId, purpose: Purpose) -> Result<Option<HeldLock>, Failure> {
    let path = lock_path(data_dir, id, purpose);
    let disk = |error: std::io::Error| Failure::new(Code::LocalDisk).with_fact("Lock file", error.to_string());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(disk)?;
    }
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(disk)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(HeldLock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(disk(error)),
    }
}

/// Takes a lock, waiting at most `patience` for another process to let go of it.
///
/// Fails with `RPL-LOCAL-BUSY` when the wait is over.
pub(crate) async fn lock(
    data_dir: &Path,
    id: &ConnectorId,
    purpose: Purpose,
    patience: Duration,
) -> Result<HeldLock, Failure> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(held) = try_lock(data_dir, id, purpose)? {
            return Ok(held);
        }
        if Instant::now() >= deadline {
            return Err(Failure::new(Code::LocalBusy).with_fact("Waited", format!("{} s", patience.as_secs())));
        }
        tokio::time::sleep(AGAIN).await;
    }
}

fn lock_path(data_dir: &Path, id: &ConnectorId, purpose: Purpose) -> PathBuf {
    // Built from an id, whose alphabet holds nothing that could leave the folder.
    data_dir.join("locks").join(format!("{id}.{}", purpose.extension()))
}
