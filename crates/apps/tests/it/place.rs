//! A home folder of its own with an app's file in it, and a place for backups.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use replug_apps::{Backups, Change, Deed, Dialect, Edit, FileChange, Preview, Step};
use serde_json::{Value as Json, json};

pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn home(&self) -> PathBuf {
        // Behind all links, as previews name files.
        fs::canonicalize(self.folder.path()).unwrap()
    }

    pub(crate) fn backups(&self) -> Backups {
        Backups::open(&self.home().join("backups")).unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: &str, mode: u32) -> PathBuf {
        let file = self.home().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    /// The names in a folder of the home.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.home().join(folder)).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

pub(crate) fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

pub(crate) fn steps(path: &str) -> Vec<Step> {
    path.split('/').map(Step::from).collect()
}

/// The change of one value in a JSON file as it is now; `about` is what must not change meanwhile.
pub(crate) fn setting(app: &'static str, file: &Path, about: &str, value: &Json) -> FileChange {
    editing(app, file, about, Change::Set(steps(about), value.clone()))
}

pub(crate) fn editing(app: &'static str, file: &Path, about: &str, change: Change) -> FileChange {
    let text = fs::read_to_string(file).unwrap_or_default();
    let says = Dialect::Json.parse(&text).unwrap().value;
    let deed = Deed::Edit(Edit::new(Dialect::Json, &says, steps(about), vec![change]));
    FileChange { app, path: file.to_path_buf(), deed, credentials: false }
}

/// A new entry for the bridge.
pub(crate) fn adding(app: &'static str, file: &Path) -> Preview {
    let entry = json!({ "command": "/opt/replug", "args": ["bridge", "k7f3q9"] });
    Preview::of(&[setting(app, file, "mcpServers/acme", &entry)]).unwrap()
}
