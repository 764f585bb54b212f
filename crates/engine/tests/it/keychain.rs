//! A keychain that is locked, loses what it is given or is not there: named as the cause, and never paid for with a sign-in.

use std::sync::Arc;

use replug_core::State;
use replug_engine::wire::{EditConnector, SecretEdit, SignInProgress, SignInStateName};
use replug_keychain::MemoryStore;
use replug_keychain::fake::{Fault, FaultyStore, Operation};
use replug_lab::{AuthFaults, McpFaults};

use crate::bench::TestEngine;
use crate::scene::{Scene, TOKEN_LIFE, expect, expect_signed_in};

async fn scene_over(store: &FaultyStore) -> Scene {
    let test = TestEngine::start_over(Arc::new(store.clone())).await;
    Scene::on(test, AuthFaults::default(), McpFaults::default(), EditConnector::default()).await
}

fn store() -> FaultyStore {
    FaultyStore::over(Arc::new(MemoryStore::new()))
}

fn error_of(done: &SignInProgress) -> Option<&str> {
    done.error.as_ref().map(|error| error.code.as_str())
}

#[tokio::test]
async fn a_keychain_that_cannot_be_read_is_the_cause_and_costs_no_sign_in() {
    for (fault, code) in [
        (Fault::Locked, "RPL-KEY-LOCKED"),
        (Fault::Missing, "RPL-KEY-MISSING"),
        (Fault::Denied, "RPL-KEY-DENIED"),
        (Fault::Failed, "RPL-KEY-FAILED"),
    ] {
        let store = store();
        let scene = scene_over(&store).await.signed_in().await;
        let before = scene.grant().await;
        let asked = scene.server.requests().all().len();
        store.fail_always(Operation::Any, fault);
        let checked = scene.check().await;
        expect(&checked, State::Failed, code);
        assert_eq!(checked.sign_in.state, SignInStateName::Unreachable, "could not be asked");
        assert_eq!(scene.server.requests().all().len(), asked, "the server was not asked as a stranger");
        let done = scene.sign_in().await;
        assert_eq!((error_of(&done), scene.opened()), (Some(code), 1), "and no browser was opened");
        store.heal();
        assert_eq!(scene.grant().await, before);
        scene.expect_green_without_browser().await;
    }
}

#[tokio::test]
async fn a_keychain_that_cannot_keep_anything_is_found_out_before_the_browser_opens() {
    for (fault, code) in
        [(Fault::Lose, "RPL-KEY-WRITE-LOST"), (Fault::Locked, "RPL-KEY-LOCKED"), (Fault::Denied, "RPL-KEY-DENIED")]
    {
        let store = store();
        let scene = scene_over(&store).await;
        store.fail_always(Operation::Write, fault);
        let done = scene.sign_in().await;
        assert_eq!((error_of(&done), scene.opened()), (Some(code), 0));
        expect(&done.connector.unwrap(), State::NeedsSignIn, "RPL-AUTH-NEVER");
        assert_eq!(scene.auth.state().registrations, 0, "nothing was registered either");
        store.heal();
        expect_signed_in(&scene.sign_in().await);
    }
}

