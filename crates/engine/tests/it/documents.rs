//! Client-ID metadata documents: when one is used in the place of a registration, and what happens when a service does not
//! take it.

use replug_core::{RegistrationKind, State};
use replug_engine::wire::{AppSettings, EditConnector};
use replug_lab::{AuthFaults, ClientMethod, Front, McpFaults, Offered, PreRegistered};
use serde_json::{Value, json};

use crate::scene::{Scene, TOKEN_LIFE, expect, expect_refused, expect_signed_in, free_port};

const DOCUMENT: &str = "https://app.example/client-metadata.json";

/// A service that takes documents.
fn announcing() -> AuthFaults {
    let mut faults = AuthFaults::default();
    faults.metadata.edits = faults.metadata.edits.set("client_id_metadata_document_supported", json!(true));
    faults
}

fn known_by(document: &str) -> EditConnector {
    EditConnector { client_document: Some(document.to_owned()), ..EditConnector::default() }
}

/// What the service has when it has read the document.
fn read_by(scene: &Scene, document: &str) {
    let text: Value = serde_json::from_str(&replug_oauth::client_document(document)).unwrap();
    let redirects = text["redirect_uris"].as_array().unwrap().iter().map(|uri| uri.as_str().unwrap().to_owned());
    scene.auth.add_client(PreRegistered {
        id: document.to_owned(),
        secret: None,
        method: ClientMethod::Public,
        redirect_uris: redirects.collect(),
    });
}

async fn scene(faults: AuthFaults) -> Scene {
    let settings = EditConnector { callback_port: Some(free_port()), ..known_by(DOCUMENT) };
    Scene::with_settings(faults, McpFaults::default(), settings).await
}

fn registrations(scene: &Scene) -> usize {
    scene.auth.requests().count("/register")
}

async fn kind(scene: &Scene) -> (RegistrationKind, String) {
    let registration = scene.test.record(&scene.id).await.unwrap().registration.unwrap();
    (registration.kind, registration.client_id)
}

#[tokio::test]
async fn a_document_is_used_where_the_service_takes_one_and_nothing_is_registered() {
    let scene = scene(announcing()).await;
    read_by(&scene, DOCUMENT);
    expect_signed_in(&scene.sign_in().await);
    assert_eq!(registrations(&scene), 0);
    assert_eq!(kind(&scene).await, (RegistrationKind::ClientIdDocument, DOCUMENT.to_owned()));
    let scene = scene.restarted().await;
    scene.test.clock.advance(TOKEN_LIFE);
    let view = scene.expect_green_without_browser().await;
    assert_eq!(view.sign_in.registration.unwrap().kind, RegistrationKind::ClientIdDocument);
}

#[tokio::test]
async fn a_document_is_not_used_where_nobody_says_it_is_taken_and_a_client_id_goes_before_it() {
    let unannounced = scene(AuthFaults::default()).await;
    read_by(&unannounced, DOCUMENT);
    expect_signed_in(&unannounced.sign_in().await);
    assert_eq!((registrations(&unannounced), kind(&unannounced).await.0), (1, RegistrationKind::Dynamic));

    let entered = scene(announcing()).await;
    read_by(&entered, DOCUMENT);
    read_by(&entered, "client-by-hand");
    entered.edit(EditConnector { client_id: Some("client-by-hand".to_owned()), ..EditConnector::default() }).await;
    expect_signed_in(&entered.sign_in().await);
    assert_eq!(kind(&entered).await, (RegistrationKind::PreRegistered, "client-by-hand".to_owned()));
}

#[tokio::test]
async fn the_document_of_the_app_is_for_connectors_without_one_of_their_own() {
    let port = EditConnector { callback_port: Some(free_port()), ..EditConnector::default() };
    let scene = Scene::with_settings(announcing(), McpFaults::default(), port).await;
    let app = "https://app.example/for-everybody.json";
    read_by(&scene, DOCUMENT);
    read_by(&scene, app);
    let with = |document: &str| AppSettings { client_document: Some(document.to_owned()), ..AppSettings::default() };
    let refused = scene.test.engine.set_settings(&with("http://app.example/x")).await.unwrap_err();
    assert_eq!(refused.code.as_str(), "RPL-USE-SETTING-INVALID");
    scene.test.engine.set_settings(&with(app)).await.unwrap();
    expect_signed_in(&scene.sign_in().await);
    assert_eq!(kind(&scene).await.1, app);
    scene.edit(known_by(DOCUMENT)).await;
    scene.forget().await;
    expect_signed_in(&scene.sign_in().await);
    assert_eq!(kind(&scene).await.1, DOCUMENT);
}

#[tokio::test]
async fn a_service_that_refuses_the_document_gets_a_registration_and_is_not_asked_again() {
    // Before the browser is opened, in the browser's answer, and at the exchange.
    for place in 0..3 {
        let scene = scene(announcing()).await;
        if place > 0 {
            read_by(&scene, DOCUMENT);
        }
        let refusal = Front::Json { status: 400, body: json!({"error": "invalid_client"}) };
        scene.auth.change_faults(|faults| match place {
            1 => faults.authorize.error = Some("unauthorized_client".to_owned()),
            2 => faults.token.front = Front::first(1, refusal),
            _ => {}
        });
        let done = scene.sign_in().await;
        if place == 1 {
            // The new client is refused in the same way here.
            expect_refused(&done, State::NeedsSignIn, "RPL-REG-FORGOTTEN");
            scene.auth.change_faults(|faults| faults.authorize.error = None);
            expect_signed_in(&scene.sign_in().await);
        } else {
            expect_signed_in(&done);
            assert_eq!(registrations(&scene), 1, "{place}");
        }
        assert_eq!(kind(&scene).await.0, RegistrationKind::Dynamic, "{place}");
        let opened = scene.opened();
        scene.test.engine.sign_out(&scene.id).await.unwrap();
        expect_signed_in(&scene.sign_in().await);
        assert_eq!(scene.opened(), opened + 1, "{place}: the document is out of the question");

        scene.edit(known_by("https://app.example/another.json")).await;
        read_by(&scene, "https://app.example/another.json");
        scene.test.engine.sign_out(&scene.id).await.unwrap();
        expect_signed_in(&scene.sign_in().await);
        assert_eq!(kind(&scene).await.0, RegistrationKind::ClientIdDocument, "{place}: another one is tried");
    }
}

#[tokio::test]
async fn a_refused_document_without_another_way_in_is_named() {
    let mut faults = announcing();
    faults.metadata.registration = Offered::No;
    let scene = scene(faults).await;
    let cause = expect_refused(&scene.sign_in().await, State::NeedsSetup, "RPL-REG-DOCUMENT-REFUSED");
    assert_eq!(crate::scene::fact(&cause, "Client document"), DOCUMENT);
    assert_eq!(scene.opened(), 0, "it was asked before the browser was opened");
    expect(&scene.check().await, State::NeedsSetup, "RPL-REG-DOCUMENT-REFUSED");
    read_by(&scene, DOCUMENT);
    expect_signed_in(&scene.sign_in().await);
}
