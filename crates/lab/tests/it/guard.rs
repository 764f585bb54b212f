//! Switches of the MCP server's guard: challenges, keys, scopes and tokens that are not good enough.

use replug_lab::{AuthFaults, BadToken, Challenge, Guard, McpFaults, McpServer};
use serde_json::json;

use crate::client::{Answer, Lab, modern, rpc, send};

fn lab(faults: McpFaults) -> Lab {
    Lab::with(AuthFaults::default(), faults)
}

async fn list(server: &McpServer, token: Option<&str>) -> Answer {
    let request = modern(server, "tools/list", json!({}));
    send(match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    })
    .await
}

#[tokio::test]
async fn a_request_without_a_token_is_challenged_as_the_switch_says() {
    for (challenge, status, expected) in [
        (Challenge::Bearer, 401, "Bearer realm=\"lab\", scope=\"read\""),
        (Challenge::Missing, 401, ""),
        (Challenge::Basic, 401, "Basic realm=\"lab\""),
        (Challenge::Forbidden, 403, ""),
    ] {
        let lab = lab(McpFaults { challenge, challenge_scope: Some("read".to_owned()), ..McpFaults::default() });
        let answer = list(&lab.mcp, None).await;
        assert_eq!(answer.status, status, "{challenge:?}");
        assert_eq!(answer.header("www-authenticate"), expected, "{challenge:?}");
    }
    let lab = lab(McpFaults::default());
    let expected = format!("Bearer resource_metadata=\"{}{}\"", lab.mcp.origin(), lab.mcp.metadata_path());
    assert_eq!(list(&lab.mcp, None).await.header("www-authenticate"), expected);
}

#[tokio::test]
async fn a_bad_token_is_challenged_or_breaks_the_server() {
    let lab = lab(McpFaults::default());
    let answer = list(&lab.mcp, Some("nonsense")).await;
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").contains("invalid_token"));
    lab.mcp.change_faults(|faults| faults.bad_token = BadToken::ServerError);
    assert_eq!(list(&lab.mcp, Some("nonsense")).await.status, 500);
    assert_eq!(list(&lab.mcp, None).await.status, 401, "without a token it is usual");
}

#[tokio::test]
async fn a_good_token_can_be_refused_all_the_same() {
    let lab = lab(McpFaults { guard: Guard::Refuses, ..McpFaults::default() });
    let (_, tokens) = lab.tokens().await;
    let answer = list(&lab.mcp, tokens["access_token"].as_str()).await;
    assert_eq!(answer.status, 401);
    assert_eq!(lab.auth.state().live_access_tokens, 1, "although it is live");
}

#[tokio::test]
async fn calls_alone_can_need_a_token_or_a_scope() {
    let lab = lab(McpFaults { guard: Guard::CallsOnly, ..McpFaults::default() });
    let call = || modern(&lab.mcp, "tools/call", json!({"name": "echo", "arguments": {}}));
    assert_eq!(list(&lab.mcp, None).await.status, 200, "the list is public");
    assert_eq!(send(call()).await.status, 401, "the call is not");
    lab.mcp.change_faults(|faults| faults.guard = Guard::ScopeForCalls("write".to_owned()));
    let (_, tokens) = lab.tokens().await;
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(list(&lab.mcp, Some(token)).await.status, 200);
    let refused = send(call().bearer_auth(token)).await;
    assert_eq!(refused.status, 403);
    let challenge = refused.header("www-authenticate");
    assert!(challenge.contains("error=\"insufficient_scope\"") && challenge.contains("scope=\"write\""), "{challenge}");
    let client = lab.client_id().await;
    let code = lab.code(&client, &[("scope", "read write")]).await;
    let more = lab.exchange(&client, &code, &[]).await.json();
    let answer = send(call().bearer_auth(more["access_token"].as_str().unwrap())).await;
    assert_eq!(answer.status, 200, "with the scope it works");
}

#[tokio::test]
async fn a_fixed_key_can_stand_in_for_a_sign_in() {
    let faults = McpFaults {
        guard: Guard::Key { header: "x-api-key".to_owned(), value: "right".to_owned() },
        challenge: Challenge::Missing,
        ..McpFaults::default()
    };
    let server = McpServer::start(faults, None).unwrap();
    let with = |key: &str| modern(&server, "tools/list", json!({})).header("x-api-key", key);
    assert_eq!(list(&server, None).await.status, 401);
    assert_eq!(send(with("wrong")).await.status, 401);
    assert_eq!(send(with("right")).await.status, 200);
}

#[tokio::test]
async fn the_endpoint_can_move_behind_a_slash() {
    let faults = McpFaults { slash: true, ..McpFaults::default() };
    let server = McpServer::start(faults, None).unwrap();
    let moved = send(rpc(&server, "ping", &json!({}))).await;
    assert_eq!((moved.status, moved.header("location")), (307, "/mcp/"));
}
