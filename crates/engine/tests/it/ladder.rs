//! What the ladder tells of a check: each exchange on the rung that made it, the way to the server, and when to ask again.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::poll;
use replug_core::{Allow, Clock, Code, Outcome, Rung, Secret, State};
use replug_engine::wire::{DiagnosisStep, EditConnector, Event};
use replug_lab::{AuthFaults, AuthServer, Front, Guard, McpFaults, McpServer, Recorder};
use replug_net::{HttpOptions, LookedUp, Names};
use replug_store::Store;

use crate::bench::TestEngine;
use crate::scene::Scene;

fn step(steps: &[DiagnosisStep], rung: Rung) -> &DiagnosisStep {
    steps.iter().find(|step| step.rung == rung).unwrap()
}

/// The rungs that show exchanges.
fn asking(steps: &[DiagnosisStep]) -> Vec<Rung> {
    steps.iter().filter(|step| !step.exchanges.is_empty()).map(|step| step.rung).collect()
}

fn allows_http() -> EditConnector {
    EditConnector { allow: Some(vec![Allow::Http]), ..EditConnector::default() }
}

/// Requests go through a proxy that wants credentials.
fn behind(origin: &str) -> HttpOptions {
    let proxy = origin.replace("http://", "http://user:canary@");
    HttpOptions { proxy: Some(Secret::new(proxy)), ..HttpOptions::default() }
}

fn in_front(front: Front) -> McpFaults {
    McpFaults { front, ..McpFaults::default() }
}

