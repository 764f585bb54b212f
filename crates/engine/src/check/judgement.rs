//! What a 401 says about the credentials that were sent. The one place where that is judged: checks, tool lists and calls all
//! come here. What is done about it is theirs to decide.

use jiff::Timestamp;
use replug_core::{Code, Connector, Credentials, Failure, Rung};
use replug_mcp::Challenges;
use replug_oauth::{bearer, differences, parse_challenges, peek_claims};

use super::ask::{Wants, key_needed, wants};
use super::line::{has_authorization, token_of};

/// What a 401 says (RFC 9110 §15.5.2).
pub(crate) enum Unauthorized {
    /// The sign-in's own token is refused; it may be renewed once.
    Token(Wants),
    /// A key is missing, or the one in the settings is refused. No sign-in would help.
    Key(Failure),
    /// Nobody is signed in.
    SignIn(Wants),
}

impl Unauthorized {
    /// Judges the 401 that requests with this record got.
    pub(crate) fn judge(connector: &Connector, record: &Credentials, challenges: &Challenges) -> Self {
        let wants = wants(challenges.as_slice());
        if sends_token(connector, record) {
            return Self::Token(wants);
        }
        let has_key = record.inputs.headers.iter().any(|(name, _)| carries_key(name));
        match &wants {
            Wants::Key(scheme) if !has_key => Self::Key(key_needed(scheme)),
            _ if has_authorization(record) || (has_key && !offers_sign_in(&wants)) => {
                Self::Key(Failure::new(Code::HttpKeyRefused))
            }
            _ => Self::SignIn(wants),
        }
    }

    /// The failure when nothing more can be tried with this record.
    pub(crate) fn into_failure(self, record: &Credentials, now: Timestamp) -> Failure {
        match self {
            Self::Token(wants) => refused_by_server(record, &wants, now),
            Self::Key(failure) => failure,
            Self::SignIn(_) => Failure::new(Code::AuthNever),
        }
    }
}

/// Whether requests with this record carry the sign-in's token.
fn sends_token(connector: &Connector, record: &Credentials) -> bool {
    token_of(connector, record).is_some() && !has_authorization(record)
}

/// The rung that a refusal of credentials with this code is about.
pub(super) fn rung_of_refused(code: Code) -> Rung {
    if code.as_str().starts_with("RPL-TOKEN-") { Rung::Token } else { Rung::Challenge }
}

/// The permissions that a challenge names (RFC 6750 §3).
pub(crate) fn permission_wanted(challenges: &Challenges) -> Option<String> {
    let lines: Vec<&str> = challenges.as_slice().iter().map(String::as_str).collect();
    bearer(&parse_challenges(&lines)).and_then(|challenge| challenge.scope)
}

/// Signed in, and refused all the same: what differs between the token and what the server wants, when it can be read.
pub(super) fn refused_by_server(record: &Credentials, wants: &Wants, now: Timestamp) -> Failure {
    let mut failure = Failure::new(Code::TokenRefusedByServer);
    if let Some(tokens) = &record.tokens
        && let Some(claims) = peek_claims(&tokens.access)
    {
        failure.facts = differences(&claims, tokens.resource.as_deref(), &tokens.issuer, now);
    }
    match wants {
        Wants::SignIn(Some(challenge)) => failure.with_said(challenge.error_description.as_deref().unwrap_or_default()),
        Wants::SignIn(None) | Wants::Key(_) => failure,
    }
}

/// Whether a header of this name is there to let somebody in. Others, such as a tenant's name, are not to blame for a 401.
fn carries_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["auth", "key", "token", "secret", "password"].iter().any(|word| name.contains(word))
}

/// Whether the challenge itself points to a browser sign-in.
fn offers_sign_in(wants: &Wants) -> bool {
    matches!(wants, Wants::SignIn(Some(challenge)) if challenge.resource_metadata.is_some())
}
