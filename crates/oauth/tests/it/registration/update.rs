//! Renewing the secret of a registration (RFC 7592).

use replug_core::Registration;
use replug_oauth::{NotRenewed, SecretRenewal, renew_secret};
use serde_json::{Value, json};

use super::{request, run, service};
use crate::fakes::Surroundings;
use crate::server::{Reply, Request, Server};

/// Seconds until the secret of the tests ends.
const LIFE: i64 = 3600;

fn now() -> i64 {
    Surroundings::new().context().clock.now().as_second()
}

fn described(server: &Server, secret: &str, end: i64) -> Value {
    json!({
        "client_id": "abc", "client_secret": secret, "client_secret_expires_at": end, "client_id_issued_at": 1,
        "token_endpoint_auth_method": "client_secret_basic", "redirect_uris": ["http://127.0.0.1:4000/callback"],
        "software_id": "the-service-added-this", "logo_uri": null,
        "registration_client_uri": server.at("/register/abc"), "registration_access_token": "rat",
    })
}

/// A registration whose secret ends, at a service that answers reading and replacing like this.
async fn registered(read: impl Fn(&Server) -> Reply, replace: impl Fn(&Server) -> Reply) -> (Server, Registration) {
    let server = Server::start().await;
    let (issued, read, replace) = (described(&server, "first", now() + LIFE), read(&server), replace(&server));
    server.on("POST", "/register", move |_| Reply::json_with(201, &issued));
    server.on("GET", "/register/abc", move |_| read.clone());
    server.on("PUT", "/register/abc", move |_| replace.clone());
    let registration = run(&service(&server), &request()).await.unwrap().registration;
    (server, registration)
}

async fn renew(registration: &Registration) -> SecretRenewal {
    let surroundings = Surroundings::new();
    renew_secret(&surroundings.context(), registration).await
}

fn secret_of(renewal: &SecretRenewal) -> &str {
    renewal.registration.client_secret.as_ref().unwrap().expose()
}

fn as_before(server: &Server) -> Reply {
    Reply::json(&described(server, "first", now() + LIFE))
}

#[tokio::test]
async fn the_whole_registration_is_sent_back_and_the_new_secret_taken() {
    let (server, registration) = registered(as_before, |server| {
        let mut answer = described(server, "second", now() + 2 * LIFE);
        answer["registration_access_token"] = json!("rotated");
        Reply::json(&answer)
    })
    .await;
    let renewal = renew(&registration).await;
    assert!(renewal.outcome.is_ok() && secret_of(&renewal) == "second");
    assert_eq!(renewal.registration.secret_expires_at.unwrap().as_second(), now() + 2 * LIFE);
    assert!(renewal.registration.management.unwrap().token.matches("rotated"), "the token that works from now on");
    let sent = server.requests().last().map(Request::json).unwrap();
    assert_eq!(
        sent,
        json!({
            "client_id": "abc", "client_secret": "first", "token_endpoint_auth_method": "client_secret_basic",
            "redirect_uris": ["http://127.0.0.1:4000/callback"], "software_id": "the-service-added-this",
        }),
        "what the service added goes back, what only it may set does not"
    );
}

#[tokio::test]
async fn a_renewal_whose_answer_was_lost_is_found_by_reading() {
    let (server, registration) =
        registered(|server| Reply::json(&described(server, "second", now() + 2 * LIFE)), |_| Reply::empty(500)).await;
    let renewal = renew(&registration).await;
    assert!(renewal.outcome.is_ok() && secret_of(&renewal) == "second");
    assert_eq!(server.log().last().map(String::as_str), Some("GET /register/abc"), "nothing is changed again");
}

#[tokio::test]
async fn a_secret_without_a_later_end_is_no_renewal_and_is_not_taken() {
    let with_end = |secret: &'static str, end: Value| {
        move |server: &Server| {
            let mut answer = described(server, secret, 0);
            answer["client_secret_expires_at"] = end.clone();
            Reply::json(&answer)
        }
    };
    for end in [json!(now() + LIFE), json!(now() + 1), json!(1), Value::Null, json!("soon")] {
        let (_server, registration) = registered(as_before, with_end("********", end.clone())).await;
        let renewal = renew(&registration).await;
        assert!(matches!(renewal.outcome, Err(NotRenewed::NotOffered)) && !renewal.changed, "{end}: {renewal:?}");
        assert_eq!(secret_of(&renewal), "first", "{end}");
    }
    let (_server, registration) = registered(as_before, with_end("********", json!(0))).await;
    let renewal = renew(&registration).await;
    assert!(renewal.outcome.is_ok() && secret_of(&renewal) == "first", "it lasts for ever now, and is only not shown");
    assert_eq!(renewal.registration.secret_expires_at, None);
}

#[tokio::test]
async fn a_service_that_does_not_renew_is_no_failure_and_one_that_is_down_is() {
    for reply in [
        Reply::empty(405),
        Reply::empty(404),
        Reply::json(&json!({"client_id": "another", "client_secret": "x", "client_secret_expires_at": 0})),
        Reply::text(200, "ok"),
    ] {
        let (_server, registration) = registered(|_| reply.clone(), as_before).await;
        let renewal = renew(&registration).await;
        assert!(matches!(renewal.outcome, Err(NotRenewed::NotOffered)), "{reply:?}: {renewal:?}");
        assert_eq!(secret_of(&renewal), "first", "{reply:?}");
    }
    for reply in [Reply::empty(503), Reply::empty(429), Reply::page(200, "Login"), Reply::hang_up()] {
        let (_server, registration) = registered(as_before, |_| reply.clone()).await;
        let renewal = renew(&registration).await;
        assert!(matches!(renewal.outcome, Err(NotRenewed::Failed(_))), "to be tried again: {reply:?} {renewal:?}");
    }
}

#[tokio::test]
async fn a_token_that_reading_has_changed_is_given_back_with_the_failure_that_followed() {
    for (reply, failed) in [(Reply::empty(503), true), (Reply::empty(401), false), (Reply::empty(405), false)] {
        let read = |server: &Server| {
            let mut answer = described(server, "first", now() + LIFE);
            answer["registration_access_token"] = json!("rotated");
            Reply::json(&answer)
        };
        let (_server, registration) = registered(read, |_| reply.clone()).await;
        let renewal = renew(&registration).await;
        assert!(renewal.changed, "{reply:?}");
        assert_eq!(matches!(renewal.outcome, Err(NotRenewed::Failed(_))), failed, "{reply:?}: {renewal:?}");
        assert!(renewal.registration.management.unwrap().token.matches("rotated"), "{reply:?}");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_says_nothing_about_what_the_service_offers() {
    let refused = Reply::json_with(401, &json!({"error": "invalid_token"}));
    let (_server, registration) = registered(|_| refused.clone(), as_before).await;
    let renewal = renew(&registration).await;
    assert!(matches!(renewal.outcome, Err(NotRenewed::TokenRefused)) && !renewal.changed, "{renewal:?}");
}
