//! The question before the browser opens.

use replug_core::Code;
use replug_oauth::{Preflight, preflight};
use serde_json::json;

use crate::fakes::{Surroundings, fact};
use crate::parts::{input, service};
use crate::server::{Reply, Server};

async fn ask(reply: Reply) -> (Preflight, Server) {
    let server = Server::start().await;
    server.on("GET", "/authorize", move |_| reply.clone());
    let surroundings = Surroundings::new();
    let outcome = preflight(&surroundings.context(), &service(&server.origin()), &input(&["read".to_owned()])).await;
    (outcome, server)
}

#[tokio::test]
async fn a_service_that_forgot_the_client_is_recognised() {
    for reply in [
        Reply::json_with(422, &json!({"message": "Unrecognized client_id"})),
        Reply::json_with(400, &json!({"error": "invalid_client", "error_description": "Invalid client_id"})),
        Reply::json_with(401, &json!({"error": "unauthorized_client"})),
        Reply::json_with(400, &json!({"error": {"code": 400, "message": "Client not found"}})),
        Reply::text(404, "application not found"),
        Reply::new(
            400,
            "text/html",
            "<!doctype html><style>p{}</style><h1>oops!</h1><p>error: invalid_client</p><p>client is invalid</p>",
        ),
        Reply::redirect(302, "http://127.0.0.1:4100/callback?error=unauthorized_client&state=x"),
        Reply::redirect(303, "/error?error=invalid_request&error_description=Unknown+client"),
    ] {
        let (outcome, _server) = ask(reply.clone()).await;
        let Preflight::Stale(failure) = outcome else {
            panic!("stale, not {outcome:?}, for {reply:?}");
        };
        assert_eq!(failure.code, Code::RegForgotten);
        assert!(failure.said.is_some(), "the service's words are kept");
    }
}

#[tokio::test]
async fn a_service_that_refuses_the_callback_address_is_recognised() {
    for reply in [
        Reply::new(400, "text/html", "<h1>Sign-in failed</h1><p>redirect_uri did not match any configured URIs</p>"),
        Reply::new(403, "text/html", "<title>Error</title><p>Callback URL mismatch.</p>"),
        Reply::json_with(400, &json!({"error": "redirect_uri_mismatch"})),
        Reply::json_with(
            400,
            &json!({"error": "invalid_request", "error_description": "redirect_uri did not match the client"}),
        ),
        Reply::json_with(422, &json!({"message": "Unregistered redirect_uri"})),
        Reply::redirect(302, "/error?error=invalid_request&error_description=Invalid+redirect+URI"),
    ] {
        let (outcome, server) = ask(reply.clone()).await;
        let Preflight::RedirectRefused(failure) = outcome else {
            panic!("refused, not {outcome:?}, for {reply:?}");
        };
        assert_eq!(failure.code, Code::RegRedirectRefused);
        assert_eq!(fact(&failure, "Callback address"), "http://127.0.0.1:4100/callback", "to be entered there");
        assert!(failure.said.is_some(), "the service's words are kept");
        assert_eq!(server.log().len(), 1, "nothing is followed");
    }
}

#[tokio::test]
async fn anything_else_opens_the_browser_anyway() {
    for reply in [
        Reply::page(200, "invalid_client"),
        Reply::page(400, "Bad request"),
        Reply::page(403, "Just a moment..."),
        Reply::json_with(500, &json!({"error": "invalid_client"})),
        Reply::page(200, "redirect_uri mismatch"),
        Reply::new(403, "text/html", "<p>Application not found</p>"),
        Reply::new(403, "text/html", "<p>Invalid redirect_uri</p>").header("cf-mitigated", "challenge"),
        Reply::json_with(400, &json!({"error": "invalid_scope"})),
        Reply::redirect(302, "http://127.0.0.1:4100/callback?error=invalid_request"),
        Reply::redirect(302, "/error?error=server_error&error_description=redirect+loop"),
        Reply::empty(404),
        Reply::hang_up(),
    ] {
        let (outcome, _server) = ask(reply.clone()).await;
        assert_eq!(outcome, Preflight::Unclear, "{reply:?}");
    }
}

#[tokio::test]
async fn a_redirect_to_the_login_page_means_known_and_is_not_followed() {
    let (outcome, server) = ask(Reply::redirect(302, "/login")).await;
    assert_eq!(outcome, Preflight::Known);
    let log = server.log();
    assert_eq!(log.len(), 1, "nothing is followed: {log:?}");
}

#[tokio::test]
async fn the_question_is_the_request_proper_with_a_state_of_its_own() {
    let (_, server) = ask(Reply::redirect(302, "/login")).await;
    let query = server.requests()[0].query();
    let names: Vec<&str> = query.iter().map(|(name, _)| name.as_str()).collect();
    assert!(
        ["client_id", "state", "code_challenge", "redirect_uri", "resource"].iter().all(|name| names.contains(name)),
        "{names:?}"
    );
}
