//! The permissions of a file as a number, where the system has them so.

use std::fs;
use std::path::Path;

use crate::replace::ReplaceError;

/// The permissions of owner, group and others.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have no such number")]
pub(crate) fn mode_of(metadata: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(metadata.permissions().mode() & 0o777)
}

/// The permissions of owner, group and others.
#[cfg(not(unix))]
pub(crate) fn mode_of(_metadata: &fs::Metadata) -> Option<u32> {
    None
}

/// Gives the file these permissions. It is opened first, so that a link put in its place meanwhile is not followed.
#[cfg(unix)]
pub(crate) fn restrict_to(target: &Path, mode: u32) -> Result<(), ReplaceError> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let named = fs::symlink_metadata(target)?;
    let file = fs::File::open(target)?;
    let opened = file.metadata()?;
    if !named.is_file() || (named.dev(), named.ino()) != (opened.dev(), opened.ino()) {
        return Err(ReplaceError::NotAFile);
    }
    Ok(file.set_permissions(fs::Permissions::from_mode(mode))?)
}

/// Gives the file these permissions.
#[cfg(not(unix))]
pub(crate) fn restrict_to(_target: &Path, _mode: u32) -> Result<(), ReplaceError> {
    Err(std::io::Error::from(std::io::ErrorKind::Unsupported).into())
}
