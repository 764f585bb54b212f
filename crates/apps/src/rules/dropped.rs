//! Entries that an app passes over because another one has the same name. Two entries that say the same harm nobody.

use replug_core::{Code, Failure};

use super::Remark;
use crate::edit::Change;
use crate::entry::Entry;
use crate::scan::{FoundFile, Scan, Scope};

/// A remark that takes more than the entry itself to see.
#[derive(Debug)]
pub struct EntryRemark<'a> {
    /// The file with the entry.
    pub file: &'a FoundFile,
    /// The entry.
    pub entry: &'a Entry,
    /// What is to be said about it.
    pub remark: Remark,
}

/// The entries of a name that an app has in several scopes of one folder. Of Claude Code it is known which one counts: the local
/// one, else that of the project, else the person's; the others can be taken out.
pub fn dropped(scan: &Scan) -> Vec<EntryRemark<'_>> {
    let all = || scan.files.iter().flat_map(|file| file.entries.iter().map(move |entry| (file, entry)));
    let mut found = Vec::new();
    for (file, entry) in all() {
        let rival = all().find(|(other, rival)| {
            other.app.id == file.app.id
                && rival.name == entry.name
                && rival.definition != entry.definition
                && outranks(&other.scope, &file.scope)
        });
        found.extend(rival.map(|(other, _)| EntryRemark { file, entry, remark: remark(file, other, entry) }));
    }
    found
}

fn remark(file: &FoundFile, rival: &FoundFile, entry: &Entry) -> Remark {
    let failure = Failure::new(Code::AppDuplicateDropped)
        .with_fact("Name", &entry.name)
        .with_fact("Also in", format!("{} ({})", rival.path.display(), rival.scope.as_str()));
    if file.app.id == "claude-code" {
        let failure = failure.with_fact("Counts", rival.scope.as_str());
        Remark::new(failure).mended_by(Change::Remove(Vec::new()))
    } else {
        Remark::new(failure)
    }
}

/// Whether both scopes hold in one folder, and the first is the nearer one.
fn outranks(one: &Scope, other: &Scope) -> bool {
    match (one, other) {
        (Scope::Local(one), Scope::Project(other)) => one == other,
        (Scope::Local(_) | Scope::Project(_), Scope::User) => true,
        _ => false,
    }
}
