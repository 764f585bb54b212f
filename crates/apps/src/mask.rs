//! Which bytes of an app's file may be keys, so that the rest can be shown as it stands. Nothing is shown or changed here.
//!
//! Whatever is in doubt is hidden: a hidden address costs a glance into the file, a shown token costs the token.

mod pieces;
mod words;

use std::ops::Range;

use self::pieces::{Piece, walk};
use self::words::{in_address_or_key, in_comment, in_header_value};
use crate::dialect::Dialect;

/// What stands for something hidden.
pub(crate) const HIDDEN: &str = "…";

/// Objects all of whose values may be keys.
const SECRET_TABLES: [&str; 8] =
    ["headers", "http_headers", "env", "envs", "environment", "requestInit", "authorizeParams", "credentials"];
/// What the name of a single secret has in it, without hyphens and underscores.
const SECRET_WORDS: [&str; 13] = [
    "secret",
    "token",
    "password",
    "passwd",
    "passphrase",
    "authorization",
    "apikey",
    "accesskey",
    "privatekey",
    "credential",
    "cookie",
    "verifier",
    "oauthstate",
];
/// Names with such a word in them whose value is no secret.
const PUBLIC_ENDS: [&str; 6] = ["url", "uri", "endpoint", "type", "envvar", "header"];
/// What may be shown of a file of credentials; everything else in it is hidden.
const PUBLIC_IN_CREDENTIALS: [&str; 21] = [
    "servername",
    "serverurl",
    "mcpserverurl",
    "url",
    "clientid",
    "issuer",
    "redirecturi",
    "redirecturis",
    "redirecturl",
    "scope",
    "scopes",
    "tokentype",
    "tokenurl",
    "tokenendpoint",
    "authorizationserverurl",
    "resourcemetadataurl",
    "authservermetadataurl",
    "authorizationserver",
    "grantypes",
    "type",
    "updatedat",
];
/// Arguments before the one that holds a header.
const HEADER_OPTIONS: [&str; 2] = ["--header", "-H"];

/// The parts of `text` that may be keys, in order, none across the end of a line. A file of credentials shows less. `text`
/// has been parsed before; of one that cannot be parsed everything is hidden.
pub(crate) fn hidden(dialect: Dialect, text: &str, credentials: bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let whole = walk(dialect, text, &mut |piece| found.extend(hidden_in(text, &piece, credentials)));
    if whole.is_none() {
        found = std::iter::once(0..text.len()).collect();
    }
    found.sort_by_key(|range| (range.start, range.end));
    found.into_iter().flat_map(|range| by_line(text, range)).collect()
}

fn hidden_in(text: &str, piece: &Piece<'_>, credentials: bool) -> Vec<Range<usize>> {
    match piece {
        Piece::Comment(range) => moved(in_comment(&text[range.clone()]), range.start),
        Piece::Number { range, path } if is_in_secret_table(path) => std::iter::once(range.clone()).collect(),
        Piece::Number { .. } => Vec::new(),
        Piece::Key { range, says } => placed(text, range, says, in_address_or_key(says)),
        Piece::Text { range, says, path, before } => placed(text, range, says, parts(path, *before, says, credentials)),
    }
}

/// The parts of a value that may be keys, in bytes of what it says.
fn parts(path: &[&str], before: Option<&str>, says: &str, credentials: bool) -> Vec<Range<usize>> {
    let all = || std::iter::once(0..says.len()).collect();
    let name = path.last().copied().unwrap_or_default();
    if is_in_secret_table(path) {
        return in_header_value(says);
    }
    if credentials && !path.iter().rev().take(2).any(|key| PUBLIC_IN_CREDENTIALS.contains(&plain(key).as_str())) {
        return all();
    }
    if is_secret_name(name) {
        return in_header_value(says);
    }
    match before {
        Some(option) if HEADER_OPTIONS.contains(&option) => {
            says.split_once(':').map_or_else(all, |(header, value)| moved(in_header_value(value), header.len() + 1))
        }
        Some(option) if option.starts_with('-') && !option.contains('=') && is_secret_name(option) => all(),
        _ => match says.split_once('=') {
            Some((option, value)) if option.starts_with('-') && (is_secret_name(option) || !value.contains("://")) => {
                std::iter::once(option.len() + 1..says.len()).collect()
            }
            _ => in_address_or_key(says),
        },
    }
}

fn is_in_secret_table(path: &[&str]) -> bool {
    path.iter().any(|key| SECRET_TABLES.contains(key))
}

/// Whether the value of something with this name is a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let plain = plain(name);
    SECRET_WORDS.iter().any(|word| plain.contains(word)) && !PUBLIC_ENDS.iter().any(|end| plain.ends_with(end))
}

/// A name without its case, hyphens and underscores.
fn plain(name: &str) -> String {
    name.chars().filter(|character| !"-_".contains(*character)).collect::<String>().to_ascii_lowercase()
}

/// Ranges of what a text says, in the file. One that is written with escapes is hidden as a whole: the bytes do not match.
fn placed(text: &str, range: &Range<usize>, says: &str, parts: Vec<Range<usize>>) -> Vec<Range<usize>> {
    if parts.is_empty() || text.get(range.clone()) == Some(says) {
        return moved(parts, range.start);
    }
    std::iter::once(range.clone()).collect()
}

fn moved(parts: Vec<Range<usize>>, by: usize) -> Vec<Range<usize>> {
    parts.into_iter().map(|part| part.start + by..part.end + by).collect()
}

/// The range without the line ends in it: a masked text has as many lines as the file.
fn by_line(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut at = range.start;
    let mut found = Vec::new();
    for line in text[range].split_inclusive('\n') {
        let shown = line.trim_end_matches(['\n', '\r']).len();
        if shown > 0 {
            found.push(at..at + shown);
        }
        at += line.len();
    }
    found
}

/// The text with something else in the place of what may be a key.
pub(crate) fn masked(dialect: Dialect, text: &str, credentials: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for range in hidden(dialect, text, credentials) {
        if range.start >= at {
            out.push_str(&text[at..range.start]);
            out.push_str(HIDDEN);
        }
        at = at.max(range.end);
    }
    out.push_str(&text[at..]);
    out
}
