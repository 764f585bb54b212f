//! Sign-ins of Amazon Q and Kiro, two files each, named by a digest of the server's address. The rest of that folder belongs to the
//! AWS tools and is not looked at.

use std::path::PathBuf;

use replug_core::{Code, Failure};
use url::Url;

use super::groups::{Group, groups};
use super::{Certainty, StoredFinding, remote_entries};
use crate::computer::below;
use crate::digest::{hex, sha256};
use crate::{Computer, Scan};

const APP: &str = "amazon-q";
const APPS: [&str; 2] = [APP, "kiro"];
const REGISTRATION: &str = ".registration.json";
const TOKEN: &str = ".token.json";

pub(super) fn findings(computer: &Computer, scan: &Scan) -> Vec<StoredFinding> {
    let entries = || APPS.iter().flat_map(|app| remote_entries(scan, app));
    let unsure = entries().any(|(_, remote)| remote.address.expose().contains("${"));
    let known: Vec<(String, &str)> =
        entries().filter_map(|(entry, remote)| Some((digest(remote.address.expose())?, entry.name.as_str()))).collect();
    let sign_ins = sign_ins(computer);
    sign_ins.iter().filter_map(|group| finding(group, &known, unsure)).collect()
}

/// Its files with tokens or secrets in them.
pub(super) fn files(computer: &Computer) -> Vec<PathBuf> {
    sign_ins(computer).iter().flat_map(Group::paths).cloned().collect()
}

fn sign_ins(computer: &Computer) -> Vec<Group> {
    let found = groups(&below(computer.home(), ".aws/sso/cache"), 64..=64);
    found.into_iter().filter(|group| group.has(REGISTRATION) || group.has(TOKEN)).collect()
}

fn finding(group: &Group, known: &[(String, &str)], unsure: bool) -> Option<StoredFinding> {
    let owner = known.iter().find(|(digest, _)| *digest == group.digest).map(|(_, name)| *name);
    let (code, certainty) = match owner {
        None if unsure => (Code::AppCannotVerify, Certainty::Unused),
        None => (Code::AppOrphan, Certainty::Unused),
        Some(_) if !group.has(TOKEN) => (Code::AppHalfRegistered, Certainty::Stored),
        Some(_) => return None,
    };
    let server = owner.unwrap_or_default();
    let failure = Failure::new(code).with_fact("Files", format!("{}.…", group.digest));
    let found = StoredFinding::new(APP, failure, certainty, group.first()?).of_server(server);
    Some(if code == Code::AppCannotVerify { found } else { found.mended_whole(group.moved_away()) })
}

/// SHA-256 over origin and path.
fn digest(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let text = format!("{}{}", url.origin().ascii_serialization(), url.path());
    Some(hex(&sha256(text.as_bytes())))
}
