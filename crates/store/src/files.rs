//! The data folder: what lies where, who may read it, and the locks between processes. What is in the database is not here.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use crate::StoreError;

/// How long to wait before another try at a lock.
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// The data folder, as far as the database is concerned.
pub(crate) struct Folder {
    root: PathBuf,
}

/// What a lock is taken for.
#[derive(Clone, Copy)]
pub(crate) enum Hold {
    /// Together with others of this kind.
    Shared,
    /// Alone.
    Exclusive,
}

impl Folder {
    /// Makes the folder and its sub-folders, for this user only, where they do not exist.
    pub(crate) fn prepare(root: &Path) -> Result<Self, StoreError> {
        for path in [root.to_path_buf(), root.join("locks"), root.join("backups")] {
            private_folder(&path).map_err(|error| StoreError::file("create", &path, error))?;
        }
        Ok(Self { root: root.to_path_buf() })
    }

    /// The database.
    pub(crate) fn database(&self) -> PathBuf {
        self.root.join("replug.db")
    }

    /// A complete new database that waits to take the old one's place.
    pub(crate) fn successor(&self) -> PathBuf {
        self.root.join("replug.db.new")
    }

    /// A new database that is not complete yet.
    pub(crate) fn unfinished(&self) -> PathBuf {
        self.root.join("replug.db.unfinished")
    }

    /// Where the copy goes that is kept before a migration from `version`.
    pub(crate) fn backup(&self, version: i64, at: Timestamp) -> PathBuf {
        unused(&self.root.join("backups").join(format!("replug-schema-{version}-{}.db", stamp(at))))
    }

    /// Where a damaged database is kept.
    pub(crate) fn damaged(&self, at: Timestamp) -> PathBuf {
        unused(&self.root.join(format!("replug.db.damaged-{}", stamp(at))))
    }

    /// Takes a lock between processes and waits for it no longer than `patience`. It ends with the returned file.
    ///
    /// A lock file is never deleted: a second file of the same name would be a second lock.
    pub(crate) async fn lock(&self, name: &str, hold: Hold, patience: Duration) -> Result<File, StoreError> {
        let path = self.root.join("locks").join(name);
        let file = private_file(&path).map_err(|error| StoreError::file("open", &path, error))?;
        let deadline = Instant::now() + patience;
        loop {
            let taken = match hold {
                Hold::Shared => file.try_lock_shared(),
                Hold::Exclusive => file.try_lock(),
            };
            match taken {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(LOCK_PAUSE).await,
                Err(TryLockError::WouldBlock) => return Err(StoreError::Busy),
                Err(TryLockError::Error(error)) => return Err(StoreError::file("lock", &path, error)),
            }
        }
    }

    /// Makes renames inside the folder survive a power cut, where the system can be asked to.
    pub(crate) fn sync(&self) -> Result<(), StoreError> {
        sync_folder(&self.root).map_err(|error| StoreError::file("sync", &self.root, error))
    }
}

/// The file that SQLite keeps beside `database` under this ending.
pub(crate) fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Makes sure that `path` exists and, when it is new, that nobody else can read it.
pub(crate) fn create_private(path: &Path) -> Result<File, StoreError> {
    private_file(path).map_err(|error| StoreError::file("create", path, error))
}

/// Whether there is something at `path`.
pub(crate) fn exists(path: &Path) -> Result<bool, StoreError> {
    path.try_exists().map_err(|error| StoreError::file("look for", path, error))
}

/// Renames a file.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    std::fs::rename(from, to).map_err(|error| StoreError::file("rename", from, error))
}

/// Deletes a file, if there is one.
pub(crate) fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::file("remove", path, error)),
        _ => Ok(()),
    }
}

/// Waits until a file's content is on the disk.
pub(crate) fn sync_file(path: &Path) -> Result<(), StoreError> {
    let synced = OpenOptions::new().write(true).open(path).and_then(|file| file.sync_all());
    synced.map_err(|error| StoreError::file("sync", path, error))
}

/// A time as it can stand in a file's name on every system.
fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// `path`, or the first of `path-2`, `path-3`, … that does not exist: what is kept is never overwritten.
fn unused(path: &Path) -> PathBuf {
    let later = (2_u32..).map(|number| beside(path, &format!("-{number}")));
    std::iter::once(path.to_path_buf()).chain(later).find(|path| !path.exists()).unwrap_or_else(|| path.to_path_buf())
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Elsewhere a folder cannot be opened as a file, and the file system orders its own renames.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the signature is that of the other systems")]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}
