//! Services that refuse the request, and what is left out or changed for them.

use replug_core::{CallbackHost, Code, Redirect, Reduction};
use replug_oauth::RegistrationRequest;
use serde_json::{Value, json};

use super::{bodies, granted, registering, request, run, service};
use crate::fakes::fact;
use crate::server::{Reply, Server};

fn invalid(more: &Value) -> Reply {
    let mut body = json!({"error": "invalid_client_metadata"});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    Reply::json_with(400, &body)
}

#[tokio::test]
async fn a_name_is_made_plain_when_the_service_wants_it_plain() {
    let server = registering(|request| {
        let name = request.json()["client_name"].as_str().unwrap().to_owned();
        if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == ' ') {
            return granted();
        }
        let rule = "may only contain alphanumeric characters, hyphens, and spaces";
        invalid(&json!({"errors": {"name": [rule]}}))
    })
    .await;
    let named = RegistrationRequest { client_name: Some("Café: my Replug!"), ..request() };
    let registered = run(&service(&server), &named).await.unwrap();
    let sent: Vec<Value> = bodies(&server).iter().map(|body| body["client_name"].clone()).collect();
    assert_eq!(sent, ["Café: my Replug!", "Caf my Replug"]);
    assert_eq!(registered.notes, ["Changed the name to `Caf my Replug`."]);
    run(&service(&server), &request()).await.unwrap();
    assert_eq!(server.log().len(), 3, "the name Replug has by itself is plain already");
}

#[tokio::test]
async fn a_name_the_service_wants_otherwise_is_a_matter_for_the_person() {
    for hint in [
        json!({"errors": {"name": ["is not on the list"]}}),
        json!({"errors": [{"field": "client_name", "message": "not allowed"}]}),
        json!({"error_description": "client_name must be one of: Acme"}),
        json!({"error_description": "The client name is not allowed"}),
        json!({"error_description": "Name is not allowed"}),
        json!({"detail": [{"loc": ["body", "client_name"], "msg": "unexpected value"}]}),
    ] {
        let answer = hint.clone();
        let server = registering(move |_| invalid(&answer)).await;
        let failure = run(&service(&server), &request()).await.unwrap_err();
        assert_eq!(failure.code, Code::RegNameRefused, "{hint}");
        assert_eq!(fact(&failure, "Name"), "Replug");
        assert!(
            failure.said.as_ref().is_some_and(|said| said.starts_with("invalid_client_metadata: ")),
            "the service's words are kept: {failure:?}"
        );
        let named: Vec<bool> = bodies(&server).iter().map(|body| body["client_name"].is_string()).collect();
        assert_eq!(named, [true, false], "with it, without it, and nothing else is tried: {hint}");
    }
}

#[tokio::test]
async fn only_what_the_refusal_names_is_reduced() {
    for (hint, member, replacement) in [
        ("Requested scopes are not valid: files", "scope", Value::Null),
        ("Unrecognized field \"application_type\"", "application_type", Value::Null),
        ("unsupported token_endpoint_auth_method: none", "token_endpoint_auth_method", json!("client_secret_post")),
        ("grant type 'refresh_token' is not allowed", "grant_types", json!(["authorization_code"])),
    ] {
        let server = Server::start().await;
        let wanted = replacement.clone();
        server.on("POST", "/register", move |request| {
            if request.json()[member] == wanted { granted() } else { invalid(&json!({"error_description": hint})) }
        });
        let scoped = RegistrationRequest { scope: Some("files"), ..request() };
        let registered = run(&service(&server), &scoped).await.unwrap();
        let sent = bodies(&server);
        let mut expected = sent[0].clone();
        match &replacement {
            Value::Null => {
                expected.as_object_mut().unwrap().remove(member);
            }
            value => expected[member] = value.clone(),
        }
        assert_eq!(sent[1..], [expected], "{hint}");
        assert_eq!(registered.notes.len(), 1, "{hint}: {:?}", registered.notes);
    }
}

