//! Sign-ins of Cursor's command line. The window keeps its own elsewhere, and how an identifier is made is not known: only
//! sign-ins that end in the name of an entry are looked at. Facts as of @cursor/sdk 1.0.18.

use std::fs;
use std::path::PathBuf;

use jiff::Timestamp;
use replug_core::{Code, Failure};

use super::sign_in::{Claim, SignIn, text};
use super::{Certainty, StoredFinding, remote_entries, stored};
use crate::edit::{Change, Step};
use crate::read::Snapshot;
use crate::table::bases::CURSOR_DATA;
use crate::value::{Table, Value};
use crate::{Computer, Dialect, Scan};

const APP: &str = "cursor";
/// The callback that Cursor once used; nothing listens there any more.
const FORMER_CALLBACK: &str = "cursor://anysphere.cursor-mcp/";
/// More projects than this are not looked at.
const MAX_PROJECTS: usize = 1_000;

pub(super) fn findings(computer: &Computer, scan: &Scan, now: Timestamp) -> Vec<StoredFinding> {
    files(computer).iter().filter_map(|path| stored(path)).flat_map(|file| in_file(scan, now, &file)).collect()
}

/// Where its sign-ins are: a file for each project.
pub(super) fn files(computer: &Computer) -> Vec<PathBuf> {
    let projects = computer.folder(CURSOR_DATA).map(|folder| folder.join("projects"));
    let entries = projects.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    entries.take(MAX_PROJECTS).map(|entry| entry.path().join("mcp-auth.json")).filter(|path| path.is_file()).collect()
}

fn in_file(scan: &Scan, now: Timestamp, file: &Snapshot) -> Vec<StoredFinding> {
    let members = file.parsed.value.as_table().into_iter().flat_map(Table::members);
    members
        .filter_map(|(identifier, value)| {
            let name = remote_entries(scan, APP)
                .map(|(entry, _)| entry.name.as_str())
                .find(|name| ends_in(identifier, name))?;
            let claim = Claim::Entry { client_id: None };
            broken_redirect(identifier, name, value, file)
                .or_else(|| sign_in(identifier, name, value).finding(APP, &claim, now, file))
        })
        .collect()
}

/// Whether an identifier is a name behind a prefix.
fn ends_in(identifier: &str, name: &str) -> bool {
    identifier.strip_suffix(name).is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('-'))
}

fn sign_in<'a>(identifier: &str, name: &'a str, value: &'a Value) -> SignIn<'a> {
    SignIn {
        server: name,
        address: None,
        client_id: text(value, &["clientInfo", "client_id"]),
        has_access: text(value, &["tokens", "access_token"]).is_some(),
        has_refresh: text(value, &["tokens", "refresh_token"]).is_some(),
        expires_at: None,
        path: vec![Step::from(identifier)],
        client_id_key: &["clientInfo", "client_id"],
    }
}

/// A client that was registered for the former callback alone.
fn broken_redirect(identifier: &str, name: &str, value: &Value, file: &Snapshot) -> Option<StoredFinding> {
    let callbacks = value.at(&["clientInfo", "redirect_uris"])?.as_list().filter(|all| !all.is_empty())?;
    let former = |callback: &Value| callback.as_text().is_some_and(|address| address.starts_with(FORMER_CALLBACK));
    if !callbacks.iter().all(former) {
        return None;
    }
    let failure = Failure::new(Code::AppRedirectBroken).with_fact("Server", name);
    let place = vec![Step::from(identifier)];
    let found = StoredFinding::new(APP, failure, Certainty::Compared, (&file.path, file.digest)).of_server(name);
    Some(found.mended_by(Dialect::Json, &file.parsed.value, place.clone(), Change::Remove(place)))
}
