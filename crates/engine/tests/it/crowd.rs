//! Many connectors at once: servers that hang, break off or are not there do not hold up the verdict of another.

use replug_core::State;
use replug_engine::wire::Event;
use replug_lab::{AuthFaults, AuthServer, Front, ListFault, McpFaults, McpServer, ToolFaults};

use crate::bench::TestEngine;

#[tokio::test]
async fn servers_that_hang_do_not_hold_up_the_verdict_of_a_healthy_one() {
    let test = TestEngine::start().await;
    // Some never answer, and some stop in the middle of their tools.
    let silent = McpFaults { front: Front::Silent, ..McpFaults::default() };
    let tools = ToolFaults { list: ListFault::Stalls, ..ToolFaults::default() };
    let stalling = McpFaults { tools, ..McpFaults::default() };
    let faults = [silent, stalling].into_iter().cycle().take(20);
    let hanging: Vec<_> = faults.map(|faults| McpServer::start(faults, None).unwrap()).collect();
    for server in &hanging {
        test.add(&server.address()).await;
    }
    let healthy = McpServer::start(McpFaults::default(), None).unwrap();
    let id = test.add(&healthy.address()).await;
    let mut events = test.engine.subscribe();
    test.engine.check(None).await.unwrap();
    let first = loop {
        if let Event::CheckEnded { connector } = events.next().await.unwrap() {
            break connector;
        }
    };
    assert_eq!((&first.id, first.health.state), (&id.to_string(), State::Connected), "the healthy one ends first");
    let others = test.engine.list().await.unwrap();
    let open = others.iter().filter(|view| view.health.state == State::Unknown).count();
    assert_eq!(open, hanging.len(), "while all the others are still waited for");
    for view in &others {
        test.engine.cancel_check(&view.id.parse().unwrap());
    }
}

#[tokio::test]
async fn each_of_many_connectors_gets_its_own_verdict() {
    let test = TestEngine::start().await;
    let auth = AuthServer::start(AuthFaults::default()).unwrap();
    let gone = McpServer::start(McpFaults::default(), None).unwrap();
    gone.unplug();
    let front = |front| McpServer::start(McpFaults { front, ..McpFaults::default() }, None).unwrap();
    let servers = [
        (gone, State::Failed, Some("RPL-NET-UNREACHABLE")),
        (front(Front::CutOff), State::Failed, Some("RPL-NET-INTERRUPTED")),
        (front(Front::Firewall { status: 403 }), State::Failed, Some("RPL-HTTP-BLOCKED-PAGE")),
        (front(Front::Plain { status: 503, body: String::new() }), State::Failed, Some("RPL-HTTP-SERVER-ERROR")),
        (McpServer::start(McpFaults::default(), Some(&auth)).unwrap(), State::NeedsSignIn, Some("RPL-AUTH-NEVER")),
        (front(Front::Open), State::Connected, None),
    ];
    for (server, ..) in &servers {
        test.add(&server.address()).await;
    }
    let views = test.engine.check_and_wait(None).await.unwrap();
    for (view, (_, state, code)) in views.iter().zip(&servers) {
        let found = view.health.cause.as_ref().map(|cause| cause.code.as_str());
        assert_eq!((view.health.state, found), (*state, *code), "{:?}", view.health);
    }
}
