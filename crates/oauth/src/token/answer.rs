//! Reading a token answer whatever its form (RFC 6749 §5.1 and §5.2): JSON or urlencoded, tokens nested, numbers as text,
//! errors with status 200. What an error means for the sign-in is decided in `verdict`.

use replug_core::Secret;
use replug_net::Answer;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use url::form_urlencoded;

use crate::members::{Members, first_text, message, seconds, text, texts};

/// Longer lifetimes are cut to ten years, so that dates stay within their range.
const LONGEST_LIFE: i64 = 10 * 365 * 24 * 3600;
/// Where services put the token when it is not at the top.
const NESTS: [&str; 2] = ["authed_user", "data"];
/// Names that services have for errors of RFC 6749 §5.2.
const SYNONYMS: [(&str, &str); 9] = [
    ("bad_refresh_token", "invalid_grant"),
    ("bad_verification_code", "invalid_grant"),
    ("invalid_refresh_token", "invalid_grant"),
    ("invalid_code", "invalid_grant"),
    ("code_already_used", "invalid_grant"),
    ("incorrect_client_credentials", "invalid_client"),
    ("bad_client_secret", "invalid_client"),
    ("invalid_client_id", "invalid_client"),
    ("client_not_found", "invalid_client"),
];

/// A token answer in one form.
#[derive(Debug)]
pub(super) struct TokenAnswer {
    pub(super) access: Secret<String>,
    pub(super) refresh: Option<Secret<String>>,
    /// Seconds; `None` when absent, zero, negative or no number.
    pub(super) expires_in: Option<i64>,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) notes: Vec<String>,
}

/// A structured error (RFC 6749 §5.2).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ErrorAnswer {
    /// The RFC's name where there is one.
    pub(super) error: String,
    /// The name as it was sent.
    pub(super) sent_as: String,
    /// The service's words.
    pub(super) said: Option<String>,
}

/// What an answer turned out to be.
#[derive(Debug)]
pub(super) enum Read<T> {
    Granted(T),
    Refused(ErrorAnswer),
    /// Neither what was asked for nor an OAuth error; `said` is what a message in it says.
    Unusable {
        said: Option<String>,
    },
}

/// Reads an answer in the form of what was asked for. An error counts before that and whatever the status is; what was asked
/// for counts only with a success.
pub(super) fn read<T>(answer: &Answer, form: impl FnOnce(&Members) -> Option<T>) -> Read<T> {
    let Some(members) = members_of(answer) else {
        return Read::Unusable { said: None };
    };
    if let Some(error) = error_of(&members) {
        return Read::Refused(error);
    }
    match form(&members).filter(|_| answer.status.is_success()) {
        Some(granted) => Read::Granted(granted),
        None => Read::Unusable { said: message(&members).map(str::to_owned) },
    }
}

/// Members that decide everything. Two of one name would be two answers in one, and none of them can be relied on.
#[expect(dead_code, reason = "only that each can be read once matters")]
#[derive(Deserialize)]
struct Once {
    access_token: Option<IgnoredAny>,
    refresh_token: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
}

fn members_of(answer: &Answer) -> Option<Members> {
    if let Ok(Value::Object(members)) = answer.json::<Value>() {
        return answer.json::<Once>().is_ok().then_some(members);
    }
    let claimed = answer.media_type().unwrap_or_default();
    let body = answer.text();
    let form = claimed.contains("urlencoded")
        || (!answer.is_html()
            && (["access_token=", "device_code=", "error="].iter().any(|start| body.starts_with(start))));
    form.then(|| {
        let pairs = form_urlencoded::parse(body.trim().as_bytes());
        pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect()
    })
}

fn error_of(members: &Members) -> Option<ErrorAnswer> {
    let inner = members.get("error").and_then(Value::as_object);
    let sent_as =
        text(members, "error").or_else(|| first_text(inner?, &["error", "code"])).or_else(|| vendor_code(members))?;
    let known = SYNONYMS.iter().find(|(name, _)| *name == sent_as);
    let said = message(members).or_else(|| message(inner?));
    Some(ErrorAnswer {
        error: known.map_or(sent_as, |(_, name)| *name).to_owned(),
        sent_as: sent_as.to_owned(),
        said: said.map(str::to_owned),
    })
}

/// Some services have a member of their own for the RFC's error name. Other values of it are theirs alone, and mean nothing
/// here.
fn vendor_code(members: &Members) -> Option<&str> {
    ["errorCode", "error_code"]
        .iter()
        .filter_map(|name| text(members, name))
        .find(|code| matches!(*code, "invalid_grant" | "invalid_client" | "unauthorized_client" | "invalid_scope"))
}

/// Tokens (RFC 6749 §5.1).
pub(super) fn granted(members: &Members) -> Option<TokenAnswer> {
    let mut notes = Vec::new();
    let holder = if text(members, "access_token").is_some() {
        members
    } else {
        let (name, nested) = nested(members)?;
        notes.push(format!("The token stands inside `{name}`."));
        nested
    };
    let access = text(holder, "access_token")?;
    let token_type = text(holder, "token_type").unwrap_or("bearer");
    if !token_type.eq_ignore_ascii_case("bearer") {
        notes.push(format!(
            "The token has the type `{}`; it is used as a bearer token.",
            replug_core::sanitize(token_type, 40)
        ));
    }
    Some(TokenAnswer {
        access: Secret::new(access.to_owned()),
        refresh: text(holder, "refresh_token").map(|token| Secret::new(token.to_owned())),
        expires_in: seconds(holder, "expires_in").map(|life| life.min(LONGEST_LIFE)),
        scopes: scopes(holder),
        notes,
    })
}

fn nested(members: &Members) -> Option<(&'static str, &Members)> {
    NESTS
        .into_iter()
        .filter_map(|name| Some((name, members.get(name)?.as_object()?)))
        .find(|(_, nested)| text(nested, "access_token").is_some())
}

/// Permissions as one text (RFC 6749 §3.3), with commas instead of spaces, or as an array.
fn scopes(members: &Members) -> Option<Vec<String>> {
    let listed = texts(members, "scope");
    let scopes: Vec<String> = listed.into_iter().flat_map(split_scope).map(str::to_owned).collect();
    (!scopes.is_empty()).then_some(scopes)
}

/// A comma may be part of a permission's name, so it separates only at the end of a word, or where there are no spaces.
fn split_scope(text: &str) -> Vec<&str> {
    let text = text.trim();
    let parts: Vec<&str> = if text.contains(char::is_whitespace) {
        text.split_whitespace().map(|part| part.trim_end_matches(',')).collect()
    } else {
        text.split(',').collect()
    };
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}
