//! Registration of clients (RFC 7591) and its management by the client itself (RFC 7592). Which requests are refused is in
//! `registration_rules`.

use axum::response::Response;
use serde_json::{Map, Value, json};

use super::book::{Book, Client};
use super::core::AuthCore;
use super::registration_rules::texts;
use super::{ClientMethod, Offered, RegistrationFaults, Update};
use crate::edits::Kind;
use crate::wire::{self, Incoming};

/// Members of the answer a client can do without. `client_secret` is one only for public clients.
const OPTIONAL: &[(&str, Kind)] = &[
    ("client_name", Kind::Text),
    ("client_uri", Kind::Text),
    ("logo_uri", Kind::Text),
    ("tos_uri", Kind::Text),
    ("policy_uri", Kind::Text),
    ("jwks_uri", Kind::Text),
    ("jwks", Kind::Text),
    ("scope", Kind::Text),
    ("software_id", Kind::Text),
    ("contacts", Kind::List),
    ("redirect_uris", Kind::List),
    ("grant_types", Kind::List),
    ("response_types", Kind::List),
    ("token_endpoint_auth_method", Kind::Text),
    ("client_id_issued_at", Kind::Text),
    ("client_secret_expires_at", Kind::Text),
    ("registration_access_token", Kind::Text),
    ("registration_client_uri", Kind::Text),
];

pub(super) fn register(core: &AuthCore, request: &Incoming) -> Response {
    let Some(Value::Object(asked)) = request.json() else {
        let body = json!({"error": "invalid_client_metadata", "error_description": "not a JSON object"});
        return wire::json(400, &body);
    };
    let faults = core.faults().registration;
    if let Some(refusal) = faults.rules.refusal(&asked) {
        return refusal;
    }
    let now_ms = core.now_ms();
    let mut book = core.book();
    let client = client_for(&mut book, &faults, &asked, now_ms);
    let answer = answer_for(&client, &faults, &asked, (&request.origin, now_ms));
    book.add_registered(client);
    wire::json(201, &answer)
}

fn client_for(book: &mut Book, faults: &RegistrationFaults, asked: &Map<String, Value>, now_ms: i64) -> Client {
    let text = |name: &str| asked.get(name).and_then(Value::as_str);
    // RFC 7591 §2: an omitted method means HTTP Basic.
    let wanted = text("token_endpoint_auth_method").map_or(Some(ClientMethod::Basic), ClientMethod::from_name);
    let method = faults.answer.method.or(wanted).unwrap_or(ClientMethod::Basic);
    let has_secret = method != ClientMethod::Public || faults.answer.needless_secret;
    let managed = faults.management == Offered::Yes;
    Client {
        id: book.mint.public("client"),
        name: text("client_name").unwrap_or("An unnamed app").to_owned(),
        secret: has_secret.then(|| book.mint.secret("cs")),
        secret_ends_ms: faults.answer.secret_lifetime_s.map(|seconds| now_ms + seconds * 1000),
        method,
        redirect_uris: texts(asked, "redirect_uris"),
        grant_types: texts(asked, "grant_types"),
        registration_token: managed.then(|| book.mint.secret("reg")),
        tokens_issued: 0,
    }
}

fn answer_for(
    client: &Client,
    faults: &RegistrationFaults,
    asked: &Map<String, Value>,
    (origin, now_ms): (&str, i64),
) -> Value {
    // RFC 7591 §3.2.1: everything that was registered comes back.
    let mut answer = asked.clone();
    let mut set = |name: &str, value: Value| answer.insert(name.to_owned(), value);
    set("client_id", json!(client.id));
    set("client_id_issued_at", json!(now_ms / 1000));
    set("token_endpoint_auth_method", json!(client.method.as_str()));
    if let Some(token) = &client.registration_token {
        set("registration_access_token", json!(token));
        set("registration_client_uri", json!(format!("{origin}/register/{}", client.id)));
    }
    let secret = client.secret.as_ref().map(|secret| {
        let ends = client.secret_ends_ms.map_or(0, |end| end / 1000);
        set("client_secret", json!(secret));
        set("client_secret_expires_at", json!(ends));
    });
    faults.answer.optionals.apply(&mut answer, OPTIONAL);
    if secret.is_none() {
        faults.answer.optionals.apply(&mut answer, &[("client_secret", Kind::Text)]);
    }
    faults.answer.edits.apply(&mut answer);
    Value::Object(answer)
}

