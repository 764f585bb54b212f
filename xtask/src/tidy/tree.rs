//! The text files of the repository, as Git sees them: what is ignored is not in it, what is not yet added is.

use std::fs;
use std::process::Command;

use crate::checkout::Checkout;
use crate::failure::Outcome;
use crate::process;

/// All text files.
#[derive(Default)]
pub(super) struct Tree {
    files: Vec<File>,
}

/// One text file.
pub(super) struct File {
    /// From the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

impl Tree {
    /// Reads the checkout. Files that are not UTF-8 are pictures, and left out.
    pub(super) fn of_checkout(checkout: &Checkout) -> Outcome<Self> {
        let mut list = Command::new("git");
        list.current_dir(checkout.root()).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let listed = process::capture(&mut list)?;
        let files = listed.split_terminator('\0').filter_map(|path| {
            let text = fs::read_to_string(checkout.root().join(path)).ok()?;
            Some(File { path: path.to_owned(), text })
        });
        Ok(Self { files: files.collect() })
    }

    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| File { path: (*path).to_owned(), text: (*text).to_owned() });
        Self { files: files.collect() }
    }

    pub(super) fn files(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }

    /// The text of the file at `path`.
    pub(super) fn get(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }
}

impl File {
    /// The last part of the path.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// What stands behind the last dot.
    pub(super) fn extension(&self) -> &str {
        self.name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// Whether a program wrote it.
    pub(super) fn is_generated(&self) -> bool {
        self.name().contains(".gen.")
    }

    /// Whether it was written by a package tool to name what it took from where.
    pub(super) fn is_lock(&self) -> bool {
        matches!(self.name(), "Cargo.lock" | "package-lock.json")
    }

    /// Whether the whole file is a test.
    pub(super) fn is_test(&self) -> bool {
        let below = |folder: &str| self.path.split('/').any(|part| part == folder);
        below("tests") || below("e2e") || self.name().contains(".test.") || self.name() == "tests.rs"
    }

    /// The lines that are tests, with their numbers: all of a test file, and what follows `#[cfg(test)]` in another.
    pub(super) fn test_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let start = if self.is_test() {
            0
        } else {
            let inline = |line: &str| self.extension() == "rs" && line.trim() == "#[cfg(test)]";
            self.text.lines().position(inline).unwrap_or(usize::MAX)
        };
        self.numbered_lines().skip(start)
    }

    /// All lines with their numbers, from 1.
    pub(super) fn numbered_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}
