//! Signing in through a browser, and leaving again.

use replug_lab::{AuthFaults, AuthServer, Conduct, DeviceFaults, Grant, McpFaults, McpServer, Offered, Refuse};
use serde_json::{Value, json};

use crate::bench::{Bench, Ran, assert_run, visit};

struct Guarded {
    bench: Bench,
    auth: AuthServer,
    server: McpServer,
}

fn guarded() -> Guarded {
    let bench = Bench::new();
    let auth = AuthServer::start(AuthFaults::default()).unwrap();
    let server = McpServer::start(McpFaults::default(), Some(&auth)).unwrap();
    let ran = bench.run(&["add", &server.address(), "--name", "Alpha"]);
    assert_run!("add_guarded", ran);
    Guarded { bench, auth, server }
}

fn error_code(last: &Value) -> &str {
    last["error"]["code"].as_str().unwrap_or_default()
}

#[test]
fn a_sign_in_tells_the_address_and_ends_with_a_check() {
    let guarded = guarded();
    let Guarded { bench, server, .. } = &guarded;
    let (code, last) = bench.sign_in("Alpha");
    assert_eq!((code, &last["event"], &last["error"]), (0, &"done".into(), &Value::Null), "{last}");
    assert_eq!(last["connector"]["health"]["level"], "green");
    assert_eq!(last["connector"]["sign_in"]["state"], "signed_in");
    let before = server.requests().all().len();
    assert_eq!(bench.run(&["check"]).code, Some(0), "another process has the tokens");
    assert!(server.requests().all().len() > before);
    assert_run!("show_signed_in", bench.run(&["show", "Alpha"]));
}

#[test]
fn a_sign_in_that_is_good_needs_no_browser() {
    let guarded = guarded();
    let Guarded { bench, .. } = &guarded;
    bench.sign_in("Alpha");
    let ran = bench.run(&["--json", "sign-in", "Alpha", "--print-address"]);
    assert_eq!((ran.code, &ran.document()["event"]), (Some(0), &"done".into()), "one line, and it is the last");
}

#[test]
fn an_open_server_needs_no_sign_in() {
    let (bench, server) = (Bench::new(), McpServer::start(McpFaults::default(), None).unwrap());
    bench.run(&["add", &server.address(), "--name", "Open"]);
    let (code, last) = bench.json(&["sign-in", "Open"]);
    assert_eq!((code, &last["event"], &last["error"]), (0, &"done".into(), &Value::Null), "{last}");
}

#[test]
fn a_denied_sign_in_ends_amber() {
    let guarded = guarded();
    let Guarded { bench, .. } = &guarded;
    let mut signing_in = bench.start_sign_in("Alpha", &[]);
    visit(Conduct::Deny, &signing_in.address());
    let (code, lines) = signing_in.finish();
    assert_eq!((code, lines.len(), error_code(&lines[0])), (10, 1, "RPL-AUTH-DENIED"), "{lines:?}");
    assert_eq!(lines[0]["connector"]["health"]["level"], "amber");
}

#[test]
fn a_browser_that_never_comes_back_ends_amber() {
    let guarded = guarded();
    let Guarded { bench, .. } = &guarded;
    let mut signing_in = bench.start_sign_in("Alpha", &["--timeout", "1s"]);
    signing_in.address();
    let (code, lines) = signing_in.finish();
    assert_eq!((code, lines.len(), error_code(&lines[0])), (10, 1, "RPL-AUTH-TIMEOUT"), "{lines:?}");
}

#[test]
fn a_person_gets_the_address_alone_on_standard_output() {
    let guarded = guarded();
    let Guarded { bench, .. } = &guarded;
    let ran = bench.run(&["sign-in", "Alpha", "--print-address", "--timeout", "1s"]);
    assert_eq!(ran.code, Some(10));
    let mut lines = ran.stdout.lines();
    let address = lines.next().unwrap();
    assert!(address.starts_with("http://127.0.0.1:") && lines.next().is_none(), "{}", ran.stdout);
    let shown = Ran { stdout: "[address]\n".to_owned(), ..ran };
    assert_run!("sign_in_timeout", shown);
}

/// A service that lets a person sign in on another device, and wants to be asked once a second.
fn with_devices() -> Guarded {
    let guarded = guarded();
    let device = DeviceFaults { offered: Offered::Yes, interval_s: 1, ..DeviceFaults::default() };
    guarded.auth.change_faults(|faults| faults.device = device);
    guarded
}

