//! The moment in which a new file takes the name of the old one. Where the system can exchange two names in one step, a file that
//! somebody wrote in that very moment is noticed and put back.

use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::replace::{ReplaceError, digest_of, sync_folder};

/// How often names are exchanged back while somebody else keeps replacing the file.
const ROUNDS: usize = 100;

/// Gives `temporary` the name `target`, whose bytes have the digest `shown`. `exchanged` is called when it has it.
pub(crate) fn in_place_of(
    temporary: NamedTempFile,
    target: &Path,
    shown: [u8; 32],
    exchanged: &dyn Fn(),
) -> Result<(), ReplaceError> {
    if !exchange(temporary.path(), target).map_err(gone)? {
        drop(temporary.persist(target).map_err(|error| error.error)?);
        exchanged();
        return Ok(sync_beside(target)?);
    }
    exchanged();
    // What was replaced is beside it now, and goes when `temporary` does. Looked at once more after waiting for the disk: a program
    // that had just opened it may not have begun to write.
    let is_as_shown = || digest_of(temporary.path()).map(|digest| digest == Some(shown));
    if is_as_shown()? && sync_beside(target).and_then(|()| is_as_shown())? {
        return Ok(());
    }
    put_back(&temporary, target)
}

/// Waits until the names of a file's folder are on the disk.
fn sync_beside(target: &Path) -> io::Result<()> {
    target.parent().map_or(Ok(()), sync_folder)
}

/// A file that is not there any more is one that changed.
fn gone(error: io::Error) -> ReplaceError {
    if error.kind() == io::ErrorKind::NotFound { ReplaceError::Changed } else { error.into() }
}

/// Gives the name back to the file that was written last, whoever wrote it.
fn put_back(temporary: &NamedTempFile, target: &Path) -> Result<(), ReplaceError> {
    let mut named = identity(&temporary.as_file().metadata()?);
    for _ in 0..ROUNDS {
        let aside = identity(&std::fs::symlink_metadata(temporary.path())?);
        exchange(temporary.path(), target)?;
        if identity(&std::fs::symlink_metadata(temporary.path())?) == named {
            break;
        }
        // Somebody has replaced the file again: that one is newer than the one that was just put there.
        named = aside;
    }
    Err(ReplaceError::Changed)
}

#[cfg(unix)]
fn identity(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn identity(_metadata: &std::fs::Metadata) -> u64 {
    0
}

/// Exchanges two names; `false` when the file system cannot.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_one: &Path, _other: &Path) -> io::Result<bool> {
    Ok(false)
}
