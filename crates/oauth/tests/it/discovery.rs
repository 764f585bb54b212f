//! From a server's address to a sign-in service that was checked.

mod absent;
mod issuers;

use replug_core::{Code, Failure};
use replug_oauth::{
    DiscoveryPrefs, FoundIssuer, ResourceMetadata, ResourceSearch, ServiceMetadata, ServiceSource,
    find_resource_metadata, find_service_metadata,
};
use serde_json::{Value, json};

use crate::fakes::{Surroundings, fact};
use crate::server::{Reply, Server};

const PRM: &str = "/.well-known/oauth-protected-resource/mcp";
const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// Complete metadata of the issuer at `path`, with all endpoints on this server.
fn metadata(server: &Server, path: &str) -> Value {
    json!({
        "issuer": server.at(path),
        "authorization_endpoint": server.at("/oauth/authorize"),
        "token_endpoint": server.at("/oauth/token"),
        "registration_endpoint": server.at("/oauth/register"),
        "code_challenge_methods_supported": ["S256"],
    })
}

/// The document with one member changed; null takes it out.
fn with(mut document: Value, name: &str, value: Value) -> Value {
    document[name] = value;
    document
}

/// A server whose resource metadata names these services.
async fn naming(services: &[&str]) -> Server {
    let server = Server::start().await;
    server.document(PRM, json!({"resource": server.at("/mcp"), "authorization_servers": services}));
    server
}

/// What both steps found.
#[derive(Debug)]
struct Discovery {
    resource: Option<ResourceMetadata>,
    service: FoundIssuer,
}

async fn run(server: &Server, prefs: &DiscoveryPrefs) -> Result<Discovery, Failure> {
    let (surroundings, address) = (Surroundings::new(), server.url("/mcp"));
    let ctx = surroundings.context();
    let search = find_resource_metadata(&ctx, &address, None).await?;
    let service = find_service_metadata(&ctx, &address, &search, prefs).await?;
    let resource = match search {
        ResourceSearch::Found(resource) => Some(resource),
        ResourceSearch::Absent(_) => None,
    };
    Ok(Discovery { resource, service })
}

async fn found(server: &Server) -> Discovery {
    run(server, &DiscoveryPrefs::default()).await.unwrap()
}

async fn refused(server: &Server) -> Failure {
    run(server, &DiscoveryPrefs::default()).await.unwrap_err()
}

fn pinned(issuer: &str) -> DiscoveryPrefs {
    DiscoveryPrefs { issuer_pin: Some(issuer.to_owned()), ..DiscoveryPrefs::default() }
}

#[tokio::test]
async fn a_service_is_found_through_the_servers_metadata() {
    let auth = Server::start().await;
    let document = with(metadata(&auth, "/tenant"), "scopes_supported", json!(["a", "b"]));
    let document = with(document, "authorization_response_iss_parameter_supported", json!(true));
    auth.document(&format!("{OAUTH}/tenant"), document);
    let server = naming(&[&auth.at("/tenant")]).await;
    let discovery = found(&server).await;
    assert_eq!(discovery.resource.unwrap().resource, server.at("/mcp"));
    assert_eq!(
        discovery.service.metadata,
        ServiceMetadata {
            issuer: auth.at("/tenant"),
            source: ServiceSource::OauthMetadata,
            authorization_endpoint: auth.at("/oauth/authorize"),
            token_endpoint: auth.at("/oauth/token"),
            registration_endpoint: Some(auth.at("/oauth/register")),
            device_authorization_endpoint: None,
            revocation_endpoint: None,
            scopes: vec!["a".into(), "b".into()],
            code_challenge_methods: Some(vec!["S256".into()]),
            auth_methods: Vec::new(),
            grant_types: Vec::new(),
            iss_parameter: true,
            client_id_document: false,
        }
    );
    assert_eq!(discovery.service.notes, [""; 0]);
}

#[tokio::test]
async fn every_well_known_form_is_asked_in_order() {
    let auth = Server::start().await;
    auth.document(&format!("/tenant{OPENID}"), metadata(&auth, "/tenant"));
    let discovery = found(&naming(&[&auth.at("/tenant")]).await).await;
    assert_eq!(discovery.service.metadata.source, ServiceSource::OpenidConfiguration);
    assert_eq!(
        auth.log(),
        [format!("GET {OAUTH}/tenant"), format!("GET {OPENID}/tenant"), format!("GET /tenant{OPENID}"),]
    );

    let auth = Server::start().await;
    auth.on("GET", OAUTH, |_| Reply::page(200, "App"));
    auth.document(OPENID, metadata(&auth, ""));
    found(&naming(&[&auth.origin()]).await).await;
    assert_eq!(auth.log(), [format!("GET {OAUTH}"), format!("GET {OPENID}")]);
    let request = &auth.requests()[0];
    assert_eq!(request.header("mcp-protocol-version"), Some("2025-11-25"));
}