#[tokio::test]
async fn without_a_hint_one_member_goes_after_the_other_and_the_name_last() {
    let server = registering(|_| invalid(&json!({}))).await;
    let named = RegistrationRequest { client_name: Some("My Replug!"), scope: Some("files"), ..request() };
    let failure = run(&service(&server), &named).await.unwrap_err();
    assert_eq!(failure.code, Code::RegMetadataRefused);
    assert_eq!(failure.said.as_deref(), Some("invalid_client_metadata"));
    let tried: Vec<&str> =
        failure.facts.iter().filter(|fact| fact.label == "Tried").map(|fact| fact.value.as_str()).collect();
    assert_eq!(
        tried,
        [
            "Left out the permissions.",
            "Changed the name to `My Replug`.",
            "Left out the kind of application.",
            "Left out the wish for renewal.",
            "Left out the grant and response types.",
            "Changed the way to authenticate to client_secret_post.",
            "Changed the way to authenticate to client_secret_basic.",
            "Left out the name.",
        ]
    );
    let sent = bodies(&server);
    let minimum = json!({
        "redirect_uris": ["http://127.0.0.1:4000/callback"],
        "token_endpoint_auth_method": "client_secret_basic",
    });
    assert_eq!(sent.last(), Some(&minimum), "the last one is the bare minimum");
    let sizes: Vec<usize> = sent.iter().map(|body| body.as_object().unwrap().len()).collect();
    assert_eq!(sizes, [7, 6, 6, 5, 5, 3, 3, 3, 2], "one step a request");
}

#[tokio::test]
async fn a_name_that_no_service_has_to_have_is_left_out_when_nothing_else_helps() {
    for hint in [json!({}), json!({"errors": {"client_name": ["is reserved"]}})] {
        let answer = hint.clone();
        let server = registering(
            move |request| {
                if request.json()["client_name"].is_null() { granted() } else { invalid(&answer) }
            },
        )
        .await;
        let registered = run(&service(&server), &request()).await.unwrap();
        assert_eq!(registered.reductions.last(), Some(&Reduction::Name), "{hint}");
        assert_eq!(registered.notes.last().map(String::as_str), Some("Left out the name."), "{hint}");
    }
}

#[tokio::test]
async fn what_an_earlier_registration_went_without_is_not_sent_again() {
    let server = registering(|request| {
        let sent = request.json();
        let taken = sent["application_type"].is_null() && sent["token_endpoint_auth_method"] == "client_secret_post";
        if taken { granted() } else { invalid(&json!({})) }
    })
    .await;
    let first = run(&service(&server), &request()).await.unwrap();
    let asked = server.log().len();
    let again = RegistrationRequest { reductions: &first.reductions, ..request() };
    let second = run(&service(&server), &again).await.unwrap();
    assert_eq!(server.log().len(), asked + 1, "one request is enough");
    assert_eq!(second.reductions, first.reductions);
    assert_eq!(second.notes, [""; 0], "nothing was changed this time");
}

#[tokio::test]
async fn a_refused_callback_is_tried_in_the_forms_that_are_allowed_and_in_no_other() {
    let redirect = |host, path: &str| Redirect { host, port: 4000, path: path.to_owned() };
    let server = registering(|request| {
        if request.json()["redirect_uris"] == json!(["http://localhost:4000/cb"]) {
            granted()
        } else {
            Reply::json_with(400, &json!({"error": "invalid_redirect_uri"}))
        }
    })
    .await;
    let failure = run(&service(&server), &request()).await.unwrap_err();
    assert_eq!(failure.code, Code::RegRedirectRefused);
    assert_eq!(fact(&failure, "Callback address"), "http://127.0.0.1:4000/callback");
    assert_eq!(server.log().len(), 1);

    let others = [redirect(CallbackHost::Localhost, "/callback"), redirect(CallbackHost::Localhost, "/cb")];
    let flexible = RegistrationRequest { other_redirects: &others, ..request() };
    let registered = run(&service(&server), &flexible).await.unwrap();
    assert_eq!(registered.registration.redirect, others[1]);
    assert_eq!(
        registered.notes,
        [
            "Changed the callback address to http://localhost:4000/callback.",
            "Changed the callback address to http://localhost:4000/cb.",
        ]
    );
}

#[tokio::test]
async fn a_policy_against_permissions_is_met_by_asking_for_none() {
    let server = registering(|request| {
        if request.json()["scope"].is_null() {
            return granted();
        }
        let words = "Policy 'Allowed Client Scopes' rejected request to client-registration service.";
        Reply::json_with(403, &json!({"error": "insufficient_scope", "error_description": words}))
    })
    .await;
    let scoped = RegistrationRequest { scope: Some("openid"), ..request() };
    let registered = run(&service(&server), &scoped).await.unwrap();
    assert_eq!(registered.notes, ["Left out the permissions."]);
}
