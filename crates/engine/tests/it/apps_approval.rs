//! Connectors from project folders (SECURITY T40): nobody contacts their servers before a person has allowed that very
//! definition, and a change takes it back and shows what is different.

use replug_core::{ConnectorId, State};
use replug_engine::wire::{ConnectorView, DefinitionStanding, EditConnector, ProjectDefinition, SecretEdit};
use replug_engine::{Elicitation, SignInOptions};
use replug_lab::{McpFaults, McpServer};
use serde_json::{Value, json};

use crate::apps::{fact, lines};
use crate::bench::{Canary, TestEngine};

/// A project folder with one entry, and the connector that was taken over from it.
struct Project {
    test: TestEngine,
    id: ConnectorId,
}

impl Project {
    async fn with(entry: &Value) -> Self {
        let test = TestEngine::start().await;
        let project = test.home().join("work");
        let known = json!({ "projects": { project.display().to_string(): {} } });
        test.write_home(".claude.json", &known.to_string());
        write(&test, entry);
        let taken = test.engine.import(&[]).await.unwrap();
        let id = taken.connectors[0].connector.id.parse().unwrap();
        assert!(taken.connectors[0].needs_approval);
        Self { test, id }
    }

    fn write(&self, entry: &Value) {
        write(&self.test, entry);
    }

    async fn approve(&self) -> ConnectorView {
        self.test.engine.approve(&self.id, None).await.unwrap()
    }

    async fn definition(&self) -> ProjectDefinition {
        self.test.engine.project_definition(&self.id).await.unwrap().unwrap()
    }

    /// The headers and the client's secret in the keychain.
    async fn secrets(&self) -> Vec<String> {
        let Some(inputs) = self.test.record(&self.id).await.map(|record| record.inputs) else { return Vec::new() };
        let headers = inputs.headers.iter().map(|(name, value)| format!("{name}: {}", value.expose()));
        headers.chain(inputs.client_secret.iter().map(|secret| secret.expose().clone())).collect()
    }

    /// Everything that would contact the server.
    async fn try_everything(&self) {
        let (engine, id) = (&self.test.engine, &self.id);
        engine.check_and_wait(Some(vec![id.clone()])).await.unwrap();
        engine.check_and_wait(None).await.unwrap();
        engine.diagnose(id).await.unwrap();
        let tools = engine.tools_raw(id).await.unwrap();
        assert_eq!(tools.error.unwrap().code.as_str(), "RPL-APP-NOT-APPROVED");
        let arguments = serde_json::value::to_raw_value(&json!({})).unwrap();
        let called = Box::pin(engine.call_tool(id, "tool", &arguments, Elicitation::default())).await;
        assert_eq!(called.unwrap_err().code.as_str(), "RPL-APP-NOT-APPROVED");
        let signed_in = engine.sign_in(id, SignInOptions::default()).await;
        assert_eq!(signed_in.unwrap_err().code.as_str(), "RPL-APP-NOT-APPROVED");
        let resumed = engine.edit(id, &EditConnector { paused: Some(false), ..EditConnector::default() }).await;
        assert_eq!(resumed.unwrap_err().code.as_str(), "RPL-APP-NOT-APPROVED");
        engine.scan().await.unwrap();
        engine.import(&[]).await.unwrap();
    }

    async fn expect_waiting(&self) {
        let view = self.test.engine.get(&self.id).await.unwrap();
        assert_eq!((view.paused, view.health.state), (true, State::Paused));
        assert_eq!(view.health.cause.unwrap().code.as_str(), "RPL-APP-NOT-APPROVED");
    }
}

fn write(test: &TestEngine, entry: &Value) {
    test.write_home("work/.mcp.json", &json!({ "mcpServers": { "acme": entry } }).to_string());
}

#[tokio::test]
async fn a_server_from_a_project_is_contacted_only_after_it_was_allowed() {
    let server = McpServer::start(McpFaults::default(), None).unwrap();
    let project = Project::with(&json!({ "type": "http", "url": server.address() })).await;
    project.expect_waiting().await;
    project.try_everything().await;
    assert_eq!(server.requests().all().len(), 0);
    assert_eq!(project.definition().await.standing, DefinitionStanding::New);

    let approved = project.approve().await;
    assert_eq!((approved.paused, approved.health.state), (false, State::Unknown));
    let checked = project.test.check(&project.id).await;
    assert_eq!(checked.health.state, State::Connected, "{:?}", checked.health);
    assert_eq!(project.definition().await.standing, DefinitionStanding::Approved);
    let Project { test, id } = project;
    assert_eq!(test.restart().await.check(&id).await.health.state, State::Connected, "also the next time");
}

