//! Sign-ins of mcp-remote, which apps start as a local server. Its files name no address: they are matched with every way in
//! which any app starts it. Folders of versions before 0.5 are not read. Facts as of mcp-remote 0.15.1.

use std::path::PathBuf;

use replug_core::{Code, Failure};
use url::Url;

use super::groups::{Group, groups};
use super::invocation::Invocation;
use super::{Certainty, StoredFinding};
use crate::entry::Target;
use crate::table::bases::MCP_REMOTE_HOME;
use crate::value::Value;
use crate::{Computer, Scan};

const APP: &str = "mcp-remote";
const CLIENT: &str = "_client_info.json";
const TOKENS: &str = "_tokens.json";
/// While it renews, its tokens may be away for a moment.
const RENEWING: &str = "_refresh_in_progress.json";

pub(super) fn findings(computer: &Computer, scan: &Scan) -> Vec<StoredFinding> {
    let invocations = invocations(scan);
    let sign_ins = sign_ins(computer);
    sign_ins.iter().filter_map(|group| finding(group, &invocations)).collect()
}

/// Its files with tokens or secrets in them.
pub(super) fn files(computer: &Computer) -> Vec<PathBuf> {
    sign_ins(computer)
        .iter()
        .flat_map(Group::paths)
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .cloned()
        .collect()
}

fn sign_ins(computer: &Computer) -> Vec<Group> {
    let folder = computer.folder(MCP_REMOTE_HOME).map(|folder| folder.join("mcp-remote-v1"));
    let found = folder.map(|folder| groups(&folder, 32..=32)).unwrap_or_default();
    found.into_iter().filter(|group| group.has(CLIENT) || group.has(TOKENS)).collect()
}

fn invocations(scan: &Scan) -> Vec<Invocation> {
    let entries = scan.files.iter().flat_map(|file| &file.entries);
    entries
        .filter_map(|entry| match &entry.target {
            Target::Local(local) => Invocation::read(&entry.name, local),
            Target::Remote(_) | Target::BuiltIn | Target::Unclear => None,
        })
        .collect()
}

fn finding(group: &Group, invocations: &[Invocation]) -> Option<StoredFinding> {
    let owner = invocations.iter().find(|invocation| invocation.digest == group.digest);
    let (code, certainty) = match owner {
        None if invocations.iter().any(|invocation| invocation.unsure) => (Code::AppCannotVerify, Certainty::Unused),
        None => (Code::AppOrphan, Certainty::Unused),
        Some(owner) if moved(group, owner) => (Code::AppRedirectBroken, Certainty::Compared),
        Some(_) if !group.has(TOKENS) && !group.has(RENEWING) => (Code::AppHalfRegistered, Certainty::Stored),
        Some(_) => return None,
    };
    let server = owner.map(|owner| owner.server.as_str()).unwrap_or_default();
    let mut failure = Failure::new(code).with_fact("Files", format!("{}_…", group.digest));
    if !server.is_empty() {
        failure = failure.with_fact("Server", server);
    }
    if let Some(issuer) = issuer(group) {
        failure = failure.with_fact("Sign-in service", issuer);
    }
    let found = StoredFinding::new(APP, failure, certainty, group.first()?).of_server(server);
    Some(if code == Code::AppCannotVerify { found } else { found.mended_whole(group.moved_away()) })
}

/// Whether the client was registered for callbacks none of which has the port that is used now.
fn moved(group: &Group, owner: &Invocation) -> bool {
    let Some(client) = group.read(CLIENT).filter(|_| !owner.unsure) else {
        return false;
    };
    let addresses = client.parsed.value.at(&["redirect_uris"]).and_then(Value::as_list).unwrap_or_default();
    let mut ports = addresses.iter().filter_map(|address| Url::parse(address.as_text()?).ok()?.port()).peekable();
    ports.peek().is_some() && ports.all(|port| u32::from(port) != owner.port)
}

/// The host of the sign-in service: the only hint at whose files these are.
fn issuer(group: &Group) -> Option<String> {
    let client = group.read(CLIENT).or_else(|| group.read(TOKENS))?;
    let issuer = Url::parse(client.parsed.value.at(&["issuer"])?.as_text()?).ok()?;
    issuer.host_str().map(str::to_owned)
}
