//! File locks that hold between processes, never deleted, always bounded: one per connector and purpose, and one for the place of
//! all records. Which place that is, is not known here.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
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

/// Who may hold the place of all records at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Others that work on single records.
    Shared,
    /// Nobody: everything is carried to another place.
    Alone,
}

/// The file that is locked for the place of all records.
pub(crate) const PLACE_LOCK: &str = "place.lock";

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
    // Built from an id, whose alphabet holds nothing that could leave the folder.
    try_file(data_dir, &format!("{id}.{}", purpose.extension()), File::try_lock)
}

/// Takes the place of all records if it is free now. Fails as [`try_lock`] does.
pub(crate) fn try_place(data_dir: &Path, hold: Hold) -> Result<Option<HeldLock>, Failure> {
    let attempt = match hold {
        Hold::Shared => File::try_lock_shared,
        Hold::Alone => File::try_lock,
    };
    try_file(data_dir, PLACE_LOCK, attempt)
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
    wait_for(patience, || try_lock(data_dir, id, purpose)).await
}

/// Takes the place of all records, waiting at most `patience`. Fails as [`lock`] does.
pub(crate) async fn lock_place(data_dir: &Path, hold: Hold, patience: Duration) -> Result<HeldLock, Failure> {
    wait_for(patience, || try_place(data_dir, hold)).await
}

async fn wait_for(
    patience: Duration,
    attempt: impl Fn() -> Result<Option<HeldLock>, Failure>,
) -> Result<HeldLock, Failure> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(held) = attempt()? {
            return Ok(held);
        }
        if Instant::now() >= deadline {
            return Err(Failure::new(Code::LocalBusy).with_fact("Waited", format!("{} s", patience.as_secs())));
        }
        tokio::time::sleep(AGAIN).await;
    }
}

fn try_file(
    data_dir: &Path,
    name: &str,
    attempt: impl FnOnce(&File) -> Result<(), TryLockError>,
) -> Result<Option<HeldLock>, Failure> {
    let folder = data_dir.join("locks");
    let disk = |error: std::io::Error| Failure::new(Code::LocalDisk).with_fact("Lock file", error.to_string());
    std::fs::create_dir_all(&folder).map_err(disk)?;
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(name)).map_err(disk)?;
    match attempt(&file) {
        Ok(()) => Ok(Some(HeldLock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(disk(error)),
    }
}
