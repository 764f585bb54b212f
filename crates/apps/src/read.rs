//! Reading an app's file without touching it: bounded, as the bytes are, with what is needed to notice a change later.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::dialect::{Dialect, ParseError, Parsed};
use crate::digest::sha256;

/// The largest file that is read.
pub const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// A file as it was at one moment.
#[derive(Debug)]
pub struct Snapshot {
    /// Where it was found.
    pub path: PathBuf,
    /// When it was last written, where the system says so.
    pub modified: Option<SystemTime>,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// What it says.
    pub parsed: Parsed,
}

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// The system does not let it be read.
    #[error("it cannot be opened: {0}")]
    Unreadable(io::ErrorKind),
    /// A folder, a pipe or a device.
    #[error("it is not a regular file")]
    NotAFile,
    /// It came with a project and is a link to a file outside of it.
    #[error("it is a link that leads out of the project")]
    LeadsOut,
    /// Larger than [`MAX_BYTES`].
    #[error("it is larger than 8 MiB")]
    TooLarge,
    /// Not UTF-8.
    #[error("it is not UTF-8 text")]
    NotText,
    /// Not in the app's dialect.
    #[error("{0}")]
    Malformed(#[from] ParseError),
    /// The place of the entries holds something else.
    #[error("`{key}` is {found}, not an object")]
    NotEntries {
        /// The key.
        key: String,
        /// What is there.
        found: &'static str,
    },
}

/// Reads a file; `None` when there is none.
pub(crate) fn snapshot(path: &Path, dialect: Dialect) -> Result<Option<Snapshot>, FileProblem> {
    let (bytes, modified) = match bytes_of(path) {
        Ok(read) => read,
        Err(FileProblem::Unreadable(io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)) => return Ok(None),
        Err(problem) => return Err(problem),
    };
    let parsed = dialect.parse(text(&bytes)?)?;
    Ok(Some(Snapshot { path: path.to_path_buf(), modified, digest: sha256(&bytes), parsed }))
}

/// The bytes of a file; `None` when there is none.
pub(crate) fn whole(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, FileProblem> {
    match bytes_of(path) {
        Ok((bytes, _)) => Ok(Some(bytes)),
        Err(FileProblem::Unreadable(io::ErrorKind::NotFound)) => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// The bytes as text.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, FileProblem> {
    std::str::from_utf8(bytes).map_err(|_| FileProblem::NotText)
}

fn bytes_of(path: &Path) -> Result<(Zeroizing<Vec<u8>>, Option<SystemTime>), FileProblem> {
    let unreadable = |error: io::Error| FileProblem::Unreadable(error.kind());
    // Asked before it is opened: opening a pipe would wait for a writer.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(FileProblem::NotAFile);
    }
    let file = fs::File::open(path).map_err(unreadable)?;
    let modified = file.metadata().and_then(|metadata| metadata.modified()).ok();
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(FileProblem::TooLarge);
    }
    Ok((bytes, modified))
}
