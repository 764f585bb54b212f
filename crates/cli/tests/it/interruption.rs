//! Ctrl-C: the exit code, the last word, and what is left behind.
#![cfg(unix)]

use std::process::{Command, ExitStatus};

use replug_lab::{AuthFaults, AuthServer, Conduct, JourneyEnd, ListFault, McpFaults, McpServer, ToolFaults};

use crate::bench::{Bench, visit};

fn interrupt(process: u32) -> ExitStatus {
    Command::new("kill").args(["-INT", &process.to_string()]).status().unwrap()
}

#[test]
fn an_interrupted_sign_in_has_its_last_word_and_closes_its_port() {
    let bench = Bench::new();
    let auth = AuthServer::start(AuthFaults::default()).unwrap();
    let server = McpServer::start(McpFaults::default(), Some(&auth)).unwrap();
    bench.run(&["add", &server.address(), "--name", "Alpha"]);
    let mut signing_in = bench.start_sign_in("Alpha", &[]);
    let address = signing_in.address();
    assert!(interrupt(signing_in.child.id()).success());
    let (code, lines) = signing_in.finish();
    assert_eq!((code, lines.len()), (130, 1), "{lines:?}");
    assert_eq!((&lines[0]["event"], &lines[0]["error"]["code"]), (&"done".into(), &"RPL-LOCAL-CANCELLED".into()));
    assert_eq!(auth.client_ids().len(), 0, "the registration that was made for it is gone, too");
    let end = visit(Conduct::Allow, &address).end;
    assert!(!matches!(end, JourneyEnd::Returned { .. }), "nobody listens any more: {end:?}");
    assert_eq!(bench.run(&["check"]).code, Some(10), "the data folder is whole");
}

#[test]
fn an_interrupted_check_keeps_the_verdict_it_had() {
    let bench = Bench::new();
    let server = McpServer::start(McpFaults::default(), None).unwrap();
    bench.run(&["add", &server.address(), "--name", "Alpha"]);
    let before = bench.json(&["check"]).1;
    server.change_faults(|faults| faults.tools = ToolFaults { list: ListFault::Stalls, ..ToolFaults::default() });
    let asked = server.requests().all().len();
    let child = bench.command(&["--json", "check"]).spawn().unwrap();
    while server.requests().all().len() < asked + 2 {
        std::thread::yield_now();
    }
    assert!(interrupt(child.id()).success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["error"]["code"], "RPL-LOCAL-CANCELLED");
    assert_eq!(bench.json(&["list"]).1, before, "nothing half-written");
}
