//! Servers that name another sign-in service than before (T26): everything stays as it is until a person agrees, and the new
//! service never gets anything of the old one.

use std::time::Duration;

use replug_core::State;
use replug_engine::wire::{EditConnector, Event, SecretEdit, SignInProgress, SignInStep};
use replug_engine::{SignInOptions, SignInRun};
use replug_lab::{AuthFaults, AuthServer, ClientMethod, McpFaults, McpServer, PreRegistered};

use crate::scene::{Scene, expect, expect_refused, expect_signed_in, fact};

/// Signed in at one service; the server now trusts and names only another one.
async fn moved() -> (Scene, AuthServer) {
    let scene = Scene::healthy().await.signed_in().await;
    let other = AuthServer::start_with_clock(AuthFaults::default(), scene.test.clock.clone()).unwrap();
    scene.server.move_to(&other);
    (scene, other)
}

/// Whether the new service was asked for its description and for nothing else.
fn asked_only_for_metadata(other: &AuthServer) -> bool {
    other.requests().all().iter().all(|request| request.path.contains(".well-known"))
}

/// Starts a sign-in as the window does, and waits until it asks whether something unusual is right.
async fn asking(scene: &Scene) -> (SignInRun, SignInProgress) {
    let mut events = scene.test.engine.subscribe();
    let options = SignInOptions { confirm_unusual: true, timeout: Duration::from_secs(20), ..SignInOptions::default() };
    let run = scene.test.engine.sign_in(&scene.id, options).await.unwrap();
    loop {
        if let Some(Event::SignIn { progress }) = events.next().await
            && progress.step == SignInStep::Confirm
        {
            return (run, *progress);
        }
    }
}

