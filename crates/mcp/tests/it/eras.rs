//! Finding out which era a server speaks, and when the probe stops.

use replug_core::Transport;
use replug_mcp::{Era, Refusal, Spoken};
use serde_json::json;

use crate::Client;
use crate::server::{
    Play, Server, answer, discovery, error, event_head, initialized, json_answer, legacy, modern, old_sse, page, result,
};

fn spoken(era: Era, protocol: &str) -> Spoken {
    Spoken { era, protocol: protocol.to_owned() }
}

#[tokio::test]
async fn a_modern_server_is_greeted_with_one_request_that_names_the_revision_twice() {
    let server = modern(|asked| error(asked, 500, 0, "unexpected")).await;
    let client = Client::of(&server.url);
    let session = client.probe().await.unwrap();

    assert_eq!(session.spoken(), spoken(Era::Modern, "2026-07-28"));
    assert_eq!(session.spoken().transport(), Transport::StreamableHttp);
    assert_eq!(session.server().name, "modern");
    assert_eq!(session.server().title.as_deref(), Some("Modern One"));
    assert_eq!(session.instructions(), Some("Ask nicely"));
    let offers = session.capabilities();
    assert!(offers.tools && offers.prompts && !offers.resources, "as announced: {offers:?}");

    let asked = server.asked();
    assert_eq!(asked.len(), 1, "one request is enough");
    let meta = &asked[0].body["params"]["_meta"];
    assert_eq!(asked[0].header("mcp-protocol-version"), Some("2026-07-28"));
    assert_eq!(meta["io.modelcontextprotocol/protocolVersion"], "2026-07-28");
    assert_eq!(meta["io.modelcontextprotocol/clientInfo"]["name"], "Replug");
    assert!(meta["io.modelcontextprotocol/clientCapabilities"].is_object(), "required by the revision");
    assert_eq!(asked[0].header("mcp-method"), Some("server/discover"));
    assert_eq!(asked[0].header("accept"), Some("application/json, text/event-stream"));
}

#[tokio::test]
async fn a_revision_that_is_refused_is_replaced_by_one_the_server_lists() {
    let server = Server::start(|asked| {
        let again = asked.body["id"] == 2;
        if again {
            return result(asked, &discovery());
        }
        json_answer(
            400,
            &json!({"jsonrpc": "2.0", "id": asked.body["id"], "error":
            {"code": -32022, "message": "Unsupported protocol version", "data": {"supported": ["2027-01-01", "2026-07-28"]}}}),
        )
    })
    .await;
    let client = Client::of(&server.url);
    let session = client.probe().await.unwrap();
    assert_eq!(session.spoken(), spoken(Era::Modern, "2026-07-28"));
    assert_eq!(server.methods(), ["server/discover", "server/discover"]);
}

#[tokio::test]
async fn a_server_of_the_future_is_told_from_a_broken_one() {
    let server = Server::start(|asked| {
        json_answer(
            400,
            &json!({"jsonrpc": "2.0", "id": asked.body["id"], "error":
            {"code": -32022, "message": "no", "data": {"supported": ["2031-01-01"]}}}),
        )
    })
    .await;
    let refusal = Client::of(&server.url).probe().await.unwrap_err();
    assert_eq!(refusal, Refusal::VersionUnsupported { offered: vec!["2031-01-01".to_owned()] });
    assert_eq!(server.methods().len(), 1, "no other era would help");
}

#[tokio::test]
async fn a_server_with_a_handshake_is_greeted_with_initialize_whatever_it_says_to_the_modern_greeting() {
    for first in ["rpc-400", "rpc-200", "page-404", "empty-400", "500", "empty-result", "closed"] {
        let server = Server::start(move |asked| match (asked.method(), first) {
            ("server/discover", "rpc-400") => error(asked, 400, -32000, "Server not initialized"),
            ("server/discover", "rpc-200") => error(asked, 200, -32601, "Method not found"),
            ("server/discover", "page-404") => page(404, "Error"),
            ("server/discover", "empty-400") => answer(400, &[], ""),
            ("server/discover", "500") => answer(500, &[], "boom"),
            ("server/discover", "empty-result") => result(asked, &json!({})),
            ("server/discover", _) => Vec::new(),
            ("initialize", _) => result(asked, &initialized("2025-06-18")),
            _ => answer(202, &[], ""),
        })
        .await;
        let client = Client::of(&server.url);
        let session = client.probe().await.unwrap();
        assert_eq!(session.spoken(), spoken(Era::Legacy, "2025-06-18"), "{first}");
        assert_eq!(session.server().name, "legacy");
        assert_eq!(server.methods(), ["server/discover", "initialize", "notifications/initialized"], "{first}");
    }
}

