//! Apps that file a sign-in under the server's name alone, with its address beside it: Gemini CLI (0.61) and opencode (1.18).

use std::path::PathBuf;

use jiff::Timestamp;
use replug_core::ServerAddress;

use super::sign_in::{Claim, SignIn, text};
use super::{StoredFinding, remote_entries, stored};
use crate::computer::below;
use crate::edit::Step;
use crate::table::bases::{GEMINI_HOME, XDG_DATA};
use crate::value::{Table, Value};
use crate::{Computer, Scan};

pub(super) fn findings(computer: &Computer, scan: &Scan, now: Timestamp) -> Vec<StoredFinding> {
    let mut found = look("gemini-cli", gemini_file(computer), gemini, scan, now);
    found.extend(look("opencode", opencode_file(computer), opencode, scan, now));
    found
}

pub(super) fn gemini_file(computer: &Computer) -> Option<PathBuf> {
    Some(below(&computer.folder(GEMINI_HOME)?, ".gemini/mcp-oauth-tokens.json"))
}

pub(super) fn opencode_file(computer: &Computer) -> Option<PathBuf> {
    Some(below(&computer.folder(XDG_DATA)?, "opencode/mcp-auth.json"))
}

fn look(
    app: &'static str,
    path: Option<PathBuf>,
    read: fn(&Value) -> Vec<SignIn<'_>>,
    scan: &Scan,
    now: Timestamp,
) -> Vec<StoredFinding> {
    let Some(file) = path.and_then(|path| stored(&path)) else {
        return Vec::new();
    };
    let sign_ins = read(&file.parsed.value);
    sign_ins.iter().filter_map(|sign_in| sign_in.finding(app, &claim(scan, app, sign_in), now, &file)).collect()
}

/// A list of sign-ins, each with its server's name.
fn gemini(value: &Value) -> Vec<SignIn<'_>> {
    let items = value.as_list().unwrap_or_default().iter().enumerate();
    items
        .map(|(index, item)| SignIn {
            server: text(item, &["serverName"]).unwrap_or_default(),
            address: text(item, &["mcpServerUrl"]),
            client_id: text(item, &["clientId"]),
            has_access: text(item, &["token", "accessToken"]).is_some(),
            has_refresh: text(item, &["token", "refreshToken"]).is_some(),
            expires_at: item.at(&["token", "expiresAt"]).and_then(Value::as_milliseconds),
            path: vec![Step::Index(index)],
            client_id_key: &["clientId"],
        })
        .collect()
}

/// A table of sign-ins by name; times are in seconds.
fn opencode(value: &Value) -> Vec<SignIn<'_>> {
    let members = value.as_table().into_iter().flat_map(Table::members);
    members
        .map(|(name, item)| SignIn {
            server: name,
            address: text(item, &["serverUrl"]),
            client_id: text(item, &["clientInfo", "clientId"]),
            has_access: text(item, &["tokens", "accessToken"]).is_some(),
            has_refresh: text(item, &["tokens", "refreshToken"]).is_some(),
            expires_at: item.at(&["tokens", "expiresAt"]).and_then(Value::as_seconds),
            path: vec![Step::from(name)],
            client_id_key: &["clientInfo", "clientId"],
        })
        .collect()
}

fn claim<'a>(scan: &'a Scan, app: &'a str, sign_in: &SignIn<'_>) -> Claim<'a> {
    let mut claim = Claim::Nobody;
    let namesakes = remote_entries(scan, app).filter(|(entry, _)| entry.name == sign_in.server);
    for (_, remote) in namesakes {
        let address = remote.address.expose();
        match sign_in.address {
            Some(stored) if !same_address(stored, address) && address.contains("${") => claim = Claim::Unsure,
            Some(stored) if !same_address(stored, address) => claim = Claim::Namesake,
            _ => return Claim::Entry { client_id: remote.client_id.as_deref() },
        }
    }
    claim
}

/// Whether two texts are one address: the case of a host and a slash at the end are no difference.
fn same_address(one: &str, other: &str) -> bool {
    let canonical = |text: &str| ServerAddress::from_stored(text).map(|address| address.to_stored());
    match (canonical(one), canonical(other)) {
        (Ok(one), Ok(other)) => one.trim_end_matches('/') == other.trim_end_matches('/'),
        _ => one == other,
    }
}
