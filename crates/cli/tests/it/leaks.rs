//! No secret stands in any output, at any verbosity, nor in the clear in the data folder.

use std::path::Path;

use replug_lab::{AuthFaults, AuthServer, McpFaults, McpServer};

use crate::bench::{Bench, PASSPHRASE};

fn files_below(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            files_below(&entry.path(), found);
        } else {
            found.push((entry.path().display().to_string(), std::fs::read(entry.path()).unwrap()));
        }
    }
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}

#[test]
fn no_output_and_no_file_holds_a_secret() {
    let bench = Bench::new();
    let auth = AuthServer::start(AuthFaults::default()).unwrap();
    let server = McpServer::start(McpFaults::default(), Some(&auth)).unwrap();
    let address = format!("{}?key=canary-query", server.address());
    let add = ["-vvv", "add", &address, "--name", "Alpha", "--header", "X-Key"];
    let mut outputs = vec![bench.run_with_input(&add, "canary-header\n").all()];
    let (code, last) = bench.sign_in("Alpha");
    assert_eq!(code, 0, "{last}");
    outputs.push(last.to_string());
    let export = bench.file("export.json");
    for command in [
        &["list"][..],
        &["show", "Alpha"],
        &["check"],
        &["diagnose", "Alpha"],
        &["tools", "Alpha"],
        &["sign-in", "Alpha"],
        &["export", export.to_str().unwrap()],
        &["keychain-test"],
    ] {
        outputs.push(bench.run(&[&["-vvv"], command].concat()).all());
        outputs.push(bench.run(&[&["--json", "-vvv"], command].concat()).all());
    }
    outputs.push(std::fs::read_to_string(export).unwrap());
    auth.expire_access_tokens();
    outputs.push(bench.run(&["-vvv", "check"]).all());
    let mut files = Vec::new();
    files_below(&bench.data_dir(), &mut files);
    outputs.push(bench.run(&["-vvv", "sign-out", "Alpha"]).all());
    outputs.push(bench.run(&["-vvv", "remove", "Alpha"]).all());

    let mut secrets = auth.issued_secrets();
    assert!(secrets.len() >= 3, "a code and two tokens at least");
    secrets.extend(["canary-query", "canary-header", PASSPHRASE].map(str::to_owned));
    for secret in &secrets {
        for output in &outputs {
            assert!(!output.contains(secret.as_str()), "{secret} stands in {output}");
        }
        for (name, bytes) in &files {
            assert!(!holds(bytes, secret), "{secret} stands in {name}");
        }
    }
    assert!(outputs.iter().any(|output| output.contains("replug_")), "the log was on");
}
