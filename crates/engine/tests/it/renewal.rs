//! Renewing a sign-in without a person: after a restart, beside another process, against a service that is down, and when it
//! is over for good.

use std::time::Duration;

use replug_core::{ActionId, State};
use replug_engine::wire::SignInStateName;
use replug_lab::{AuthFaults, ExpiresIn, Front, McpFaults, RefreshTokens, Refuse, Rotation, TokenFaults};
use serde_json::json;

use crate::scene::{Scene, TOKEN_LIFE, actions, expect_signed_in};

fn with_token(token: TokenFaults) -> AuthFaults {
    AuthFaults { token, ..AuthFaults::default() }
}

#[tokio::test]
async fn a_restart_brings_sign_in_registration_and_verdict_back() {
    let scene = Scene::healthy().await.signed_in().await;
    let before = scene.test.engine.get(&scene.id).await.unwrap();
    let grant = scene.grant().await;
    let scene = scene.restarted().await;
    assert_eq!(scene.test.engine.get(&scene.id).await.unwrap(), before, "without asking anybody");
    assert_eq!(scene.grant().await, grant);
    let asked = scene.auth.requests().all().len();
    scene.expect_green_without_browser().await;
    assert_eq!(scene.auth.requests().all().len(), asked, "a token that lasts is not renewed");
}

#[tokio::test]
async fn a_token_that_ended_is_renewed_without_a_browser() {
    for rotation in [Rotation::Each { grace: Duration::ZERO }, Rotation::Off] {
        let token = TokenFaults { rotation, ..TokenFaults::default() };
        let scene = Scene::set(with_token(token), McpFaults::default()).await.signed_in().await;
        for renewals in 1..=3 {
            let scene_clock = &scene.test.clock;
            scene_clock.advance(TOKEN_LIFE);
            scene.expect_green_without_browser().await;
            assert_eq!(scene.auth.state().refreshes, renewals, "{rotation:?}");
        }
        let scene = scene.restarted().await;
        scene.test.clock.advance(TOKEN_LIFE);
        let checked = scene.expect_green_without_browser().await;
        assert_eq!(checked.sign_in.renewable, Some(true));
        assert_eq!(scene.auth.state().reuse_detections, 0);
    }
}

#[tokio::test]
async fn signing_in_opens_no_browser_where_a_renewal_does_it() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.test.clock.advance(TOKEN_LIFE);
    expect_signed_in(&scene.sign_in().await);
    assert_eq!((scene.opened(), scene.auth.state().refreshes), (1, 1));
}

#[tokio::test]
async fn a_token_that_the_service_ended_early_is_renewed_by_the_refusal() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.auth.expire_access_tokens();
    scene.expect_green_without_browser().await;
    assert_eq!(scene.auth.state().refreshes, 1);
}

#[tokio::test]
async fn a_refresh_token_that_is_dead_needs_a_sign_in_and_is_no_failure() {
    for status in [400, 401] {
        let scene = Scene::healthy().await.signed_in().await;
        let client = scene.grant().await.unwrap().client_id;
        let error = "invalid_grant".to_owned();
        let refuse = Refuse { grant: Some(replug_lab::Grant::Refresh), status, error, description: None };
        scene.auth.change_faults(|faults| faults.token.refuse = Some(refuse));
        scene.test.clock.advance(TOKEN_LIFE);
        let scene = scene.restarted().await;
        let cause = scene.expect(State::NeedsSignIn, "RPL-TOKEN-DEAD").await;
        assert_eq!(actions(&cause), [ActionId::SignIn]);
        let view = scene.test.engine.get(&scene.id).await.unwrap();
        assert_eq!(view.sign_in.state, SignInStateName::SignInNeeded);
        assert!(scene.grant().await.is_some(), "a person decides what is dropped");
        scene.auth.change_faults(|faults| faults.token.refuse = None);
        scene.auth.revoke_everything();
        scene.expect(State::NeedsSignIn, "RPL-TOKEN-DEAD").await;

        expect_signed_in(&scene.sign_in().await);
        assert_eq!(scene.opened(), 1);
        assert_eq!(scene.grant().await.unwrap().client_id, client, "the registration was good and is used again");
        assert_eq!(scene.auth.state().registrations, 1);
    }
}

#[tokio::test]
async fn a_sign_in_without_a_refresh_token_says_so_and_ends_as_a_missing_sign_in() {
    let token = TokenFaults { refresh_tokens: RefreshTokens::Never, ..TokenFaults::default() };
    let scene = Scene::set(with_token(token), McpFaults::default()).await.signed_in().await;
    let checked = scene.expect_green_without_browser().await;
    assert_eq!(checked.sign_in.renewable, Some(false));
    assert_eq!(checked.health.findings[0].code.as_str(), "RPL-TOKEN-NOT-RENEWABLE");
    scene.test.clock.advance(TOKEN_LIFE);
    scene.expect(State::NeedsSignIn, "RPL-TOKEN-EXPIRED").await;
    expect_signed_in(&scene.sign_in().await);
}

