//! Finding what a server says about its sign-in, and refusing what does not belong to it.

mod pairs;

use replug_core::{Code, Failure};
use replug_net::Reach;
use replug_oauth::{BearerChallenge, Context, ResourceFit, ResourceMetadata, ResourceSearch, find_resource_metadata};
use serde_json::{Value, json};

use crate::fakes::{Surroundings, fact};
use crate::server::{Reply, Server};

const ROOT: &str = "/.well-known/oauth-protected-resource";
const INSERTED: &str = "/.well-known/oauth-protected-resource/mcp";

fn named(address: &str) -> BearerChallenge {
    BearerChallenge { resource_metadata: Some(address.to_owned()), ..BearerChallenge::default() }
}

fn describes(resource: &str) -> Value {
    json!({"resource": resource, "authorization_servers": ["https://auth.example"]})
}

async fn search(server: &Server, challenge: Option<&BearerChallenge>) -> Result<ResourceSearch, Failure> {
    let surroundings = Surroundings::new();
    find_resource_metadata(&surroundings.context(), &server.url("/mcp"), challenge).await
}

async fn found(server: &Server, challenge: Option<&BearerChallenge>) -> ResourceMetadata {
    match search(server, challenge).await {
        Ok(ResourceSearch::Found(found)) => found,
        other => panic!("expected metadata, got {other:?}"),
    }
}

async fn refused(server: &Server, challenge: Option<&BearerChallenge>) -> Failure {
    search(server, challenge).await.unwrap_err()
}

/// What stood there instead, when the search went on without metadata.
async fn absent(server: &Server) -> Option<Code> {
    match search(server, None).await {
        Ok(ResourceSearch::Absent(absence)) => absence.failure().map(|failure| failure.code),
        other => panic!("expected no metadata, got {other:?}"),
    }
}

#[tokio::test]
async fn the_address_with_the_path_is_asked_first_and_as_the_specification_wants() {
    let server = Server::start().await;
    let resource = server.at("/mcp");
    server.document(INSERTED, describes(&resource));
    let found = found(&server, None).await;
    assert_eq!((found.resource, found.fit), (resource, ResourceFit::Exact));
    assert_eq!(server.log(), [format!("GET {INSERTED}")], "the root is not asked");
    let request = &server.requests()[0];
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("mcp-protocol-version"), Some("2025-11-25"));
}

#[tokio::test]
async fn the_root_is_asked_when_the_path_has_nothing_or_a_web_page() {
    for reply in [Reply::empty(404), Reply::page(200, "App"), Reply::text(200, "ok")] {
        let server = Server::start().await;
        server.on("GET", INSERTED, move |_| reply.clone());
        server.document(ROOT, describes(&server.origin()));
        let found = found(&server, None).await;
        assert_eq!(found.resource, server.origin(), "byte for byte, without a slash that a parser would add");
        assert_eq!(found.fit, ResourceFit::Prefix);
    }
}

#[tokio::test]
async fn the_query_of_the_address_is_not_sent_to_the_well_known_one() {
    let server = Server::start().await;
    let surroundings = Surroundings::new();
    let address = server.url("/mcp?key=canary");
    let outcome = find_resource_metadata(&surroundings.context(), &address, None).await;
    assert!(outcome.is_ok(), "nothing is there: {outcome:?}");
    assert!(!server.log().concat().contains("canary"), "{:?}", server.log());
}

#[tokio::test]
async fn the_address_of_the_challenge_wins_and_is_named_when_it_fails() {
    let server = Server::start().await;
    server.document("/custom", describes(&server.at("/mcp")));
    server.document(INSERTED, describes("https://other.example/"));
    for address in [server.at("/custom"), "/custom".to_owned()] {
        found(&server, Some(&named(&address))).await;
    }
    assert_eq!(server.log(), ["GET /custom", "GET /custom"], "nothing else is asked");

    let failure = refused(&server, Some(&named(&server.at("/gone")))).await;
    assert_eq!(failure.code, Code::MetaNone);
    assert_eq!(fact(&failure, "Address"), server.at("/gone"));
    assert_eq!(server.log().len(), 3, "and nothing else is asked then either");
}

#[tokio::test]
async fn a_challenge_cannot_lead_to_an_address_that_is_not_safe() {
    let server = Server::start().await;
    for address in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://auth.example/prm",
        "//auth.example/prm",
        "https://user@auth.example/",
        "https://auth.example/#x",
        "https://auth.example\\@evil.example/",
    ] {
        let failure = refused(&server, Some(&named(address))).await;
        assert_eq!(failure.code, Code::MetaUnsafeAddress, "{address}");
    }
    assert_eq!(server.log(), [""; 0], "nobody was asked");
}

#[tokio::test]
async fn a_public_server_cannot_lead_into_this_computer_or_a_private_network() {
    let server = Server::start().await;
    let surroundings = Surroundings::new();
    let public = Context { reach: Reach::PUBLIC, loopback: false, ..surroundings.context() };
    let port = server.url("/").port().unwrap();
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "localhost", "localhost."] {
        let address = format!("https://{host}:{port}/prm");
        let connector = "https://mcp.example/mcp".parse().unwrap();
        let outcome = find_resource_metadata(&public, &connector, Some(&named(&address))).await;
        assert_eq!(outcome.map_err(|failure| failure.code), Err(Code::NetAddressRefused), "{host}");
    }
    assert_eq!(server.log(), [""; 0], "nobody was asked");
}

