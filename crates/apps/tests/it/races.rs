//! A program that writes a file in the very moment in which it is changed: what it writes is never lost, and never torn by us.

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::sync::Barrier;

use replug_apps::{Stage, Workbench};
use replug_core::Code;
use serde_json::{Value as Json, json};

use crate::place::{Place, adding, now};

/// Of each style; both together are the sample of the long run.
const ROUNDS: u32 = 20;
const SEED: u64 = 0x5eed_2026_1120;

/// How the other program writes.
#[derive(Debug, Clone, Copy)]
enum Style {
    /// It empties the file and fills it again.
    InPlace,
    /// It writes another one and renames it.
    ByRename,
}

fn document(round: u32) -> String {
    // More than one page, so that writing takes a while.
    json!({ "round": round, "rest": "x".repeat(20_000), "mcpServers": {} }).to_string()
}

fn write(style: Style, file: &Path, round: u32) {
    match style {
        Style::InPlace => fs::write(file, document(round)).unwrap(),
        Style::ByRename => {
            let beside = file.with_extension("theirs");
            fs::write(&beside, document(round)).unwrap();
            fs::rename(beside, file).unwrap();
        }
    }
}

/// The next of a sequence that a seed begins (xorshift64).
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

fn says(file: &Path) -> Json {
    let text = fs::read_to_string(file).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("torn: {error} in {text:.80}"))
}

/// Lets both write at once, again and again. Returns how many of our changes were made.
fn race(style: Style, rounds: u32, seed: u64) -> u32 {
    let place = Place::new();
    let file = place.write(".cursor/mcp.json", &document(0), 0o600);
    let (backups, mut state, mut made) = (place.backups(), seed, 0);
    for round in 1..=rounds {
        fs::write(&file, document(round - 1)).unwrap();
        let preview = adding("cursor", &file);
        let (start, pause) = (Barrier::new(2), next(&mut state) % 20_000);
        let let_go = Cell::new(false);
        let begin = || {
            if !let_go.replace(true) {
                start.wait();
            }
        };
        let reached = |stage| {
            // Just before the new file takes the name of the old one; the other moments have a test of their own.
            if stage == Stage::Written {
                begin();
            }
        };
        let applied = std::thread::scope(|scope| {
            scope.spawn(|| {
                start.wait();
                // Not to wait for anything: to begin at another point of the change each time.
                (0..pause).for_each(|_| std::hint::spin_loop());
                write(style, &file, round);
            });
            let applied = Workbench::new(&backups).watched_by(&reached).apply(&preview, Code::AppTypeMissing, now());
            begin();
            applied
        });
        assert_eq!(
            says(&file)["round"],
            round,
            "what the other one wrote is there; {style:?}, {applied:?}, seed {seed:#x}"
        );
        made += u32::from(applied.is_ok());
        for backup in backups.list().unwrap() {
            // It is refused when the file changed since; in no case is the other one's work undone with ours.
            let _ = Workbench::new(&backups).undo(&backup.id);
            assert!(says(&file)["round"].as_u64() >= Some(u64::from(round) - 1));
            let _ = fs::remove_dir_all(place.home().join("backups").join(&backup.id));
        }
        assert_eq!(place.names(".cursor"), ["mcp.json"], "nothing is left over");
    }
    made
}

#[test]
fn a_program_that_writes_in_place_at_the_same_moment_loses_nothing() {
    let made = race(Style::InPlace, ROUNDS, SEED);
    assert!(made > ROUNDS / 2, "and most changes are made all the same: {made}");
}

#[test]
fn a_program_that_replaces_the_file_at_the_same_moment_loses_nothing() {
    let made = race(Style::ByRename, ROUNDS, SEED);
    assert!(made > ROUNDS / 2, "and most changes are made all the same: {made}");
}

#[test]
#[ignore = "takes minutes; by hand"]
fn ten_thousand_rounds_of_each_lose_nothing() {
    for style in [Style::InPlace, Style::ByRename] {
        race(style, 10_000, SEED ^ u64::from(std::process::id()));
    }
}

#[test]
fn what_is_written_at_any_stage_is_kept_and_the_change_is_made_on_top_of_it() {
    for style in [Style::InPlace, Style::ByRename] {
        for moment in [Stage::Locked, Stage::BackedUp, Stage::Written, Stage::Exchanged] {
            let place = Place::new();
            let file = place.write(".cursor/mcp.json", &document(0), 0o600);
            let (backups, preview, begun) = (place.backups(), adding("cursor", &file), Cell::new(false));
            let reached = |stage| {
                if stage == moment && !begun.replace(true) {
                    write(style, &file, 1);
                }
            };
            Workbench::new(&backups).watched_by(&reached).apply(&preview, Code::AppTypeMissing, now()).unwrap();
            let says = says(&file);
            assert_eq!(
                (&says["round"], says["mcpServers"]["acme"].is_object()),
                (&json!(1), true),
                "{style:?} at {moment:?}"
            );
        }
    }
}

#[test]
fn a_file_that_somebody_has_just_emptied_is_read_again_when_it_is_filled() {
    let place = Place::new();
    let file = place.write(".cursor/mcp.json", &document(0), 0o600);
    let (backups, preview, looks) = (place.backups(), adding("cursor", &file), Cell::new(0));
    let reached = |stage| {
        if stage == Stage::Locked {
            fs::write(&file, if looks.get() == 0 { String::new() } else { document(1) }).unwrap();
            looks.set(looks.get() + 1);
        }
    };
    Workbench::new(&backups).watched_by(&reached).apply(&preview, Code::AppTypeMissing, now()).unwrap();
    let says = says(&file);
    assert_eq!((&says["round"], says["mcpServers"]["acme"].is_object()), (&json!(1), true));
}
