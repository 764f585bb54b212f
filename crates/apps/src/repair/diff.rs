//! The difference of two texts as a person gets to see it: unified, with line numbers, keys hidden, and characters that
//! deceive made visible. Which parts are keys is decided elsewhere.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use replug_core::{reveal, sanitize};
use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

use crate::dialect::Dialect;
use crate::mask::masked;

/// Lines around a change that are shown with it.
const CONTEXT: usize = 3;
/// The longest path that is shown, in characters.
const LONGEST_PATH: usize = 4_096;

/// A file before or after: lines to compare, and the same lines to show.
struct Side<'a> {
    lines: Vec<&'a str>,
    shown: Vec<String>,
}

impl<'a> Side<'a> {
    fn new(text: &'a str, dialect: Dialect, credentials: bool) -> Self {
        let masked = masked(dialect, text, credentials);
        let shown = masked.split_inclusive('\n').map(|line| reveal(without_end(line))).collect();
        Self { lines: text.split_inclusive('\n').collect(), shown }
    }

    fn write(&self, out: &mut String, sign: char, range: Range<usize>) {
        for index in range {
            // A masked text has as many lines as the text itself.
            let shown = self.shown.get(index).map_or("", String::as_str);
            out.push(sign);
            out.push_str(shown);
            out.push('\n');
            if !self.lines[index].ends_with('\n') {
                out.push_str("\\ No newline at end of file\n");
            }
        }
    }
}

/// The unified difference of a file before and after; empty when they are the same.
pub(super) fn unified(path: &Path, dialect: Dialect, credentials: bool, texts: (&str, &str)) -> String {
    let (before, after) = (Side::new(texts.0, dialect, credentials), Side::new(texts.1, dialect, credentials));
    let operations = capture_diff_slices(Algorithm::Myers, &before.lines, &after.lines);
    let mut out = String::new();
    for hunk in group_diff_ops(operations, CONTEXT) {
        if out.is_empty() {
            out.push_str(&heading(path));
        }
        write_hunk(&mut out, &before, &after, &hunk);
    }
    out
}

/// The lines above a difference: the same name twice, because a file keeps its place.
pub(super) fn heading(path: &Path) -> String {
    let path = sanitize(&path.to_string_lossy(), LONGEST_PATH);
    format!("--- {path}\n+++ {path}\n")
}

fn write_hunk(out: &mut String, before: &Side<'_>, after: &Side<'_>, hunk: &[DiffOp]) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else {
        return;
    };
    let old = first.old_range().start..last.old_range().end;
    let new = first.new_range().start..last.new_range().end;
    // Writing into memory cannot fail.
    let _ = writeln!(out, "@@ -{} +{} @@", numbers(&old), numbers(&new));
    for operation in hunk {
        if let DiffOp::Equal { .. } = operation {
            before.write(out, ' ', operation.old_range());
        } else {
            before.write(out, '-', operation.old_range());
            after.write(out, '+', operation.new_range());
        }
    }
}

/// The first line and how many, as `diff -u` counts them.
fn numbers(range: &Range<usize>) -> String {
    let first = if range.is_empty() { range.start } else { range.start + 1 };
    format!("{first},{}", range.len())
}

fn without_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}