#[tokio::test]
async fn a_request_that_got_no_answer_is_shown_on_the_rung_where_it_ended() {
    let test = TestEngine::start().await;
    let server = McpServer::start(McpFaults::default(), None).unwrap();
    let id = test.add(&server.address()).await;
    server.unplug();
    test.check(&id).await;
    let routine = test.engine.show(&id).await.unwrap().steps;
    let (_, thorough) = test.engine.diagnose(&id).await.unwrap();
    for steps in [routine, thorough] {
        assert_eq!(asking(&steps), [Rung::Tcp], "{steps:?}");
        assert_eq!(step(&steps, Rung::Dns).outcome, Outcome::Ok);
        let tcp = step(&steps, Rung::Tcp);
        assert_eq!((tcp.outcome, tcp.code), (Outcome::Failed, Some(Code::NetUnreachable)));
        assert!(tcp.exchanges.iter().all(|exchange| exchange.error.is_some()), "{tcp:?}");
        assert_eq!(step(&steps, Rung::Http).outcome, Outcome::Skipped);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_shown_on_the_rung_of_answers_and_the_way_is_clear() {
    let test = TestEngine::start().await;
    let server = McpServer::start(in_front(Front::CutOff), None).unwrap();
    let id = test.add(&server.address()).await;
    test.check(&id).await;
    let steps = test.engine.show(&id).await.unwrap().steps;
    assert_eq!(asking(&steps), [Rung::Http], "{steps:?}");
    assert_eq!(step(&steps, Rung::Http).code, Some(Code::NetInterrupted));
    assert_eq!(step(&steps, Rung::Tcp).outcome, Outcome::Ok);
}

#[tokio::test]
async fn what_does_not_speak_tls_fails_on_the_rung_of_encryption() {
    let test = TestEngine::start().await;
    let server = McpServer::start(McpFaults::default(), None).unwrap();
    let id = test.add(&server.address().replace("http:", "https:")).await;
    let (view, steps) = test.engine.diagnose(&id).await.unwrap();
    crate::scene::expect(&view, State::Failed, "RPL-TLS-HANDSHAKE");
    assert_eq!(step(&steps, Rung::Tcp).outcome, Outcome::Ok);
    let tls = step(&steps, Rung::Tls);
    assert_eq!((tls.outcome, tls.text.as_str()), (Outcome::Failed, "What answers at this port is not encrypted."));
    assert_eq!(asking(&steps), [Rung::Tls], "{steps:?}");
}

#[tokio::test]
async fn a_proxy_that_wants_a_sign_in_is_named_and_not_taken_for_the_server() {
    let wants = Front::Plain { status: 407, body: "Who are you?".to_owned() };
    let proxy = McpServer::start(in_front(wants), None).unwrap();
    let test = TestEngine::with_http(behind(&proxy.origin())).await;
    let id = test.add_with("http://server.example/mcp", allows_http()).await;
    let (view, steps) = test.engine.diagnose(&id).await.unwrap();
    crate::scene::expect(&view, State::Failed, "RPL-NET-PROXY-SIGN-IN");
    let tcp = step(&steps, Rung::Tcp);
    assert_eq!((tcp.outcome, tcp.code), (Outcome::Failed, Some(Code::NetProxySignIn)), "{tcp:?}");
    assert_eq!(step(&steps, Rung::Http).outcome, Outcome::Skipped, "the server was not asked");
}

#[tokio::test]
async fn where_a_person_has_to_do_something_no_rung_is_marked_as_failed() {
    let scene = Scene::healthy().await;
    let mut codes = Vec::new();
    for guard in [Guard::Everything, Guard::Refuses] {
        scene.server.change_faults(|faults| faults.guard = guard);
        assert_eq!(scene.check().await.health.state, State::NeedsSignIn);
        let steps = scene.test.engine.show(&scene.id).await.unwrap().steps;
        assert!(steps.iter().all(|step| step.outcome != Outcome::Failed), "{steps:?}");
        let token = step(&steps, Rung::Token);
        assert_eq!(token.outcome, Outcome::Warning, "{token:?}");
        codes.extend(token.code);
        scene.server.change_faults(|faults| faults.guard = Guard::Everything);
        scene.sign_in().await;
    }
    assert_eq!(codes, [Code::AuthNever, Code::TokenRefusedByServer]);
}

/// Knows no name at all.
#[derive(Debug)]
struct Nobody;

impl Names for Nobody {
    fn look_up<'a>(&'a self, _: &'a str) -> LookedUp<'a> {
        Box::pin(async { Err(std::io::ErrorKind::NotFound.into()) })
    }
}

#[tokio::test]
async fn a_name_that_nobody_knows_fails_on_the_rung_of_names() {
    let test = TestEngine::with_http(HttpOptions { names: Arc::new(Nobody), ..HttpOptions::default() }).await;
    let id = test.add("https://mistyped.example/mcp").await;
    test.check(&id).await;
    let routine = test.engine.show(&id).await.unwrap().steps;
    let (view, thorough) = test.engine.diagnose(&id).await.unwrap();
    crate::scene::expect(&view, State::Failed, "RPL-NET-NAME-UNKNOWN");
    for steps in [routine, thorough] {
        assert_eq!(asking(&steps), [Rung::Dns], "{steps:?}");
        let ok: Vec<Rung> = steps.iter().filter(|step| step.outcome == Outcome::Ok).map(|step| step.rung).collect();
        assert_eq!(ok, [Rung::Address], "nothing above the name was climbed");
    }
}

#[tokio::test]
async fn a_diagnosis_returns_what_it_saw_itself_and_not_what_another_check_stored_since() {
    let test = TestEngine::start().await;
    let server = McpServer::start(McpFaults::default(), None).unwrap();
    let id = test.add(&server.address()).await;
    let mut events = test.engine.subscribe();
    let mut diagnosis = pin!(test.engine.diagnose(&id));
    assert!(poll!(&mut diagnosis).is_pending(), "the climb runs in a task of its own");
    while !matches!(events.next().await, Some(Event::CheckEnded { .. })) {}
    server.unplug();
    let other = test.beside().await;
    assert_eq!(other.check(&id).await.health.state, State::Failed);
    let (view, steps) = diagnosis.await.unwrap();
    assert_eq!((view.health.state, step(&steps, Rung::Tools).outcome), (State::Connected, Outcome::Ok));
}

#[tokio::test]
async fn a_stream_of_events_in_place_of_metadata_does_not_hold_a_check_up() {
    let faults = McpFaults::default();
    let server = McpServer::start(faults, None).unwrap();
    server.change_faults(|faults| faults.metadata.front = Front::Events);
    let test = TestEngine::start().await;
    let id = test.add(&server.address()).await;
    let checked = tokio::time::timeout(Duration::from_secs(5), test.check(&id)).await;
    assert_eq!(checked.expect("without waiting for the stream's end").health.state, State::Connected);

    let auth = AuthServer::start(AuthFaults::default()).unwrap();
    let guarded = McpServer::start(McpFaults::default(), Some(&auth)).unwrap();
    guarded.change_faults(|faults| faults.metadata.front = Front::Events);
    let id = test.add(&guarded.address()).await;
    let checked = tokio::time::timeout(Duration::from_secs(5), test.check(&id)).await.unwrap();
    crate::scene::expect(&checked, State::Failed, "RPL-META-NOT-JSON");
}

#[tokio::test]
async fn a_server_that_asks_to_wait_is_remembered_with_its_wait() {
    let test = TestEngine::start().await;
    for (front, code, asked_s, kept_s) in [
        (Front::RateLimited { retry_after_s: 120 }, "RPL-HTTP-RATE-LIMITED", 120, 120),
        (Front::Unavailable { retry_after_s: 999_999 }, "RPL-HTTP-SERVER-ERROR", 999_999, 3_600),
    ] {
        let server = McpServer::start(in_front(front), None).unwrap();
        let id = test.add(&server.address()).await;
        let now = test.clock.now();
        let checked = test.check(&id).await;
        let cause = crate::scene::expect(&checked, State::Failed, code);
        assert_eq!(crate::scene::fact(&cause, "Retry after"), format!("{asked_s} s"));
        let store = Store::open(test.folder(), test.clock.clone()).await.unwrap().store;
        let until = store.get(&id).await.unwrap().unwrap().health.not_before.unwrap();
        assert_eq!(until.duration_since(now).as_secs(), kept_s, "at most an hour");

        server.change_faults(|faults| faults.front = Front::Open);
        assert_eq!(test.check(&id).await.health.state, State::Connected, "a person's own check goes all the same");
        assert_eq!(store.get(&id).await.unwrap().unwrap().health.not_before, None);
    }
}

#[tokio::test]
async fn times_have_milliseconds_at_most() {
    let scene = Scene::healthy().await.signed_in().await;
    let view = scene.check().await;
    let times = [view.health.checked_at.unwrap(), view.sign_in.expires_at.unwrap()];
    for time in times {
        assert!(time.len() <= "2026-11-20T08:00:00.123Z".len() && time.ends_with('Z'), "{time}");
    }
}

#[tokio::test]
async fn behind_a_proxy_the_ladder_says_who_looks_the_name_up() {
    let proxy = Recorder::start().unwrap();
    let gone = Recorder::start().unwrap();
    let gone_at = gone.origin();
    drop(gone);
    for (origin, code) in [(proxy.origin(), Code::HttpNotFound), (gone_at, Code::NetUnreachable)] {
        let test = TestEngine::with_http(behind(&origin)).await;
        let id = test.add_with("http://server.example/mcp", allows_http()).await;
        test.check(&id).await;
        let routine = test.engine.show(&id).await.unwrap().steps;
        let (view, thorough) = test.engine.diagnose(&id).await.unwrap();
        assert_eq!(view.health.cause.as_ref().map(|cause| cause.code), Some(code), "{:?}", view.health);
        let shown = origin.trim_start_matches("http://");
        for steps in [routine, thorough] {
            let dns = step(&steps, Rung::Dns);
            assert_eq!(dns.outcome, Outcome::Skipped);
            assert_eq!(dns.text, format!("Looked up by the proxy {shown}, not on this computer."));
            let tcp = step(&steps, Rung::Tcp);
            assert!(tcp.text.contains(&format!("proxy {shown}")), "{tcp:?}");
            assert_eq!(tcp.outcome == Outcome::Failed, code == Code::NetUnreachable, "{tcp:?}");
            assert!(!format!("{steps:?}").contains("canary"), "without credentials");
        }
        // What is on this computer is asked directly.
        let server = McpServer::start(McpFaults::default(), None).unwrap();
        let id = test.add(&server.address()).await;
        assert_eq!(test.check(&id).await.health.state, State::Connected);
    }
}
