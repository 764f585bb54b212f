//! Lines of YAML to paste, for files that Replug only reads. Their values are written as JSON, which YAML understands.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::edit::{Change, Step};

/// The lines that say what these changes set; `None` when they take something away, which lines cannot.
pub(super) fn of(changes: &[Change]) -> Option<String> {
    let lines = changes.iter().map(|change| match change {
        Change::Set(path, value) => Some(nested(path, value)),
        Change::Remove(_) => None,
    });
    lines.collect::<Option<Vec<_>>>().map(|lines| lines.concat())
}

/// An entry below these keys: under its name, or as an item of a list when it has none.
pub(super) fn entry(keys: &[Step], name: Option<&str>, value: &Json) -> String {
    let item = [Step::Index(0)];
    let named = name.map(Step::from);
    let last = named.as_ref().map_or(&item[..], std::slice::from_ref);
    nested(&[keys, last].concat(), value)
}

fn nested(path: &[Step], value: &Json) -> String {
    let mut out = String::new();
    let mut indent = 0;
    let mut in_item = false;
    for (depth, step) in path.iter().enumerate() {
        let margin = if in_item { 0 } else { indent };
        let is_last = depth + 1 == path.len();
        // Writing into memory cannot fail.
        let _ = match step {
            Step::Key(key) if is_last => writeln!(out, "{:margin$}{}: {value}", "", scalar(key)),
            Step::Key(key) => writeln!(out, "{:margin$}{}:", "", scalar(key)),
            Step::Index(_) if is_last => writeln!(out, "{:margin$}- {value}", ""),
            Step::Index(_) => write!(out, "{:margin$}- ", ""),
        };
        in_item = matches!(step, Step::Index(_));
        indent += 2;
    }
    out
}

/// A key as it is where YAML takes it for a text, else in quotes.
fn scalar(key: &str) -> String {
    let plain = key.starts_with(|first: char| first.is_ascii_alphabetic())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&key.to_ascii_lowercase().as_str());
    if plain { key.to_owned() } else { Json::String(key.to_owned()).to_string() }
}
