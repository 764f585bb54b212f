//! Cline's sign-ins, which stand in the entries of its configuration.

use std::path::PathBuf;

use replug_core::{Code, Failure};

use super::sign_in::text;
use super::{Certainty, StoredFinding};
use crate::Scan;
use crate::edit::{Change, Step};
use crate::entry::Entry;
use crate::scan::FoundFile;

const APP: &str = "cline";
const SIGN_IN: &str = "oauth";
/// Where the browser comes back to.
const CALLBACK: &str = "http://127.0.0.1:1456/mcp/oauth/callback";

pub(super) fn findings(scan: &Scan) -> Vec<StoredFinding> {
    let files = configurations(scan).filter(|file| file.duplicate.is_none());
    files.flat_map(|file| file.entries.iter().filter_map(move |entry| finding(file, entry))).collect()
}

/// Its files with sign-ins in them.
pub(super) fn files(scan: &Scan) -> Vec<PathBuf> {
    let with_sign_in = |file: &&FoundFile| file.entries.iter().any(|entry| entry.value.at(&[SIGN_IN]).is_some());
    configurations(scan).filter(with_sign_in).map(|file| file.path.clone()).collect()
}

fn configurations(scan: &Scan) -> impl Iterator<Item = &FoundFile> {
    scan.files.iter().filter(|file| file.app.id == APP)
}

fn finding(file: &FoundFile, entry: &Entry) -> Option<StoredFinding> {
    let sign_in = entry.value.at(&[SIGN_IN])?;
    let registered = text(sign_in, &["clientInformation", "client_id"]).is_some();
    let has_tokens = ["access_token", "refresh_token"].iter().any(|name| text(sign_in, &["tokens", name]).is_some());
    let (code, certainty) = match text(sign_in, &["redirectUrl"]) {
        Some(callback) if registered && callback != CALLBACK => (Code::AppRedirectBroken, Certainty::Compared),
        _ if registered && !has_tokens => (Code::AppHalfRegistered, Certainty::Stored),
        _ => return None,
    };
    let mut failure = Failure::new(code).with_fact("Server", &entry.name);
    if let Some(error) = text(sign_in, &["lastError"]) {
        failure = failure.with_said(error);
    }
    let place = [file.place_of(entry)?, vec![Step::from(SIGN_IN)]].concat();
    let found = StoredFinding::new(APP, failure, certainty, (&file.path, file.digest?)).of_server(&entry.name);
    Some(found.mended_by(file.dialect, file.value.as_ref()?, place.clone(), Change::Remove(place)))
}
