//! Asking the authorization endpoint, before the browser is opened, whether it still knows the client. A service that
//! forgot it shows its error in the browser only, and nothing ever comes back to the callback.

use replug_core::{Code, Failure};
use replug_net::{Answer, Ask};
use serde_json::Value;

use crate::members::{Members, first_text, message};
use crate::{Attempt, AttemptInput, Context, ServiceMetadata};

/// Longer pages are not looked into, in bytes.
const LONGEST_PAGE: usize = 64 * 1024;
/// Longer texts are pages made for people, where any word may occur.
const LONGEST_TEXT: usize = 1500;
/// How far apart the client and the word against it may stand, in bytes.
const NEAR: usize = 48;
/// Error names that are about the client (RFC 6749 §4.1.2.1 and what services use beside it).
const CLIENT_ERRORS: [&str; 5] =
    ["invalid_client", "unauthorized_client", "invalid_client_id", "unknown_client", "client_not_found"];
/// Where services name their errors.
const ERROR_MEMBERS: [&str; 4] = ["error", "error_code", "errorCode", "code"];
const SUBJECTS: [&str; 5] = ["client", "application", "oauth app", "app id", "app with"];
const NEGATIONS: [&str; 11] = [
    "unrecogni",
    "not recogni",
    "unknown",
    "not found",
    "could not be found",
    "not exist",
    "doesn't exist",
    "no such",
    "not registered",
    "unregistered",
    "invalid",
];
/// Words that show the complaint is about something else.
const OTHER_MATTERS: [&str; 4] = ["redirect", "scope", "application/", "client_secret"];

/// What the authorization endpoint says about a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preflight {
    /// It goes on with the sign-in.
    Known,
    /// It does not know the client any more (`RPL-REG-FORGOTTEN`).
    Stale(Failure),
    /// It says nothing that could be relied on; the browser is opened anyway.
    Unclear,
}

/// Sends the request that `input` describes, with a state and a verifier that are thrown away, and follows nothing.
pub async fn preflight(ctx: &Context<'_>, service: &ServiceMetadata, input: &AttemptInput<'_>) -> Preflight {
    let Ok(attempt) = Attempt::begin(ctx, service, input) else {
        // The attempt proper fails in the same way and says why.
        return Preflight::Unclear;
    };
    let ask = Ask::get(attempt.address.url().clone(), ctx.reach).accept("text/html,application/json;q=0.9");
    let Ok(answer) = ctx.http.ask(&ask, ctx.trace).await else {
        return Preflight::Unclear;
    };
    match answer.status.as_u16() {
        300..=399 if answer.location().is_some_and(|target| !has_error(&target)) => Preflight::Known,
        400 | 401 | 404 | 422 => complaint(&answer).map_or(Preflight::Unclear, |said| {
            Preflight::Stale(
                Failure::new(Code::RegForgotten)
                    .with_fact("Asked", replug_net::mask_url(&answer.url))
                    .with_fact("Status", answer.status.as_u16().to_string())
                    .with_said(said),
            )
        }),
        _ => Preflight::Unclear,
    }
}

fn has_error(target: &url::Url) -> bool {
    target.query_pairs().any(|(name, _)| name == "error")
}

/// What the answer says against the client, when that is what it says.
fn complaint(answer: &Answer) -> Option<String> {
    if let Ok(Value::Object(members)) = answer.json::<Value>() {
        return complaint_in(&members);
    }
    if answer.body.len() > LONGEST_PAGE {
        return None;
    }
    let text = visible_text(&answer.text());
    let names_error =
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| CLIENT_ERRORS.contains(&word));
    (text.len() <= LONGEST_TEXT && (names_error || is_about_client(&text))).then_some(text)
}

fn complaint_in(members: &Members) -> Option<String> {
    let inner = members.get("error").and_then(Value::as_object);
    let read = |names: &[&str]| first_text(members, names).or_else(|| first_text(inner?, names));
    let names_error = ERROR_MEMBERS.iter().filter_map(|name| read(&[name])).any(|error| CLIENT_ERRORS.contains(&error));
    let said = message(members).or_else(|| message(inner?)).or_else(|| read(&ERROR_MEMBERS))?;
    (names_error || is_about_client(said)).then(|| said.to_owned())
}

/// Whether a text speaks of a client and, close to it, of its not being there.
fn is_about_client(text: &str) -> bool {
    let text = text.to_lowercase();
    if OTHER_MATTERS.iter().any(|word| text.contains(word)) {
        return false;
    }
    let places = |words: &[&str]| -> Vec<usize> {
        words.iter().flat_map(|word| text.match_indices(word).map(|(at, _)| at)).collect()
    };
    let negations = places(&NEGATIONS);
    places(&SUBJECTS).iter().any(|subject| negations.iter().any(|negation| subject.abs_diff(*negation) <= NEAR))
}

/// The text of a web page without its tags, styles and scripts, with single spaces.
fn visible_text(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let hidden = ["style", "script"].into_iter().find(|name| begins_with(tag, name));
        let tag = hidden.map_or(tag, |name| closing_tag(tag, name));
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text from the tag that closes `name` on, or nothing.
fn closing_tag<'a>(text: &'a str, name: &str) -> &'a str {
    text.match_indices("</")
        .map(|(at, mark)| &text[at + mark.len()..])
        .find(|tag| begins_with(tag, name))
        .unwrap_or_default()
}

fn begins_with(text: &str, name: &str) -> bool {
    text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_about_a_forgotten_client_are_recognised() {
        for text in [
            "Unrecognized client_id",
            "OAuth app with client id doesn't exist",
            "Application not found",
            "client is invalid",
            "The client application is not registered",
            "Invalid client_id",
        ] {
            assert!(is_about_client(text), "{text}");
        }
    }

    #[test]
    fn words_about_something_else_are_not_taken_for_it() {
        for text in [
            "Missing required parameter: client_id",
            "Invalid redirect_uri for this client",
            "Invalid content type, expected application/json",
            "Unknown scope for client",
            "Page not found",
            "invalid request",
        ] {
            assert!(!is_about_client(text), "{text}");
        }
    }

    #[test]
    fn a_page_is_reduced_to_what_a_person_sees() {
        let page = "<html><style>client{not found}</style><SCRIPT>x<y</SCRIPT><h1>Oops</h1>\n<p>gone</p>";
        assert_eq!(visible_text(page), "Oops gone");
        assert_eq!(visible_text("a <script> b"), "a", "an open script hides the rest");
    }
}
