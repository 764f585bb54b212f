//! Taking found connectors over: their secrets into the keychain, names that are free, and what cannot be taken over told.

use replug_core::Transport;
use replug_engine::wire::Scanned;
use serde_json::json;

use crate::apps::lines;
use crate::bench::TestEngine;

/// Two apps with three servers.
async fn furnished() -> TestEngine {
    let test = TestEngine::start().await;
    let cursor = json!({ "mcpServers": {
        "acme": {
            "url": "https://mcp.example/mcp?key=canary-query",
            "headers": { "X-Key": " canary-header ", "X-Var": "Bearer ${TOKEN}", "Content-Type": "application/json" },
            "auth": { "CLIENT_ID": "abc", "CLIENT_SECRET": "canary-secret" },
        },
        "docs": { "url": "https://docs.example/sse", "type": "sse" },
    } });
    test.write_home(".cursor/mcp.json", &cursor.to_string());
    test.write_home(".lmstudio/mcp.json", r#"{"mcpServers":{"docs":{"url":"https://other.example/mcp"}}}"#);
    test
}

fn names(scanned: &Scanned) -> Vec<&str> {
    scanned.connectors.iter().map(|found| found.connector.name.as_str()).collect()
}

#[tokio::test]
async fn everything_is_taken_over_once_with_names_of_its_own() {
    let test = furnished().await;
    let taken = test.engine.import(&[]).await.unwrap();
    assert_eq!(names(&taken), ["acme", "docs", "docs 2"]);
    assert!(taken.connectors.iter().all(|found| found.imported && !found.needs_approval));
    let listed = test.engine.list().await.unwrap();
    let sources: Vec<_> = listed.iter().map(|view| (view.name.as_str(), view.sources[0].app.as_str())).collect();
    assert_eq!(sources, [("acme", "cursor"), ("docs", "cursor"), ("docs 2", "lm-studio")]);
    assert_eq!(listed[1].transport, None::<Transport>, "a check finds that out");
    assert_eq!(names(&test.engine.import(&[]).await.unwrap()), Vec::<&str>::new(), "nothing is left");
    assert_eq!(test.engine.list().await.unwrap().len(), 3);
}

#[tokio::test]
async fn secrets_go_into_the_keychain_and_nowhere_else() {
    let test = furnished().await;
    let taken = test.engine.import(&["cursor:acme".to_owned()]).await.unwrap();
    let connector = &taken.connectors[0].connector;
    assert_eq!(connector.address, "https://mcp.example/mcp?key=…");
    let id = connector.id.parse().unwrap();
    let record = test.record(&id).await.unwrap();
    assert!(record.inputs.query[0].1.matches("canary-query") && record.inputs.headers[0].1.matches("canary-header"));
    assert!(record.inputs.client_secret.unwrap().matches("canary-secret"));
    let settings = test.engine.show(&id).await.unwrap().settings;
    assert_eq!(settings.client_id.as_deref(), Some("abc"));
    assert_eq!(settings.headers, ["X-Key", "X-Var"], "what Replug sends itself is left out");
    assert_eq!(settings.headers_stored.unwrap(), ["X-Key"], "what a variable holds is for the person to enter");
    assert!(!serde_json::to_string(&taken).unwrap().contains("canary"));
    for entry in std::fs::read_dir(test.folder()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = if path.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
        assert!(!bytes.windows(6).any(|window| window == b"canary"), "{}", path.display());
    }
}

#[tokio::test]
async fn a_source_is_named_in_many_ways() {
    let test = furnished().await;
    let file = test.home().join(".lmstudio/mcp.json").display().to_string();
    let id = test.engine.scan().await.unwrap().connectors[1].connector.id.clone();
    for (source, expected) in [
        ("Cursor", vec!["acme", "docs"]),
        ("LM-Studio:Docs", vec!["docs 2"]),
        (file.as_str(), vec!["docs 2"]),
        ("https://DOCS.example/sse", vec!["docs"]),
        ("ACME", vec!["acme"]),
        (id.as_str(), vec![]),
    ] {
        match test.engine.import(&[source.to_owned()]).await {
            Ok(taken) => assert_eq!(names(&taken), expected, "{source}"),
            Err(failure) => assert!(expected.is_empty(), "{source}: {failure}"),
        }
    }
    let failure = test.engine.import(&["acme".to_owned(), "nobody".to_owned()]).await.unwrap_err();
    assert_eq!(failure.code.as_str(), "RPL-USE-NO-SUCH-SOURCE");
    assert_eq!(failure.facts[0].value, "nobody");
}

#[tokio::test]
async fn what_cannot_be_taken_over_is_told_and_keeps_no_other_back() {
    let test = TestEngine::start().await;
    let entries = json!({ "mcpServers": {
        "open": { "url": "http://mcp.example/mcp" },
        "vars": { "url": "https://${HOST}/mcp" },
        "odd": { "url": "https://odd.example/mcp", "auth": { "CLIENT_ID": "a\u{7}b" } },
        "good": { "url": "https://good.example/mcp" },
    } });
    test.write_home(".cursor/mcp.json", &entries.to_string());
    let taken = test.engine.import(&[]).await.unwrap();
    assert_eq!(names(&taken), ["good"]);
    assert_eq!(
        lines(&taken.findings),
        ["RPL-USE-ADDRESS-NOT-ENCRYPTED cursor open", "RPL-USE-SETTING-INVALID cursor odd"]
    );
    assert_eq!(test.engine.list().await.unwrap().len(), 1);
}
