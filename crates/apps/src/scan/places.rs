//! Turning the table's paths into the files of this computer. No file is opened here.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Computer;
use crate::table::{Base, FileRow};

/// More folders than this are not looked through.
const MAX_MATCHES: usize = 500;

/// The files of a row that is not about projects.
pub(super) fn find(computer: &Computer, row: &FileRow) -> Vec<PathBuf> {
    if !row.systems.contains(&computer.platform()) || row.base == Base::Project {
        return Vec::new();
    }
    computer.folder(row.base).map(|folder| matches(&folder, row.path)).unwrap_or_default()
}

/// The files of a row below one project folder.
pub(super) fn in_project(computer: &Computer, row: &FileRow, project: &Path) -> Vec<PathBuf> {
    if row.systems.contains(&computer.platform()) { matches(project, row.path) } else { Vec::new() }
}

/// Follows a path of the table, with `*` for any part of one name. A path without a star is returned whether or not it exists.
fn matches(folder: &Path, path: &str) -> Vec<PathBuf> {
    let mut found = vec![folder.to_path_buf()];
    for part in path.split('/').filter(|part| !part.is_empty()) {
        found = match part.split_once('*') {
            None => found.iter().map(|folder| folder.join(part)).collect(),
            Some((before, after)) => found.iter().flat_map(|folder| named(folder, before, after)).collect(),
        };
    }
    found
}

/// What a folder holds whose names begin and end like this, in the order of their names.
fn named(folder: &Path, before: &str, after: &str) -> Vec<PathBuf> {
    let fits =
        |name: &str| name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let fitting = entries.filter(|entry| entry.file_name().to_str().is_some_and(fits));
    let mut found: Vec<PathBuf> = fitting.map(|entry| entry.path()).take(MAX_MATCHES).collect();
    found.sort();
    found
}