#[tokio::test]
async fn a_check_names_both_services_and_keeps_what_is_stored() {
    let (scene, other) = moved().await;
    let before = scene.grant().await;
    let cause = scene.expect(State::NeedsSignIn, "RPL-AUTH-ISSUER-CHANGED").await;
    assert_eq!(fact(&cause, "Used until now"), scene.auth.issuer());
    assert_eq!(fact(&cause, "Named now"), other.issuer());
    assert!(cause.text.contains(&scene.auth.issuer()) && cause.text.contains(&other.issuer()), "{}", cause.text);
    assert_eq!(scene.grant().await.map(|grant| grant.client_id), before.map(|grant| grant.client_id), "kept");
    assert!(asked_only_for_metadata(&other), "{:?}", other.requests().all());
    scene.server.move_to(&scene.auth);
    scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn a_service_that_is_down_and_still_named_has_not_moved() {
    let (scene, other) = moved().await;
    let both = vec![scene.auth.issuer(), other.issuer()];
    scene.server.change_faults(|faults| faults.metadata.authorization_servers = Some(both));
    scene.auth.unplug();
    let done = scene.sign_in().await;
    assert_eq!(done.error.unwrap().code.as_str(), "RPL-NET-UNREACHABLE");
    assert_eq!(other.requests().all().len(), 0, "the other one has nothing to do with it");
}

#[tokio::test]
async fn a_client_is_not_shown_to_another_service_before_a_person_agrees() {
    let (scene, other) = moved().await;
    let client = EditConnector {
        client_id: Some("machine".to_owned()),
        client_secret: SecretEdit::Set("machine-secret-canary".to_owned()),
        grant: Some("client_credentials".to_owned()),
        ..EditConnector::default()
    };
    scene.edit(client).await;
    other.add_client(PreRegistered {
        id: "machine".to_owned(),
        secret: Some("machine-secret-canary".to_owned()),
        method: ClientMethod::Basic,
        redirect_uris: vec!["http://127.0.0.1:21847/callback".to_owned()],
    });
    let (run, asked) = asking(&scene).await;
    assert_eq!(asked.plan.unwrap().moved_from, Some(scene.auth.issuer()));
    assert!(asked_only_for_metadata(&other), "{:?}", other.requests().all());
    scene.test.engine.confirm_sign_in(&scene.id).await.unwrap();
    expect_signed_in(&run.ended().await);
    assert_eq!(scene.opened(), 1, "only the first time, at the old service");
}

#[tokio::test]
async fn where_nobody_can_be_asked_the_sign_in_ends_before_anything_is_sent() {
    let (scene, other) = moved().await;
    expect_refused(&scene.sign_in().await, State::NeedsSignIn, "RPL-AUTH-ISSUER-CHANGED");
    assert_eq!(scene.opened(), 1, "only the first time, at the old service");
    assert!(asked_only_for_metadata(&other), "{:?}", other.requests().all());

    let entered = |issuer: String| EditConnector { issuer: Some(issuer), ..EditConnector::default() };
    scene.edit(entered(other.issuer())).await;
    expect_signed_in(&scene.sign_in().await);
    let shown = scene.test.engine.show(&scene.id).await.unwrap();
    assert_eq!(shown.settings.issuer, Some(other.issuer()), "the decision is visible");
    scene.edit(entered(String::new())).await;
    scene.expect_green_without_browser().await;
    assert_eq!(scene.test.engine.show(&scene.id).await.unwrap().settings.issuer, None, "and can be taken back");
}

#[tokio::test]
async fn a_person_who_agrees_is_registered_anew_and_signed_in_there() {
    let (scene, other) = moved().await;
    let old_client = scene.grant().await.unwrap().client_id.unwrap();
    let (run, asked) = asking(&scene).await;
    let plan = asked.plan.unwrap();
    assert_eq!(plan.moved_from, Some(scene.auth.issuer()));
    let warning = plan.warning.unwrap();
    assert!(warning.contains(&scene.auth.issuer()) && warning.contains(&other.issuer()), "side by side: {warning}");
    assert_eq!(scene.opened(), 1, "no browser before the answer");

    let pasted = scene.test.engine.paste_callback(&scene.id, "code=a&state=b".to_owned()).await.unwrap_err();
    assert_eq!(pasted.code.as_str(), "RPL-AUTH-STATE-MISMATCH", "there is nothing to paste yet: {pasted:?}");
    assert!(pasted.sentence().contains("not opened yet"), "{}", pasted.sentence());

    scene.test.engine.confirm_sign_in(&scene.id).await.unwrap();
    let done = run.ended().await;
    expect_signed_in(&done);
    assert_eq!(done.connector.unwrap().sign_in.issuer, Some(other.issuer()));
    let sent = other.requests().all();
    assert!(
        sent.iter().all(|request| request.value("client_id") != Some(&old_client)),
        "nothing of the old one: {sent:?}"
    );
}

#[tokio::test]
async fn a_person_who_does_not_agree_loses_nothing() {
    let (scene, other) = moved().await;
    let (run, _) = asking(&scene).await;
    let before = scene.grant().await;
    scene.test.engine.cancel_sign_in(&scene.id);
    let done = run.ended().await;
    expect(&done.connector.unwrap(), State::NeedsSignIn, "RPL-AUTH-ISSUER-CHANGED");
    assert_eq!(scene.grant().await, before);
    scene.test.engine.settle().await.unwrap();
    assert_eq!(other.state().live_clients, 0, "what was registered to show the address is deleted");
    scene.server.move_to(&scene.auth);
    scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn somebody_who_has_signed_out_has_nothing_to_lose_and_is_registered_anew() {
    for by_address in [false, true] {
        let scene = Scene::healthy().await.signed_in().await;
        let old_client = scene.grant().await.unwrap().client_id.unwrap();
        scene.test.engine.sign_out(&scene.id).await.unwrap();
        let other = AuthServer::start_with_clock(AuthFaults::default(), scene.test.clock.clone()).unwrap();
        let elsewhere = McpServer::start(McpFaults::default(), Some(&other)).unwrap();
        if by_address {
            scene.edit(EditConnector { address: Some(elsewhere.address()), ..EditConnector::default() }).await;
        } else {
            scene.server.move_to(&other);
        }
        let done = scene.sign_in().await;
        expect_signed_in(&done);
        assert_eq!(done.connector.unwrap().sign_in.issuer, Some(other.issuer()));
        let sent = other.requests().all();
        assert!(sent.iter().all(|request| request.value("client_id") != Some(&old_client)), "{sent:?}");
        assert_eq!(scene.auth.state().live_clients, 0, "the old client is deleted where it was made");
    }
}