#[tokio::test]
async fn the_session_and_the_agreed_revision_go_with_every_later_request() {
    for (version, header) in [("2025-11-25", Some("2025-11-25")), ("2025-03-26", None)] {
        let server = legacy(version, |asked| result(asked, &json!({"tools": []}))).await;
        let client = Client::of(&server.url);
        let mut session = client.probe().await.unwrap();
        session.list_tools().await.unwrap();
        session.close().await;

        let asked = server.asked();
        let methods = server.methods();
        assert_eq!(methods[1..], ["initialize", "notifications/initialized", "tools/list", "DELETE"]);
        assert_eq!(asked[1].header("mcp-session-id"), None, "there is none yet");
        for later in &asked[2..] {
            assert_eq!(later.header("mcp-session-id"), Some("s-1"), "{version}");
            assert_eq!(later.header("mcp-protocol-version"), header, "{version}");
            assert!(later.body["params"]["_meta"].is_null(), "only the modern era has it");
        }
        assert_eq!(asked[1].body["params"]["clientInfo"]["name"], "Replug");
        assert_eq!(asked[1].body["params"]["protocolVersion"], "2025-11-25");
    }
}

#[tokio::test]
async fn older_revisions_are_offered_to_a_server_that_refuses_newer_ones() {
    let server = Server::start(|asked| {
        let offered = asked.body["params"]["protocolVersion"].as_str().unwrap_or_default();
        match asked.method() {
            "initialize" if offered == "2025-03-26" => result(asked, &initialized("2025-03-26")),
            "initialize" if offered == "2025-11-25" => answer(400, &[], "Unsupported protocol version"),
            "initialize" => error(asked, 200, -32602, "Unsupported protocol version"),
            "notifications/initialized" => answer(202, &[], ""),
            _ => error(asked, 400, -32603, "what is this"),
        }
    })
    .await;
    let client = Client::of(&server.url);
    let session = client.probe().await.unwrap();
    assert_eq!(session.spoken(), spoken(Era::Legacy, "2025-03-26"));
}

#[tokio::test]
async fn the_old_transport_is_found_where_post_is_refused() {
    let server = old_sse("/messages?sessionId=7", |asked| match asked.method() {
        "initialize" => initialized("2024-11-05"),
        _ => json!({"tools": [{"name": "a", "inputSchema": {"type": "object"}}]}),
    })
    .await;
    let client = Client::of(&server.url).with_bearer("bearer-canary");
    let mut session = client.probe().await.unwrap();
    assert_eq!(session.spoken(), spoken(Era::Sse, "2024-11-05"));
    assert_eq!(session.spoken().transport(), Transport::Sse);
    assert_eq!(session.list_tools().await.unwrap().total, 1);

    let asked = server.asked();
    let on_messages: Vec<_> = asked.iter().filter(|one| one.path.starts_with("/messages")).collect();
    assert_eq!(on_messages.len(), 3);
    assert!(
        asked.iter().all(|one| one.header("authorization") == Some("Bearer bearer-canary")),
        "the token goes with the stream and with every message"
    );
}

