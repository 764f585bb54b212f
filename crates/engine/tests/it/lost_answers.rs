//! Renewals whose answer is lost, with the process or without, and services that ask to be left alone: how often a refresh
//! token is presented, and what that costs.

use std::time::Duration;

use replug_core::State;
use replug_lab::{AuthFaults, Front, McpFaults, RequestLog, Rotation, TokenFaults};

use crate::killed::Mortal;
use crate::scene::{Scene, TOKEN_LIFE, expect_signed_in, fact};

const HOUR: Duration = Duration::from_hours(1);

fn rotating(grace: Duration) -> AuthFaults {
    let token = TokenFaults { rotation: Rotation::Each { grace }, ..TokenFaults::default() };
    AuthFaults { token, ..AuthFaults::default() }
}

/// How often the token endpoint was asked since the sign-in.
fn presented(scene: &Scene) -> usize {
    scene.auth.requests().count("/token") - 1
}

fn put(scene: &Scene, front: Front) {
    scene.auth.change_faults(|faults| faults.token.front = front);
}

/// A signed-in scene whose process was killed while it waited for the answer to a renewal.
fn killed_in_a_renewal(auth: AuthFaults, front: Front) -> Scene {
    let mortal = Mortal::born();
    let scene = mortal.does(async { Scene::set(auth, McpFaults::default()).await.signed_in().await });
    put(&scene, front);
    scene.test.clock.advance(TOKEN_LIFE);
    let (engine, id) = (scene.test.engine.clone(), scene.id.clone());
    let log: RequestLog = scene.auth.requests().clone();
    let asked = async move {
        log.until(|all| all.iter().filter(|request| request.path == "/token").count() == 2).await;
    };
    mortal.dies(async move { engine.check_and_wait(Some(vec![id])).await }, asked);
    scene
}

fn in_new_process<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

#[tokio::test]
async fn a_token_whose_answers_are_all_lost_is_presented_once_more_and_then_once_an_hour() {
    let scene = Scene::set(rotating(HOUR * 9), McpFaults::default()).await.signed_in().await;
    put(&scene, Front::AnswerLost);
    scene.test.clock.advance(TOKEN_LIFE);
    scene.expect(State::Failed, "RPL-NET-INTERRUPTED").await;
    assert_eq!(presented(&scene), 4, "at once, and after 0.5, 2 and 6 seconds");
    scene.expect(State::Failed, "RPL-NET-INTERRUPTED").await;
    assert_eq!(presented(&scene), 5, "once more at the next need");
    scene.expect(State::Failed, "RPL-TOKEN-UNSURE").await;
    let scene = scene.restarted().await;
    scene.expect(State::Failed, "RPL-TOKEN-UNSURE").await;
    assert_eq!(presented(&scene), 5, "and then it is left alone, by every process");
    scene.test.clock.advance(HOUR);
    scene.expect(State::Failed, "RPL-NET-INTERRUPTED").await;
    scene.expect(State::Failed, "RPL-TOKEN-UNSURE").await;
    assert_eq!(presented(&scene), 6, "once an hour");
    put(&scene, Front::Open);
    scene.test.clock.advance(HOUR);
    scene.expect_green_without_browser().await;
    assert_eq!(presented(&scene), 7);
}

#[test]
fn a_token_that_a_killed_process_was_about_to_spend_is_presented_once_more_at_most() {
    let scene = killed_in_a_renewal(rotating(HOUR * 9), Front::AnswerHeld);
    in_new_process(async {
        let scene = scene.restarted().await;
        put(&scene, Front::AnswerLost);
        scene.expect(State::Failed, "RPL-NET-INTERRUPTED").await;
        scene.expect(State::Failed, "RPL-TOKEN-UNSURE").await;
        assert_eq!(presented(&scene), 2);
        let cause = scene.expect(State::Failed, "RPL-TOKEN-UNSURE").await;
        assert!(!fact(&cause, "Not asked again before").is_empty());
        put(&scene, Front::Open);
        expect_signed_in(&scene.sign_in().await);
        assert_eq!(presented(&scene), 3, "a person can always sign in: that is an exchange");
    });
}

#[tokio::test]
async fn a_token_whose_renewal_was_begun_too_long_ago_is_not_presented_again_at_once() {
    let scene = Scene::set(rotating(HOUR * 9), McpFaults::default()).await.signed_in().await;
    put(&scene, Front::AnswerHeld);
    scene.test.clock.advance(TOKEN_LIFE);
    let meanwhile = async {
        let asked = |all: &[replug_lab::Logged]| all.iter().filter(|request| request.path == "/token").count() == 2;
        scene.auth.requests().until(asked).await;
        scene.test.clock.advance(Duration::from_secs(21));
        scene.auth.unplug();
    };
    tokio::join!(scene.expect(State::Failed, "RPL-NET-INTERRUPTED"), meanwhile);
    assert_eq!(presented(&scene), 1, "the computer may have slept in between");
    scene.auth.plug_in().unwrap();
    put(&scene, Front::Open);
    scene.expect_green_without_browser().await;
    assert_eq!(presented(&scene), 2, "once at the next need");
}

