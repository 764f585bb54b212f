//! What apps stored for sign-ins of their own: read to explain, changed only to mend. No token of another app is ever sent
//! anywhere, and none leaves this module.

mod amazon_q;
mod by_address;
mod by_name;
mod claude_code;
mod cline;
mod codex;
mod copilot;
mod cursor;
mod exposed;
mod groups;
mod invocation;
mod key;
mod mcp_remote;
mod sign_in;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use replug_core::{Code, Failure};

pub use self::key::sign_in_key;
use crate::edit::{Change, Step};
use crate::entry::{Entry, RemoteServer, Target};
use crate::read::{self, Snapshot};
use crate::repair::Edit;
use crate::value::Value;
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
    /// The same changes, tied to what they are about.
    edit: Option<Edit>,
    /// What happens to whole files instead.
    pub(crate) whole: Vec<WholeFile>,
    /// The folder in which the app uses this sign-in, when that is only one.
    pub(crate) folder: Option<PathBuf>,
}

/// What mends a finding without changing what a file says.
#[derive(Debug, Clone)]
pub(crate) enum WholeFile {
    /// It goes into the backup, while it has this SHA-256.
    MoveAway(PathBuf, [u8; 32]),
    /// Only its owner may read it.
    Restrict(PathBuf),
}

impl StoredFinding {
    /// A finding about a file, or about the first of several, that nothing mends yet.
    fn new(app: &'static str, failure: impl Into<Failure>, certainty: Certainty, file: (&Path, [u8; 32])) -> Self {
        Self {
            app,
            failure: failure.into(),
            server: None,
            certainty,
            file: file.0.to_path_buf(),
            digest: file.1,
            changes: Vec::new(),
            safe: false,
            edit: None,
            whole: Vec::new(),
            folder: None,
        }
    }

    /// About this entry of the app; one without a name is about none.
    fn of_server(self, name: &str) -> Self {
        Self { server: (!name.is_empty()).then(|| name.to_owned()), ..self }
    }

    /// Mended by this change of a file that says `value`; it is made while what stands at `about` is the same.
    fn mended_by(self, dialect: Dialect, value: &Value, about: Vec<Step>, change: Change) -> Self {
        let edit = Some(Edit::new(dialect, value, about, vec![change.clone()]));
        Self { changes: vec![change], edit, ..self }
    }

    /// Mended by this, done to whole files.
    fn mended_whole(self, whole: Vec<WholeFile>) -> Self {
        Self { whole, ..self }
    }

    /// Loses nothing when it is mended.
    fn safely(self, safe: bool) -> Self {
        Self { safe, ..self }
    }

    /// What nothing seems to use may be used by an entry in a file that could not be read: then nothing is offered.
    fn unless_unread(self, scan: &Scan) -> Self {
        let anywhere = crate::app(self.app).is_none();
        let unread = scan.files.iter().any(|file| file.problem.is_some() && (anywhere || file.app.id == self.app));
        if self.certainty == Certainty::Stored || !unread {
            return self;
        }
        let failure = Failure { code: Code::AppCannotVerify, ..self.failure };
        Self {
            failure,
            certainty: Certainty::Unused,
            changes: Vec::new(),
            edit: None,
            whole: Vec::new(),
            safe: false,
            ..self
        }
    }

    pub(crate) fn edit(&self) -> Option<Edit> {
        self.edit.clone()
    }
}

/// Looks at what the apps stored, beside what they have configured. `now` is the present time.
pub fn stored_findings(computer: &Computer, scan: &Scan, now: Timestamp) -> Vec<StoredFinding> {
    let mut found = claude_code::findings(computer, scan, now);
    found.extend(codex::findings(computer, scan, now));
    found.extend(by_name::findings(computer, scan, now));
    found.extend(by_address::findings(computer, scan, now));
    found.extend(cline::findings(scan));
    found.extend(cursor::findings(computer, scan, now));
    found.extend(copilot::findings(computer, scan));
    found.extend(amazon_q::findings(computer, scan));
    found.extend(mcp_remote::findings(computer, scan));
    found.extend(exposed::findings(computer, scan));
    let mut found: Vec<StoredFinding> = found.into_iter().map(|finding| finding.unless_unread(scan)).collect();
    found.sort_by_key(|finding| finding.certainty);
    found
}

/// The remote entries of an app, wherever they are.
fn remote_entries<'a>(scan: &'a Scan, app: &'a str) -> impl Iterator<Item = (&'a Entry, &'a RemoteServer)> {
    let files = scan.files.iter().filter(move |file| file.app.id == app);
    files.flat_map(|file| &file.entries).filter_map(|entry| match &entry.target {
        Target::Remote(remote) => Some((entry, remote)),
        Target::Local(_) | Target::BuiltIn | Target::Unclear => None,
    })
}

/// A file of credentials; `None` when there is none or it cannot be read, which the app itself mends at its next sign-in.
fn stored(path: &Path) -> Option<Snapshot> {
    read::snapshot(path, Dialect::Json).ok().flatten().filter(|snapshot| snapshot.parsed.duplicate.is_none())
}
