//! Switches of the protocol: the three generations, their checks, and how they fail.

use std::time::Duration;

use replug_lab::{Discover, Framing, GetStream, McpFaults, McpServer, Speech, ToolFaults, ToolFlaw};
use serde_json::{Value, json};

use crate::client::{Answer, http, initialize, modern, rpc, send};

fn server(speech: Speech) -> McpServer {
    let faults = McpFaults { speech, ..McpFaults::default() };
    McpServer::start(faults, None).unwrap()
}

fn error_of(answer: &Answer) -> (u16, Value) {
    (answer.status, answer.json()["error"]["code"].clone())
}

#[tokio::test]
async fn the_newest_revision_answers_discovery_and_checks_headers() {
    let server = server(Speech::modern_only());
    let found = send(modern(&server, "server/discover", json!({}))).await.json();
    assert_eq!(found["result"]["supportedVersions"], json!(["2026-07-28"]));
    assert_eq!(found["result"]["resultType"], json!("complete"));
    assert!(found["result"]["capabilities"]["tools"].is_object(), "it has tools");

    let mismatch = json!(-32020);
    let meta = json!({"_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }});
    let bare = || rpc(&server, "tools/list", &meta);
    assert_eq!(error_of(&send(bare()).await), (400, mismatch.clone()), "no headers");
    let version_only = bare().header("mcp-protocol-version", "2026-07-28");
    assert_eq!(error_of(&send(version_only).await), (400, mismatch.clone()), "no method");
    let wrong = bare().header("mcp-protocol-version", "2026-07-28").header("mcp-method", "tools/call");
    assert_eq!(error_of(&send(wrong).await), (400, mismatch.clone()), "another method");
    let call = modern(&server, "tools/call", json!({"name": "echo"}));
    assert_eq!(send(call).await.status, 200);
    let doubled = modern(&server, "tools/call", json!({"name": "echo"})).header("mcp-name", "other");
    assert_eq!(send(doubled).await.status, 200, "the first name is the right one");
    let unknown = send(modern(&server, "ping", json!({}))).await;
    assert_eq!(error_of(&unknown), (404, json!(-32601)), "no such method any more");
    let without_meta = send(rpc(&server, "tools/list", &json!({}))).await;
    assert_eq!(error_of(&without_meta), (400, json!(-32602)));
    let (old, _) = initialize(&server, "2025-11-25").await;
    assert_eq!(error_of(&old), (400, json!(-32022)));
    assert_eq!(old.json()["error"]["data"]["supported"], json!(["2026-07-28"]));
}

#[tokio::test]
async fn mirrored_parameters_are_compared_with_the_body() {
    let faults = McpFaults {
        tools: ToolFaults { flaws: vec![ToolFlaw::GoodHeader], ..ToolFaults::default() },
        ..McpFaults::default()
    };
    let server = McpServer::start(faults, None).unwrap();
    let call = |region: Value| {
        let params = json!({"name": "with_region", "arguments": {"region": region}});
        modern(&server, "tools/call", params)
    };
    assert_eq!(error_of(&send(call(json!("north"))).await), (400, json!(-32020)), "missing");
    let right = call(json!("north")).header("Mcp-Param-Region", "north");
    assert_eq!(send(right).await.status, 200);
    let encoded = call(json!("nörd")).header("Mcp-Param-Region", "=?base64?bsO2cmQ=?=");
    assert_eq!(send(encoded).await.status, 200, "by its Base64 form");
    assert_eq!(send(call(Value::Null)).await.status, 200, "null is left out");
}

#[tokio::test]
async fn older_revisions_need_a_session_and_lose_it() {
    let server = server(Speech::legacy_only());
    let confused = send(modern(&server, "server/discover", json!({}))).await;
    assert_eq!(error_of(&confused), (400, json!(-32000)), "it never heard of that");
    for (asked, spoken) in [("2025-11-25", "2025-11-25"), ("2025-03-26", "2025-03-26"), ("1999-01-01", "2025-11-25")] {
        let (answer, _) = initialize(&server, asked).await;
        assert_eq!(answer.json()["result"]["protocolVersion"], json!(spoken), "{asked}");
    }
    let (_, session) = initialize(&server, "2025-06-18").await;
    let list = |session: &str| rpc(&server, "tools/list", &json!({})).header("mcp-session-id", session);
    assert_eq!(send(list(&session)).await.json()["result"]["tools"][0]["name"], json!("echo"));
    assert_eq!(
        error_of(&send(rpc(&server, "tools/list", &json!({}))).await),
        (400, json!(-32000)),
        "without a session"
    );
    let other = list(&session).header("mcp-protocol-version", "1999-01-01");
    assert_eq!(send(other).await.status, 400, "another version");
    assert_eq!(server.live_sessions(), 4);
    server.lose_sessions();
    assert_eq!(error_of(&send(list(&session)).await), (404, json!(-32001)), "lost");

    let (_, session) = initialize(&server, "2025-06-18").await;
    let end = || http().delete(server.address()).header("mcp-session-id", &session);
    assert_eq!(send(end()).await.status, 200, "ended by its client");
    assert_eq!(send(end()).await.status, 405, "ended before");
    server.change_faults(|faults| faults.speech.sessions = false);
    let (_, session) = initialize(&server, "2025-06-18").await;
    assert_eq!(session, "", "no session at all");
    assert_eq!(send(rpc(&server, "tools/list", &json!({}))).await.status, 200);
}

#[tokio::test]
async fn discovery_can_fail_where_everything_else_works() {
    let server = server(Speech::default());
    for (discover, status, code) in
        [(Discover::Status(500), 500, Value::Null), (Discover::Error(-32000), 400, json!(-32000))]
    {
        server.change_faults(|faults| faults.speech.discover = discover);
        let answer = send(modern(&server, "server/discover", json!({}))).await;
        assert_eq!(error_of(&answer), (status, code), "{discover:?}");
        assert_eq!(initialize(&server, "2025-11-25").await.0.status, 200);
    }
}

#[tokio::test]
async fn answers_can_be_events_or_lists() {
    let server = server(Speech::default());
    server.change_faults(|faults| faults.speech.framing = Framing::Events);
    let events = send(modern(&server, "tools/list", json!({}))).await;
    assert_eq!(events.header("content-type"), "text/event-stream");
    assert!(events.text.contains("event: message\ndata: {"), "{}", events.text);
    server.change_faults(|faults| faults.speech.framing = Framing::Batch);
    let batch = send(modern(&server, "tools/list", json!({}))).await.json();
    assert_eq!(batch[0]["result"]["tools"][0]["name"], json!("echo"));
}

#[tokio::test]
async fn a_get_is_refused_or_opens_a_stream_that_says_nothing() {
    let server = server(Speech::default());
    let get = || http().get(server.address()).header("accept", "text/event-stream");
    for status in [405, 404, 400, 406] {
        server.change_faults(|faults| faults.speech.get = GetStream::Status(status));
        assert_eq!(send(get()).await.status, status);
    }
    server.change_faults(|faults| faults.speech.get = GetStream::Ends);
    let ended = send(get()).await;
    assert_eq!((ended.status, ended.text.as_str()), (200, ""), "it ends at once");
    server.change_faults(|faults| faults.speech.get = GetStream::Quiet);
    let open = get().send().await.unwrap();
    assert_eq!(open.status(), 200);
    let silence = tokio::time::timeout(Duration::from_millis(50), open.bytes()).await;
    assert!(silence.is_err(), "it stays open and says nothing");
}

/// Reads the old stream event by event.
struct OldStream {
    response: reqwest::Response,
    read: String,
}

impl OldStream {
    async fn open(server: &McpServer) -> Self {
        let request = http().get(server.address()).header("accept", "text/event-stream");
        Self { response: request.send().await.unwrap(), read: String::new() }
    }

    /// The data of the next event; `None` at the end of the stream.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let data = event.split_once("data: ").unwrap().1.to_owned();
                let end = self.read.len() - rest.len();
                self.read.drain(..end);
                return Some(data);
            }
            let chunk = self.response.chunk().await.unwrap()?;
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

#[tokio::test]
async fn the_oldest_transport_answers_over_its_stream() {
    let server = server(Speech::old_sse_only());
    let (refused, _) = initialize(&server, "2025-11-25").await;
    assert_eq!(refused.status, 405, "POST is not for this transport");
    let mut stream = OldStream::open(&server).await;
    let endpoint = stream.next().await.unwrap();
    assert!(endpoint.starts_with("/messages?session_id="), "{endpoint}");
    let post = async |method: &str| {
        let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": {}});
        let request = http().post(format!("{}{endpoint}", server.origin())).body(body.to_string());
        send(request).await.status
    };
    assert_eq!(post("initialize").await, 202, "the answer is elsewhere");
    let answer: Value = serde_json::from_str(&stream.next().await.unwrap()).unwrap();
    assert_eq!(answer["result"]["protocolVersion"], json!("2024-11-05"));
    assert_eq!(post("tools/list").await, 202);
    let answer: Value = serde_json::from_str(&stream.next().await.unwrap()).unwrap();
    assert_eq!((&answer["id"], answer["result"]["tools"].as_array().map(Vec::len)), (&json!(7), Some(3)));
    server.lose_sessions();
    assert_eq!(stream.next().await, None, "the stream ends");
    assert_eq!(post("tools/list").await, 404, "and its address is gone");
}

#[tokio::test]
async fn the_oldest_transport_can_break_off_or_point_elsewhere() {
    let mut speech = Speech::old_sse_only();
    speech.sse_ends_after = Some(1);
    let server = server(speech);
    let mut stream = OldStream::open(&server).await;
    let endpoint = stream.next().await.unwrap();
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}).to_string();
    let request = http().post(format!("{}{endpoint}", server.origin())).body(body);
    assert_eq!(send(request).await.status, 202);
    assert!(stream.next().await.is_some(), "one answer");
    assert_eq!(stream.next().await, None, "then it breaks off");
    server.change_faults(|faults| {
        faults.speech.sse_endpoint = Some("https://evil.example/messages".to_owned());
    });
    let mut stream = OldStream::open(&server).await;
    assert_eq!(stream.next().await.as_deref(), Some("https://evil.example/messages"));
}
