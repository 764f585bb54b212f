//! Signing in on another device: what is sent, and the answers that services give, the lenient ones too (RFC 8628).

use std::time::Duration;

use replug_core::{AuthMethod, Code, Failure, Secret};
use replug_oauth::{AttemptInput, DeviceAttempt, NotYet, ServiceMetadata, TokenFailure, begin_on_device, poll_device};
use serde_json::{Value, json};

use crate::fakes::Surroundings;
use crate::parts::{ISSUER, RESOURCE, input, registration, service};
use crate::server::{Reply, Server};

fn offered(server: &Server) -> ServiceMetadata {
    let endpoint = Some(server.at("/device_authorization"));
    ServiceMetadata { device_authorization_endpoint: endpoint, ..service(&server.origin()) }
}

/// Asks a service that answers like this.
async fn begin(reply: impl Fn() -> Reply + Send + Sync + 'static) -> (Result<DeviceAttempt, TokenFailure>, Server) {
    let server = Server::start().await;
    server.on("POST", "/device_authorization", move |_| reply());
    let scopes = ["read".to_owned(), "write".to_owned()];
    let params = [("audience".to_owned(), "api".to_owned())];
    let asked = AttemptInput { extra_params: &params, ..input(&scopes) };
    let client = registration(AuthMethod::None, None);
    let begun = begin_on_device(&Surroundings::new().context(), &offered(&server), &asked, &client).await;
    (begun, server)
}

fn usual() -> Value {
    json!({
        "device_code": "dc-canary", "user_code": "WDJB-MJHT", "verification_uri": "https://auth.example/device",
        "expires_in": 1800, "interval": 7,
    })
}

/// Asks once whether the person has answered.
async fn poll(reply: impl Fn() -> Reply + Send + Sync + 'static) -> (Result<Secret<String>, NotYet>, Server) {
    let (attempt, server) = begin(|| Reply::json(&usual())).await;
    server.on("POST", "/token", move |_| reply());
    let client = registration(AuthMethod::None, None);
    let answer = poll_device(&Surroundings::new().context(), &offered(&server), &attempt.unwrap(), &client).await;
    (answer.map(|granted| granted.access), server)
}

