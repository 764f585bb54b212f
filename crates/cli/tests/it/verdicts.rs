//! The commands whose exit code is a verdict: `check`, `diagnose` and `tools`.

use replug_lab::{AuthFaults, AuthServer, ListFault, McpFaults, McpServer, ToolFaults, ToolFlaw};
use serde_json::{Value, json};

use crate::bench::{Bench, assert_run};

fn server(tools: ToolFaults) -> McpServer {
    McpServer::start(McpFaults { tools, ..McpFaults::default() }, None).unwrap()
}

fn add(bench: &Bench, name: &str, address: &str) {
    let ran = bench.run(&["add", address, "--name", name, "--no-probe"]);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
}

#[test]
fn without_connectors_a_check_is_green_and_empty() {
    assert_eq!(Bench::new().json(&["check"]), (0, json!({"connectors": []})));
}

#[test]
fn the_worst_verdict_decides_the_exit_code() {
    let bench = Bench::new();
    let auth = AuthServer::start(AuthFaults::default()).unwrap();
    let guarded = McpServer::start(McpFaults::default(), Some(&auth)).unwrap();
    let (green, red) = (server(ToolFaults::default()), server(ToolFaults::default()));
    add(&bench, "Green", &green.address());
    assert_eq!(bench.run(&["check"]).code, Some(0));
    add(&bench, "Amber", &guarded.address());
    assert_eq!(bench.run(&["check"]).code, Some(10));
    add(&bench, "Red", &red.address());
    red.unplug();
    assert_run!("check_worst", bench.run(&["check"]));
    for (names, code) in [(&["Green"][..], 0), (&["Green", "Amber"], 10), (&["Amber", "Red", "Red"], 20)] {
        let ran = bench.run(&[&["--json", "check"], names].concat());
        assert_eq!(ran.code, Some(code), "{names:?}");
        let connectors = &ran.document()["connectors"];
        let checked: Vec<&str> =
            connectors.as_array().unwrap().iter().filter_map(|view| view["name"].as_str()).collect();
        let mut expected = names.to_vec();
        expected.dedup();
        assert_eq!(checked, expected, "in the order they were named, each once");
    }
    assert_eq!(bench.run(&["list"]).code, Some(0), "a list is no verdict");
}

#[test]
fn a_diagnosis_shows_every_step_with_its_exchanges() {
    let (bench, server) = (Bench::new(), server(ToolFaults::default()));
    add(&bench, "Alpha", &server.address());
    let ran = bench.run(&["--json", "diagnose", "Alpha"]);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let document = ran.document();
    let step = |rung: &str| document["steps"].as_array().unwrap().iter().find(|step| step["rung"] == rung).unwrap();
    for key in ["rung", "outcome", "duration_ms", "code", "text", "exchanges"] {
        assert!(step("http").get(key).is_some(), "{key}");
    }
    let exchange = &document["steps"].as_array().unwrap().iter().find_map(|step| step["exchanges"].get(0)).unwrap();
    for key in [
        "method",
        "url",
        "status",
        "request_headers",
        "response_headers",
        "request_bytes",
        "response_bytes",
        "body_shape",
    ] {
        assert!(exchange.get(key).is_some(), "{key}");
    }
    assert_run!("diagnose", bench.run(&["diagnose", "Alpha"]));
    server.unplug();
    assert_run!("diagnose_unreachable", bench.run(&["diagnose", "Alpha"]));
}

#[test]
fn tools_are_printed_byte_for_byte() {
    let odd: Value =
        serde_json::from_str(r#"{"name":"odd","x":12345678901234567890,"nested":{"b":1,"a":[null,"\u00e9"]}}"#)
            .unwrap();
    let flaws = vec![ToolFlaw::Any(odd.clone()), ToolFlaw::Hostile];
    let (bench, server) = (Bench::new(), server(ToolFaults { count: 1, flaws, ..ToolFaults::default() }));
    add(&bench, "Alpha", &server.address());
    let ran = bench.run(&["--json", "tools", "Alpha"]);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let document = ran.document();
    assert_eq!((&document["connector"]["name"], &document["complete"]), (&"Alpha".into(), &true.into()));
    assert_eq!(document["tools"].as_array().unwrap().len(), 3);
    assert!(ran.stdout.contains(&odd.to_string()), "the text is the server's own: {}", ran.stdout);
    assert_run!("tools", bench.run(&["tools", "Alpha"]));
}

#[test]
fn a_tool_list_that_cannot_be_read_is_empty_and_ends_with_its_verdict() {
    let bench = Bench::new();
    let (broken, gone) =
        (server(ToolFaults { list: ListFault::NotAList, ..ToolFaults::default() }), server(ToolFaults::default()));
    let none = server(ToolFaults { count: 0, ..ToolFaults::default() });
    for (name, server) in [("Broken", &broken), ("Gone", &gone), ("None", &none)] {
        add(&bench, name, &server.address());
    }
    gone.unplug();
    for (name, code, complete) in [("Broken", 10, false), ("Gone", 20, false), ("None", 10, true)] {
        let (ended, document) = bench.json(&["tools", name]);
        assert_eq!((ended, &document["complete"], &document["tools"]), (code, &complete.into(), &json!([])), "{name}");
    }
    assert_run!("tools_unreachable", bench.run(&["tools", "Gone"]));
}