/// What somebody may do to an entry that leads to `first`, so that it leads to `second` or does something else.
fn mutations(first: &str, second: &str) -> Vec<Value> {
    let entry = json!({ "type": "http", "url": first });
    let with = |name: &str, value: Value| {
        let mut changed = entry.clone();
        changed[name] = value;
        changed
    };
    vec![
        with("url", second.into()),
        with("url", format!("{first}/").into()),
        with("url", format!("{first}?a=1").into()),
        with("url", format!(" {first}").into()),
        with("url", first.replace("http://", "HTTP://").into()),
        with("url", Value::Null),
        with("type", "sse".into()),
        with("type", Value::Null),
        with("type", 7.into()),
        with("headers", json!({ "X-Evil": "1" })),
        with("headers", json!({})),
        with("headersHelper", "touch /evil".into()),
        with("oauth", json!({ "clientId": "evil" })),
        with("oauth", json!({ "clientId": "evil", "callbackPort": 1 })),
        with("timeout", 1.into()),
        with("alwaysLoad", true.into()),
        with("unknown", Value::Null),
        with("env", json!({ "A": "B" })),
        json!({ "command": "sh", "args": ["-c", "evil"] }),
        json!({ "command": "npx", "args": ["mcp-remote", second] }),
        json!([entry]),
    ]
}

#[tokio::test]
async fn every_change_of_the_definition_takes_the_approval_back_and_contacts_nobody() {
    let (first, second) = (Canary::start(), Canary::start());
    let original = json!({ "type": "http", "url": first.address() });
    let project = Project::with(&original).await;
    for (number, changed) in mutations(&first.address(), &second.address()).iter().enumerate() {
        project.write(&original);
        project.approve().await;
        project.write(changed);
        // Which of them notices it first makes no difference.
        if number % 2 == 0 {
            project.test.check(&project.id).await;
        } else {
            project.test.engine.scan().await.unwrap();
        }
        project.expect_waiting().await;
        project.try_everything().await;
        assert_eq!(project.definition().await.standing, DefinitionStanding::Changed, "{changed}");
    }
    assert!(!first.was_contacted() && !second.was_contacted());
}

#[tokio::test]
async fn layout_and_order_are_no_change() {
    let server = McpServer::start(McpFaults::default(), None).unwrap();
    let project = Project::with(&json!({ "type": "http", "url": server.address() })).await;
    project.approve().await;
    let other =
        format!("{{ \"mcpServers\": {{\n  \"acme\": {{ \"url\": \"{}\", \"type\": \"http\" }} }} }}", server.address());
    project.test.write_home("work/.mcp.json", &other);
    assert_eq!(project.test.check(&project.id).await.health.state, State::Connected);
    project.test.write_home("work/.mcp.json", "{ broken");
    assert_eq!(project.test.check(&project.id).await.health.state, State::Connected, "it names no other server");
}

#[tokio::test]
async fn what_is_different_is_shown_with_secrets_hidden_and_only_that_is_allowed() {
    let entry = |address: &str, key: &str| json!({ "type": "http", "url": address, "headers": { "X-Key": key } });
    let project = Project::with(&entry("https://one.example/mcp", "canary-one")).await;
    project.approve().await;
    project.write(&entry("https://two.example/mcp", "canary-two"));
    let scanned = project.test.engine.scan().await.unwrap();
    assert_eq!(lines(&scanned.findings), ["RPL-APP-NOT-APPROVED claude-code acme"]);
    assert_eq!(fact(&scanned.findings[0], "url"), "https://one.example/mcp → https://two.example/mcp");
    assert_eq!(scanned.connectors.len(), 1, "the entry still belongs to its connector");

    let shown = project.definition().await;
    let fields: Vec<_> = shown.fields.iter().map(|field| (field.name.as_str(), field.now.as_deref())).collect();
    let expected = [("type", Some("http")), ("url", Some("https://two.example/mcp")), ("headers.X-Key", Some("…"))];
    assert_eq!(fields, expected);
    assert_eq!(shown.fields[1].before.as_deref(), Some("https://one.example/mcp"));

    project.write(&entry("https://three.example/mcp", "canary-three"));
    let late = project.test.engine.approve(&project.id, Some(&shown.definition)).await.unwrap_err();
    assert_eq!(late.code.as_str(), "RPL-APP-CHANGED-MEANWHILE");
    project.expect_waiting().await;

    project.write(&entry("https://two.example/mcp", "canary-two"));
    let approved = project.test.engine.approve(&project.id, Some(&shown.definition)).await.unwrap();
    assert_eq!((approved.address.as_str(), approved.paused), ("https://two.example/mcp", false));
    let record = project.test.record(&project.id).await.unwrap();
    assert!(record.inputs.headers[0].1.matches("canary-two"), "its key came along");

    project.write(&entry("https://two.example/mcp", "canary-other"));
    let hidden = project.definition().await;
    assert_eq!((hidden.standing, hidden.hidden_changed), (DefinitionStanding::Changed, true));
    let all = serde_json::to_string(&(scanned, shown, hidden)).unwrap();
    assert!(!all.contains("canary"), "no key is shown: {all}");
}

