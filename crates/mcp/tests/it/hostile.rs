//! Servers that mean harm: a verdict comes in time, and memory stays bounded.

use std::time::{Duration, Instant};

use replug_core::Code;
use replug_mcp::{ListEnd, Refusal};
use replug_net::NetError;
use serde_json::json;

use crate::Client;
use crate::server::{Asked, Play, Server, answer, error, event_head, events, initialized, modern, result};

/// Probes with 700 ms for a request, and much more in all: it is the request that has to end.
async fn refusal_in_time(plays: impl Fn(&Asked) -> Vec<Play> + Send + Sync + 'static) -> Refusal {
    let server = Server::start(plays).await;
    let client = Client::of(&server.url).with_budget(700, 60_000);
    let begun = Instant::now();
    let refusal = client.probe().await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(6), "in time: {:?}", begun.elapsed());
    refusal
}

#[tokio::test]
async fn endless_comments_end_with_the_time_of_a_request() {
    let refusal =
        refusal_in_time(|_| vec![event_head(), Play::Drip(b": still here\n".to_vec(), Duration::from_millis(5))]).await;
    assert!(matches!(refusal, Refusal::Net(NetError::Timeout { .. })), "{refusal:?}");
}

#[tokio::test]
async fn a_flood_of_comments_ends_with_the_bytes_of_an_answer() {
    let server = Server::start(|_| vec![event_head(), Play::Drip(vec![b':'; 1024 * 1024], Duration::ZERO)]).await;
    let refusal = Client::of(&server.url).probe().await.unwrap_err();
    assert_eq!(refusal.to_failure().map(|failure| failure.code), Some(Code::HttpTooLarge), "{refusal:?}");
}

#[tokio::test]
async fn an_answer_byte_by_byte_and_a_silent_one_end_in_time() {
    let slow = refusal_in_time(|_| {
        let head = b"HTTP/1.1 200 X\r\ncontent-length: 100000\r\ncontent-type: application/json\r\n\r\n{".to_vec();
        vec![Play::Send(head), Play::Drip(b" ".to_vec(), Duration::from_millis(5))]
    })
    .await;
    assert!(matches!(slow, Refusal::Net(NetError::Timeout { .. })), "{slow:?}");
    let silent = refusal_in_time(|_| vec![Play::Hold]).await;
    assert!(matches!(silent, Refusal::Net(NetError::Timeout { .. })), "{silent:?}");
}

#[tokio::test]
async fn an_old_stream_that_never_answers_ends_in_time() {
    let refusal = refusal_in_time(|asked| match asked.verb.as_str() {
        "GET" => vec![
            event_head(),
            Play::Send(b"event: endpoint\ndata: /messages\n\n".to_vec()),
            Play::Drip(b": ping\n\n".to_vec(), Duration::from_millis(5)),
        ],
        _ if asked.path == "/messages" => answer(202, &[], ""),
        _ => answer(405, &[], ""),
    })
    .await;
    assert!(matches!(refusal, Refusal::Net(NetError::Timeout { .. })), "{refusal:?}");
}

#[tokio::test]
async fn claims_of_a_gigabyte_are_not_believed() {
    let refusal = refusal_in_time(|_| {
        vec![event_head(), Play::Send(b"data: ".to_vec()), Play::Drip(vec![b'x'; 256 * 1024], Duration::ZERO)]
    })
    .await;
    assert!(matches!(refusal, Refusal::Net(NetError::TooLarge { .. } | NetError::Timeout { .. })), "{refusal:?}");
    let refusal = refusal_in_time(|_| {
        let head = b"HTTP/1.1 200 X\r\ncontent-length: 1073741824\r\ncontent-type: application/json\r\n\r\n[".to_vec();
        vec![Play::Send(head), Play::Hold]
    })
    .await;
    assert!(matches!(refusal, Refusal::Net(NetError::Timeout { .. })), "{refusal:?}");
}

#[tokio::test]
async fn headers_without_measure_end_the_connection() {
    let refusal = refusal_in_time(|_| {
        let mut head = b"HTTP/1.1 200 X\r\nx-big: ".to_vec();
        head.extend(std::iter::repeat_n(b'x', 4 * 1024 * 1024));
        vec![Play::Send(head), Play::Hold]
    })
    .await;
    assert!(matches!(refusal, Refusal::Net(_)), "{refusal:?}");
    let refusal = refusal_in_time(|_| {
        let head = format!("HTTP/1.1 200 X\r\n{}\r\n", "a: b\r\n".repeat(100_000));
        vec![Play::Send(head.into_bytes())]
    })
    .await;
    assert!(matches!(refusal, Refusal::Net(_)), "{refusal:?}");
}

