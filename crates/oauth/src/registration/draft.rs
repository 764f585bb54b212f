//! The registration request (RFC 7591 §2), and how it shrinks when a service refuses it. Sending it is the parent's.

use std::collections::VecDeque;

use replug_core::{AuthMethod, Code, Failure, Redirect, Reduction, State};
use serde::Serialize;

use super::RegistrationRequest;
use super::refusal::{Part, Refusal};
use crate::token::device::DEVICE_GRANT;

/// What Replug calls itself.
pub(super) const DEFAULT_NAME: &str = "Replug";
const CODE: &str = "authorization_code";
const RENEWAL: &str = "refresh_token";
/// Codes and renewal (MCP 2026-07-28 "Refresh Tokens").
pub(super) const GRANTS: &[&str] = &[CODE, RENEWAL];
pub(super) const RESPONSES: &[&str] = &["code"];
/// RFC 8252: a program on a person's computer.
pub(super) const APPLICATION: &str = "native";

/// The steps before the ways to authenticate; see [`Draft::steps`].
const FIRST: [Reduction; 5] =
    [Reduction::Scope, Reduction::PlainName, Reduction::ApplicationType, Reduction::RefreshGrant, Reduction::Types];

/// The parts of the request that a reduction changes.
const fn parts_of(reduction: Reduction) -> &'static [Part] {
    match reduction {
        Reduction::Scope => &[Part::Scope],
        Reduction::PlainName | Reduction::Name => &[Part::Name],
        Reduction::ApplicationType => &[Part::ApplicationType],
        Reduction::RefreshGrant => &[Part::Grants],
        Reduction::Types => &[Part::Grants, Part::ResponseTypes],
        Reduction::Method(_) => &[Part::AuthMethod],
    }
}

/// The request as it is sent next.
pub(super) struct Draft {
    name: Option<String>,
    /// The last name that was sent, for the person to look at.
    name_sent: String,
    redirect: Redirect,
    /// Whether the callback address is sent.
    has_callback: bool,
    on_device: bool,
    /// Callback addresses to try when the service refuses the first one.
    other_redirects: VecDeque<Redirect>,
    scope: Option<String>,
    auth_method: AuthMethod,
    /// Methods that were not tried yet, the preferred first.
    other_methods: VecDeque<AuthMethod>,
    application_type: bool,
    grants: Grants,
    reductions: Vec<Reduction>,
}

/// What is said about grants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grants {
    /// Codes and renewal.
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
    pub(super) reductions: Vec<Reduction>,
}

/// Only members that RFC 7591 and OpenID Connect Registration define: strict services refuse any other.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_uris: Option<[String; 1]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    grant_types: Vec<&'a str>,
    #[serde(skip_serializing_if = "<[&str]>::is_empty")]
    response_types: &'a [&'a str],
    token_endpoint_auth_method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
}

impl Draft {
    /// The request, without what the service is known to refuse. `methods` holds at least one.
    pub(super) fn new(request: &RegistrationRequest<'_>, methods: Vec<AuthMethod>) -> Self {
        let mut methods = VecDeque::from(methods);
        let given = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let name = given(request.client_name).unwrap_or_else(|| DEFAULT_NAME.to_owned());
        let mut draft = Self {
            name_sent: name.clone(),
            name: Some(name),
            redirect: request.redirect.clone(),
            has_callback: true,
            on_device: request.on_device,
            other_redirects: request.other_redirects.iter().cloned().collect(),
            scope: given(request.scope),
            auth_method: methods.pop_front().unwrap_or(AuthMethod::None),
            other_methods: methods,
            application_type: true,
            grants: Grants::Renewable,
            reductions: Vec::new(),
        };
        for known in request.reductions {
            draft.apply(*known);
        }
        draft
    }

    pub(super) fn to_body(&self) -> String {
        let response_types = if self.grants == Grants::Unsaid || !self.has_callback { &[] } else { RESPONSES };
        let body = Body {
            client_name: self.name.as_deref(),
            redirect_uris: self.has_callback.then(|| [self.redirect.to_address()]),
            grant_types: self.grant_types(),
            response_types,
            token_endpoint_auth_method: self.auth_method.as_str(),
            application_type: self.application_type.then_some(APPLICATION),
            scope: self.scope.as_deref(),
        };
        // Writing plain data cannot fail: no map has keys that are not text.
        serde_json::to_string(&body).unwrap_or_default()
    }

