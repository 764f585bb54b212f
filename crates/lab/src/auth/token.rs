//! The token endpoint (RFC 6749 §3.2): it proves the client, reads the request and hands it to the rules for grants.

use std::borrow::Cow;

use axum::response::Response;
use serde_json::json;

use super::book::{Book, Client};
use super::client_auth;
use super::core::AuthCore;
use super::device;
use super::grants::{Denied, Desk, Exchange, Issued, Renewal};
use super::token_answer;
use super::{AuthFaults, Grant, ResourceRule};
use crate::wire::{self, Incoming};

/// How Microsoft Entra words it.
pub(super) const RESOURCE_REFUSED: &str =
    "AADSTS9010010: The resource parameter provided in the request doesn't match with the requested scopes.";
const SCOPE_WANTED: &str = "AADSTS90009: Application is requesting a token for itself. This scenario is supported only if \
                            resource is specified using the GUID based App Identifier.";

/// An error on its way to the client.
struct Refusal {
    status: u16,
    error: Cow<'static, str>,
    text: Option<Cow<'static, str>>,
}

impl Refusal {
    const fn bad(error: &'static str, text: &'static str) -> Self {
        Self { status: 400, error: Cow::Borrowed(error), text: Some(Cow::Borrowed(text)) }
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        Self::bad(denied.error, denied.text)
    }
}

pub(super) fn answer(core: &AuthCore, request: &Incoming) -> Response {
    let faults = core.faults();
    let now_ms = core.now_ms();
    let identifier = core.identifier(&request.origin);
    let desk = Desk { faults: &faults.token, issuer: &identifier, now_ms };
    let mut book = core.book();
    let client = match client_auth::client(&book, &faults.token, request, now_ms) {
        Ok(client) => client,
        Err(refusal) => return *refusal,
    };
    match granted(&mut book, &client, request, (&faults, &desk)) {
        Ok(issued) => {
            forget_if_due(&mut book, &faults, &client.id);
            token_answer::granted(&faults.token.answer, issued)
        }
        Err(refusal) => {
            let mut body = json!({"error": refusal.error});
            if let Some(text) = refusal.text {
                body["error_description"] = json!(text);
            }
            token_answer::written(faults.token.answer.shape, refusal.status, body)
        }
    }
}

fn granted(
    book: &mut Book,
    client: &Client,
    request: &Incoming,
    (faults, desk): (&AuthFaults, &Desk<'_>),
) -> Result<Issued, Refusal> {
    let form = request.form();
    if wire::doubled(&form).is_some() {
        return Err(Refusal::bad("invalid_request", "A member was sent twice"));
    }
    let value = |name: &str| wire::value(&form, name);
    let grant = match value("grant_type") {
        Some("authorization_code") => Grant::Code,
        Some("refresh_token") => Grant::Refresh,
        Some("client_credentials") => Grant::OwnName,
        Some(device::GRANT) => Grant::Device,
        _ => return Err(Refusal::bad("unsupported_grant_type", "Unknown grant type")),
    };
    if let Some(refusal) = switched_refusal(faults, grant, &form) {
        return Err(refusal);
    }
    let issued = match grant {
        Grant::Code => {
            let exchange = Exchange {
                client_id: &client.id,
                code: value("code").unwrap_or_default(),
                redirect_uri: value("redirect_uri"),
                verifier: value("code_verifier"),
                resource: value("resource"),
            };
            book.exchange(&exchange, desk)?
        }
        Grant::Refresh => {
            let scopes = value("scope").map(|scope| scope.split_whitespace().map(ToOwned::to_owned).collect());
            let renewal = Renewal {
                client_id: &client.id,
                token: value("refresh_token").unwrap_or_default(),
                resource: value("resource"),
                scopes,
            };
            book.renew(&renewal, desk)?
        }
        Grant::Device => book.exchange_device(&client.id, value("device_code").unwrap_or_default(), desk)?,
        Grant::OwnName => {
            let scopes = value("scope").unwrap_or_default().split_whitespace().map(ToOwned::to_owned).collect();
            book.grant_own(client, value("resource"), scopes, desk)?
        }
    };
    Ok(issued)
}

/// Refusals that only a switch asks for.
fn switched_refusal(faults: &AuthFaults, grant: Grant, form: &[(String, String)]) -> Option<Refusal> {
    let resource = wire::value(form, "resource");
    match &faults.resource {
        ResourceRule::Refused if resource.is_some() => {
            return Some(Refusal::bad("invalid_target", RESOURCE_REFUSED));
        }
        ResourceRule::Known(known) if resource.is_none_or(|sent| !known.iter().any(|name| name == sent)) => {
            return Some(Refusal::bad("invalid_target", "Unknown resource"));
        }
        ResourceRule::Any | ResourceRule::Known(_) | ResourceRule::Refused => {}
    }
    let scopeless = wire::value(form, "scope").is_none_or(str::is_empty);
    if faults.token.scopeless_refresh_refused && grant == Grant::Refresh && scopeless {
        return Some(Refusal::bad("invalid_request", SCOPE_WANTED));
    }
    let refuse = faults.token.refuse.as_ref()?;
    if refuse.grant.is_some_and(|only| only != grant) {
        return None;
    }
    Some(Refusal {
        status: refuse.status,
        error: Cow::Owned(refuse.error.clone()),
        text: refuse.description.clone().map(Cow::Owned),
    })
}

fn forget_if_due(book: &mut Book, faults: &AuthFaults, client_id: &str) {
    let due = book
        .client(client_id)
        .zip(faults.registration.forget_after_tokens)
        .is_some_and(|(client, most)| client.tokens_issued >= most);
    if due {
        book.forget_client(client_id);
    }
}
