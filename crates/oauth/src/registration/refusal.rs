//! Reading why a registration was refused. Services put it into many shapes; what counts is which member they name.

use http::StatusCode;
use replug_core::{Code, Failure};
use replug_net::{Answer, mask_url};
use serde_json::Value;
use url::Url;

use crate::members::{Members, object, text};

/// Texts read of one answer.
const MAX_TEXTS: usize = 64;

/// A part of the request that a refusal can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Name,
    Redirect,
    Scope,
    ApplicationType,
    AuthMethod,
    Grants,
    ResponseTypes,
}

/// How parts are spelled once everything but letters and digits is taken out: `redirect_uris`, `redirectUris` and
/// "Redirect URI" are then the same.
const SPELLINGS: &[(&str, Part)] = &[
    ("clientname", Part::Name),
    ("appname", Part::Name),
    ("applicationname", Part::Name),
    ("redirecturi", Part::Redirect),
    ("redirecturl", Part::Redirect),
    ("callbackurl", Part::Redirect),
    ("scope", Part::Scope),
    ("applicationtype", Part::ApplicationType),
    ("authmethod", Part::AuthMethod),
    ("clientsecretbasic", Part::AuthMethod),
    ("clientsecretpost", Part::AuthMethod),
    ("granttype", Part::Grants),
    ("refreshtoken", Part::Grants),
    ("responsetype", Part::ResponseTypes),
];

/// Why a registration was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The parts it names, each once. Empty when it names none.
    pub(super) parts: Vec<Part>,
    /// The service's own words.
    said: String,
}

impl Refusal {
    /// Reads a refusal out of a JSON object.
    pub(super) fn read(members: &Members) -> Self {
        Self { parts: parts_of(members), said: words(members) }
    }

    /// As if the service had named this part.
    pub(super) fn of(part: Part) -> Self {
        Self { parts: vec![part], said: String::new() }
    }

    /// The failure when nothing more can be changed about the request.
    pub(super) fn to_failure(&self, endpoint: &Url, status: StatusCode) -> Failure {
        let code = match self.parts.as_slice() {
            _ if status == StatusCode::FORBIDDEN => Code::RegNotApproved,
            parts if parts.contains(&Part::Redirect) => Code::RegRedirectRefused,
            parts if parts.contains(&Part::Name) => Code::RegNameRefused,
            _ => Code::RegMetadataRefused,
        };
        Failure::new(code)
            .with_fact("Address", mask_url(endpoint))
            .with_fact("Status", status.as_str())
            .with_said(&self.said)
    }
}

/// The words of any answer that is not a web page.
pub(super) fn words_of(answer: &Answer) -> String {
    object(answer).map_or_else(|| answer.text().into_owned(), |members| words(&members))
}

fn parts_of(members: &Members) -> Vec<Part> {
    let by_error = match error_code(members) {
        "invalid_redirect_uri" => Some(Part::Redirect),
        "invalid_scope" => Some(Part::Scope),
        "invalid_client_name" => Some(Part::Name),
        _ => None,
    };
    let mut parts: Vec<Part> = by_error.into_iter().collect();
    let texts = texts_of(members);
    for text in &texts {
        let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        let letters = letters.to_ascii_lowercase();
        for (spelling, part) in SPELLINGS {
            if letters.contains(spelling) && !parts.contains(part) {
                parts.push(*part);
            }
        }
    }
    // A bare "name" means the client's only when nothing else is named: it is part of too many other words.
    let says_name =
        |text: &String| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.eq_ignore_ascii_case("name"));
    if parts.is_empty() && texts.iter().any(says_name) {
        parts.push(Part::Name);
    }
    parts
}

fn error_code(members: &Members) -> &str {
    text(members, "error").unwrap_or_default()
}

/// Every member name and text below the top level's `error`, which is a fixed word and names no part.
fn texts_of(members: &Members) -> Vec<String> {
    let mut texts = Vec::new();
    let mut queue: Vec<&Value> = Vec::new();
    for (name, value) in members {
        match value {
            Value::String(_) if name == "error" || name == "error_uri" => {}
            value => queue.push(value),
        }
    }
    while let Some(value) = queue.pop() {
        if texts.len() >= MAX_TEXTS {
            break;
        }
        match value {
            Value::String(text) => texts.push(text.clone()),
            Value::Array(items) => queue.extend(items),
            Value::Object(inner) => {
                texts.extend(inner.keys().cloned());
                queue.extend(inner.values());
            }
            _ => {}
        }
    }
    texts
}

/// What a person should read of it: the error, and the first description there is.
fn words(members: &Members) -> String {
    let described = ["error_description", "message", "detail", "errors", "title"]
        .into_iter()
        .filter_map(|name| members.get(name))
        .find_map(|value| match value {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            Value::Array(_) | Value::Object(_) => Some(value.to_string()),
            _ => None,
        });
    let error = error_code(members).to_owned();
    match described {
        Some(described) if error.is_empty() => described,
        Some(described) => format!("{error}: {described}"),
        None => error,
    }
}