#[test]
fn a_sign_in_on_another_device_tells_the_code_and_ends_with_a_check() {
    let Guarded { bench, auth, server: _server } = with_devices();
    let mut signing_in = bench.start_sign_in("Alpha", &["--device"]);
    let told = signing_in.event("device");
    let (address, code) = (told["address"].as_str().unwrap(), told["user_code"].as_str().unwrap());
    assert_eq!(told["complete_address"], format!("{address}?user_code={code}"), "{told}");
    visit(Conduct::Allow, told["complete_address"].as_str().unwrap());
    let (exit, lines) = signing_in.finish();
    assert_eq!((exit, lines.len(), &lines[0]["error"]), (0, 1, &Value::Null), "{lines:?}");
    assert_eq!(lines[0]["connector"]["health"]["level"], "green");
    assert_eq!(auth.requests().count("/authorize"), 0);
}

#[test]
fn a_person_reads_the_code_and_where_to_enter_it() {
    let Guarded { bench, auth: _auth, server: _server } = with_devices();
    let ran = bench.run(&["sign-in", "Alpha", "--device", "--timeout", "1s"]);
    assert_eq!(ran.code, Some(10));
    assert_run!("sign_in_on_device_timeout", ran);
}

#[test]
fn a_service_without_other_devices_says_so() {
    let guarded = guarded();
    let (code, last) = guarded.bench.json(&["sign-in", "Alpha", "--device"]);
    assert_eq!((code, error_code(&last)), (10, "RPL-AUTH-NO-DEVICE"), "{last}");
}

#[test]
fn a_registration_that_is_forgotten_on_the_way_is_replaced_at_a_second_address() {
    let guarded = guarded();
    let Guarded { bench, auth, .. } = &guarded;
    bench.sign_in("Alpha");
    bench.run(&["sign-out", "Alpha"]);
    let invalid_client =
        Refuse { grant: Some(Grant::Code), status: 401, error: "invalid_client".to_owned(), description: None };
    auth.change_faults(|faults| faults.token.refuse = Some(invalid_client));
    let mut signing_in = bench.start_sign_in("Alpha", &[]);
    let first = signing_in.address();
    visit(Conduct::Allow, &first);
    let second = signing_in.address();
    assert_ne!(first, second, "another client asks");
    auth.change_faults(|faults| faults.token.refuse = None);
    visit(Conduct::Allow, &second);
    let (code, lines) = signing_in.finish();
    assert_eq!((code, lines.len(), &lines[0]["error"]), (0, 1, &Value::Null), "{lines:?}");
}

#[test]
fn leaving_asks_the_service_and_says_what_it_answered() {
    let guarded = guarded();
    let Guarded { bench, auth, .. } = &guarded;
    bench.sign_in("Alpha");
    let (code, left) = bench.json(&["sign-out", "Alpha"]);
    assert_eq!((code, &left["service"]), (0, &json!({"revoked": "yes", "registration_deleted": "not_offered"})));
    assert_eq!(left["connector"]["sign_in"]["state"], "signed_out", "{left}");
    assert_eq!(auth.client_ids().len(), 1, "the registration is kept");

    bench.sign_in("Alpha");
    let (code, left) = bench.json(&["forget", "Alpha"]);
    assert_eq!((code, &left["service"]), (0, &json!({"revoked": "yes", "registration_deleted": "yes"})));
    assert_eq!(auth.client_ids().len(), 0);

    bench.sign_in("Alpha");
    assert_run!("remove", bench.run(&["remove", "alpha"]));
    assert_eq!((auth.client_ids().len(), bench.json(&["list"]).1), (0, json!({"connectors": []})));
}

#[test]
fn a_service_that_is_away_does_not_keep_a_connector() {
    let guarded = guarded();
    let Guarded { bench, auth, .. } = &guarded;
    bench.sign_in("Alpha");
    auth.unplug();
    let (code, left) = bench.json(&["remove", "Alpha"]);
    assert_eq!((code, &left["connector"]), (0, &Value::Null));
    assert_eq!(left["service"], json!({"revoked": "unreachable", "registration_deleted": "unreachable"}));
}

#[test]
fn a_reset_asks_first_and_then_leaves_nothing() {
    let guarded = guarded();
    let Guarded { bench, auth, .. } = &guarded;
    bench.sign_in("Alpha");
    let (code, refused) = bench.json(&["reset"]);
    assert_eq!((code, &refused["error"]["code"]), (2, &"RPL-USE-NOT-CONFIRMED".into()));
    assert_eq!(bench.json(&["check"]).0, 0, "nothing was done");
    let (code, reset) = bench.json(&["reset", "--yes"]);
    let service = json!({"revoked": "yes", "registration_deleted": "yes"});
    assert_eq!((code, reset), (0, json!({"removed": [{"name": "Alpha", "service": service}]})));
    assert_eq!((auth.client_ids().len(), bench.json(&["list"]).1), (0, json!({"connectors": []})));
}
