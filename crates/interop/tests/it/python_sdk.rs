//! A server of the Python SDK, with the sign-in service of that SDK and without one, over both transports. Its tool asks the
//! person a question before it answers.

use std::time::Duration;

use replug_core::{ConnectorId, State, Transport};
use replug_engine::wire::{ProbeKind, ServiceAnswer};
use replug_engine::{Called, Elicitation};
use serde_json::value::to_raw_value;
use tokio::process::Command;

use crate::bench::Bench;
use crate::program::{Program, python, servers};

/// So little before the hour is over that a token is renewed.
const NEARLY_AN_HOUR: Duration = Duration::from_mins(55);

/// The server in this mode, and where it is.
async fn start(mode: &str, path: &str) -> Option<(Program, String)> {
    let (servers, python) = (servers()?, python()?);
    let script = servers.join("python_sdk.py");
    let start = |[port]: [u16; 1]| {
        let mut command = Command::new(&python);
        command.arg(&script).args([&port.to_string(), mode]);
        command
    };
    let (program, [port]) = Program::start_on(start, &["Uvicorn running"]).await;
    Some((program, format!("http://127.0.0.1:{port}{path}")))
}

async fn greet(test: &Bench, id: &ConnectorId, elicitation: Elicitation) -> String {
    let nothing = to_raw_value(&serde_json::json!({})).unwrap();
    match test.engine.call_tool(id, "greet", &nothing, elicitation).await.unwrap() {
        Called::Result(result) => result.get().to_owned(),
        Called::Error(error) => format!("error {}: {}", error.code, error.message),
    }
}

#[tokio::test]
async fn the_python_sdk_takes_a_sign_in_that_is_renewed_and_given_back() {
    let Some((program, address)) = start("guarded", "/mcp").await else { return };
    let test = Bench::start().await;
    let id = test.signed_in(&address).await;
    let connector = test.check(&id).await;
    assert_eq!(connector.health.state, State::Connected, "{:?}", connector.health);
    assert_eq!(test.tools(&id).await, ["greet"]);
    assert_eq!(program.lines("granted"), ["granted code"]);

    test.clock.advance(NEARLY_AN_HOUR);
    let test = test.restart().await;
    assert_eq!(test.check(&id).await.health.state, State::Connected);
    program.hear("granted renewal").await;
    assert!(test.person.opened().is_empty(), "no browser was needed");

    let done = test.engine.sign_out(&id).await.unwrap();
    assert_eq!(done.revoked, ServiceAnswer::Yes);
    program.hear("revoked").await;
}

#[tokio::test]
async fn a_question_of_the_python_sdk_is_answered_with_its_defaults_or_declined_over_both_transports() {
    for (mode, path, transport) in [("open", "/mcp", Transport::StreamableHttp), ("sse", "/sse", Transport::Sse)] {
        let Some((_program, address)) = start(mode, path).await else { return };
        let test = Bench::start().await;
        let (id, added) = test.add(&address).await;
        assert_eq!(added.probe.kind, Some(ProbeKind::Open), "{:?}", added.probe);
        let connector = test.check(&id).await;
        assert_eq!((connector.health.state, connector.transport), (State::Connected, Some(transport)));
        let answered = greet(&test, &id, Elicitation::Defaults).await;
        assert!(answered.contains("Hello, Ada"), "{mode}: {answered}");
        let declined = greet(&test, &id, Elicitation::Decline).await;
        assert!(!declined.contains("Hello"), "{mode}: {declined}");
    }
}
