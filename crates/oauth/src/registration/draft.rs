//! The registration request (RFC 7591 §2), and how it shrinks when a service refuses it. Sending it is the parent's.

use replug_core::{AuthMethod, CallbackHost, Code, Failure, Redirect, State};
use serde::Serialize;

use super::RegistrationRequest;
use super::refusal::{Part, Refusal};

const DEFAULT_NAME: &str = "Replug";

/// What is reduced when the service gives no hint: first what the person added, then what services stumble over most.
const STEPS: &[&[Part]] = &[
    &[Part::Name, Part::Scope],
    &[Part::ApplicationType],
    &[Part::AuthMethod],
    &[Part::Grants],
    &[Part::ResponseTypes],
];
/// What the last request without a hint leaves out: all but the name, the callback and the way to authenticate, which
/// services have to be told (their defaults differ).
const EVERYTHING: &[Part] = &[Part::Name, Part::Scope, Part::ApplicationType, Part::Grants, Part::ResponseTypes];

/// The request as it is sent next.
pub(super) struct Draft {
    name: String,
    redirect: Redirect,
    scope: Option<String>,
    auth_method: AuthMethod,
    /// Methods that were not tried yet, the preferred first.
    other_methods: Vec<AuthMethod>,
    other_host_allowed: bool,
    application_type: bool,
    grants: Grants,
}

/// What is said about grants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grants {
    /// Codes and renewal (MCP 2026-07-28 "Refresh Tokens").
    Renewable,
    /// Codes only.
    CodeOnly,
    /// Nothing, so that the defaults of RFC 7591 §2 hold, for the response types too.
    Unsaid,
}

/// What the granted request held, where the answer does not say otherwise.
pub(super) struct Sent {
    pub(super) redirect: Redirect,
    pub(super) auth_method: AuthMethod,
}

/// Only members that RFC 7591 and OpenID Connect Registration define: strict services refuse any other.
#[derive(Serialize)]
struct Body<'a> {
    client_name: &'a str,
    redirect_uris: [String; 1],
    #[serde(skip_serializing_if = "<[&str]>::is_empty")]
    grant_types: &'a [&'a str],
    #[serde(skip_serializing_if = "<[&str]>::is_empty")]
    response_types: &'a [&'a str],
    token_endpoint_auth_method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
}

impl Draft {
    /// The whole request. `methods` holds at least one.
    pub(super) fn new(request: &RegistrationRequest<'_>, methods: Vec<AuthMethod>) -> Self {
        let mut methods = methods.into_iter();
        let given = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        Self {
            name: given(request.client_name).unwrap_or_else(|| DEFAULT_NAME.to_owned()),
            redirect: request.redirect.clone(),
            scope: given(request.scope),
            auth_method: methods.next().unwrap_or(AuthMethod::None),
            other_methods: methods.collect(),
            other_host_allowed: request.other_host_allowed,
            application_type: true,
            grants: Grants::Renewable,
        }
    }

    pub(super) fn to_body(&self) -> String {
        let (grant_types, response_types): (&[&str], &[&str]) = match self.grants {
            Grants::Renewable => (&["authorization_code", "refresh_token"], &["code"]),
            Grants::CodeOnly => (&["authorization_code"], &["code"]),
            Grants::Unsaid => (&[], &[]),
        };
        let body = Body {
            client_name: &self.name,
            redirect_uris: [self.redirect.to_address()],
            grant_types,
            response_types,
            token_endpoint_auth_method: self.auth_method.as_str(),
            application_type: self.application_type.then_some("native"),
            scope: self.scope.as_deref(),
        };
        // Writing plain data cannot fail: no map has keys that are not text.
        serde_json::to_string(&body).unwrap_or_default()
    }

    pub(super) fn into_sent(self) -> Sent {
        Sent { redirect: self.redirect, auth_method: self.auth_method }
    }

    /// Takes out or changes what the refusal names, and says what that was. `left` is how many requests may still be sent.
    /// `None` when that is none, or when nothing is left to change about what it names.
    pub(super) fn reduce(&mut self, refusal: &Refusal, left: usize) -> Option<String> {
        match left {
            0 => None,
            _ if !refusal.parts.is_empty() => self.reduce_parts(&refusal.parts),
            1 => self.reduce_parts(EVERYTHING),
            _ => STEPS.iter().find_map(|step| self.reduce_parts(step)),
        }
    }

    fn reduce_parts(&mut self, parts: &[Part]) -> Option<String> {
        let changes: Vec<String> = parts.iter().filter_map(|part| self.reduce_part(*part)).collect();
        (!changes.is_empty()).then(|| changes.join(" "))
    }

    fn reduce_part(&mut self, part: Part) -> Option<String> {
        match part {
            Part::Name => self.make_name_plain(),
            Part::Redirect => self.swap_host(),
            Part::Scope => self.scope.take().map(|_| "Left out the permissions.".to_owned()),
            Part::ApplicationType => {
                std::mem::take(&mut self.application_type).then(|| "Left out the kind of application.".to_owned())
            }
            Part::AuthMethod => self.next_method(),
            Part::Grants if self.grants == Grants::Renewable => {
                self.grants = Grants::CodeOnly;
                Some("Left out the wish for renewal.".to_owned())
            }
            Part::Grants | Part::ResponseTypes => self.drop_types(),
        }
    }

    fn make_name_plain(&mut self) -> Option<String> {
        let plain: String =
            self.name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { ' ' }).collect();
        let words: Vec<&str> = plain.split_whitespace().collect();
        let plain = if words.is_empty() { DEFAULT_NAME.to_owned() } else { words.join(" ") };
        if plain == self.name {
            return None;
        }
        self.name.clone_from(&plain);
        Some(format!("Changed the name to `{plain}`."))
    }

    fn swap_host(&mut self) -> Option<String> {
        if !std::mem::take(&mut self.other_host_allowed) {
            return None;
        }
        self.redirect.host = match self.redirect.host {
            CallbackHost::Literal => CallbackHost::Localhost,
            CallbackHost::Localhost => CallbackHost::Literal,
        };
        Some(format!("Changed the callback address to {}.", self.redirect.to_address()))
    }

    fn next_method(&mut self) -> Option<String> {
        if self.other_methods.is_empty() {
            return None;
        }
        self.auth_method = self.other_methods.remove(0);
        Some(format!("Changed the way to authenticate to {}.", self.auth_method.as_str()))
    }

    fn drop_types(&mut self) -> Option<String> {
        let said = std::mem::replace(&mut self.grants, Grants::Unsaid);
        (said != Grants::Unsaid).then(|| "Left out the grant and response types.".to_owned())
    }

    /// Adds what the person needs to set the client up by hand, or to choose another name.
    pub(super) fn explain(&self, failure: Failure) -> Failure {
        match failure.code {
            Code::RegNameRefused => failure.with_fact("Name", &self.name),
            code if code.info().state == Some(State::NeedsSetup) => {
                failure.with_fact("Callback address", self.redirect.to_address())
            }
            _ => failure,
        }
    }
}
