//! The TypeScript SDK's example server with its example sign-in service, in both of its modes.

use replug_core::State;
use replug_engine::wire::SignInStateName;

use crate::bench::Bench;
use crate::program::{Program, node, servers};

const DEMO: &str = "node_modules/@modelcontextprotocol/sdk/dist/esm/examples/server/simpleStreamableHttp.js";

async fn a_sign_in_works_and_survives_a_restart(mode: &[&str]) {
    let Some(servers) = servers() else { return };
    let start = |[mcp, auth]: [u16; 2]| {
        let mut command = node(&servers, DEMO);
        command.args(mode).env("MCP_PORT", mcp.to_string()).env("MCP_AUTH_PORT", auth.to_string());
        command
    };
    let ready = ["MCP Streamable HTTP Server listening", "OAuth Authorization Server listening"];
    let (_demo, [mcp, _]) = Program::start_on(start, &ready).await;

    let test = Bench::start().await;
    let id = test.signed_in(&format!("http://localhost:{mcp}/mcp")).await;
    let connector = test.check(&id).await;
    assert_eq!(connector.health.state, State::Connected, "{:?}", connector.health);
    let tools = test.tools(&id).await;
    assert!(tools.contains(&"greet".to_owned()), "{tools:?}");

    let test = test.restart().await;
    let again = test.check(&id).await;
    assert_eq!((again.health.state, again.sign_in.state), (State::Connected, SignInStateName::SignedIn));
    assert_eq!(again.health.tools, u32::try_from(tools.len()).ok());
    assert!(test.person.opened().is_empty(), "no browser was needed");
}

#[tokio::test]
async fn the_demo_takes_a_sign_in_that_survives_a_restart() {
    a_sign_in_works_and_survives_a_restart(&["--oauth"]).await;
}

#[tokio::test]
async fn the_demo_that_checks_the_resource_takes_a_sign_in_that_survives_a_restart() {
    a_sign_in_works_and_survives_a_restart(&["--oauth", "--oauth-strict"]).await;
}
