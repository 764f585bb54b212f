//! A lock between processes, held on a small empty file. What it guards is decided by whoever holds it.

use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;

use crate::StoreError;

/// A file that exists to be locked. It is never deleted: a process that waits for a deleted file waits for nobody.
#[derive(Debug)]
pub(crate) struct LockFile {
    path: PathBuf,
}

/// Holds the lock until it is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    _file: File,
}

impl LockFile {
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Waits for the lock, without a limit: callers are bounded by the patience of whoever waits for the worker. An error
    /// is never a permission to go on without the lock.
    pub(crate) fn hold(&self) -> Result<Held, StoreError> {
        let failed = |error| StoreError::disk("lock", &self.path, &error);
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&self.path).map_err(failed)?;
        file.lock().map_err(failed)?;
        Ok(Held { _file: file })
    }
}