    fn grant_types(&self) -> Vec<&'static str> {
        if self.grants == Grants::Unsaid {
            return Vec::new();
        }
        let renewal = self.grants == Grants::Renewable;
        let types = [(CODE, self.has_callback), (RENEWAL, renewal), (DEVICE_GRANT, self.on_device)];
        types.into_iter().filter_map(|(name, wanted)| wanted.then_some(name)).collect()
    }

    /// What was asked for.
    pub(super) fn to_sent(&self) -> Sent {
        Sent { redirect: self.redirect.clone(), auth_method: self.auth_method, reductions: self.reductions.clone() }
    }

    /// Takes out or changes one member, and says which: the first that the refusal names, or the first there is when it names
    /// none. `None` when nothing is left to change about what the refusal names.
    pub(super) fn reduce(&mut self, refusal: &Refusal) -> Option<String> {
        if refusal.parts.contains(&Part::Redirect) {
            return self.next_redirect().or_else(|| self.drop_callback());
        }
        let is_about = |reduction: &Reduction| {
            refusal.parts.is_empty() || parts_of(*reduction).iter().any(|part| refusal.parts.contains(part))
        };
        let reduction = self.steps().into_iter().filter(is_about).find(|reduction| self.apply(*reduction))?;
        Some(self.words(reduction))
    }

    /// The order in which the request is reduced, one member a step: first what the person added, then what services stumble
    /// over most, then the ways to authenticate, and last the name, without which the service has nothing to show on its
    /// consent page.
    fn steps(&self) -> Vec<Reduction> {
        let method = self.other_methods.front().copied().map(Reduction::Method);
        FIRST.into_iter().chain(method).chain([Reduction::Name]).collect()
    }

    /// Does the step, and says whether there was anything to do.
    fn apply(&mut self, reduction: Reduction) -> bool {
        let done = match reduction {
            Reduction::Scope => self.scope.take().is_some(),
            Reduction::PlainName => self.make_name_plain(),
            Reduction::ApplicationType => std::mem::take(&mut self.application_type),
            Reduction::RefreshGrant if self.grants == Grants::Renewable => {
                self.grants = Grants::CodeOnly;
                true
            }
            Reduction::RefreshGrant => false,
            Reduction::Types => std::mem::replace(&mut self.grants, Grants::Unsaid) != Grants::Unsaid,
            Reduction::Method(method) => self.switch_to(method),
            Reduction::Name => self.name.take().is_some(),
        };
        if done {
            self.reductions.push(reduction);
        }
        done
    }

    /// A method the service does not list any more is not asked for.
    fn switch_to(&mut self, method: AuthMethod) -> bool {
        let Some(at) = self.other_methods.iter().position(|other| *other == method) else { return false };
        self.other_methods.drain(..=at);
        self.auth_method = method;
        true
    }

    fn words(&self, reduction: Reduction) -> String {
        match (reduction, &self.name) {
            (Reduction::PlainName, Some(name)) => format!("Changed the name to `{name}`."),
            (other, _) => other.sentence(),
        }
    }

    fn make_name_plain(&mut self) -> bool {
        let Some(name) = &mut self.name else { return false };
        let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { ' ' }).collect();
        let words: Vec<&str> = plain.split_whitespace().collect();
        let plain = if words.is_empty() { DEFAULT_NAME.to_owned() } else { words.join(" ") };
        let changes = plain != *name;
        self.name_sent.clone_from(&plain);
        *name = plain;
        changes
    }

    fn next_redirect(&mut self) -> Option<String> {
        self.redirect = self.other_redirects.pop_front()?;
        Some(format!("Changed the callback address to {}.", self.redirect.to_address()))
    }

    /// Only who signs in on another device can do without one.
    fn drop_callback(&mut self) -> Option<String> {
        let dropped = self.on_device && std::mem::replace(&mut self.has_callback, false);
        dropped.then(|| "Left out the callback address.".to_owned())
    }

    /// Adds what the person needs to set the client up by hand, or to choose another name.
    pub(super) fn explain(&self, failure: Failure) -> Failure {
        match failure.code {
            Code::RegNameRefused => failure.with_fact("Name", &self.name_sent),
            code if code.info().state == Some(State::NeedsSetup) => {
                failure.with_fact("Callback address", self.redirect.to_address())
            }
            _ => failure,
        }
    }
}