#[tokio::test]
async fn a_service_that_is_down_at_the_renewal_costs_nothing() {
    let json_500 = Front::Json { status: 500, body: json!({"error": "invalid_grant"}) };
    for (front, code) in [
        (Front::Plain { status: 503, body: "down".to_owned() }, "RPL-TOKEN-SERVICE-DOWN"),
        (json_500, "RPL-TOKEN-SERVICE-DOWN"),
        (Front::Firewall { status: 403 }, "RPL-HTTP-BLOCKED-PAGE"),
        (Front::WebPage { status: 200 }, "RPL-HTTP-BLOCKED-PAGE"),
        (Front::WebPage { status: 502 }, "RPL-TOKEN-SERVICE-DOWN"),
        (Front::RateLimited { retry_after_s: 30 }, "RPL-HTTP-RATE-LIMITED"),
        (Front::Plain { status: 403, body: "Forbidden".to_owned() }, "RPL-HTTP-FORBIDDEN"),
        (Front::Plain { status: 404, body: String::new() }, "RPL-TOKEN-UNREADABLE"),
    ] {
        let scene = Scene::healthy().await.signed_in().await;
        let before = scene.grant().await;
        scene.auth.change_faults(|faults| faults.token.front = front.clone());
        scene.test.clock.advance(TOKEN_LIFE);
        for _ in 0..2 {
            let cause = scene.expect(State::Failed, code).await;
            assert_eq!(actions(&cause)[0], ActionId::Retry, "{front:?}");
            assert_eq!(scene.grant().await, before, "{front:?}: everything is kept");
        }
        let scene = scene.restarted().await;
        scene.auth.change_faults(|faults| faults.token.front = Front::Open);
        // As long as one of them asked to be left alone.
        scene.test.clock.advance(Duration::from_secs(30));
        scene.expect_green_without_browser().await;
    }
}

#[tokio::test]
async fn a_service_that_does_not_answer_at_the_renewal_costs_nothing() {
    let scene = Scene::healthy().await.signed_in().await;
    let before = scene.grant().await;
    scene.auth.unplug();
    scene.test.clock.advance(TOKEN_LIFE);
    scene.expect(State::Failed, "RPL-NET-UNREACHABLE").await;
    assert_eq!(scene.grant().await, before);
    let view = scene.test.engine.get(&scene.id).await.unwrap();
    assert_eq!(view.sign_in.state, SignInStateName::Unreachable, "could not be asked, which is not \"signed out\"");
    scene.auth.plug_in().unwrap();
    let scene = scene.restarted().await;
    let checked = scene.expect_green_without_browser().await;
    assert_eq!(checked.sign_in.state, SignInStateName::SignedIn);
}

#[tokio::test]
async fn a_trouble_that_passes_before_the_token_ends_is_a_note_on_green() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.auth.change_faults(|faults| faults.token.front = Front::Plain { status: 503, body: String::new() });
    scene.test.clock.advance(Duration::from_mins(55));
    let checked = scene.expect_green_without_browser().await;
    assert_eq!(checked.health.findings[0].code.as_str(), "RPL-TOKEN-SERVICE-DOWN");
}

#[tokio::test]
async fn an_answer_that_is_lost_on_its_way_is_asked_for_again() {
    let token = TokenFaults { rotation: Rotation::Each { grace: Duration::from_secs(10) }, ..TokenFaults::default() };
    let scene = Scene::set(with_token(token), McpFaults::default()).await.signed_in().await;
    for front in [Front::AnswerLost, Front::CutOff] {
        scene.test.clock.advance(TOKEN_LIFE);
        scene.auth.change_faults(|faults| faults.token.front = Front::first(1, front));
        scene.expect_green_without_browser().await;
    }
    assert_eq!(scene.auth.state().reuse_detections, 0);
}

#[tokio::test]
async fn lifetimes_that_make_no_sense_do_not_end_a_sign_in() {
    for expires_in in [ExpiresIn::Text, ExpiresIn::Fraction, ExpiresIn::Negative, ExpiresIn::Huge, ExpiresIn::Null] {
        let mut token = TokenFaults::default();
        token.answer.expires_in = expires_in;
        let scene = Scene::set(with_token(token), McpFaults::default()).await.signed_in().await;
        scene.test.clock.advance(TOKEN_LIFE);
        scene.expect_green_without_browser().await;
    }
}

#[tokio::test]
async fn however_many_ask_in_two_processes_the_refresh_token_is_spent_once() {
    let scene = Scene::healthy().await.signed_in().await;
    let beside = scene.test.beside().await;
    for round in 1..=3 {
        scene.test.clock.advance(TOKEN_LIFE);
        let mut asking = tokio::task::JoinSet::new();
        for number in 0..8 {
            let engine = if number % 2 == 0 { &scene.test.engine } else { &beside.engine };
            let (engine, id) = (engine.clone(), scene.id.clone());
            asking.spawn(async move {
                if number < 4 {
                    let views = engine.check_and_wait(Some(vec![id])).await.unwrap();
                    assert_eq!(views[0].health.state, State::Connected, "{:?}", views[0].health);
                } else {
                    let tools = engine.tools_raw(&id).await.unwrap();
                    assert_eq!(tools.error, None);
                }
            });
        }
        while let Some(asked) = asking.join_next().await {
            asked.unwrap();
        }
        let state = scene.auth.state();
        assert_eq!((state.refreshes, state.reuse_detections), (round, 0), "one renewal each time");
    }
    assert_eq!(scene.auth.state().live_refresh_tokens, 1);
}
