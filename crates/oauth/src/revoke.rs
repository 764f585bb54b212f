//! Taking tokens back at the service (RFC 7009). Deleting the registration is in `registration`; deleting what is stored
//! here is the engine's business.

use http::StatusCode;
use replug_core::{Registration, RegistrationKind, Secret, Tokens};
use replug_net::gate_for_request;
use url::Url;

use crate::Context;
use crate::client_auth::{authenticated_post, method_of};
use crate::page::is_challenge;

/// What became of a request to undo something at the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    /// The service confirmed it.
    Yes,
    /// The service refused.
    No,
    /// The service offers no way.
    NotOffered,
    /// The service could not be asked, or could not answer.
    Unreachable,
}

/// Which token of a sign-in is taken back (RFC 7009 §2.1, `token_type_hint`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevokedToken {
    /// The refresh token, which ends the whole grant.
    Refresh,
    /// The access token, which may outlive its grant.
    Access,
}

/// Revokes the refresh token, and then the access token. The answer is that of the token that matters more; a service need
/// not revoke access tokens (RFC 7009 §2).
pub async fn revoke(ctx: &Context<'_>, tokens: &Tokens, registration: &Registration) -> Revoked {
    if tokens.refresh.is_none() {
        return revoke_token(ctx, tokens, registration, RevokedToken::Access).await;
    }
    let outcome = revoke_token(ctx, tokens, registration, RevokedToken::Refresh).await;
    if outcome != Revoked::Unreachable {
        let access = revoke_token(ctx, tokens, registration, RevokedToken::Access).await;
        tracing::debug!(?outcome, ?access, "asked the service to revoke");
    }
    outcome
}

/// Revokes one token. Asking again for one that is revoked already is answered in the same way (RFC 7009 §2.2).
///
/// A token that is not there counts as [`Revoked::NotOffered`]; a registration of another issuer is not shown to this one:
/// [`Revoked::No`].
pub async fn revoke_token(
    ctx: &Context<'_>,
    tokens: &Tokens,
    registration: &Registration,
    which: RevokedToken,
) -> Revoked {
    let (token, hint) = match which {
        RevokedToken::Refresh => (tokens.refresh.as_ref(), "refresh_token"),
        RevokedToken::Access => (Some(&tokens.access), "access_token"),
    };
    let (Some(endpoint), Some(token)) = (&tokens.revocation_endpoint, token) else {
        return Revoked::NotOffered;
    };
    let portable = registration.kind == RegistrationKind::ClientIdDocument;
    if !portable && registration.issuer != tokens.issuer {
        return Revoked::No;
    }
    match gate_for_request(endpoint, ctx.loopback) {
        Ok(endpoint) => revoke_one(ctx, &endpoint, (token, hint), registration).await,
        Err(_) => Revoked::No,
    }
}

async fn revoke_one(
    ctx: &Context<'_>,
    endpoint: &Url,
    (token, hint): (&Secret<String>, &'static str),
    registration: &Registration,
) -> Revoked {
    let fields = [("token", token.expose().as_str()), ("token_type_hint", hint)];
    let client = (registration, method_of(registration));
    let Ok(ask) = authenticated_post(ctx, endpoint.clone(), &fields, client) else {
        return Revoked::No;
    };
    let Ok(answer) = ctx.http.ask(&ask, ctx.trace).await else {
        return Revoked::Unreachable;
    };
    match answer.status {
        // A web page confirms nothing: it is a portal's, or a firewall's.
        _ if is_challenge(&answer) => Revoked::Unreachable,
        status if status.is_success() && !answer.is_html() => Revoked::Yes,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => Revoked::Unreachable,
        status if status.is_server_error() || status.is_success() || status.is_redirection() => Revoked::Unreachable,
        _ => Revoked::No,
    }
}
