//! Repairs from preview to undo: what is shown is what is done, and nothing is done to what changed, is locked or is not ours.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::ToSpan as _;
use replug_apps::{
    AppLock, Backups, CHANGES_KEPT, Change, Deed, FileChange, LockError, Preview, SECRETS_KEPT, Stage, Workbench,
};
use replug_core::{Code, Failure};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use crate::place::{Place, adding, editing, mode, now, setting, steps};

const CURSOR: &str =
    "{\n  // not read by anybody\n  \"mcpServers\": {\n    \"one\": { \"url\": \"https://one.example/mcp\" }\n  }\n}\n";

fn cursor() -> String {
    CURSOR.replace("  // not read by anybody\n", "")
}

fn apply(backups: &Backups, preview: &Preview) -> Result<String, Failure> {
    Workbench::new(backups).apply(preview, Code::AppTypeMissing, now()).map(|backup| backup.id)
}

fn code<T: std::fmt::Debug>(result: Result<T, Failure>) -> Code {
    result.unwrap_err().code
}

#[test]
fn a_change_is_made_as_shown_and_taken_back_byte_for_byte_after_a_restart() {
    let place = Place::new();
    let file = place.write(".cursor/mcp.json", &cursor(), 0o640);
    let preview = adding("cursor", &file);
    let id = apply(&place.backups(), &preview).unwrap();
    let says: Json = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(says["mcpServers"]["acme"]["args"], json!(["bridge", "k7f3q9"]));
    assert_eq!(mode(&file), 0o640, "the permissions are kept");
    let listed = place.backups().list().unwrap();
    assert_eq!(listed.iter().map(|backup| backup.id.as_str()).collect::<Vec<_>>(), [id.as_str()]);
    Workbench::new(&place.backups()).undo(&id).unwrap();
    assert_eq!((fs::read_to_string(&file).unwrap(), mode(&file)), (cursor(), 0o640));
    assert_eq!(code(Workbench::new(&place.backups()).undo(&id)), Code::UseNoSuchChange, "once");
    assert_eq!(place.names(".cursor"), ["mcp.json"], "nothing is left over");
    assert_eq!(place.names("backups"), ["lock"], "nor in the backups");
}

#[test]
fn backups_are_for_their_owner_alone() {
    let place = Place::new();
    let file = place.write(".cursor/mcp.json", &cursor(), 0o644);
    let id = apply(&place.backups(), &adding("cursor", &file)).unwrap();
    let folder = place.home().join("backups").join(&id);
    assert_eq!((mode(&place.home().join("backups")), mode(&folder)), (0o700, 0o700));
    assert_eq!((mode(&folder.join("0")), mode(&folder.join("manifest.json"))), (0o600, 0o600));
}

#[test]
fn a_file_that_changed_elsewhere_is_changed_and_one_that_changed_there_is_not() {
    let place = Place::new();
    let file = place.write(".cursor/mcp.json", &cursor(), 0o600);
    let preview = adding("cursor", &file);
    fs::write(&file, cursor().replace("one.example", "two.example")).unwrap();
    apply(&place.backups(), &preview).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("two.example") && text.contains("k7f3q9"), "both are there: {text}");
    let preview =
        Preview::of(&[setting("cursor", &file, "mcpServers/one/url", &json!("https://new.example/"))]).unwrap();
    let theirs = text.replace("two.example", "their.example");
    fs::write(&file, &theirs).unwrap();
    assert_eq!(code(apply(&place.backups(), &preview)), Code::AppChangedMeanwhile);
    assert_eq!(fs::read_to_string(&file).unwrap(), theirs);
}

#[test]
fn an_undo_is_refused_when_the_file_changed_since() {
    let place = Place::new();
    let file = place.write(".cursor/mcp.json", &cursor(), 0o600);
    let id = apply(&place.backups(), &adding("cursor", &file)).unwrap();
    let theirs = fs::read_to_string(&file).unwrap().replace("one.example", "two.example");
    fs::write(&file, &theirs).unwrap();
    assert_eq!(code(Workbench::new(&place.backups()).undo(&id)), Code::AppChangedMeanwhile);
    assert_eq!(fs::read_to_string(&file).unwrap(), theirs);
    assert_eq!(place.backups().list().unwrap().len(), 1, "the backup is kept");
}

#[test]
fn a_file_that_was_not_there_goes_away_again() {
    let place = Place::new();
    fs::create_dir(place.home().join(".cursor")).unwrap();
    let file = place.home().join(".cursor/mcp.json");
    let id = apply(&place.backups(), &adding("cursor", &file)).unwrap();
    assert_eq!(mode(&file), 0o600);
    Workbench::new(&place.backups()).undo(&id).unwrap();
    assert_eq!(place.names(".cursor"), Vec::<String>::new());
}

