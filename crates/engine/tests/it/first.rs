//! The main job: add, check, sign in, see the tools, come back after a restart.

use replug_core::{Level, State, Transport};
use replug_engine::wire::{Event, NewConnector, ProbeKind, SignInStateName, SignInStep};
use replug_lab::{AuthFaults, AuthServer, McpFaults, McpServer, Speech};

use crate::bench::TestEngine;

#[tokio::test]
async fn an_open_server_is_green_with_its_tools() {
    let server = McpServer::start(McpFaults::default(), None).unwrap();
    let test = TestEngine::start().await;
    let new = NewConnector { address: server.address(), ..NewConnector::default() };
    let added = test.engine.add(&new, true).await.unwrap();
    assert_eq!(added.probe.kind, Some(ProbeKind::Open), "{:?}", added.probe);
    let id = test.engine.find(&added.connector.id).await.unwrap();
    let checked = test.check(&id).await;
    assert_eq!(checked.health.state, State::Connected, "{:?}", checked.health);
    assert_eq!(checked.sign_in.state, SignInStateName::NotRequired);
    let tools = test.engine.tools(&id).await.unwrap();
    assert_eq!(Some(tools.tools.len()), checked.health.tools.map(|count| count as usize));
}

#[tokio::test]
async fn signing_in_where_no_sign_in_is_needed_ends_as_not_needed() {
    let server = McpServer::start(McpFaults::default(), None).unwrap();
    let test = TestEngine::start().await;
    let id = test.add(&server.address()).await;
    let mut events = test.engine.subscribe();
    test.sign_in(&id).await;
    loop {
        let Some(Event::SignIn { progress }) = events.next().await else { continue };
        if progress.step == SignInStep::Done {
            assert_eq!(progress.error, None);
            assert_eq!(progress.connector.unwrap().sign_in.state, SignInStateName::NotRequired);
            return;
        }
    }
}

#[tokio::test]
async fn every_way_of_speaking_is_understood() {
    for (speech, transport, protocol) in [
        (Speech::modern_only(), Transport::StreamableHttp, "2026-07-28"),
        (Speech::legacy_only(), Transport::StreamableHttp, "2025-11-25"),
        (Speech::old_sse_only(), Transport::Sse, "2024-11-05"),
    ] {
        let server = McpServer::start(McpFaults { speech, ..McpFaults::default() }, None).unwrap();
        let test = TestEngine::start().await;
        let id = test.add(&server.address()).await;
        for _ in 0..2 {
            let checked = test.check(&id).await;
            assert_eq!(checked.health.state, State::Connected, "{protocol}: {:?}", checked.health);
            assert_eq!((checked.transport, checked.protocol.as_deref()), (Some(transport), Some(protocol)));
        }
    }
}

#[tokio::test]
async fn a_sign_in_ends_in_green_and_survives_a_restart() {
    let auth = AuthServer::start(AuthFaults::default()).unwrap();
    let server = McpServer::start(McpFaults::default(), Some(&auth)).unwrap();
    let test = TestEngine::start().await;
    let id = test.add(&server.address()).await;
    let before = test.check(&id).await;
    assert_eq!(before.health.state, State::NeedsSignIn, "{:?}", before.health);
    assert_eq!(before.health.cause.unwrap().code.as_str(), "RPL-AUTH-NEVER");
    assert_eq!(before.primary.unwrap().label, "Sign in");

    let done = test.sign_in(&id).await;
    assert_eq!(done.error, None);
    let connector = done.connector.unwrap();
    assert_eq!(connector.health.level, Level::Green, "{:?}", connector.health);
    assert_eq!(connector.sign_in.state, SignInStateName::SignedIn);

    let test = test.restart().await;
    let again = test.check(&id).await;
    assert_eq!((again.health.level, again.sign_in.state), (Level::Green, SignInStateName::SignedIn));
    assert_eq!(test.person.opened(), Vec::<String>::new(), "no browser was needed");
}
