//! Changing a registration (RFC 7592): reading it as it is now, and having its secret renewed before it ends. When that is
//! due, and what is kept, is decided in the engine.

use http::{Method, StatusCode};
use jiff::Timestamp;
use replug_core::{AuthMethod, Code, Failure, Management, Registration};
use replug_net::{Ask, Limits, gate_for_request, mask_url};
use url::Url;

use super::answer;
use crate::Context;
use crate::members::{Members, object, text, whole};

/// Members of an answer that a client must not send back (RFC 7592 §2.2).
const NOT_SENT: [&str; 4] =
    ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];

/// What became of a request to renew a secret.
#[derive(Debug)]
pub struct SecretRenewal {
    /// The registration as the service has it now, as far as is known.
    pub registration: Registration,
    /// Whether anything in it differs from before: then it is to be kept, also after a failure, because reading it may have
    /// changed its token (RFC 7592 §3).
    pub changed: bool,
    /// Whether its secret lasts longer than before.
    pub outcome: Result<(), NotRenewed>,
}

/// Why a secret lasts no longer than before.
#[derive(Debug)]
pub enum NotRenewed {
    /// The service does not do that.
    NotOffered,
    /// The service does not take the registration's token, which says nothing about whether it would renew.
    TokenRefused,
    /// The service could not be asked; it may work later.
    Failed(Failure),
}

/// Asks the service for a secret that lasts longer: reads the registration (RFC 7592 §2.1), and sends it back unchanged and
/// whole (§2.2), which is when services renew it. What an answer that was lost had changed is found by reading again.
///
/// What is learned on the way is in the answer also when it fails.
pub async fn renew_secret(ctx: &Context<'_>, registration: &Registration) -> SecretRenewal {
    let mut known = registration.duplicate();
    let outcome = prolong(ctx, &mut known).await;
    let changed = outcome.is_ok() || is_managed_otherwise(registration, &known);
    SecretRenewal { registration: known, changed, outcome }
}

async fn prolong(ctx: &Context<'_>, known: &mut Registration) -> Result<(), NotRenewed> {
    let members = exchange(ctx, known, None).await?;
    if adopt(ctx, known, &members) {
        return Ok(());
    }
    match exchange(ctx, known, Some(to_send_back(members, known))).await {
        Ok(members) if adopt(ctx, known, &members) => Ok(()),
        Ok(_) => Err(NotRenewed::NotOffered),
        // It may have been done all the same, and then the old secret is void already.
        Err(NotRenewed::Failed(failure)) => match exchange(ctx, known, None).await {
            Ok(members) if adopt(ctx, known, &members) => Ok(()),
            _ => Err(NotRenewed::Failed(failure)),
        },
        Err(refused) => Err(refused),
    }
}

fn is_managed_otherwise(before: &Registration, after: &Registration) -> bool {
    match (&before.management, &after.management) {
        (Some(before), Some(after)) => before.address != after.address || !after.token.matches(before.token.expose()),
        (before, after) => before.is_some() != after.is_some(),
    }
}

/// Reads the registration, or replaces it by `body`. Fails also when the service speaks of another client.
async fn exchange(ctx: &Context<'_>, registration: &Registration, body: Option<String>) -> Result<Members, NotRenewed> {
    let (address, management) = reachable(ctx, registration).ok_or(NotRenewed::NotOffered)?;
    let ask = match body {
        Some(body) => Ask::new(Method::PUT, address.clone(), ctx.reach).body("application/json", body),
        None => Ask::new(Method::GET, address.clone(), ctx.reach),
    };
    let ask = ask.bearer(&management.token).accept("application/json").limits(Limits::TOKEN);
    let answer = ctx.http.ask(&ask, ctx.trace).await;
    let failed = |failure: Failure| NotRenewed::Failed(failure.with_fact("Address", mask_url(&address)));
    let answer = answer.map_err(|error| failed(error.into()))?;
    if answer.status == StatusCode::TOO_MANY_REQUESTS || answer.status.is_server_error() || answer.is_html() {
        return Err(failed(Failure::new(Code::RegServerError).with_fact("Status", answer.status.as_str())));
    }
    if answer.status == StatusCode::UNAUTHORIZED {
        return Err(NotRenewed::TokenRefused);
    }
    let ours = |members: &Members| text(members, "client_id") == Some(registration.client_id.as_str());
    object(&answer).filter(|members| answer.status.is_success() && ours(members)).ok_or(NotRenewed::NotOffered)
}

fn reachable<'a>(ctx: &Context<'_>, registration: &'a Registration) -> Option<(Url, &'a Management)> {
    let management = registration.management.as_ref()?;
    Some((gate_for_request(&management.address, ctx.loopback).ok()?, management))
}

/// Takes over what the answer says, and tells whether the secret lasts longer now. Another secret that does not is no renewal
/// and is not taken: services show a masked one where they keep none to show.
fn adopt(ctx: &Context<'_>, known: &mut Registration, members: &Members) -> bool {
    // What is odd about an answer was noted when the registration was issued.
    if let Some(management) = answer::management(ctx, members, &mut Vec::new()) {
        known.management = Some(management);
    }
    if !extend(members, known, ctx.clock.now()) {
        return false;
    }
    if let Some(secret) = answer::secret(members).filter(|secret| !is_masked(secret.expose())) {
        known.client_secret = Some(secret);
    }
    if let Some(method) = text(members, "token_endpoint_auth_method").and_then(AuthMethod::from_name) {
        known.auth_method = method;
    }
    true
}

/// Takes over the end that the answer names, when it is later than the known one. Zero is never (RFC 7591 §3.2.1).
fn extend(members: &Members, known: &mut Registration, now: Timestamp) -> bool {
    let said = whole(members, "client_secret_expires_at");
    let end = answer::secret_end(members, now, &mut Vec::new());
    let before = known.secret_expires_at;
    let later = match (said, before) {
        (None, _) | (_, None) => false,
        (Some(0), _) => true,
        (Some(_), Some(before)) => end.is_some_and(|end| end > before),
    };
    if later {
        known.secret_expires_at = end;
        known.secret_issued_at = Some(now);
    }
    later
}

fn is_masked(secret: &str) -> bool {
    secret.chars().all(|letter| matches!(letter, '*' | '•' | '.' | 'x' | 'X'))
}

/// The whole registration, as RFC 7592 §2.2 wants it back, with the secret it has now.
fn to_send_back(mut members: Members, known: &Registration) -> String {
    members.retain(|name, value| !NOT_SENT.contains(&name.as_str()) && !value.is_null());
    if let Some(secret) = &known.client_secret {
        members.insert("client_secret".to_owned(), secret.expose().as_str().into());
    }
    // Writing plain data cannot fail: no map has keys that are not text.
    serde_json::to_string(&members).unwrap_or_default()
}