#[test]
fn files_of_one_sign_in_go_together_and_come_back_together() {
    let place = Place::new();
    let names = ["a_client_info.json", "a_tokens.json"];
    let text = "{\"access_token\": \"canary\", \"other\": \"canary\"}\n";
    let files = names.map(|name| place.write(&format!(".mcp-auth/{name}"), text, 0o640));
    let away = |file: &Path| FileChange {
        app: "mcp-remote",
        path: file.to_path_buf(),
        deed: Deed::MoveAway(Sha256::digest(fs::read(file).unwrap()).into()),
        credentials: true,
    };
    let preview = Preview::of(&files.each_ref().map(|file| away(file))).unwrap();
    let shown: String = preview.files().iter().map(|file| file.diff.clone()).collect();
    assert!(shown.contains("-{\"access_token\": \"…\", \"other\": \"…\"}") && !shown.contains("canary"), "{shown}");
    let id = apply(&place.backups(), &preview).unwrap();
    assert_eq!(place.names(".mcp-auth"), Vec::<String>::new());
    Workbench::new(&place.backups()).undo(&id).unwrap();
    assert_eq!((place.names(".mcp-auth"), mode(&files[1])), (names.map(str::to_owned).to_vec(), 0o640));
    // The second one changed: the first stays too.
    let preview = Preview::of(&files.each_ref().map(|file| away(file))).unwrap();
    fs::write(&files[1], "{}").unwrap();
    assert_eq!(code(apply(&place.backups(), &preview)), Code::AppChangedMeanwhile);
    assert_eq!(place.names(".mcp-auth"), names);
}

#[test]
fn the_first_of_two_files_comes_back_when_the_second_fails() {
    let place = Place::new();
    let [first, second] = ["one", "two"].map(|app| place.write(&format!("{app}/mcp.json"), &cursor(), 0o600));
    let change = |file: &Path| setting("cursor", file, "mcpServers/one/url", &json!("https://new.example/"));
    let preview = Preview::of(&[change(&first), change(&second)]).unwrap();
    let backups = place.backups();
    // Every time the first one is done, somebody writes the second one.
    let rounds = std::cell::Cell::new(0);
    let reached = |stage| {
        if stage == Stage::Replaced && fs::read_to_string(&first).unwrap().contains("new.example") {
            rounds.set(rounds.get() + 1);
            fs::write(&second, cursor().replace("one.example", &format!("{}.example", rounds.get()))).unwrap();
        }
    };
    let failed = Workbench::new(&backups).watched_by(&reached).apply(&preview, Code::AppTypeMissing, now());
    assert!(matches!(code(failed), Code::AppBusy | Code::AppChangedMeanwhile));
    assert_eq!(fs::read_to_string(&first).unwrap(), cursor());
    assert_eq!(backups.list().unwrap().len(), 0, "nothing is left to take back");
}

#[test]
fn tokens_that_others_can_read_are_closed_and_nothing_else_changes() {
    let place = Place::new();
    let file = place.write(".codex/.credentials.json", "{ \"a\": 1 }", 0o644);
    let change = FileChange { app: "codex", path: file.clone(), deed: Deed::Restrict, credentials: true };
    let preview = Preview::of(&[change]).unwrap();
    assert!(preview.files()[0].diff.ends_with("-mode 644\n+mode 600\n"), "{}", preview.files()[0].diff);
    let id = apply(&place.backups(), &preview).unwrap();
    assert_eq!((mode(&file), fs::read_to_string(&file).unwrap().as_str()), (0o600, "{ \"a\": 1 }"));
    Workbench::new(&place.backups()).undo(&id).unwrap();
    assert_eq!(mode(&file), 0o644);
}

#[test]
fn each_app_s_lock_is_respected_and_held_for_the_change() {
    for (app, file, lock) in [
        ("claude-code", ".claude.json", ".claude.json.lock"),
        ("claude-code", ".claude/.credentials.json", ".claude/.storage-write.lock"),
        ("cline", ".cline/data/settings/cline_mcp_settings.json", ".cline/data/settings/cline_mcp_settings.json.lock"),
        ("roo-code", "roo/mcp_settings.json", "roo/mcp_settings.json.lock"),
    ] {
        let place = Place::new();
        let lock = place.home().join(lock);
        let file = place.write(file, &cursor(), 0o600);
        let backups = place.backups();
        let held = AtomicBool::new(false);
        let reached = |stage| {
            if stage == Stage::Written {
                held.store(lock.is_dir(), Ordering::Relaxed);
            }
        };
        let bench = Workbench::new(&backups).watched_by(&reached);
        bench.apply(&adding(app, &file), Code::AppTypeMissing, now()).unwrap();
        assert!(held.into_inner() && !lock.exists(), "{app} is kept from writing, and only meanwhile");
    }
}

