//! What a server was asked, for tests to look at: names of everything, values of what is no secret. Bodies and tokens are
//! not kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::watch;

use crate::wire::Incoming;

/// Members whose values are never kept.
const SECRET: &[&str] = &[
    "access_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "code",
    "code_challenge",
    "code_verifier",
    "device_code",
    "refresh_token",
    "session_id",
    "state",
    "ticket",
    "token",
];

/// Headers whose values are kept; of all others only the name is.
const OPEN_HEADERS: &[&str] = &[
    "accept",
    "accept-encoding",
    "content-type",
    "host",
    "mcp-method",
    "mcp-name",
    "mcp-protocol-version",
    "origin",
    "referer",
    "user-agent",
];

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The names of all members of query, form and JSON body, in the order sent.
    pub members: Vec<String>,
    /// The values of the members that are no secret; lists and objects as JSON.
    pub values: BTreeMap<String, String>,
    /// The names of all headers, in lower case.
    pub headers: Vec<String>,
    /// The values of headers that are no secret.
    pub header_values: BTreeMap<String, String>,
    /// The scheme of the `Authorization` header, in lower case, when one came.
    pub authorization: Option<String>,
    /// The answer's status; `None` while there is no answer.
    pub status: Option<u16>,
}

impl Logged {
    fn of(request: &Incoming) -> Self {
        let mut logged = Self {
            method: request.method.to_string(),
            path: request.sent_path.clone(),
            members: Vec::new(),
            values: BTreeMap::new(),
            headers: Vec::new(),
            header_values: BTreeMap::new(),
            authorization: request
                .header("authorization")
                .map(|value| value.split(' ').next().unwrap_or_default().to_ascii_lowercase()),
            status: None,
        };
        for (name, value) in request.query.iter().chain(&request.form()) {
            logged.keep(name, value);
        }
        if let Some(Value::Object(document)) = request.json() {
            for (name, value) in &document {
                let shown = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
                logged.keep(name, &shown);
            }
        }
        for name in request.headers.keys() {
            logged.headers.push(name.as_str().to_owned());
            if OPEN_HEADERS.contains(&name.as_str())
                && let Some(value) = request.header(name.as_str())
            {
                logged.header_values.insert(name.as_str().to_owned(), value.to_owned());
            }
        }
        logged
    }

    fn keep(&mut self, name: &str, value: &str) {
        self.members.push(name.to_owned());
        if !SECRET.contains(&name) {
            self.values.insert(name.to_owned(), value.to_owned());
        }
    }

    /// The value of a member that is no secret.
    pub fn value(&self, member: &str) -> Option<&str> {
        self.values.get(member).map(String::as_str)
    }

    /// Whether query, form or JSON body had this member.
    pub fn has(&self, member: &str) -> bool {
        self.members.iter().any(|name| name == member)
    }

    /// Whether a header of this name came; give it in lower case.
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|header| header == name)
    }
}

/// Everything a server was asked, in order of arrival. Copies show the same log.
#[derive(Debug, Clone)]
pub struct RequestLog(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    entries: Mutex<Vec<Logged>>,
    changed: watch::Sender<()>,
}

impl RequestLog {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inner { entries: Mutex::default(), changed: watch::Sender::new(()) }))
    }

    /// All requests so far.
    pub fn all(&self) -> Vec<Logged> {
        self.lock().clone()
    }

    /// The requests for this path.
    pub fn to(&self, path: &str) -> Vec<Logged> {
        self.lock().iter().filter(|entry| entry.path == path).cloned().collect()
    }

    /// How many requests asked for this path.
    pub fn count(&self, path: &str) -> usize {
        self.lock().iter().filter(|entry| entry.path == path).count()
    }

    /// The latest request for this path.
    pub fn last(&self, path: &str) -> Option<Logged> {
        self.lock().iter().rfind(|entry| entry.path == path).cloned()
    }

    /// Waits until the log satisfies `enough`; it is looked at after each request and each answer.
    pub async fn until(&self, enough: impl Fn(&[Logged]) -> bool) -> Vec<Logged> {
        let mut changed = self.0.changed.subscribe();
        loop {
            let entries = self.all();
            // The sender lives as long as this log, so the wait can only end by a change.
            if enough(&entries) || changed.changed().await.is_err() {
                return entries;
            }
        }
    }

    /// Writes a request down; the returned place is for [`Self::answered`].
    pub(crate) fn arrived(&self, request: &Incoming) -> usize {
        let place = {
            let mut entries = self.lock();
            entries.push(Logged::of(request));
            entries.len() - 1
        };
        self.0.changed.send_replace(());
        place
    }

    pub(crate) fn answered(&self, place: usize, status: u16) {
        if let Some(entry) = self.lock().get_mut(place) {
            entry.status = Some(status);
        }
        self.0.changed.send_replace(());
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Logged>> {
        self.0.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