#[tokio::test]
async fn tokens_that_may_be_stored_are_not_revoked() {
    let store = store();
    let scene = scene_over(&store).await;
    let done = sign_in_until_stored(&scene, &store, |store| store.fail_always(Operation::Write, Fault::CutAfter)).await;
    assert!(done.error.is_some(), "nobody can know that they are there");
    store.heal();
    assert_eq!(scene.auth.state().live_refresh_tokens, 1);
    scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn tokens_that_are_stored_although_the_keychain_said_no_are_used() {
    let store = store();
    let scene = scene_over(&store).await;
    // Their record is read twice before it is written, and looked at afterwards.
    let done = sign_in_until_stored(&scene, &store, |store| store.fail_at(Operation::Read, 3, Fault::Forget)).await;
    expect_signed_in(&done);
    assert_eq!(scene.auth.state().live_refresh_tokens, 1);
    scene.test.clock.advance(TOKEN_LIFE);
    scene.expect_green_without_browser().await;
}

/// Signs in with a keychain that goes wrong when the tokens come. The self-test and the registration are kept.
async fn sign_in_until_stored(scene: &Scene, store: &FaultyStore, spoil: fn(&FaultyStore)) -> SignInProgress {
    scene.auth.change_faults(|faults| {
        faults.token.front =
            replug_lab::Front::first(1, replug_lab::Front::Slow(std::time::Duration::from_millis(200)));
    });
    let spoilt = store.clone();
    let requests = scene.auth.requests().clone();
    let spoiling = tokio::spawn(async move {
        requests.until(|asked| asked.iter().any(|request| request.path == "/token")).await;
        spoil(&spoilt);
    });
    let done = scene.sign_in().await;
    spoiling.await.unwrap();
    done
}

#[tokio::test]
async fn a_sign_in_whose_tokens_were_not_kept_is_never_green() {
    let store = store();
    let scene = scene_over(&store).await;
    let done = sign_in_until_stored(&scene, &store, |store| store.fail_always(Operation::Write, Fault::Lose)).await;
    assert_eq!(error_of(&done), Some("RPL-KEY-WRITE-LOST"));
    assert_ne!(done.connector.unwrap().health.state, State::Connected);
    store.heal();
    expect_signed_in(&scene.sign_in().await);
}

#[tokio::test]
async fn a_renewed_token_is_offered_again_to_a_keychain_that_lost_it() {
    for fault in [Fault::Lose, Fault::Failed] {
        let store = store();
        let scene = scene_over(&store).await.signed_in().await;
        scene.test.clock.advance(TOKEN_LIFE);
        store.fail_at(Operation::Write, 1, fault);
        scene.expect_green_without_browser().await;
        let scene = scene.restarted().await;
        scene.test.clock.advance(TOKEN_LIFE);
        scene.expect_green_without_browser().await;
        assert_eq!(scene.auth.state().reuse_detections, 0, "{fault:?}");
    }
}

#[tokio::test]
async fn a_renewed_token_that_no_keychain_takes_is_not_lost_while_the_program_runs() {
    let store = store();
    let scene = scene_over(&store).await.signed_in().await;
    scene.test.clock.advance(TOKEN_LIFE);
    store.fail_always(Operation::Write, Fault::Failed);
    scene.expect(State::Failed, "RPL-KEY-FAILED").await;
    scene.expect(State::Failed, "RPL-KEY-FAILED").await;
    assert_eq!(scene.auth.state().reuse_detections, 0, "the old token is not presented again");
    store.heal();
    scene.expect_green_without_browser().await;
    let scene = scene.restarted().await;
    scene.test.clock.advance(TOKEN_LIFE);
    scene.expect_green_without_browser().await;
    assert_eq!(scene.auth.state().reuse_detections, 0);
}

#[tokio::test]
async fn a_program_that_ends_stores_what_the_keychain_did_not_take_or_says_what_is_lost() {
    let store = store();
    let scene = scene_over(&store).await.signed_in().await;
    scene.test.engine.settle().await.unwrap();
    scene.test.clock.advance(TOKEN_LIFE);
    store.fail_always(Operation::Write, Fault::Failed);
    scene.expect(State::Failed, "RPL-KEY-FAILED").await;
    let lost = scene.test.engine.settle().await.unwrap_err();
    assert_eq!(lost.code.as_str(), "RPL-KEY-UNSAVED");
    assert!(lost.facts.iter().any(|fact| fact.value == scene.id.as_str()), "{lost:?}");
    store.heal();
    scene.test.engine.settle().await.unwrap();
    let scene = scene.restarted().await;
    scene.expect_green_without_browser().await;
    assert_eq!(
        (scene.auth.state().refreshes, scene.auth.state().reuse_detections),
        (1, 0),
        "the renewed one is stored"
    );
}

#[tokio::test]
async fn a_renewed_token_is_not_thrown_away_because_the_keychain_lost_or_damaged_the_old_one() {
    for fault in [Fault::Forget, Fault::Corrupt] {
        let store = store();
        let scene = scene_over(&store).await.signed_in().await;
        scene.test.clock.advance(TOKEN_LIFE);
        store.fail_always(Operation::Write, Fault::Failed);
        scene.expect(State::Failed, "RPL-KEY-FAILED").await;
        store.heal();
        store.fail_at(Operation::Read, 1, fault);
        scene.test.engine.settle().await.unwrap();
        let scene = scene.restarted().await;
        scene.test.clock.advance(TOKEN_LIFE);
        scene.expect_green_without_browser().await;
        assert_eq!((scene.auth.state().refreshes, scene.auth.state().reuse_detections), (2, 0), "{fault:?}");
    }
}

#[tokio::test]
async fn a_renewed_token_that_waits_is_dropped_when_another_process_forgets_the_sign_in() {
    let store = store();
    let scene = scene_over(&store).await.signed_in().await;
    scene.test.clock.advance(TOKEN_LIFE);
    store.fail_always(Operation::Write, Fault::Failed);
    scene.expect(State::Failed, "RPL-KEY-FAILED").await;
    store.heal();
    scene.test.beside().await.engine.forget(&scene.id).await.unwrap();
    scene.test.engine.settle().await.unwrap();
    assert!(scene.test.record(&scene.id).await.is_none(), "it does not come back");
}

#[tokio::test]
async fn a_program_that_ends_does_not_wait_for_ever_for_a_renewal() {
    let scene = scene_over(&store()).await.signed_in().await;
    scene.test.clock.advance(TOKEN_LIFE);
    scene.auth.change_faults(|faults| faults.token.front = replug_lab::Front::Silent);
    let (engine, id) = (scene.test.engine.clone(), scene.id.clone());
    let checking = tokio::spawn(async move { engine.check_and_wait(Some(vec![id])).await });
    scene.auth.requests().until(|all| all.iter().filter(|one| one.path == "/token").count() == 2).await;
    let begun = std::time::Instant::now();
    let failure = scene.test.engine.settle().await.unwrap_err();
    assert_eq!(failure.code.as_str(), "RPL-KEY-UNSAVED");
    assert!(begun.elapsed() < std::time::Duration::from_secs(15), "{:?}", begun.elapsed());
    checking.abort();
}

#[tokio::test]
async fn a_keychain_that_fails_is_no_trouble_of_a_server_that_needs_none() {
    let store = store();
    let scene = scene_over(&store).await.signed_in().await;
    let open = replug_lab::McpServer::start(McpFaults::default(), None).unwrap();
    let other = scene.test.add(&open.address()).await;
    store.fail_always(Operation::Read, Fault::Failed);
    assert_eq!(scene.test.check(&other).await.health.state, State::Connected, "nothing of it is in the keychain");
    scene.expect(State::Failed, "RPL-KEY-FAILED").await;
    store.heal();
    scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn a_locked_keychain_is_never_taken_for_an_empty_one() {
    let store = store();
    let scene = scene_over(&store).await;
    let secret = SecretEdit::Set("canary-secret".to_owned());
    scene.edit(EditConnector { client_secret: secret, ..EditConnector::default() }).await;
    // Nothing in the database says that there is a secret.
    store.fail_always(Operation::Read, Fault::Locked);
    let removed = scene.test.engine.remove(&scene.id).await;
    assert_eq!(removed.unwrap_err().code.as_str(), "RPL-KEY-LOCKED", "what is not seen is not dropped");
    store.heal();
    let record = scene.test.record(&scene.id).await.unwrap();
    assert!(record.inputs.client_secret.is_some(), "the secret is still there");
    scene.test.engine.remove(&scene.id).await.unwrap();
    assert!(scene.test.record(&scene.id).await.is_none(), "and goes with its connector");
}

#[tokio::test]
async fn a_computer_without_a_keychain_lets_go_of_a_connector_that_keeps_nothing_in_one() {
    let store = store();
    let scene = scene_over(&store).await;
    store.fail_always(Operation::Any, Fault::Missing);
    scene.test.engine.remove(&scene.id).await.unwrap();
    assert_eq!(scene.test.engine.list().await.unwrap().len(), 0);
}