#[tokio::test]
async fn a_pinned_issuer_that_has_no_document_is_described_elsewhere_on_its_own_site() {
    let auth = Server::start().await;
    let pin = auth.at("/tenant");
    auth.document(OAUTH, metadata(&auth, "/tenant"));
    let server = naming(&[&auth.origin()]).await;
    let discovery = run(&server, &pinned(&pin)).await.unwrap();
    assert_eq!(discovery.service.metadata.issuer, pin);
    assert_eq!(discovery.service.notes.len(), 2, "that is noted: {:?}", discovery.service.notes);

    auth.document(OAUTH, metadata(&auth, ""));
    let failure = run(&server, &pinned(&pin)).await.unwrap_err();
    assert_eq!(failure.code, Code::MetaIssuerMismatch);
    assert_eq!(fact(&failure, "Expected issuer"), pin);
}

#[tokio::test]
async fn nobody_speaks_for_a_pinned_issuer_that_speaks_for_itself() {
    let (auth, stranger) = (Server::start().await, Server::start().await);
    auth.document(OAUTH, metadata(&auth, ""));
    stranger.document(OAUTH, with(metadata(&stranger, ""), "issuer", json!(auth.origin())));
    let server = naming(&[&stranger.origin()]).await;
    let discovery = run(&server, &pinned(&auth.origin())).await.unwrap();
    assert_eq!(discovery.service.metadata.token_endpoint, auth.at("/oauth/token"));
    assert_eq!(stranger.log(), [""; 0]);

    auth.on("GET", OAUTH, |_| Reply::empty(503));
    let failure = run(&server, &pinned(&auth.origin())).await.unwrap_err();
    assert_eq!(failure.code, Code::HttpServerError, "who cannot be asked may say something else");
    assert_eq!(stranger.log(), [""; 0]);
}

#[tokio::test]
async fn an_endpoint_on_another_site_than_the_pinned_issuer_is_refused_with_both() {
    let (auth, stranger) = (Server::start().await, Server::start().await);
    let server = naming(&[&stranger.origin()]).await;
    for (name, path) in [
        ("authorization_endpoint", "/oauth/authorize"),
        ("token_endpoint", "/oauth/token"),
        ("registration_endpoint", "/oauth/register"),
        ("device_authorization_endpoint", "/oauth/device"),
        ("revocation_endpoint", "/oauth/revoke"),
    ] {
        stranger.document(OAUTH, with(metadata(&auth, ""), name, json!(stranger.at(path))));
        let failure = run(&server, &pinned(&auth.origin())).await.unwrap_err();
        assert_eq!(failure.code, Code::MetaIssuerMismatch, "{name}");
        assert_eq!(fact(&failure, "Expected issuer"), auth.origin());
        assert_eq!(fact(&failure, "Address"), stranger.at(path));
    }
}

#[tokio::test]
async fn a_service_that_is_used_already_and_still_named_is_asked_alone() {
    let (used, other) = (Server::start().await, Server::start().await);
    other.document(OAUTH, metadata(&other, ""));
    used.on("GET", OAUTH, |_| Reply::empty(503));
    let prefs = DiscoveryPrefs { known: Some(used.origin()), ..DiscoveryPrefs::default() };
    let server = naming(&[&other.origin(), &used.origin()]).await;
    let failure = run(&server, &prefs).await.unwrap_err();
    assert_eq!(failure.code, Code::HttpServerError);
    assert_eq!(fact(&failure, "Sign-in service"), used.origin());
    assert_eq!(other.log(), [""; 0]);

    let moved = naming(&[&other.origin()]).await;
    assert_eq!(run(&moved, &prefs).await.unwrap().service.identifier, other.origin(), "it is not named any more");
}

