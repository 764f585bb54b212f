//! Taking tokens back (RFC 7009), as the revocation endpoint sees it.

use replug_core::{AuthMethod, Tokens};
use replug_oauth::{Revoked, revoke};
use serde_json::json;

use crate::fakes::Surroundings;
use crate::parts::{registration, tokens};
use crate::server::{Reply, Request, Server};

async fn run(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (Revoked, Server) {
    let server = Server::start().await;
    server.on("POST", "/revoke", handler);
    let surroundings = Surroundings::new();
    let outcome = revoke(
        &surroundings.context(),
        &tokens(&server.origin()),
        &registration(AuthMethod::Basic, Some("secret-canary")),
    )
    .await;
    (outcome, server)
}

#[tokio::test]
async fn the_refresh_token_is_revoked_before_the_access_token() {
    let (outcome, server) = run(|_| Reply::empty(200)).await;
    assert_eq!(outcome, Revoked::Yes);
    let sent: Vec<(Option<String>, Option<String>)> =
        server.requests().iter().map(|request| (request.field("token_type_hint"), request.field("token"))).collect();
    let expected = [("refresh_token", "refresh-canary"), ("access_token", "access-canary")]
        .map(|(hint, token)| (Some(hint.to_owned()), Some(token.to_owned())));
    assert_eq!(sent, expected);
    assert!(
        server.requests()[0].header("authorization").is_some_and(|value| value.starts_with("Basic ")),
        "the client authenticates as at the token endpoint"
    );
}

#[tokio::test]
async fn an_access_token_that_cannot_be_revoked_does_not_matter() {
    let (outcome, _server) = run(|request| {
        if request.field("token_type_hint").as_deref() == Some("refresh_token") {
            Reply::empty(200)
        } else {
            Reply::json_with(400, &json!({"error": "unsupported_token_type"}))
        }
    })
    .await;
    assert_eq!(outcome, Revoked::Yes);
}

#[tokio::test]
async fn every_answer_is_told_apart() {
    for (reply, expected) in [
        (Reply::empty(200), Revoked::Yes),
        (Reply::json_with(200, &json!({})), Revoked::Yes),
        (Reply::json_with(400, &json!({"error": "invalid_request"})), Revoked::No),
        (Reply::json_with(401, &json!({"error": "invalid_client"})), Revoked::No),
        (Reply::empty(404), Revoked::No),
        (Reply::empty(503), Revoked::Unreachable),
        (Reply::empty(429), Revoked::Unreachable),
        (Reply::page(200, "Log in to the network"), Revoked::Unreachable),
        (Reply::page(403, "Just a moment..."), Revoked::Unreachable),
        (Reply::redirect(307, "/elsewhere"), Revoked::Unreachable),
        (Reply::hang_up(), Revoked::Unreachable),
    ] {
        let shown = format!("{reply:?}");
        let (outcome, server) = run(move |_| reply.clone()).await;
        assert_eq!(outcome, expected, "{shown}");
        assert!(server.log().iter().all(|line| line == "POST /revoke"), "no redirect is followed");
    }
}

#[tokio::test]
async fn nothing_is_sent_without_an_endpoint_or_to_another_issuer() {
    let server = Server::start().await;
    let surroundings = Surroundings::new();
    let client = registration(AuthMethod::None, None);
    let none = Tokens { revocation_endpoint: None, ..tokens(&server.origin()) };
    assert_eq!(revoke(&surroundings.context(), &none, &client).await, Revoked::NotOffered);
    let foreign = Tokens { issuer: "https://other.example".to_owned(), ..tokens(&server.origin()) };
    assert_eq!(revoke(&surroundings.context(), &foreign, &client).await, Revoked::No);
    assert!(server.log().is_empty(), "nothing was sent");
}
