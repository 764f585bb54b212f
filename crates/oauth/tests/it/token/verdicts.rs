//! What answers without tokens mean. The rule above all: nothing but the service's own word ends a sign-in (R18).

use std::time::Duration;

use replug_core::{AuthMethod, Code, Registration, RegistrationKind, Secret};
use replug_oauth::{TokenFailure, TokenVerdict, exchange, refresh};
use serde_json::json;

use crate::fakes::Surroundings;
use crate::parts::{attempt, redirect, registration, service, tokens};
use crate::server::{Reply, Server};

/// A service that gives the answer it is told to give.
struct Judge {
    server: Server,
    surroundings: Surroundings,
}

impl Judge {
    async fn new() -> Self {
        Self { server: Server::start().await, surroundings: Surroundings::new() }
    }

    async fn refreshed(&self, reply: Reply, client: &Registration) -> TokenFailure {
        self.server.on("POST", "/token", move |_| reply.clone());
        let tokens = tokens(&self.server.origin());
        refresh(&self.surroundings.context(), &tokens, client).await.unwrap_err()
    }

    async fn exchanged(&self, reply: Reply, client: &Registration) -> TokenFailure {
        self.server.on("POST", "/token", move |_| reply.clone());
        let ctx = self.surroundings.context();
        let origin = self.server.origin();
        let attempt = attempt(&ctx, &origin, redirect(4100));
        let code = Secret::new("code-canary".to_owned());
        exchange(&ctx, &service(&origin), &attempt, &code, client).await.unwrap_err()
    }
}

fn public_client() -> Registration {
    registration(AuthMethod::None, None)
}

fn error(status: u16, name: &str) -> Reply {
    Reply::json_with(status, &json!({"error": name, "error_description": "words"}))
}

/// Shows that each answer to a refresh leads to the verdict and the code beside it.
async fn expect(rows: &[(Reply, &str)]) {
    let judge = Judge::new().await;
    for (reply, expected) in rows {
        let failure = judge.refreshed(reply.clone(), &public_client()).await;
        let found = match failure.verdict {
            TokenVerdict::Transient { retry_after: None } => "Transient".to_owned(),
            other => format!("{other:?}"),
        };
        let found = format!("{found} {}", failure.failure.code);
        assert_eq!(&found, expected, "{reply:?}");
    }
}

#[tokio::test]
async fn an_answer_that_may_hide_a_renewal_that_was_done_is_told_from_one_that_cannot() {
    let judge = Judge::new().await;
    for (reply, unclear) in [
        (Reply::page(502, "Bad gateway"), true),
        (Reply::empty(504), true),
        (Reply::page(200, "Login"), true),
        (Reply::text(200, "ok"), true),
        (Reply::empty(500), false),
        (Reply::empty(503), false),
        (Reply::empty(404), false),
        (error(400, "invalid_grant"), false),
        (error(200, "Not Found"), false),
    ] {
        let failure = judge.refreshed(reply.clone(), &public_client()).await;
        assert_eq!(failure.unclear, unclear, "{reply:?}");
    }
}

