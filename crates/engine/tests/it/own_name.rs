//! Signing in without a person: a client asks for tokens in its own name, with a secret that somebody entered, and asks again
//! when they end.

use replug_core::{Code, State};
use replug_engine::wire::{EditConnector, SecretEdit};
use replug_lab::{AuthFaults, ClientMethod, Edits, McpFaults, MetadataFaults, PreRegistered};
use serde_json::json;

use crate::scene::{Scene, TOKEN_LIFE, expect_refused, expect_signed_in};

const ID: &str = "machine";
const SECRET: &str = "machine-secret-canary";
const NOTHING_ELSE: &[&str] = &["client_credentials"];
const BOTH: &[&str] = &["authorization_code", "refresh_token", "client_credentials"];

/// A service that says it offers these grants, and a connector with a client of it; `grant` is what its settings say.
async fn scene(offered: &[&str], grant: &str) -> Scene {
    let settings = EditConnector {
        client_id: Some(ID.to_owned()),
        client_secret: SecretEdit::Set(SECRET.to_owned()),
        grant: Some(grant.to_owned()),
        ..EditConnector::default()
    };
    let edits = Edits::none().set("grant_types_supported", json!(offered));
    let metadata = MetadataFaults { edits, ..MetadataFaults::default() };
    let faults = AuthFaults { metadata, ..AuthFaults::default() };
    let scene = Scene::with_settings(faults, McpFaults::default(), settings).await;
    scene.auth.add_client(PreRegistered {
        id: ID.to_owned(),
        secret: Some(SECRET.to_owned()),
        method: ClientMethod::Basic,
        redirect_uris: vec!["http://127.0.0.1:21847/callback".to_owned()],
    });
    scene
}

#[tokio::test]
async fn a_client_signs_in_without_a_browser_where_the_settings_or_the_service_leave_nothing_else() {
    for (offered, grant) in [(NOTHING_ELSE, ""), (BOTH, "client_credentials"), (NOTHING_ELSE, "client-credentials")] {
        let scene = scene(offered, grant).await;
        expect_signed_in(&scene.sign_in().await);
        assert_eq!(scene.opened(), 0, "{offered:?} {grant}");
        let connector = scene.check().await;
        assert_eq!(connector.health.state, State::Connected, "{:?}", connector.health);
        assert_eq!(connector.sign_in.renewable, Some(true), "it asks again");
        assert!(connector.health.findings.is_empty(), "{:?}", connector.health.findings);
        assert_eq!(scene.grant().await.unwrap().refresh, None);
    }
}

#[tokio::test]
async fn a_person_signs_in_where_the_service_offers_both_or_the_settings_want_it() {
    for grant in ["", "authorization_code"] {
        let scene = scene(BOTH, grant).await.signed_in().await;
        assert_eq!(scene.opened(), 1, "{grant}");
        assert!(scene.grant().await.unwrap().refresh.is_some());
    }
}

#[tokio::test]
async fn a_token_that_ends_is_asked_for_again_after_a_restart_too() {
    let scene = scene(BOTH, "client_credentials").await.signed_in().await;
    let first = scene.grant().await.unwrap();
    let scene = scene.restarted().await;
    scene.test.clock.advance(TOKEN_LIFE);
    scene.expect_green_without_browser().await;
    let second = scene.grant().await.unwrap();
    assert_ne!(first.access, second.access);
    let request = scene.auth.requests().last("/token").unwrap();
    assert_eq!(request.value("grant_type"), Some("client_credentials"));
    assert!(request.value("resource").is_some(), "for the same server");
}

#[tokio::test]
async fn a_secret_that_the_service_refuses_is_the_persons_to_mend() {
    let scene = scene(NOTHING_ELSE, "").await.signed_in().await;
    scene.auth.forget_all_clients();
    scene.test.clock.advance(TOKEN_LIFE);
    scene.expect(State::NeedsSetup, "RPL-REG-CLIENT-REFUSED").await;
}

#[tokio::test]
async fn without_a_secret_the_settings_are_asked_for_one() {
    let settings = EditConnector { grant: Some("client_credentials".to_owned()), ..EditConnector::default() };
    let scene = Scene::with_settings(AuthFaults::default(), McpFaults::default(), settings).await;
    let done = scene.sign_in().await;
    expect_refused(&done, State::NeedsSetup, "RPL-REG-NOT-OFFERED");
    assert_eq!(scene.opened(), 0);
}

#[tokio::test]
async fn a_private_key_that_cannot_be_read_and_a_grant_nobody_knows_are_not_kept() {
    let scene = Scene::healthy().await;
    let key = "-----BEGIN EC PRIVATE KEY-----\nY2FuYXJ5\n-----END EC PRIVATE KEY-----\n";
    let key = EditConnector { client_secret: SecretEdit::Set(key.to_owned()), ..EditConnector::default() };
    let grant = EditConnector { grant: Some("password".to_owned()), ..EditConnector::default() };
    for (edit, named) in [(key, "private key"), (grant, "grant")] {
        let failure = scene.test.engine.edit(&scene.id, &edit).await.unwrap_err();
        assert_eq!(
            (failure.code, failure.sentence()),
            (Code::UseSettingInvalid, &*format!("The {named} cannot be used."))
        );
    }
    assert!(scene.test.record(&scene.id).await.is_none_or(|record| record.inputs.client_secret.is_none()));
}
