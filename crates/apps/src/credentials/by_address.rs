//! Continue's sign-ins, filed under the server's address in a file with much else.

use std::path::PathBuf;

use jiff::Timestamp;

use super::sign_in::{Claim, SignIn, text};
use super::{StoredFinding, remote_entries, stored};
use crate::computer::below;
use crate::edit::Step;
use crate::value::{Table, Value};
use crate::{Computer, Scan};

const APP: &str = "continue";
const SIGN_INS: &str = "mcpOauthStorage";

pub(super) fn findings(computer: &Computer, scan: &Scan, now: Timestamp) -> Vec<StoredFinding> {
    let Some(file) = stored(&file(computer)) else {
        return Vec::new();
    };
    let members = file.parsed.value.at(&[SIGN_INS]).and_then(Value::as_table).into_iter().flat_map(Table::members);
    members
        .filter_map(|(address, value)| sign_in(address, value).finding(APP, &claim(scan, address), now, &file))
        .collect()
}

/// Where its sign-ins are.
pub(super) fn file(computer: &Computer) -> PathBuf {
    below(computer.home(), ".continue/index/globalContext.json")
}

fn sign_in<'a>(address: &'a str, value: &'a Value) -> SignIn<'a> {
    SignIn {
        server: "",
        address: Some(address),
        client_id: text(value, &["clientInformation", "client_id"]),
        has_access: text(value, &["tokens", "access_token"]).is_some(),
        has_refresh: text(value, &["tokens", "refresh_token"]).is_some(),
        expires_at: None,
        path: vec![Step::from(SIGN_INS), Step::from(address)],
        client_id_key: &["clientInformation", "client_id"],
    }
}

fn claim<'a>(scan: &'a Scan, address: &str) -> Claim<'a> {
    let mut unsure = false;
    for (_, remote) in remote_entries(scan, APP) {
        let configured = remote.address.expose();
        if configured == address {
            return Claim::Entry { client_id: remote.client_id.as_deref() };
        }
        unsure |= configured.contains("${");
    }
    if unsure { Claim::Unsure } else { Claim::Nobody }
}
