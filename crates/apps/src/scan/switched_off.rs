//! Servers that a person switched off in Claude Code for one folder: that is written beside the folder's entries, not in them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::{FoundFile, Scope};
use crate::value::{Table, Value};

const APP: &str = "claude-code";

/// Marks the entries that are switched off in the only folder in which they count.
pub(super) fn mark(files: &mut [FoundFile]) {
    let own: Vec<_> = files.iter().filter(|file| file.app.id == APP && file.scope == Scope::User).collect();
    let project = named(&own, "disabledMcpjsonServers");
    let local = named(&own, "disabledMcpServers");
    for file in files.iter_mut().filter(|file| file.app.id == APP) {
        let (folder, off) = match &file.scope {
            Scope::Project(folder) => (folder.clone(), &project),
            Scope::Local(folder) => (folder.clone(), &local),
            Scope::User | Scope::Profile | Scope::Remote | Scope::Managed => continue,
        };
        for entry in &mut file.entries {
            entry.enabled &= !off.contains(&(folder.clone(), entry.name.clone()));
        }
    }
}

/// The folders and the names that stand in these lists of theirs.
fn named(files: &[&FoundFile], list: &str) -> HashSet<(PathBuf, String)> {
    let folders = files.iter().filter_map(|file| file.value.as_ref()?.at(&["projects"])?.as_table());
    folders
        .flat_map(Table::members)
        .flat_map(|(folder, says)| {
            let names = says.at(&[list]).and_then(Value::as_list).unwrap_or_default().iter().filter_map(Value::as_text);
            names.map(|name| (Path::new(folder).to_path_buf(), name.to_owned())).collect::<Vec<_>>()
        })
        .collect()
}
