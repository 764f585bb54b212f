//! Registering a client, and deleting it again. How services refuse is in the modules below.

mod document;
mod reduced;
mod unanswered;
mod update;

use replug_core::{AuthMethod, CallbackHost, Code, Failure, Redirect};
use replug_oauth::{
    Registered, RegistrationRequest, Revoked, ServiceMetadata, ServiceSource, choose_auth_method, delete_registration,
    register,
};
use serde_json::{Value, json};

use crate::fakes::{Surroundings, fact};
use crate::server::{Reply, Request, Server};

/// A time that is still to come for long.
const FAR: i64 = 4_000_000_000;

fn service(server: &Server) -> ServiceMetadata {
    ServiceMetadata {
        issuer: server.origin(),
        source: ServiceSource::OauthMetadata,
        authorization_endpoint: server.at("/authorize"),
        token_endpoint: server.at("/token"),
        registration_endpoint: Some(server.at("/register")),
        device_authorization_endpoint: None,
        revocation_endpoint: None,
        scopes: Vec::new(),
        code_challenge_methods: Some(vec!["S256".into()]),
        auth_methods: Vec::new(),
        grant_types: Vec::new(),
        iss_parameter: false,
        client_id_document: false,
    }
}

fn request() -> RegistrationRequest<'static> {
    RegistrationRequest {
        client_name: None,
        redirect: Redirect { host: CallbackHost::Literal, port: 4000, path: "/callback".into() },
        scope: None,
        other_redirects: &[],
        on_device: false,
        reductions: &[],
        at_most: replug_oauth::MOST_REQUESTS,
    }
}

async fn run(service: &ServiceMetadata, request: &RegistrationRequest<'_>) -> Result<Registered, Failure> {
    let surroundings = Surroundings::new();
    register(&surroundings.context(), service, request).await
}

