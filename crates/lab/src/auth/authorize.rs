//! The authorization endpoint (RFC 6749 §4.1.1): which requests are acceptable, and which answers go to the person instead
//! of the client. The consent page and the way back are in `consent`.

use axum::response::Response;
use serde_json::json;
use url::Url;

use super::book::{Asked, Client};
use super::consent::{self, Reply};
use super::core::AuthCore;
use super::{AuthFaults, Consent, RedirectMatch, RefusedRedirect, ResourceRule, ScopeRule, UnknownClient};
use crate::wire::{self, Incoming};

type Members = Vec<(String, String)>;

pub(super) fn answer(core: &AuthCore, request: &Incoming) -> Response {
    let mut members = request.query.clone();
    members.extend(request.form());
    if let Some(member) = wire::doubled(&members) {
        return refusal_page(400, &format!("`{member}` was sent twice"));
    }
    let faults = core.faults();
    let client = wire::value(&members, "client_id").and_then(|id| core.book().client(id));
    let Some(client) = client else {
        return unknown_client(faults.authorize.unknown_client);
    };
    let Some(redirect_uri) = registered_redirect(&members, &client, faults.authorize.redirects) else {
        return refused_redirect(faults.authorize.refused_redirect);
    };
    if faults.resource == ResourceRule::Refused && wire::value(&members, "resource").is_some() {
        return refusal_page(400, super::token::RESOURCE_REFUSED);
    }
    let asked = asked(&members, client.id.clone(), redirect_uri);
    if let Some(error) = objection(&faults, &members) {
        return consent::reply(core, request, &asked, Reply::Error(error));
    }
    match faults.authorize.consent {
        Consent::Immediate => consent::allow(core, request, &asked),
        Consent::Page => consent::page(core, asked, &client.name),
    }
}

fn asked(members: &Members, client_id: String, redirect_uri: String) -> Asked {
    let owned = |name: &str| wire::value(members, name).map(ToOwned::to_owned);
    let scopes: Vec<String> = owned("scope").unwrap_or_default().split_whitespace().map(ToOwned::to_owned).collect();
    let prompted = wire::value(members, "prompt") == Some("consent");
    Asked {
        client_id,
        redirect_uri,
        state: owned("state"),
        challenge: owned("code_challenge").unwrap_or_default(),
        resource: owned("resource"),
        offline: prompted && scopes.iter().any(|scope| scope == "offline_access"),
        scopes,
    }
}

/// The error a request is answered with, back at the client (RFC 6749 §4.1.2.1).
fn objection(faults: &AuthFaults, members: &Members) -> Option<String> {
    let value = |name: &str| wire::value(members, name);
    let scopes: Vec<&str> = value("scope").unwrap_or_default().split_whitespace().collect();
    let scope_is_wrong = match &faults.authorize.scope {
        ScopeRule::Any => false,
        ScopeRule::Required => scopes.is_empty(),
        ScopeRule::Known(known) => scopes.iter().any(|scope| !known.iter().any(|name| name == scope)),
    };
    let resource_is_wrong = match &faults.resource {
        ResourceRule::Known(known) => {
            value("resource").is_none_or(|resource| !known.iter().any(|name| name == resource))
        }
        ResourceRule::Any | ResourceRule::Refused => false,
    };
    if let Some(error) = &faults.authorize.error {
        Some(error.clone())
    } else if value("response_type") != Some("code") {
        Some("unsupported_response_type".to_owned())
    } else if value("code_challenge").is_none_or(str::is_empty) || value("code_challenge_method") != Some("S256") {
        Some("invalid_request".to_owned())
    } else if scope_is_wrong {
        Some("invalid_scope".to_owned())
    } else if resource_is_wrong {
        Some("invalid_target".to_owned())
    } else {
        None
    }
}

/// The redirect address of the request, if the client may use it.
fn registered_redirect(members: &Members, client: &Client, rule: RedirectMatch) -> Option<String> {
    let sent = wire::value(members, "redirect_uri")?;
    let fits = client.redirect_uris.iter().any(|registered| match rule {
        RedirectMatch::AnyLoopbackPort => registered == sent || same_but_port(registered, sent),
        RedirectMatch::Exact => registered == sent,
        RedirectMatch::NameOnly => registered == sent && sent.starts_with("http://localhost:"),
        RedirectMatch::Nothing => false,
    });
    fits.then(|| sent.to_owned())
}

/// RFC 8252 §7.3: on loopback the port may differ, and nothing else.
fn same_but_port(registered: &str, sent: &str) -> bool {
    let (Ok(registered), Ok(sent)) = (Url::parse(registered), Url::parse(sent)) else {
        return false;
    };
    let loopback = matches!(registered.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    loopback
        && registered.scheme() == sent.scheme()
        && registered.host_str() == sent.host_str()
        && registered.path() == sent.path()
        && registered.query() == sent.query()
}

fn refused_redirect(answer: RefusedRedirect) -> Response {
    let text = "redirect_uri did not match any configured URIs";
    match answer {
        RefusedRedirect::Page400 => refusal_page(400, text),
        RefusedRedirect::Page403 => refusal_page(403, "Callback URL mismatch"),
        RefusedRedirect::Json400 => wire::json(400, &json!({"error": "invalid_request", "error_description": text})),
        RefusedRedirect::ErrorPage => {
            wire::redirect(302, "/error?error=invalid_request&error_description=Invalid+redirect_uri")
        }
        RefusedRedirect::Page200 => refusal_page(200, text),
    }
}

fn unknown_client(answer: UnknownClient) -> Response {
    let text = "This application is not known: client not found";
    match answer {
        UnknownClient::Page400 => refusal_page(400, text),
        UnknownClient::Page401 => refusal_page(401, text),
        UnknownClient::Page200 => refusal_page(200, text),
        UnknownClient::Json400 => {
            wire::json(400, &json!({"error": "invalid_client", "error_description": "Unknown client_id"}))
        }
        UnknownClient::Json422 => wire::json(422, &json!({"message": "Unrecognized client_id"})),
    }
}

fn refusal_page(status: u16, text: &str) -> Response {
    let text = wire::escape(text);
    wire::html(status, format!("<!doctype html><html><body><h1>Sign-in failed</h1><p>{text}</p></body></html>"))
}
