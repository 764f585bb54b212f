//! Apps that keep several files for one sign-in, all of whose names begin with the same digest. What is in them is read elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{WholeFile, stored};
use crate::digest::sha256;
use crate::read::{self, Snapshot};

/// More files than this are not looked at.
const MAX_FILES: usize = 4_000;

/// The files of one sign-in, by the rest of their names.
pub(super) struct Group {
    /// The digest.
    pub(super) digest: String,
    files: BTreeMap<String, PathBuf>,
}

/// The groups in a folder whose digests have this many hexadecimal digits. Other files are passed over, and so are links.
pub(super) fn groups(folder: &Path, digits: std::ops::RangeInclusive<usize>) -> Vec<Group> {
    let mut found: BTreeMap<String, BTreeMap<String, PathBuf>> = BTreeMap::new();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(MAX_FILES);
    for entry in entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())) {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let length = name.bytes().take_while(u8::is_ascii_hexdigit).count();
        if digits.contains(&length) && name[length..].starts_with(['_', '.']) {
            let (digest, rest) = name.split_at(length);
            found.entry(digest.to_owned()).or_default().insert(rest.to_owned(), entry.path());
        }
    }
    found.into_iter().map(|(digest, files)| Group { digest, files }).collect()
}

impl Group {
    /// Whether there is a file with this rest of a name.
    pub(super) fn has(&self, rest: &str) -> bool {
        self.files.contains_key(rest)
    }

    /// The file with this rest of a name, read.
    pub(super) fn read(&self, rest: &str) -> Option<Snapshot> {
        stored(self.files.get(rest)?)
    }

    /// Its files.
    pub(super) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.values()
    }

    /// All of them into the backup; nothing when one cannot be read.
    pub(super) fn moved_away(&self) -> Vec<WholeFile> {
        let file = |path: &PathBuf| {
            let bytes = read::whole(path).ok()??;
            Some(WholeFile::MoveAway(path.clone(), sha256(&bytes)))
        };
        self.paths().map(file).collect::<Option<_>>().unwrap_or_default()
    }

    /// The first file and its SHA-256, to name the group by.
    pub(super) fn first(&self) -> Option<(&Path, [u8; 32])> {
        let path = self.files.values().next()?;
        let bytes = read::whole(path).ok()??;
        Some((path, sha256(&bytes)))
    }
}