#[tokio::test]
async fn structured_errors_are_believed_where_they_belong() {
    expect(&[
        (error(400, "invalid_grant"), "Dead RPL-TOKEN-DEAD"),
        (error(401, "invalid_grant"), "Dead RPL-TOKEN-DEAD"),
        (error(200, "invalid_grant"), "Dead RPL-TOKEN-DEAD"),
        (error(200, "bad_refresh_token"), "Dead RPL-TOKEN-DEAD"),
        (error(403, "invalid_grant"), "Refused RPL-TOKEN-REFUSED"),
        (error(500, "invalid_grant"), "Transient RPL-TOKEN-SERVICE-DOWN"),
        (error(429, "invalid_grant"), "Transient RPL-HTTP-RATE-LIMITED"),
        (error(400, "invalid_client"), "RegistrationGone RPL-REG-FORGOTTEN"),
        (error(401, "invalid_client"), "RegistrationGone RPL-REG-FORGOTTEN"),
        (error(400, "unauthorized_client"), "RegistrationGone RPL-REG-FORGOTTEN"),
        (error(503, "invalid_client"), "Transient RPL-TOKEN-SERVICE-DOWN"),
        (error(400, "invalid_scope"), "ScopeRefused RPL-AUTH-SCOPE-REFUSED"),
        (error(400, "temporarily_unavailable"), "Transient RPL-TOKEN-SERVICE-DOWN"),
        (error(400, "invalid_request"), "Refused RPL-TOKEN-REFUSED"),
        (error(400, "invalid_target"), "Refused RPL-TOKEN-REFUSED"),
        (error(400, "unsupported_grant_type"), "Refused RPL-TOKEN-REFUSED"),
        (error(401, "invalid_scope"), "ScopeRefused RPL-AUTH-SCOPE-REFUSED"),
        (error(403, "invalid_scope"), "Blocked RPL-HTTP-FORBIDDEN"),
        (error(404, "invalid_scope"), "Broken RPL-TOKEN-UNREADABLE"),
        (error(403, "unauthorized_client"), "Blocked RPL-HTTP-FORBIDDEN"),
        (error(200, "unauthorized_client"), "Broken RPL-TOKEN-UNREADABLE"),
        (
            Reply::new(400, "application/x-www-form-urlencoded", "error=invalid_scope"),
            "ScopeRefused RPL-AUTH-SCOPE-REFUSED",
        ),
    ])
    .await;
    let own_name = json!({"errorCode": "invalid_client", "errorSummary": "words"});
    let nested = json!({"error": {"code": "invalid_grant", "message": "words"}});
    expect(&[
        (Reply::json_with(400, &own_name), "RegistrationGone RPL-REG-FORGOTTEN"),
        (Reply::json_with(400, &nested), "Dead RPL-TOKEN-DEAD"),
    ])
    .await;
}

#[tokio::test]
async fn errors_that_no_token_endpoint_has_are_judged_by_status() {
    expect(&[
        (error(400, "Bad Request"), "Broken RPL-TOKEN-UNREADABLE"),
        (error(401, "Unauthorized"), "Broken RPL-TOKEN-UNREADABLE"),
        (error(403, "Forbidden"), "Blocked RPL-HTTP-FORBIDDEN"),
        (error(404, "Not Found"), "Broken RPL-TOKEN-UNREADABLE"),
        (error(408, "Request Timeout"), "Transient RPL-TOKEN-SERVICE-DOWN"),
        (error(429, "Too Many Requests"), "Transient RPL-HTTP-RATE-LIMITED"),
        (error(502, "Bad Gateway"), "Transient RPL-TOKEN-SERVICE-DOWN"),
        (error(403, "Forbidden").header("cf-mitigated", "challenge"), "Blocked RPL-HTTP-BLOCKED-PAGE"),
    ])
    .await;
    let judge = Judge::new().await;
    let failure = judge.refreshed(error(404, "Not Found"), &public_client()).await.failure;
    let facts: Vec<String> = failure.facts.iter().map(|fact| format!("{} {}", fact.label, fact.value)).collect();
    assert!(facts.contains(&"Error Not Found".to_owned()), "the name is kept as evidence: {facts:?}");
    let first = judge.exchanged(error(400, "Bad Request"), &public_client()).await;
    assert_eq!((first.verdict, first.failure.code), (TokenVerdict::Refused, Code::TokenRefused));
}

#[tokio::test]
async fn other_answers_are_judged_by_status_and_form() {
    let challenge = Reply::json_with(403, &json!({})).header("cf-mitigated", "challenge");
    let words = Reply::json_with(400, &json!({"message": "words"}));
    expect(&[
        (words, "Broken RPL-TOKEN-UNREADABLE"),
        (Reply::text(400, "invalid_grant"), "Broken RPL-TOKEN-UNREADABLE"),
        (Reply::empty(401), "Broken RPL-TOKEN-UNREADABLE"),
        (Reply::empty(403), "Blocked RPL-HTTP-FORBIDDEN"),
        (Reply::page(403, "Access denied"), "Blocked RPL-HTTP-BLOCKED-PAGE"),
        (Reply::page(403, "Forbidden"), "Blocked RPL-HTTP-BLOCKED-PAGE"),
        (Reply::page(200, "Log in"), "Blocked RPL-HTTP-BLOCKED-PAGE"),
        (challenge, "Blocked RPL-HTTP-BLOCKED-PAGE"),
        (Reply::page(404, "Not found"), "Broken RPL-TOKEN-UNREADABLE"),
        (Reply::empty(404), "Broken RPL-TOKEN-UNREADABLE"),
        (Reply::empty(408), "Transient RPL-TOKEN-SERVICE-DOWN"),
        (Reply::empty(425), "Transient RPL-TOKEN-SERVICE-DOWN"),
        (Reply::empty(429), "Transient RPL-HTTP-RATE-LIMITED"),
        (Reply::empty(500), "Transient RPL-TOKEN-SERVICE-DOWN"),
        (Reply::page(502, "Bad gateway"), "Transient RPL-TOKEN-SERVICE-DOWN"),
        (Reply::redirect(302, "/login"), "Blocked RPL-META-REDIRECTED"),
    ])
    .await;
}

