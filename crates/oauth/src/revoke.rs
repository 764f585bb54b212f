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

/// Revokes the refresh token, which ends the whole grant, and then the access token, which may outlive it. The answer is
/// that of the token that matters more; a service need not revoke access tokens (RFC 7009 §2).
///
/// A registration of another issuer is not shown to this one: [`Revoked::No`].
pub async fn revoke(ctx: &Context<'_>, tokens: &Tokens, registration: &Registration) -> Revoked {
    let Some(endpoint) = &tokens.revocation_endpoint else {
        return Revoked::NotOffered;
    };
    let portable = registration.kind == RegistrationKind::ClientIdDocument;
    if !portable && registration.issuer != tokens.issuer {
        return Revoked::No;
    }
    let Ok(endpoint) = gate_for_request(endpoint, ctx.loopback) else {
        return Revoked::No;
    };
    let Some(refresh) = &tokens.refresh else {
        return revoke_one(ctx, &endpoint, (&tokens.access, "access_token"), registration).await;
    };
    let outcome = revoke_one(ctx, &endpoint, (refresh, "refresh_token"), registration).await;
    if outcome != Revoked::Unreachable {
        let access = revoke_one(ctx, &endpoint, (&tokens.access, "access_token"), registration).await;
        tracing::debug!(?outcome, ?access, "asked the service to revoke");
    }
    outcome
}

async fn revoke_one(
    ctx: &Context<'_>,
    endpoint: &Url,
    (token, hint): (&Secret<String>, &'static str),
    registration: &Registration,
) -> Revoked {
    let fields = [("token", token.expose().as_str()), ("token_type_hint", hint)];
    let client = (registration, method_of(registration));
    let ask = authenticated_post(endpoint.clone(), &fields, client, ctx.reach);
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
