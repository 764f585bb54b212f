//! What a sign-in service says about itself (RFC 8414, OpenID Connect Discovery), after it was checked. Fetching and
//! checking is in `discovery`.

/// How the metadata came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceSource {
    /// RFC 8414 document.
    OauthMetadata,
    /// OpenID Connect Discovery document.
    OpenidConfiguration,
    /// No document: the default paths of MCP 2025-03-26 at the server's origin.
    Assumed,
}

/// Authorization server metadata, with null, empty and missing members all read as absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceMetadata {
    /// `issuer`, byte for byte as the document has it.
    pub issuer: String,
    /// How it came to be known.
    pub source: ServiceSource,
    /// `authorization_endpoint`, passed through the gate.
    pub authorization_endpoint: String,
    /// `token_endpoint`, passed through the gate.
    pub token_endpoint: String,
    /// `registration_endpoint` (RFC 7591); for an assumed service the default path.
    pub registration_endpoint: Option<String>,
    /// `device_authorization_endpoint` (RFC 8628).
    pub device_authorization_endpoint: Option<String>,
    /// `revocation_endpoint` (RFC 7009).
    pub revocation_endpoint: Option<String>,
    /// `scopes_supported`.
    pub scopes: Vec<String>,
    /// `code_challenge_methods_supported`; `None` when absent (PKCE unlisted).
    pub code_challenge_methods: Option<Vec<String>>,
    /// `token_endpoint_auth_methods_supported`; empty when absent.
    pub auth_methods: Vec<String>,
    /// `grant_types_supported`; empty when absent.
    pub grant_types: Vec<String>,
    /// `authorization_response_iss_parameter_supported` (RFC 9207).
    pub iss_parameter: bool,
    /// `client_id_metadata_document_supported`.
    pub client_id_document: bool,
}

impl ServiceMetadata {
    /// Whether the service lists this scope.
    pub fn lists_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|listed| listed == scope)
    }
}