#[tokio::test]
async fn nothing_but_a_structured_word_of_the_service_ends_a_sign_in() {
    let statuses = [
        200, 201, 204, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 408, 409, 418, 422, 425, 429, 500, 501, 502,
        503, 504, 520,
    ];
    let bodies = [
        ("application/json", ""),
        ("application/json", "{}"),
        ("application/json", r#"{"error":null}"#),
        ("application/json", r#"{"error":"invalid_request"}"#),
        ("application/json", r#"{"error":"Not Found"}"#),
        ("application/json", r#"{"message":"invalid_grant"}"#),
        ("application/json", r#"{"error_description":"invalid_grant"}"#),
        ("application/json", r#"{"error":["invalid_grant"]}"#),
        ("application/json", r#"{"error":"invalid_grant""#),
        ("application/json", r#"["invalid_grant"]"#),
        ("application/json", r#""invalid_grant""#),
        ("text/plain", "invalid_grant"),
        ("text/html", "<!doctype html><title>invalid_grant</title>"),
        ("text/html", "<!doctype html><title>Just a moment...</title>"),
    ];
    let judge = Judge::new().await;
    for status in statuses {
        for (content_type, body) in bodies {
            let reply = Reply::new(status, content_type, body);
            let failure = judge.refreshed(reply, &public_client()).await;
            assert!(
                !matches!(failure.verdict, TokenVerdict::Dead | TokenVerdict::RegistrationGone),
                "{status} {body}: {failure:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_bad_code_does_not_kill_a_sign_in_that_never_was() {
    let judge = Judge::new().await;
    let failure = judge.exchanged(error(400, "invalid_grant"), &public_client()).await;
    assert_eq!((failure.verdict, failure.failure.code), (TokenVerdict::Refused, Code::TokenRefused));
}

#[tokio::test]
async fn a_client_the_person_entered_is_not_forgotten_but_refused() {
    let judge = Judge::new().await;
    for kind in [RegistrationKind::PreRegistered, RegistrationKind::ClientIdDocument] {
        let client = Registration { kind, ..public_client() };
        let failure = judge.refreshed(error(401, "invalid_client"), &client).await;
        assert_eq!((failure.verdict, failure.failure.code), (TokenVerdict::RegistrationGone, Code::RegClientRefused));
        let failure = judge.exchanged(Reply::empty(401), &client).await;
        assert_eq!((failure.verdict, failure.failure.code), (TokenVerdict::Refused, Code::RegClientRefused));
    }
}

#[tokio::test]
async fn the_wait_that_the_service_asks_for_is_kept_within_an_hour() {
    let judge = Judge::new().await;
    for (value, seconds) in [
        ("30", Some(30)),
        ("86400", Some(3600)),
        ("Fri, 20 Nov 2026 09:20:00 GMT", Some(1200)),
        ("Fri, 20 Nov 2026 08:00:00 GMT", None),
        ("soon", None),
    ] {
        let reply = Reply::empty(429).header("retry-after", value).header("date", "Fri, 20 Nov 2026 09:00:00 GMT");
        let verdict = TokenVerdict::Transient { retry_after: seconds.map(Duration::from_secs) };
        let failure = judge.refreshed(reply, &public_client()).await;
        assert_eq!(failure.verdict, verdict, "{value}");
    }
}

#[tokio::test]
async fn secrets_that_a_service_echoes_are_not_kept() {
    let echo = |sent: &str| {
        let words = format!("got {sent} and secret secret-canary");
        Reply::json_with(400, &json!({"error": format!("bad {sent}"), "error_description": words}))
    };
    let judge = Judge::new().await;
    let client = registration(AuthMethod::Post, Some("secret-canary"));
    for failure in [
        judge.refreshed(echo("refresh-canary access-canary"), &client).await,
        judge.exchanged(echo("code-canary"), &client).await,
    ] {
        let shown = format!("{failure:?}");
        assert!(!shown.contains("canary"), "nothing that was sent is left: {shown}");
        assert!(shown.contains("and secret …"), "the words around are kept: {shown}");
    }
}
