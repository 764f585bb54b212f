//! The fixtures of the pages' tests, written by the engine's own types and tables, so that the pages are tested on words and shapes
//! that the engine would send. What the pages make of them is tested in `ui`.

mod apps;
mod climb;
mod connectors;
mod details;
mod sheets;

use std::fs;
use std::path::PathBuf;

use replug_core::Code;
use replug_engine::explain;
use replug_engine::wire::CodeEntry;
use serde::Serialize;

/// Set to write the files instead of comparing them; `cargo xtask bindings` does so.
const WRITE: &str = "REPLUG_WRITE_DOCS";

/// A file's name and what belongs in it.
fn file(name: &'static str, content: &impl Serialize) -> (&'static str, String) {
    (name, serde_json::to_string_pretty(content).unwrap() + "\n")
}

/// What the table says of every code.
fn codes() -> Vec<CodeEntry> {
    Code::ALL.iter().map(|code| explain(code.as_str()).unwrap()).collect()
}

fn files() -> [(&'static str, String); 11] {
    [
        file("about.json", &sheets::about()),
        file("app-settings.json", &sheets::app_settings()),
        file("codes.json", &codes()),
        file("connectors.json", &connectors::all()),
        file("details.json", &details::all()),
        file("definition.json", &apps::definition()),
        file("probes.json", &sheets::probes()),
        file("progress.json", &sheets::progress()),
        file("scanned.json", &apps::scanned()),
        file("self-test.json", &sheets::self_test()),
        file("tools.json", &sheets::tools()),
    ]
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test has no other way to be told by the program that runs it")]
fn every_fixture_of_the_pages_is_what_the_engine_writes() {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "ui", "fixtures"].iter().collect();
    let write = std::env::var_os(WRITE).is_some();
    for (name, content) in files() {
        let path = folder.join(name);
        if write {
            fs::write(&path, content).unwrap();
        } else {
            let kept = fs::read_to_string(&path).unwrap();
            assert!(kept == content, "ui/fixtures/{name} is not what the engine writes: run `cargo xtask bindings`");
        }
    }
}
