//! Arguments: what is understood, what is refused, help, the version, codes, and where the data folder is.

use crate::bench::{Bench, Ran, assert_run};

#[test]
fn wrong_usage_is_one_document_and_exit_code_2() {
    let bench = Bench::new();
    for arguments in [
        &["--json"][..],
        &["nonsense", "--json"],
        &["--json", "bridge", "x"],
        &["show", "--json"],
        &["--json", "list", "--no-such-option"],
        &["--json", "--secrets", "plain", "list"],
        &["sign-in", "x", "--timeout", "soon", "--json"],
        &["--json", "edit", "x", "--pause", "--resume"],
    ] {
        let ran = bench.run(arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.all());
        let error = &ran.document()["error"];
        assert_eq!(error["code"], "RPL-USE-WRONG-USAGE", "{arguments:?}");
        assert!(error["text"].is_string() && error["hint"].is_string(), "{error}");
        assert_eq!(ran.stderr, "", "{arguments:?}");
    }
}

#[test]
fn a_person_reads_what_was_not_understood() {
    let bench = Bench::new();
    assert_run!("unknown_command", bench.run(&["lst"]));
    assert_run!("missing_command", bench.run(&[]));
}

#[test]
fn help_and_version_are_documents_for_a_script() {
    let bench = Bench::new();
    assert_run!("help", bench.run(&["--help"]));
    assert_run!("help_of_edit", bench.run(&["edit", "--help"]));
    for arguments in [&["--json", "--help"][..], &["--json", "help"], &["edit", "--help", "--json"]] {
        let ran = bench.run(arguments);
        let document = ran.document();
        assert!(
            document["help"].as_str().is_some_and(|help| help.contains("Usage: replug")),
            "{arguments:?}: {document}"
        );
        assert_eq!(ran.code, Some(0));
    }
    let version = bench.run(&["--version", "--json"]).document();
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn a_header_with_its_value_is_refused_and_not_repeated() {
    let bench = Bench::new();
    for header in ["Authorization: Bearer canary", "X-Key=canary"] {
        for arguments in [
            ["add", "http://127.0.0.1:9/mcp", "--no-probe", "--header", header],
            ["edit", "x", "--pause", "--header", header],
        ] {
            let ran = bench.run(&[&["--json"], &arguments[..]].concat());
            assert_eq!(ran.code, Some(2), "{}", ran.all());
            assert_eq!(ran.document()["error"]["code"], "RPL-USE-SECRET-IN-ARGUMENT");
            assert!(!ran.all().contains("canary"), "{}", ran.all());
        }
    }
    assert_eq!(bench.json(&["list"]).1["connectors"], serde_json::json!([]), "nothing was saved");
}

#[test]
fn a_code_is_explained_without_a_data_folder() {
    let bench = Bench::new();
    assert_run!("explain", bench.run(&["explain", "rpl-auth-denied"]));
    assert_run!("explain_json", bench.run(&["--json", "explain", "RPL-HTTP-BLOCKED-PAGE"]));
    let (code, document) = bench.json(&["explain", "RPL-NO-SUCH"]);
    assert_eq!((code, &document["error"]["code"]), (4, &"RPL-USE-NO-SUCH-CODE".into()));
    assert!(!bench.data_dir().exists(), "nothing was opened");
}

#[test]
fn an_unknown_connector_ends_every_command_with_exit_code_4() {
    let bench = Bench::new();
    for command in ["show", "check", "diagnose", "sign-in", "sign-out", "forget", "tools", "remove", "edit"] {
        let (code, document) = bench.json(&[command, "nobody"]);
        assert_eq!((code, &document["error"]["code"]), (4, &"RPL-USE-NO-SUCH-CONNECTOR".into()), "{command}");
    }
}

#[test]
fn the_data_folder_is_the_option_then_the_variable_then_the_usual_place() {
    let bench = Bench::new();
    let list = |option: &[&str], variable: Option<&str>| {
        let mut command = bench.bare(["--secrets", "memory", "list"].iter().chain(option));
        command.envs(variable.map(|folder| ("REPLUG_DATA_DIR", bench.file(folder))));
        assert_eq!(Ran::of(command).code, Some(0));
    };
    let chosen = bench.file("chosen");
    list(&["--data-dir", chosen.to_str().unwrap()], Some("variable"));
    assert!(chosen.exists() && !bench.file("variable").exists(), "the option goes first");
    list(&[], Some("variable"));
    assert!(bench.file("variable").exists() && !bench.file(".local").exists(), "then the variable");
    list(&[], None);
    #[cfg(all(unix, not(target_os = "macos")))]
    assert!(bench.file(".local/share/replug").exists(), "then the system's place");
}
