//! Codex' sign-ins in `.credentials.json`, its store of last resort; the system's keychain and its encrypted file are not read.
//! Facts as of Codex 0.169.

use std::path::PathBuf;

use jiff::Timestamp;

use super::sign_in::{Claim, SignIn, text};
use super::{StoredFinding, remote_entries, sign_in_key, stored};
use crate::edit::Step;
use crate::table::bases::CODEX_HOME;
use crate::value::{Table, Value};
use crate::{Computer, Scan};

const APP: &str = "codex";

pub(super) fn findings(computer: &Computer, scan: &Scan, now: Timestamp) -> Vec<StoredFinding> {
    let Some(file) = file(computer).and_then(|path| stored(&path)) else {
        return Vec::new();
    };
    let members = file.parsed.value.as_table().into_iter().flat_map(Table::members);
    members
        .filter_map(|(key, value)| {
            let sign_in = sign_in(key, value);
            sign_in.finding(APP, &claim(scan, key, sign_in.server), now, &file)
        })
        .collect()
}

/// Where its sign-ins are when nothing safer is at hand.
pub(super) fn file(computer: &Computer) -> Option<PathBuf> {
    Some(computer.folder(CODEX_HOME)?.join(".credentials.json"))
}

fn sign_in<'a>(key: &'a str, value: &'a Value) -> SignIn<'a> {
    let name = key.rsplit_once('|').map_or(key, |(name, _)| name);
    SignIn {
        server: text(value, &["server_name"]).unwrap_or(name),
        address: text(value, &["server_url"]),
        client_id: text(value, &["client_id"]),
        has_access: text(value, &["access_token"]).is_some(),
        has_refresh: text(value, &["refresh_token"]).is_some(),
        expires_at: value.at(&["expires_at"]).and_then(Value::as_milliseconds),
        path: vec![Step::from(key)],
        client_id_key: &["client_id"],
    }
}

fn claim<'a>(scan: &'a Scan, key: &str, name: &str) -> Claim<'a> {
    let mut entries = remote_entries(scan, APP);
    let mut claim = Claim::Nobody;
    entries
        .find_map(|(entry, remote)| {
            if sign_in_key(&entry.name, "http", remote.address.expose(), []) == key {
                return Some(Claim::Entry { client_id: remote.client_id.as_deref() });
            }
            if entry.name == name {
                claim = Claim::Namesake;
            }
            None
        })
        .unwrap_or(claim)
}
