//! What apps stored for sign-ins of their own: read to explain, changed only to mend. No token of another app is ever sent
//! anywhere, and none leaves this module.

mod by_name;
mod claude_code;
mod codex;
mod key;
mod sign_in;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use replug_core::Failure;

pub use self::key::sign_in_key;
use crate::edit::Change;
use crate::entry::{Entry, RemoteServer, Target};
use crate::read::{self, Snapshot};
use crate::{Computer, Dialect, Scan};

/// How sure a finding is, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// What is stored says so.
    Stored,
    /// It follows from what is stored and what is configured.
    Compared,
    /// Nothing known uses it; something unknown may.
    Unused,
}

/// Something wrong with what an app stored.
#[derive(Debug)]
pub struct StoredFinding {
    /// The app's id.
    pub app: &'static str,
    /// What is wrong, with its evidence.
    pub failure: Failure,
    /// The entry it is about, by its name in the app.
    pub server: Option<String>,
    /// How sure it is.
    pub certainty: Certainty,
    /// The file, and the changes that mend it.
    pub file: PathBuf,
    /// SHA-256 of the file as it was looked at.
    pub digest: [u8; 32],
    /// The changes of that file that mend it; none when a person has to act.
    pub changes: Vec<Change>,
    /// Whether the change loses nothing that could still be of use.
    pub safe: bool,
}

/// Looks at what the apps stored, beside what they have configured. `now` is the present time.
pub fn stored_findings(computer: &Computer, scan: &Scan, now: Timestamp) -> Vec<StoredFinding> {
    let mut found = claude_code::findings(computer, scan, now);
    found.extend(codex::findings(computer, scan, now));
    found.extend(by_name::findings(computer, scan, now));
    found.sort_by_key(|finding| finding.certainty);
    found
}

/// The remote entries of an app, wherever they are.
fn remote_entries<'a>(scan: &'a Scan, app: &'a str) -> impl Iterator<Item = (&'a Entry, &'a RemoteServer)> {
    let files = scan.files.iter().filter(move |file| file.app.id == app);
    files.flat_map(|file| &file.entries).filter_map(|entry| match &entry.target {
        Target::Remote(remote) => Some((entry, remote)),
        Target::Local(_) | Target::Unclear => None,
    })
}

/// A file of credentials; `None` when there is none or it cannot be read, which the app itself mends at its next sign-in.
fn stored(path: &Path) -> Option<Snapshot> {
    read::snapshot(path, Dialect::Json).ok().flatten().filter(|snapshot| snapshot.parsed.duplicate.is_none())
}
