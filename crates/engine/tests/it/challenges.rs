//! The many ways to say no: each 401 that a sign-in mends is "needs sign-in", and nothing else is.

use replug_core::{ActionId, State};
use replug_engine::wire::{EditConnector, SecretEdit, SignInStateName};
use replug_lab::{AuthFaults, BadToken, Challenge, Guard, McpFaults};

use crate::scene::{Scene, actions, expect_refused, expect_signed_in, fact};

fn challenging(challenge: Challenge) -> McpFaults {
    McpFaults { challenge, ..McpFaults::default() }
}

#[tokio::test]
async fn every_401_that_a_sign_in_mends_needs_one_and_the_sign_in_works() {
    for challenge in [Challenge::Metadata, Challenge::Bearer, Challenge::Missing] {
        let scene = Scene::set(AuthFaults::default(), challenging(challenge)).await;
        let cause = scene.expect(State::NeedsSignIn, "RPL-AUTH-NEVER").await;
        assert_eq!(actions(&cause), [ActionId::SignIn], "{challenge:?}");
        expect_signed_in(&scene.sign_in().await);
        let scene = scene.restarted().await;
        scene.expect_green_without_browser().await;
    }
}

#[tokio::test]
async fn a_401_that_wants_a_password_asks_for_a_key_and_opens_no_browser() {
    let scene = Scene::set(AuthFaults::default(), challenging(Challenge::Basic)).await;
    let cause = scene.expect(State::NeedsSetup, "RPL-HTTP-KEY-NEEDED").await;
    assert_eq!((fact(&cause, "It asks for"), actions(&cause)[0]), ("Basic", ActionId::EditSettings));
    let done = scene.sign_in().await;
    expect_refused(&done, State::NeedsSetup, "RPL-HTTP-KEY-NEEDED");
    assert_eq!((scene.opened(), scene.auth.requests().all().len()), (0, 0), "no sign-in was begun");
}

#[tokio::test]
async fn a_fixed_key_is_used_and_a_refused_one_is_not_a_missing_sign_in() {
    let guard = Guard::Key { header: "x-api-key".to_owned(), value: "right".to_owned() };
    let scene = Scene::set(AuthFaults::default(), McpFaults { guard, ..challenging(Challenge::Missing) }).await;
    let key = |value: &str| EditConnector {
        headers: Some(vec![("X-Api-Key".to_owned(), SecretEdit::Set(value.to_owned()))]),
        ..EditConnector::default()
    };
    scene.edit(key("wrong")).await;
    let cause = scene.expect(State::NeedsSetup, "RPL-HTTP-KEY-REFUSED").await;
    assert_eq!(actions(&cause), [ActionId::EditSettings]);
    scene.edit(key("right")).await;
    let checked = scene.expect_green_without_browser().await;
    assert_eq!(checked.sign_in.state, SignInStateName::NotRequired);
}

#[tokio::test]
async fn a_bare_403_is_never_a_missing_sign_in_and_costs_no_sign_in() {
    let scene = Scene::set(AuthFaults::default(), challenging(Challenge::Forbidden)).await;
    scene.expect(State::Failed, "RPL-HTTP-FORBIDDEN").await;
    expect_refused(&scene.sign_in().await, State::Failed, "RPL-HTTP-FORBIDDEN");
    assert_eq!(scene.opened(), 0, "no browser for a 403");

    scene.server.change_faults(|faults| faults.challenge = Challenge::Metadata);
    let scene = scene.signed_in().await;
    let before = scene.grant().await;
    scene.server.change_faults(|faults| {
        faults.challenge = Challenge::Forbidden;
        faults.guard = Guard::Refuses;
    });
    let asked = scene.auth.requests().all().len();
    scene.expect(State::Failed, "RPL-HTTP-FORBIDDEN").await;
    assert_eq!(scene.grant().await, before, "the sign-in is kept");
    assert_eq!(scene.auth.requests().all().len(), asked, "and no token was spent");
    scene.server.change_faults(|faults| faults.guard = Guard::Everything);
    scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn a_server_that_breaks_over_a_bad_token_is_failed_and_costs_no_sign_in() {
    let scene = Scene::healthy().await.signed_in().await;
    let before = scene.grant().await;
    scene.server.change_faults(|faults| {
        faults.bad_token = BadToken::ServerError;
        faults.guard = Guard::Refuses;
    });
    scene.expect(State::Failed, "RPL-HTTP-SERVER-ERROR").await;
    assert_eq!(scene.grant().await, before);
    scene.server.change_faults(|faults| faults.guard = Guard::Everything);
    scene.expect_green_without_browser().await;
}
