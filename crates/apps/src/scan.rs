//! Looking through every app's files on this computer. One unreadable file or entry hides nothing else.

mod places;
mod switched_off;

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::Computer;
use crate::dialect::Dialect;
use crate::edit::Step;
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
    /// How it is written.
    pub dialect: Dialect,
    /// All that it says; `None` when it could not be read.
    pub(crate) value: Option<Arc<Value>>,
    /// Where the entries stand in it.
    entries_at: Vec<Step>,
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
    let mut walk = Walk { files: Vec::new(), folders: folders.iter().cloned().collect(), own: HashSet::new() };
    for (app, row) in rows(|row| row.scope != ScopeKind::Project) {
        for path in places::find(computer, row) {
            walk.own.extend(fs::canonicalize(&path));
            walk.read(app, row, &path, None);
        }
    }
    for project in std::mem::take(&mut walk.folders).iter().filter(|folder| folder.is_absolute()) {
        walk.read_project(computer, project, |_| true);
    }
    walk.files.sort_by_key(|file| APPS.iter().position(|app| app.id == file.app.id));
    switched_off::mark(&mut walk.files);
    Scan { files: walk.files }
}

/// Reads the files of one app in one project folder.
pub fn scan_project(computer: &Computer, app: &ClientApp, folder: &Path) -> Scan {
    let mut walk = Walk { files: Vec::new(), folders: BTreeSet::new(), own: own_files(computer) };
    walk.read_project(computer, folder, |other| other.id == app.id);
    Scan { files: walk.files }
}

/// What a scan has come across so far.
struct Walk {
    files: Vec<FoundFile>,
    /// Folders people work in.
    folders: BTreeSet<PathBuf>,
    /// The files that are not of a project, without links. A home folder that somebody works in does not make them one's.
    own: HashSet<PathBuf>,
}

fn unreadable(
    app: &'static ClientApp,
    row: &FileRow,
    path: &Path,
    project: Option<&Path>,
    problem: FileProblem,
) -> FoundFile {
    FoundFile {
        app,
        scope: scope(row.scope, project),
        path: path.to_path_buf(),
        modified: None,
        digest: None,
        entries: Vec::new(),
        problem: Some(problem),
        duplicate: None,
        dialect: row.dialect,
        value: None,
        entries_at: Vec::new(),
    }
}

/// Whether a project's file is a link to somewhere else: whoever wrote the project does not choose which file is mended.
fn leads_out(path: &Path, project: &Path) -> bool {
    match (fs::canonicalize(path), fs::canonicalize(project)) {
        (Ok(target), Ok(project)) => !target.starts_with(project),
        _ => false,
    }
}

/// The files of this computer that are not of a project.
fn own_files(computer: &Computer) -> HashSet<PathBuf> {
    let places = rows(|row| row.scope != ScopeKind::Project).flat_map(|(_, row)| places::find(computer, row));
    places.filter_map(|path| fs::canonicalize(path).ok()).collect()
}

fn rows(wanted: impl Fn(&FileRow) -> bool) -> impl Iterator<Item = (&'static ClientApp, &'static FileRow)> {
    let all = APPS.iter().flat_map(|app| app.files.iter().map(move |row| (app, row)));
    all.filter(move |(_, row)| wanted(row))
}

impl Walk {
    fn read(&mut self, app: &'static ClientApp, row: &'static FileRow, path: &Path, project: Option<&Path>) {
        match read::snapshot(path, row.dialect) {
            Ok(None) => {}
            Ok(Some(snapshot)) if row.scope == ScopeKind::Local => self.take_local(&Opened::new(app, row, snapshot)),
            Ok(Some(snapshot)) => {
                let at = row.keys.iter().copied().map(Step::from).collect();
                self.files.push(Opened::new(app, row, snapshot).found(scope(row.scope, project), at));
            }
            // The same file holds the person's own scope too; its problem is told there.
            Err(_) if row.scope == ScopeKind::Local => {}
            Err(problem) => self.files.push(unreadable(app, row, path, project, problem)),
        }
    }

    fn read_project(&mut self, computer: &Computer, project: &Path, wanted: impl Fn(&ClientApp) -> bool) {
        for (app, row) in rows(|row| row.scope == ScopeKind::Project).filter(|(app, _)| wanted(app)) {
            for path in places::in_project(computer, row, project) {
                let target = fs::canonicalize(&path).ok();
                match target {
                    Some(target) if self.own.contains(&target) && !leads_out(&path, project) => {}
                    Some(_) if leads_out(&path, project) => {
                        let problem = FileProblem::LeadsOut;
                        self.files.push(unreadable(app, row, &path, Some(project), problem));
                    }
                    _ => self.read(app, row, &path, Some(project)),
                }
            }
        }
    }

    /// One scope for each folder that the person's own file has entries for. A folder without any is looked through too.
    fn take_local(&mut self, opened: &Opened) {
        let mut keys = opened.row.keys.split(|key| *key == "*");
        let (Some(outer), Some(inner)) = (keys.next(), keys.next()) else {
            return;
        };
        let folders = opened.value.at(outer).and_then(Value::as_table);
        for (folder, _) in folders.into_iter().flat_map(Table::members) {
            self.folders.insert(PathBuf::from(folder));
            let at = outer.iter().copied().chain([folder]).chain(inner.iter().copied()).map(Step::from).collect();
            let file = opened.found(Scope::Local(PathBuf::from(folder)), at);
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

/// A file of an app that could be read.
struct Opened {
    app: &'static ClientApp,
    row: &'static FileRow,
    path: PathBuf,
    modified: Option<SystemTime>,
    digest: [u8; 32],
    duplicate: Option<String>,
    value: Arc<Value>,
}

impl Opened {
    fn new(app: &'static ClientApp, row: &'static FileRow, snapshot: Snapshot) -> Self {
        let Snapshot { path, modified, digest, parsed } = snapshot;
        Self { app, row, path, modified, digest, duplicate: parsed.duplicate, value: Arc::new(parsed.value) }
    }

    /// The file as far as the entries at this place are concerned.
    fn found(&self, scope: Scope, at: Vec<Step>) -> FoundFile {
        let (entries, problem) = entries(self.app, self.value.step(&at), self.row.keys);
        FoundFile {
            app: self.app,
            scope,
            path: self.path.clone(),
            modified: self.modified,
            digest: Some(self.digest),
            entries,
            problem,
            duplicate: self.duplicate.clone().filter(|_| self.row.dialect.is_writable()),
            dialect: self.row.dialect,
            value: Some(Arc::clone(&self.value)),
            entries_at: at,
        }
    }
}

impl FoundFile {
    /// Where one of its entries stands in the file.
    pub(crate) fn place_of(&self, entry: &Entry) -> Option<Vec<Step>> {
        let number = self.entries.iter().position(|own| std::ptr::eq(own, entry))?;
        let last = match self.value.as_ref()?.step(&self.entries_at)? {
            Value::List(_) => Step::Index(number),
            _ => Step::from(entry.name.as_str()),
        };
        Some([self.entries_at.as_slice(), &[last]].concat())
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
