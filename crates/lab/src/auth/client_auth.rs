//! Who is asking at the token and revocation endpoints (RFC 6749 §2.3), and what they get who cannot prove it.

use axum::http::header;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::TokenFaults;
use super::book::{Book, Client};
use crate::wire::{self, Incoming};

/// How a client proves who it is (RFC 7591 §2). The lab has its own list, so that it does not share the product's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientMethod {
    /// `none`
    Public,
    /// `client_secret_post`
    Post,
    /// `client_secret_basic`
    Basic,
}

impl ClientMethod {
    /// The registered name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "none",
            Self::Post => "client_secret_post",
            Self::Basic => "client_secret_basic",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Public, Self::Post, Self::Basic].into_iter().find(|method| method.as_str() == name)
    }
}

/// Where the token endpoint looks for the credentials of confidential clients, whatever was registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reads {
    /// Where the client's method puts them.
    #[default]
    AsRegistered,
    /// In the `Authorization` header only.
    BasicOnly,
    /// In the body only.
    BodyOnly,
}

/// What came along to prove a client.
struct Presented {
    basic: Option<(String, String)>,
    body_id: Option<String>,
    body_secret: Option<String>,
}

/// The client that sent this request, or the refusal.
pub(super) fn client(
    book: &Book,
    faults: &TokenFaults,
    request: &Incoming,
    now_ms: i64,
) -> Result<Client, Box<Response>> {
    let form = request.form();
    let presented = Presented {
        basic: request.credentials("basic").and_then(decode_basic),
        body_id: wire::value(&form, "client_id").map(ToOwned::to_owned),
        body_secret: wire::value(&form, "client_secret").map(ToOwned::to_owned),
    };
    if faults.client_id_in_body && presented.body_id.is_none() {
        let body = json!({"error": "invalid_request", "error_description": "client_id is required"});
        return Err(Box::new(wire::json(400, &body)));
    }
    let id = presented.body_id.as_ref().or(presented.basic.as_ref().map(|(id, _)| id));
    let Some(client) = id.and_then(|id| book.client(id)) else {
        return Err(Box::new(refusal(faults, request, "Client not found")));
    };
    if proves(&client, &presented, faults.reads, now_ms) {
        Ok(client)
    } else {
        Err(Box::new(refusal(faults, request, "Client authentication failed")))
    }
}

fn proves(client: &Client, presented: &Presented, reads: Reads, now_ms: i64) -> bool {
    if client.method == ClientMethod::Public {
        return presented.body_id.is_some();
    }
    let Some(secret) = &client.secret else {
        return false;
    };
    if client.secret_ends_ms.is_some_and(|end| end <= now_ms) {
        return false;
    }
    let in_header = presented.basic.as_ref().is_some_and(|(id, sent)| *id == client.id && sent == secret);
    let in_body = presented.body_secret.as_ref() == Some(secret);
    match (reads, client.method) {
        (Reads::BasicOnly, _) | (Reads::AsRegistered, ClientMethod::Basic) => in_header,
        (Reads::BodyOnly, _) => in_body,
        // RFC 6749 §2.3: one method for each request.
        (Reads::AsRegistered, _) => in_body && presented.basic.is_none(),
    }
}

/// RFC 6749 §5.2: 401, and a challenge when the client tried a header.
fn refusal(faults: &TokenFaults, request: &Incoming, text: &str) -> Response {
    let status = if faults.invalid_client_is_400 { 400 } else { 401 };
    let body = json!({"error": "invalid_client", "error_description": text});
    let response = super::token_answer::written(faults.answer.shape, status, body);
    if request.header("authorization").is_some() && status == 401 {
        wire::with_header(response, header::WWW_AUTHENTICATE, "Basic realm=\"lab\"")
    } else {
        response
    }
}

/// ID and secret, each form-encoded before Basic was applied (RFC 6749 §2.3.1).
fn decode_basic(credentials: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    url::form_urlencoded::parse(text.as_bytes()).map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}
