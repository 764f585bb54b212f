//! The way through the browser and back: odd ways to answer, refusals, tabs that are closed, forgotten or too old, and a
//! callback port that somebody else holds.

use replug_core::{ActionId, State};
use replug_engine::wire::EditConnector;
use replug_lab::{
    AuthFaults, AuthorizeFaults, Conduct, Consent, IssParameter, McpFaults, RedirectMatch, Returns, ScopeRule,
    StateEcho,
};
use tokio::net::TcpListener;

use crate::scene::{Scene, actions, expect_refused, expect_signed_in, fact};

fn authorizing(authorize: AuthorizeFaults) -> AuthFaults {
    AuthFaults { authorize, ..AuthFaults::default() }
}

#[tokio::test]
async fn an_answer_that_is_posted_works_and_is_noted() {
    for returns in [Returns::Repeated, Returns::FormPost] {
        let authorize = AuthorizeFaults { returns, ..AuthorizeFaults::default() };
        let scene = Scene::set(authorizing(authorize), McpFaults::default()).await;
        let done = scene.sign_in().await;
        expect_signed_in(&done);
        assert!(done.note.unwrap().contains("posted"), "{returns:?}");
    }
}

#[tokio::test]
async fn an_answer_without_a_page_in_between_works() {
    let authorize = AuthorizeFaults { consent: Consent::Immediate, ..AuthorizeFaults::default() };
    let scene = Scene::set(authorizing(authorize), McpFaults::default()).await;
    expect_signed_in(&scene.sign_in().await);
}

#[tokio::test]
async fn a_page_that_is_loaded_twice_is_answered_twice_and_redeemed_once() {
    let scene = Scene::healthy().await;
    scene.test.person.set_conduct(Conduct::Reload);
    expect_signed_in(&scene.sign_in().await);
    assert_eq!(scene.auth.state().exchanges, 1);
}

#[tokio::test]
async fn permissions_that_the_service_misses_are_named_and_the_settings_mend_it() {
    let authorize = AuthorizeFaults { scope: ScopeRule::Required, ..AuthorizeFaults::default() };
    let scene = Scene::set(authorizing(authorize), McpFaults::default()).await;
    let cause = expect_refused(&scene.sign_in().await, State::NeedsSignIn, "RPL-AUTH-SCOPE-REFUSED");
    assert_eq!(actions(&cause), [ActionId::EditSettings, ActionId::SignIn]);
    assert_eq!(fact(&cause, "Error"), "invalid_scope");
    let sent = scene.auth.requests().last("/authorize").unwrap();
    assert!(!sent.has("scope"), "permissions are never invented");
    scene.edit(EditConnector { scope: Some("files:read".to_owned()), ..EditConnector::default() }).await;
    let done = scene.sign_in().await;
    expect_signed_in(&done);
    assert_eq!(done.connector.unwrap().sign_in.scopes, ["files:read"]);
}

#[tokio::test]
async fn permissions_that_the_service_refuses_are_named_and_the_settings_mend_it() {
    let known = ScopeRule::Known(vec!["files:read".to_owned()]);
    let authorize = AuthorizeFaults { scope: known, ..AuthorizeFaults::default() };
    let mcp = McpFaults { challenge_scope: Some("everything".to_owned()), ..McpFaults::default() };
    let scene = Scene::set(authorizing(authorize), mcp).await;
    expect_refused(&scene.sign_in().await, State::NeedsSignIn, "RPL-AUTH-SCOPE-REFUSED");
    scene.edit(EditConnector { scope: Some("files:read".to_owned()), ..EditConnector::default() }).await;
    expect_signed_in(&scene.sign_in().await);
}

