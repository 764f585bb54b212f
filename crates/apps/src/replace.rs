//! Putting a changed file in the place of the old one, so that at every moment there is a whole one: the old or the new.
//! What the new one says, the app's own lock and the backup are the caller's business.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// What a file must be before it is replaced, and what it becomes.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// SHA-256 of the bytes that were shown to the person; `None` when there was no file.
    pub shown: Option<[u8; 32]>,
    /// The new bytes.
    pub bytes: &'a [u8],
    /// Whether it holds tokens: then nobody else may read it, whatever the old one allowed.
    pub secret: bool,
}

/// Why a file was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// A folder, a pipe, a device.
    #[error("it is not a regular file")]
    NotAFile,
    /// Another user owns it.
    #[error("it belongs to another user")]
    NotOurs,
    /// It is not the file that was shown.
    #[error("it changed meanwhile")]
    Changed,
    /// The system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Replaces the file that `path` leads to. A symbolic link stays one; what it points to is replaced.
///
/// The new bytes are on the disk before the name changes hands, and are read back afterwards. Returns where they are.
pub fn replace(path: &Path, wanted: &Wanted<'_>) -> Result<PathBuf, ReplaceError> {
    let target = resolved(path)?;
    let old = metadata_of(&target)?;
    let folder = target.parent().ok_or(ReplaceError::NotAFile)?;
    let mut temporary = tempfile::Builder::new().prefix(".replug-").tempfile_in(folder)?;
    if let Some(old) = &old {
        if !same_owner(old, &temporary.as_file().metadata()?) {
            return Err(ReplaceError::NotOurs);
        }
        if old.permissions().readonly() {
            return Err(io::Error::from(io::ErrorKind::PermissionDenied).into());
        }
        temporary.as_file().set_permissions(permissions(old, wanted.secret))?;
    }
    temporary.write_all(wanted.bytes)?;
    temporary.as_file().sync_all()?;
    // As late as can be: whoever wrote since the file was shown wins.
    if digest_of(&target)? != wanted.shown {
        return Err(ReplaceError::Changed);
    }
    match wanted.shown {
        Some(_) => drop(temporary.persist(&target).map_err(|error| error.error)?),
        None => drop(temporary.persist_noclobber(&target).map_err(|error| taken(error.error))?),
    }
    sync_folder(folder)?;
    if digest_of(&target)? == Some(Sha256::digest(wanted.bytes).into()) {
        Ok(target)
    } else {
        Err(ReplaceError::Changed)
    }
}

/// Follows links to the file itself, or to the place where one is to be made.
fn resolved(path: &Path) -> Result<PathBuf, ReplaceError> {
    match fs::canonicalize(path) {
        Ok(target) => Ok(target),
        Err(error) if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(path).is_err() => {
            let folder = path.parent().ok_or(ReplaceError::NotAFile)?;
            Ok(fs::canonicalize(folder)?.join(path.file_name().ok_or(ReplaceError::NotAFile)?))
        }
        Err(error) => Err(error.into()),
    }
}

fn metadata_of(target: &Path) -> Result<Option<fs::Metadata>, ReplaceError> {
    match fs::symlink_metadata(target) {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata)),
        Ok(_) => Err(ReplaceError::NotAFile),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn digest_of(target: &Path) -> io::Result<Option<[u8; 32]>> {
    match fs::read(target) {
        Ok(bytes) => Ok(Some(Sha256::digest(bytes).into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Somebody made the file in the meantime.
fn taken(error: io::Error) -> ReplaceError {
    if error.kind() == io::ErrorKind::AlreadyExists { ReplaceError::Changed } else { error.into() }
}

#[cfg(unix)]
fn permissions(old: &fs::Metadata, secret: bool) -> Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = old.permissions().mode() & 0o777;
    Permissions::from_mode(if secret { mode & 0o700 } else { mode })
}

#[cfg(not(unix))]
fn permissions(old: &fs::Metadata, _secret: bool) -> Permissions {
    // The folder's access list decides here; a new file inherits it.
    old.permissions()
}

/// The owner of a file that was just made is the person this program runs for.
#[cfg(unix)]
fn same_owner(old: &fs::Metadata, ours: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    old.uid() == ours.uid()
}

#[cfg(not(unix))]
const fn same_owner(_old: &fs::Metadata, _ours: &fs::Metadata) -> bool {
    true
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    // Windows opens no folders as files; its file systems journal the rename.
    Ok(())
}
