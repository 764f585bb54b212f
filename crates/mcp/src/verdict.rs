//! What an HTTP answer that carries no MCP message means. It judges one answer; going on or giving up is decided in `probe`.

use http::{HeaderName, StatusCode, header};
use replug_core::{BodyShape, sanitize};
use replug_net::Answer;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::refusal::{Challenges, Refusal};

const CF_MITIGATED: HeaderName = HeaderName::from_static("cf-mitigated");
const AMZN_WAF: HeaderName = HeaderName::from_static("x-amzn-waf-action");
const DENY_REASON: HeaderName = HeaderName::from_static("x-deny-reason");
const MAX_CHALLENGES: usize = 10;
const MAX_SAID: usize = 300;

/// Beginnings and parts of titles that firewalls give their pages, in lower case.
const BLOCKING_TITLES: &[&str] = &[
    "just a moment",
    "attention required",
    "access denied",
    "access to this site has been denied",
    "request blocked",
    "request rejected",
    "security check",
    "web page blocked",
    "captcha",
    "zscaler",
    "not acceptable",
];

/// Judges an answer without a message in it.
pub(crate) fn refusal_of(answer: &Answer, endpoint: &Endpoint) -> Refusal {
    let status = answer.status;
    if status == StatusCode::UNAUTHORIZED {
        return Refusal::Unauthorized { challenges: challenges_of(answer) };
    }
    let markers = blocking_markers(answer);
    if !markers.is_empty() {
        let title = title_of(answer);
        return Refusal::BlockedPage { status, title, markers };
    }
    let said = || endpoint.scrub(&words_of(answer));
    match status {
        StatusCode::FORBIDDEN => forbidden(answer, said()),
        StatusCode::NOT_FOUND => Refusal::NotFound,
        StatusCode::TOO_MANY_REQUESTS => Refusal::RateLimited { retry_after_s: retry_after(answer) },
        _ if status.is_server_error() => {
            Refusal::ServerError { status, retry_after_s: retry_after(answer), said: said() }
        }
        _ if status.is_redirection() => match answer.location() {
            Some(to) => Refusal::RedirectsAway { to, status },
            None => Refusal::Rejected { status, said: said() },
        },
        _ if status.is_success() && answer.is_html() => Refusal::WebPage { status, title: title_of(answer) },
        _ if status.is_success() => Refusal::NotMcp { why: describe(answer.shape()) },
        _ => Refusal::Rejected { status, said: said() },
    }
}

fn challenges_of(answer: &Answer) -> Challenges {
    let values = answer.challenges().into_iter().take(MAX_CHALLENGES);
    Challenges::new(values.map(str::to_owned).collect())
}

fn forbidden(answer: &Answer, said: String) -> Refusal {
    let challenges = answer.challenges();
    let in_challenge = challenges.iter().find_map(|value| oauth_error(value));
    match in_challenge.or_else(|| error_in_body(answer)).as_deref() {
        Some("insufficient_scope") => Refusal::InsufficientScope { challenges: challenges_of(answer) },
        Some("invalid_token") => Refusal::Unauthorized { challenges: challenges_of(answer) },
        _ if answer.is_html() => Refusal::BlockedPage {
            status: answer.status,
            title: title_of(answer),
            markers: vec!["a web page with status 403".to_owned()],
        },
        _ => Refusal::Forbidden { deny_reason: answer.header(&DENY_REASON).map(|reason| sanitize(reason, 100)), said },
    }
}

/// The auth-param `error` of a challenge (RFC 6750 §3). Only this one is looked for; challenges are read in full elsewhere.
fn oauth_error(challenge: &str) -> Option<String> {
    let mut rest = challenge;
    while let Some(equals) = rest.find('=') {
        let name = rest[..equals].rsplit([' ', ',', '\t']).find(|part| !part.is_empty());
        let (value, after) = auth_value(&rest[equals + 1..]);
        if name.is_some_and(|name| name.eq_ignore_ascii_case("error")) {
            return Some(value);
        }
        rest = after;
    }
    None
}

/// A token or a quoted string (RFC 9110 §5.6.4), and what follows it.
fn auth_value(text: &str) -> (String, &str) {
    let text = text.trim_start();
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, char)| char)),
            _ => value.push(char),
        }
    }
    (value, "")
}

fn error_in_body(answer: &Answer) -> Option<String> {
    #[derive(Deserialize)]
    struct Body {
        error: String,
    }
    answer.json::<Body>().ok().map(|body| body.error)
}

fn blocking_markers(answer: &Answer) -> Vec<String> {
    let mut markers: Vec<String> = [CF_MITIGATED, AMZN_WAF]
        .iter()
        .filter_map(|name| {
            let value = answer.header(name)?;
            Some(format!("{name}: {}", sanitize(value, 60)))
        })
        .collect();
    if let Some(title) = title_of(answer).map(|title| title.to_lowercase())
        && let Some(known) = BLOCKING_TITLES.iter().find(|known| title.contains(*known))
    {
        markers.push(format!("a page titled “{known}”"));
    }
    markers
}

fn title_of(answer: &Answer) -> Option<String> {
    match answer.shape() {
        BodyShape::Html { title } => title,
        _ => None,
    }
}

/// What the other side said, when it said it in a form people use for that.
fn words_of(answer: &Answer) -> String {
    #[derive(Deserialize)]
    struct Said {
        error: Option<serde_json::Value>,
        error_description: Option<String>,
        message: Option<String>,
        detail: Option<String>,
    }
    let text = match answer.shape() {
        BodyShape::Html { title } => title.unwrap_or_default(),
        BodyShape::Text => answer.text().into_owned(),
        BodyShape::JsonObject { .. } => answer.json::<Said>().map_or_else(
            |_| String::new(),
            |said| {
                let error = said.error.as_ref();
                let nested = error.and_then(|error| error.get("message").or(Some(error))?.as_str());
                let nested = nested.map(str::to_owned);
                let texts = [said.error_description, said.message, said.detail, nested];
                texts.into_iter().flatten().next().unwrap_or_default()
            },
        ),
        _ => String::new(),
    };
    sanitize(&text, MAX_SAID)
}

/// Seconds, or a date measured against the server's own clock (RFC 9110 §10.2.3).
fn retry_after(answer: &Answer) -> Option<u64> {
    let value = answer.header(&header::RETRY_AFTER)?;
    let seconds = value.trim().parse().ok();
    seconds.or_else(|| answer.retry_after(answer.date()?))
}

fn describe(shape: BodyShape) -> String {
    match shape {
        BodyShape::Empty => "nothing".to_owned(),
        BodyShape::JsonObject { members } => format!("JSON with the members {}", members.join(", ")),
        BodyShape::JsonArray { .. } | BodyShape::JsonScalar => "JSON that is no message".to_owned(),
        BodyShape::EventStream => "a stream of events without the answer".to_owned(),
        BodyShape::Html { .. } => "a web page".to_owned(),
        BodyShape::Form { .. } | BodyShape::Text => "text".to_owned(),
        BodyShape::Binary => "binary data".to_owned(),
    }
}
