//! Rules on the shape of source files: their length, their first sentence, and the names of types.

use super::tree::File;
use super::{Finding, House};

/// What a file may have at most.
const LONGEST: usize = 500;

/// What a file aims at. Longer ones are pointed out, and pass.
pub(super) const AIM: usize = 400;

/// Files that people write and read.
const SOURCES: &[&str] = &["rs", "ts", "svelte", "css"];

/// Words that say nothing about what a type is.
const EMPTY_WORDS: &[&str] = &["Manager", "Service", "Helper", "Util", "Utils"];

/// No source file is longer than [`LONGEST`] lines.
pub(super) fn length(house: &House) -> Vec<Finding> {
    longer_than(house, LONGEST)
        .map(|(file, lines)| {
            Finding::new(&file.path, format!("{lines} lines: divide it by subject, {LONGEST} is the most"))
        })
        .collect()
}

/// Source files that are longer than `limit`, with their lines.
pub(super) fn longer_than(house: &House, limit: usize) -> impl Iterator<Item = (&File, usize)> {
    house
        .tree
        .files()
        .filter(|file| SOURCES.contains(&file.extension()) && !file.is_generated())
        .map(|file| (file, file.text.lines().count()))
        .filter(move |(_, lines)| *lines > limit)
}

/// Each Rust file says first what it holds.
pub(super) fn module_docs(house: &House) -> Vec<Finding> {
    house
        .tree
        .files()
        .filter(|file| file.extension() == "rs" && !has_first_sentence(&file.text))
        .map(|file| {
            Finding::new(&file.path, "its first line does not say what it holds and what it leaves out (`//! …`)")
        })
        .collect()
}

fn has_first_sentence(text: &str) -> bool {
    let docs: Vec<_> = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let joined = docs.join(" ");
    joined.split_whitespace().count() >= 4 && joined.contains('.')
}

/// No type has an empty word for a name.
pub(super) fn type_names(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in house.tree.files().filter(|file| ["rs", "ts", "svelte"].contains(&file.extension())) {
        for (number, line) in file.numbered_lines() {
            if let Some(name) = declared_type(line).filter(|name| EMPTY_WORDS.iter().any(|word| name.ends_with(word))) {
                findings.push(Finding::new(
                    &format!("{}:{number}", file.path),
                    format!("what is a {name}? Name what it is"),
                ));
            }
        }
    }
    findings
}

/// The name that `line` declares a type under.
fn declared_type(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip_while(|word| word.starts_with("pub") || *word == "export");
    match words.next()? {
        "struct" | "enum" | "trait" | "type" | "class" | "interface" => {}
        _ => return None,
    }
    words.next()?.split(|letter: char| !letter.is_alphanumeric()).next()
}

#[cfg(test)]
mod tests {
    use super::super::House;
    use super::{length, module_docs, type_names};

    fn places(found: &[super::Finding]) -> Vec<&str> {
        found.iter().map(|finding| finding.place.as_str()).collect()
    }

    #[test]
    fn a_long_file_is_refused_unless_a_program_wrote_it() {
        let (long, fine) = ("x\n".repeat(501), "x\n".repeat(500));
        let house = House::with_files(&[
            ("crates/core/src/long.rs", &long),
            ("crates/core/src/fine.rs", &fine),
            ("ui/src/api/wire.gen.ts", &long),
            ("ui/src/app.css", &long),
            ("docs/long.md", &long),
        ]);
        assert_eq!(places(&length(&house)), ["crates/core/src/long.rs", "ui/src/app.css"]);
    }

    #[test]
    fn a_rust_file_without_a_first_sentence_is_refused() {
        let house = House::with_files(&[
            ("a.rs", "//! What it holds, over\n//! two lines.\nuse std::fmt;\n"),
            ("b.rs", "use std::fmt;\n//! Too late to be of use.\n"),
            ("c.rs", "//! Words.\n"),
            ("d.rs", "\n//! The first line is an empty one.\n"),
            ("e.ts", "export {};\n"),
        ]);
        assert_eq!(places(&module_docs(&house)), ["b.rs", "c.rs", "d.rs"]);
    }

    #[test]
    fn a_type_with_an_empty_word_for_a_name_is_refused() {
        let house = House::with_files(&[
            (
                "a.rs",
                "pub(crate) struct TokenManager {\nenum Health {\npub trait SignInService<T> {\n// a struct Helper\n",
            ),
            ("b.ts", "export interface DateUtils {\n"),
        ]);
        assert_eq!(places(&type_names(&house)), ["a.rs:1", "a.rs:3", "b.ts:1"]);
    }
}
