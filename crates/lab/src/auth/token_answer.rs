//! How the token endpoint writes its answers: the JSON of RFC 6749 §5, and the other shapes real services use.

use axum::response::Response;
use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use super::grants::Issued;
use super::{ExpiresIn, ScopeAnswer, TokenAnswer, TokenShape};
use crate::wire;

/// A granted request.
pub(super) fn granted(faults: &TokenAnswer, issued: Issued) -> Response {
    let mut body = Map::new();
    body.insert("access_token".to_owned(), json!(issued.access));
    body.insert("token_type".to_owned(), json!("Bearer"));
    if let Some(refresh) = issued.refresh {
        body.insert("refresh_token".to_owned(), json!(refresh));
    }
    if let Some(expires_in) = expires_in(faults) {
        body.insert("expires_in".to_owned(), expires_in);
    }
    if let Some(scope) = scope(&faults.scope, &issued.scopes) {
        body.insert("scope".to_owned(), scope);
    }
    faults.edits.apply(&mut body);
    let body = Value::Object(body);
    match faults.shape {
        TokenShape::Nested => wire::json(200, &json!({"ok": true, "authed_user": body})),
        shape => written(shape, 200, body),
    }
}

/// Any answer in its shape. Errors are never nested.
pub(super) fn written(shape: TokenShape, status: u16, body: Value) -> Response {
    match (shape, body) {
        (TokenShape::Form, Value::Object(members)) => {
            let pairs = members.iter().map(|(name, value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
                (name, value)
            });
            let encoded = Serializer::new(String::new()).extend_pairs(pairs).finish();
            wire::typed(status, "application/x-www-form-urlencoded", encoded)
        }
        (_, body) => wire::json(status, &body),
    }
}

fn expires_in(faults: &TokenAnswer) -> Option<Value> {
    let seconds = faults.lifetime.as_secs();
    match faults.expires_in {
        ExpiresIn::Number => Some(json!(seconds)),
        ExpiresIn::Text => Some(json!(seconds.to_string())),
        ExpiresIn::Fraction => Some(json!(faults.lifetime.as_secs_f64() + 0.5)),
        ExpiresIn::Negative => Some(json!(-1)),
        ExpiresIn::Huge => Some(json!(u64::MAX)),
        ExpiresIn::Null => Some(Value::Null),
        ExpiresIn::Missing => None,
    }
}

fn scope(answer: &ScopeAnswer, scopes: &[String]) -> Option<Value> {
    match answer {
        ScopeAnswer::Spaces | ScopeAnswer::Other(_) => Some(json!(scopes.join(" "))),
        ScopeAnswer::Commas => Some(json!(scopes.join(","))),
        ScopeAnswer::List => Some(json!(scopes)),
        ScopeAnswer::Missing => None,
    }
}
