//! Calling a tool: what is sent, what is mirrored into headers, and streams that break off.

use std::sync::atomic::{AtomicUsize, Ordering};

use replug_mcp::{Called, Refusal};
use serde_json::json;
use serde_json::value::RawValue;

use crate::Client;
use crate::server::{answer, error, events, legacy, modern, result};

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

#[tokio::test]
async fn arguments_are_mirrored_into_headers_where_the_schema_says_so() {
    let server = modern(|asked| match asked.method() {
        "tools/list" => result(
            asked,
            &json!({"tools": [{"name": "查询", "inputSchema": {"type": "object", "properties": {
                "region": {"type": "string", "x-mcp-header": "Region"},
                "text": {"type": "string", "x-mcp-header": "Text"},
                "count": {"type": "integer", "x-mcp-header": "Count"},
                "flag": {"type": "boolean", "x-mcp-header": "Flag"},
                "nothing": {"type": "string", "x-mcp-header": "Nothing"},
                "missing": {"type": "string", "x-mcp-header": "Missing"},
                "padded": {"type": "string", "x-mcp-header": "Padded"},
                "marked": {"type": "string", "x-mcp-header": "Marked"},
                "inner": {"type": "object", "properties": {"deep": {"type": "integer", "x-mcp-header": "Deep"}}},
                "plain": {"type": "string"}
            }}}]}),
        ),
        _ => result(asked, &json!({"content": []})),
    })
    .await;
    let client = Client::of(&server.url);
    let mut session = client.probe().await.unwrap();
    session.list_tools().await.unwrap();
    let arguments =
        raw(r#"{"region":"us-west1","text":"Hello, 世界","count":42.0,"flag":true,"nothing":null,"padded":" padded ",
            "marked":"=?base64?literal?=","inner":{"deep":-7},"plain":"x","huge":12345678901234567890123}"#);
    let called = session.call_tool("查询", &arguments).await.unwrap();
    assert!(matches!(called, Called::Result(_)), "{called:?}");

    let asked = server.asked().pop().unwrap();
    assert_eq!(asked.header("mcp-method"), Some("tools/call"));
    assert_eq!(asked.header("mcp-name"), Some("=?base64?5p+l6K+i?="));
    let mirrored = [
        ("mcp-param-region", Some("us-west1")),
        ("mcp-param-text", Some("=?base64?SGVsbG8sIOS4lueVjA==?=")),
        ("mcp-param-count", Some("42")),
        ("mcp-param-flag", Some("true")),
        ("mcp-param-nothing", None),
        ("mcp-param-missing", None),
        ("mcp-param-padded", Some("=?base64?IHBhZGRlZCA=?=")),
        ("mcp-param-marked", Some("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=")),
        ("mcp-param-deep", Some("-7")),
        ("mcp-param-plain", None),
    ];
    for (name, value) in mirrored {
        assert_eq!(asked.header(name), value, "{name}");
    }
}

#[tokio::test]
async fn a_call_whose_headers_are_out_of_date_is_repeated_with_the_new_list() {
    let lists = AtomicUsize::new(0);
    let server = modern(move |asked| match asked.method() {
        "tools/list" => {
            let annotation = match lists.fetch_add(1, Ordering::SeqCst) {
                0 => json!({"type": "string"}),
                _ => json!({"type": "string", "x-mcp-header": "R"}),
            };
            result(
                asked,
                &json!({"tools": [{"name": "t", "inputSchema": {"type": "object", "properties": {"r": annotation}}}]}),
            )
        }
        _ if asked.header("mcp-param-r") == Some("v") => result(asked, &json!({"content": []})),
        _ => error(asked, 400, -32020, "Header mismatch"),
    })
    .await;
    let client = Client::of(&server.url);
    let mut session = client.probe().await.unwrap();
    session.list_tools().await.unwrap();
    let called = session.call_tool("t", &raw(r#"{"r":"v"}"#)).await.unwrap();
    assert!(matches!(called, Called::Result(_)), "{called:?}");
}

#[tokio::test]
async fn a_401_on_a_call_is_about_the_sign_in() {
    let server = modern(|asked| match asked.method() {
        "tools/list" => result(asked, &json!({"tools": []})),
        _ => answer(401, &[("www-authenticate", "Bearer")], ""),
    })
    .await;
    let client = Client::of(&server.url);
    let mut session = client.probe().await.unwrap();
    let refusal = session.call_tool("t", &raw("{}")).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Unauthorized { .. }), "{refusal:?}");
}

#[tokio::test]
async fn a_stream_that_was_closed_before_the_answer_is_taken_up_where_it_ended() {
    let server = legacy("2025-11-25", |asked| match (asked.method(), asked.header("last-event-id")) {
        ("GET", Some("e-1")) => events("id: e-2\nretry: 1\ndata: \n\n"),
        // The greeting was request 1 of the conversation, so the call is request 2.
        ("GET", _) => events("id: e-3\ndata: {\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"content\":[]}}\n\n"),
        _ => events("id: e-1\nretry: 1\ndata: \n\n"),
    })
    .await;
    let client = Client::of(&server.url);
    let mut session = client.probe().await.unwrap();
    let called = session.call_tool("t", &raw("{}")).await.unwrap();
    assert!(matches!(called, Called::Result(_)), "{called:?}");
    let asked = server.asked();
    let resumed: Vec<_> = asked
        .iter()
        .filter(|asked| asked.verb == "GET")
        .map(|asked| (asked.header("last-event-id"), asked.header("mcp-session-id")))
        .collect();
    assert_eq!(resumed, [(Some("e-1"), Some("s-1")), (Some("e-2"), Some("s-1"))]);
}

#[tokio::test]
async fn a_session_that_is_lost_again_later_is_begun_anew_again() {
    let calls = AtomicUsize::new(0);
    let server = legacy("2025-11-25", move |asked| match calls.fetch_add(1, Ordering::SeqCst) {
        0 | 2 => error(asked, 400, -32000, "Bad Request: No valid session ID provided"),
        _ => result(asked, &json!({"content": []})),
    })
    .await;
    let client = Client::of(&server.url);
    let mut session = client.probe().await.unwrap();
    for _ in 0..2 {
        let called = session.call_tool("t", &raw("{}")).await.unwrap();
        assert!(matches!(called, Called::Result(_)), "{called:?}");
    }
    assert_eq!(server.methods().iter().filter(|method| *method == "initialize").count(), 3);
}
