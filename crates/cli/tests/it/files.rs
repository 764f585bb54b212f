//! Export and import, the encrypted file with its passphrase, and the keychain's test.

use std::path::Path;
use std::sync::Arc;

use replug_core::{Secret, StoredIn};
use replug_engine::wire::Keeping;
use replug_engine::{Computer, Engine, OpenOptions, Patience, Platform};
use replug_lab::{Conduct, Person};
use serde_json::json;

use crate::bench::{Bench, PASSPHRASE, Ran, assert_run};

#[test]
fn an_export_is_read_by_another_replug() {
    let (here, there) = (Bench::new(), Bench::new());
    let add = ["add", "https://mcp.example/mcp?key=canary-query", "--no-probe", "--name", "Alpha", "--header", "X-Key"];
    assert_eq!(here.run_with_input(&add, "canary-header\n").code, Some(0));
    let file = here.file("export.json");
    let file = file.to_str().unwrap();
    assert_eq!(here.json(&["export", file]), (0, json!({"file": file, "connectors": 1})));
    assert!(!std::fs::read_to_string(file).unwrap().contains("canary"), "no secret leaves");

    let (code, imported) = there.json(&["import-file", file]);
    assert_eq!((code, &imported["connectors"][0]["name"]), (0, &"Alpha".into()), "{imported}");
    assert_eq!(there.json(&["show", "Alpha"]).1["settings"]["headers"], json!(["X-Key"]));
    assert_run!("import_again", there.run(&["import-file", file]));
}

#[test]
fn what_is_no_export_is_refused() {
    let bench = Bench::new();
    std::fs::write(bench.file("other.json"), "{}").unwrap();
    let (code, document) = bench.json(&["import-file", bench.file("other.json").to_str().unwrap()]);
    assert_eq!((code, &document["error"]["code"]), (2, &"RPL-USE-FILE-UNREADABLE".into()));
    let (code, document) = bench.json(&["import-file", bench.file("missing.json").to_str().unwrap()]);
    assert_eq!((code, &document["error"]["code"]), (3, &"RPL-LOCAL-DISK".into()));
}

#[test]
fn the_encrypted_file_needs_its_passphrase() {
    let bench = Bench::new();
    let add = ["add", "https://mcp.example/mcp", "--no-probe", "--name", "Alpha", "--header", "X-Key"];
    assert_eq!(bench.run_with_input(&add, "value\n").code, Some(0));
    let data_dir = bench.data_dir();
    let run = |more: &[&str]| {
        let common = ["--json", "--data-dir", data_dir.to_str().unwrap(), "--secrets", "file"];
        let ran = Ran::of(bench.bare(common.iter().chain(more)));
        (ran.code, ran.document())
    };
    let (code, document) = run(&["list"]);
    assert_eq!((code, &document["error"]["code"]), (Some(3), &"RPL-KEY-PASSPHRASE".into()), "nobody can be asked");
    std::fs::write(bench.file("wrong"), "another one\n").unwrap();
    let (code, document) = run(&["sign-out", "Alpha", "--passphrase-file", bench.file("wrong").to_str().unwrap()]);
    assert_eq!((code, &document["error"]["code"]), (Some(3), &"RPL-KEY-PASSPHRASE".into()), "the wrong one");
    let (code, document) = run(&["list", "--passphrase-file", bench.file("nowhere").to_str().unwrap()]);
    assert_eq!((code, &document["error"]["code"]), (Some(3), &"RPL-LOCAL-DISK".into()), "no file");
}

#[test]
fn the_place_that_was_chosen_in_the_window_is_followed() {
    let bench = Bench::new();
    choose_the_file(&bench.data_dir());
    let data_dir = bench.data_dir();
    let run = |more: &[&str]| {
        let common = ["--json", "--data-dir", data_dir.to_str().unwrap()];
        let ran = Ran::of(bench.bare(common.iter().chain(more)));
        (ran.code, ran.document())
    };
    let (code, document) = run(&["list"]);
    assert_eq!((code, &document["connectors"]), (Some(0), &json!([])), "nobody can be asked, and nothing is needed");
    let (code, document) = run(&["keychain-test"]);
    assert_eq!((code, &document["store"]), (Some(3), &"file".into()));
    assert_eq!(document["steps"][0]["error"]["code"], "RPL-KEY-FILE-LOCKED", "{document}");
    let passphrase = bench.file("passphrase");
    let (code, document) = run(&["keychain-test", "--passphrase-file", passphrase.to_str().unwrap()]);
    assert_eq!((code, &document["store"]), (Some(0), &"file".into()), "{document}");
    let (code, document) = run(&["keychain-test", "--secrets", "memory"]);
    assert_eq!((code, &document["store"]), (Some(0), &"memory".into()), "what is named goes first");
}

/// As the window does when a person chooses the encrypted file.
fn choose_the_file(data_dir: &Path) {
    let options = OpenOptions {
        data_dir: data_dir.to_owned(),
        secrets: Some(StoredIn::Memory),
        passphrase: None,
        browser: Arc::new(Person::new(Conduct::Allow)),
        patience: Patience::Background,
        computer: Computer::new(Platform::Linux, data_dir.join("home"), |_| None),
        proxy_hosts: Vec::new(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let engine = Engine::open(options).await.unwrap().engine;
        let wanted = Keeping::File { passphrase: Secret::new(PASSPHRASE.to_owned()).into(), fresh: false };
        engine.keep_sign_ins_in(wanted).await.unwrap();
    });
}

#[test]
fn the_keychain_is_tried_step_by_step() {
    let bench = Bench::new();
    assert_run!("keychain_test", bench.run(&["keychain-test"]));
    let (code, document) = bench.json(&["keychain-test"]);
    assert_eq!((code, &document["store"], &document["ok"]), (0, &"file".into(), &true.into()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_computer_without_a_keychain_is_told_so() {
    let bench = Bench::new();
    let ran = Ran::of(bench.bare(["--json", "keychain-test"]));
    let document = ran.document();
    assert_eq!((ran.code, &document["store"], &document["ok"]), (Some(3), &"keychain".into(), &false.into()));
    let failed = document["steps"].as_array().unwrap().iter().find(|step| step["ok"] == false).unwrap();
    assert_eq!(failed["error"]["code"], "RPL-KEY-MISSING", "{document}");
}
