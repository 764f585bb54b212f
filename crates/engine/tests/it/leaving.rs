//! Signing out, forgetting and removing: what is taken back at the service, what is kept, what is gone.

use replug_core::State;
use replug_engine::wire::{ServiceAnswer, SignInStateName};
use replug_lab::{Front, Offered};

use crate::scene::{Scene, expect, expect_signed_in};

#[tokio::test]
async fn signing_out_revokes_at_the_service_and_keeps_the_registration() {
    let scene = Scene::healthy().await.signed_in().await;
    let client = scene.grant().await.unwrap().client_id;
    let outcome = scene.test.engine.sign_out(&scene.id).await.unwrap();
    assert_eq!((outcome.revoked, outcome.registration_deleted), (ServiceAnswer::Yes, ServiceAnswer::NotOffered));
    let state = scene.auth.state();
    assert_eq!((state.live_refresh_tokens, state.live_access_tokens, state.live_clients), (0, 0, 1));
    let view = outcome.connector.unwrap();
    expect(&view, State::NeedsSignIn, "RPL-AUTH-NEVER");
    assert_eq!(view.sign_in.state, SignInStateName::SignedOut);
    let record = scene.test.record(&scene.id).await.unwrap();
    assert!(record.tokens.is_none());
    assert_eq!(record.registration.map(|registration| registration.client_id), client);
    expect_signed_in(&scene.sign_in().await);
    assert_eq!(scene.auth.state().registrations, 1, "and it is used again");
}

#[tokio::test]
async fn forgetting_deletes_the_registration_at_the_service_too() {
    let scene = Scene::healthy().await.signed_in().await;
    let outcome = scene.forget().await;
    assert_eq!((outcome.revoked, outcome.registration_deleted), (ServiceAnswer::Yes, ServiceAnswer::Yes));
    let state = scene.auth.state();
    assert_eq!((state.live_refresh_tokens, state.live_clients, state.deletions), (0, 0, 1));
    assert!(scene.test.record(&scene.id).await.is_none());
    expect_signed_in(&scene.sign_in().await);
}

#[tokio::test]
async fn what_the_service_does_not_offer_or_answer_is_told_and_the_local_part_is_done() {
    let scene = Scene::healthy().await;
    scene.auth.change_faults(|faults| {
        faults.metadata.revocation = Offered::No;
        faults.registration.management = Offered::No;
    });
    let scene = scene.signed_in().await;
    let outcome = scene.forget().await;
    assert_eq!((outcome.revoked, outcome.registration_deleted), (ServiceAnswer::NotOffered, ServiceAnswer::NotOffered));
    assert!(scene.test.record(&scene.id).await.is_none());

    scene.auth.set_faults(replug_lab::AuthFaults::default());
    let scene = scene.signed_in().await;
    scene.auth.change_faults(|faults| faults.revocation.front = Front::Firewall { status: 403 });
    let outcome = scene.test.engine.sign_out(&scene.id).await.unwrap();
    assert_eq!(outcome.revoked, ServiceAnswer::Unreachable);
    scene.auth.unplug();
    let outcome = scene.forget().await;
    assert_eq!(outcome.registration_deleted, ServiceAnswer::Unreachable);
    assert!(scene.test.record(&scene.id).await.is_none());
}

#[tokio::test]
async fn removing_takes_everything_along_and_leaves_other_connectors_alone() {
    let scene = Scene::healthy().await.signed_in().await;
    let twin = scene.test.add(&scene.server.address()).await;
    assert_eq!(scene.test.sign_in(&twin).await.error, None, "a second account at the same server");
    let outcome = scene.test.engine.remove(&scene.id).await.unwrap();
    assert_eq!((outcome.connector, outcome.revoked), (None, ServiceAnswer::Yes));
    let gone = scene.test.engine.get(&scene.id).await.unwrap_err();
    assert_eq!(gone.code.as_str(), "RPL-USE-NO-SUCH-CONNECTOR");
    assert!(scene.test.record(&scene.id).await.is_none());
    let state = scene.auth.state();
    assert_eq!((state.live_clients, state.live_refresh_tokens), (1, 1), "the twin's own");
    assert_eq!(scene.test.check(&twin).await.health.state, State::Connected);
}
