//! Variables in an entry that nothing here gives a value. The environment looked at is Replug's own: an app started elsewhere
//! may know more, which is why this is never more than a warning.

use std::collections::BTreeSet;

use replug_core::{Code, Failure};

use super::Remark;
use crate::Computer;
use crate::entry::RemoteServer;

/// Words that an app fills in itself.
const OWN_WORDS: [&str; 6] =
    ["input", "workspaceFolder", "userHome", "workspaceFolderBasename", "pathSeparator", "command"];

pub(super) fn remarks(computer: &Computer, remote: &RemoteServer) -> Option<Remark> {
    let texts = std::iter::once(&remote.address).chain(remote.headers.iter().map(|(_, value)| value));
    let unset: BTreeSet<String> =
        texts.flat_map(|text| names(text.expose())).filter(|name| computer.variable(name).is_none()).collect();
    if unset.is_empty() {
        return None;
    }
    let names = unset.into_iter().collect::<Vec<_>>().join(", ");
    Some(Remark::new(Failure::new(Code::AppVariableUnset).with_fact("Variables", names)))
}

/// The variables in `${NAME}` and `${env:NAME}`; one with a default (`${NAME:-x}`) needs no value.
pub(crate) fn names(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        let inside = &rest[start + 2..start + length];
        rest = &rest[start + length + 1..];
        let name = inside.strip_prefix("env:").unwrap_or(inside);
        let word = name.split(':').next().unwrap_or_default();
        if !name.contains(":-") && !OWN_WORDS.contains(&word) && !name.is_empty() {
            found.push(name.to_owned());
        }
    }
    found
}
