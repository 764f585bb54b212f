//! Looking through every app's files on this computer. One unreadable file or entry hides nothing else.

mod places;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::Computer;
use crate::entry::Entry;
use crate::read::{self, FileProblem, Snapshot};
use crate::table::{APPS, ClientApp, FileRow, ScopeKind};
use crate::value::{Table, Value};

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Scan {
    /// The files that are there, in the order of the apps.
    pub files: Vec<FoundFile>,
}

/// A file of an app.
#[derive(Debug)]
pub struct FoundFile {
    /// The app it belongs to.
    pub app: &'static ClientApp,
    /// For whom its entries count.
    pub scope: Scope,
    /// Where it is.
    pub path: PathBuf,
    /// When it was last written.
    pub modified: Option<SystemTime>,
    /// SHA-256 of its bytes; `None` when it could not be read.
    pub digest: Option<[u8; 32]>,
    /// Its entries, in the order of the file.
    pub entries: Vec<Entry>,
    /// Why it cannot be read.
    pub problem: Option<FileProblem>,
    /// A key that stands twice in it; such a file is never changed.
    pub duplicate: Option<String>,
}

/// For whom entries count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The person, in every folder.
    User,
    /// One profile of the app.
    Profile,
    /// The person, in one folder only.
    Local(PathBuf),
    /// Whoever opens this project folder. What it says is not trusted before it was approved.
    Project(PathBuf),
    /// The app's side on a remote machine or in a container.
    Remote,
    /// Everybody on this computer, set by its administrator.
    Managed,
}

impl Scope {
    /// The word on the command line and in files.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Profile => "profile",
            Self::Local(_) => "local",
            Self::Project(_) => "project",
            Self::Remote => "remote",
            Self::Managed => "managed",
        }
    }

    /// Whether somebody else may have written it: it came with a project.
    pub const fn needs_approval(&self) -> bool {
        matches!(self, Self::Project(_))
    }
}

/// Reads the files of every app, and of every project folder that an app or the person names.
pub fn scan(computer: &Computer, folders: &[PathBuf]) -> Scan {
    let mut walk = Walk { files: Vec::new(), folders: folders.iter().cloned().collect() };
    for (app, row) in rows(|row| row.scope != ScopeKind::Project) {
        for path in places::find(computer, row) {
            walk.read(app, row, &path, None);
        }
    }
    for project in std::mem::take(&mut walk.folders).iter().filter(|folder| folder.is_absolute()) {
        for (app, row) in rows(|row| row.scope == ScopeKind::Project) {
            for path in places::in_project(computer, row, project) {
                walk.read(app, row, &path, Some(project));
            }
        }
    }
    walk.files.sort_by_key(|file| APPS.iter().position(|app| app.id == file.app.id));
    Scan { files: walk.files }
}

/// What a scan has come across so far.
struct Walk {
    files: Vec<FoundFile>,
    /// Folders people work in.
    folders: BTreeSet<PathBuf>,
}

fn rows(wanted: impl Fn(&FileRow) -> bool) -> impl Iterator<Item = (&'static ClientApp, &'static FileRow)> {
    let all = APPS.iter().flat_map(|app| app.files.iter().map(move |row| (app, row)));
    all.filter(move |(_, row)| wanted(row))
}

impl Walk {
    fn read(&mut self, app: &'static ClientApp, row: &'static FileRow, path: &Path, project: Option<&Path>) {
        match read::snapshot(path, row.dialect) {
            Ok(None) => {}
            Ok(Some(snapshot)) if row.scope == ScopeKind::Local => self.take_local(app, row, &snapshot),
            Ok(Some(snapshot)) => {
                let scope = scope(row.scope, project);
                self.files.push(found(app, row, scope, &snapshot, snapshot.parsed.value.at(row.keys)));
            }
            // The same file holds the person's own scope too; its problem is told there.
            Err(_) if row.scope == ScopeKind::Local => {}
            Err(problem) => self.files.push(FoundFile {
                app,
                scope: scope(row.scope, project),
                path: path.to_path_buf(),
                modified: None,
                digest: None,
                entries: Vec::new(),
                problem: Some(problem),
                duplicate: None,
            }),
        }
    }

    /// One scope for each folder that the person's own file has entries for. A folder without any is looked through too.
    fn take_local(&mut self, app: &'static ClientApp, row: &'static FileRow, snapshot: &Snapshot) {
        let mut keys = row.keys.split(|key| *key == "*");
        let (Some(outer), Some(inner)) = (keys.next(), keys.next()) else {
            return;
        };
        let folders = snapshot.parsed.value.at(outer).and_then(Value::as_table);
        for (folder, value) in folders.into_iter().flat_map(Table::members) {
            self.folders.insert(PathBuf::from(folder));
            let file = found(app, row, Scope::Local(PathBuf::from(folder)), snapshot, value.at(inner));
            if !file.entries.is_empty() || file.problem.is_some() {
                self.files.push(file);
            }
        }
    }
}

fn scope(kind: ScopeKind, project: Option<&Path>) -> Scope {
    let folder = || project.map(Path::to_path_buf).unwrap_or_default();
    match kind {
        ScopeKind::User => Scope::User,
        ScopeKind::Profile => Scope::Profile,
        ScopeKind::Local => Scope::Local(folder()),
        ScopeKind::Project => Scope::Project(folder()),
        ScopeKind::Remote => Scope::Remote,
        ScopeKind::Managed => Scope::Managed,
    }
}

fn found(
    app: &'static ClientApp,
    row: &FileRow,
    scope: Scope,
    snapshot: &Snapshot,
    below: Option<&Value>,
) -> FoundFile {
    let (entries, problem) = entries(app, below, row.keys);
    FoundFile {
        app,
        scope,
        path: snapshot.path.clone(),
        modified: snapshot.modified,
        digest: Some(snapshot.digest),
        entries,
        problem,
        duplicate: snapshot.parsed.duplicate.clone().filter(|_| row.dialect.is_writable()),
    }
}

/// The entries that stand where `keys` lead. A list of entries has their names inside.
fn entries(app: &ClientApp, below: Option<&Value>, keys: &[&str]) -> (Vec<Entry>, Option<FileProblem>) {
    match below {
        None | Some(Value::Null) => (Vec::new(), None),
        Some(Value::Table(table)) => {
            (table.members().map(|(name, value)| Entry::read(name, value, app.shape)).collect(), None)
        }
        Some(Value::List(items)) => {
            let named = |item: &Value| item.at(&["name"]).and_then(Value::as_text).unwrap_or_default().to_owned();
            (items.iter().map(|item| Entry::read(&named(item), item, app.shape)).collect(), None)
        }
        Some(other) => (Vec::new(), Some(FileProblem::NotEntries { key: keys.join("."), found: other.kind() })),
    }
}