#[tokio::test]
async fn an_old_server_cannot_send_messages_to_another_origin() {
    let elsewhere = Server::start(|_| answer(200, &[], "")).await;
    let target = elsewhere.url.clone();
    let server = Server::start(move |asked| match asked.verb.as_str() {
        "GET" => {
            vec![event_head(), Play::Send(format!("event: endpoint\ndata: {target}\n\n").into_bytes()), Play::Hold]
        }
        _ => answer(405, &[], ""),
    })
    .await;
    let client = Client::of(&server.url).with_bearer("bearer-canary");
    let refusal = client.probe().await.unwrap_err();
    assert!(matches!(refusal, Refusal::MessagesElsewhere { .. }), "named: {refusal:?}");
    assert!(elsewhere.asked().is_empty(), "nothing was sent there");
}

#[tokio::test]
async fn a_remembered_era_is_tried_first_and_costs_no_detour() {
    let server = legacy("2025-11-25", |asked| result(asked, &json!({"tools": []}))).await;
    let client = Client::of(&server.url);
    client.probe_with(Some(&spoken(Era::Legacy, "2025-11-25"))).await.unwrap();
    assert_eq!(server.methods(), ["initialize", "notifications/initialized"]);

    let old = old_sse("/messages", |_| initialized("2024-11-05")).await;
    let client = Client::of(&old.url);
    client.probe_with(Some(&spoken(Era::Sse, "2024-11-05"))).await.unwrap();
    assert_eq!(old.methods(), ["GET", "initialize", "notifications/initialized"]);
}

#[tokio::test]
async fn a_memory_that_no_longer_holds_is_replaced() {
    let server = modern(|asked| error(asked, 404, -32601, "Method not found")).await;
    for era in [Era::Legacy, Era::Sse] {
        let client = Client::of(&server.url);
        let session = client.probe_with(Some(&spoken(era, "2024-11-05"))).await.unwrap();
        assert_eq!(session.spoken().era, Era::Modern, "after {era:?}");
    }
}

#[tokio::test]
async fn a_memory_survives_being_written_down() {
    let memory = spoken(Era::Legacy, "2025-11-25");
    let text = serde_json::to_string(&memory).unwrap();
    assert_eq!(text, r#"{"era":"legacy","protocol":"2025-11-25"}"#);
    assert_eq!(serde_json::from_str::<Spoken>(&text).unwrap(), memory);
}

#[tokio::test]
async fn answers_may_come_as_events_and_in_batches() {
    let server = Server::start(|asked| {
        let id = &asked.body["id"];
        let note = json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {}});
        match asked.method() {
            "server/discover" => error(asked, 400, -32000, "no"),
            "initialize" => {
                let answer = json!({"jsonrpc": "2.0", "id": id, "result": initialized("2025-03-26")});
                crate::server::events(&format!(": hello\n\ndata: {note}\n\nevent: message\ndata: {answer}\n\n"))
            }
            "notifications/initialized" => answer(204, &[], ""),
            _ => json_answer(200, &json!([note, {"jsonrpc": "2.0", "id": id, "result": {"tools": []}}])),
        }
    })
    .await;
    let client = Client::of(&server.url);
    let mut session = client.probe().await.unwrap();
    assert_eq!(session.list_tools().await.unwrap().pages, 1);
}

#[tokio::test]
async fn a_server_that_holds_a_get_open_is_not_mistaken_for_an_old_one() {
    let server = Server::start(|asked| match asked.method() {
        "GET" => vec![event_head(), Play::Hold],
        "server/discover" => result(asked, &discovery()),
        _ => answer(400, &[], ""),
    })
    .await;
    let client = Client::of(&server.url).with_budget(1_500, 20_000);
    let session = client.probe_with(Some(&spoken(Era::Sse, "2024-11-05"))).await.unwrap();
    assert_eq!(session.spoken().era, Era::Modern);
}

#[tokio::test]
async fn nothing_of_a_session_is_printed_but_what_is_spoken() {
    let server = legacy("2025-11-25", |_| Vec::new()).await;
    let client = Client::of(&format!("{}?key=key-canary", server.url)).with_bearer("bearer-canary");
    let session = client.probe().await.unwrap();
    let printed = format!("{session:?} {:?}", client.endpoint);
    assert!(printed.contains("2025-11-25") && printed.contains("/mcp?key=…"), "{printed}");
    assert!(!printed.contains("canary") && !printed.contains("s-1"), "{printed}");
}
