//! Claude Code's sign-ins in `.credentials.json` and its notes about servers that need one. macOS keeps the first in the
//! keychain, which is not read here. Facts as of Claude Code 2.1.329.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use replug_core::{Code, Failure};

use super::sign_in::{Claim, SignIn, text};
use super::{Certainty, StoredFinding, sign_in_key, stored};
use crate::edit::{Change, Step};
use crate::entry::{Entry, RemoteServer, Target};
use crate::rules::variable_names;
use crate::scan::Scope;
use crate::table::bases;
use crate::value::{Table, Value};
use crate::{Computer, Dialect, Scan};

const APP: &str = "claude-code";
const SIGN_INS: &str = "mcpOAuth";
/// How long a note about a failure keeps the app from trying again.
const COOL_DOWN: SignedDuration = SignedDuration::from_mins(15);

pub(super) fn findings(computer: &Computer, scan: &Scan, now: Timestamp) -> Vec<StoredFinding> {
    let Some(folder) = folder(computer) else {
        return Vec::new();
    };
    let configured = configured(computer, scan);
    let Some(file) = stored(&folder.join(".credentials.json")) else {
        return Vec::new();
    };
    let sign_ins = sign_ins(&file.parsed.value);
    let about = |(key, sign_in): &(&str, SignIn<'_>)| {
        let found = sign_in.finding(APP, &claim(&configured, key, sign_in.server), now, &file)?;
        Some(StoredFinding { folder: owner(&configured, key).and_then(|server| server.folder.clone()), ..found })
    };
    let mut found: Vec<StoredFinding> = sign_ins.iter().filter_map(about).collect();
    found.extend(cool_downs(&folder, &sign_ins, now));
    found
}

/// Where the app keeps its data.
fn folder(computer: &Computer) -> Option<PathBuf> {
    computer.folder(bases::CLAUDE_SECRETS).or_else(|| computer.folder(bases::CLAUDE_DATA))
}

/// Where its sign-ins are, on systems where they are in a file.
pub(super) fn file(computer: &Computer) -> Option<PathBuf> {
    Some(folder(computer)?.join(".credentials.json"))
}

/// A remote server of the app, with every key under which its sign-in may be filed.
struct Configured {
    name: String,
    client_id: Option<String>,
    keys: Vec<String>,
    /// Its key depends on variables of the shell that starts the app.
    unsure: bool,
    /// The only folder in which it counts.
    folder: Option<PathBuf>,
}

fn configured(computer: &Computer, scan: &Scan) -> Vec<Configured> {
    let files = scan.files.iter().filter(|file| file.app.id == APP);
    let entries = files.flat_map(|file| file.entries.iter().map(move |entry| (file, entry)));
    entries
        .filter_map(|(file, entry)| {
            let Target::Remote(remote) = &entry.target else { return None };
            let folder = match &file.scope {
                Scope::Local(folder) | Scope::Project(folder) => Some(folder.clone()),
                Scope::User | Scope::Profile | Scope::Remote | Scope::Managed => None,
            };
            Some(Configured { folder, ..with_keys(computer, entry, remote) })
        })
        .collect()
}

fn owner<'a>(configured: &'a [Configured], key: &str) -> Option<&'a Configured> {
    configured.iter().find(|server| server.keys.iter().any(|known| known == key))
}

fn with_keys(computer: &Computer, entry: &Entry, remote: &RemoteServer) -> Configured {
    let kind = match remote.kind.as_deref() {
        Some("sse") => "sse",
        Some("ws") => "ws",
        _ => "http",
    };
    let key = |fill: &dyn Fn(&str) -> String| {
        let headers: Vec<(&str, String)> =
            remote.headers.iter().map(|(name, value)| (name.as_str(), fill(value.expose()))).collect();
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
        sign_in_key(&entry.name, kind, &fill(remote.address.expose()), headers)
    };
    let texts = std::iter::once(&remote.address).chain(remote.headers.iter().map(|(_, value)| value));
    let unsure = texts.into_iter().any(|text| text.expose().contains("${"));
    let mut keys = vec![key(&str::to_owned)];
    if unsure {
        keys.push(key(&|text| filled(computer, text)));
    }
    Configured { name: entry.name.clone(), client_id: remote.client_id.clone(), keys, unsure, folder: None }
}

/// The text with the variables that are set here.
fn filled(computer: &Computer, text: &str) -> String {
    variable_names(text).into_iter().fold(text.to_owned(), |text, name| match computer.variable(&name) {
        Some(value) => text.replace(&format!("${{{name}}}"), &value),
        None => text,
    })
}

fn sign_ins(value: &Value) -> Vec<(&str, SignIn<'_>)> {
    let members = value.at(&[SIGN_INS]).and_then(Value::as_table).into_iter().flat_map(Table::members);
    members.map(|(key, value)| (key, sign_in(key, value))).collect()
}

fn sign_in<'a>(key: &'a str, value: &'a Value) -> SignIn<'a> {
    let name = key.rsplit_once('|').map_or(key, |(name, _)| name);
    SignIn {
        server: text(value, &["serverName"]).unwrap_or(name),
        address: text(value, &["serverUrl"]),
        client_id: text(value, &["clientId"]),
        has_access: text(value, &["accessToken"]).is_some(),
        has_refresh: text(value, &["refreshToken"]).is_some(),
        expires_at: value.at(&["expiresAt"]).and_then(Value::as_milliseconds),
        path: vec![Step::from(SIGN_INS), Step::from(key)],
        client_id_key: &["clientId"],
    }
}

fn claim<'a>(configured: &'a [Configured], key: &str, name: &str) -> Claim<'a> {
    if let Some(owner) = owner(configured, key) {
        return Claim::Entry { client_id: owner.client_id.as_deref() };
    }
    match configured.iter().find(|server| server.name == name) {
        Some(server) if server.unsure => Claim::Unsure,
        Some(_) => Claim::Namesake,
        None => Claim::Nobody,
    }
}

/// Notes that keep the app from trying a server whose sign-in looks good.
fn cool_downs(folder: &Path, sign_ins: &[(&str, SignIn<'_>)], now: Timestamp) -> Vec<StoredFinding> {
    let Some(file) = stored(&folder.join("mcp-needs-auth-cache.json")) else {
        return Vec::new();
    };
    let good = |name: &str| {
        let lives = |sign_in: &SignIn<'_>| sign_in.has_refresh || sign_in.expires_at.is_none_or(|end| end > now);
        sign_ins.iter().any(|(_, sign_in)| sign_in.server == name && sign_in.has_access && lives(sign_in))
    };
    let notes = file.parsed.value.as_table().into_iter().flat_map(Table::members);
    notes
        .filter(|(name, note)| good(name) && still_counts(note, now))
        .map(|(name, _)| {
            let failure = Failure::new(Code::AppCoolDown).with_fact("Server", name);
            let place = vec![Step::from(name)];
            StoredFinding::new(APP, failure, Certainty::Stored, (&file.path, file.digest))
                .of_server(name)
                .mended_by(Dialect::Json, &file.parsed.value, place.clone(), Change::Remove(place))
                .safely(true)
        })
        .collect()
}

fn still_counts(note: &Value, now: Timestamp) -> bool {
    let lasts = note.at(&["ttlMs"]).and_then(Value::as_i64).map_or(COOL_DOWN, SignedDuration::from_millis);
    let written = note.at(&["timestamp"]).and_then(Value::as_milliseconds);
    written.is_some_and(|written| now.duration_since(written) < lasts)
}
