//! `apps`, `scan`, `import` and `approve` on a scratch home: the documents, the pages, and how each ends.

use std::fs;
use std::path::PathBuf;

use replug_lab::{McpFaults, McpServer};
use serde_json::{Value, json};

use crate::bench::{Bench, Ran, assert_run};

/// Writes an app's file into the scratch home.
fn write(bench: &Bench, path: &str, value: &Value) {
    let place = bench.file(path);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, value.to_string()).unwrap();
}

fn project(bench: &Bench) -> PathBuf {
    bench.file("project")
}

/// A server in two apps, a program, and a server in a project folder.
fn furnished(address: &str) -> Bench {
    let bench = Bench::new();
    let own = json!({
        "mcpServers": { "acme": { "type": "http", "url": address, "headers": { "X-Key": "canary" } } },
        "projects": { project(&bench).display().to_string(): {} },
    });
    write(&bench, ".claude.json", &own);
    write(
        &bench,
        ".cursor/mcp.json",
        &json!({ "mcpServers": { "acme": { "url": address }, "files": { "command": "npx" } } }),
    );
    write(
        &bench,
        "project/.mcp.json",
        &json!({ "mcpServers": { "team": { "type": "http", "url": format!("{address}?team=1") } } }),
    );
    bench
}

/// The scratch folder has another name in each run.
fn settled(bench: &Bench, ran: &Ran) -> Ran {
    let home = bench.file("").display().to_string();
    let clean = |text: &str| text.replace(home.trim_end_matches('/'), "[home]");
    Ran { code: ran.code, stdout: clean(&ran.stdout), stderr: clean(&ran.stderr) }
}

#[test]
fn what_is_found_is_shown_and_taken_over() {
    let server = McpServer::start(McpFaults::default(), None).unwrap();
    let bench = furnished(&server.address());
    for (name, arguments) in [("apps_json", vec!["--json", "apps"]), ("scan_json", vec!["--json", "scan"])] {
        assert_run!(name, settled(&bench, &bench.run(&arguments)));
    }
    let (code, taken) = bench.json(&["import"]);
    assert_eq!(code, 0, "{taken}");
    let names: Vec<&str> =
        taken["connectors"].as_array().unwrap().iter().map(|view| view["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["acme", "team"]);
    assert_eq!(server.requests().all().len(), 0, "nobody was asked");

    let (code, checked) = bench.json(&["check", "team"]);
    assert_eq!((code, &checked["connectors"][0]["health"]["state"]), (0, &"paused".into()));
    assert_eq!(checked["connectors"][0]["health"]["cause"]["code"], "RPL-APP-NOT-APPROVED");
    assert_eq!(server.requests().all().len(), 0, "nor by a check");
    let (code, approved) = bench.json(&["approve", "team"]);
    assert_eq!((code, &approved["connector"]["paused"]), (0, &false.into()), "{approved}");
    let (code, checked) = bench.json(&["check"]);
    assert_eq!(code, 0, "{checked}");
    assert_eq!(checked["connectors"][1]["health"]["state"], "connected");
}

#[test]
fn the_pages_say_what_to_do_next() {
    let bench = furnished("https://mcp.example/mcp");
    for (name, arguments) in [
        ("apps", vec!["apps"]),
        ("scan", vec!["scan"]),
        ("import", vec!["import"]),
        ("approve", vec!["approve", "team"]),
        ("import_again", vec!["import"]),
    ] {
        assert_run!(format!("apps_{name}"), settled(&bench, &bench.run(&arguments)));
    }
}

#[test]
fn names_that_nothing_has_end_with_four() {
    let bench = furnished("https://mcp.example/mcp");
    let (code, document) = bench.json(&["import", "nobody"]);
    assert_eq!((code, &document["error"]["code"]), (4, &"RPL-USE-NO-SUCH-SOURCE".into()));
    let (code, document) = bench.json(&["approve", "nobody"]);
    assert_eq!((code, &document["error"]["code"]), (4, &"RPL-USE-NO-SUCH-CONNECTOR".into()));
    let (code, document) = bench.json(&["import", "cursor"]);
    assert_eq!((code, document["connectors"].as_array().unwrap().len()), (0, 1), "an app's");
}

#[test]
fn a_folder_is_looked_through_from_then_on() {
    let bench = Bench::new();
    write(
        &bench,
        "project/.cursor/mcp.json",
        &json!({ "mcpServers": { "team": { "url": "https://mcp.example/mcp" } } }),
    );
    let folder = project(&bench).display().to_string();
    let found = |arguments: &[&str]| bench.json(arguments).1["connectors"].as_array().unwrap().len();
    assert_eq!((found(&["scan"]), found(&["scan", "--folder", &folder]), found(&["scan"])), (0, 1, 1));
    let (code, document) = bench.json(&["scan", "--folder", "nowhere"]);
    assert_eq!((code, &document["error"]["code"]), (2, &"RPL-USE-SETTING-INVALID".into()));
}

#[test]
fn what_changed_after_it_was_told_is_shown_before_it_is_allowed() {
    let bench = furnished("https://mcp.example/mcp");
    bench.json(&["import", "team"]);
    let changed = |address: &str| json!({ "mcpServers": { "team": { "type": "http", "url": address } } });
    write(&bench, "project/.mcp.json", &changed("https://other.example/mcp"));
    let refused = bench.run(&["approve", "team"]);
    assert_ne!(refused.code, Some(0));
    assert!(refused.stderr.contains("RPL-APP-CHANGED-MEANWHILE"), "{}", refused.stderr);
    assert!(refused.stderr.contains("→ https://other.example/mcp"), "{}", refused.stderr);
    assert_eq!(bench.json(&["list"]).1["connectors"][0]["paused"], true);

    let (code, approved) = bench.json(&["approve", "team"]);
    assert_eq!((code, &approved["connector"]["address"]), (0, &"https://other.example/mcp".into()), "{approved}");
    write(&bench, "project/.mcp.json", &changed("https://third.example/mcp"));
    assert_eq!(bench.json(&["approve", "team"]).1["error"]["code"], "RPL-APP-CHANGED-MEANWHILE", "each time anew");
}
