//! Registrations that the service has forgotten, wherever that shows, and what failed attempts leave behind: nothing.

use std::time::Duration;

use replug_core::{ActionId, State};
use replug_engine::SignInOptions;
use replug_engine::wire::{Event, SignInStateName, SignInStep};
use replug_lab::{AuthFaults, AuthServer, Conduct, Front, McpFaults, McpServer, Offered, RedirectMatch, UnknownClient};
use serde_json::json;

use crate::bench::TestEngine;
use crate::scene::{Scene, TOKEN_LIFE, actions, expect_refused, expect_signed_in, fact};

const MORE_THAN_A_DAY: Duration = Duration::from_hours(25);

/// A connector that was signed in, then out, and whose registration the service has forgotten since.
async fn forgotten_while_signed_out(unknown_client: UnknownClient) -> Scene {
    let scene = Scene::healthy().await.signed_in().await;
    scene.test.engine.sign_out(&scene.id).await.unwrap();
    let kept = scene.test.record(&scene.id).await.unwrap();
    assert!(kept.registration.is_some() && kept.tokens.is_none(), "signing out keeps the registration");
    scene.auth.change_faults(|faults| faults.authorize.unknown_client = unknown_client);
    scene.auth.forget_all_clients();
    scene
}

/// The client IDs of all addresses the browser was sent to.
fn clients_opened(scene: &Scene) -> Vec<String> {
    let client_of = |address: &String| {
        let url = url::Url::parse(address).unwrap();
        let found = url.query_pairs().find(|(name, _)| name == "client_id").map(|(_, value)| value.into_owned());
        found.unwrap()
    };
    scene.test.person.opened().iter().map(client_of).collect()
}

#[tokio::test]
async fn a_client_that_was_forgotten_over_night_is_replaced_before_a_person_sees_an_error() {
    for unknown in [UnknownClient::Page400, UnknownClient::Page401, UnknownClient::Json400, UnknownClient::Json422] {
        let scene = forgotten_while_signed_out(unknown).await;
        scene.test.clock.advance(MORE_THAN_A_DAY);
        let done = scene.sign_in().await;
        expect_signed_in(&done);
        assert!(done.note.unwrap().contains("forgot this app"), "it says what was done");
        let opened = clients_opened(&scene);
        assert_eq!(opened.len(), 2, "{unknown:?}: once long ago, once with the new client");
        assert_eq!(opened.last(), scene.auth.client_ids().last());
        assert_eq!(scene.auth.state().registrations, 2, "{unknown:?}: replaced once");
    }
}

#[tokio::test]
async fn a_page_that_only_a_person_understands_leaves_one_action_that_works() {
    let scene = forgotten_while_signed_out(UnknownClient::Page200).await;
    let cause = expect_refused(&scene.sign_in_briefly().await, State::NeedsSignIn, "RPL-AUTH-TIMEOUT");
    assert!(actions(&cause).contains(&ActionId::ForgetAndRetry), "{cause:?}");
    expect_signed_in(&scene.forget_and_retry().await);
    assert_eq!(scene.auth.state().registrations, 2);
}

#[tokio::test]
async fn an_attempt_that_nobody_came_back_from_asks_the_service_why() {
    let scene = forgotten_while_signed_out(UnknownClient::Page400).await;
    let cause = expect_refused(&scene.sign_in_briefly().await, State::NeedsSignIn, "RPL-REG-FORGOTTEN");
    assert_eq!(actions(&cause), [ActionId::ForgetAndRetry, ActionId::SignIn]);
    let state = scene.auth.state();
    assert_eq!((scene.opened(), state.registrations), (2, 1), "it worked a moment ago, so nobody was asked before");
    expect_signed_in(&scene.sign_in().await);
    assert_eq!((scene.opened(), scene.auth.state().registrations), (3, 2), "the same button works the second time");
}

#[tokio::test]
async fn a_client_whose_callback_address_is_refused_over_night_is_replaced_once() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.test.engine.sign_out(&scene.id).await.unwrap();
    scene.test.clock.advance(MORE_THAN_A_DAY);
    scene.auth.change_faults(|faults| faults.authorize.redirects = RedirectMatch::Nothing);
    let cause = expect_refused(&scene.sign_in_briefly().await, State::NeedsSetup, "RPL-REG-REDIRECT-REFUSED");
    assert!(fact(&cause, "Callback address").starts_with("http://127.0.0.1:"), "{cause:?}");
    let state = scene.auth.state();
    assert_eq!((scene.opened(), state.registrations), (2, 2), "the new client was tried in the browser");
    assert_eq!(state.live_clients, 1, "and is gone again");
    scene.auth.change_faults(|faults| faults.authorize.redirects = RedirectMatch::Exact);
    expect_signed_in(&scene.sign_in().await);
}

#[tokio::test]
async fn a_client_that_is_refused_at_the_exchange_is_replaced_once() {
    for status in [400, 401] {
        let scene = Scene::healthy().await.signed_in().await;
        scene.test.engine.sign_out(&scene.id).await.unwrap();
        let refusal = Front::Json { status, body: json!({"error": "invalid_client"}) };
        scene.auth.change_faults(|faults| faults.token.front = Front::first(1, refusal));
        expect_signed_in(&scene.sign_in().await);
        let opened = clients_opened(&scene);
        assert_eq!(opened.len(), 3, "{status}: the old client, and a second page for the new one");
        assert_ne!(opened[1], opened[2]);
        assert_eq!(scene.auth.state().registrations, 2);
        assert_eq!(scene.auth.client_ids(), opened[2..], "the old one was deleted at the service");
    }
}

