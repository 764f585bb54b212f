//! Copilot CLI's sign-ins, as files with one digest each. How the digest is made is not known, and the tokens may be in the
//! system's keychain: only what the files themselves prove is said. Facts as of Copilot CLI 1.0.102.

use std::path::PathBuf;

use replug_core::{Code, Failure};

use super::groups::{Group, groups};
use super::sign_in::{masked, text};
use super::{Certainty, StoredFinding};
use crate::entry::Target;
use crate::table::bases::COPILOT_HOME;
use crate::{Computer, Scan};

const APP: &str = "copilot-cli";
const CONFIG: &str = ".json";
const TOKENS: &str = ".tokens.json";

pub(super) fn findings(computer: &Computer, scan: &Scan) -> Vec<StoredFinding> {
    let sign_ins: Vec<(Group, String)> = sign_ins(computer).into_iter().filter_map(with_address).collect();
    sign_ins.iter().filter_map(|(group, address)| finding(scan, &sign_ins, group, address)).collect()
}

/// Its files with tokens or secrets in them.
pub(super) fn files(computer: &Computer) -> Vec<PathBuf> {
    sign_ins(computer).iter().flat_map(Group::paths).cloned().collect()
}

fn sign_ins(computer: &Computer) -> Vec<Group> {
    let folder = computer.folder(COPILOT_HOME).map(|folder| folder.join("mcp-oauth-config"));
    folder.map(|folder| groups(&folder, 16..=64)).unwrap_or_default()
}

fn with_address(group: Group) -> Option<(Group, String)> {
    let address = text(&group.read(CONFIG)?.parsed.value, &["serverUrl"])?.to_owned();
    Some((group, address))
}

fn finding(scan: &Scan, all: &[(Group, String)], group: &Group, address: &str) -> Option<StoredFinding> {
    let twin = all.iter().any(|(other, same)| same == address && other.digest != group.digest && other.has(TOKENS));
    let (code, certainty) = if !is_configured(scan, address) {
        (Code::AppOrphan, Certainty::Unused)
    } else if twin && !group.has(TOKENS) {
        (Code::AppHalfRegistered, Certainty::Compared)
    } else {
        return None;
    };
    let failure = Failure::new(code).with_fact("Address", masked(address));
    Some(StoredFinding::new(APP, failure, certainty, group.first()?).mended_whole(group.moved_away()))
}

/// The app reads other apps' files too, so an entry anywhere counts.
fn is_configured(scan: &Scan, address: &str) -> bool {
    let entries = scan.files.iter().flat_map(|file| &file.entries);
    entries
        .filter_map(|entry| match &entry.target {
            Target::Remote(remote) => Some(remote),
            Target::Local(_) | Target::BuiltIn | Target::Unclear => None,
        })
        .any(|remote| remote.address.expose() == address || remote.address.expose().contains("${"))
}
