//! Callback addresses that a service registers and its sign-in page then refuses, where only the person sees it: the other form
//! of the address is tried, once, and remembered.

use std::time::Duration;

use replug_core::State;
use replug_engine::SignInOptions;
use replug_engine::wire::EditConnector;
use replug_lab::{AuthFaults, AuthorizeFaults, Conduct, McpFaults, RedirectMatch, RefusedRedirect};
use url::Url;

use crate::scene::{Scene, expect_refused, expect_signed_in};

/// Longer than the browser may stay away before anybody wonders.
const A_WHILE: Duration = Duration::from_secs(20);

async fn scene(redirects: RedirectMatch, refused_redirect: RefusedRedirect, settings: EditConnector) -> Scene {
    let authorize = AuthorizeFaults { redirects, refused_redirect, ..AuthorizeFaults::default() };
    let faults = AuthFaults { authorize, ..AuthFaults::default() };
    Scene::with_settings(faults, McpFaults::default(), settings).await
}

/// The hosts of the callback addresses that the browser was opened with.
fn hosts(scene: &Scene) -> Vec<String> {
    let host = |address: &String| {
        let url = Url::parse(address).unwrap();
        let redirect = url.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
        Url::parse(&redirect).unwrap().host_str().unwrap().to_owned()
    };
    scene.test.person.opened().iter().map(host).collect()
}

#[tokio::test]
async fn a_form_that_only_the_page_refuses_is_changed_once_and_the_other_one_is_remembered() {
    for shown in
        [RefusedRedirect::Page400, RefusedRedirect::Page403, RefusedRedirect::Json400, RefusedRedirect::ErrorPage]
    {
        let scene = scene(RedirectMatch::NameOnly, shown, EditConnector::default()).await;
        let run = scene.test.engine.sign_in(&scene.id, SignInOptions::default()).await.unwrap();
        scene.test.person.until_finished(1).await;
        scene.test.clock.advance(A_WHILE);
        let done = run.ended().await;
        expect_signed_in(&done);
        assert!(done.note.unwrap().contains("other form"), "{shown:?}: it says what was done");
        assert_eq!(hosts(&scene), ["127.0.0.1", "localhost"], "{shown:?}");
        scene.test.engine.settle().await.unwrap();
        let state = scene.auth.state();
        assert_eq!((state.registrations, state.live_clients), (2, 1), "{shown:?}: the first is deleted");

        scene.auth.forget_all_clients();
        expect_signed_in(&scene.forget_and_retry().await);
        assert_eq!(hosts(&scene)[2..], ["localhost"], "{shown:?}: at once the next time");
    }
}

#[tokio::test]
async fn a_service_that_refuses_both_forms_is_told_apart_from_a_browser_that_stays_away() {
    let scene = scene(RedirectMatch::Nothing, RefusedRedirect::Page400, EditConnector::default()).await;
    let run = scene.test.engine.sign_in(&scene.id, SignInOptions::default()).await.unwrap();
    for tabs in [1, 2] {
        scene.test.person.until_finished(tabs).await;
        scene.test.clock.advance(A_WHILE);
    }
    expect_refused(&run.ended().await, State::NeedsSetup, "RPL-REG-REDIRECT-REFUSED");
    assert_eq!(hosts(&scene), ["127.0.0.1", "localhost"], "and not round in circles");
}

#[tokio::test]
async fn a_form_that_the_person_has_set_is_not_changed() {
    let own = EditConnector { callback_host: Some("127.0.0.1".to_owned()), ..EditConnector::default() };
    let scene = scene(RedirectMatch::NameOnly, RefusedRedirect::Page400, own).await;
    let run = scene.test.engine.sign_in(&scene.id, SignInOptions::default()).await.unwrap();
    scene.test.person.until_finished(1).await;
    scene.test.clock.advance(A_WHILE);
    expect_refused(&run.ended().await, State::NeedsSetup, "RPL-REG-REDIRECT-REFUSED");
    assert_eq!(scene.opened(), 1);
}

#[tokio::test]
async fn a_person_who_takes_their_time_is_waited_for() {
    let scene = Scene::healthy().await;
    scene.test.person.set_conduct(Conduct::CloseTab);
    let run = scene.test.engine.sign_in(&scene.id, SignInOptions::default()).await.unwrap();
    scene.test.person.until_finished(1).await;
    assert_eq!(scene.auth.requests().count("/authorize"), 1, "the service is not asked before there is a doubt");
    scene.test.clock.advance(A_WHILE);
    scene.auth.requests().until(|all| all.iter().filter(|one| one.path == "/authorize").count() == 2).await;
    scene.test.person.set_conduct(Conduct::Allow);
    scene.test.engine.open_again(&scene.id).await.unwrap();
    expect_signed_in(&run.ended().await);
    assert_eq!(scene.auth.state().registrations, 1);
}
