//! `diagnose` as somebody in support reads it: for each kind of trouble the rung at fault, its evidence, and what was not asked.

use std::path::Path;

use replug_lab::{AuthFaults, AuthServer, Certificate, Front, McpFaults, McpServer, Recorder, TlsFront, ToolFaults};

use crate::bench::{Bench, Ran, assert_run};

fn in_front(front: Front) -> McpServer {
    McpServer::start(McpFaults { front, ..McpFaults::default() }, None).unwrap()
}

fn bench_with(address: &str) -> Bench {
    let bench = Bench::new();
    let allow = if address.starts_with("http://server.example") { &["--allow", "http"][..] } else { &[] };
    let ran = bench.run(&[&["add", address, "--name", "Alpha", "--no-probe"], allow].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    bench
}

fn diagnosed(address: &str) -> Ran {
    bench_with(address).run(&["diagnose", "Alpha"])
}

/// Through a TLS listener whose authority the system trusts.
fn diagnosed_over_tls(certificate: Certificate) -> Ran {
    let server = McpServer::start(McpFaults::default(), None).unwrap();
    let front = TlsFront::before(server.address().trim_end_matches("/mcp"), certificate).unwrap();
    let bench = bench_with(&format!("{}/mcp", front.origin()));
    let authority = bench.file("authority.pem");
    std::fs::write(&authority, front.authority()).unwrap();
    trusting(&bench, &authority)
}

fn trusting(bench: &Bench, authority: &Path) -> Ran {
    let mut command = bench.command(&["diagnose", "Alpha"]);
    command.env("SSL_CERT_FILE", authority);
    Ran::of(command)
}

// Only on Linux are the trusted authorities named by the environment.
#[cfg(target_os = "linux")]
#[test]
fn the_rung_of_encryption_names_the_certificate_and_what_is_wrong_with_it() {
    assert_run!("tls_good", diagnosed_over_tls(Certificate::Good));
    assert_run!("tls_expired", diagnosed_over_tls(Certificate::Expired));
    assert_run!("tls_other_name", diagnosed_over_tls(Certificate::OtherName));
    let server = McpServer::start(McpFaults::default(), None).unwrap();
    let front = TlsFront::before(server.address().trim_end_matches("/mcp"), Certificate::Good).unwrap();
    assert_run!("tls_unknown_issuer", diagnosed(&format!("{}/mcp", front.origin())));
    assert_run!("tls_to_a_plain_port", diagnosed(&server.address().replace("http:", "https:")));
}

#[test]
fn an_answer_that_helps_nobody_is_shown_on_its_own_rung() {
    assert_run!("html_403", diagnosed(&in_front(Front::WebPage { status: 403 }).address()));
    let broken = Front::Plain { status: 500, body: "database is down".to_owned() };
    assert_run!("error_500", diagnosed(&in_front(broken).address()));
    assert_run!("rate_limited", diagnosed(&in_front(Front::RateLimited { retry_after_s: 120 }).address()));
    let auth = AuthServer::start(AuthFaults::default()).unwrap();
    assert_run!("unauthorized", diagnosed(&McpServer::start(McpFaults::default(), Some(&auth)).unwrap().address()));
    let tools = ToolFaults { count: 0, ..ToolFaults::default() };
    assert_run!(
        "no_tools",
        diagnosed(&McpServer::start(McpFaults { tools, ..McpFaults::default() }, None).unwrap().address())
    );
}

#[test]
fn behind_a_proxy_it_says_what_the_proxy_does() {
    let bench = bench_with("http://server.example/mcp");
    let proxy = Recorder::start().unwrap();
    let address = proxy.origin().replace("http://", "http://user:canary@");
    let through = || {
        let mut command = bench.command(&["diagnose", "Alpha"]);
        command.env("http_proxy", &address);
        Ran::of(command)
    };
    assert_run!("through_a_proxy", through());
    drop(proxy);
    let ran = through();
    assert!(!ran.all().contains("canary"), "{}", ran.all());
    assert_run!("proxy_gone", ran);
}
