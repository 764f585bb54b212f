//! Reading tools to the last page, and saying how it ended.

use std::sync::atomic::{AtomicUsize, Ordering};

use replug_core::Code;
use replug_mcp::{ListEnd, MAX_TOOLS, Refusal, ToolsOutcome};
use serde_json::{Value, json};

use crate::Client;
use crate::server::{Asked, Play, Server, answer, error, initialized, json_answer, legacy, modern, result};

async fn list(server: &Server) -> Result<ToolsOutcome, Refusal> {
    let client = Client::of(&server.url);
    let mut session = client.probe().await.unwrap();
    session.list_tools().await
}

fn tool(name: &str) -> Value {
    json!({"name": name, "inputSchema": {"type": "object"}})
}

fn code(end: &ListEnd) -> Option<Code> {
    match end {
        ListEnd::Complete | ListEnd::NotOffered => None,
        ListEnd::Incomplete { why } | ListEnd::Unreadable { why } => Some(why.code),
    }
}

fn raw_result(asked: &Asked, raw: &str) -> Vec<Play> {
    let body = format!(r#"{{"jsonrpc":"2.0","id":{},"result":{raw}}}"#, asked.body["id"]);
    answer(200, &[("content-type", "application/json")], &body)
}

#[tokio::test]
async fn tools_are_kept_byte_for_byte() {
    let sent =
        r#"{"name":"a",  "x":1.0e2,"big":12345678901234567890123,"inputSchema":{"type":"object"},"unknown":{"é":[]}}"#;
    let server = modern(move |asked| raw_result(asked, &format!(r#"{{"tools":[{sent}]}}"#))).await;
    let list = list(&server).await.unwrap();
    assert_eq!(list.tools[0].get(), sent);
    assert_eq!((list.total, list.end), (1, ListEnd::Complete));
}

#[tokio::test]
async fn all_pages_are_read_and_an_empty_cursor_is_a_cursor() {
    let server = modern(|asked| match asked.body["params"].get("cursor") {
        None => result(asked, &json!({"tools": [tool("a")], "nextCursor": ""})),
        Some(Value::String(text)) if text.is_empty() => {
            result(asked, &json!({"tools": [tool("b")], "nextCursor": "p3"}))
        }
        Some(_) => result(asked, &json!({"tools": [tool("c")], "nextCursor": null})),
    })
    .await;
    let list = list(&server).await.unwrap();
    assert_eq!((list.total, list.pages, list.end), (3, 3, ListEnd::Complete));
}

#[tokio::test]
async fn a_list_that_goes_in_a_circle_ends() {
    let server = modern(|asked| result(asked, &json!({"tools": [tool("a")], "nextCursor": "again"}))).await;
    let list = list(&server).await.unwrap();
    assert_eq!((list.pages, code(&list.end)), (2, Some(Code::McpToolsIncomplete)));
    assert_eq!(server.methods().len(), 3, "the greeting, the page, and the page it pointed to");
}

#[tokio::test]
async fn a_list_without_an_end_is_given_up_after_200_pages() {
    let count = AtomicUsize::new(0);
    let server = modern(move |asked| {
        let page = count.fetch_add(1, Ordering::SeqCst);
        result(asked, &json!({"tools": [], "nextCursor": page.to_string()}))
    })
    .await;
    let list = list(&server).await.unwrap();
    assert_eq!((list.pages, code(&list.end)), (200, Some(Code::McpToolsIncomplete)));
}

#[tokio::test]
async fn ten_thousand_tools_are_counted_and_two_thousand_are_kept() {
    let server = modern(|asked| {
        let tools: Vec<Value> = (0..10_000).map(|number| tool(&format!("t{number}"))).collect();
        result(asked, &json!({"tools": tools}))
    })
    .await;
    let list = list(&server).await.unwrap();
    assert_eq!((list.total, list.tools.len()), (10_000, MAX_TOOLS));
    assert_eq!(list.end, ListEnd::Complete);
}

#[tokio::test]
async fn an_error_after_a_good_greeting_is_about_the_list() {
    let server = modern(|asked| error(asked, 200, -32603, "kaput")).await;
    let outcome = list(&server).await.unwrap();
    let ListEnd::Unreadable { why } = outcome.end else { panic!("nothing was read") };
    assert_eq!((why.code, why.said.as_deref()), (Code::McpToolsBroken, Some("kaput")));

    let server = modern(|asked| match asked.body["params"].get("cursor") {
        None => result(asked, &json!({"tools": [tool("a")], "nextCursor": "2"})),
        Some(_) => answer(502, &[], "bad gateway"),
    })
    .await;
    let outcome = list(&server).await.unwrap();
    assert_eq!((outcome.total, code(&outcome.end)), (1, Some(Code::McpToolsIncomplete)));
}

#[tokio::test]
async fn answers_that_are_no_list_are_unreadable() {
    for body in [json!({}), json!({"tools": "many"}), json!({"tools": null}), json!([])] {
        let shown = body.to_string();
        let server = modern(move |asked| result(asked, &body)).await;
        let outcome = list(&server).await.unwrap();
        assert_eq!(code(&outcome.end), Some(Code::McpToolsBroken), "{shown}");
    }
}

#[tokio::test]
async fn a_server_that_has_no_tools_is_told_from_one_that_hides_them() {
    let without = Server::start(|asked| match asked.method() {
        "server/discover" => {
            result(asked, &json!({"supportedVersions": ["2026-07-28"], "capabilities": {"prompts": {}}}))
        }
        _ => error(asked, 404, -32601, "Method not found"),
    })
    .await;
    assert_eq!(list(&without).await.unwrap().end, ListEnd::NotOffered);

    let announced = modern(|asked| error(asked, 404, -32601, "Method not found")).await;
    assert_eq!(code(&list(&announced).await.unwrap().end), Some(Code::McpToolsBroken));

    let empty = modern(|asked| result(asked, &json!({"tools": []}))).await;
    let outcome = list(&empty).await.unwrap();
    assert_eq!((outcome.total, outcome.end), (0, ListEnd::Complete));
}

#[tokio::test]
async fn a_missing_sign_in_is_never_a_broken_list() {
    let server = modern(|asked| match asked.body["params"].get("cursor") {
        None => result(asked, &json!({"tools": [tool("a")], "nextCursor": "2"})),
        Some(_) => answer(401, &[("www-authenticate", "Bearer")], ""),
    })
    .await;
    let refusal = list(&server).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Unauthorized { .. }), "{refusal:?}");
}

#[tokio::test]
async fn a_lost_session_is_begun_anew_once_and_reading_starts_over() {
    for lost in [404, 400] {
        let restarted = AtomicUsize::new(0);
        let server = legacy("2025-11-25", move |asked| {
            let time = restarted.fetch_add(1, Ordering::SeqCst);
            match time {
                0 => result(asked, &json!({"tools": [tool("old")], "nextCursor": "2"})),
                1 => error(asked, lost, -32001, "Session not found"),
                _ => result(asked, &json!({"tools": [tool("new")]})),
            }
        })
        .await;
        let outcome = list(&server).await.unwrap();
        assert_eq!((outcome.total, outcome.end), (1, ListEnd::Complete), "after a {lost}");
        assert!(outcome.tools[0].get().contains("new"), "nothing of the old session is left");
    }

    let server = legacy("2025-11-25", |asked| error(asked, 404, -32001, "Session not found")).await;
    assert_eq!(list(&server).await.unwrap_err(), Refusal::SessionLost);
    let greetings = server.methods().iter().filter(|method| *method == "initialize").count();
    assert_eq!(greetings, 2, "once anew, not for ever");
}

#[tokio::test]
async fn a_new_session_does_not_carry_the_lost_ones_id() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |asked| {
        let body = |value: Value| json!({"jsonrpc": "2.0", "id": asked.body["id"], "result": value}).to_string();
        match asked.method() {
            "initialize" => {
                let id = format!("s-{}", count.fetch_add(1, Ordering::SeqCst));
                answer(
                    200,
                    &[("content-type", "application/json"), ("mcp-session-id", &id)],
                    &body(initialized("2025-11-25")),
                )
            }
            "notifications/initialized" => answer(202, &[], ""),
            "tools/list" if asked.header("mcp-session-id") == Some("s-0") => answer(404, &[], ""),
            "tools/list" => result(asked, &json!({"tools": []})),
            _ => answer(400, &[], ""),
        }
    })
    .await;
    list(&server).await.unwrap();
    let sessions: Vec<_> =
        server.asked().iter().map(|asked| asked.header("mcp-session-id").map(str::to_owned)).collect();
    let expected = [None, None, Some("s-0"), Some("s-0"), None, Some("s-1"), Some("s-1")];
    assert_eq!(sessions, expected.map(|id| id.map(str::to_owned)));
}

