//! Calling a tool: with the sign-in there is, with a renewed one, and without enough permission. Listing tools is elsewhere.

use std::sync::Arc;
use std::time::Duration;

use replug_core::{Code, Failure, Outcome, Rung, State};
use replug_engine::wire::{EditConnector, SecretEdit};
use replug_engine::{Called, Elicitation};
use replug_keychain::MemoryStore;
use replug_keychain::fake::{Fault, FaultyStore, Operation};
use replug_lab::{AuthFaults, Front, Guard, McpFaults, RefreshTokens, Refuse, Speech, TokenFaults};
use replug_store::Store;
use serde_json::value::RawValue;

use crate::bench::TestEngine;
use crate::scene::{Scene, expect, expect_signed_in};

async fn call(scene: &Scene) -> Result<Called, Failure> {
    let arguments: Box<RawValue> = serde_json::from_str(r#"{"text": "again"}"#).unwrap();
    Box::pin(scene.test.engine.call_tool(&scene.id, "echo", &arguments, Elicitation::Decline)).await
}

/// A key in the place of the sign-in's token.
fn key(value: &str) -> EditConnector {
    let header = ("Authorization".to_owned(), SecretEdit::Set(format!("Bearer {value}")));
    EditConnector { headers: Some(vec![header]), ..EditConnector::default() }
}

/// Does something with a connector while another process removes it: the keychain is slow until that is done.
async fn removed_during<T>(scene: &Scene, keychain: &FaultyStore, work: impl Future<Output = T>) -> T {
    keychain.fail_at(Operation::Read, 1, Fault::Hang);
    let removing = async {
        let hanging = keychain.clone();
        tokio::task::spawn_blocking(move || hanging.wait_until_hanging()).await.unwrap();
        let store = Store::open(scene.test.folder(), scene.test.clock.clone()).await.unwrap().store;
        store.delete(&scene.id).await.unwrap();
        keychain.heal();
    };
    tokio::join!(work, removing).0
}

async fn scene_over(keychain: &FaultyStore, faults: McpFaults) -> Scene {
    let test = TestEngine::start_over(Arc::new(keychain.clone())).await;
    Scene::on(test, AuthFaults::default(), faults, EditConnector::default()).await
}

#[track_caller]
fn assert_answered(called: &Result<Called, Failure>) {
    assert!(matches!(called, Ok(Called::Result(_))), "{called:?}");
}

fn guarded(guard: Guard) -> McpFaults {
    McpFaults { guard, ..McpFaults::default() }
}

#[tokio::test]
async fn a_call_behind_a_public_list_asks_for_a_sign_in_and_works_after_it() {
    let scene = Scene::set(AuthFaults::default(), guarded(Guard::CallsOnly)).await;
    assert_eq!(scene.check().await.health.state, State::Connected, "the list is for everybody");
    assert_eq!(call(&scene).await.unwrap_err().code, Code::AuthNever);
    expect_signed_in(&scene.sign_in().await);
    assert_answered(&call(&scene).await);
}

#[tokio::test]
async fn a_refused_call_turns_the_verdict_until_the_credentials_are_others() {
    let scene = Scene::set(AuthFaults::default(), guarded(Guard::CallsOnly)).await;
    scene.check().await;
    assert_eq!(call(&scene).await.unwrap_err().code, Code::AuthNever);
    let view = scene.test.engine.get(&scene.id).await.unwrap();
    expect(&view, State::NeedsSignIn, "RPL-AUTH-NEVER");
    let steps = scene.test.engine.show(&scene.id).await.unwrap().steps;
    let step = steps.iter().find(|step| step.rung == Rung::Challenge).unwrap();
    let refused = step.exchanges.iter().filter(|exchange| exchange.status == Some(401)).count();
    assert_eq!((step.code, refused), (Some(Code::AuthNever), 1), "the ladder shows the call: {step:?}");
    scene.expect(State::NeedsSignIn, "RPL-AUTH-NEVER").await;

    expect_signed_in(&scene.sign_in().await);
    assert_answered(&call(&scene).await);
    assert_eq!(scene.check().await.health.state, State::Connected);

    scene.server.change_faults(|faults| faults.guard = Guard::RefusesCalls);
    assert_eq!(call(&scene).await.unwrap_err().code, Code::TokenRefusedByServer);
    scene.expect(State::NeedsSignIn, "RPL-TOKEN-REFUSED-BY-SERVER").await;
    scene.server.change_faults(|faults| faults.guard = Guard::CallsOnly);
    assert_answered(&call(&scene).await);
    assert_eq!(scene.check().await.health.state, State::Connected, "an answered call takes it back");
}

#[tokio::test]
async fn a_key_that_hides_the_sign_in_is_what_a_refused_call_blames() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.edit(key("wrong")).await;
    let before = scene.auth.state().refreshes;
    assert_eq!(call(&scene).await.unwrap_err().code, Code::HttpKeyRefused);
    assert_eq!(scene.auth.state().refreshes, before, "the token was not sent, so it is not renewed");
    let view = scene.test.engine.get(&scene.id).await.unwrap();
    expect(&view, State::NeedsSetup, "RPL-HTTP-KEY-REFUSED");
}

