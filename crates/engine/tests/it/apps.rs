//! What is found in AI apps' files: one connector for each server, where it was found, what is wrong there; and that nobody is
//! asked and nothing is started by looking.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use replug_core::{Level, State};
use replug_engine::wire::{AppFinding, EditConnector, FindingCertainty, FoundConnector, Scanned};
use serde_json::json;

use crate::bench::{Canary, TestEngine};

const ACME: &str = r#"{"mcpServers":{"acme":{"type":"http","url":"https://mcp.example/mcp"}}}"#;

/// `app:entry` of every place where a connector was found.
pub(crate) fn places(found: &FoundConnector) -> Vec<String> {
    let place = |source: &replug_core::Source| format!("{}:{}", source.app, source.entry.as_deref().unwrap());
    found.connector.sources.iter().map(place).collect()
}

/// `code app entry` of every finding.
pub(crate) fn lines(findings: &[AppFinding]) -> Vec<String> {
    let line =
        |found: &AppFinding| format!("{} {} {}", found.finding.code, found.app, found.entry.as_deref().unwrap_or("-"));
    findings.iter().map(line).collect()
}

pub(crate) fn fact<'a>(found: &'a AppFinding, label: &str) -> &'a str {
    let fact = found.finding.evidence.iter().find(|fact| fact.label == label);
    &fact.unwrap_or_else(|| panic!("{label} in {:?}", found.finding.evidence)).value
}

async fn scan(test: &TestEngine) -> Scanned {
    test.engine.scan().await.unwrap()
}

