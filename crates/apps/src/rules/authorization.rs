//! Mistakes in a fixed `Authorization` header (RFC 9110 §11.4): the scheme twice, or not at all.

use replug_core::{Code, Failure};
use serde_json::Value as Json;

use super::Remark;
use crate::edit::{Change, Step};
use crate::entry::{Entry, RemoteServer};
use crate::table::ClientApp;

const SCHEMES: [&str; 5] = ["bearer", "basic", "token", "apikey", "digest"];

pub(super) fn remarks(app: &ClientApp, entry: &Entry, remote: &RemoteServer) -> Vec<Remark> {
    remote
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        .filter_map(|(name, value)| remark(app, entry, name, value.expose()))
        .collect()
}

fn remark(app: &ClientApp, entry: &Entry, name: &str, value: &str) -> Option<Remark> {
    let words: Vec<&str> = value.split_whitespace().collect();
    let is_scheme = |word: &str| SCHEMES.contains(&word.to_ascii_lowercase().as_str());
    match words.as_slice() {
        [first, second, rest @ ..] if first.eq_ignore_ascii_case("bearer") && second.eq_ignore_ascii_case("bearer") => {
            let once = std::iter::once(first).chain(rest).copied().collect::<Vec<_>>().join(" ");
            Some(
                Remark::new(Code::AppBearerDoubled).mended_by(Change::Set(path(app, entry, name)?, Json::String(once))),
            )
        }
        [only] if !is_scheme(only) && !only.contains("${") => {
            let failure = Failure::new(Code::AppBearerMissing).with_fact("Header", name);
            Some(Remark::new(failure))
        }
        _ => None,
    }
}

fn path(app: &ClientApp, entry: &Entry, header: &str) -> Option<Vec<Step>> {
    let inner = app.shape.inner.filter(|key| entry.value.at(&[key]).is_some());
    let holds = |key: &&&str| entry.value.at(&inner.into_iter().chain([**key, header]).collect::<Vec<_>>()).is_some();
    let key = app.shape.headers.iter().find(holds)?;
    Some(inner.into_iter().chain([*key, header]).map(Step::from).collect())
}
