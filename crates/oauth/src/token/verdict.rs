//! What a token answer without tokens means for the sign-in: the table from status and form to a verdict. What follows from
//! a verdict is decided in the engine.

use std::fmt;
use std::time::Duration;

use http::{StatusCode, header};
use jiff::Timestamp;
use replug_core::{Code, Failure};
use replug_net::{Answer, mask_url};

use super::answer::ErrorAnswer;
use super::{Grant, LONGEST_WAIT, TokenRequest};
use crate::page::{is_challenge, with_page_facts};
use crate::said::without_secrets;

/// What a failed token request says about the sign-in. Only [`Dead`](Self::Dead) and
/// [`RegistrationGone`](Self::RegistrationGone) say that something stored is of no more use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenVerdict {
    /// The refresh token is refused for good: a structured `invalid_grant`, or there is none.
    Dead,
    /// The service does not know the client, or does not accept it.
    RegistrationGone,
    /// It may work later; everything is kept.
    Transient {
        /// When the service asks to be left alone until then; at most an hour.
        retry_after: Option<Duration>,
    },
    /// Something in between answered, not the service; everything is kept.
    Blocked,
    /// The service answered something that cannot be read; everything is kept.
    Broken,
    /// The permissions are refused.
    ScopeRefused,
    /// The request is refused for another reason that the service names.
    Refused,
}

/// Why a token request gave no tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFailure {
    /// What it says about the sign-in.
    pub verdict: TokenVerdict,
    /// What a person is told.
    pub failure: Failure,
    /// Whether the service may have done what it was asked, so that a rotated token may be lost: there was no answer, one that
    /// something in between gave because it had none (502, 504), or a success that cannot be read.
    pub unclear: bool,
}

impl TokenFailure {
    pub(super) const fn unsent(verdict: TokenVerdict, failure: Failure) -> Self {
        Self { verdict, failure, unclear: false }
    }
}

impl fmt::Display for TokenFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure.fmt(f)
    }
}

impl std::error::Error for TokenFailure {}

/// A failure, and whether it is about the way the client authenticated.
#[derive(Debug)]
pub(super) struct Rejected {
    pub(super) failure: TokenFailure,
    pub(super) client_refused: bool,
    /// The RFC's name of the error, where the answer was a structured one.
    pub(super) error: Option<String>,
}

impl Rejected {
    pub(super) const fn plain(failure: TokenFailure) -> Self {
        Self { failure, client_refused: false, error: None }
    }
}

/// Names of errors that a token endpoint has (RFC 6749 §5.2, RFC 8707 §2). Frameworks and gateways in front of one have
/// an `error` of their own, such as `Not Found`.
const NAMES: [&str; 7] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_target",
];

/// A structured error (RFC 6749 §5.2). It is believed with the statuses that the RFC has for it, and with 200, because
/// there are services that know no other; elsewhere the status decides. A renewal puts a stored sign-in at stake, so fewer
/// errors count there; see [`counts_in_renewal`].
pub(super) fn of_error(request: &TokenRequest<'_>, answer: &Answer, error: &ErrorAnswer, now: Timestamp) -> Rejected {
    let believed =
        answer.status.is_success() || matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED);
    let (verdict, code) = match error.error.as_str() {
        "temporarily_unavailable" | "server_error" | "slow_down" => (transient(answer, now), Code::TokenServiceDown),
        _ if is_passing(answer.status) => return by_status(request, answer, error, now),
        name if request.grant == Grant::Refresh && !counts_in_renewal(name, answer) => {
            return by_status(request, answer, error, now);
        }
        "invalid_grant" if believed && request.grant == Grant::Refresh => (TokenVerdict::Dead, Code::TokenDead),
        "invalid_client" | "unauthorized_client" if believed => (TokenVerdict::RegistrationGone, client_code(request)),
        "invalid_scope" => (TokenVerdict::ScopeRefused, Code::AuthScopeRefused),
        _ => (TokenVerdict::Refused, Code::TokenRefused),
    };
    let failure = naming(request, evidence(request, Failure::new(code), answer), error);
    Rejected {
        failure: TokenFailure { verdict, failure: quoting(request, failure, error.said.as_deref()), unclear: false },
        client_refused: believed && error.error == "invalid_client",
        error: Some(error.error.clone()),
    }
}

/// Whether an error says anything about a stored sign-in: its name has to be known, and what refuses permissions or the kind
/// of client has to come with the status that the RFC has for it.
fn counts_in_renewal(name: &str, answer: &Answer) -> bool {
    match name {
        "invalid_scope" | "unauthorized_client" => {
            matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED)
        }
        _ => NAMES.contains(&name),
    }
}