#[tokio::test]
async fn a_mismatch_shows_both_addresses_and_offers_the_new_one() {
    let server = Server::start().await;
    server.document(INSERTED, describes("https://mcp.example/new"));
    let failure = refused(&server, None).await;
    assert_eq!(failure.code, Code::MetaResourceMismatch);
    assert_eq!(fact(&failure, "Address"), server.at("/mcp"));
    assert_eq!(fact(&failure, "New address"), "https://mcp.example/new");

    server.document(INSERTED, describes("javascript:alert(1)"));
    let failure = refused(&server, None).await;
    assert!(
        failure.facts.iter().all(|fact| fact.label != "New address"),
        "an address that cannot be one is not offered: {failure:?}"
    );
}

#[tokio::test]
async fn what_stands_in_place_of_metadata_is_remembered_by_its_most_telling_kind() {
    for (inserted, root, cause) in [
        (Reply::empty(404), Reply::page(404, "Not found"), None),
        (Reply::empty(405), Reply::empty(410), None),
        (Reply::page(200, "App"), Reply::empty(404), Some(Code::MetaNotJson)),
        (Reply::json(&json!([])), Reply::json(&json!({"ok": false})), Some(Code::MetaNotJson)),
        (Reply::text(401, ""), Reply::page(200, "App"), Some(Code::MetaBlocked)),
        (Reply::json_with(403, &json!({})), Reply::empty(404), Some(Code::MetaBlocked)),
    ] {
        let server = Server::start().await;
        let shown = format!("{inserted:?} {root:?}");
        server.on("GET", INSERTED, move |_| inserted.clone());
        server.on("GET", ROOT, move |_| root.clone());
        assert_eq!(absent(&server).await, cause, "{shown}");
        assert_eq!(server.log().len(), 2, "both were asked: {shown}");
    }
}

#[tokio::test]
async fn a_firewall_or_an_error_of_the_server_is_no_proof_that_there_is_nothing() {
    let challenge_page = Reply::page(403, "Just a moment...").header("cf-mitigated", "challenge");
    for (reply, code) in [
        (challenge_page.clone(), Code::HttpBlockedPage),
        (Reply::page(403, "Blocked by policy"), Code::HttpBlockedPage),
        (Reply::page(200, "Just a moment..."), Code::HttpBlockedPage),
        (Reply::page(503, "Just a moment..."), Code::HttpBlockedPage),
        (Reply::empty(500), Code::HttpServerError),
        (Reply::page(502, "Bad gateway"), Code::HttpServerError),
        (Reply::empty(429).header("retry-after", "30"), Code::HttpRateLimited),
    ] {
        let server = Server::start().await;
        server.on("GET", INSERTED, move |_| reply.clone());
        let failure = refused(&server, None).await;
        assert_eq!(failure.code, code, "{failure:?}");
        assert_eq!(fact(&failure, "Address"), server.at(INSERTED));
    }
    let server = Server::start().await;
    let page = challenge_page.header("cf-ray", "8f0-FRA");
    server.on("GET", INSERTED, move |_| page.clone());
    let failure = refused(&server, None).await;
    assert_eq!(fact(&failure, "Ray ID"), "8f0-FRA");
    assert_eq!(fact(&failure, "Title of the page"), "Just a moment...");
}

#[tokio::test]
async fn redirects_are_followed_within_the_site_and_only_to_data() {
    let server = Server::start().await;
    server.on("GET", INSERTED, |_| Reply::redirect(307, "/moved"));
    server.document("/moved", describes(&server.at("/mcp")));
    found(&server, None).await;

    server.on("GET", INSERTED, |_| Reply::redirect(307, "/en/metadata"));
    server.on("GET", "/en/metadata", |_| Reply::page(200, "Welcome"));
    assert_eq!(absent(&server).await, Some(Code::MetaRedirected));
    server.on("GET", "/en/metadata", |_| Reply::page(404, "Not found"));
    assert_eq!(absent(&server).await, Some(Code::MetaRedirected));

    let slash = format!("{INSERTED}/");
    server.on("GET", INSERTED, move |_| Reply::redirect(308, &slash));
    assert_eq!(absent(&server).await, None, "a slash more is no other page");
}

#[tokio::test]
async fn a_redirect_to_another_site_is_named_and_not_followed() {
    let (server, other) = (Server::start().await, Server::start().await);
    let target = other.at("/prm");
    other.document("/prm", describes(&server.at("/mcp")));
    let location = target.clone();
    server.on("GET", INSERTED, move |_| Reply::redirect(301, &location));
    let challenge = named(&server.at(INSERTED));
    let failure = refused(&server, Some(&challenge)).await;
    assert_eq!(failure.code, Code::MetaRedirected);
    assert_eq!(fact(&failure, "Leads to"), target);
    assert_eq!(other.log(), [""; 0], "the other site was not asked");
}

#[tokio::test]
async fn members_of_the_wrong_kind_are_absent() {
    let server = Server::start().await;
    server.document(
        INSERTED,
        json!({
            "resource": server.at("/mcp"),
            "authorization_servers": [null, "", 7, "https://auth.example"],
            "scopes_supported": null,
        }),
    );
    let found = found(&server, None).await;
    assert_eq!(found.authorization_servers, ["https://auth.example"]);
    assert_eq!(found.scopes, [""; 0]);
}

#[tokio::test]
async fn a_server_that_hangs_up_is_a_matter_of_the_network() {
    let server = Server::start().await;
    server.on("GET", INSERTED, |_| Reply::hang_up());
    let failure = refused(&server, None).await;
    assert_eq!(failure.code, Code::NetInterrupted);
}
