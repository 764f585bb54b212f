//! The reference server that has one of everything, over both transports. It needs no sign-in.

use replug_core::{State, Transport};
use replug_engine::wire::{ProbeKind, SignInStateName};

use crate::bench::Bench;
use crate::program::{Program, node, servers};

const EVERYTHING: &str = "node_modules/@modelcontextprotocol/server-everything/dist/index.js";

async fn is_green_over(mode: &str, path: &str, transport: Transport) {
    let Some(servers) = servers() else { return };
    let start = |[port]: [u16; 1]| {
        let mut command = node(&servers, EVERYTHING);
        command.arg(mode).env("PORT", port.to_string());
        command
    };
    let (_server, [port]) = Program::start_on(start, &["on port"]).await;

    let test = Bench::start().await;
    let (id, added) = test.add(&format!("http://localhost:{port}{path}")).await;
    assert_eq!(added.probe.kind, Some(ProbeKind::Open), "{:?}", added.probe);
    // The second check begins with what the first one learned.
    for _ in 0..2 {
        let connector = test.check(&id).await;
        assert_eq!(connector.health.state, State::Connected, "{:?}", connector.health);
        assert_eq!((connector.transport, connector.sign_in.state), (Some(transport), SignInStateName::NotRequired));
    }
    let tools = test.tools(&id).await;
    assert!(tools.contains(&"echo".to_owned()), "{tools:?}");
}

#[tokio::test]
async fn streamable_http_is_spoken_with_the_reference_server() {
    is_green_over("streamableHttp", "/mcp", Transport::StreamableHttp).await;
}

#[tokio::test]
async fn server_sent_events_are_spoken_with_the_reference_server() {
    is_green_over("sse", "/sse", Transport::Sse).await;
}