/// An error whose name says nothing. It is kept as evidence.
fn by_status(request: &TokenRequest<'_>, answer: &Answer, error: &ErrorAnswer, now: Timestamp) -> Rejected {
    let mut rejected = of_status(request, answer, error.said.as_deref(), now);
    rejected.failure.failure = naming(request, rejected.failure.failure, error);
    // It can be read, and there are no tokens in it.
    rejected.failure.unclear &= !answer.status.is_success();
    rejected
}

/// An answer without an OAuth error. Nothing here is ever [`TokenVerdict::Dead`] (R18).
pub(super) fn of_status(request: &TokenRequest<'_>, answer: &Answer, said: Option<&str>, now: Timestamp) -> Rejected {
    let (verdict, failure) = judge_status(request, answer, now);
    let failure = evidence(request, failure, answer);
    let bare_401 = answer.status == StatusCode::UNAUTHORIZED && !answer.is_html();
    Rejected {
        failure: TokenFailure { verdict, failure: quoting(request, failure, said), unclear: may_be_done(answer) },
        client_refused: bare_401,
        error: None,
    }
}

/// Whether the service may have done its work although this was the answer. A challenge is given before the service is asked.
fn may_be_done(answer: &Answer) -> bool {
    let for_the_service = matches!(answer.status, StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT);
    (for_the_service || answer.status.is_success()) && !is_challenge(answer)
}

fn judge_status(request: &TokenRequest<'_>, answer: &Answer, now: Timestamp) -> (TokenVerdict, Failure) {
    let blocked_page = || (TokenVerdict::Blocked, with_page_facts(Code::HttpBlockedPage.into(), answer));
    match answer.status {
        _ if is_challenge(answer) => blocked_page(),
        StatusCode::TOO_MANY_REQUESTS => (transient(answer, now), Code::HttpRateLimited.into()),
        status if is_passing(status) => (transient(answer, now), Code::TokenServiceDown.into()),
        status if status.is_redirection() => {
            let failure = Failure::new(Code::MetaRedirected);
            let target = answer.location().map(|target| mask_url(&target));
            (TokenVerdict::Blocked, failure.with_fact("Sent on to", target.unwrap_or_default()))
        }
        status if answer.is_html() && (status.is_success() || status == StatusCode::FORBIDDEN) => blocked_page(),
        StatusCode::FORBIDDEN => (TokenVerdict::Blocked, Code::HttpForbidden.into()),
        StatusCode::UNAUTHORIZED if request.grant != Grant::Refresh && !answer.is_html() => {
            let code = if request.client_is_settings() { Code::RegClientRefused } else { Code::TokenRefused };
            let text = "The sign-in service refused the app without giving a reason.";
            (TokenVerdict::Refused, Failure::new(code).with_text(text))
        }
        _ => (TokenVerdict::Broken, Code::TokenUnreadable.into()),
    }
}

/// Whether a status speaks of the moment rather than of the request.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY)
}

fn client_code(request: &TokenRequest<'_>) -> Code {
    if request.client_is_settings() { Code::RegClientRefused } else { Code::RegForgotten }
}

fn evidence(request: &TokenRequest<'_>, failure: Failure, answer: &Answer) -> Failure {
    failure
        .with_fact("Asked for", request.purpose())
        .with_fact("Asked", mask_url(&answer.url))
        .with_fact("Status", answer.status.as_u16().to_string())
}

fn naming(request: &TokenRequest<'_>, failure: Failure, error: &ErrorAnswer) -> Failure {
    failure.with_fact("Error", without_secrets(&error.sent_as, &request.secrets))
}

fn quoting(request: &TokenRequest<'_>, failure: Failure, said: Option<&str>) -> Failure {
    let Some(said) = said else { return failure };
    let mut secrets = request.secrets.clone();
    let client_secret = request.registration.client_secret.as_ref();
    secrets.extend(client_secret.map(|secret| secret.expose().as_str()));
    failure.with_said(without_secrets(said, &secrets))
}

fn transient(answer: &Answer, now: Timestamp) -> TokenVerdict {
    TokenVerdict::Transient { retry_after: retry_after(answer, now) }
}

/// `Retry-After` (RFC 9110 §10.2.3) as a span. A date is read against the service's own clock where it sends it.
fn retry_after(answer: &Answer, now: Timestamp) -> Option<Duration> {
    let value = answer.header(&header::RETRY_AFTER)?.trim();
    let wait = if let Ok(seconds) = value.parse() {
        Duration::from_secs(seconds)
    } else {
        let until = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
        let since = answer.date().unwrap_or(now);
        Duration::try_from(until.duration_since(since)).ok()?
    };
    Some(wait.min(LONGEST_WAIT))
}