/// RFC 7592 §2: read, replace or delete, with the registration access token.
pub(super) fn manage(core: &AuthCore, request: &Incoming) -> Response {
    let faults = core.faults().registration;
    if faults.management == Offered::No {
        return wire::text(404, "Not found");
    }
    let mut book = core.book();
    let client = request.path.strip_prefix("/register/").and_then(|id| book.client(id));
    let token = request.credentials("bearer");
    let Some(mut client) = client.filter(|client| client.registration_token.as_deref() == token && token.is_some())
    else {
        return wire::json(401, &json!({"error": "invalid_token"}));
    };
    if faults.rotates_management_token && request.method != "DELETE" {
        client.registration_token = Some(book.mint.secret("reg"));
        book.replace_client(client.clone());
    }
    match request.method.as_str() {
        "DELETE" => {
            book.delete_client(&client.id);
            wire::empty(204)
        }
        "PUT" if faults.update == Update::NotOffered => wire::text(405, "Method not allowed"),
        "PUT" => match unacceptable(&client, request) {
            Some(text) => wire::json(400, &json!({"error": "invalid_client_metadata", "error_description": text})),
            None => update(&mut book, &faults, client, (&request.origin, core.now_ms())),
        },
        _ => wire::json(200, &described(&client, &request.origin)),
    }
}

/// Why this is no update (RFC 7592 §2.2).
fn unacceptable(client: &Client, request: &Incoming) -> Option<&'static str> {
    let Some(Value::Object(sent)) = request.json() else {
        return Some("not a JSON object");
    };
    let own =
        ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];
    if sent.get("client_id") != Some(&json!(client.id)) {
        Some("client_id is missing or another one")
    } else if own.iter().any(|name| sent.contains_key(*name)) {
        Some("a member that only the service may set")
    } else if sent.get("client_secret").is_some_and(|secret| *secret != json!(client.secret)) {
        Some("client_secret is another one")
    } else if texts(&sent, "redirect_uris") != client.redirect_uris {
        Some("redirect_uris is incomplete")
    } else {
        None
    }
}

fn update(book: &mut Book, faults: &RegistrationFaults, mut client: Client, (origin, now_ms): (&str, i64)) -> Response {
    if matches!(faults.update, Update::NewSecret | Update::AnswerLost) && client.secret.is_some() {
        client.secret = Some(book.mint.secret("cs"));
    }
    if faults.update != Update::SameEnd {
        client.secret_ends_ms = faults.answer.secret_lifetime_s.map(|seconds| now_ms + seconds * 1000);
    }
    let answer = described(&client, origin);
    book.replace_client(client);
    match faults.update {
        Update::AnswerLost => wire::text(503, "Try again later"),
        _ => wire::json(200, &answer),
    }
}

fn described(client: &Client, origin: &str) -> Value {
    let mut described = json!({
        "client_id": client.id, "client_name": client.name, "redirect_uris": client.redirect_uris,
        "token_endpoint_auth_method": client.method.as_str(), "client_id_issued_at": 0,
        "registration_access_token": client.registration_token,
        "registration_client_uri": format!("{origin}/register/{}", client.id),
    });
    if let Some(secret) = &client.secret {
        described["client_secret"] = json!(secret);
        described["client_secret_expires_at"] = json!(client.secret_ends_ms.map_or(0, |end| end / 1000));
    }
    described
}
