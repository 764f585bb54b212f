//! The switches of registration and its management, and the rules that refuse a registration request (RFC 7591 §3.2.2).
//! Registering itself is elsewhere.

use axum::response::Response;
use serde_json::{Map, Value, json};

use super::ClientMethod;
use crate::{Edits, Front, Offered, Optionals, wire};

/// Members RFC 7591 §2 and OpenID Connect Registration know.
const KNOWN: &[&str] = &[
    "redirect_uris",
    "token_endpoint_auth_method",
    "grant_types",
    "response_types",
    "client_name",
    "client_uri",
    "logo_uri",
    "scope",
    "contacts",
    "tos_uri",
    "policy_uri",
    "jwks_uri",
    "jwks",
    "software_id",
    "software_version",
    "software_statement",
    "application_type",
];

/// Everything that can be wrong with registration.
#[derive(Debug, Clone, Default)]
pub struct RegistrationFaults {
    /// What stands before the registration endpoint.
    pub front: Front,
    /// What a request must look like.
    pub rules: RegistrationRules,
    /// What the answer looks like.
    pub answer: RegistrationAnswer,
    /// Whether a registration can be deleted by its client (RFC 7592).
    pub management: Offered,
    /// What stands before the management endpoint.
    pub management_front: Front,
    /// What becomes of the secret when a client sends its registration back (RFC 7592 §2.2).
    pub update: Update,
    /// Whether reading or replacing a registration issues another token for it, and ends the one that was used (RFC 7592 §3).
    pub rotates_management_token: bool,
    /// Forget a client after this many tokens were issued to it.
    pub forget_after_tokens: Option<u32>,
}

/// What a registration request must look like. Everything is taken by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistrationRules {
    /// Which `client_name` is taken.
    pub name: NameRule,
    /// How a refusal is worded.
    pub complaint: Complaint,
    /// Which `token_endpoint_auth_method` is taken.
    pub method: MethodRule,
    /// Which redirect addresses are taken.
    pub redirect: RedirectRule,
    /// Members that may not occur, such as `scope` or `application_type`.
    pub forbidden_members: Vec<String>,
    /// Whether members outside RFC 7591 are refused.
    pub refuses_unknown_members: bool,
    /// Whether `refresh_token` among the grant types is refused.
    pub refuses_refresh_grant: bool,
}

/// Which `client_name` is taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum NameRule {
    /// Any, and none.
    #[default]
    Any,
    /// Letters, digits, hyphen and space.
    Plain,
    /// This one only.
    Exactly(String),
    /// One of these; all others get a plain 403, without an OAuth error.
    Approved(Vec<String>),
    /// None at all, whatever it is.
    Nothing,
}

/// How a refusal is worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Complaint {
    /// With `error_description`.
    #[default]
    Described,
    /// With a list of complaints for each member, and no description.
    ByMember,
    /// The error code alone.
    Silent,
}

/// Which `token_endpoint_auth_method` is taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum MethodRule {
    /// Any, and none.
    #[default]
    Any,
    /// It has to be said.
    Stated,
    /// One of these.
    OneOf(Vec<ClientMethod>),
}

/// What becomes of the secret when a client sends its registration back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Update {
    /// A new one takes its place, and lasts as long as the first did.
    #[default]
    NewSecret,
    /// It lasts that long again.
    SameSecret,
    /// Nothing.
    SameEnd,
    /// The request is not offered.
    NotOffered,
    /// A new one takes its place, and an error is answered all the same.
    AnswerLost,
}

/// Which redirect addresses are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RedirectRule {
    /// https, and http on loopback by name or by number.
    #[default]
    Loopback,
    /// `localhost` by name only.
    NameOnly,
    /// 127.0.0.1 only.
    NumberOnly,
    /// Loopback by name or by number, with the path `/callback` only.
    UsualPath,
    /// https only: addresses of web sites.
    WebOnly,
    /// The refusal of a host policy: 403 with plain words.
    TrustedHosts,
}

/// What the answer to a registration looks like.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RegistrationAnswer {
    /// What the optional members hold.
    pub optionals: Optionals,
    /// The method the service decides on, whatever was asked; a secret comes with it where it needs one.
    pub method: Option<ClientMethod>,
    /// Whether a public client gets a secret too.
    pub needless_secret: bool,
    /// Seconds until the secret ends; never when `None`.
    pub secret_lifetime_s: Option<i64>,
    /// Members set or removed at the end.
    pub edits: Edits,
}

/// Why a request is refused.
struct Objection {
    error: &'static str,
    member: &'static str,
    text: String,
}

impl RegistrationRules {
    /// The refusal of this request, if there is one.
    pub(super) fn refusal(&self, request: &Map<String, Value>) -> Option<Response> {
        self.policy(request).or_else(|| {
            let objection = self.objection(request)?;
            Some(wire::json(400, &self.worded(&objection)))
        })
    }

