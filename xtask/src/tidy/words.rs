//! Rules on words that must not stand in a file, as a table: what, where, and what to write instead.

use super::tree::File;
use super::{Finding, House};

/// One row of the table.
struct Word {
    /// Where it counts.
    place: Place,
    /// Its parts; they are kept apart so that this file passes its own rule.
    parts: &'static [&'static str],
    /// What to do instead.
    instead: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Every file that a person wrote.
    Everywhere,
    /// Rust, outside of comments.
    Rust,
    /// Tests in Rust.
    RustTests,
    /// The user interface's sources.
    Ui,
    /// The user interface's tests.
    UiTests,
}

const REGISTRY: &str = "name the package, not the host it comes from: mirrors have other hosts";
const UNFINISHED: &str = "finish it, or write an issue";
const NO_SLEEP: &str = "wait for what the test is about (a channel, a line, a condition), never for time";
const RUN_IT: &str = "a test that does not run proves nothing: mend it or delete it";

const WORDS: &[Word] = &[
    Word { place: Place::Everywhere, parts: &["crates", ".io"], instead: REGISTRY },
    Word { place: Place::Everywhere, parts: &["registry", ".npmjs"], instead: REGISTRY },
    Word { place: Place::Everywhere, parts: &["npmjs", ".com"], instead: REGISTRY },
    Word { place: Place::Everywhere, parts: &["npmjs", ".org"], instead: REGISTRY },
    Word { place: Place::Everywhere, parts: &["pypi", ".org"], instead: REGISTRY },
    Word { place: Place::Everywhere, parts: &["python", "hosted"], instead: REGISTRY },
    Word { place: Place::Everywhere, parts: &["proxy.golang", ".org"], instead: REGISTRY },
    Word { place: Place::Everywhere, parts: &["deb.debian", ".org"], instead: REGISTRY },
    Word { place: Place::Everywhere, parts: &["TO", "DO"], instead: UNFINISHED },
    Word { place: Place::Everywhere, parts: &["FIX", "ME"], instead: UNFINISHED },
    Word { place: Place::Rust, parts: &["unimplemented", "!("], instead: UNFINISHED },
    Word { place: Place::Rust, parts: &["#[", "ignore]"], instead: "say why: `#[ignore = \"…\"]`" },
    Word {
        place: Place::Rust,
        parts: &["#[", "allow("],
        instead: "`#[expect(lint, reason = \"…\")]` goes away with its cause",
    },
    Word { place: Place::Rust, parts: &["process", "::abort"], instead: "return an `ExitCode` from main" },
    Word { place: Place::RustTests, parts: &["sleep", "("], instead: NO_SLEEP },
    Word { place: Place::Ui, parts: &["{@", "html"], instead: "text from a server is never markup" },
    Word { place: Place::Ui, parts: &["inner", "HTML"], instead: "text from a server is never markup" },
    Word { place: Place::Ui, parts: &["as ", "any"], instead: "give it its type" },
    Word { place: Place::UiTests, parts: &["waitFor", "Timeout("], instead: NO_SLEEP },
    Word { place: Place::UiTests, parts: &[".on", "ly("], instead: RUN_IT },
    Word { place: Place::UiTests, parts: &[".sk", "ip("], instead: RUN_IT },
];

/// No file holds a word of the table where it counts.
pub(super) fn forbidden(house: &House) -> Vec<Finding> {
    let written = house.tree.files().filter(|file| !file.is_lock() && !file.is_generated());
    written.flat_map(|file| WORDS.iter().flat_map(|word| occurrences(file, word))).collect()
}

fn occurrences(file: &File, word: &Word) -> Vec<Finding> {
    let text = word.parts.concat();
    let lines: Box<dyn Iterator<Item = (usize, &str)>> = match word.place {
        place if !counts_in(file, place) => return Vec::new(),
        Place::RustTests => Box::new(file.test_lines()),
        Place::Everywhere | Place::Rust | Place::Ui | Place::UiTests => Box::new(file.numbered_lines()),
    };
    let is_rust = matches!(word.place, Place::Rust | Place::RustTests);
    lines
        .filter(|(_, line)| !(is_rust && line.trim_start().starts_with("//")))
        .filter(|(_, line)| stands_in(line, &text))
        .map(|(number, _)| Finding::new(&format!("{}:{number}", file.path), format!("`{text}`: {}", word.instead)))
        .collect()
}

fn counts_in(file: &File, place: Place) -> bool {
    match place {
        Place::Everywhere => true,
        Place::Rust | Place::RustTests => file.extension() == "rs",
        Place::Ui => file.path.starts_with("ui/") && ["ts", "svelte"].contains(&file.extension()),
        Place::UiTests => file.path.starts_with("ui/") && file.is_test(),
    }
}

/// Whether `text` stands in `line`, and not as a part of a longer word.
fn stands_in(line: &str, text: &str) -> bool {
    let of_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(text).any(|(at, _)| {
        let joins_before = text.starts_with(of_word) && line[..at].ends_with(of_word);
        let joins_after = text.ends_with(of_word) && line[at + text.len()..].starts_with(of_word);
        !joins_before && !joins_after
    })
}

#[cfg(test)]
mod tests {
    use super::super::House;
    use super::{WORDS, forbidden};

    /// A place where the word at `index` counts.
    fn path_for(index: usize) -> &'static str {
        match WORDS[index].place {
            super::Place::Everywhere => "docs/architecture.md",
            super::Place::Rust => "crates/core/src/lib.rs",
            super::Place::RustTests => "crates/core/tests/it/main.rs",
            super::Place::Ui => "ui/src/App.svelte",
            super::Place::UiTests => "ui/e2e/list.test.ts",
        }
    }

    #[test]
    fn each_word_of_the_table_is_found_where_it_counts() {
        for (index, word) in WORDS.iter().enumerate() {
            let line = format!("x {} y", word.parts.concat());
            let found = forbidden(&House::with_files(&[(path_for(index), &line)]));
            assert_eq!(found.len(), 1, "{line}");
            assert_eq!(found[0].place, format!("{}:1", path_for(index)));
        }
    }

    #[test]
    fn lock_files_may_name_the_host_they_were_read_from() {
        let line = WORDS[0].parts.concat();
        assert!(forbidden(&House::with_files(&[("Cargo.lock", &line)])).is_empty());
    }

    #[test]
    fn waiting_for_time_is_refused_in_tests_only() {
        let sleep = ["thread::sleep", "(INTERVAL);"].concat();
        let text = format!("fn poll() {{ {sleep} }}\n#[cfg(test)]\nmod tests {{\n{sleep}\n// {sleep}\n}}\n");
        let found = forbidden(&House::with_files(&[("crates/net/src/lib.rs", &text)]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "crates/net/src/lib.rs:4");
    }

    #[test]
    fn a_part_of_a_longer_word_is_another_word() {
        let line = ["has any", "thing; AU", "TO", "DO", "C"].concat();
        assert!(forbidden(&House::with_files(&[("ui/src/a.ts", &line)])).is_empty());
    }
}
