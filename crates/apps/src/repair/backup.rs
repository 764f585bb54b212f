//! Backups of changed files: bytes, permissions, what was done and when. They are kept for a while, those with keys for a week.
//! Putting one back is done elsewhere.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use replug_core::{Code, Failure};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::digest::{hex, sha256};
use crate::failure::of_system;
use crate::lock::{AppLock, LOCK_PATIENCE, LockError};
use crate::replace::sync_folder;

/// How long the backup of a file with keys in it is kept.
pub const SECRETS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many changes can be taken back.
pub const CHANGES_KEPT: usize = 50;
const MANIFEST: &str = "manifest.json";
const LOCK: &str = "lock";
/// Of each kind of name that this module writes, how it begins.
const CHANGE: &str = "change-";

/// The folder with the backups.
#[derive(Debug, Clone)]
pub struct Backups {
    folder: PathBuf,
}

/// A change that can be taken back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Backup {
    /// Names it.
    pub id: String,
    /// When the change was made.
    pub at: Timestamp,
    /// The app's id.
    pub app: String,
    /// The finding's code.
    pub finding: String,
    /// The files, in the order in which they were changed.
    pub files: Vec<KeptFile>,
}

/// One file of a backup.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeptFile {
    /// The file, as the app names it.
    pub named: PathBuf,
    /// The file itself, behind all links.
    pub path: PathBuf,
    /// What it was; `None` when there was none.
    pub before: Option<Kept>,
    /// What it became; `None` when it was taken away.
    pub after: Option<Kept>,
    /// Whether keys are or may be in it.
    pub secret: bool,
}

/// Bytes and permissions of a file at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// SHA-256 in hexadecimal digits.
    pub digest: String,
    /// The permissions, where the system has them as a number.
    pub mode: Option<u32>,
}

impl Backups {
    /// Uses `folder`, which is made for the person alone.
    pub fn open(folder: &Path) -> Result<Self, Failure> {
        make_private(folder).map_err(|error| of_system(&error))?;
        Ok(Self { folder: folder.to_path_buf() })
    }

    /// Keeps every other Replug from changing files.
    pub(super) fn lock(&self) -> Result<AppLock, Failure> {
        AppLock::file(&self.folder.join(LOCK), LOCK_PATIENCE).map_err(|error| match error {
            LockError::Busy => Failure::new(Code::LocalBusy),
            other @ LockError::Io(_) => other.into(),
        })
    }

    /// A file beside the backups.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The changes that can be taken back, the newest first. One whose description cannot be read is left out.
    pub fn list(&self) -> Result<Vec<Backup>, Failure> {
        let mut found: Vec<Backup> = self.folders()?.iter().filter_map(|folder| read(folder)).collect();
        found.sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
        Ok(found)
    }

    /// The change with this name.
    pub fn find(&self, id: &str) -> Result<Option<Backup>, Failure> {
        // Looked up, never made a path of: the name comes from a person.
        Ok(self.list()?.into_iter().find(|backup| backup.id == id))
    }

    /// Drops what is too old or too much, and what a killed program left half written. Returns how many changes went.
    pub fn expire(&self, now: Timestamp) -> Result<usize, Failure> {
        let _held = self.lock()?;
        let kept = self.list()?;
        let too_old = |backup: &Backup| {
            backup.files.iter().any(|file| file.secret) && now.duration_since(backup.at) >= SECRETS_KEPT
        };
        let gone = kept.iter().enumerate().filter(|(index, backup)| *index >= CHANGES_KEPT || too_old(backup));
        let mut count = 0;
        for (_, backup) in gone {
            self.drop_one(backup)?;
            count += 1;
        }
        for folder in self.folders()?.iter().filter(|folder| read(folder).is_none()) {
            fs::remove_dir_all(folder).map_err(|error| of_system(&error))?;
        }
        Ok(count)
    }

    /// Writes a backup, whole or not at all. `bytes` are those of the files that have a `before`, in their order.
    pub(super) fn keep(&self, mut backup: Backup, bytes: &[Option<Zeroizing<Vec<u8>>>]) -> Result<Backup, Failure> {
        let write = |backup: &mut Backup| -> io::Result<()> {
            let folder = self.new_folder(backup)?;
            for (index, bytes) in bytes.iter().enumerate() {
                if let Some(bytes) = bytes {
                    write_private(&folder.join(index.to_string()), bytes)?;
                }
            }
            // Last: a folder without it is no backup.
            write_private(&folder.join(MANIFEST), &serde_json::to_vec_pretty(backup)?)?;
            sync_folder(&folder)?;
            sync_folder(&self.folder)
        };
        write(&mut backup).map_err(|error| of_system(&error))?;
        Ok(backup)
    }

    /// The bytes of the file with this number in a backup, if they are still those that were put there.
    pub(super) fn bytes(&self, backup: &Backup, index: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let path = self.folder.join(&backup.id).join(index.to_string());
        let bytes = Zeroizing::new(fs::read(path).map_err(|error| of_system(&error))?);
        let wanted = backup.files.get(index).and_then(|file| file.before.as_ref());
        if wanted.is_none_or(|kept| kept.digest != hex(&sha256(&bytes))) {
            return Err(Failure::new(Code::LocalDisk).with_fact("Why", "the backup is damaged"));
        }
        Ok(bytes)
    }

    pub(super) fn drop_one(&self, backup: &Backup) -> Result<(), Failure> {
        fs::remove_dir_all(self.folder.join(&backup.id)).map_err(|error| of_system(&error))
    }

    /// A folder of its own for a change: its time, and a number when two have the same.
    fn new_folder(&self, backup: &mut Backup) -> io::Result<PathBuf> {
        for number in 0_u32.. {
            backup.id = format!("{CHANGE}{}-{number}", backup.at.as_millisecond());
            let folder = self.folder.join(&backup.id);
            match make_new_private(&folder) {
                Ok(()) => return Ok(folder),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    fn folders(&self) -> Result<Vec<PathBuf>, Failure> {
        let entries = fs::read_dir(&self.folder).map_err(|error| of_system(&error))?;
        let ours = |entry: &fs::DirEntry| {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            is_folder && entry.file_name().to_str().is_some_and(|name| name.starts_with(CHANGE))
        };
        Ok(entries.flatten().filter(ours).map(|entry| entry.path()).collect())
    }
}

/// A backup whose description names the folder that it lies in.
fn read(folder: &Path) -> Option<Backup> {
    let backup: Backup = serde_json::from_slice(&fs::read(folder.join(MANIFEST)).ok()?).ok()?;
    (folder.file_name()?.to_str()? == backup.id).then_some(backup)
}

fn make_private(folder: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    match make_new_private(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => only_for_owner(folder),
        other => other,
    }
}

#[cfg(unix)]
fn make_new_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_new_private(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)
}

#[cfg(unix)]
fn only_for_owner(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn only_for_owner(_folder: &Path) -> io::Result<()> {
    // The access list of the data folder holds here.
    Ok(())
}

/// Writes a new file that only its owner can read, and waits for the disk.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
