//! What a person does with a new connector: add it, sign in when it says so, look at its tools, and use them. Whatever
//! asks for another sign-in gets one, and one more try.

use std::sync::Arc;
use std::time::Duration;

use replug_core::{Code, ConnectorId, Failure, State, StoredIn};
use replug_engine::wire::NewConnector;
use replug_engine::{Called, Computer, Elicitation, Engine, OpenOptions, Patience, Platform, SignInOptions};
use replug_lab::Person;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::arguments::arguments_for;
use crate::context::{Context, ToolCall};

/// How long the scripted person may need; the suite itself waits longer.
const SIGN_IN: Duration = Duration::from_secs(20);

/// Visits the server at `address`. Everything is in memory, or in a folder that is thrown away.
pub(crate) async fn visit(address: &str, context: Context) -> Result<(), Failure> {
    let folder =
        tempfile::tempdir().map_err(|error| Failure::new(Code::LocalDisk).with_fact("Reason", error.to_string()))?;
    let options = OpenOptions {
        data_dir: folder.path().to_owned(),
        secrets: Some(StoredIn::Memory),
        passphrase: None,
        browser: Arc::new(Person::default()),
        patience: Patience::Background,
        computer: Computer::new(Platform::Linux, folder.path(), |_| None),
        proxy_hosts: Vec::new(),
    };
    let engine = Engine::open(options).await?.engine;
    let new = NewConnector { address: address.to_owned(), name: None, settings: context.settings() };
    let added = Box::pin(engine.add(&new, false)).await?;
    let id = engine.find(&added.connector.id).await?;
    let connector = engine.check_and_wait(Some(vec![id.clone()])).await?.pop();
    if connector.is_some_and(|connector| connector.health.state == State::NeedsSignIn) {
        sign_in(&engine, &id).await?;
    }
    use_tools(&engine, &id, context.calls).await
}

async fn sign_in(engine: &Engine, id: &ConnectorId) -> Result<(), Failure> {
    // Whoever runs this program has chosen the server, and with it the sign-in service that it names.
    let options = SignInOptions { timeout: SIGN_IN, accept_move: true, ..SignInOptions::default() };
    let done = engine.sign_in(id, options).await?.ended().await;
    done.error.map_or(Ok(()), |error| Err(Failure::new(error.code).with_text(error.text)))
}

async fn use_tools(engine: &Engine, id: &ConnectorId, calls: Vec<ToolCall>) -> Result<(), Failure> {
    let tools = signed_in(engine, id, async || list(engine, id).await).await?;
    let calls = if calls.is_empty() { each_once(&tools)? } else { calls };
    for call in &calls {
        let once = async || Box::pin(engine.call_tool(id, &call.name, &call.arguments, Elicitation::Defaults)).await;
        let called = signed_in(engine, id, once).await?;
        // What a tool answers is its own affair, an error too.
        show(call, &called);
    }
    Ok(())
}

async fn list(engine: &Engine, id: &ConnectorId) -> Result<Vec<Box<RawValue>>, Failure> {
    let listed = engine.tools_raw(id).await?;
    listed.error.map_or(Ok(listed.tools), Err)
}

/// Does something; when that asks for a sign-in, signs in and does it once more.
async fn signed_in<T>(
    engine: &Engine,
    id: &ConnectorId,
    something: impl AsyncFn() -> Result<T, Failure>,
) -> Result<T, Failure> {
    match something().await {
        Err(failure) if failure.code.info().state == Some(State::NeedsSignIn) => {
            sign_in(engine, id).await?;
            something().await
        }
        outcome => outcome,
    }
}

#[expect(clippy::print_stderr, reason = "the suite shows it when a scenario fails")]
fn show(call: &ToolCall, called: &Called) {
    match called {
        Called::Result(result) => eprintln!("{}: {}", call.name, result.get()),
        Called::Error(error) => eprintln!("{}: error {} {}", call.name, error.code, error.message),
    }
}

/// One call for each tool of a list.
fn each_once(tools: &[Box<RawValue>]) -> Result<Vec<ToolCall>, Failure> {
    let unreadable =
        |error: serde_json::Error| Failure::new(Code::McpToolsBroken).with_fact("Reason", error.to_string());
    let read = |tool: &RawValue| serde_json::from_str::<Value>(tool.get());
    let tools: Vec<Value> = tools.iter().map(AsRef::as_ref).map(read).collect::<Result<_, _>>().map_err(unreadable)?;
    let schemas: Vec<&Value> = tools.iter().map(|tool| &tool["inputSchema"]).collect();
    let call = |tool: &Value| {
        let arguments = to_raw_value(&arguments_for(&tool["inputSchema"], &schemas)).map_err(unreadable)?;
        Ok(ToolCall { name: tool["name"].as_str().unwrap_or_default().to_owned(), arguments })
    };
    tools.iter().map(call).collect()
}