#[tokio::test]
async fn a_service_that_refuses_the_new_client_too_is_not_asked_a_third_time() {
    let scene = Scene::healthy().await.signed_in().await;
    let kept = scene.grant().await.unwrap().client_id;
    scene.test.engine.sign_out(&scene.id).await.unwrap();
    let refusal = Front::Json { status: 401, body: json!({"error": "invalid_client"}) };
    scene.auth.change_faults(|faults| faults.token.front = refusal);
    let cause = expect_refused(&scene.sign_in().await, State::NeedsSignIn, "RPL-REG-FORGOTTEN");
    assert_eq!(actions(&cause), [ActionId::ForgetAndRetry, ActionId::SignIn]);
    assert_eq!((scene.opened(), scene.auth.state().registrations), (3, 2));
    let record = scene.test.record(&scene.id).await.unwrap();
    assert!(record.unproven.is_none(), "the new client did not work and is gone");
    let registration = record.registration.map(|registration| registration.client_id);
    assert_eq!(registration, kept, "the old one worked once and is kept until another does");
    scene.auth.change_faults(|faults| faults.token.front = Front::Open);
    expect_signed_in(&scene.forget_and_retry().await);
}

#[tokio::test]
async fn a_client_that_is_named_in_the_browsers_answer_is_replaced_once_too() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.test.engine.sign_out(&scene.id).await.unwrap();
    scene.auth.change_faults(|faults| faults.authorize.error = Some("unauthorized_client".to_owned()));
    expect_refused(&scene.sign_in().await, State::NeedsSignIn, "RPL-REG-FORGOTTEN");
    assert_eq!((scene.opened(), scene.auth.state().registrations), (3, 2));
    scene.auth.change_faults(|faults| faults.authorize.error = None);
    expect_signed_in(&scene.sign_in().await);
}

#[tokio::test]
async fn a_client_that_is_forgotten_at_the_renewal_is_named_and_one_sign_in_replaces_it() {
    for (invalid_client_is_400, retry) in [(false, false), (true, false), (false, true)] {
        let scene = Scene::healthy().await.signed_in().await;
        scene.auth.change_faults(|faults| {
            faults.token.invalid_client_is_400 = invalid_client_is_400;
            faults.authorize.unknown_client = UnknownClient::Page200;
        });
        let before = scene.grant().await;
        scene.auth.forget_all_clients();
        scene.test.clock.advance(TOKEN_LIFE);
        let cause = scene.expect(State::NeedsSignIn, "RPL-REG-FORGOTTEN").await;
        assert_eq!(actions(&cause), [ActionId::ForgetAndRetry, ActionId::SignIn]);
        assert_eq!(scene.grant().await, before, "a person decides what is dropped");
        let view = scene.test.engine.get(&scene.id).await.unwrap();
        assert_eq!(view.sign_in.state, SignInStateName::SignInNeeded);

        let done = if retry { scene.forget_and_retry().await } else { scene.sign_in().await };
        expect_signed_in(&done);
        assert_eq!((scene.opened(), scene.auth.state().registrations), (2, 2), "no page for the old client");
    }
}

#[tokio::test]
async fn what_a_failed_attempt_registered_is_deleted_here_and_at_the_service() {
    for (conduct, code) in [(Conduct::Deny, "RPL-AUTH-DENIED"), (Conduct::CloseTab, "RPL-AUTH-TIMEOUT")] {
        let scene = Scene::healthy().await;
        scene.test.person.set_conduct(conduct);
        let done = scene.sign_in_briefly().await;
        expect_refused(&done, State::NeedsSignIn, code);
        let state = scene.auth.state();
        assert_eq!((state.registrations, state.deletions, state.live_clients), (1, 1, 0), "{conduct:?}");
        assert!(scene.test.record(&scene.id).await.is_none(), "nothing is left in the keychain");
        scene.test.person.set_conduct(Conduct::Allow);
        expect_signed_in(&scene.sign_in().await);
    }
}

#[tokio::test]
async fn a_service_without_deletion_does_not_keep_an_attempt_from_being_cleaned_up() {
    let mut faults = AuthFaults::default();
    faults.registration.management = Offered::No;
    let scene = Scene::set(faults, McpFaults::default()).await;
    scene.test.person.set_conduct(Conduct::Deny);
    expect_refused(&scene.sign_in().await, State::NeedsSignIn, "RPL-AUTH-DENIED");
    assert!(scene.test.record(&scene.id).await.is_none());
}

#[test]
fn what_a_killed_attempt_registered_is_deleted_by_the_next_one() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let first = runtime();
    let (auth, server, test, id) = first.block_on(async {
        let scene = Scene::healthy().await;
        scene.test.person.set_conduct(Conduct::CloseTab);
        let mut events = scene.test.engine.subscribe();
        let options = SignInOptions::default();
        scene.test.engine.sign_in(&scene.id, options).await.unwrap();
        while let Some(event) = events.next().await {
            if matches!(event, Event::SignIn { progress } if progress.step == SignInStep::Waiting) {
                break;
            }
        }
        let Scene { auth, server, test, id } = scene;
        (auth, server, test, id)
    });
    assert_eq!(auth.state().live_clients, 1);
    // As when the process is killed: every task stops where it is, and all of them have before anything else happens.
    first.shutdown_timeout(Duration::from_secs(20));
    let second = runtime();
    second.block_on(pick_up(auth, server, test, id));
}

async fn pick_up(auth: AuthServer, server: McpServer, test: TestEngine, id: replug_core::ConnectorId) {
    let test = test.restart().await;
    let left = test.record(&id).await.unwrap();
    assert!(left.unproven.is_some(), "it was written down before it was used");
    let scene = Scene { auth, server, test, id };
    expect_signed_in(&scene.sign_in().await);
    let state = scene.auth.state();
    assert_eq!((state.registrations, state.deletions, state.live_clients), (2, 1, 1));
}
