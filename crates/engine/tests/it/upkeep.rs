//! Registrations over time: secrets that end, and registrations that are used no more.

use std::time::Duration;

use replug_core::{Level, State};
use replug_engine::wire::ConnectorView;
use replug_lab::{AuthFaults, ClientMethod, Conduct, Front, McpFaults, Update};

use crate::scene::{Scene, expect_refused, expect_signed_in};

const DAY: Duration = Duration::from_hours(24);

/// Signed in at a service whose client secrets end after ten days, and which deals like this with renewals.
async fn ending(update: Update) -> Scene {
    let mut faults = AuthFaults::default();
    faults.registration.answer.method = Some(ClientMethod::Basic);
    faults.registration.answer.secret_lifetime_s = Some(10 * 24 * 60 * 60);
    faults.registration.update = update;
    Scene::set(faults, McpFaults::default()).await.signed_in().await
}

fn codes(view: &ConnectorView) -> Vec<&str> {
    view.health.findings.iter().map(|finding| finding.code.as_str()).collect()
}

fn updates(scene: &Scene) -> usize {
    scene.auth.requests().all().iter().filter(|request| request.method == "PUT").count()
}

#[tokio::test]
async fn a_secret_is_renewed_before_it_ends_and_the_sign_in_outlives_it() {
    for update in [Update::NewSecret, Update::SameSecret] {
        let scene = ending(update).await;
        let client = scene.grant().await.unwrap().client_id;
        scene.test.clock.advance(7 * DAY);
        scene.expect_green_without_browser().await;
        assert_eq!(updates(&scene), 0, "{update:?}: not yet");
        for day in 0..3 {
            scene.test.clock.advance(4 * DAY);
            let view = scene.expect_green_without_browser().await;
            assert_eq!(codes(&view), [""; 0], "{update:?} {day}");
        }
        assert_eq!(scene.grant().await.unwrap().client_id, client);
        assert_eq!(scene.auth.state().registrations, 1);
    }
}

#[tokio::test]
async fn a_renewal_whose_answer_was_lost_costs_nothing() {
    let scene = ending(Update::AnswerLost).await;
    scene.test.clock.advance(9 * DAY);
    scene.expect_green_without_browser().await;
    scene.auth.change_faults(|faults| faults.registration.update = Update::NotOffered);
    scene.test.clock.advance(2 * DAY);
    scene.expect_green_without_browser().await;
    assert_eq!(updates(&scene), 1, "it was found by reading");
}

#[tokio::test]
async fn a_secret_that_cannot_be_renewed_is_told_ahead_of_time_and_one_sign_in_replaces_it() {
    for update in [Update::NotOffered, Update::SameEnd] {
        let scene = ending(update).await;
        scene.test.clock.advance(9 * DAY);
        let view = scene.expect_green_without_browser().await;
        assert_eq!(codes(&view), ["RPL-REG-SECRET-ENDS"], "{update:?}");
        assert_eq!(view.health.level, Level::Green, "{update:?}: it still works");
        let asked = updates(&scene);
        scene.expect_green_without_browser().await;
        assert_eq!(updates(&scene), asked, "{update:?}: who said no is not asked again and again");

        let before = scene.grant().await;
        scene.test.clock.advance(2 * DAY);
        scene.expect(State::NeedsSignIn, "RPL-REG-FORGOTTEN").await;
        assert_eq!(scene.grant().await, before, "{update:?}: nothing is thrown away");
        expect_signed_in(&scene.sign_in().await);
        assert_eq!(scene.auth.state().registrations, 2, "{update:?}");
    }
}

#[tokio::test]
async fn a_service_that_is_down_when_a_secret_is_due_takes_nothing_away() {
    let scene = ending(Update::NewSecret).await;
    scene.test.clock.advance(9 * DAY);
    scene.auth.change_faults(|faults| {
        faults.registration.management_front = Front::Plain { status: 503, body: String::new() };
    });
    let view = scene.expect_green_without_browser().await;
    assert_eq!(codes(&view), [""; 0]);
    scene.auth.change_faults(|faults| faults.registration.management_front = Front::Open);
    scene.expect_green_without_browser().await;
    scene.test.clock.advance(2 * DAY);
    scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn a_registration_whose_token_changed_before_a_failure_is_renewed_by_the_next_check() {
    let scene = ending(Update::NewSecret).await;
    scene.auth.change_faults(|faults| {
        faults.registration.rotates_management_token = true;
        faults.registration.management_front = Front::after(1, Front::Plain { status: 503, body: String::new() });
    });
    scene.test.clock.advance(9 * DAY);
    scene.expect_green_without_browser().await;
    scene.auth.change_faults(|faults| faults.registration.management_front = Front::Open);
    let view = scene.expect_green_without_browser().await;
    assert_eq!(codes(&view), [""; 0], "with the token that was issued last");
    scene.test.clock.advance(2 * DAY);
    scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn a_registration_token_that_is_refused_is_told_and_tried_again() {
    let scene = ending(Update::NewSecret).await;
    scene.auth.change_faults(|faults| {
        faults.registration.management_front = Front::Plain { status: 401, body: String::new() };
    });
    scene.test.clock.advance(9 * DAY);
    let view = scene.expect_green_without_browser().await;
    assert_eq!(codes(&view), ["RPL-REG-SECRET-ENDS"]);
    scene.auth.change_faults(|faults| faults.registration.management_front = Front::Open);
    let view = scene.expect_green_without_browser().await;
    assert_eq!((codes(&view), updates(&scene)), (vec![], 1), "it says nothing about what the service offers");
}

async fn orphans(scene: &Scene) -> usize {
    scene.test.record(&scene.id).await.map_or(0, |record| record.orphans.len())
}

#[tokio::test]
async fn what_could_not_be_deleted_at_the_service_is_deleted_by_the_next_attempt() {
    let scene = Scene::healthy().await;
    let down = Front::Plain { status: 503, body: String::new() };
    scene.auth.change_faults(|faults| faults.registration.management_front = down);
    scene.test.person.set_conduct(Conduct::Deny);
    for attempt in 1..=6 {
        expect_refused(&scene.sign_in().await, State::NeedsSignIn, "RPL-AUTH-DENIED");
        assert_eq!(orphans(&scene).await, attempt.min(4), "written down, and not without end");
    }
    let scene = scene.restarted().await;
    scene.auth.change_faults(|faults| faults.registration.management_front = Front::Open);
    expect_signed_in(&scene.sign_in().await);
    assert_eq!(orphans(&scene).await, 0);
    assert_eq!(scene.auth.state().deletions, 4);
}

#[tokio::test]
async fn forgetting_deletes_what_earlier_attempts_left_too() {
    let scene = Scene::healthy().await;
    let down = Front::Plain { status: 503, body: String::new() };
    scene.auth.change_faults(|faults| faults.registration.management_front = down);
    scene.test.person.set_conduct(Conduct::Deny);
    expect_refused(&scene.sign_in().await, State::NeedsSignIn, "RPL-AUTH-DENIED");
    scene.auth.change_faults(|faults| faults.registration.management_front = Front::Open);
    scene.forget().await;
    assert_eq!((orphans(&scene).await, scene.auth.state().live_clients), (0, 0));
}