#[tokio::test]
async fn a_denial_is_named_and_costs_no_other_sign_in() {
    let scene = Scene::healthy().await;
    scene.test.person.set_conduct(Conduct::Deny);
    let cause = expect_refused(&scene.sign_in().await, State::NeedsSignIn, "RPL-AUTH-DENIED");
    assert_eq!(actions(&cause), [ActionId::SignIn]);
    scene.expect(State::NeedsSignIn, "RPL-AUTH-DENIED").await;
    scene.test.person.set_conduct(Conduct::Allow);
    let scene = scene.signed_in().await;

    // Denied when signing in again: what was stored before is still there.
    let before = scene.grant().await;
    scene
        .auth
        .change_faults(|faults| faults.token.front = replug_lab::Front::Plain { status: 503, body: String::new() });
    scene.test.clock.advance(crate::scene::TOKEN_LIFE);
    scene.test.person.set_conduct(Conduct::Deny);
    let done = scene.sign_in().await;
    assert_eq!(done.error.map(|error| error.code.to_string()).as_deref(), Some("RPL-AUTH-DENIED"));
    assert_eq!(scene.grant().await, before);
    scene.auth.change_faults(|faults| faults.token.front = replug_lab::Front::Open);
    scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn an_error_of_the_service_and_an_answer_from_another_one_are_told_apart() {
    let other = IssParameter::Wrong("https://other.example".to_owned());
    for (authorize, code) in [
        (
            AuthorizeFaults { error: Some("server_error".into()), ..AuthorizeFaults::default() },
            "RPL-AUTH-SERVICE-ERROR",
        ),
        (AuthorizeFaults { error: Some("invalid_target".into()), ..AuthorizeFaults::default() }, "RPL-AUTH-REFUSED"),
        (AuthorizeFaults { iss: other, ..AuthorizeFaults::default() }, "RPL-AUTH-ISSUER-MISMATCH"),
        (AuthorizeFaults { iss: IssParameter::AnnouncedOnly, ..AuthorizeFaults::default() }, "RPL-AUTH-ISSUER-MISSING"),
    ] {
        let scene = Scene::set(authorizing(authorize), McpFaults::default()).await;
        let cause = expect_refused(&scene.sign_in().await, State::NeedsSignIn, code);
        assert_eq!(actions(&cause)[0], ActionId::SignIn, "{code}");
        assert_eq!(scene.auth.state().exchanges, 0, "{code}: nothing of the answer was used");
    }
}

#[tokio::test]
async fn an_answer_without_the_right_state_leaves_the_attempt_alone() {
    for state in [StateEcho::Missing, StateEcho::Changed] {
        let authorize = AuthorizeFaults { state, ..AuthorizeFaults::default() };
        let scene = Scene::set(authorizing(authorize), McpFaults::default()).await;
        expect_refused(&scene.sign_in_briefly().await, State::NeedsSignIn, "RPL-AUTH-TIMEOUT");
        assert_eq!(scene.auth.state().exchanges, 0, "{state:?}");
    }
}

#[tokio::test]
async fn a_tab_that_is_closed_ends_in_a_timeout_that_offers_both_ways_on() {
    for conduct in [Conduct::CloseTab, Conduct::NeverReturn] {
        let scene = Scene::healthy().await;
        scene.test.person.set_conduct(conduct);
        let cause = expect_refused(&scene.sign_in_briefly().await, State::NeedsSignIn, "RPL-AUTH-TIMEOUT");
        assert_eq!(actions(&cause), [ActionId::SignIn, ActionId::ForgetAndRetry], "{conduct:?}");
        scene.test.person.set_conduct(Conduct::Allow);
        expect_signed_in(&scene.sign_in().await);
    }
}

#[tokio::test]
async fn an_old_tab_that_answers_late_does_not_disturb_the_newer_attempt() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.test.engine.sign_out(&scene.id).await.unwrap();
    scene.test.person.set_conduct(Conduct::ReplayOldTab);
    expect_refused(&scene.sign_in_briefly().await, State::NeedsSignIn, "RPL-AUTH-TIMEOUT");
    expect_signed_in(&scene.sign_in().await);
    let ends: Vec<_> = scene.test.person.until_finished(3).await.into_iter().map(|tab| tab.end).collect();
    let returned = |status| replug_lab::JourneyEnd::Returned { status };
    assert_eq!(ends, [returned(200), returned(400), returned(200)], "the old tab got a page of its own");
    assert_eq!(scene.auth.state().exchanges, 2, "the old code was not redeemed");
}

#[tokio::test]
async fn a_callback_port_that_somebody_else_holds_is_named_before_a_browser_opens() {
    let held = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = held.local_addr().unwrap().port();
    let on_port = EditConnector { callback_port: Some(port), ..EditConnector::default() };
    let scene = Scene::with_settings(AuthFaults::default(), McpFaults::default(), on_port).await;
    let done = scene.sign_in().await;
    assert_eq!(done.error.map(|error| error.code.to_string()).as_deref(), Some("RPL-LOCAL-PORT-TAKEN"));
    assert_eq!((scene.opened(), scene.auth.state().registrations), (0, 0));
    scene.expect(State::NeedsSignIn, "RPL-AUTH-NEVER").await;
    drop(held);
    expect_signed_in(&scene.sign_in().await);
}

/// Takes a port as soon as the last attempt has let go of it.
async fn hold(port: u16) -> TcpListener {
    // Asked again and again, because nothing tells when a port is free; not as fast as possible, to leave it some room.
    let mut asking = tokio::time::interval(std::time::Duration::from_millis(25));
    loop {
        asking.tick().await;
        match TcpListener::bind(("127.0.0.1", port)).await {
            Ok(held) => return held,
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse),
        }
    }
}

#[tokio::test]
async fn a_registration_whose_port_is_taken_is_replaced_where_the_service_insists_on_the_port() {
    let authorize = AuthorizeFaults { redirects: RedirectMatch::Exact, ..AuthorizeFaults::default() };
    let scene = Scene::set(authorizing(authorize), McpFaults::default()).await.signed_in().await;
    let record = scene.test.record(&scene.id).await.unwrap();
    let port = record.registration.unwrap().redirect.port;
    scene.test.engine.sign_out(&scene.id).await.unwrap();
    expect_signed_in(&scene.sign_in().await);
    assert_eq!(scene.auth.state().registrations, 1, "the same port, so the same registration");
    scene.test.engine.sign_out(&scene.id).await.unwrap();
    let _held = hold(port).await;
    expect_signed_in(&scene.sign_in().await);
    let state = scene.auth.state();
    assert_eq!((state.registrations, state.live_clients), (2, 1), "another port, another registration, no leftovers");
}
