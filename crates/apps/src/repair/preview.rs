//! What a change would do, before it is done: the difference of each file, as exact as it can be without showing a key.

use std::fs;
use std::path::{Path, PathBuf};

use replug_core::Failure;

use super::change::{Deed, FileChange};
use super::diff;
use crate::dialect::Dialect;
use crate::digest::sha256;
use crate::mask::HIDDEN;
use crate::read;
use crate::replace::{ReplaceError, resolved};

/// A repair as it is shown to a person. What is applied is this and nothing else.
#[derive(Debug, Clone)]
pub struct Preview {
    pub(super) files: Vec<FilePreview>,
}

/// One file of a repair.
#[derive(Debug, Clone)]
pub struct FilePreview {
    /// What is done.
    pub change: FileChange,
    /// The file itself, behind all links.
    pub target: PathBuf,
    /// The unified difference, with line numbers; keys are hidden, characters that deceive are written as escapes.
    pub diff: String,
    /// Whether the file said nothing at all.
    pub(super) was_blank: bool,
}

impl Preview {
    /// Works out what these changes do to the files as they are now.
    ///
    /// # Errors
    /// When a file is not a person's own regular file, changed since it was looked at, or cannot be changed safely.
    pub fn of(changes: &[FileChange]) -> Result<Self, Failure> {
        Ok(Self { files: changes.iter().map(FilePreview::of).collect::<Result<_, _>>()? })
    }

    /// The files, in the order in which they are changed.
    pub fn files(&self) -> &[FilePreview] {
        &self.files
    }
}

impl FilePreview {
    fn of(change: &FileChange) -> Result<Self, Failure> {
        let target = resolved(&change.path)?;
        let bytes = read::whole(&target)?;
        let (diff, was_blank) = match &change.deed {
            Deed::Edit(edit) => {
                let text = read::text(bytes.as_deref().map_or(&[][..], Vec::as_slice))?;
                let after = edit.make(text)?.ok_or_else(|| change.overtaken())?;
                let diff = diff::unified(&target, edit.dialect, change.credentials, (text, &after));
                (diff, text.trim().is_empty())
            }
            Deed::MoveAway(shown) => {
                let bytes = bytes.filter(|bytes| sha256(bytes) == *shown);
                let bytes = bytes.ok_or_else(|| change.overtaken())?;
                (moved_away(&target, &bytes), false)
            }
            Deed::Restrict => (restricted(&target)?, false),
        };
        Ok(Self { change: change.clone(), target, diff, was_blank })
    }
}

/// The whole file as lines that go; one that is no JSON is not shown.
fn moved_away(target: &Path, bytes: &[u8]) -> String {
    match read::text(bytes).ok().filter(|text| Dialect::Json.parse(text).is_ok()) {
        Some(text) => diff::unified(target, Dialect::Json, true, (text, "")),
        None => format!("{}-{HIDDEN}\n", diff::heading(target)),
    }
}

#[cfg(unix)]
fn restricted(target: &Path) -> Result<String, Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::symlink_metadata(target).map_err(ReplaceError::from)?;
    let mode = metadata.permissions().mode() & 0o777;
    Ok(format!("{}-mode {mode:03o}\n+mode {:03o}\n", diff::heading(target), mode & 0o700))
}

#[cfg(not(unix))]
fn restricted(target: &Path) -> Result<String, Failure> {
    fs::symlink_metadata(target).map_err(ReplaceError::from)?;
    Err(Failure::new(replug_core::Code::AppFileReadOnly))
}
