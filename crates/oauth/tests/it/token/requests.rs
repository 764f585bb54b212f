//! What is sent to the token endpoint, and how often.

use std::sync::Arc;

use replug_core::{AuthMethod, Code, GrantType, Registration, RegistrationKind, Secret, Tokens};
use replug_oauth::{Granted, TokenFailure, TokenVerdict, exchange, refresh};
use serde_json::json;

use crate::fakes::Surroundings;
use crate::parts::{ISSUER, RESOURCE, attempt, redirect, registration, service, tokens};
use crate::server::{Reply, Request, Server};

fn good() -> Reply {
    Reply::json(&json!({"access_token": "new-access", "token_type": "Bearer", "expires_in": 3600}))
}

async fn run_refresh(server: &Server, client: &Registration) -> Result<Granted, TokenFailure> {
    let surroundings = Surroundings::new();
    refresh(&surroundings.context(), &tokens(&server.origin()), client).await
}

async fn server(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Server {
    let server = Server::start().await;
    server.on("POST", "/token", handler);
    server
}

fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_code_is_redeemed_with_verifier_redirect_and_resource() {
    let server = server(|_| good()).await;
    let surroundings = Surroundings::new();
    let ctx = surroundings.context();
    let attempt = attempt(&ctx, &server.origin(), redirect(4100));
    let service = service(&server.origin());
    let code = Secret::new("code+1".to_owned());
    let client = registration(AuthMethod::None, None);
    let granted = exchange(&ctx, &service, &attempt, &code, &client).await.unwrap();
    let request = &server.requests()[0];
    assert_eq!(
        request.form(),
        fields(&[
            ("grant_type", "authorization_code"),
            ("code", "code+1"),
            ("redirect_uri", "http://127.0.0.1:4100/callback"),
            ("code_verifier", attempt.verifier.expose()),
            ("resource", RESOURCE),
            ("client_id", "client-1"),
        ])
    );
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("authorization"), None);

    let tokens =
        granted.into_tokens(&service, GrantType::AuthorizationCode, &attempt.extent(), "https://mcp.example/a/");
    assert_eq!(tokens.access.expose(), "new-access");
    assert_eq!(tokens.scopes, ["read"], "unsaid means what was asked for");
    assert_eq!(tokens.resource.as_deref(), Some(RESOURCE), "byte for byte, for the next refresh");
    assert_eq!(tokens.expires_at, Some("2026-11-20T09:00:00Z".parse().unwrap()), "by this computer's clock");
}

#[tokio::test]
async fn a_refresh_sends_no_scope_and_keeps_what_is_not_sent_anew() {
    let server = server(|_| good()).await;
    let granted = run_refresh(&server, &registration(AuthMethod::None, None)).await.unwrap();
    assert_eq!(
        server.requests()[0].form(),
        fields(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", "refresh-canary"),
            ("resource", RESOURCE),
            ("client_id", "client-1"),
        ])
    );
    let renewed = granted.into_renewed(&tokens(&server.origin()));
    assert_eq!(renewed.refresh.unwrap().expose(), "refresh-canary", "the old one stays");
    assert_eq!(renewed.scopes, ["read"]);
    assert_eq!(renewed.issuer, ISSUER);
}

#[tokio::test]
async fn a_rotated_refresh_token_replaces_the_old_one() {
    let server = server(|_| Reply::json(&json!({"access_token": "a", "refresh_token": "rotated"}))).await;
    let granted = run_refresh(&server, &registration(AuthMethod::None, None)).await.unwrap();
    let renewed = granted.into_renewed(&tokens(&server.origin()));
    assert_eq!(renewed.refresh.unwrap().expose(), "rotated");
}

#[tokio::test]
async fn id_and_secret_are_form_encoded_before_basic() {
    let server = server(|_| good()).await;
    let client =
        Registration { client_id: "cl:ient 1".to_owned(), ..registration(AuthMethod::Basic, Some("se:c%ret/ä")) };
    run_refresh(&server, &client).await.unwrap();
    let request = &server.requests()[0];
    // base64 of `cl%3Aient+1:se%3Ac%25ret%2F%C3%A4`
    assert_eq!(request.header("authorization"), Some("Basic Y2wlM0FpZW50KzE6c2UlM0FjJTI1cmV0JTJGJUMzJUE0"));
    assert_eq!(
        (request.field("client_id"), request.field("client_secret")),
        (None, None),
        "one way only (RFC 6749 §2.3)"
    );
}