#[tokio::test]
async fn apps_are_listed_with_their_files_and_what_is_the_matter_with_them() {
    let test = TestEngine::start().await;
    assert_eq!(test.engine.apps().await.unwrap(), [], "a home without any app");
    test.write_home(".cursor/mcp.json", ACME);
    test.write_home(
        ".claude.json",
        r#"{"projects":{"/nowhere":{"mcpServers":{"a":{"command":"x"}}}}, "mcpServers":{}}"#,
    );
    test.write_home(".gemini/settings.json", r#"{"mcpServers":"#);
    test.write_home(".kiro/settings/mcp.json", r#"{"mcpServers":{"a":{"command":"x"},"a":{"command":"y"}}}"#);
    let apps = test.engine.apps().await.unwrap();
    let names: Vec<_> = apps.iter().map(|app| (app.id.as_str(), app.name.as_str(), app.files.len())).collect();
    let expected = [
        ("claude-code", "Claude Code", 2),
        ("cursor", "Cursor", 1),
        ("gemini-cli", "Gemini CLI", 1),
        ("kiro", "Kiro", 1),
    ];
    assert_eq!(names, expected);
    let scopes: Vec<&str> = apps[0].files.iter().map(|file| file.scope.as_str()).collect();
    assert_eq!(scopes, ["user", "local"], "one file with two scopes");
    assert_eq!((apps[1].files[0].readable, &apps[1].files[0].text), (true, &None));
    let said = |number: usize| apps[number].files[0].text.as_deref().unwrap();
    assert!(
        !apps[2].files[0].readable && said(2).starts_with("This app's file cannot be read. (line 1"),
        "{}",
        said(2)
    );
    assert!(apps[3].files[0].readable && said(3).ends_with("(the key `a` stands in it twice)"), "{}", said(3));
}

#[tokio::test]
async fn one_server_in_several_apps_is_one_connector_with_several_sources() {
    let test = TestEngine::start().await;
    test.write_home(".cursor/mcp.json", r#"{"mcpServers":{"acme":{"url":"https://MCP.example:443/mcp"}}}"#);
    test.write_home(".lmstudio/mcp.json", r#"{"mcpServers":{"other":{"url":"https://mcp.example/other"}}}"#);
    test.write_home(
        ".config/Claude/claude_desktop_config.json",
        r#"{"mcpServers":{"wrapped":{"command":"npx","args":["-y","mcp-remote@latest","https://mcp.example/mcp","--header","X-Key: canary"]}}}"#,
    );
    let scanned = scan(&test).await;
    let found: Vec<_> =
        scanned.connectors.iter().map(|found| (found.connector.address.as_str(), places(found))).collect();
    let sources = |places: &[&str]| places.iter().map(ToString::to_string).collect::<Vec<_>>();
    let expected = [
        ("https://mcp.example/mcp", sources(&["claude-desktop:wrapped", "cursor:acme"])),
        ("https://mcp.example/other", sources(&["lm-studio:other"])),
    ];
    assert_eq!(found, expected);
    let first = &scanned.connectors[0];
    assert_eq!((first.imported, first.needs_approval, first.connector.name.as_str()), (false, false, "wrapped"));
    assert_eq!((first.connector.health.state, first.connector.health.level), (State::Unknown, Level::Grey));
    assert_eq!(lines(&scanned.findings), ["RPL-APP-ENTRIES-DIFFER cursor acme"]);
    let finding = &scanned.findings[0];
    assert_eq!((fact(finding, "Differs in"), finding.certainty), ("headers", FindingCertainty::Compared));
    assert_eq!(finding.connector.as_ref(), Some(&first.connector.id), "it says which connector it is about");
    assert!(!serde_json::to_string(&scanned).unwrap().contains("canary"), "no header's value is shown");
}

#[tokio::test]
async fn a_found_server_belongs_to_the_oldest_connector_with_its_address() {
    let test = TestEngine::start().await;
    let oldest = test.add("https://mcp.example/mcp").await;
    let younger = test.add("https://mcp.example/mcp").await;
    test.write_home(".cursor/mcp.json", ACME);
    let scanned = scan(&test).await;
    assert_eq!(scanned.connectors.len(), 1);
    let found = &scanned.connectors[0];
    assert_eq!((found.connector.id.as_str(), found.imported), (oldest.as_str(), true));
    assert_eq!(test.engine.get(&oldest).await.unwrap().sources, found.connector.sources, "it is remembered");
    assert_eq!(test.engine.get(&younger).await.unwrap().sources, []);

    test.write_home(".cursor/mcp.json", "{ broken");
    scan(&test).await;
    assert_eq!(test.engine.get(&oldest).await.unwrap().sources.len(), 1, "what cannot be read may still say so");
    test.write_home(".cursor/mcp.json", r#"{"mcpServers":{}}"#);
    scan(&test).await;
    assert_eq!(test.engine.get(&oldest).await.unwrap().sources, [], "now it does not");
}

#[tokio::test]
async fn a_source_in_a_file_of_which_a_part_cannot_be_read_is_kept_once() {
    let test = TestEngine::start().await;
    let file = json!({
        "mcpServers": { "acme": { "type": "http", "url": "https://mcp.example/mcp" } },
        "projects": { test.home().join("work").display().to_string(): { "mcpServers": 7 } },
    });
    test.write_home(".claude.json", &file.to_string());
    let id = test.engine.import(&[]).await.unwrap().connectors[0].connector.id.parse().unwrap();
    for _ in 0..3 {
        assert_eq!(test.engine.scan().await.unwrap().findings.len(), 1, "a part cannot be read");
        assert_eq!(test.engine.get(&id).await.unwrap().sources.len(), 1);
    }
}

#[tokio::test]
async fn programs_are_listed_and_never_started_and_no_server_is_asked() {
    let test = TestEngine::start().await;
    let canary = Canary::start();
    let trap = test.home().join("was-started");
    let script = test.home().join("server.sh");
    test.write_home("server.sh", &format!("#!/bin/sh\ntouch '{}'\n", trap.display()));
    let entries = json!({ "mcpServers": {
        "program": { "command": "/bin/sh", "args": [script, "--key", "canary"] },
        "acme": { "url": canary.address(), "headersHelper": format!("touch '{}'", trap.display()) },
    } });
    test.write_home(".cursor/mcp.json", &entries.to_string());
    let scanned = scan(&test).await;
    test.engine.apps().await.unwrap();
    let local = &scanned.local_servers[0];
    assert_eq!(
        (local.entry.as_str(), local.program.as_str(), local.app_name.as_str()),
        ("program", "/bin/sh", "Cursor")
    );
    assert_eq!((scanned.local_servers.len(), scanned.connectors.len()), (1, 1));
    assert!(!serde_json::to_string(&scanned).unwrap().contains("canary"), "arguments may hold keys");
    test.engine.import(&[]).await.unwrap();
    assert!(!trap.exists(), "nothing was started");
    assert!(!canary.was_contacted(), "and nobody was asked");
}

#[tokio::test]
async fn findings_keep_their_ids_and_the_surest_come_first() {
    let test = TestEngine::start().await;
    test.write_home(
        ".claude.json",
        r#"{"mcpServers":{"acme":{"url":" https://mcp.example/mcp","headers":{"Authorization":"Bearer Bearer canary"}},"odd":7}}"#,
    );
    test.write_home(
        ".kiro/settings/mcp.json",
        r#"{"mcpServers":{"vars":{"url":"https://${HOST}/mcp"},"bad":{"url":"ftp://x"}}}"#,
    );
    test.write_home(
        ".claude/.credentials.json",
        r#"{"mcpOAuth":{"gone|0":{"serverName":"gone","accessToken":"canary"}}}"#,
    );
    test.write_home(".cursor/mcp.json", "{");
    let first = scan(&test).await;
    assert_eq!(
        lines(&first.findings),
        [
            "RPL-APP-TYPE-MISSING claude-code acme",
            "RPL-APP-BEARER-DOUBLED claude-code acme",
            "RPL-APP-ENTRY-UNCLEAR claude-code odd",
            "RPL-APP-FILE-UNREADABLE cursor -",
            "RPL-USE-ADDRESS-INVALID kiro bad",
            "RPL-APP-WHITE-SPACE claude-code acme",
            "RPL-APP-VARIABLE-UNSET kiro vars",
            "RPL-APP-CANNOT-VERIFY kiro vars",
            "RPL-APP-ORPHAN claude-code gone",
        ]
    );
    assert!(first.findings[0].safe && !first.findings[2].safe, "some lose nothing when they are mended");
    assert_eq!(first.findings[0].connector.as_ref(), Some(&first.connectors[0].connector.id));
    let ids = |scanned: &Scanned| scanned.findings.iter().map(|found| found.finding.id.clone()).collect::<Vec<_>>();
    let unique: std::collections::HashSet<String> = ids(&first).into_iter().collect();
    assert_eq!(unique.len(), first.findings.len(), "each has its own");
    let again = scan(&test).await;
    assert_eq!((ids(&again), &again.connectors[0].connector.id), (ids(&first), &first.connectors[0].connector.id));
    assert!(!serde_json::to_string(&first).unwrap().contains("canary"), "no secret is shown");
}

#[tokio::test]
async fn folders_of_a_person_are_looked_through_until_they_are_taken_out() {
    let test = TestEngine::start().await;
    test.write_home("work/.mcp.json", ACME);
    let folder = test.home().join("work").display().to_string();
    assert_eq!(scan(&test).await.connectors.len(), 0);
    for wrong in ["work", "/nowhere/at/all"] {
        let code = test.engine.add_folder(wrong).await.unwrap_err().code;
        assert_eq!(code.as_str(), "RPL-USE-SETTING-INVALID", "{wrong}");
    }
    test.engine.add_folder(&folder).await.unwrap();
    let found = scan(&test).await.connectors;
    assert_eq!((found.len(), found[0].needs_approval, found[0].connector.health.state), (1, true, State::Paused));
    assert_eq!(found[0].connector.health.cause.as_ref().unwrap().code.as_str(), "RPL-APP-NOT-APPROVED");
    test.engine.remove_folder(&folder).await.unwrap();
    assert_eq!(scan(&test).await.connectors.len(), 0);
}

#[tokio::test]
async fn three_hundred_servers_in_fifty_projects_are_found_quickly() {
    let test = TestEngine::start().await;
    let mut projects = serde_json::Map::new();
    for project in 0..50 {
        let mut servers = String::new();
        for server in 0..6 {
            let comma = if server == 0 { "" } else { "," };
            write!(servers, r#"{comma}"s{server}":{{"type":"http","url":"https://s{server}.p{project}.example/mcp"}}"#)
                .unwrap();
        }
        test.write_home(&format!("p{project}/.mcp.json"), &format!(r#"{{"mcpServers":{{{servers}}}}}"#));
        projects.insert(test.home().join(format!("p{project}")).display().to_string(), json!({}));
    }
    test.write_home(".claude.json", &json!({ "mcpServers": {}, "projects": projects }).to_string());
    let began = Instant::now();
    let found = scan(&test).await.connectors.len();
    let took = began.elapsed();
    assert_eq!(found, 300);
    // Far more than it takes, so that a busy computer does not matter.
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn a_connector_with_another_name_and_settings_keeps_them_when_a_source_is_found() {
    let test = TestEngine::start().await;
    let settings =
        EditConnector { name: Some("Mine".to_owned()), scope: Some("read".to_owned()), ..EditConnector::default() };
    let id = test.add_with("https://mcp.example/mcp", settings).await;
    test.write_home(".cursor/mcp.json", ACME);
    scan(&test).await;
    let shown = test.engine.show(&id).await.unwrap();
    assert_eq!((shown.connector.name.as_str(), shown.settings.scope.as_deref()), ("Mine", Some("read")));
}
