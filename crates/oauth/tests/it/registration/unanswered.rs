//! Answers that neither grant a registration nor say what is wrong with the request.

use replug_core::Code;
use replug_oauth::ServiceSource;
use serde_json::json;

use super::{registering, request, run, service};
use crate::fakes::fact;
use crate::server::{Reply, Server};

/// An answer, its code from an endpoint the service names, and its code from an assumed one.
type OddAnswer = (Reply, Code, Code);

fn web_pages() -> Vec<OddAnswer> {
    use Code::{RegBlocked, RegNotAdvertised, RegNotOffered, RegServerError};
    vec![
        (Reply::page(403, "Denied"), RegBlocked, RegNotAdvertised),
        (Reply::page(200, "App"), RegBlocked, RegNotAdvertised),
        (Reply::page(403, "Just a moment..."), RegBlocked, RegBlocked),
        (Reply::page(503, "Just a moment..."), RegBlocked, RegBlocked),
        (Reply::page(404, "Not found"), RegNotOffered, RegNotAdvertised),
        (Reply::page(502, "Bad gateway"), RegServerError, RegServerError),
    ]
}

fn other_answers() -> Vec<OddAnswer> {
    use Code::{MetaRedirected, RegMetadataRefused, RegNotAdvertised, RegNotApproved, RegNotOffered, RegServerError};
    let error = |status, error: &str| Reply::json_with(status, &json!({"error": error}));
    let policy = json!({"error": "insufficient_scope", "error_description": "Policy 'Trusted Hosts' rejected request"});
    let rpc = json!({"jsonrpc": "2.0", "error": {"code": -32700}, "id": null});
    vec![
        (Reply::text(403, "Forbidden"), RegNotApproved, RegNotApproved),
        (Reply::json_with(403, &policy), RegNotApproved, RegNotApproved),
        (error(401, "invalid_token"), RegNotApproved, RegNotAdvertised),
        (error(404, "not_found"), RegNotOffered, RegNotAdvertised),
        (Reply::empty(405), RegNotOffered, RegNotAdvertised),
        (Reply::empty(501), RegNotOffered, RegNotAdvertised),
        (error(500, "server_error"), RegServerError, RegServerError),
        (Reply::redirect(307, "/en"), MetaRedirected, RegNotAdvertised),
        (Reply::json_with(400, &rpc), RegMetadataRefused, RegNotAdvertised),
    ]
}

#[tokio::test]
async fn every_other_answer_has_its_own_name() {
    for (reply, advertised, assumed) in web_pages().into_iter().chain(other_answers()) {
        let shown = format!("{reply:?}");
        let server = registering(move |_| reply.clone()).await;
        server.on("GET", "/authorize", |_| Reply::empty(400));
        let mut service = service(&server);
        let failure = run(&service, &request()).await.unwrap_err();
        assert_eq!(failure.code, advertised, "{shown}");
        assert_eq!(server.log(), ["POST /register"], "asked once, and nowhere else: {shown}");
        service.source = ServiceSource::Assumed;
        let failure = run(&service, &request()).await.unwrap_err();
        assert_eq!(failure.code, assumed, "assumed: {shown}");
    }
}

#[tokio::test]
async fn a_server_without_registration_and_sign_in_page_says_nothing_of_a_sign_in() {
    let server = Server::start().await;
    let mut service = service(&server);
    service.source = ServiceSource::Assumed;
    let failure = run(&service, &request()).await.unwrap_err();
    assert_eq!(failure.code, Code::MetaNone);
    assert_eq!(server.log(), ["POST /register", "GET /authorize"]);
}

#[tokio::test]
async fn a_service_without_registration_asks_for_a_client_id_for_this_callback() {
    let server = Server::start().await;
    let mut service = service(&server);
    service.registration_endpoint = None;
    let failure = run(&service, &request()).await.unwrap_err();
    assert_eq!(failure.code, Code::RegNotOffered);
    assert_eq!(fact(&failure, "Callback address"), "http://127.0.0.1:4000/callback");
    assert_eq!(server.log(), [""; 0]);
}

#[tokio::test]
async fn a_limit_on_registrations_is_told_with_its_time() {
    let server = registering(|_| Reply::text(429, "Too many").header("retry-after", "120")).await;
    let failure = run(&service(&server), &request()).await.unwrap_err();
    assert_eq!(failure.code, Code::RegRateLimited);
    assert_eq!(fact(&failure, "Retry after"), "120 s");
    assert_eq!(server.log().len(), 1, "it is not tried again");
}