#[tokio::test]
async fn by_post_id_and_secret_are_in_the_body() {
    let server = server(|_| good()).await;
    run_refresh(&server, &registration(AuthMethod::Post, Some("secret-canary"))).await.unwrap();
    let request = &server.requests()[0];
    assert_eq!(request.header("authorization"), None);
    assert_eq!(request.field("client_id").as_deref(), Some("client-1"));
    assert_eq!(request.field("client_secret").as_deref(), Some("secret-canary"));
}

#[tokio::test]
async fn after_invalid_client_the_other_way_is_tried_once_and_remembered() {
    for (registered, other) in [
        (AuthMethod::Basic, AuthMethod::Post),
        (AuthMethod::Post, AuthMethod::Basic),
        (AuthMethod::None, AuthMethod::Post),
    ] {
        let wants_basic = other == AuthMethod::Basic;
        let server = server(move |request| {
            let by_basic = request.header("authorization").is_some();
            let by_post = request.field("client_secret").is_some();
            if if wants_basic { by_basic } else { by_post } {
                good()
            } else {
                Reply::json_with(401, &json!({"error": "invalid_client"}))
            }
        })
        .await;
        let granted = run_refresh(&server, &registration(registered, Some("secret-canary"))).await.unwrap();
        assert_eq!(granted.auth_method_changed, Some(other), "{registered:?}");
        assert_eq!(server.log().len(), 2);
    }
}

#[tokio::test]
async fn a_bare_401_is_tried_the_other_way_too() {
    let server = server(|request| match request.header("authorization") {
        Some(_) => Reply::empty(401),
        None => good(),
    })
    .await;
    let granted = run_refresh(&server, &registration(AuthMethod::Basic, Some("secret-canary"))).await.unwrap();
    assert_eq!(granted.auth_method_changed, Some(AuthMethod::Post));
}

#[tokio::test]
async fn refused_both_ways_means_the_client_and_no_third_request() {
    let server = server(|_| Reply::json_with(401, &json!({"error": "invalid_client"}))).await;
    let failure = run_refresh(&server, &registration(AuthMethod::Basic, Some("secret-canary"))).await.unwrap_err();
    assert_eq!(failure.verdict, TokenVerdict::RegistrationGone);
    assert_eq!(server.log().len(), 2);
}

#[tokio::test]
async fn the_second_answer_counts_when_it_is_about_something_else() {
    let server = server(|request| match request.header("authorization") {
        Some(_) => Reply::json_with(401, &json!({"error": "invalid_client"})),
        None => Reply::empty(503),
    })
    .await;
    let failure = run_refresh(&server, &registration(AuthMethod::Basic, Some("secret-canary"))).await.unwrap_err();
    assert_eq!(failure.verdict, TokenVerdict::Transient { retry_after: None }, "nothing is thrown away yet");
}

#[tokio::test]
async fn without_a_secret_there_is_no_other_way() {
    let server = server(|_| Reply::json_with(400, &json!({"error": "invalid_client"}))).await;
    let failure = run_refresh(&server, &registration(AuthMethod::Basic, None)).await.unwrap_err();
    assert_eq!(failure.verdict, TokenVerdict::RegistrationGone);
    assert_eq!(server.log().len(), 1);
    assert_eq!(
        server.requests()[0].field("client_id").as_deref(),
        Some("client-1"),
        "a client without a secret is public, whatever was agreed on"
    );
}

#[tokio::test]
async fn redirects_are_never_followed() {
    let server = server(|_| Reply::redirect(307, "/elsewhere")).await;
    let failure = run_refresh(&server, &registration(AuthMethod::None, None)).await.unwrap_err();
    assert_eq!((failure.verdict, failure.failure.code), (TokenVerdict::Blocked, Code::MetaRedirected));
    assert_eq!(server.log(), ["POST /token"]);
}

