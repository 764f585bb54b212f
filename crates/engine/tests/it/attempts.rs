//! Steering a sign-in that is on its way: cancelling, pasting the answer, joining it from elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use replug_core::{Failure, Secret, State};
use replug_engine::wire::{EditConnector, Event, SignInProgress, SignInStateName, SignInStep};
use replug_engine::{EventStream, SignInOptions, SignInRun};
use replug_lab::{AuthFaults, AuthorizeFaults, Conduct, Consent, Front, McpFaults, Offered};
use replug_net::{Ask, Browser, BrowserAddress, Http, HttpOptions, Reach, Trace};

use crate::bench::TestEngine;
use crate::scene::{Scene, TOKEN_LIFE, expect, expect_signed_in};

/// Starts a sign-in and waits until the browser is waited for.
async fn waiting(test: &TestEngine, scene_id: &replug_core::ConnectorId) -> (SignInRun, SignInProgress, EventStream) {
    let mut events = test.engine.subscribe();
    let options = SignInOptions { timeout: Duration::from_secs(20), ..SignInOptions::default() };
    let run = test.engine.sign_in(scene_id, options).await.unwrap();
    let progress = until_step(&mut events, SignInStep::Waiting).await;
    (run, progress, events)
}

async fn until_step(events: &mut EventStream, step: SignInStep) -> SignInProgress {
    loop {
        match events.next().await.unwrap() {
            Event::SignIn { progress } if progress.step == step => return *progress,
            _ => {}
        }
    }
}

/// A service that answers at once, and a person who leaves the tab alone.
async fn left_alone() -> Scene {
    let authorize = AuthorizeFaults { consent: Consent::Immediate, ..AuthorizeFaults::default() };
    let scene = Scene::set(AuthFaults { authorize, ..AuthFaults::default() }, McpFaults::default()).await;
    scene.test.person.set_conduct(Conduct::NeverReturn);
    scene
}

/// The address that the browser would have been sent back to.
async fn answer_of(progress: &SignInProgress) -> String {
    let address = url::Url::parse(&progress.plan.as_ref().unwrap().address).unwrap();
    let http = Http::new(HttpOptions::default()).unwrap();
    let answer = http.ask(&Ask::get(address, Reach::OWN), &Trace::new()).await.unwrap();
    answer.location().unwrap().into()
}

#[tokio::test]
async fn a_cancelled_sign_in_ends_at_once_and_leaves_nothing_behind() {
    let scene = Scene::healthy().await;
    scene.test.person.set_conduct(Conduct::CloseTab);
    let (run, progress, _events) = waiting(&scene.test, &scene.id).await;
    assert!(progress.until.is_some(), "a countdown can be shown");
    let during = scene.test.engine.get(&scene.id).await.unwrap();
    assert_eq!(during.sign_in.state, SignInStateName::AwaitingBrowser);
    scene.test.engine.cancel_sign_in(&scene.id);
    let done = run.ended().await;
    assert_eq!(done.error.unwrap().code.as_str(), "RPL-LOCAL-CANCELLED");
    assert_eq!(done.connector.unwrap().health.state, State::Unknown, "the verdict is as it was");
    scene.test.engine.settle().await.unwrap();
    assert_eq!(scene.auth.state().live_clients, 0);
    assert!(scene.test.record(&scene.id).await.is_none());
    scene.test.person.set_conduct(Conduct::Allow);
    expect_signed_in(&scene.sign_in().await);
}

