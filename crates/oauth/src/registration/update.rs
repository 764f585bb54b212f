//! Changing a registration (RFC 7592): reading it as it is now, and having its secret renewed before it ends. When that is
//! due, and what is kept, is decided in the engine.

use http::{Method, StatusCode};
use jiff::Timestamp;
use replug_core::{AuthMethod, Code, Failure, Management, Registration};
use replug_net::{Ask, Limits, gate_for_request, mask_url};
use url::Url;

use super::answer;
use crate::Context;
use crate::lenient::{object, seconds};
use crate::members::{Members, text};

/// Members of an answer that a client must not send back (RFC 7592 §2.2).
const NOT_SENT: [&str; 4] =
    ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];

/// What became of a request to renew a secret.
#[derive(Debug)]
pub struct SecretRenewal {
    /// The registration as the service has it now; to be kept either way, because reading it may have changed its token.
    pub registration: Registration,
    /// Whether its secret lasts longer than before.
    pub renewed: bool,
}

/// Asks the service for a secret that lasts longer: reads the registration (RFC 7592 §2.1), and sends it back unchanged and
/// whole (§2.2), which is when services renew it. What an answer that was lost had changed is found by reading again.
///
/// Fails when the service could not be asked; a service that does not do it is no failure.
pub async fn renew_secret(ctx: &Context<'_>, registration: &Registration) -> Result<SecretRenewal, Failure> {
    let mut known = registration.duplicate();
    let Some(members) = exchange(ctx, &known, None).await? else {
        return Ok(SecretRenewal { registration: known, renewed: false });
    };
    if adopt(ctx, &mut known, &members) {
        return Ok(SecretRenewal { registration: known, renewed: true });
    }
    let answered = match exchange(ctx, &known, Some(to_send_back(members, &known))).await {
        Ok(answered) => answered,
        // It may have been done all the same, and then the old secret is void already.
        Err(failure) => match exchange(ctx, &known, None).await {
            Ok(Some(members)) if adopt(ctx, &mut known, &members) => {
                return Ok(SecretRenewal { registration: known, renewed: true });
            }
            _ => return Err(failure),
        },
    };
    let renewed = answered.is_some_and(|members| adopt(ctx, &mut known, &members));
    Ok(SecretRenewal { registration: known, renewed })
}

/// Reads the registration, or replaces it by `body`. `None` when the service does not do that, or speaks of another client.
async fn exchange(
    ctx: &Context<'_>,
    registration: &Registration,
    body: Option<String>,
) -> Result<Option<Members>, Failure> {
    let Some((address, management)) = reachable(ctx, registration) else {
        return Ok(None);
    };
    let ask = match body {
        Some(body) => Ask::new(Method::PUT, address.clone(), ctx.reach).body("application/json", body),
        None => Ask::new(Method::GET, address.clone(), ctx.reach),
    };
    let ask = ask.bearer(&management.token).accept("application/json").limits(Limits::TOKEN);
    let answer = ctx.http.ask(&ask, ctx.trace).await;
    let answer = answer.map_err(|error| Failure::from(error).with_fact("Address", mask_url(&address)))?;
    if answer.status == StatusCode::TOO_MANY_REQUESTS || answer.status.is_server_error() || answer.is_html() {
        return Err(Failure::new(Code::RegServerError)
            .with_fact("Address", mask_url(&address))
            .with_fact("Status", answer.status.as_str()));
    }
    let ours = |members: &Members| text(members, "client_id") == Some(registration.client_id.as_str());
    Ok(object(&answer).filter(|members| answer.status.is_success() && ours(members)))
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
    let said = members.get("client_secret_expires_at").and_then(|end| seconds(end).ok().flatten());
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
