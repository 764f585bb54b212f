//! Signed in, and it does not work all the same: a token for somebody else, a list of tools that cannot be read, none at all.

use replug_core::{ActionId, State};
use replug_engine::wire::SignInStateName;
use replug_lab::{Audience, AuthFaults, Guard, ListFault, McpFaults, TokenAnswer, TokenFaults, TokenForm, ToolFaults};

use crate::scene::{Scene, actions, expect, expect_signed_in, fact};

fn for_audience(audience: Audience, form: TokenForm) -> AuthFaults {
    let answer = TokenAnswer { audience, form, ..TokenAnswer::default() };
    AuthFaults { token: TokenFaults { answer, ..TokenFaults::default() }, ..AuthFaults::default() }
}

#[tokio::test]
async fn a_token_for_another_audience_is_named_with_both_and_never_tried_in_circles() {
    let elsewhere = "https://elsewhere.example/mcp";
    let faults = for_audience(Audience::Other(elsewhere.to_owned()), TokenForm::Jwt);
    let scene = Scene::set(faults, McpFaults::default()).await;
    let done = scene.sign_in().await;
    let after = done.connector.unwrap();
    let cause = expect(&after, State::NeedsSignIn, "RPL-TOKEN-REFUSED-BY-SERVER");
    let audience = fact(&cause, "Audience");
    assert!(audience.contains(elsewhere) && audience.contains(&scene.server.address()), "{audience}");
    assert_eq!(actions(&cause), [ActionId::SignIn, ActionId::AskOwner]);
    assert_eq!(after.sign_in.state, SignInStateName::SignInNeeded);
    let state = scene.auth.state();
    assert_eq!((scene.opened(), state.exchanges, state.refreshes), (1, 1, 1), "one sign-in, one renewal, no loop");
    assert!(scene.grant().await.is_some(), "the tokens are kept: the server may be mended");

    scene.auth.set_faults(AuthFaults::default());
    expect_signed_in(&scene.sign_in().await);
}

#[tokio::test]
async fn a_token_that_says_nothing_is_refused_in_the_same_way() {
    let scene = Scene::set(for_audience(Audience::Resource, TokenForm::Opaque), McpFaults::default()).await;
    let scene = scene.signed_in().await;
    scene.server.change_faults(|faults| faults.guard = Guard::Refuses);
    scene.expect(State::NeedsSignIn, "RPL-TOKEN-REFUSED-BY-SERVER").await;
    scene.server.change_faults(|faults| faults.guard = Guard::Everything);
    scene.expect_green_without_browser().await;
}

/// A scene whose sign-in succeeds, and what the verdict is then.
async fn after_signing_in(tools: ToolFaults) -> replug_engine::wire::ConnectorView {
    let scene = Scene::set(AuthFaults::default(), McpFaults { tools, ..McpFaults::default() }).await;
    let done = scene.sign_in().await;
    assert_eq!(done.error, None, "the sign-in itself is in order");
    assert!(scene.grant().await.is_some(), "and is stored");
    let view = done.connector.unwrap();
    assert_eq!(view.sign_in.state, SignInStateName::SignedIn);
    *view
}

#[tokio::test]
async fn a_tool_list_that_fails_is_not_green() {
    for list in [
        ListFault::Error { code: -32603, message: "out of tools".to_owned() },
        ListFault::NotAList,
        ListFault::Status(500),
    ] {
        let view = after_signing_in(ToolFaults { list: list.clone(), ..ToolFaults::default() }).await;
        let cause = expect(&view, State::ConnectedNoTools, "RPL-MCP-TOOLS-BROKEN");
        assert_eq!(actions(&cause), [ActionId::Retry, ActionId::AskOwner], "{list:?}");
    }
    let half = ToolFaults { list: ListFault::ErrorOnSecondPage, page_size: Some(1), ..ToolFaults::default() };
    expect(&after_signing_in(half).await, State::ConnectedNoTools, "RPL-MCP-TOOLS-INCOMPLETE");
}

#[tokio::test]
async fn no_tools_and_no_wish_to_have_any_are_told_apart() {
    let empty = after_signing_in(ToolFaults { count: 0, ..ToolFaults::default() }).await;
    let none = after_signing_in(ToolFaults { count: 0, capability: false, ..ToolFaults::default() }).await;
    let empty = expect(&empty, State::ConnectedNoTools, "RPL-MCP-NO-TOOLS");
    let none = expect(&none, State::ConnectedNoTools, "RPL-MCP-NO-TOOLS");
    assert_ne!(empty.text, none.text, "two causes, two sentences");
    assert!(none.evidence.iter().any(|fact| fact.label == "Offers"), "{none:?}");
}