#[tokio::test]
async fn tools_are_refused_for_the_same_cause_as_in_a_check() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.server.change_faults(|faults| faults.guard = Guard::RefusesLists);
    let before = scene.auth.state().refreshes;
    let listed = scene.test.engine.tools(&scene.id).await.unwrap();
    assert_eq!(listed.error.unwrap().code, Code::TokenRefusedByServer);
    assert!(scene.auth.state().refreshes > before, "a new token was tried");
    scene.server.change_faults(|faults| faults.guard = Guard::Everything);
    scene.auth.expire_access_tokens();
    let listed = scene.test.engine.tools(&scene.id).await.unwrap();
    assert_eq!((listed.error, listed.tools.len()), (None, 3), "a refused token is renewed for the list as for a check");
}

#[tokio::test]
async fn a_token_that_a_call_is_refused_with_is_renewed_once() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.auth.expire_access_tokens();
    assert_answered(&call(&scene).await);
    assert_eq!((scene.opened(), scene.auth.state().refreshes), (1, 1), "no browser, one renewal");
    scene.server.change_faults(|faults| faults.guard = Guard::Refuses);
    assert_eq!(call(&scene).await.unwrap_err().code, Code::TokenRefusedByServer);
    assert_eq!(scene.auth.state().refreshes, 2, "tried once more, and no loop");
}

#[tokio::test]
async fn a_call_goes_on_with_a_token_that_lasts_when_it_cannot_be_renewed_ahead_of_time() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.test.clock.advance(Duration::from_mins(55));
    for front in
        [Front::Plain { status: 503, body: String::new() }, Front::RateLimited { retry_after_s: 600 }, Front::Open]
    {
        scene.auth.change_faults(|faults| faults.token.front = front.clone());
        assert_answered(&call(&scene).await);
        assert_eq!(scene.auth.state().refreshes, 0, "{front:?}");
    }
    scene.test.clock.advance(Duration::from_mins(6));
    assert_eq!(call(&scene).await.unwrap_err().code, Code::HttpRateLimited, "until it ends");
}

#[tokio::test]
async fn a_call_goes_on_with_a_token_that_lasts_beside_a_process_that_is_frozen_in_its_renewal() {
    let scene = Scene::healthy().await.signed_in().await;
    let record = std::fs::File::open(scene.test.folder().join("locks").join(format!("{}.record", scene.id))).unwrap();
    record.lock().unwrap();
    scene.test.clock.advance(Duration::from_mins(55));
    assert_answered(&call(&scene).await);
    record.unlock().unwrap();
    assert_answered(&call(&scene).await);
    assert_eq!(scene.auth.state().refreshes, 1, "the next one renews it");
}

#[tokio::test]
async fn a_call_that_needs_more_permission_gets_it_besides_what_there_was() {
    let guard = Guard::ScopeForCalls("write".to_owned());
    let faults = McpFaults { challenge_scope: Some("read".to_owned()), ..guarded(guard) };
    let scene = Scene::set(AuthFaults::default(), faults).await.signed_in().await;
    scene.server.change_faults(|faults| faults.challenge_scope = None);
    let refused = call(&scene).await.unwrap_err();
    assert_eq!(refused.code, Code::TokenScope);
    assert_eq!(refused.facts[0].value, "write");
    assert_eq!(scene.check().await.health.state, State::Connected, "the list needs no more than before");

    expect_signed_in(&scene.sign_in().await);
    let opened = scene.test.person.opened().pop().unwrap();
    assert!(opened.contains("scope=write+read"), "both are asked for: {opened}");
    assert_answered(&call(&scene).await);
}

#[tokio::test]
async fn a_call_that_was_refused_says_nothing_about_the_sign_in_after_the_next() {
    let token = TokenFaults { refresh_tokens: RefreshTokens::Never, ..TokenFaults::default() };
    let auth = AuthFaults { token, ..AuthFaults::default() };
    let scene = Scene::set(auth, guarded(Guard::RefusesCalls)).await.signed_in().await;
    assert_eq!(call(&scene).await.unwrap_err().code, Code::TokenRefusedByServer);
    scene.expect(State::NeedsSignIn, "RPL-TOKEN-REFUSED-BY-SERVER").await;
    scene.server.change_faults(|faults| faults.guard = Guard::CallsOnly);
    scene.forget().await;
    expect_signed_in(&scene.sign_in().await);
    assert_eq!(scene.check().await.health.state, State::Connected, "nobody refused this token");
}

