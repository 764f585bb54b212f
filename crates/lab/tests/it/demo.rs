//! The demo's program: it says where its servers are, and ends with its standard input.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::client::get;

#[tokio::test]
async fn the_demo_announces_its_servers_and_ends_with_its_input() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut child = Command::new(env!("CARGO_BIN_EXE_replug-lab"))
        .args(["demo", "--data-dir"])
        .arg(&data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(ready["ready"], json!(true));
    let servers = ready["servers"].as_array().unwrap();
    for state in ["connected", "needs_sign_in", "needs_setup", "connected_no_tools", "failed"] {
        let expected = servers.iter().find(|server| server["expected_state"] == json!(state));
        let address = expected.unwrap_or_else(|| panic!("no server for {state}"))["address"].as_str().unwrap();
        assert_ne!(get(address).await.status, 0, "{state} answers");
    }
    assert!(data.is_dir(), "the data folder is there");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success(), "it ends when its input does");
}
