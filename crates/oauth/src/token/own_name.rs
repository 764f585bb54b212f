//! Asking for a token in the client's own name (RFC 6749 §4.4; the MCP extension "OAuth Client Credentials"). No person takes
//! part and there is no refresh token: a new token is had by asking again. Which connector does so is decided in the engine.

use replug_core::{GrantType, Registration, Tokens};

use super::{Extent, Grant, Granted, TokenFailure, TokenRequest, check_issuer};
use crate::{Context, ServiceMetadata};

/// Asks for a token for a client that has a secret or a key.
pub async fn client_credentials(
    ctx: &Context<'_>,
    service: &ServiceMetadata,
    asked: &Extent<'_>,
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
    let asked = Extent { scopes: &tokens.scopes, resource: tokens.resource.as_deref() };
    request(ctx, (&tokens.issuer, &tokens.token_endpoint), &asked, registration).await
}

async fn request(
    ctx: &Context<'_>,
    (issuer, endpoint): (&str, &str),
    asked: &Extent<'_>,
    registration: &Registration,
) -> Result<Granted, TokenFailure> {
    check_issuer(registration, issuer)?;
    let scope = asked.scopes.join(" ");
    let mut fields = vec![("grant_type", GrantType::ClientCredentials.as_str())];
    fields.extend((!scope.is_empty()).then_some(("scope", scope.as_str())));
    fields.extend(asked.resource.map(|resource| ("resource", resource)));
    TokenRequest { endpoint, fields, secrets: Vec::new(), grant: Grant::OwnName, registration }.run(ctx).await
}
