//! Names that are paths: of servers, of sign-ins, of changes. None of them ever becomes one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use replug_apps::{
    APPS, Change, Computer, Deed, Dialect, Edit, FileChange, Preview, Way, Workbench, bridge_entry, bridge_snippet,
    scan, stored_findings,
};
use replug_core::{Code, Platform};
use serde_json::json;

use crate::place::{Place, adding, now};

/// Sixty ways out of a folder, and names that some system keeps for itself.
const ATTACKS: [&str; 62] = [
    "..",
    ".",
    "../..",
    "../../etc/passwd",
    "..\\..\\windows",
    "/etc/passwd",
    "/",
    "//",
    "~",
    "~/.ssh/id",
    "$HOME/x",
    "${HOME}",
    "%USERPROFILE%",
    "C:\\x",
    "C:x",
    "c:/x",
    "\\\\server\\share\\x",
    "//server/share/x",
    "\\\\?\\C:\\x",
    "\\\\.\\pipe\\x",
    "con.json",
    "nul.txt",
    "LPT1.md",
    "x:stream",
    "x::$DATA",
    "x/",
    "x/..",
    "x\\..\\y",
    "a/../../b",
    "....//",
    "..;/",
    "%2e%2e%2f",
    "..%2f",
    "%00",
    "x\0y",
    "\0",
    "",
    " ",
    ". .",
    "...",
    "x.",
    "x ",
    " x",
    "\n",
    "x\ny",
    "\r",
    "\u{202e}gpj",
    "\u{ff0e}\u{ff0e}/",
    "\u{2215}etc",
    "*",
    "?",
    "<x>",
    "|x",
    "\"x\"",
    "`x`",
    "$(x)",
    "change-0/../../x",
    "change-0\0",
    ".replug-x",
    "x/.replug-x",
    "manifest.json",
    "\u{feff}..",
];

fn everything(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(everything(&path));
        }
        found.insert(path);
    }
    found
}

#[test]
fn no_app_gets_an_entry_with_such_a_name() {
    for name in ATTACKS {
        for app in APPS {
            let refused = bridge_entry(app, name, "/opt/replug", "k7f3q9").unwrap_err().code;
            assert!(matches!(refused, Code::AppNameRefused | Code::AppFileReadOnly), "{name:?} in {}", app.id);
            assert_eq!(bridge_snippet(app, name, "/opt/replug", "k7f3q9").unwrap_err().code, Code::AppNameRefused);
        }
    }
}

#[test]
fn no_change_is_found_by_such_a_name() {
    let place = Place::new();
    let file = place.write("home/.cursor/mcp.json", "{}", 0o600);
    let backups = place.backups();
    Workbench::new(&backups).apply(&adding("cursor", &file), Code::AppTypeMissing, now()).unwrap();
    let before = everything(&place.home());
    for name in ATTACKS {
        assert_eq!(Workbench::new(&backups).undo(name).unwrap_err().code, Code::UseNoSuchChange, "{name:?}");
    }
    assert_eq!(everything(&place.home()), before);
}

#[test]
fn a_backup_whose_description_names_another_folder_is_none() {
    let place = Place::new();
    let file = place.write(".cursor/mcp.json", "{}", 0o600);
    let backups = place.backups();
    let id = Workbench::new(&backups).apply(&adding("cursor", &file), Code::AppTypeMissing, now()).unwrap().id;
    let manifest = place.home().join("backups").join(&id).join("manifest.json");
    fs::write(&manifest, fs::read_to_string(&manifest).unwrap().replace(&id, "../..")).unwrap();
    assert!(backups.list().unwrap().is_empty());
    assert_eq!(Workbench::new(&backups).undo("../..").unwrap_err().code, Code::UseNoSuchChange);
}

#[test]
fn entries_and_sign_ins_with_such_names_are_changed_where_they_stand_and_nowhere_else() {
    for name in ATTACKS {
        let place = Place::new();
        let config =
            json!({ "mcpServers": { name: { "type": "http", "url": "https://mcp.example/mcp" }, "other": {} } });
        let file = place.write("home/.claude.json", &config.to_string(), 0o600);
        let sign_in = json!({ "serverName": name, "accessToken": "canary", "clientId": "c" });
        let sign_ins = json!({ "mcpOAuth": { format!("{name}|0000000000000000"): sign_in } });
        place.write("home/.claude/.credentials.json", &sign_ins.to_string(), 0o600);
        let (home, backups) = (place.home().join("home"), place.backups());
        let before = everything(&home);
        let computer = Computer::new(Platform::Linux, &home, |_| None);
        let found = stored_findings(&computer, &scan(&computer, &[]), now());
        assert_eq!(found.len(), 1, "{name:?}: {found:?}");
        let ways = found[0].repair().ways;
        let files = ways.iter().find_map(|way| if let Way::Files(files) = way { Some(files) } else { None });
        let preview = Preview::of(files.unwrap()).unwrap();
        Workbench::new(&backups).apply(&preview, Code::AppOrphan, now()).unwrap();
        let at = vec!["mcpServers".into(), name.into()];
        let says = Dialect::Json.parse(&config.to_string()).unwrap().value;
        let deed = Deed::Edit(Edit::new(Dialect::Json, &says, at.clone(), vec![Change::Remove(at)]));
        let change = FileChange { app: "claude-code", path: file.clone(), deed, credentials: false };
        let preview = Preview::of(&[change]).unwrap();
        Workbench::new(&backups).apply(&preview, Code::AppEntryUnclear, now()).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), r#"{"mcpServers":{"other":{}}}"#, "{name:?}");
        assert_eq!(everything(&home), before, "{name:?}");
    }
}