#[tokio::test]
async fn an_answer_that_something_in_between_swallowed_is_asked_for_again() {
    for status in [502, 504, 200] {
        let grace = Duration::from_secs(10);
        let scene = Scene::set(rotating(grace), McpFaults::default()).await.signed_in().await;
        put(&scene, Front::first(1, Front::AnswerReplaced { status }));
        scene.test.clock.advance(TOKEN_LIFE);
        scene.expect_green_without_browser().await;
        assert_eq!((presented(&scene), scene.auth.state().reuse_detections), (2, 0), "{status}");
    }
}

#[test]
fn a_renewal_that_was_cut_off_before_the_service_did_its_work_costs_nothing() {
    let scene = killed_in_a_renewal(AuthFaults::default(), Front::Silent);
    in_new_process(async {
        let scene = scene.restarted().await;
        put(&scene, Front::Open);
        scene.expect_green_without_browser().await;
        assert_eq!((presented(&scene), scene.auth.state().refreshes), (2, 1));
        scene.test.clock.advance(TOKEN_LIFE);
        scene.expect_green_without_browser().await;
    });
}

#[test]
fn a_token_that_was_lost_with_its_process_needs_a_sign_in_and_says_when() {
    let scene = killed_in_a_renewal(AuthFaults::default(), Front::AnswerHeld);
    in_new_process(async {
        let scene = scene.restarted().await;
        put(&scene, Front::Open);
        let cause = scene.expect(State::NeedsSignIn, "RPL-TOKEN-DEAD").await;
        assert!(!fact(&cause, "An answer was lost").is_empty());
        assert_eq!(presented(&scene), 2);
        expect_signed_in(&scene.sign_in().await);
    });
}

#[test]
fn a_service_that_cannot_be_reached_or_is_down_leaves_the_last_try_for_later() {
    let scene = killed_in_a_renewal(rotating(HOUR * 9), Front::AnswerHeld);
    in_new_process(async {
        let scene = scene.restarted().await;
        scene.auth.unplug();
        for _ in 0..3 {
            scene.expect(State::Failed, "RPL-NET-UNREACHABLE").await;
        }
        scene.auth.plug_in().unwrap();
        put(&scene, Front::Plain { status: 503, body: String::new() });
        for _ in 0..3 {
            scene.expect(State::Failed, "RPL-TOKEN-SERVICE-DOWN").await;
        }
        put(&scene, Front::Open);
        scene.expect_green_without_browser().await;
    });
}

#[tokio::test]
async fn a_service_that_asks_to_be_left_alone_is_left_alone_by_every_process() {
    let scene = Scene::healthy().await.signed_in().await;
    put(&scene, Front::RateLimited { retry_after_s: 30 });
    scene.test.clock.advance(TOKEN_LIFE);
    scene.expect(State::Failed, "RPL-HTTP-RATE-LIMITED").await;
    put(&scene, Front::Open);
    let scene = scene.restarted().await;
    for _ in 0..2 {
        let cause = scene.expect(State::Failed, "RPL-HTTP-RATE-LIMITED").await;
        assert!(!fact(&cause, "Not asked again before").is_empty());
    }
    assert_eq!(presented(&scene), 1);
    scene.test.clock.advance(Duration::from_secs(31));
    scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn a_service_cannot_ask_to_be_left_alone_for_longer_than_an_hour_nor_by_a_clock_that_was_wrong() {
    let scene = Scene::healthy().await.signed_in().await;
    put(&scene, Front::RateLimited { retry_after_s: 86_400 });
    scene.test.clock.advance(TOKEN_LIFE);
    scene.expect(State::Failed, "RPL-HTTP-RATE-LIMITED").await;
    scene.test.clock.advance(Duration::from_mins(61));
    scene.expect(State::Failed, "RPL-HTTP-RATE-LIMITED").await;
    assert_eq!(presented(&scene), 2, "after an hour");
    put(&scene, Front::Open);
    let now = replug_core::Clock::now(scene.test.clock.as_ref());
    scene.test.clock.set(now - jiff::SignedDuration::from_hours(24));
    scene.expect_green_without_browser().await;
    assert_eq!(presented(&scene), 3, "the pause of the wrong clock is over");
}

#[tokio::test]
async fn a_dead_token_is_presented_twice_and_never_again() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.auth.revoke_everything();
    scene.test.clock.advance(TOKEN_LIFE);
    for _ in 0..4 {
        scene.expect(State::NeedsSignIn, "RPL-TOKEN-DEAD").await;
        scene.test.clock.advance(HOUR);
    }
    assert_eq!(presented(&scene), 2);
    expect_signed_in(&scene.sign_in().await);
    scene.test.clock.advance(TOKEN_LIFE);
    scene.expect_green_without_browser().await;
}