#[tokio::test]
async fn a_code_is_asked_for_with_permissions_resource_and_the_persons_own_parameters() {
    let (begun, server) = begin(|| Reply::json(&usual())).await;
    let attempt = begun.unwrap();
    let sent = [("scope", "read write"), ("resource", RESOURCE), ("audience", "api"), ("client_id", "client-1")];
    assert_eq!(server.requests()[0].form(), sent.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!((attempt.user_code.as_str(), attempt.interval), ("WDJB-MJHT", Duration::from_secs(7)));
    assert_eq!(attempt.expires_at.to_string(), "2026-11-20T08:30:00Z");
    assert_eq!((attempt.issuer.as_str(), attempt.complete_address.as_ref()), (ISSUER, None));
    assert!(!format!("{attempt:?}").contains("canary"), "the code is a secret");
}

#[tokio::test]
async fn other_spellings_and_missing_members_are_read() {
    let google = json!({
        "device_code": "dc", "user_code": " GQVQ-JKEC ", "verification_url": "https://www.google.example/device",
        "expires_in": "1800", "interval": null,
    });
    let (begun, _server) = begin(move || Reply::json(&google)).await;
    let attempt = begun.unwrap();
    assert_eq!(attempt.address.as_str(), "https://www.google.example/device");
    assert_eq!((attempt.user_code.as_str(), attempt.interval), ("GQVQ-JKEC", Duration::from_secs(5)));

    let form = "device_code=dc&expires_in=899&interval=99999&user_code=AB12-CD34&verification_uri=https%3A%2F%2Fg.example%2Flogin";
    let (begun, _server) = begin(move || Reply::new(200, "application/x-www-form-urlencoded", form)).await;
    let attempt = begun.unwrap();
    assert_eq!((attempt.address.as_str(), attempt.interval), ("https://g.example/login", Duration::from_mins(1)));
}

#[tokio::test]
async fn answers_without_a_code_to_type_or_a_safe_page_begin_nothing() {
    let without = |member: &str, value: Value| {
        let mut answer = usual();
        answer[member] = value;
        answer
    };
    for (answer, code) in [
        (without("user_code", Value::Null), Code::TokenUnreadable),
        (without("user_code", json!("A".repeat(41))), Code::TokenUnreadable),
        (without("device_code", json!("")), Code::TokenUnreadable),
        (without("verification_uri", json!("http://auth.example/device")), Code::MetaUnsafeAddress),
        (without("verification_uri_complete", json!("file:///etc/passwd")), Code::MetaUnsafeAddress),
        (json!({"error": "unauthorized_client"}), Code::RegForgotten),
        (json!({"error": "invalid_scope"}), Code::AuthScopeRefused),
    ] {
        let shown = answer.to_string();
        let (begun, _server) = begin(move || Reply::json(&answer)).await;
        assert_eq!(begun.unwrap_err().failure.code, code, "{shown}");
    }
    let (begun, _server) = begin(|| Reply::page(403, "Attention Required!")).await;
    assert_eq!(begun.unwrap_err().failure.code, Code::HttpBlockedPage);
}

#[tokio::test]
async fn parameters_that_only_replug_may_set_are_refused_here_too() {
    let server = Server::start().await;
    let params = [("client_id".to_owned(), "another".to_owned())];
    let asked = AttemptInput { extra_params: &params, ..input(&[]) };
    let client = registration(AuthMethod::None, None);
    let begun = begin_on_device(&Surroundings::new().context(), &offered(&server), &asked, &client).await;
    assert_eq!(begun.unwrap_err().failure.code, Code::UseSettingInvalid);
    assert!(server.requests().is_empty());
}

fn word(answer: &NotYet) -> String {
    let code = |failure: &Failure| failure.code.to_string();
    match answer {
        NotYet::Pending => "pending".to_owned(),
        NotYet::SlowDown => "slow down".to_owned(),
        NotYet::Unclear(unclear) => format!("unclear {}", code(&unclear.failure)),
        NotYet::Over(failure) => format!("over {}", code(failure)),
    }
}

#[tokio::test]
async fn every_answer_to_the_question_means_one_thing() {
    for (status, error, meaning) in [
        (400, "authorization_pending", "pending"),
        (200, "authorization_pending", "pending"),
        (400, "slow_down", "slow down"),
        (429, "slow_down", "slow down"),
        (400, "access_denied", "over RPL-AUTH-DENIED"),
        (200, "access_denied", "over RPL-AUTH-DENIED"),
        (400, "expired_token", "over RPL-AUTH-TIMEOUT"),
        (400, "invalid_grant", "over RPL-TOKEN-REFUSED"),
        (401, "invalid_client", "over RPL-REG-FORGOTTEN"),
        (400, "server_error", "unclear RPL-TOKEN-SERVICE-DOWN"),
        (503, "authorization_pending", "unclear RPL-TOKEN-SERVICE-DOWN"),
    ] {
        let (answer, _server) = poll(move || Reply::json_with(status, &json!({"error": error}))).await;
        assert_eq!(word(&answer.unwrap_err()), meaning, "{status} {error}");
    }
    let (answer, _server) = poll(|| Reply::page(200, "Welcome")).await;
    assert_eq!(word(&answer.unwrap_err()), "unclear RPL-HTTP-BLOCKED-PAGE");
    let (answer, _server) = poll(Reply::hang_up).await;
    assert!(word(&answer.unwrap_err()).starts_with("unclear RPL-NET-"), "a line that broke");
}

#[tokio::test]
async fn the_question_names_the_code_and_the_resource() {
    let (granted, server) = poll(|| Reply::json(&json!({"access_token": "granted"}))).await;
    assert_eq!(granted.unwrap().expose(), "granted");
    let sent = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", "dc-canary"),
        ("resource", RESOURCE),
        ("client_id", "client-1"),
    ];
    assert_eq!(server.requests()[1].form(), sent.map(|(name, value)| (name.to_owned(), value.to_owned())));
}
