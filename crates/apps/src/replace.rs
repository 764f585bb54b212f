//! Putting a changed file in the place of the old one, so that at every moment there is a whole one: the old or the new, and
//! never one that somebody else wrote meanwhile. What the new one says, the app's own lock and the backup are the caller's
//! business.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::digest::sha256;
use crate::swap;

/// How the name of a file begins that is not yet, or no longer, the app's.
pub(crate) const TEMPORARY: &str = ".replug-";

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
    /// It is the same file as one of another name, which replacing would part.
    #[error("it has another name too")]
    OtherNames,
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

/// A moment of a change, in the order in which they come. Whoever watches can look at the disk as it is then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The app's lock is held.
    Locked,
    /// The backup is on the disk.
    BackedUp,
    /// The new bytes are on the disk, beside the file.
    Written,
    /// The file has the new bytes; the old ones are still beside it where the system can exchange two names.
    Exchanged,
    /// Nothing is left to do for this file.
    Replaced,
}

/// How a file is replaced, beside what it becomes.
pub(crate) struct Manner<'a> {
    /// The permissions of the new file; those of the old one when `None`.
    pub(crate) mode: Option<u32>,
    /// Told of each stage.
    pub(crate) reached: &'a dyn Fn(Stage),
}

/// Replaces the file that `path` leads to. A symbolic link stays one; what it points to is replaced.
///
/// The new bytes are on the disk before the name changes hands, and are read back afterwards. Returns where they are.
pub fn replace(path: &Path, wanted: &Wanted<'_>) -> Result<PathBuf, ReplaceError> {
    let target = resolved(path)?;
    replace_in_manner(&target, wanted, &Manner { mode: None, reached: &|_| {} })?;
    Ok(target)
}

/// Replaces `target` itself, which is no link.
pub(crate) fn replace_in_manner(target: &Path, wanted: &Wanted<'_>, manner: &Manner<'_>) -> Result<(), ReplaceError> {
    let old = metadata_of(target)?;
    let folder = target.parent().ok_or(ReplaceError::NotAFile)?;
    let mut temporary = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder)?;
    if let Some(old) = &old {
        check(old, temporary.as_file())?;
    }
    temporary.write_all(wanted.bytes)?;
    set_permissions(temporary.as_file(), old.as_ref(), wanted.secret, manner.mode)?;
    temporary.as_file().sync_all()?;
    (manner.reached)(Stage::Written);
    // As late as can be: whoever wrote since the file was shown wins.
    if digest_of(target)? != wanted.shown {
        return Err(ReplaceError::Changed);
    }
    if let Some(shown) = wanted.shown {
        swap::in_place_of(temporary, target, shown, &|| (manner.reached)(Stage::Exchanged))?;
    } else {
        drop(temporary.persist_noclobber(target).map_err(|error| taken(error.error))?);
        sync_folder(folder)?;
    }
    if digest_of(target)? != Some(sha256(wanted.bytes)) {
        return Err(ReplaceError::Changed);
    }
    (manner.reached)(Stage::Replaced);
    Ok(())
}

/// Takes a file away, as long as its bytes have this digest.
pub(crate) fn take_away(target: &Path, shown: [u8; 32]) -> Result<(), ReplaceError> {
    let old = metadata_of(target)?.ok_or(ReplaceError::Changed)?;
    let folder = target.parent().ok_or(ReplaceError::NotAFile)?;
    let aside = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder)?;
    check(&old, aside.as_file())?;
    // Under another name nobody writes it any more, so that what is looked at is what goes.
    fs::rename(target, aside.path())?;
    if digest_of(aside.path())? != Some(shown) {
        drop(aside.persist_noclobber(target).map_err(|error| taken(error.error))?);
        return Err(ReplaceError::Changed);
    }
    drop(aside);
    Ok(sync_folder(folder)?)
}

/// Follows links to the file itself, or to the place where one is to be made.
pub(crate) fn resolved(path: &Path) -> Result<PathBuf, ReplaceError> {
    match fs::canonicalize(path) {
        Ok(target) => Ok(target),
        Err(error) if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(path).is_err() => {
            let folder = path.parent().ok_or(ReplaceError::NotAFile)?;
            Ok(fs::canonicalize(folder)?.join(path.file_name().ok_or(ReplaceError::NotAFile)?))
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn metadata_of(target: &Path) -> Result<Option<fs::Metadata>, ReplaceError> {
    match fs::symlink_metadata(target) {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata)),
        Ok(_) => Err(ReplaceError::NotAFile),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn digest_of(target: &Path) -> io::Result<Option<[u8; 32]>> {
    match fs::read(target) {
        Ok(bytes) => Ok(Some(sha256(&bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Somebody made the file in the meantime.
fn taken(error: io::Error) -> ReplaceError {
    if error.kind() == io::ErrorKind::AlreadyExists { ReplaceError::Changed } else { error.into() }
}

/// Whether the old file may be replaced by one that was just made by the person this program runs for.
#[cfg(unix)]
fn check(old: &fs::Metadata, ours: &File) -> Result<(), ReplaceError> {
    use std::os::unix::fs::MetadataExt as _;
    if old.uid() != ours.metadata()?.uid() {
        return Err(ReplaceError::NotOurs);
    }
    if old.nlink() > 1 {
        return Err(ReplaceError::OtherNames);
    }
    writable(old)
}

#[cfg(not(unix))]
fn check(old: &fs::Metadata, _ours: &File) -> Result<(), ReplaceError> {
    writable(old)
}

fn writable(old: &fs::Metadata) -> Result<(), ReplaceError> {
    if old.permissions().readonly() { Err(io::Error::from(io::ErrorKind::PermissionDenied).into()) } else { Ok(()) }
}

/// Gives a new file the permissions of the old one. What was for a group stays for that very group, or for nobody.
#[cfg(unix)]
fn set_permissions(new: &File, old: Option<&fs::Metadata>, secret: bool, mode: Option<u32>) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt as _};
    let Some(wanted) = mode.or_else(|| old.map(|old| old.permissions().mode())) else {
        return Ok(());
    };
    let mut mode = wanted & if secret { 0o700 } else { 0o777 };
    if let Some(group) = old.map(MetadataExt::gid).filter(|group| new.metadata().is_ok_and(|new| new.gid() != *group))
        && std::os::unix::fs::fchown(new, None, Some(group)).is_err()
    {
        mode &= 0o707;
    }
    new.set_permissions(Permissions::from_mode(mode))
}

/// The folder's access list decides here; a new file inherits it.
#[cfg(not(unix))]
fn set_permissions(new: &File, old: Option<&fs::Metadata>, _secret: bool, _mode: Option<u32>) -> io::Result<()> {
    old.map_or(Ok(()), |old| new.set_permissions(old.permissions()))
}

#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(crate) fn sync_folder(_folder: &Path) -> io::Result<()> {
    // Windows opens no folders as files; its file systems journal the rename.
    Ok(())
}
