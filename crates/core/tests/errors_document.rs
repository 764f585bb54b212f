//! `docs/errors.md` is written from the table of codes. With `REPLUG_WRITE_DOCS` set this test writes it, as
//! `cargo xtask bindings` does; otherwise it fails when the file says something else.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the message")]

use std::fmt::Write as _;
use std::path::PathBuf;

use replug_core::{ActionId, Code};

fn place() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors.md")
}

fn document() -> String {
    let mut text = String::from(
        "# Errors: every code, what it means, and what to do\n\n\
         Written from `crates/core/src/code_table.rs` by `cargo xtask bindings`; do not edit. `replug explain CODE` says the \
         same.\n",
    );
    let mut area = "";
    for code in Code::ALL {
        let info = code.info();
        let next = info.name.split('-').nth(1).unwrap();
        if next != area {
            area = next;
            write!(text, "\n## {area}\n").unwrap();
        }
        let state = info.state.map_or("as the case is", |state| state.words());
        let actions: Vec<&str> = info.actions.iter().copied().map(ActionId::label).collect();
        let actions = if actions.is_empty() { "none".to_owned() } else { actions.join(", ") };
        let owner = serde_json::to_value(info.owner).unwrap();
        let owner = owner.as_str().unwrap().replace('_', " ");
        write!(text, "\n### {}\n\n{} {}\n\n", info.name, info.text, info.hint).unwrap();
        writeln!(text, "State: {state}. At fault: {owner}. Actions: {actions}.").unwrap();
    }
    text
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the one switch of this test")]
fn the_document_says_what_the_table_says() {
    if std::env::var_os("REPLUG_WRITE_DOCS").is_some() {
        std::fs::write(place(), document()).unwrap();
    }
    let written = std::fs::read_to_string(place()).unwrap_or_default();
    assert!(written == document(), "docs/errors.md differs from the table: run `cargo xtask bindings`");
}
