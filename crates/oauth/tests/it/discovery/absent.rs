//! Servers that describe nothing, or not everything.

use replug_core::Code;
use replug_oauth::{ServiceSource, confirm_assumed};
use serde_json::json;

use super::{OAUTH, OPENID, PRM, found, metadata, naming, pinned, refused, run, with};
use crate::fakes::Surroundings;
use crate::server::{Reply, Server};

#[tokio::test]
async fn a_pinned_issuer_is_asked_when_the_server_describes_nothing() {
    let (server, auth) = (Server::start().await, Server::start().await);
    auth.document(OAUTH, metadata(&auth, ""));
    let discovery = run(&server, &pinned(&auth.origin())).await.unwrap();
    assert_eq!(discovery.service.metadata.issuer, auth.origin());

    let failure = run(&server, &pinned(&auth.at("/gone"))).await.unwrap_err();
    assert_eq!(failure.code, Code::MetaNone, "with a pin nothing is assumed: {failure:?}");
}

#[tokio::test]
async fn a_server_of_2025_03_26_is_its_own_service() {
    let server = Server::start().await;
    server.document(OAUTH, metadata(&server, "/"));
    let discovery = found(&server).await;
    assert_eq!(discovery.resource, None, "so no `resource` is sent");
    assert_eq!(discovery.service.metadata.issuer, server.at("/"), "the slash is conceded");

    server.document(OAUTH, with(metadata(&server, ""), "issuer", json!("https://auth.example")));
    assert_eq!(refused(&server).await.code, Code::MetaIssuerMismatch, "and nothing else is");
}

#[tokio::test]
async fn a_locked_server_description_does_not_hide_the_service_at_the_origin() {
    let server = Server::start().await;
    server.on("GET", PRM, |_| Reply::empty(401));
    server.document(OAUTH, metadata(&server, ""));
    found(&server).await;
}

#[tokio::test]
async fn the_usual_addresses_are_assumed_only_where_plainly_nothing_is_described() {
    let server = Server::start().await;
    let service = found(&server).await.service.metadata;
    assert_eq!(service.source, ServiceSource::Assumed);
    assert_eq!(service.issuer, server.origin());
    assert_eq!(service.authorization_endpoint, server.at("/authorize"));
    assert_eq!(service.token_endpoint, server.at("/token"));
    assert_eq!(service.registration_endpoint, Some(server.at("/register")));

    for (path, reply, code) in [
        (PRM, Reply::page(200, "App"), Code::MetaNotJson),
        (PRM, Reply::empty(401), Code::MetaBlocked),
        (OAUTH, Reply::page(403, "Just a moment..."), Code::HttpBlockedPage),
        (OPENID, Reply::page(403, "Denied"), Code::HttpBlockedPage),
        (OAUTH, Reply::empty(500), Code::HttpServerError),
        (OAUTH, Reply::redirect(302, "/en"), Code::MetaRedirected),
    ] {
        let server = Server::start().await;
        server.on("GET", path, move |_| reply.clone());
        assert_eq!(refused(&server).await.code, code, "{path}");
        assert!(
            server.log().iter().all(|line| line.contains(".well-known") || line.ends_with("/en")),
            "nothing is guessed: {:?}",
            server.log()
        );
    }
}

#[tokio::test]
async fn an_assumed_service_without_a_sign_in_page_is_none() {
    let server = Server::start().await;
    let service = found(&server).await.service.metadata;
    let surroundings = Surroundings::new();
    let outcome = confirm_assumed(&surroundings.context(), &service).await;
    assert_eq!(outcome.map_err(|failure| failure.code), Err(Code::MetaNone));
    server.on("GET", "/authorize", |_| Reply::text(400, "client_id is missing"));
    let outcome = confirm_assumed(&surroundings.context(), &service).await;
    assert_eq!(outcome, Ok(()));
}

#[tokio::test]
async fn metadata_without_services_leads_to_the_servers_origin() {
    let server = naming(&[]).await;
    assert_eq!(
        refused(&server).await.code,
        Code::MetaNone,
        "and assumes nothing, because the server speaks a newer revision"
    );
    server.document(OAUTH, metadata(&server, ""));
    let discovery = found(&server).await;
    assert_eq!(discovery.service.metadata.issuer, server.origin());
    assert!(discovery.resource.is_some(), "the resource is sent");
}
