//! The revocation endpoint (RFC 7009).

use axum::response::Response;

use super::client_auth;
use super::core::AuthCore;
use crate::wire::{self, Incoming};

/// §2.2: 200 for every client that proves itself, whether or not the token was known.
pub(super) fn answer(core: &AuthCore, request: &Incoming) -> Response {
    let faults = core.faults();
    let now_ms = core.now_ms();
    let mut book = core.book();
    match client_auth::client(&book, &faults.token, request, now_ms) {
        Ok(client) => {
            let form = request.form();
            book.revoke(wire::value(&form, "token").unwrap_or_default(), &client.id);
            wire::empty(200)
        }
        Err(refusal) => *refusal,
    }
}
