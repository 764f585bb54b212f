//! Calling a tool: with the sign-in there is, with a renewed one, and without enough permission. Listing tools is elsewhere.

use replug_core::{Code, Failure, State};
use replug_engine::Called;
use replug_lab::{AuthFaults, Guard, McpFaults};
use serde_json::value::RawValue;

use crate::scene::{Scene, expect_signed_in};

async fn call(scene: &Scene) -> Result<Called, Failure> {
    let arguments: Box<RawValue> = serde_json::from_str(r#"{"text": "again"}"#).unwrap();
    scene.test.engine.call_tool(&scene.id, "echo", &arguments).await
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