#[tokio::test]
async fn a_key_that_a_call_was_refused_with_stays_refused_until_it_is_another() {
    for checked_before in [true, false] {
        let scene = Scene::set(AuthFaults::default(), guarded(Guard::CallsOnly)).await;
        scene.edit(key("wrong")).await;
        if checked_before {
            assert_eq!(scene.check().await.health.state, State::Connected, "the list is for everybody");
        }
        assert_eq!(call(&scene).await.unwrap_err().code, Code::HttpKeyRefused);
        for _ in 0..2 {
            scene.expect(State::NeedsSetup, "RPL-HTTP-KEY-REFUSED").await;
        }
        let steps = scene.test.engine.show(&scene.id).await.unwrap().steps;
        let step = steps.iter().find(|step| step.rung == Rung::Challenge).unwrap();
        assert_eq!(step.outcome, Outcome::Warning, "the person has to do something, nothing has failed: {step:?}");
        scene.edit(key("other")).await;
        assert_eq!(scene.check().await.health.state, State::Connected, "nobody refused this one");
    }
}

#[tokio::test]
async fn a_call_that_was_answered_is_no_failure_whatever_becomes_of_the_notes() {
    let keychain = FaultyStore::over(Arc::new(MemoryStore::new()));
    let scene = scene_over(&keychain, guarded(Guard::CallsOnly)).await;
    assert_eq!(call(&scene).await.unwrap_err().code, Code::AuthNever);
    expect_signed_in(&scene.sign_in().await);
    assert_answered(&removed_during(&scene, &keychain, call(&scene)).await);
}

#[tokio::test]
async fn a_refusal_is_told_as_it_was_whatever_becomes_of_the_notes() {
    let keychain = FaultyStore::over(Arc::new(MemoryStore::new()));
    let scene = scene_over(&keychain, guarded(Guard::CallsOnly)).await;
    assert_eq!(removed_during(&scene, &keychain, call(&scene)).await.unwrap_err().code, Code::AuthNever);
}

#[tokio::test]
async fn what_a_call_with_more_permission_came_to_is_told_whatever_becomes_of_the_notes() {
    let guard = Guard::ScopeForCalls("write".to_owned());
    for permitted in [false, true] {
        let keychain = FaultyStore::over(Arc::new(MemoryStore::new()));
        let faults = McpFaults { challenge_scope: Some("read".to_owned()), ..guarded(guard.clone()) };
        let scene = scene_over(&keychain, faults).await.signed_in().await;
        scene.server.change_faults(|faults| faults.challenge_scope = None);
        if permitted {
            assert_eq!(call(&scene).await.unwrap_err().code, Code::TokenScope);
            expect_signed_in(&scene.sign_in().await);
        }
        match removed_during(&scene, &keychain, call(&scene)).await {
            Ok(Called::Result(_)) => assert!(permitted),
            other => assert_eq!((other.unwrap_err().code, permitted), (Code::TokenScope, false)),
        }
    }
}

#[tokio::test]
async fn a_refused_list_is_told_even_when_nobody_can_look_into_it() {
    let keychain = FaultyStore::over(Arc::new(MemoryStore::new()));
    let scene = scene_over(&keychain, McpFaults::default()).await;
    let listed = Box::pin(removed_during(&scene, &keychain, scene.test.engine.tools_raw(&scene.id))).await.unwrap();
    assert_eq!(listed.error.map(|failure| failure.code), Some(Code::AuthNever));
}

#[tokio::test]
async fn a_renewal_that_fails_in_the_middle_of_a_call_shows_everything_that_was_asked() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.auth.expire_access_tokens();
    let error = "invalid_grant".to_owned();
    let refuse = Refuse { grant: Some(replug_lab::Grant::Refresh), status: 400, error, description: None };
    scene.auth.change_faults(|faults| faults.token.refuse = Some(refuse));
    assert_eq!(call(&scene).await.unwrap_err().code, Code::TokenDead);
    let steps = scene.test.engine.show(&scene.id).await.unwrap().steps;
    let step = steps.iter().find(|step| step.rung == Rung::Token).unwrap();
    let statuses: Vec<Option<u16>> = step.exchanges.iter().map(|exchange| exchange.status).collect();
    assert_eq!((step.code, statuses), (Some(Code::TokenDead), vec![Some(401), Some(400)]), "{step:?}");
    assert_eq!(step.duration_ms, step.exchanges.iter().map(|exchange| exchange.duration_ms).sum::<u64>());
}

#[tokio::test]
async fn a_session_whose_list_is_refused_is_ended_at_the_server_too() {
    let speech = Speech::legacy_only();
    let scene = Scene::set(AuthFaults::default(), McpFaults { speech, ..guarded(Guard::RefusesLists) }).await;
    scene.expect(State::NeedsSignIn, "RPL-AUTH-NEVER").await;
    assert_eq!(scene.server.live_sessions(), 0);
}
