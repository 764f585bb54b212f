//! Switches of the tools: pages, cursors, errors and broken descriptions.

use std::time::Duration;

use replug_lab::{CursorFault, ListFault, McpFaults, McpServer, ToolFaults, ToolFlaw};
use serde_json::{Value, json};

use crate::client::{Answer, initialize, modern, send};

fn server(tools: ToolFaults) -> McpServer {
    let faults = McpFaults { tools, ..McpFaults::default() };
    McpServer::start(faults, None).unwrap()
}

async fn page(server: &McpServer, cursor: Option<&str>) -> Answer {
    let params = cursor.map_or_else(|| json!({}), |cursor| json!({"cursor": cursor}));
    send(modern(server, "tools/list", params)).await
}

/// Follows cursors for at most ten pages: how many tools came, and on how many pages.
async fn walk(server: &McpServer) -> (usize, usize) {
    let (mut tools, mut pages, mut cursor) = (0, 0, None::<String>);
    while pages < 10 {
        let result = page(server, cursor.as_deref()).await.json()["result"].take();
        tools += result["tools"].as_array().unwrap().len();
        pages += 1;
        match result["nextCursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    (tools, pages)
}

#[tokio::test]
async fn tools_come_on_pages_as_large_as_the_switch_says() {
    let paged = |count, page_size, cursor| server(ToolFaults { count, page_size, cursor, ..ToolFaults::default() });
    assert_eq!(walk(&paged(200, None, CursorFault::Honest)).await, (200, 1));
    assert_eq!(walk(&paged(54, Some(50), CursorFault::Honest)).await, (54, 2));
    assert_eq!(walk(&paged(50, Some(50), CursorFault::Honest)).await, (50, 1));
    assert_eq!(walk(&paged(5, Some(2), CursorFault::EmptyText)).await, (5, 3));
    assert_eq!(walk(&paged(0, None, CursorFault::Honest)).await, (0, 1));
    let circle = paged(4, Some(2), CursorFault::Circle);
    assert_eq!(walk(&circle).await.1, 10, "it never ends");
    let first = page(&circle, None).await.json()["result"]["nextCursor"].take();
    let second = page(&circle, first.as_str()).await.json()["result"]["nextCursor"].take();
    assert_eq!(first, second, "the same cursor again");
    let endless = paged(1, Some(1), CursorFault::Endless);
    assert_eq!(walk(&endless).await, (1, 10), "always one more page");
    let empty = page(&paged(5, Some(2), CursorFault::EmptyText), None).await;
    assert_eq!(empty.json()["result"]["nextCursor"], json!(""));
}

#[tokio::test]
async fn listing_can_fail_after_a_good_handshake() {
    let server = server(ToolFaults::default());
    let error = ListFault::Error { code: -32603, message: "database is down".to_owned() };
    server.change_faults(|faults| faults.tools.list = error);
    assert_eq!(initialize(&server, "2025-11-25").await.0.status, 200);
    let failed = page(&server, None).await.json();
    assert_eq!(failed["error"], json!({"code": -32603, "message": "database is down"}));
    server.change_faults(|faults| faults.tools.list = ListFault::ErrorOnSecondPage);
    let first = page(&server, None).await.json();
    let cursor = first["result"]["nextCursor"].as_str();
    assert!(page(&server, cursor).await.json()["error"].is_object(), "the second page");
    server.change_faults(|faults| faults.tools.list = ListFault::NotAList);
    assert_eq!(page(&server, None).await.json()["result"]["tools"], json!("none"));
    server.change_faults(|faults| faults.tools.list = ListFault::Status(502));
    assert_eq!(page(&server, None).await.status, 502);
    server.change_faults(|faults| faults.tools.list = ListFault::Stalls);
    let open = modern(&server, "tools/list", json!({})).send().await.unwrap();
    assert_eq!(open.status(), 200, "the head of an answer comes");
    let silence = tokio::time::timeout(Duration::from_millis(50), open.bytes()).await;
    assert!(silence.is_err(), "and nothing else");
}

#[tokio::test]
async fn a_server_can_say_that_it_has_no_tools() {
    let server = server(ToolFaults { capability: false, ..ToolFaults::default() });
    let found = send(modern(&server, "server/discover", json!({}))).await.json();
    assert_eq!(found["result"]["capabilities"], json!({}));
    assert_eq!(page(&server, None).await.json()["error"]["code"], json!(-32601));
}

#[tokio::test]
async fn broken_tools_stand_beside_healthy_ones() {
    let flaws = vec![
        ToolFlaw::NoObjectType,
        ToolFlaw::NoSchema,
        ToolFlaw::ArrayWithoutItems,
        ToolFlaw::LongName,
        ToolFlaw::DoubledName,
        ToolFlaw::BadHeader,
        ToolFlaw::SignInStub,
        ToolFlaw::Hostile,
        ToolFlaw::Any(json!({"name": 7})),
    ];
    let server = server(ToolFaults { count: 1, flaws, ..ToolFaults::default() });
    let tools = page(&server, None).await.json()["result"]["tools"].take();
    let tools = tools.as_array().unwrap();
    let schema = |index: usize| &tools[index]["inputSchema"];
    assert!(schema(0)["type"].is_null() && schema(0)["anyOf"].is_array(), "no type");
    assert!(tools[1].get("inputSchema").is_none(), "no schema");
    assert!(schema(2)["properties"]["list"]["items"].is_null(), "no items");
    assert_eq!(tools[3]["name"].as_str().unwrap().len(), 65);
    assert_eq!((&tools[4]["name"], &tools[9]["name"]), (&json!("echo"), &json!("echo")));
    assert_eq!(schema(5)["properties"]["share"]["type"], json!("number"), "not permitted");
    assert_eq!(tools[6]["name"], json!("authenticate"));
    let hostile = tools[7].to_string();
    assert!(hostile.contains("onerror") && hostile.contains('\u{202e}'), "{hostile}");
    assert_eq!(tools[8], json!({"name": 7}), "anything at all");
    let unknown = modern(&server, "tools/call", json!({"name": "nobody"}));
    assert_eq!(send(unknown).await.json()["error"]["code"], Value::from(-32602));
}
