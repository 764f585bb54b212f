//! Programs that are killed in the middle of a change. The child is this test binary, run again; it stops at one stage, and the
//! parent kills it there.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use replug_apps::{Backups, Stage, Workbench};
use replug_core::Code;

use crate::place::{Place, adding, mode, now};

const OLD: &str = "{\n  \"projects\": {},\n  \"mcpServers\": {}\n}\n";
const REACHED: &str = "reached";
const STAGES: [Stage; 5] = [Stage::Locked, Stage::BackedUp, Stage::Written, Stage::Exchanged, Stage::Replaced];

/// Starts a program that changes the file in `home` and stops at a stage; returns when it is there.
fn stopped_at(home: &Path, stage: Stage) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["kills::child_that_stops", "--exact", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Its end stays open: the child waits for more.
    let stdin = child.stdin.as_mut().unwrap();
    write!(stdin, "{}\n{stage:?}\n", home.display()).unwrap();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == REACHED), "the child comes to {stage:?}");
    child
}

#[test]
#[ignore = "the other test runs it in a process of its own"]
fn child_that_stops() {
    let mut input = BufReader::new(std::io::stdin());
    let mut line = || {
        let mut line = String::new();
        input.read_line(&mut line).unwrap();
        line.trim().to_owned()
    };
    let (home, wanted) = (line(), line());
    if home.is_empty() {
        return;
    }
    let backups = Backups::open(&Path::new(&home).join("backups")).unwrap();
    let reached = |stage: Stage| {
        if format!("{stage:?}") == wanted {
            let mut stdout = std::io::stdout().lock();
            writeln!(stdout, "\n{REACHED}").unwrap();
            stdout.flush().unwrap();
            // Until the parent kills it.
            let _ = std::io::stdin().read(&mut [0]);
        }
    };
    let preview = adding("claude-code", &Path::new(&home).join(".claude.json"));
    Workbench::new(&backups).watched_by(&reached).apply(&preview, Code::AppTypeMissing, now()).unwrap();
}

#[test]
fn a_kill_at_any_stage_leaves_the_old_file_or_the_new_one_and_the_next_change_cleans_up() {
    for stage in STAGES {
        let place = Place::new();
        let file = place.write(".claude.json", OLD, 0o600);
        let preview = adding("claude-code", &file);
        let mut child = stopped_at(&place.home(), stage);
        child.kill().unwrap();
        child.wait().unwrap();
        let is_new = matches!(stage, Stage::Exchanged | Stage::Replaced);
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(
            (text == OLD, text.contains("k7f3q9"), mode(&file)),
            (!is_new, is_new, 0o600),
            "at {stage:?}: {text}"
        );
        assert!(place.home().join(".claude.json.lock").exists(), "the lock is left at {stage:?}");
        let backups = place.backups();
        if let Some(backup) = backups.list().unwrap().first() {
            Workbench::new(&backups).undo(&backup.id).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), OLD, "what was killed at {stage:?} can be taken back");
        }
        Workbench::new(&backups).apply(&preview, Code::AppTypeMissing, now()).unwrap();
        assert!(fs::read_to_string(&file).unwrap().contains("k7f3q9"), "the next change is made after {stage:?}");
        assert_eq!(place.names("."), [".claude.json", "backups"], "and nothing is left of {stage:?}");
    }
}

#[test]
fn a_lock_that_the_app_made_after_a_kill_is_the_app_s() {
    let place = Place::new();
    let file = place.write(".claude.json", OLD, 0o600);
    let preview = adding("claude-code", &file);
    let mut child = stopped_at(&place.home(), Stage::Written);
    child.kill().unwrap();
    child.wait().unwrap();
    let lock = place.home().join(".claude.json.lock");
    fs::remove_dir(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    let refused = Workbench::new(&place.backups()).apply(&preview, Code::AppTypeMissing, now()).unwrap_err();
    assert_eq!(refused.code, Code::AppBusy);
    assert!(lock.is_dir(), "it is not taken away");
}