#[tokio::test]
async fn nothing_is_sent_to_an_issuer_the_client_does_not_belong_to() {
    let server = server(|_| good()).await;
    let surroundings = Surroundings::new();
    let ctx = surroundings.context();
    let foreign = Registration { issuer: "https://other.example".to_owned(), ..registration(AuthMethod::None, None) };
    let failure = refresh(&ctx, &tokens(&server.origin()), &foreign).await.unwrap_err();
    assert_eq!((failure.failure.code, failure.unclear), (Code::AuthIssuerChanged, false));
    let attempt = attempt(&ctx, &server.origin(), redirect(4100));
    let code = Secret::new("code".to_owned());
    let outcome = exchange(&ctx, &service(&server.origin()), &attempt, &code, &foreign).await;
    assert_eq!(outcome.unwrap_err().failure.code, Code::AuthIssuerChanged, "nor the code");
    let other_client = Registration { client_id: "client-2".to_owned(), ..registration(AuthMethod::None, None) };
    let outcome = exchange(&ctx, &service(&server.origin()), &attempt, &code, &other_client).await;
    assert!(outcome.is_err(), "the code was issued to another client");
    assert!(server.log().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn a_client_id_document_belongs_to_no_issuer() {
    let server = server(|_| good()).await;
    let client = Registration {
        kind: RegistrationKind::ClientIdDocument,
        issuer: String::new(),
        ..registration(AuthMethod::None, None)
    };
    assert!(run_refresh(&server, &client).await.is_ok());
}

#[tokio::test]
async fn without_a_refresh_token_nothing_is_sent() {
    let server = server(|_| good()).await;
    let surroundings = Surroundings::new();
    let tokens = Tokens { refresh: None, ..tokens(&server.origin()) };
    let client = registration(AuthMethod::None, None);
    let failure = refresh(&surroundings.context(), &tokens, &client).await.unwrap_err();
    let found = (failure.verdict, failure.failure.code, failure.unclear);
    assert_eq!(found, (TokenVerdict::Dead, Code::TokenExpired, false));
    assert!(server.log().is_empty());
}

#[tokio::test]
async fn whether_the_request_may_have_been_done_is_known() {
    let hung_up = server(|_| Reply::hang_up()).await;
    let client = registration(AuthMethod::None, None);
    let failure = run_refresh(&hung_up, &client).await.unwrap_err();
    assert_eq!(
        (failure.verdict, failure.unclear),
        (TokenVerdict::Transient { retry_after: None }, true),
        "the answer got lost"
    );
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let surroundings = Surroundings::new();
    let failure = refresh(&surroundings.context(), &tokens(&origin), &client).await.unwrap_err();
    assert_eq!((failure.failure.code, failure.unclear), (Code::NetUnreachable, false), "nobody was there");
}

#[tokio::test]
async fn the_lifetime_is_counted_from_before_the_request() {
    let surroundings = Arc::new(Surroundings::new());
    let thinking = Arc::clone(&surroundings);
    let server = server(move |_| {
        thinking.clock.advance(30);
        good()
    })
    .await;
    let client = registration(AuthMethod::None, None);
    let granted = refresh(&surroundings.context(), &tokens(&server.origin()), &client).await.unwrap();
    let end = "2026-11-20T09:00:00Z".parse().unwrap();
    assert_eq!(granted.expires_at, Some(end), "never later than the service means");
}

#[tokio::test]
async fn the_end_of_a_token_is_counted_by_this_computers_clock_whatever_the_service_says_the_time_is() {
    for date in ["Fri, 20 Nov 2026 08:10:00 GMT", "Fri, 20 Nov 2026 07:50:00 GMT", "yesterday"] {
        let server = server(move |_| good().header("date", date)).await;
        let granted = run_refresh(&server, &registration(AuthMethod::None, None)).await.unwrap();
        assert_eq!(granted.expires_at, Some("2026-11-20T09:00:00Z".parse().unwrap()), "{date}");
    }
}
