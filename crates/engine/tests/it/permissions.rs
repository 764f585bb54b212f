//! Which permissions are asked for again when some are refused, and how often a server may ask for more.

use replug_core::{Code, Failure, State};
use replug_engine::wire::SignInProgress;
use replug_engine::{Called, Elicitation};
use replug_lab::{AuthFaults, AuthorizeFaults, Guard, McpFaults, MetadataFaults, PrmFaults, ScopeAnswer, ScopeRule};
use serde_json::value::RawValue;

use crate::scene::{Scene, expect, expect_refused, expect_signed_in, fact};

fn owned(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(ToString::to_string).collect()
}

/// A service that takes and lists these permissions, and a server whose metadata suggests those.
async fn scene(takes: &[&str], lists: &[&str], suggests: &[&str]) -> Scene {
    let authorize = AuthorizeFaults { scope: ScopeRule::Known(owned(takes)), ..AuthorizeFaults::default() };
    let metadata = MetadataFaults { scopes_supported: Some(owned(lists)), ..MetadataFaults::default() };
    let suggested = PrmFaults { scopes_supported: Some(owned(suggests)), ..PrmFaults::default() };
    let auth = AuthFaults { authorize, metadata, ..AuthFaults::default() };
    Scene::set(auth, McpFaults { metadata: suggested, ..McpFaults::default() }).await
}

/// The permissions of every address the browser was sent to.
fn asked(scene: &Scene) -> Vec<String> {
    let scope_of = |address: &String| {
        let url = url::Url::parse(address).unwrap();
        let found = url.query_pairs().find(|(name, _)| name == "scope").map(|(_, value)| value.into_owned());
        found.unwrap_or_default()
    };
    scene.test.person.opened().iter().map(scope_of).collect()
}

fn granted(done: &SignInProgress) -> Vec<String> {
    done.connector.as_ref().unwrap().sign_in.scopes.clone()
}

#[tokio::test]
async fn suggested_permissions_that_the_service_refuses_are_dropped_once_and_that_is_told() {
    for (takes, lists, suggests, steps) in [
        (&["a"][..], &["a"][..], &["a", "b"][..], ["a b", "a"]),
        (&["a"], &["a", "offline_access"], &["a"], ["a offline_access", "a"]),
        (&["c"], &[], &["a"], ["a", ""]),
    ] {
        let scene = scene(takes, lists, suggests).await;
        let done = scene.sign_in().await;
        expect_signed_in(&done);
        assert_eq!(asked(&scene), steps);
        assert!(done.note.as_ref().is_some_and(|note| note.contains("asks again without")), "{done:?}");
        assert_eq!(scene.auth.state().live_clients, 1, "what was registered for the first try is gone");
    }
}

#[tokio::test]
async fn permissions_are_dropped_in_one_step_and_then_the_refusal_is_named() {
    let scene = scene(&["c"], &["a", "offline_access"], &["a", "b"]).await;
    let cause = expect_refused(&scene.sign_in().await, State::NeedsSignIn, "RPL-AUTH-SCOPE-REFUSED");
    assert_eq!(asked(&scene), ["a b offline_access", "a offline_access"]);
    assert_eq!(fact(&cause, "Tried without"), "b");
    assert_eq!(scene.auth.state().live_clients, 0);
}

#[tokio::test]
async fn what_was_asked_for_and_what_was_granted_are_both_shown() {
    let scene = scene(&["a", "b"], &["a", "b"], &["a", "b"]).await;
    scene.auth.change_faults(|faults| faults.token.answer.scope = ScopeAnswer::Other(owned(&["a"])));
    let done = scene.sign_in().await;
    expect_signed_in(&done);
    assert_eq!(granted(&done), ["a"]);
    assert_eq!(done.connector.unwrap().sign_in.asked_scopes, ["a", "b"]);
    let scene = scene.restarted().await;
    let later = scene.expect_green_without_browser().await.sign_in;
    assert_eq!((later.scopes, later.asked_scopes), (owned(&["a"]), owned(&["a", "b"])));
    scene.test.engine.sign_out(&scene.id).await.unwrap();
    let out = scene.test.engine.get(&scene.id).await.unwrap().sign_in;
    assert_eq!((out.scopes, out.asked_scopes), (Vec::new(), Vec::new()));
}

async fn call(scene: &Scene) -> Result<Called, Failure> {
    let arguments: Box<RawValue> = serde_json::from_str(r#"{"text": "again"}"#).unwrap();
    scene.test.engine.call_tool(&scene.id, "echo", &arguments, Elicitation::default()).await
}

#[tokio::test]
async fn a_server_that_is_never_content_costs_two_sign_ins_and_is_named() {
    let guarded = |guard: Guard| McpFaults { guard, ..McpFaults::default() };
    let scene = Scene::set(AuthFaults::default(), guarded(Guard::NeverContent)).await.signed_in().await;
    for _ in 0..2 {
        assert_eq!(call(&scene).await.unwrap_err().code, Code::TokenScope);
        assert_eq!(call(&scene).await.unwrap_err().code, Code::TokenScope, "asking twice counts once");
        expect_signed_in(&scene.sign_in().await);
    }
    assert_eq!(asked(&scene), ["", "more-0", "more-1 more-0"], "more is asked for besides what there was");
    let refused = call(&scene).await.unwrap_err();
    assert_eq!(refused.code, Code::TokenScopeEndless);
    let told = scene.test.engine.get(&scene.id).await.unwrap();
    let cause = expect(&told, State::NeedsSetup, "RPL-TOKEN-SCOPE-ENDLESS");
    assert_eq!(fact(&cause, "It asks for"), "more-2");
    scene.expect_green_without_browser().await;
    scene.sign_in().await;
    assert_eq!(scene.opened(), 3, "no further sign-in asks for more");

    scene.server.change_faults(|faults| faults.guard = Guard::Everything);
    assert!(call(&scene).await.is_ok());
    scene.server.change_faults(|faults| faults.guard = Guard::ScopeForCalls("more-9".to_owned()));
    assert_eq!(call(&scene).await.unwrap_err().code, Code::TokenScope, "what was answered begins anew");
    expect_signed_in(&scene.sign_in().await);
    assert!(call(&scene).await.is_ok());
}