#[tokio::test]
async fn a_modern_tool_with_a_bad_header_annotation_is_left_out_with_its_reason() {
    let annotated =
        |name: &str, schema: Value| json!({"name": name, "inputSchema": {"type": "object", "properties": schema}});
    let tools = [
        annotated("good", json!({"r": {"type": "string", "x-mcp-header": "Region"}})),
        annotated("empty", json!({"r": {"type": "string", "x-mcp-header": ""}})),
        annotated("number", json!({"r": {"type": "number", "x-mcp-header": "R"}})),
        annotated("object", json!({"r": {"type": "object", "x-mcp-header": "R"}})),
        annotated("space", json!({"r": {"type": "string", "x-mcp-header": "My R"}})),
        annotated("foreign", json!({"r": {"type": "string", "x-mcp-header": "Région"}})),
        annotated("control", json!({"r": {"type": "string", "x-mcp-header": "R\t1"}})),
        annotated(
            "twice",
            json!({"r": {"type": "string", "x-mcp-header": "R"}, "s": {"type": "string", "x-mcp-header": "r"}}),
        ),
        annotated("items", json!({"r": {"type": "array", "items": {"type": "string", "x-mcp-header": "R"}}})),
        json!({"name": "root", "inputSchema": {"type": "object", "x-mcp-header": "R"}}),
        json!({"name": "one_of", "inputSchema": {"type": "object", "oneOf": [{"properties": {"r": {"type": "string", "x-mcp-header": "R"}}}]}}),
        annotated(
            "nested",
            json!({"o": {"type": "object", "properties": {"r": {"type": "integer", "x-mcp-header": "R"}}}}),
        ),
        annotated("data", json!({"r": {"type": "object", "default": {"x-mcp-header": ""}}})),
    ];
    let body = json!({"tools": tools});
    let copy = body.clone();
    let server = modern(move |asked| result(asked, &body)).await;
    let outcome = list(&server).await.unwrap();
    let kept: Vec<Value> =
        outcome.tools.iter().map(|tool| serde_json::from_str::<Value>(tool.get()).unwrap()["name"].clone()).collect();
    assert_eq!(kept, ["good", "nested", "data"]);
    assert_eq!((outcome.total, outcome.excluded.len()), (3, 10));
    assert!(outcome.excluded.iter().all(|one| !one.why.is_empty()), "each has a reason");

    let server = legacy("2025-11-25", move |asked| result(asked, &copy)).await;
    assert_eq!(list(&server).await.unwrap().total, 13, "older revisions know no such annotation");
}

#[tokio::test]
async fn an_answer_to_another_request_is_not_taken() {
    let server = modern(|_| json_answer(200, &json!({"jsonrpc": "2.0", "id": 999, "result": {"tools": []}}))).await;
    let outcome = list(&server).await.unwrap();
    assert_eq!(code(&outcome.end), Some(Code::McpToolsBroken));

    let server = modern(|asked| {
        let id = asked.body["id"].to_string();
        json_answer(200, &json!({"jsonrpc": "2.0", "id": id, "result": {"tools": []}}))
    })
    .await;
    assert_eq!(list(&server).await.unwrap().end, ListEnd::Complete, "an id that came back as text is the same id");
}
