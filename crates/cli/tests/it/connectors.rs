//! Adding, changing, listing and showing connectors, with settings whose secrets come from standard input.

use replug_lab::{Challenge, Guard, McpFaults, McpServer};
use serde_json::{Value, json};

use crate::bench::{Bench, assert_run};

fn open_server() -> McpServer {
    McpServer::start(McpFaults::default(), None).unwrap()
}

fn guarded_by_key() -> McpServer {
    let guard = Guard::Key { header: "x-key".to_owned(), value: "canary-key".to_owned() };
    McpServer::start(McpFaults { guard, challenge: Challenge::Missing, ..McpFaults::default() }, None).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn an_added_connector_is_listed_shown_and_checked() {
    let (bench, server) = (Bench::new(), open_server());
    assert_run!("add", bench.run(&["add", &server.address(), "--name", "Alpha"]));
    assert_run!("list", bench.run(&["list"]));
    assert_run!("show", bench.run(&["show", "ALPHA"]));
    assert_run!("check", bench.run(&["check"]));
    assert_run!("show_json", bench.run(&["--json", "show", "alpha"]));
}

#[test]
fn a_document_has_every_key_even_when_nothing_is_known() {
    let bench = Bench::new();
    let (code, added) = bench.json(&["add", "http://127.0.0.1:9/mcp", "--no-probe", "--name", "Alpha"]);
    assert_eq!((code, &added["probe"]["kind"]), (0, &Value::Null), "saved unasked");
    let connector = &added["connector"];
    let expected = ["id", "name", "address", "transport", "protocol", "paused", "sources", "sign_in", "health"];
    assert!(expected.iter().all(|key| keys(connector).contains(key)), "{connector}");
    let expected = ["state", "reason", "issuer", "registration", "scopes", "expires_at", "renewable", "stored_in"];
    assert!(expected.iter().all(|key| keys(&connector["sign_in"]).contains(key)), "{connector}");
    let expected = ["level", "state", "summary", "cause", "tools", "checked_at", "duration_ms", "findings"];
    assert_eq!(keys(&connector["health"]), expected);
    assert_eq!(keys(&bench.json(&["list"]).1), ["connectors"]);
    assert_eq!(keys(&bench.json(&["show", "Alpha"]).1), ["connector", "settings"]);
    assert_eq!(keys(&bench.json(&["edit", "Alpha", "--name", "Beta"]).1), ["connector"]);
}

#[test]
fn what_is_no_mcp_server_is_refused_and_not_saved() {
    let (bench, server) = (Bench::new(), open_server());
    let nowhere = format!("{}/nowhere", server.origin());
    let (code, document) = bench.json(&["add", &nowhere]);
    assert_eq!((code, keys(&document)), (5, vec!["error"]), "{document}");
    assert_run!("add_refused", bench.run(&["add", &nowhere]));
    assert_eq!(bench.json(&["list"]).1, json!({"connectors": []}));
}

#[test]
fn a_taken_name_is_refused_and_the_same_address_is_not() {
    let bench = Bench::new();
    let add = |name: &str| bench.json(&["add", "http://127.0.0.1:9/mcp", "--no-probe", "--name", name]);
    assert_eq!(add("Work").0, 0);
    let (code, document) = add("wORK");
    assert_eq!((code, &document["error"]["code"]), (2, &"RPL-USE-NAME-TAKEN".into()));
    assert_eq!(add("Home").0, 0, "the second account");
}

/// A connector called Alpha with everything set, and its secret typed.
fn add_with_every_setting(bench: &Bench) {
    let settings = [
        ["--client-id", "abc"],
        ["--grant", "client-credentials"],
        ["--scope", "read write"],
        ["--client-name", "Me"],
        ["--callback-host", "localhost"],
        ["--callback-port", "8123"],
        ["--callback-path", "/back"],
        ["--param", "audience=x"],
        ["--param", "prompt=login"],
        ["--issuer", "https://auth.example"],
        ["--allow", "pkce-unlisted"],
        ["--allow", "http"],
        ["--check-every", "2h"],
        ["--client-document", "https://app.example/client.json"],
    ];
    let add = ["add", "http://127.0.0.1:9/mcp", "--no-probe", "--name", "Alpha", "--client-secret-stdin"];
    let ran = bench.run_with_input(&[&add[..], settings.as_flattened()].concat(), "canary-secret\n");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
}

#[test]
fn settings_are_shown_as_they_were_set() {
    let bench = Bench::new();
    add_with_every_setting(&bench);
    let settings = json!({
        "client_id": "abc", "client_secret_set": true, "grant": "client_credentials", "scope": "read write",
        "client_name": "Me",
        "client_document": "https://app.example/client.json",
        "callback_host": "localhost", "callback_port": 8123, "callback_path": "/back", "headers": [],
        "headers_stored": [],
        "params": [["audience", "x"], ["prompt", "login"]], "issuer": "https://auth.example",
        "allow": ["http", "pkce-unlisted"], "check_every_s": 7200,
        "redirect_address": "http://localhost:8123/back",
    });
    assert_eq!(bench.json(&["show", "Alpha"]).1["settings"], settings);
    assert_run!("show_settings", bench.run(&["show", "Alpha"]));
}

#[test]
fn an_empty_value_clears_a_setting() {
    let bench = Bench::new();
    add_with_every_setting(&bench);
    let names = [
        "--client-id",
        "--grant",
        "--scope",
        "--client-name",
        "--callback-host",
        "--callback-port",
        "--callback-path",
        "--param",
        "--issuer",
        "--allow",
        "--check-every",
        "--client-document",
    ];
    let cleared: Vec<&str> = names.iter().flat_map(|name| [name, ""]).collect();
    let ran = bench.run_with_input(&[&["edit", "Alpha", "--client-secret-stdin"][..], &cleared].concat(), "\n");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let settings = bench.json(&["show", "Alpha"]).1["settings"].clone();
    for (name, value) in settings.as_object().unwrap() {
        let empty = value.is_null() || *value == json!([]) || *value == json!(false) || name == "redirect_address";
        assert!(empty, "{name} is cleared, and is {value}");
    }
}

#[test]
fn header_values_come_from_standard_input_in_the_order_of_their_options() {
    let (bench, server) = (Bench::new(), guarded_by_key());
    let add = ["add", &server.address(), "--name", "Keyed", "--header", "X-Other", "--header", "X-Key"];
    let ran = bench.run_with_input(&add, "one\ncanary-key\n");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert_eq!(bench.run(&["check"]).code, Some(0), "the key opens the server");

    let headers = || bench.json(&["show", "Keyed"]).1["settings"]["headers"].clone();
    assert_eq!(bench.run_with_input(&["edit", "Keyed", "--header", "X-Third"], "three\n").code, Some(0));
    assert_eq!(headers(), json!(["X-Other", "X-Key", "X-Third"]), "the others stay");
    assert_eq!(bench.run(&["check"]).code, Some(0), "with their values");

    assert_eq!(bench.run_with_input(&["edit", "Keyed", "--header", "x-key"], "\n").code, Some(0));
    assert_eq!(headers(), json!(["X-Other", "X-Third"]), "an empty line takes a header away");
    assert_run!("key_needed", bench.run(&["check", "Keyed"]));
}

#[test]
fn fewer_lines_than_secrets_are_wrong_usage_and_change_nothing() {
    let bench = Bench::new();
    let add = ["--json", "add", "http://127.0.0.1:9/mcp", "--no-probe", "--header", "X-A", "--header", "X-B"];
    let ran = bench.run_with_input(&add, "one\n");
    assert_eq!((ran.code, &ran.document()["error"]["code"]), (Some(2), &"RPL-USE-WRONG-USAGE".into()));
    assert_eq!(bench.json(&["list"]).1, json!({"connectors": []}));
}

#[test]
fn a_paused_connector_is_grey_until_it_is_resumed() {
    let (bench, server) = (Bench::new(), open_server());
    bench.run(&["add", &server.address(), "--name", "Alpha"]);
    let (_, paused) = bench.json(&["edit", "Alpha", "--pause"]);
    assert_eq!(
        (&paused["connector"]["paused"], &paused["connector"]["health"]["level"]),
        (&true.into(), &"grey".into())
    );
    let asked = server.requests().all().len();
    assert_eq!(bench.run(&["check", "Alpha"]).code, Some(0));
    assert_eq!(server.requests().all().len(), asked, "nobody was asked");
    bench.run(&["edit", "Alpha", "--resume"]);
    assert_eq!(bench.json(&["check"]).1["connectors"][0]["health"]["state"], "connected");
}

#[test]
fn an_address_is_replaced_and_its_secrets_are_hidden() {
    let bench = Bench::new();
    bench.run(&["add", "http://127.0.0.1:9/mcp", "--no-probe", "--name", "Alpha"]);
    let (code, edited) = bench.json(&["edit", "Alpha", "--address", "https://mcp.example/mcp?key=canary"]);
    assert_eq!(code, 0, "{edited}");
    assert!(edited["connector"]["address"].as_str().unwrap().starts_with("https://mcp.example/mcp?key="), "{edited}");
    assert!(!edited.to_string().contains("canary"), "{edited}");
    let (code, refused) = bench.json(&["edit", "Alpha", "--address", "http://mcp.example/mcp"]);
    assert_eq!((code, &refused["error"]["code"]), (2, &"RPL-USE-ADDRESS-NOT-ENCRYPTED".into()));
    assert_eq!(bench.json(&["edit", "Alpha", "--address", "http://mcp.example/mcp", "--allow", "http"]).0, 0);
}
