//! The switches of the authorization server for metadata, authorization and revocation; healthy by default. Those of
//! registration and of the token endpoint have their own modules.

use super::{ClientMethod, DeviceFaults, RegistrationFaults, TokenFaults};
use crate::{Edits, Front, Optionals};

/// Everything that can be wrong with an authorization server.
#[derive(Debug, Clone, Default)]
pub struct AuthFaults {
    /// Discovery documents (RFC 8414, OpenID Connect Discovery).
    pub metadata: MetadataFaults,
    /// Registration and its management (RFC 7591, RFC 7592).
    pub registration: RegistrationFaults,
    /// The authorization endpoint and the way back (RFC 6749 §4.1).
    pub authorize: AuthorizeFaults,
    /// The token endpoint.
    pub token: TokenFaults,
    /// Signing in on another device (RFC 8628).
    pub device: DeviceFaults,
    /// The revocation endpoint (RFC 7009).
    pub revocation: RevocationFaults,
    /// What is done with `resource` (RFC 8707) in authorization and token requests.
    pub resource: ResourceRule,
}

/// Switches of the discovery documents.
#[derive(Debug, Clone, Default)]
pub struct MetadataFaults {
    /// What stands before the documents.
    pub front: Front,
    /// The path of the issuer, such as `/tenant1`; empty for none.
    pub issuer_path: String,
    /// Where the document can be found.
    pub published: Published,
    /// How `issuer` is spelt in the document.
    pub issuer: IssuerSpelling,
    /// Whether `registration_endpoint` is there.
    pub registration: Offered,
    /// Whether `revocation_endpoint` is there.
    pub revocation: Offered,
    /// What `code_challenge_methods_supported` says.
    pub pkce: PkceList,
    /// `scopes_supported`; left out when `None`.
    pub scopes_supported: Option<Vec<String>>,
    /// `token_endpoint_auth_methods_supported`; all three when `None`.
    pub auth_methods: Option<Vec<ClientMethod>>,
    /// What the optional members hold.
    pub optionals: Optionals,
    /// Members set or removed at the end.
    pub edits: Edits,
}

/// Where an issuer's document is found (RFC 8414 §3, OpenID Connect Discovery §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Published {
    /// At every place a client may look.
    #[default]
    Everywhere,
    /// `oauth-authorization-server`, inserted before the issuer's path.
    OauthOnly,
    /// `openid-configuration`, inserted before the issuer's path.
    OpenIdInserted,
    /// `openid-configuration`, appended to the issuer's path.
    OpenIdAppended,
    /// Nowhere; endpoints are at `/authorize`, `/token` and `/register` all the same.
    Nowhere,
}

/// How the document spells its issuer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum IssuerSpelling {
    /// As the identifier it was found by.
    #[default]
    Exact,
    /// With a slash at the end.
    TrailingSlash,
    /// Without the path of the identifier.
    WithoutPath,
    /// Any other text.
    Other(String),
}

/// Whether something is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Offered {
    /// Announced, and it works.
    #[default]
    Yes,
    /// Not announced; it works for who guesses its address.
    No,
}

/// What the document says about PKCE (RFC 7636). The server itself always verifies S256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PkceList {
    /// S256.
    #[default]
    S256,
    /// Nothing.
    Missing,
    /// `plain` only.
    PlainOnly,
    /// `null`.
    Null,
}

/// Switches of the authorization endpoint.
#[derive(Debug, Clone, Default)]
pub struct AuthorizeFaults {
    /// What stands before the endpoint.
    pub front: Front,
    /// Whether a person is asked.
    pub consent: Consent,
    /// How the answer travels back.
    pub returns: Returns,
    /// Which redirect addresses count as registered.
    pub redirects: RedirectMatch,
    /// What is shown for a redirect address that is not registered.
    pub refused_redirect: RefusedRedirect,
    /// What is shown for a client ID nobody knows.
    pub unknown_client: UnknownClient,
    /// Which scopes may be asked for.
    pub scope: ScopeRule,
    /// An error code to answer every acceptable request with, such as `server_error`.
    pub error: Option<String>,
    /// What comes back as `state`.
    pub state: StateEcho,
    /// `iss` in metadata and answer (RFC 9207).
    pub iss: IssParameter,
}

/// Whether a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Consent {
    /// A page with two buttons.
    #[default]
    Page,
    /// The answer comes at once.
    Immediate,
}

/// How the answer of an authorization request travels back to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Returns {
    /// 302, so that the browser comes with GET.
    #[default]
    Found,
    /// 307, so that the browser repeats the POST of the consent form at the callback; the answer is in the query.
    Repeated,
    /// A page that posts the answer (OAuth 2.0 Form Post Response Mode).
    FormPost,
    /// A page that says all is well, and nothing else.
    Never,
}

/// Which redirect addresses count as registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RedirectMatch {
    /// The registered one; on loopback with any port (RFC 8252 §7.3).
    #[default]
    AnyLoopbackPort,
    /// The registered one, letter by letter.
    Exact,
    /// The registered one, letter by letter, and only when it names this computer `localhost`; any can be registered.
    NameOnly,
    /// None, whatever was registered.
    Nothing,
}

/// What is shown for a redirect address that is not registered. None of these calls the client back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RefusedRedirect {
    /// A web page with 400.
    #[default]
    Page400,
    /// A web page with 403 that calls it a callback URL.
    Page403,
    /// `invalid_request` as JSON with 400.
    Json400,
    /// A redirect to a page of the service's own, with the error in its address.
    ErrorPage,
    /// A web page with 200 that speaks of an error.
    Page200,
}

/// What is shown for a client ID nobody knows. None of these calls the client back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownClient {
    /// A web page with 400.
    #[default]
    Page400,
    /// A web page with 401.
    Page401,
    /// `invalid_client` as JSON with 400.
    Json400,
    /// A sentence as JSON with 422.
    Json422,
    /// A web page with 200 that speaks of an error.
    Page200,
}

/// Which scopes may be asked for; everything else is `invalid_scope`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ScopeRule {
    /// Any, and none.
    #[default]
    Any,
    /// At least one has to be named.
    Required,
    /// Only these.
    Known(Vec<String>),
}

/// What comes back as `state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StateEcho {
    /// What was sent.
    #[default]
    Same,
    /// Nothing.
    Missing,
    /// Something else.
    Changed,
}

/// The issuer in the authorization response (RFC 9207).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum IssParameter {
    /// Announced and sent.
    #[default]
    AnnouncedAndSent,
    /// Announced and not sent.
    AnnouncedOnly,
    /// Sent and not announced.
    SentOnly,
    /// Neither.
    Neither,
    /// Announced, and another issuer is sent.
    Wrong(String),
}

/// What is done with `resource` (RFC 8707).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ResourceRule {
    /// Any is taken as the audience.
    #[default]
    Any,
    /// Only these, letter by letter; others are `invalid_target`.
    Known(Vec<String>),
    /// The member itself is refused in the manner of Microsoft Entra (AADSTS9010010).
    Refused,
}

/// Switches of the revocation endpoint.
#[derive(Debug, Clone, Default)]
pub struct RevocationFaults {
    /// What stands before the endpoint.
    pub front: Front,
}