#[tokio::test]
async fn cancelling_comes_too_late_once_the_code_is_redeemed_and_takes_nothing_from_the_tokens() {
    let scene = Scene::healthy().await;
    scene.auth.change_faults(|faults| faults.token.front = slow());
    let run = scene.test.engine.sign_in(&scene.id, SignInOptions::default()).await.unwrap();
    until_redeeming(&scene).await;
    scene.test.engine.cancel_sign_in(&scene.id);
    expect_signed_in(&run.ended().await);
    scene.test.engine.settle().await.unwrap();
    assert_eq!(scene.auth.state().live_clients, 1, "the client that the tokens belong to is there");
    scene.test.clock.advance(TOKEN_LIFE);
    scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn signing_out_while_a_code_is_redeemed_leaves_no_tokens_behind() {
    let scene = Scene::healthy().await;
    scene.auth.change_faults(|faults| {
        faults.token.front = slow();
        faults.registration.management = Offered::No;
    });
    let run = scene.test.engine.sign_in(&scene.id, SignInOptions::default()).await.unwrap();
    until_redeeming(&scene).await;
    scene.test.engine.sign_out(&scene.id).await.unwrap();
    run.ended().await;
    scene.test.engine.settle().await.unwrap();
    assert_eq!(scene.grant().await, None);
    let state = scene.auth.state();
    assert_eq!((state.live_refresh_tokens, state.live_access_tokens), (0, 0));
}

/// A token endpoint that answers in a while.
fn slow() -> Front {
    Front::first(1, Front::Slow(Duration::from_secs(1)))
}

/// Until the code is at the service.
async fn until_redeeming(scene: &Scene) {
    scene.auth.requests().until(|asked| asked.iter().any(|request| request.path == "/token")).await;
}

#[tokio::test]
async fn an_attempt_that_breaks_off_says_so_and_another_can_be_made() {
    let test = TestEngine::with_browser(Arc::new(BrokenOnce(AtomicBool::new(true)))).await;
    let scene = Scene::on(test, AuthFaults::default(), McpFaults::default(), EditConnector::default()).await;
    let done = scene.sign_in_briefly().await;
    assert_eq!((done.step, done.error.unwrap().code.as_str()), (SignInStep::Done, "RPL-LOCAL-INTERNAL"));
    let again = scene.sign_in_briefly().await;
    assert_eq!(again.error.unwrap().code.as_str(), "RPL-AUTH-TIMEOUT", "a new one, up to the browser");
}

/// A browser with a bug that shows once, and then opens nothing.
struct BrokenOnce(AtomicBool);

impl Browser for BrokenOnce {
    fn open(&self, _: &BrowserAddress) -> Result<(), Failure> {
        assert!(!self.0.swap(false, Ordering::SeqCst), "the bug");
        Ok(())
    }
}

#[tokio::test]
async fn a_stalled_deletion_does_not_make_a_command_fail() {
    let scene = Scene::healthy().await;
    scene.auth.change_faults(|faults| faults.registration.management_front = Front::Silent);
    scene.test.person.set_conduct(Conduct::CloseTab);
    let (run, ..) = waiting(&scene.test, &scene.id).await;
    scene.test.engine.cancel_sign_in(&scene.id);
    run.ended().await;
    scene.test.engine.settle().await.unwrap();
    let orphans = scene.test.record(&scene.id).await.unwrap().orphans;
    assert_eq!(orphans.len(), 1, "it is written down for the next sign-in");
}

#[tokio::test]
async fn forgetting_and_retrying_ends_the_attempt_that_waits_and_begins_anew() {
    let scene = Scene::healthy().await;
    scene.test.person.set_conduct(Conduct::CloseTab);
    let (run, ..) = waiting(&scene.test, &scene.id).await;
    scene.test.person.set_conduct(Conduct::Allow);
    let (first, second) = tokio::join!(run.ended(), scene.forget_and_retry());
    assert_eq!(first.error.unwrap().code.as_str(), "RPL-LOCAL-CANCELLED");
    expect_signed_in(&second);
    assert_eq!(scene.auth.state().live_clients, 1, "the first one's registration is gone");
}

#[tokio::test]
async fn cancelling_a_second_sign_in_keeps_the_first_ones_tokens() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.auth.revoke_everything();
    let before = scene.grant().await;
    scene.test.person.set_conduct(Conduct::CloseTab);
    let (run, _, _events) = waiting(&scene.test, &scene.id).await;
    scene.test.engine.cancel_sign_in(&scene.id);
    expect(&run.ended().await.connector.unwrap(), State::NeedsSignIn, "RPL-TOKEN-DEAD");
    assert_eq!(scene.grant().await, before);
}

#[tokio::test]
async fn an_address_that_did_not_load_can_be_pasted() {
    let scene = left_alone().await;
    let (run, progress, _events) = waiting(&scene.test, &scene.id).await;
    let address = answer_of(&progress).await;
    let engine = &scene.test.engine;
    for wrong in ["nonsense", "http://127.0.0.1:1/callback?code=a&state=b", &address.replace("state=", "state=x")] {
        let refused = engine.paste_callback(&scene.id, wrong.to_owned()).await.unwrap_err();
        assert_eq!(refused.code.as_str(), "RPL-AUTH-STATE-MISMATCH", "the attempt goes on");
    }
    engine.paste_callback(&scene.id, address.clone()).await.unwrap();
    expect_signed_in(&run.ended().await);
    let late = engine.paste_callback(&scene.id, address).await.unwrap_err();
    assert_eq!(late.code.as_str(), "RPL-LOCAL-CANCELLED", "there is nothing to paste into any more");
}

