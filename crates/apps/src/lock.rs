//! The locks by which apps keep each other from writing: a folder beside the file, or a lock on a file. Replug takes them for
//! the moment of a change, and removes only what it made itself.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

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

/// Where an app's lock for one of its files is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LockPlace {
    /// The app has none.
    None,
    /// A folder that whoever writes makes, as `proper-lockfile` does.
    Folder(PathBuf),
    /// A file that whoever writes locks.
    File(PathBuf),
}

impl LockPlace {
    /// The lock of this app's file, as of Claude Code 2.1.329, Codex 0.169 and the Cline and Roo of their day.
    pub(crate) fn of(app: &str, file: &Path) -> Self {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match (app, name) {
            ("claude-code", ".claude.json") | ("cline" | "roo-code", _) => {
                Self::Folder(file.with_file_name(format!("{name}.lock")))
            }
            ("claude-code", ".credentials.json") => Self::Folder(file.with_file_name(".storage-write.lock")),
            ("codex", ".credentials.json") => {
                Self::File(file.with_file_name("mcp-oauth-locks").join("file-store.lock"))
            }
            _ => Self::None,
        }
    }

    /// Takes the lock, when there is one.
    pub(crate) fn take(&self, patience: Duration) -> Result<Option<AppLock>, LockError> {
        match self {
            Self::None => Ok(None),
            Self::Folder(path) => AppLock::folder(path, patience).map(Some),
            Self::File(path) => {
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder)?;
                }
                AppLock::file(path, patience).map(Some)
            }
        }
    }
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

impl AppLock {
    /// The folder that stands for the lock, and when it was made: enough to know it again after a crash.
    pub(crate) fn mark(&self) -> Option<(PathBuf, SystemTime)> {
        let Held::Folder(path) = &self.held else { return None };
        Some((path.clone(), fs::symlink_metadata(path).ok()?.modified().ok()?))
    }

    /// Takes away the folder that a program of ours left when it was killed, and no other one.
    pub(crate) fn clear(path: &Path, made: SystemTime) {
        if fs::symlink_metadata(path).and_then(|metadata| metadata.modified()).is_ok_and(|modified| modified == made) {
            // One that cannot be removed stays as busy as it was.
            let _ = fs::remove_dir(path);
        }
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
