//! What is wrong with an entry, by looking at the entry alone, and the change that mends it. What a server says about it, and
//! what an app stored for it, is looked at elsewhere.

mod authorization;
mod dropped;
mod variables;

pub use self::dropped::{EntryRemark, dropped};
pub(crate) use self::variables::names as variable_names;
use replug_core::{Code, Failure, Transport, sanitize};
use serde_json::Value as Json;

use crate::edit::{Change, Step};
use crate::entry::{Entry, RemoteServer, Target};
use crate::table::{ClientApp, NameRule};
use crate::{Computer, Value};

/// Something about an entry that a person should know.
#[derive(Debug)]
pub struct Remark {
    /// What it is, with its evidence.
    pub failure: Failure,
    /// The change that mends it; its paths begin inside the entry.
    pub fix: Vec<Change>,
}

impl Remark {
    fn new(failure: impl Into<Failure>) -> Self {
        Self { failure: failure.into(), fix: Vec::new() }
    }

    fn mended_by(self, change: Change) -> Self {
        Self { fix: vec![change], ..self }
    }

    /// Whether the change loses nothing that a person may have meant.
    pub fn is_safe(&self) -> bool {
        use Code::{AppBearerDoubled, AppTypeMissing, AppTypeUnknown, AppWhiteSpace};
        let loses_nothing = [AppBearerDoubled, AppTypeMissing, AppTypeUnknown, AppWhiteSpace];
        !self.fix.is_empty() && loses_nothing.contains(&self.failure.code)
    }
}

/// Everything that can be said about an entry without asking anybody.
pub fn remarks(computer: &Computer, app: &ClientApp, entry: &Entry) -> Vec<Remark> {
    let mut found = Vec::new();
    found.extend(name(app, entry));
    found.extend(unknown_members(app, entry));
    match &entry.target {
        Target::Unclear => found.push(Remark::new(Code::AppEntryUnclear)),
        Target::Remote(remote) => found.extend(about_remote(computer, app, entry, remote)),
        Target::Local(_) | Target::BuiltIn => {}
    }
    if !entry.enabled {
        found.push(switched_off(app));
    }
    found
}

fn about_remote(computer: &Computer, app: &ClientApp, entry: &Entry, remote: &RemoteServer) -> Vec<Remark> {
    if !app.shape.takes_remote {
        return vec![Remark::new(Code::AppLocalOnly)];
    }
    let mut found = Vec::new();
    found.extend(kind(app, remote));
    found.extend(white_space(app, entry));
    found.extend(authorization::remarks(app, entry, remote));
    found.extend(variables::remarks(computer, remote));
    found
}

fn name(app: &ClientApp, entry: &Entry) -> Option<Remark> {
    let refused = match app.name_rule {
        NameRule::Any => entry.name.trim().is_empty(),
        NameRule::Token => !is_token(&entry.name),
    };
    refused.then(|| Remark::new(Failure::new(Code::AppNameRefused).with_fact("Name", &entry.name)))
}

/// Letters, digits, hyphens and underscores: what every app takes.
pub(crate) fn is_token(name: &str) -> bool {
    (1..=60).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// An app that knows all members of an entry refuses the whole file over one that it does not know.
fn unknown_members(app: &ClientApp, entry: &Entry) -> Option<Remark> {
    let known = app.shape.only_members?;
    let unknown = entry.value.as_table()?.members().map(|(key, _)| key).find(|key| !known.contains(key))?;
    let failure = Failure::new(Code::AppEntryDisablesAll).with_fact("Member", unknown);
    Some(Remark::new(failure).mended_by(Change::Remove(vec![Step::from(unknown)])))
}

fn kind(app: &ClientApp, remote: &RemoteServer) -> Option<Remark> {
    let kind = &app.shape.kind;
    let said = remote.kind.as_deref();
    let code = match said {
        None if kind.required => Code::AppTypeMissing,
        Some(word) if !kind.words.is_empty() && !kind.words.iter().any(|(known, _)| *known == word) => {
            Code::AppTypeUnknown
        }
        _ => return None,
    };
    let wanted = likely_transport(remote);
    let word = kind.words.iter().find(|(_, transport)| *transport == Some(wanted)).map(|(word, _)| *word)?;
    let mut failure = Failure::new(code).with_fact("Use", format!("\"{}\": \"{word}\"", kind.key));
    if let Some(said) = said {
        failure = failure.with_fact("The entry says", said);
    }
    let path = app.shape.inner.into_iter().chain([kind.key]).map(Step::from).collect();
    Some(Remark::new(failure).mended_by(Change::Set(path, Json::String(word.to_owned()))))
}

/// What an address without a word about it speaks: the old transport has a customary path.
fn likely_transport(remote: &RemoteServer) -> Transport {
    let address = remote.address.expose();
    let path = address.split(['?', '#']).next().unwrap_or_default();
    if path.trim_end_matches('/').ends_with("/sse") { Transport::Sse } else { Transport::StreamableHttp }
}

/// Spaces or line ends around the address or a header's value.
fn white_space(app: &ClientApp, entry: &Entry) -> Vec<Remark> {
    let shape = app.shape;
    let inner: Vec<&str> = shape.inner.into_iter().filter(|key| entry.value.at(&[key]).is_some()).collect();
    let addresses = shape.address.iter().map(|key| inner.iter().copied().chain([*key]).collect::<Vec<_>>());
    let headers = shape.headers.iter().flat_map(|key| {
        let at: Vec<&str> = inner.iter().copied().chain([*key]).collect();
        let table = entry.value.at(&at).and_then(Value::as_table);
        let names = table.into_iter().flat_map(|table| table.members().map(|(name, _)| name));
        names.map(move |name| at.iter().copied().chain([name]).collect::<Vec<_>>()).collect::<Vec<_>>()
    });
    addresses.chain(headers).filter_map(|path| trimmed(entry, &path)).collect()
}

fn trimmed(entry: &Entry, path: &[&str]) -> Option<Remark> {
    let text = entry.value.at(path)?.as_text()?;
    if text.trim() == text {
        return None;
    }
    let failure = Failure::new(Code::AppWhiteSpace).with_fact("Value of", sanitize(path.last()?, 60));
    let path = path.iter().copied().map(Step::from).collect();
    Some(Remark::new(failure).mended_by(Change::Set(path, Json::String(text.trim().to_owned()))))
}

fn switched_off(app: &ClientApp) -> Remark {
    use crate::table::Switch;
    let remark = Remark::new(Code::AppSwitchedOff);
    match app.shape.switch {
        Switch::None => remark,
        Switch::Disabled(key) => remark.mended_by(Change::Set(vec![Step::from(key)], Json::Bool(false))),
        Switch::Enabled(key) => remark.mended_by(Change::Set(vec![Step::from(key)], Json::Bool(true))),
    }
}
