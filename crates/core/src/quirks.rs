//! What a sign-in service turned out to want, learned from its answers and used again the next time. Facts that are known
//! before anybody was asked are in the engine's profiles.

use serde::{Deserialize, Serialize};

use crate::{AuthMethod, CallbackHost};

/// One thing less, or another one, in a registration request (RFC 7591 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// Without `scope`.
    Scope,
    /// `client_name` with letters, digits, hyphens and spaces only.
    PlainName,
    /// Without `application_type`.
    ApplicationType,
    /// Without `refresh_token` among the `grant_types`.
    RefreshGrant,
    /// Without `grant_types` and `response_types`, so that the defaults of RFC 7591 §2 hold.
    Types,
    /// Another `token_endpoint_auth_method`.
    Method(AuthMethod),
    /// Without `client_name`.
    Name,
}

impl Reduction {
    /// What was done, as a sentence.
    pub fn sentence(self) -> String {
        let text = match self {
            Self::Scope => "Left out the permissions.",
            Self::PlainName => "Made the name plain.",
            Self::ApplicationType => "Left out the kind of application.",
            Self::RefreshGrant => "Left out the wish for renewal.",
            Self::Types => "Left out the grant and response types.",
            Self::Method(method) => return format!("Changed the way to authenticate to {}.", method.as_str()),
            Self::Name => "Left out the name.",
        };
        text.to_owned()
    }
}

/// What one connector learned about one issuer. It holds for that issuer only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Quirks {
    /// The issuer, byte for byte.
    pub issuer: String,
    /// What the registration that was granted went without, in the order in which it was found out.
    pub reductions: Vec<Reduction>,
    /// How the callback address that was accepted names this computer, when it is not the usual way.
    pub callback_host: Option<CallbackHost>,
    /// Whether the callback address had to have the usual path in place of the issuer's own.
    pub usual_path: bool,
    /// The client-ID document that the issuer did not accept.
    pub refused_document: Option<String>,
    /// The client whose secret the service does not renew.
    pub secret_not_renewed: Option<String>,
}

impl Quirks {
    /// Nothing learned yet about this issuer.
    pub fn of(issuer: &str) -> Self {
        Self { issuer: issuer.to_owned(), ..Self::default() }
    }
}
