//! Calling a tool: with the sign-in there is, with a renewed one, and without enough permission. Listing tools is elsewhere.

use replug_core::{Code, Failure, Rung, State};
use replug_engine::wire::{EditConnector, SecretEdit};
use replug_engine::{Called, Elicitation};
use replug_lab::{AuthFaults, Guard, McpFaults};
use serde_json::value::RawValue;

use crate::scene::{Scene, expect, expect_signed_in};

async fn call(scene: &Scene) -> Result<Called, Failure> {
    let arguments: Box<RawValue> = serde_json::from_str(r#"{"text": "again"}"#).unwrap();
    scene.test.engine.call_tool(&scene.id, "echo", &arguments, Elicitation::Decline).await
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
    let key = ("Authorization".to_owned(), SecretEdit::Set("Bearer wrong-key".to_owned()));
    scene.edit(EditConnector { headers: Some(vec![key]), ..EditConnector::default() }).await;
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