    /// Refusals by policy, which are no OAuth errors.
    fn policy(&self, request: &Map<String, Value>) -> Option<Response> {
        if let NameRule::Approved(names) = &self.name
            && !names.iter().any(|name| Some(name.as_str()) == name_of(request))
        {
            return Some(wire::text(403, "Forbidden"));
        }
        (self.redirect == RedirectRule::TrustedHosts).then(|| {
            let policy =
                "Policy 'Trusted Hosts' rejected request to client-registration service. Details: Host not trusted.";
            wire::text(403, policy)
        })
    }

    fn objection(&self, request: &Map<String, Value>) -> Option<Objection> {
        self.about_name(request)
            .or_else(|| self.about_redirects(request))
            .or_else(|| self.about_method(request))
            .or_else(|| self.about_members(request))
    }

    fn about_name(&self, request: &Map<String, Value>) -> Option<Objection> {
        let name = name_of(request);
        let is_plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == ' ');
        let text = match (&self.name, name) {
            (NameRule::Plain, Some(name)) if !is_plain(name) => {
                "may only contain alphanumeric characters, hyphens, and spaces".to_owned()
            }
            (NameRule::Exactly(wanted), name) if name != Some(wanted) => {
                format!("client_name must be `{wanted}`")
            }
            (NameRule::Nothing, Some(_)) => "client_name is not acceptable".to_owned(),
            _ => return None,
        };
        Some(Objection { error: "invalid_client_metadata", member: "name", text })
    }

    fn about_redirects(&self, request: &Map<String, Value>) -> Option<Objection> {
        let objection = |text: &str| {
            Some(Objection { error: "invalid_redirect_uri", member: "redirect_uris", text: text.to_owned() })
        };
        let uris = texts(request, "redirect_uris");
        // RFC 7591 §2: needed by grants that send a browser back.
        let grants = texts(request, "grant_types");
        let by_browser = grants.is_empty() || grants.iter().any(|grant| grant == "authorization_code");
        if uris.is_empty() && !by_browser {
            return None;
        }
        if uris.is_empty() {
            return objection("redirect_uris is required");
        }
        let fits = uris.iter().all(|uri| {
            let by_name = uri.starts_with("http://localhost:");
            let by_number = uri.starts_with("http://127.0.0.1:");
            match self.redirect {
                RedirectRule::NameOnly => by_name,
                RedirectRule::NumberOnly => by_number,
                RedirectRule::WebOnly => uri.starts_with("https://"),
                RedirectRule::UsualPath => (by_name || by_number) && uri.ends_with("/callback"),
                RedirectRule::Loopback | RedirectRule::TrustedHosts => {
                    by_name || by_number || uri.starts_with("http://[::1]:") || uri.starts_with("https://")
                }
            }
        });
        if fits { None } else { objection("a redirect address is not allowed") }
    }

    fn about_method(&self, request: &Map<String, Value>) -> Option<Objection> {
        let stated = request.get("token_endpoint_auth_method").and_then(Value::as_str);
        let method = stated.unwrap_or(ClientMethod::Basic.as_str());
        let taken = match &self.method {
            MethodRule::Any => ClientMethod::from_name(method).is_some(),
            MethodRule::Stated => stated.and_then(ClientMethod::from_name).is_some(),
            MethodRule::OneOf(methods) => methods.iter().any(|known| known.as_str() == method),
        };
        (!taken).then(|| Objection {
            error: "invalid_client_metadata",
            member: "token_endpoint_auth_method",
            text: format!("unsupported token_endpoint_auth_method: {method}"),
        })
    }

    fn about_members(&self, request: &Map<String, Value>) -> Option<Objection> {
        let unwanted = request.keys().find(|name| {
            self.forbidden_members.contains(*name) || (self.refuses_unknown_members && !KNOWN.contains(&name.as_str()))
        });
        let text = if let Some(name) = unwanted {
            format!("Unrecognized field \"{name}\"")
        } else if self.refuses_refresh_grant && texts(request, "grant_types").contains(&"refresh_token".to_owned()) {
            "grant_types: refresh_token is not allowed".to_owned()
        } else {
            return None;
        };
        Some(Objection { error: "invalid_client_metadata", member: "request", text })
    }

    fn worded(&self, objection: &Objection) -> Value {
        let Objection { error, member, text } = objection;
        match self.complaint {
            Complaint::Described => json!({"error": error, "error_description": text}),
            Complaint::ByMember => json!({"error": error, "errors": {*member: [text]}}),
            Complaint::Silent => json!({"error": error}),
        }
    }
}

fn name_of(request: &Map<String, Value>) -> Option<&str> {
    request.get("client_name").and_then(Value::as_str)
}

/// The texts of a list member; none when it is anything else.
pub(super) fn texts(document: &Map<String, Value>, member: &str) -> Vec<String> {
    let list = document.get(member).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|value| value.as_str().map(ToOwned::to_owned)).collect()
}
