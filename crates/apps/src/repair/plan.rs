//! What can be done about a finding, the gentlest way first: the app's own command, steps in the app's own window, or a change
//! of its files. Nothing is done here.

use std::path::PathBuf;

use replug_core::{Code, Failure};

use super::change::{Deed, Edit, FileChange};
use super::snippet;
use crate::credentials::{StoredFinding, WholeFile};
use crate::edit::{Change, Step};
use crate::entry::Entry;
use crate::rules::Remark;
use crate::scan::{FoundFile, Scope};
use crate::table::{self, ClientApp};

/// How a finding can be mended.
#[derive(Debug, Clone)]
pub struct Repair {
    /// The app's id.
    pub app: &'static str,
    /// What it mends.
    pub code: Code,
    /// The ways to do it, the preferred one first; none when only the person can tell.
    pub ways: Vec<Way>,
    /// Whether it loses nothing that could still be of use.
    pub safe: bool,
    /// Whether the app should be quit first: it writes back what it read at its start.
    pub quit_first: bool,
}

/// One way to mend something.
#[derive(Debug, Clone)]
pub enum Way {
    /// The app's own command. Replug shows it; whoever runs it decides to.
    Command(AppCommand),
    /// What a person does in the app.
    Steps(String),
    /// Changes of files; see [`crate::Preview`].
    Files(Vec<FileChange>),
    /// Lines to paste, for a file that Replug does not write.
    Snippet {
        /// The file they belong in.
        file: PathBuf,
        /// The lines.
        text: String,
    },
}

/// A command as data. No part of it comes from an entry but the server's name, which is one argument and never an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppCommand {
    /// The program, to be looked up as a shell would.
    pub program: &'static str,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The folder it has to be run in, when that matters.
    pub folder: Option<PathBuf>,
}

impl StoredFinding {
    /// What can be done about it.
    pub fn repair(&self) -> Repair {
        let files = self.file_changes();
        let mut ways: Vec<Way> = self.command().map(Way::Command).into_iter().collect();
        ways.extend(steps_for_sign_in(self).map(Way::Steps));
        if !files.is_empty() {
            ways.push(Way::Files(files));
        }
        Repair { app: self.app, code: self.failure.code, ways, safe: self.safe, quit_first: writes_back(self.app) }
    }

    fn file_changes(&self) -> Vec<FileChange> {
        let change = |path: &PathBuf, deed| FileChange { app: self.app, path: path.clone(), deed, credentials: true };
        if let Some(edit) = self.edit() {
            return vec![change(&self.file, Deed::Edit(edit))];
        }
        self.whole
            .iter()
            .map(|whole| match whole {
                WholeFile::MoveAway(path, shown) => change(path, Deed::MoveAway(*shown)),
                WholeFile::Restrict(path) => change(path, Deed::Restrict),
            })
            .collect()
    }

    /// The app's own way to forget one sign-in. It cannot name those that no entry has.
    fn command(&self) -> Option<AppCommand> {
        let program = match self.app {
            "claude-code" => "claude",
            "codex" => "codex",
            _ => return None,
        };
        let named = matches!(self.failure.code, Code::AppHalfRegistered | Code::AppSignInEnded);
        let server = self.server.as_deref().filter(|name| named && !name.is_empty() && !name.starts_with('-'))?;
        let arguments = ["mcp", "logout", server].map(str::to_owned).into();
        Some(AppCommand { program, arguments, folder: self.folder.clone() })
    }
}

/// Where the app's own window or prompt does the same.
fn steps_for_sign_in(finding: &StoredFinding) -> Option<String> {
    let server = finding.server.as_deref()?;
    let signs_in_again =
        matches!(finding.failure.code, Code::AppNoClientId | Code::AppSignInEnded | Code::AppHalfRegistered);
    match finding.app {
        "gemini-cli" if signs_in_again => Some(format!("In Gemini CLI, enter /mcp auth {server}")),
        _ => None,
    }
}

impl FoundFile {
    /// What can be done about a remark on one of this file's entries.
    pub fn repair(&self, entry: &Entry, remark: &Remark) -> Repair {
        let ways = steps_for_entry(self.app, remark.failure.code).map(Way::Steps).into_iter();
        let ways = ways.chain(self.way_to_change(entry, &remark.fix)).collect();
        let (code, safe) = (remark.failure.code, remark.is_safe());
        Repair { app: self.app.id, code, ways, safe, quit_first: writes_back(self.app.id) }
    }

    /// The file with these changes of one of its entries; their paths begin inside the entry.
    fn way_to_change(&self, entry: &Entry, fix: &[Change]) -> Option<Way> {
        let about = self.place_of(entry)?;
        let changes: Vec<Change> = fix.iter().map(|change| change.below(&about)).collect();
        let value = self.value.as_ref().filter(|_| !changes.is_empty() && self.scope != Scope::Managed)?;
        if !self.dialect.is_writable() {
            return Some(Way::Snippet { file: self.path.clone(), text: snippet::of(&changes)? });
        }
        let deed = Deed::Edit(Edit::new(self.dialect, value, about, changes));
        Some(Way::Files(vec![FileChange { app: self.app.id, path: self.path.clone(), deed, credentials: false }]))
    }
}

fn steps_for_entry(app: &ClientApp, code: Code) -> Option<String> {
    match (app.id, code) {
        ("claude-desktop", Code::AppLocalOnly) => {
            Some("In Claude Desktop, add the server under Settings → Connectors".to_owned())
        }
        _ => None,
    }
}

/// Apps that keep in memory what they read, and write all of it back.
fn writes_back(app: &str) -> bool {
    ["claude-desktop", "cursor", "copilot-cli", "continue", "gemini-cli", "mcp-remote"].contains(&app)
}

/// The change that puts the bridge of a connector into an app's file, under a name of its own. Whoever makes it has looked
/// that the name is free; the path begins at the top of the file.
///
/// # Errors
/// When the app refuses the name, or Replug does not write its file: then [`bridge_snippet`] has lines to paste.
pub fn bridge_entry(app: &ClientApp, name: &str, command: &str, connector: &str) -> Result<Change, Failure> {
    let row = app.files.first().filter(|row| row.dialect.is_writable()).ok_or(Code::AppFileReadOnly)?;
    let value = table::bridge(app, name, command, connector)?;
    Ok(Change::Set(row.keys.iter().copied().chain([name]).map(Step::from).collect(), value))
}

/// The lines that a person pastes into a file that Replug does not write.
///
/// # Errors
/// When the app refuses the name.
pub fn bridge_snippet(app: &ClientApp, name: &str, command: &str, connector: &str) -> Result<String, Failure> {
    let value = table::bridge(app, name, command, connector)?;
    let keys: Vec<Step> = app.files.first().into_iter().flat_map(|row| row.keys).copied().map(Step::from).collect();
    let listed = app.id == "continue";
    Ok(snippet::entry(&keys, (!listed).then_some(name), &value))
}
