//! The switches of the token endpoint: who may ask, what is refused, and how a grant is written down. Healthy by default.

use std::time::Duration;

use super::Reads;
use crate::{Edits, Front};

/// Everything that can be wrong with the token endpoint.
#[derive(Debug, Clone, Default)]
pub struct TokenFaults {
    /// What stands before the endpoint.
    pub front: Front,
    /// Where client credentials are looked for.
    pub reads: Reads,
    /// Whether `client_id` has to be in the body even beside HTTP Basic; `invalid_request` otherwise.
    pub client_id_in_body: bool,
    /// Whether an unknown or unproven client gets 400 instead of 401 with `invalid_client`.
    pub invalid_client_is_400: bool,
    /// Whether a refresh without `scope` is refused in the manner of Microsoft Entra (AADSTS90009).
    pub scopeless_refresh_refused: bool,
    /// An error for every acceptable request.
    pub refuse: Option<Refuse>,
    /// When refresh tokens are given.
    pub refresh_tokens: RefreshTokens,
    /// What happens to a refresh token that is used.
    pub rotation: Rotation,
    /// What the use of a replaced refresh token leads to.
    pub reuse: Reuse,
    /// Refresh tokens that were not used for so long are swept.
    pub idle_sweep: Option<Duration>,
    /// What a granted answer looks like.
    pub answer: TokenAnswer,
}

/// An error for every request of one kind that would otherwise be granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refuse {
    /// The kind of request; both when `None`.
    pub grant: Option<Grant>,
    /// The status; 200 too.
    pub status: u16,
    /// The error code (RFC 6749 §5.2).
    pub error: String,
    /// `error_description`; left out when `None`.
    pub description: Option<String>,
}

/// A kind of token request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// `authorization_code`.
    Code,
    /// `refresh_token`.
    Refresh,
    /// `client_credentials`.
    OwnName,
    /// `urn:ietf:params:oauth:grant-type:device_code`.
    Device,
}

/// When refresh tokens are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RefreshTokens {
    /// With every code grant.
    #[default]
    Always,
    /// Only for `offline_access` together with `prompt=consent`.
    WhenAsked,
    /// Never.
    Never,
}

/// What happens to a refresh token that is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// A new one takes its place. Using the old one again after `grace` revokes the whole family.
    Each {
        /// How long the old one still works.
        grace: Duration,
    },
    /// It stays, and the answer holds no refresh token.
    Off,
}

/// What the use of a replaced refresh token leads to, besides its refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reuse {
    /// The whole family is revoked (RFC 9700 §4.14.2).
    #[default]
    EndsTheGrant,
    /// Nothing.
    SparesTheGrant,
}

impl Default for Rotation {
    fn default() -> Self {
        Self::Each { grace: Duration::ZERO }
    }
}

/// What a granted answer looks like.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenAnswer {
    /// How the answer is written.
    pub shape: TokenShape,
    /// Whether access tokens can be read.
    pub form: TokenForm,
    /// Whom access tokens are for.
    pub audience: Audience,
    /// How long access tokens last.
    pub lifetime: Duration,
    /// How that is said.
    pub expires_in: ExpiresIn,
    /// How the granted scope is said.
    pub scope: ScopeAnswer,
    /// Members set or removed at the end.
    pub edits: Edits,
}

impl Default for TokenAnswer {
    fn default() -> Self {
        Self {
            shape: TokenShape::default(),
            form: TokenForm::default(),
            audience: Audience::default(),
            lifetime: Duration::from_hours(1),
            expires_in: ExpiresIn::default(),
            scope: ScopeAnswer::default(),
            edits: Edits::none(),
        }
    }
}

/// How answers of the token endpoint are written; errors too, except `Nested`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenShape {
    /// JSON (RFC 6749 §5.1).
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// JSON with `ok` and the token inside `authed_user`.
    Nested,
}

/// Whether access tokens can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenForm {
    /// Shaped like a JWT (RFC 9068), with a signature nobody can verify.
    #[default]
    Jwt,
    /// Letters and digits.
    Opaque,
}

/// Whom access tokens are for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Audience {
    /// The resource that was asked for.
    #[default]
    Resource,
    /// This one.
    Other(String),
    /// Nobody.
    Missing,
}

/// How `expires_in` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExpiresIn {
    /// A number.
    #[default]
    Number,
    /// A number in a text.
    Text,
    /// A number with a fraction.
    Fraction,
    /// A negative number.
    Negative,
    /// A number larger than any time.
    Huge,
    /// `null`.
    Null,
    /// Nothing.
    Missing,
}

/// How the granted scope is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ScopeAnswer {
    /// Separated by spaces (RFC 6749 §3.3).
    #[default]
    Spaces,
    /// Separated by commas.
    Commas,
    /// A list.
    List,
    /// Nothing.
    Missing,
    /// Other scopes than asked for; these are granted.
    Other(Vec<String>),
}