#[tokio::test]
async fn an_address_can_be_told_without_opening_a_browser() {
    let scene = left_alone().await;
    let mut events = scene.test.engine.subscribe();
    let options = SignInOptions { open_browser: false, ..SignInOptions::default() };
    let run = scene.test.engine.sign_in(&scene.id, options).await.unwrap();
    let progress = until_step(&mut events, SignInStep::Waiting).await;
    scene.test.engine.paste_callback(&scene.id, answer_of(&progress).await).await.unwrap();
    expect_signed_in(&run.ended().await);
    assert_eq!(scene.opened(), 0);
}

#[tokio::test]
async fn a_second_start_in_the_same_window_joins_the_first() {
    let scene = Scene::healthy().await;
    let (one, two) = tokio::join!(scene.sign_in(), scene.sign_in());
    expect_signed_in(&one);
    assert_eq!(one, two);
    assert_eq!((scene.opened(), scene.auth.state().exchanges), (1, 1));
}

/// Signs in with two engines at once; the second starts while the first waits for the browser. Returns how both ended, and how
/// many browser windows the second one opened.
async fn joined(scene: &Scene, and_then: impl AsyncFnOnce(&Scene, &SignInProgress)) -> ([SignInProgress; 2], usize) {
    let beside = scene.test.beside().await;
    let (run, progress, _events) = waiting(&scene.test, &scene.id).await;
    let mut events = beside.engine.subscribe();
    let second = beside.engine.sign_in(&scene.id, SignInOptions::default()).await.unwrap();
    let told = loop {
        let told = until_step(&mut events, SignInStep::Preparing).await;
        if told.note.is_some() {
            break told;
        }
    };
    assert!(told.note.unwrap().contains("Replug waits"), "it says what it waits for");
    and_then(scene, &progress).await;
    let ended = [run.ended().await, second.ended().await];
    (ended, beside.person.opened().len())
}

#[tokio::test]
async fn a_second_process_joins_a_sign_in_and_ends_as_it_does() {
    let scene = left_alone().await;
    let ([one, two], opened) = joined(&scene, async |scene, progress| {
        let address = answer_of(progress).await;
        scene.test.engine.paste_callback(&scene.id, address).await.unwrap();
    })
    .await;
    expect_signed_in(&one);
    expect_signed_in(&two);
    assert_eq!((scene.auth.state().exchanges, opened), (1, 0), "one browser window is enough");
}

#[tokio::test]
async fn a_second_process_ends_with_the_firsts_error() {
    let scene = left_alone().await;
    let ([one, two], opened) = joined(&scene, async |scene, progress| {
        let address = answer_of(progress).await;
        let (before, _) = address.split_once("code=").unwrap();
        let state = url::Url::parse(&address).unwrap();
        let state = state.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let denied = Secret::new(format!("{before}error=access_denied&state={state}"));
        let iss = &progress.plan.as_ref().unwrap().issuer;
        let denied = format!("{}&iss={iss}", denied.expose());
        scene.test.engine.paste_callback(&scene.id, denied).await.unwrap();
    })
    .await;
    for done in [one, two] {
        assert_eq!(done.error.map(|error| error.code.to_string()).as_deref(), Some("RPL-AUTH-DENIED"));
        expect(&done.connector.unwrap(), State::NeedsSignIn, "RPL-AUTH-DENIED");
    }
    scene.expect(State::NeedsSignIn, "RPL-AUTH-DENIED").await;
    assert_eq!(opened, 0, "one browser window is enough");
}

#[tokio::test]
async fn a_second_process_signs_in_itself_when_the_first_one_was_cancelled() {
    let scene = left_alone().await;
    let ([one, two], opened) = joined(&scene, async |scene, _| scene.test.engine.cancel_sign_in(&scene.id)).await;
    assert_eq!(one.error.map(|error| error.code.to_string()).as_deref(), Some("RPL-LOCAL-CANCELLED"));
    expect_signed_in(&two);
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn a_sign_in_that_starts_during_a_sign_out_waits_for_it_and_is_made() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.auth.change_faults(|faults| faults.revocation.front = slow());
    let starts = async {
        scene.auth.requests().until(|asked| asked.iter().any(|request| request.path == "/revoke")).await;
        scene.sign_in().await
    };
    let (left, done) = tokio::join!(scene.test.engine.sign_out(&scene.id), starts);
    left.unwrap();
    assert_eq!(done.error, None, "{done:?}");
    assert!(done.note.unwrap().contains("Replug waits"), "it did not go on at once");
    assert_eq!((scene.opened(), scene.auth.state().exchanges), (2, 2));
    scene.expect_green_without_browser().await;
}