#[tokio::test]
async fn an_entry_that_starts_a_program_now_cannot_be_allowed() {
    let project = Project::with(&json!({ "type": "http", "url": "https://one.example/mcp" })).await;
    project.write(&json!({ "command": "sh" }));
    let failure = project.test.engine.approve(&project.id, None).await.unwrap_err();
    assert_eq!(failure.code.as_str(), "RPL-APP-ENTRY-UNCLEAR");
    project.expect_waiting().await;
}

#[tokio::test]
async fn a_server_that_the_persons_own_file_names_too_needs_no_approval() {
    let test = TestEngine::start().await;
    let project = test.home().join("work");
    let own = json!({
        "mcpServers": { "mine": { "type": "http", "url": "https://one.example/mcp" } },
        "projects": { project.display().to_string(): {} },
    });
    test.write_home(".claude.json", &own.to_string());
    write(&test, &json!({ "type": "http", "url": "https://one.example/mcp", "headers": { "X-Evil": "1" } }));
    let scanned = test.engine.scan().await.unwrap();
    assert!(!scanned.connectors[0].needs_approval, "nor does it look as if it did");
    let taken = test.engine.import(&[]).await.unwrap();
    let found = &taken.connectors[0];
    assert_eq!((taken.connectors.len(), found.needs_approval, found.connector.name.as_str()), (1, false, "mine"));
    let id: ConnectorId = found.connector.id.parse().unwrap();
    let shown = test.engine.show(&id).await.unwrap();
    assert_eq!(
        (shown.settings.headers, shown.connector.sources.len()),
        (vec![], 2),
        "and nothing else is taken from it"
    );
    assert_eq!(test.engine.project_definition(&id).await.unwrap(), None);
    assert!(!test.engine.approve(&id, None).await.unwrap().paused, "approving it is nothing to do");
}

#[tokio::test]
async fn what_the_person_typed_stays_when_a_changed_entry_leaves_it_open() {
    let entry = |more: &Value| {
        let mut entry = json!({
            "type": "http",
            "url": "https://one.example/mcp",
            "headers": { "X-Key": "${KEY}", "X-Old": "old" },
        });
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entry
    };
    let project = Project::with(&entry(&json!({}))).await;
    let header = |name: &str, edit: SecretEdit| (name.to_owned(), edit);
    let typed = EditConnector {
        client_id: Some("typed".to_owned()),
        client_secret: SecretEdit::Set("canary-secret".to_owned()),
        callback_port: Some(4_000),
        headers: Some(vec![
            header("X-Key", SecretEdit::Set("canary-key".to_owned())),
            header("X-Old", SecretEdit::Keep),
            header("X-Own", SecretEdit::Set("canary-own".to_owned())),
        ]),
        ..EditConnector::default()
    };
    project.test.engine.edit(&project.id, &typed).await.unwrap();

    project.write(&entry(&json!({ "headers": { "X-Key": "${KEY}" }, "timeout": 1 })));
    project.approve().await;
    let shown = project.test.engine.show(&project.id).await.unwrap().settings;
    assert_eq!((shown.client_id.as_deref(), shown.callback_port), (Some("typed"), Some(4_000)));
    assert_eq!(project.secrets().await, ["X-Key: canary-key", "X-Own: canary-own", "canary-secret"]);

    project.write(&entry(&json!({ "url": "https://two.example/mcp", "headers": { "X-Key": "${KEY}" } })));
    project.approve().await;
    assert!(project.secrets().await.is_empty(), "another server gets none of it");
}

#[tokio::test]
async fn what_a_changed_entry_says_no_more_is_gone() {
    let oauth = json!({ "clientId": "theirs", "callbackPort": 4_000 });
    let project = Project::with(&json!({ "type": "http", "url": "https://one.example/mcp", "oauth": oauth })).await;
    project.write(&json!({ "type": "http", "url": "https://one.example/mcp" }));
    project.approve().await;
    let shown = project.test.engine.show(&project.id).await.unwrap().settings;
    assert_eq!((shown.client_id, shown.callback_port), (None, None));
}