/// A server with this registration endpoint.
async fn registering(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Server {
    let server = Server::start().await;
    server.on("POST", "/register", handler);
    server
}

async fn answering(status: u16, body: Value) -> Server {
    registering(move |_| Reply::json_with(status, &body)).await
}

fn granted() -> Reply {
    Reply::json_with(201, &json!({"client_id": "abc"}))
}

/// The bodies that were sent.
fn bodies(server: &Server) -> Vec<Value> {
    server.requests().iter().map(Request::json).collect()
}

#[tokio::test]
async fn the_first_request_says_everything_and_nothing_more() {
    let server = registering(|_| granted()).await;
    let registered = run(&service(&server), &request()).await.unwrap();
    assert_eq!(
        bodies(&server),
        [json!({
            "client_name": "Replug",
            "redirect_uris": ["http://127.0.0.1:4000/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "application_type": "native",
        })]
    );
    let registration = registered.registration;
    assert_eq!(registration.issuer, server.origin());
    assert_eq!(registration.client_id, "abc");
    assert_eq!(registration.auth_method, AuthMethod::None);
    assert_eq!(registered.notes, [""; 0]);
}

#[tokio::test]
async fn the_way_to_authenticate_is_the_simplest_the_service_lists() {
    for (listed, expected) in [
        (vec![], Some(AuthMethod::None)),
        (vec!["client_secret_basic", "none"], Some(AuthMethod::None)),
        (vec!["client_secret_basic", "client_secret_post"], Some(AuthMethod::Post)),
        (vec!["private_key_jwt", "client_secret_basic"], Some(AuthMethod::Basic)),
        (vec!["private_key_jwt"], None),
    ] {
        let server = registering(|_| granted()).await;
        let mut service = service(&server);
        service.auth_methods = listed.into_iter().map(str::to_owned).collect();
        assert_eq!(choose_auth_method(&service), expected);
        match (run(&service, &request()).await, expected) {
            (Ok(_), Some(method)) => {
                assert_eq!(bodies(&server)[0]["token_endpoint_auth_method"], method.as_str());
            }
            (Err(failure), None) => assert_eq!(failure.code, Code::RegMetadataRefused),
            (outcome, expected) => panic!("expected {expected:?}, got {outcome:?}"),
        }
    }
}

#[tokio::test]
async fn the_answer_governs_what_was_asked() {
    let server = Server::start().await;
    let management = server.at("/register/abc");
    let body = json!({
        "client_id": "abc",
        "client_secret": "canary",
        "client_secret_expires_at": FAR,
        "token_endpoint_auth_method": "client_secret_basic",
        "registration_client_uri": management,
        "registration_access_token": "canary-2",
        "redirect_uris": ["http://localhost:4000/callback"],
    });
    server.on("POST", "/register", move |_| Reply::json(&body));
    let registered = run(&service(&server), &request()).await.unwrap();
    assert!(!format!("{registered:?}").contains("canary"), "no secret is printed");
    let registration = registered.registration;
    assert_eq!(registration.auth_method, AuthMethod::Basic);
    assert!(registration.client_secret.unwrap().matches("canary"), "the secret is kept");
    assert_eq!(registration.secret_expires_at.unwrap().as_second(), FAR);
    let management = registration.management.unwrap();
    assert_eq!(management.address, server.at("/register/abc"));
    assert!(management.token.matches("canary-2"), "the token is kept");
    assert_eq!(registered.notes.len(), 2, "method and address: {:?}", registered.notes);
}

#[tokio::test]
async fn optional_members_of_the_answer_may_be_null_empty_or_missing() {
    for body in [
        json!({
            "client_id": "abc", "client_secret": null, "client_secret_expires_at": null,
            "token_endpoint_auth_method": null, "client_uri": null, "logo_uri": "", "redirect_uris": null,
            "registration_client_uri": "", "registration_access_token": null, "scope": null,
        }),
        json!({"client_id": "abc", "client_secret": "", "client_secret_expires_at": 0}),
        json!({"client_id": "abc", "client_secret_expires_at": "", "redirect_uris": []}),
    ] {
        let server = answering(201, body.clone()).await;
        let registered = run(&service(&server), &request()).await.unwrap();
        let registration = registered.registration;
        assert!(registration.client_secret.is_none(), "{body}");
        assert_eq!(registration.secret_expires_at, None, "{body}");
        assert_eq!(registration.auth_method, AuthMethod::None, "{body}");
        assert!(registration.management.is_none(), "{body}");
        assert_eq!(registered.notes, [""; 0], "{body}");
    }
}

#[tokio::test]
async fn odd_answers_are_kept_usable() {
    let unasked = json!({"client_id": "abc", "client_secret": "s", "client_secret_expires_at": 0});
    let server = answering(200, unasked).await;
    let registration = run(&service(&server), &request()).await.unwrap().registration;
    assert_eq!(registration.auth_method, AuthMethod::None, "as it was asked");
    assert!(registration.client_secret.is_some(), "a secret nobody asked for is kept");
    assert_eq!(registration.secret_expires_at, None, "zero means never");

    let without_secret = json!({"client_id": "abc", "token_endpoint_auth_method": "client_secret_post"});
    let server = answering(201, without_secret).await;
    let registered = run(&service(&server), &request()).await.unwrap();
    assert_eq!(registered.registration.auth_method, AuthMethod::None);
    assert_eq!(registered.notes.len(), 1, "noted: {:?}", registered.notes);

    let unsafe_address = json!({
        "client_id": "abc",
        "registration_client_uri": "http://169.254.169.254/",
        "registration_access_token": "t",
    });
    let server = answering(201, unsafe_address).await;
    let registered = run(&service(&server), &request()).await.unwrap();
    assert!(registered.registration.management.is_none(), "it is never used");
    assert_eq!(registered.notes.len(), 1, "noted: {:?}", registered.notes);
}

#[tokio::test]
async fn a_secret_ends_when_the_service_says_so_unless_that_cannot_be_meant() {
    let now = Surroundings::new().context().clock.now().as_second();
    for (end, expected) in [
        (json!(now + 3600), Some(now + 3600)),
        (json!((now + 3600).to_string()), Some(now + 3600)),
        (json!(0), None),
        (Value::Null, None),
        (json!(-1), None),
        (json!(3600), None),
        (json!(now), None),
        (json!((now + 3600) * 1000), None),
        (json!(1e300), None),
        (json!("never"), None),
    ] {
        let body = json!({"client_id": "abc", "client_secret": "s", "client_secret_expires_at": end});
        let registered = run(&service(&answering(201, body).await), &request()).await.unwrap();
        let ends = registered.registration.secret_expires_at.map(jiff::Timestamp::as_second);
        assert_eq!(ends, expected, "{end}");
        assert_eq!(registered.registration.secret_issued_at.map(jiff::Timestamp::as_second), Some(now));
    }
}

/// A service that grants, with this way to authenticate, whatever is asked for; its clients can be deleted.
async fn deciding(method: &'static str, unless: &'static str) -> Server {
    let server = Server::start().await;
    let management = server.at("/register/abc");
    server.on("POST", "/register", move |request| {
        let asked = request.json()["token_endpoint_auth_method"].as_str().unwrap().to_owned();
        let decided = if asked == unless { unless } else { method };
        Reply::json_with(
            201,
            &json!({
                "client_id": "abc", "client_secret": "s", "token_endpoint_auth_method": decided,
                "registration_client_uri": management, "registration_access_token": "t",
            }),
        )
    });
    server.on("DELETE", "/register/abc", |_| Reply::empty(204));
    server
}

#[tokio::test]
async fn a_client_with_a_method_replug_does_not_speak_is_given_back_and_the_next_method_asked_for() {
    let server = deciding("private_key_jwt", "client_secret_basic").await;
    let registered = run(&service(&server), &request()).await.unwrap();
    assert_eq!(registered.registration.auth_method, AuthMethod::Basic);
    assert_eq!(
        server.log(),
        ["POST /register", "DELETE /register/abc", "POST /register", "DELETE /register/abc", "POST /register"],
        "none, then post, then basic"
    );

    let server = deciding("private_key_jwt", "").await;
    let failure = run(&service(&server), &request()).await.unwrap_err();
    assert_eq!(failure.code, Code::RegMetadataRefused);
    assert_eq!(fact(&failure, "Method"), "private_key_jwt");
    assert_eq!(server.log().last().map(String::as_str), Some("DELETE /register/abc"), "nothing is left behind");
}

#[tokio::test]
async fn a_secret_that_is_wanted_and_was_not_given_is_a_refusal_where_nobody_comes_in_without_one() {
    let server = answering(201, json!({"client_id": "abc", "token_endpoint_auth_method": "client_secret_basic"})).await;
    let mut service = service(&server);
    service.auth_methods = vec!["client_secret_basic".into()];
    let failure = run(&service, &request()).await.unwrap_err();
    assert_eq!(failure.code, Code::RegMetadataRefused);
    assert!(failure.sentence().contains("gave none"), "{failure:?}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_not_quoted() {
    let server = registering(|_| Reply::text(200, "client_id=abc&client_secret=canary")).await;
    let failure = run(&service(&server), &request()).await.unwrap_err();
    assert_eq!(failure.code, Code::RegMetadataRefused);
    assert!(!format!("{failure:?}").contains("canary"), "{failure:?}");
}

#[tokio::test]
async fn a_method_replug_does_not_speak_and_a_missing_id_are_refusals() {
    for (status, body) in [
        (201, json!({"client_id": "abc", "token_endpoint_auth_method": "private_key_jwt"})),
        (201, json!({"client_id": ""})),
        (200, json!({"client_id": null, "client_secret": "x"})),
        (200, json!({"ok": true})),
        (200, json!({"error": "invalid_client_metadata"})),
    ] {
        let server = answering(status, body.clone()).await;
        let failure = run(&service(&server), &request()).await.unwrap_err();
        assert_eq!(failure.code, Code::RegMetadataRefused, "{body}");
    }
}

#[tokio::test]
async fn a_registration_is_deleted_with_its_own_token() {
    for (reply, expected) in [
        (Reply::empty(204), Revoked::Yes),
        (Reply::empty(200), Revoked::Yes),
        (Reply::empty(410), Revoked::Yes),
        (Reply::empty(401), Revoked::No),
        (Reply::empty(403), Revoked::No),
        (Reply::empty(404), Revoked::NotOffered),
        (Reply::empty(405), Revoked::NotOffered),
        (Reply::empty(503), Revoked::Unreachable),
        (Reply::page(200, "Login"), Revoked::Unreachable),
        (Reply::hang_up(), Revoked::Unreachable),
        (Reply::redirect(307, "/elsewhere"), Revoked::No),
    ] {
        let server = Server::start().await;
        let body = json!({
            "client_id": "abc",
            "registration_client_uri": server.at("/register/abc"),
            "registration_access_token": "rat",
        });
        server.on("POST", "/register", move |_| Reply::json_with(201, &body));
        let shown = format!("{reply:?}");
        server.on("DELETE", "/register/abc", move |_| reply.clone());
        let registration = run(&service(&server), &request()).await.unwrap().registration;
        let surroundings = Surroundings::new();
        let outcome = delete_registration(&surroundings.context(), &registration).await;
        assert_eq!(outcome, expected, "{shown}");
        assert_eq!(server.requests()[1].header("authorization"), Some("Bearer rat"), "{shown}");
        assert_eq!(server.log().len(), 2, "no redirect is followed: {shown}");
    }
}

#[tokio::test]
async fn a_registration_without_access_to_itself_cannot_be_deleted() {
    let server = registering(|_| granted()).await;
    let registration = run(&service(&server), &request()).await.unwrap().registration;
    let surroundings = Surroundings::new();
    let outcome = delete_registration(&surroundings.context(), &registration).await;
    assert_eq!(outcome, Revoked::NotOffered);
}
