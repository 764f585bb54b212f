//! Who may come in: bearer tokens checked against the authorization server (RFC 6750), fixed keys, and the challenges that
//! everybody else gets.

use axum::http::header;
use axum::response::Response;
use serde_json::{Value, json};

use super::{BadToken, Challenge, Guard, McpCore, McpFaults, resource, rpc};
use crate::auth::AuthCore;
use crate::wire::{self, Incoming};

/// Why somebody does not get in.
enum Refused {
    /// No credentials.
    Unknown,
    /// Credentials that are not good.
    BadToken,
    /// Good ones that permit too little.
    Scope(String),
}

pub(super) fn refusal(
    core: &McpCore,
    faults: &McpFaults,
    request: &Incoming,
    message: Option<&Value>,
) -> Option<Response> {
    let refused = judge(core, faults, request, message).err()?;
    Some(match refused {
        Refused::BadToken if faults.bad_token == BadToken::ServerError => {
            wire::json(500, &json!({"error": "server_error"}))
        }
        Refused::BadToken => challenged(faults, request, true),
        Refused::Unknown => challenged(faults, request, false),
        Refused::Scope(scope) => too_little(faults, request, &scope),
    })
}

fn judge(core: &McpCore, faults: &McpFaults, request: &Incoming, message: Option<&Value>) -> Result<(), Refused> {
    let asks = |method: &str| message.is_some_and(|message| rpc::method_of(message) == method);
    let is_call = asks("tools/call");
    let needed = match &faults.guard {
        Guard::Open => return Ok(()),
        Guard::Key { header, value } => {
            return match request.header(header) {
                Some(sent) if sent == value => Ok(()),
                Some(_) => Err(Refused::BadToken),
                None => Err(Refused::Unknown),
            };
        }
        Guard::RefusesLists if !asks("tools/list") => return Ok(()),
        Guard::RefusesCalls | Guard::CallsOnly if !is_call => return Ok(()),
        Guard::Refuses | Guard::RefusesLists | Guard::RefusesCalls => {
            let has_token = request.credentials("bearer").is_some();
            return Err(if has_token { Refused::BadToken } else { Refused::Unknown });
        }
        Guard::ScopeForCalls(scope) if is_call => Some(scope),
        Guard::Everything | Guard::CallsOnly | Guard::ScopeForCalls(_) | Guard::NeverContent => None,
    };
    let Some(auth) = core.auth() else {
        return Ok(());
    };
    let token = request.credentials("bearer").ok_or(Refused::Unknown)?;
    let scopes = permitted(&auth.core, token, faults, request).ok_or(Refused::BadToken)?;
    match needed {
        None if is_call && faults.guard == Guard::NeverContent => Err(Refused::Scope(format!("more-{}", scopes.len()))),
        Some(scope) if !scopes.contains(scope) => Err(Refused::Scope(scope.clone())),
        _ => Ok(()),
    }
}

/// The scopes of a live token for exactly this resource.
fn permitted(auth: &AuthCore, token: &str, faults: &McpFaults, request: &Incoming) -> Option<Vec<String>> {
    let permit = auth.permit(token)?;
    let wanted = resource::identifier(faults, &request.origin);
    let is_ours = match permit.audience {
        Some(audience) => audience == wanted,
        None => faults.carries_auth,
    };
    is_ours.then_some(permit.scopes)
}

fn challenged(faults: &McpFaults, request: &Incoming, bad_token: bool) -> Response {
    let body = json!({"error": "invalid_token", "error_description": "Authentication is required"});
    let mut members = Vec::new();
    if bad_token {
        members.push("error=\"invalid_token\"".to_owned());
    }
    if let Some(scope) = &faults.challenge_scope {
        members.push(format!("scope=\"{scope}\""));
    }
    match faults.challenge {
        Challenge::Forbidden => return wire::empty(403),
        Challenge::Missing => return wire::json(401, &body),
        Challenge::Basic => {
            let response = wire::json(401, &body);
            return wire::with_header(response, header::WWW_AUTHENTICATE, "Basic realm=\"lab\"");
        }
        Challenge::Bearer => members.insert(0, "realm=\"lab\"".to_owned()),
        Challenge::Metadata => members.extend(metadata_member(faults, request)),
    }
    let challenge = format!("Bearer {}", members.join(", "));
    wire::with_header(wire::json(401, &body), header::WWW_AUTHENTICATE, challenge.trim())
}

/// RFC 6750 §3.1: 403 with the scope that would do.
fn too_little(faults: &McpFaults, request: &Incoming, scope: &str) -> Response {
    let mut members = vec!["error=\"insufficient_scope\"".to_owned(), format!("scope=\"{scope}\"")];
    members.extend(metadata_member(faults, request));
    let body = json!({"error": "insufficient_scope"});
    let challenge = format!("Bearer {}", members.join(", "));
    wire::with_header(wire::json(403, &body), header::WWW_AUTHENTICATE, &challenge)
}

fn metadata_member(faults: &McpFaults, request: &Incoming) -> Option<String> {
    let address = resource::address(faults, &request.origin)?;
    Some(format!("resource_metadata=\"{address}\""))
}