#[tokio::test]
async fn pkce_with_s256_has_to_be_listed_or_allowed() {
    let allowing = DiscoveryPrefs { allow_pkce_unlisted: true, ..DiscoveryPrefs::default() };
    for (methods, strict, allowed) in [
        (json!(["S256"]), Ok(0), Ok(0)),
        (json!(["plain", "S256"]), Ok(0), Ok(0)),
        (Value::Null, Err(Code::MetaPkceUnlisted), Ok(1)),
        (json!([]), Err(Code::MetaPkceUnlisted), Ok(1)),
        (json!(7), Err(Code::MetaPkceUnlisted), Ok(1)),
        (json!(["plain"]), Err(Code::MetaPkceUnsupported), Err(Code::MetaPkceUnsupported)),
        (json!(["s256"]), Err(Code::MetaPkceUnsupported), Err(Code::MetaPkceUnsupported)),
    ] {
        let auth = Server::start().await;
        let document = with(metadata(&auth, ""), "code_challenge_methods_supported", methods.clone());
        auth.document(OAUTH, document);
        let server = naming(&[&auth.origin()]).await;
        for (prefs, expected) in [(&DiscoveryPrefs::default(), strict), (&allowing, allowed)] {
            let outcome = run(&server, prefs).await;
            let outcome = outcome.map(|discovery| discovery.service.notes.len()).map_err(|failure| failure.code);
            assert_eq!(outcome, expected, "{methods} with {prefs:?}");
        }
    }
}

#[tokio::test]
async fn endpoints_that_are_not_safe_or_missing_are_refused_by_name() {
    for (name, value, code) in [
        ("authorization_endpoint", json!("javascript:alert(1)"), Code::MetaUnsafeAddress),
        ("authorization_endpoint", json!("/authorize"), Code::MetaUnsafeAddress),
        ("token_endpoint", json!("http://auth.example/token"), Code::MetaUnsafeAddress),
        ("registration_endpoint", json!("file:///etc/passwd"), Code::MetaUnsafeAddress),
        ("revocation_endpoint", json!("https://a@auth.example/"), Code::MetaUnsafeAddress),
        ("authorization_endpoint", Value::Null, Code::MetaIncomplete),
        ("token_endpoint", json!(""), Code::MetaIncomplete),
    ] {
        let auth = Server::start().await;
        auth.document(OAUTH, with(metadata(&auth, ""), name, value.clone()));
        let failure = refused(&naming(&[&auth.origin()]).await).await;
        assert_eq!(failure.code, code, "{name} = {value}");
        let named = fact(&failure, "Member") + &fact(&failure, "Missing");
        assert_eq!(named, name);
    }
}

#[tokio::test]
async fn optional_members_may_be_null_or_empty() {
    let auth = Server::start().await;
    let mut document = metadata(&auth, "");
    for name in [
        "registration_endpoint",
        "revocation_endpoint",
        "scopes_supported",
        "grant_types_supported",
        "token_endpoint_auth_methods_supported",
        "client_id_metadata_document_supported",
    ] {
        document[name] = Value::Null;
    }
    auth.document(OAUTH, document);
    let service = found(&naming(&[&auth.origin()]).await).await.service.metadata;
    assert_eq!(service.registration_endpoint, None);
    assert!(!service.client_id_document, "null is no promise");
}

#[tokio::test]
async fn the_first_service_that_works_is_used_and_remembered() {
    let (first, second) = (Server::start().await, Server::start().await);
    first.document(OAUTH, with(metadata(&first, ""), "issuer", json!("https://evil.example")));
    second.document(OAUTH, metadata(&second, ""));
    for broken in [first.origin(), "http://127.0.0.1:1".into(), "javascript:x".into()] {
        let discovery = found(&naming(&[&broken, &second.origin()]).await).await;
        assert_eq!(discovery.service.identifier, second.origin());
        assert_eq!(discovery.service.notes.len(), 1, "noted: {:?}", discovery.service.notes);
    }
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_a_matter_of_the_network() {
    let failure = refused(&naming(&["http://127.0.0.1:1"]).await).await;
    assert_eq!(failure.code, Code::NetUnreachable);
    assert_eq!(fact(&failure, "Sign-in service"), "http://127.0.0.1:1");
}

#[tokio::test]
async fn a_named_service_without_metadata_is_reported_by_what_stood_there() {
    for (reply, code) in [
        (Reply::empty(404), Code::MetaNone),
        (Reply::page(200, "App"), Code::MetaNotJson),
        (Reply::text(401, "no"), Code::MetaBlocked),
        (Reply::page(403, "Just a moment..."), Code::HttpBlockedPage),
        (Reply::empty(503), Code::HttpServerError),
        (Reply::redirect(302, "https://auth.example/en"), Code::MetaRedirected),
    ] {
        let auth = Server::start().await;
        let shown = format!("{reply:?}");
        auth.on("GET", OAUTH, move |_| reply.clone());
        let failure = refused(&naming(&[&auth.origin()]).await).await;
        assert_eq!(failure.code, code, "{shown}");
        assert_eq!(fact(&failure, "Sign-in service"), auth.origin());
    }
}
