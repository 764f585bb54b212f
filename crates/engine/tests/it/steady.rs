//! What must not run away: a token that is refused for ever, a check that was abandoned, a secret that another service asks
//! for.

use replug_core::State;
use replug_engine::SignInOptions;
use replug_engine::wire::{EditConnector, Event, SecretEdit};
use replug_lab::{AuthFaults, AuthServer, ClientMethod, Front, Guard, McpFaults, PreRegistered};

use crate::scene::{Scene, expect, expect_signed_in, fact, free_port};

#[tokio::test]
async fn a_list_that_refuses_every_token_costs_one_renewal_and_then_a_person_is_asked() {
    let scene = Scene::healthy().await.signed_in().await;
    let before = scene.auth.state().refreshes;
    scene.server.change_faults(|faults| faults.guard = Guard::RefusesLists);
    scene.expect(State::NeedsSignIn, "RPL-TOKEN-REFUSED-BY-SERVER").await;
    assert_eq!(scene.auth.state().refreshes, before + 1, "one renewal, never a loop");
    assert!(scene.grant().await.is_some(), "nothing stored was thrown away");
}

#[tokio::test]
async fn a_sign_in_that_is_cancelled_during_its_check_does_not_stop_later_checks() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.server.change_faults(|faults| faults.front = Front::Silent);
    let mut events = scene.test.engine.subscribe();
    let run = scene.test.engine.sign_in(&scene.id, SignInOptions::default()).await.unwrap();
    while !matches!(events.next().await, Some(Event::CheckStarted { .. })) {}
    scene.test.engine.cancel_sign_in(&scene.id);
    assert_eq!(run.ended().await.error.unwrap().code.as_str(), "RPL-LOCAL-CANCELLED");
    scene.test.engine.cancel_check(&scene.id);
    scene.server.change_faults(|faults| faults.front = Front::Open);
    assert_eq!(scene.check().await.health.state, State::Connected, "the next check is made");
}

#[tokio::test]
async fn a_clients_secret_is_not_shown_to_another_service_until_a_person_says_so() {
    let port = free_port();
    let client = PreRegistered {
        id: "client-by-hand".to_owned(),
        secret: Some("canary-secret".to_owned()),
        method: ClientMethod::Basic,
        redirect_uris: vec![format!("http://127.0.0.1:{port}/callback")],
    };
    let settings = EditConnector {
        client_id: Some(client.id.clone()),
        client_secret: SecretEdit::Set("canary-secret".to_owned()),
        callback_port: Some(port),
        ..EditConnector::default()
    };
    let scene = Scene::with_settings(AuthFaults::default(), McpFaults::default(), settings).await;
    scene.auth.add_client(client.clone());
    let scene = scene.signed_in().await;
    scene.test.engine.sign_out(&scene.id).await.unwrap();

    let other = AuthServer::start_with_clock(AuthFaults::default(), scene.test.clock.clone()).unwrap();
    other.add_client(client);
    scene.server.move_to(&other);
    let done = scene.sign_in().await;
    assert_eq!(done.error.unwrap().code.as_str(), "RPL-AUTH-ISSUER-CHANGED");
    let cause = expect(&done.connector.unwrap(), State::NeedsSignIn, "RPL-AUTH-ISSUER-CHANGED");
    assert_eq!(fact(&cause, "Used until now"), scene.auth.issuer());
    assert_eq!(fact(&cause, "Named now"), other.issuer());
    assert_eq!(other.requests().count("/token"), 0, "the other service was asked for nothing");

    scene.edit(EditConnector { issuer: Some(other.issuer()), ..EditConnector::default() }).await;
    expect_signed_in(&scene.sign_in().await);
}
