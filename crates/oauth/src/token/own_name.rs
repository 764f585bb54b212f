//! Asking for a token in the client's own name (RFC 6749 §4.4; the MCP extension "OAuth Client Credentials"). No person takes
//! part and there is no refresh token: a new token is had by asking again. Which connector does so is decided in the engine.

use replug_core::{GrantType, Registration, Tokens};

use super::{Grant, Granted, TokenFailure, TokenRequest, check_issuer};
use crate::{Context, ServiceMetadata};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct OwnName<'a> {
    /// The permissions.
    pub scopes: &'a [String],
    /// `resource` (RFC 8707), byte for byte.
    pub resource: Option<&'a str>,
}

/// Asks for a token for a client that has a secret or a key.
pub async fn client_credentials(
    ctx: &Context<'_>,
    service: &ServiceMetadata,
    asked: &OwnName<'_>,
    registration: &Registration,
) -> Result<Granted, TokenFailure> {
    request(ctx, (&service.issuer, &service.token_endpoint), asked, registration).await
}

/// Asks for the same once more.
pub(super) async fn again(
    ctx: &Context<'_>,
    tokens: &Tokens,
    registration: &Registration,
) -> Result<Granted, TokenFailure> {
    let asked = OwnName { scopes: &tokens.scopes, resource: tokens.resource.as_deref() };
    request(ctx, (&tokens.issuer, &tokens.token_endpoint), &asked, registration).await
}

async fn request(
    ctx: &Context<'_>,
    (issuer, endpoint): (&str, &str),
    asked: &OwnName<'_>,
    registration: &Registration,
) -> Result<Granted, TokenFailure> {
    check_issuer(registration, issuer)?;
    let scope = asked.scopes.join(" ");
    let mut fields = vec![("grant_type", GrantType::ClientCredentials.as_str())];
    fields.extend((!scope.is_empty()).then_some(("scope", scope.as_str())));
    fields.extend(asked.resource.map(|resource| ("resource", resource)));
    TokenRequest { endpoint, fields, secrets: Vec::new(), grant: Grant::OwnName, registration }.run(ctx).await
}

impl Granted {
    /// The tokens of a sign-in in the client's own name. `address` is the server's address they are for.
    pub fn into_own_tokens(self, service: &ServiceMetadata, asked: &OwnName<'_>, address: &str) -> Tokens {
        Tokens {
            access: self.access,
            refresh: None,
            expires_at: self.expires_at,
            obtained_at: self.obtained_at,
            grant: GrantType::ClientCredentials,
            scopes: self.scopes.unwrap_or_else(|| asked.scopes.to_vec()),
            issuer: service.issuer.clone(),
            token_endpoint: service.token_endpoint.clone(),
            revocation_endpoint: service.revocation_endpoint.clone(),
            resource: asked.resource.map(str::to_owned),
            address: address.to_owned(),
        }
    }
}