#[test]
fn codex_s_lock_file_is_locked_for_the_change() {
    let place = Place::new();
    let file = place.write(".codex/.credentials.json", &cursor(), 0o600);
    let lock = place.home().join(".codex/mcp-oauth-locks/file-store.lock");
    let (backups, busy) = (place.backups(), AtomicBool::new(false));
    let reached = |stage| {
        if stage == Stage::Written {
            let tried = AppLock::file(&lock, std::time::Duration::ZERO);
            busy.store(matches!(tried, Err(LockError::Busy)), Ordering::Relaxed);
        }
    };
    let bench = Workbench::new(&backups).watched_by(&reached);
    bench.apply(&adding("codex", &file), Code::AppTypeMissing, now()).unwrap();
    assert!(busy.into_inner());
}

#[test]
fn an_app_that_keeps_its_lock_is_waited_for_and_then_named() {
    let place = Place::new();
    let file = place.write(".claude.json", &cursor(), 0o600);
    let preview = adding("claude-code", &file);
    fs::create_dir(place.home().join(".claude.json.lock")).unwrap();
    assert_eq!(code(apply(&place.backups(), &preview)), Code::AppBusy);
    assert_eq!(fs::read_to_string(&file).unwrap(), cursor());
    assert!(place.home().join(".claude.json.lock").is_dir(), "it is the app's");
}

#[test]
fn files_that_are_not_plainly_the_person_s_own_are_refused() {
    let place = Place::new();
    let change =
        |path: &Path| editing("cursor", path, "mcpServers/acme", Change::Set(steps("mcpServers/acme"), json!({})));
    let file = place.write("real.json", &cursor(), 0o600);
    let doubled = place.write("doubled.json", "{\"mcpServers\": {}, \"mcpServers\": {}}", 0o600);
    assert_eq!(code(Preview::of(&[change(&doubled)])), Code::AppFileReadOnly);
    let folder = FileChange { path: place.home(), ..change(&file) };
    assert_eq!(code(Preview::of(&[folder])), Code::AppFileReadOnly);
    let twin = place.home().join("twin.json");
    fs::hard_link(&file, &twin).unwrap();
    let preview = Preview::of(&[change(&twin)]).unwrap();
    assert_eq!(code(apply(&place.backups(), &preview)), Code::AppFileReadOnly, "two names would part");
    let closed = place.write("closed.json", &cursor(), 0o400);
    let preview = Preview::of(&[change(&closed)]).unwrap();
    assert_eq!(code(apply(&place.backups(), &preview)), Code::AppFileReadOnly);
    assert_eq!(place.backups().list().unwrap().len(), 0);
}

#[test]
fn a_link_that_leads_elsewhere_by_now_is_not_followed() {
    let place = Place::new();
    let (file, other) = (place.write("real.json", &cursor(), 0o600), place.write("other.json", &cursor(), 0o600));
    let link = place.home().join("mcp.json");
    symlink(&file, &link).unwrap();
    let preview = adding("cursor", &link);
    fs::remove_file(&link).unwrap();
    symlink(&other, &link).unwrap();
    assert_eq!(code(apply(&place.backups(), &preview)), Code::AppChangedMeanwhile);
    assert_eq!(fs::read_to_string(&other).unwrap(), cursor());
}

#[test]
fn old_backups_go_those_with_keys_after_a_week() {
    let place = Place::new();
    let plain = place.write("plain.json", &cursor(), 0o600);
    let keyed = place.write("keyed.json", r#"{"mcpServers":{"one":{"headers":{"A":"canary"}}}}"#, 0o600);
    let backups = place.backups();
    for file in [&plain, &keyed] {
        apply(&backups, &adding("cursor", file)).unwrap();
    }
    let secret: Vec<bool> = backups.list().unwrap().iter().map(|backup| backup.files[0].secret).collect();
    assert_eq!(secret.iter().filter(|secret| **secret).count(), 1, "{secret:?}");
    assert_eq!(backups.expire(now() + SECRETS_KEPT - 1.second()).unwrap(), 0);
    assert_eq!(backups.expire(now() + SECRETS_KEPT).unwrap(), 1);
    for round in 0..=CHANGES_KEPT {
        let value = json!(format!("https://{round}.example/"));
        let preview = Preview::of(&[setting("cursor", &plain, "mcpServers/one/url", &value)]).unwrap();
        apply(&backups, &preview).unwrap();
    }
    assert_eq!(backups.expire(now()).unwrap(), 2, "the oldest ones");
    assert_eq!(backups.list().unwrap().len(), CHANGES_KEPT);
}
