//! The locks by which apps keep each other from writing: a folder beside the file, or a lock on a file. Replug takes them for
//! the moment of a change, and removes only what it made itself.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long another holder is waited for: longer, and the app itself gives up saving.
pub const LOCK_PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(50);

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub struct AppLock {
    held: Held,
}

#[derive(Debug)]
enum Held {
    Folder(PathBuf),
    File(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File),
}

/// Why a lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody held it the whole time.
    #[error("the app holds its lock")]
    Busy,
    /// The system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl AppLock {
    /// Makes the folder `path`, as `proper-lockfile` does; waits at most `patience` for another holder, and never takes a
    /// lock away from one, however old it is.
    pub fn folder(path: &Path, patience: Duration) -> Result<Self, LockError> {
        patiently(patience, || match fs::create_dir(path) {
            Ok(()) => Ok(Some(Self { held: Held::Folder(path.to_path_buf()) })),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(error.into()),
        })
    }

    /// Locks the file `path`, which is made when it is missing and left behind; waits at most `patience`.
    pub fn file(path: &Path, patience: Duration) -> Result<Self, LockError> {
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        patiently(patience, || match file.try_lock() {
            Ok(()) => Ok(Some(Self { held: Held::File(file.try_clone()?) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error.into()),
        })
    }
}

fn patiently(
    patience: Duration,
    mut attempt: impl FnMut() -> Result<Option<AppLock>, LockError>,
) -> Result<AppLock, LockError> {
    let began = Instant::now();
    loop {
        if let Some(lock) = attempt()? {
            return Ok(lock);
        }
        if began.elapsed() >= patience {
            return Err(LockError::Busy);
        }
        std::thread::sleep(PAUSE);
    }
}

impl Drop for AppLock {
    fn drop(&mut self) {
        if let Held::Folder(path) = &self.held {
            // Nothing can be done when it fails, and the app takes a stale one over by itself.
            let _ = fs::remove_dir(path);
        }
    }
}
