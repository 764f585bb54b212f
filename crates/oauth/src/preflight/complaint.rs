//! What a refusal of the authorization endpoint is about: the client, or its callback address. Whether an answer is a refusal
//! at all is decided by its status, in the module above.

use replug_net::Answer;
use serde_json::Value;
use url::Url;

use crate::members::{Members, first_text, message};

/// Longer pages are not looked into, in bytes.
const LONGEST_PAGE: usize = 64 * 1024;
/// Longer texts are pages made for people, where any word may occur.
const LONGEST_TEXT: usize = 1500;
/// How far apart the client and the word against it may stand, in bytes.
const NEAR: usize = 48;
/// The same for the callback address, which is mostly quoted between them.
const NEAR_AROUND_ADDRESS: usize = 160;
/// Error names that are about the client (RFC 6749 §4.1.2.1 and what services use beside it).
const CLIENT_ERRORS: [&str; 5] =
    ["invalid_client", "unauthorized_client", "invalid_client_id", "unknown_client", "client_not_found"];
/// Error names that are about the callback address. RFC 6749 has none, because such an error never goes back to it.
const REDIRECT_ERRORS: [&str; 4] =
    ["invalid_redirect_uri", "redirect_uri_mismatch", "redirect_uri_not_allowed", "invalid_redirect"];
/// Where services name their errors.
const ERROR_MEMBERS: [&str; 4] = ["error", "error_code", "errorCode", "code"];
const CLIENT_WORDS: [&str; 5] = ["client", "application", "oauth app", "app id", "app with"];
const REDIRECT_WORDS: [&str; 9] = [
    "redirect_uri",
    "redirect uri",
    "redirect_url",
    "redirect url",
    "redirecturi",
    "callback url",
    "callback uri",
    "reply url",
    "reply address",
];
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
/// Words against an address, beside those against anything.
const MISMATCHES: [&str; 9] = [
    "mismatch",
    "not match",
    "doesn't match",
    "not allowed",
    "not permitted",
    "not associated",
    "not configured",
    "not valid",
    "not authorized",
];
/// Words that show the complaint is about something else than the client.
const OTHER_MATTERS: [&str; 4] = ["redirect", "scope", "application/", "client_secret"];

/// What is complained about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    Client,
    Redirect,
}

/// A complaint that is understood.
pub(super) struct Complaint {
    pub(super) about: About,
    /// In the service's own words.
    pub(super) said: String,
}

/// Whether a redirect carries an error to wherever it leads (RFC 6749 §4.1.2.1).
pub(super) fn is_error(target: &Url) -> bool {
    target.query_pairs().any(|(name, _)| name == "error")
}

/// What the error of a redirect is about.
pub(super) fn of_redirect(target: &Url) -> Option<Complaint> {
    let members = target.query_pairs().map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())));
    in_members(&members.collect())
}

/// What the body of a refusal is about.
pub(super) fn of_answer(answer: &Answer) -> Option<Complaint> {
    if let Ok(Value::Object(members)) = answer.json::<Value>() {
        return in_members(&members);
    }
    if answer.body.len() > LONGEST_PAGE {
        return None;
    }
    let said = visible_text(&answer.text());
    if said.len() > LONGEST_TEXT {
        return None;
    }
    let mut words = said.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let about = words.find_map(of_name).or_else(|| of_words(&said))?;
    Some(Complaint { about, said })
}

fn in_members(members: &Members) -> Option<Complaint> {
    let inner = members.get("error").and_then(Value::as_object);
    let read = |names: &[&str]| first_text(members, names).or_else(|| first_text(inner?, names));
    let said = message(members).or_else(|| message(inner?)).or_else(|| read(&ERROR_MEMBERS))?;
    let mut names = ERROR_MEMBERS.iter().filter_map(|name| read(&[name]));
    let about = names.find_map(of_name).or_else(|| of_words(said))?;
    Some(Complaint { about, said: said.to_owned() })
}

fn of_name(error: &str) -> Option<About> {
    let about_client = CLIENT_ERRORS.contains(&error).then_some(About::Client);
    about_client.or_else(|| REDIRECT_ERRORS.contains(&error).then_some(About::Redirect))
}

/// Whether a text speaks of one of the two and, close to it, against it. A text about both is about the address: the client
/// was found, or nothing could have been compared with it.
fn of_words(text: &str) -> Option<About> {
    let text = text.to_lowercase();
    let against_redirect = [NEGATIONS.as_slice(), &MISMATCHES].concat();
    if close(&text, &REDIRECT_WORDS, &against_redirect, NEAR_AROUND_ADDRESS) {
        return Some(About::Redirect);
    }
    let about_client =
        !OTHER_MATTERS.iter().any(|word| text.contains(word)) && close(&text, &CLIENT_WORDS, &NEGATIONS, NEAR);
    about_client.then_some(About::Client)
}

fn close(text: &str, subjects: &[&str], negations: &[&str], near: usize) -> bool {
    let places = |words: &[&str]| -> Vec<usize> {
        words.iter().flat_map(|word| text.match_indices(word).map(|(at, _)| at)).collect()
    };
    let negations = places(negations);
    places(subjects).iter().any(|subject| negations.iter().any(|negation| subject.abs_diff(*negation) <= near))
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
            assert_eq!(of_words(text), Some(About::Client), "{text}");
        }
    }

    #[test]
    fn words_about_a_refused_callback_address_are_recognised() {
        for text in [
            "redirect_uri did not match any configured URIs",
            "Unregistered redirect_uri",
            "Invalid redirect_uri for this client",
            "Callback URL mismatch.",
            "The redirect_uri is not associated with this application.",
            "The redirect URI 'http://127.0.0.1:4100/callback' specified in the request does not match the ones configured",
            "Redirect URL http://localhost:4100/callback is not allowed",
        ] {
            assert_eq!(of_words(text), Some(About::Redirect), "{text}");
        }
    }

    #[test]
    fn words_about_something_else_are_not_taken_for_either() {
        for text in [
            "Missing required parameter: client_id",
            "Missing required parameter: redirect_uri",
            "Invalid content type, expected application/json",
            "Unknown scope for client",
            "Page not found",
            "invalid request",
            "You will be sent to the redirect URI",
        ] {
            assert_eq!(of_words(text), None, "{text}");
        }
    }

    #[test]
    fn a_page_is_reduced_to_what_a_person_sees() {
        let page = "<html><style>client{not found}</style><SCRIPT>x<y</SCRIPT><h1>Oops</h1>\n<p>gone</p>";
        assert_eq!(visible_text(page), "Oops gone");
        assert_eq!(visible_text("a <script> b"), "a", "an open script hides the rest");
    }
}