#[tokio::test]
async fn an_answer_nested_a_hundred_thousand_levels_deep_is_refused() {
    let server = modern(|asked| {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":{},"result":{{"tools":[{{"name":"a","inputSchema":{deep}}}]}}}}"#,
            asked.body["id"]
        );
        answer(200, &[("content-type", "application/json")], &body)
    })
    .await;
    let client = Client::of(&server.url);
    let mut session = client.probe().await.unwrap();
    let ListEnd::Unreadable { why } = session.list_tools().await.unwrap().end else { panic!("it must not be read") };
    assert_eq!(why.code, Code::McpToolsBroken);
    assert!(why.facts.iter().any(|fact| fact.value.contains("128 levels")), "the reason is told: {why:?}");
}

#[tokio::test]
async fn brackets_inside_of_texts_are_not_depth() {
    let server = modern(|asked| {
        let text = "[{\\\"".repeat(1_000);
        result(asked, &json!({"tools": [{"name": "a", "description": text}]}))
    })
    .await;
    let client = Client::of(&server.url);
    let mut session = client.probe().await.unwrap();
    assert_eq!(session.list_tools().await.unwrap().end, ListEnd::Complete);
}

#[tokio::test]
async fn the_first_of_two_answers_counts_and_answers_to_others_are_passed_over() {
    let server = modern(|asked| {
        let id = &asked.body["id"];
        let message = |id: &serde_json::Value, tools: serde_json::Value| {
            let body = json!({"jsonrpc": "2.0", "id": id, "result": {"tools": tools}});
            format!("data: {body}\n\n")
        };
        let stranger = message(&json!(77), json!([{"name": "stranger"}]));
        let nan = "data: {\"jsonrpc\":\"2.0\",\"id\":NaN,\"result\":{}}\n\n".to_owned();
        let ours = message(id, json!([{"name": "ours"}]));
        let again = message(id, json!([]));
        events(&format!("{stranger}{nan}{ours}{again}"))
    })
    .await;
    let client = Client::of(&server.url);
    let mut session = client.probe().await.unwrap();
    let list = session.list_tools().await.unwrap();
    assert_eq!(list.total, 1);
    assert!(list.tools[0].get().contains("ours"));
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_no_message() {
    let refusal = refusal_in_time(|_| {
        let mut bytes =
            b"HTTP/1.1 200 X\r\nconnection: close\r\ncontent-type: application/json\r\n\r\n{\"a\":\"".to_vec();
        bytes.extend([0xff, 0xfe, b'"', b'}']);
        vec![Play::Send(bytes)]
    })
    .await;
    assert!(matches!(refusal, Refusal::NotMcp { .. }), "{refusal:?}");
}

#[tokio::test]
async fn a_resumed_stream_cannot_wait_longer_than_a_request_may_take() {
    let server = Server::start(|asked| match asked.method() {
        "server/discover" => error(asked, 400, -32000, "no"),
        "initialize" => result(asked, &initialized("2025-11-25")),
        "notifications/initialized" => answer(202, &[], ""),
        _ => events("id: 1\nretry: 3600000\ndata: \n\n"),
    })
    .await;
    let client = Client::of(&server.url);
    let mut session = client.probe().await.unwrap();
    let begun = Instant::now();
    let ListEnd::Unreadable { .. } = session.list_tools().await.unwrap().end else { panic!("an hour is too long") };
    assert!(begun.elapsed() < Duration::from_secs(5), "it is not even begun: {:?}", begun.elapsed());
}

#[tokio::test]
async fn what_a_server_calls_itself_is_cleaned_and_cut() {
    let server = Server::start(|asked| {
        result(
            asked,
            &json!({"supportedVersions": ["2026-07-28"], "capabilities": {"tools": null},
                "serverInfo": {"name": format!("evil\u{202e}{}", "x".repeat(100_000)), "version": 7},
                "instructions": "y".repeat(100_000)}),
        )
    })
    .await;
    let client = Client::of(&server.url);
    let session = client.probe().await.unwrap();
    assert!(session.server().name.starts_with("evil\\u{202e}xxx"));
    assert_eq!(session.server().name.chars().count(), 201 + "\\u{202e}".len() - 1);
    assert_eq!(session.server().version, None);
    assert_eq!(session.instructions().map(|text| text.chars().count()), Some(4097));
}

#[tokio::test]
async fn a_conversation_ends_with_its_own_time_however_many_requests_are_left() {
    let server = Server::start(|_| vec![Play::Hold]).await;
    let client = Client::of(&server.url).with_budget(60_000, 1_000);
    let refusal = client.probe().await.unwrap_err();
    assert!(matches!(refusal, Refusal::Net(NetError::Timeout { .. })), "{refusal:?}");
    assert_eq!(server.methods(), ["server/discover"], "no time was left for another era");
}
