//! How long the listener lives, which ports it takes, and what it bears.

use std::future::{pending, ready};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use replug_core::{CallbackHost, Code};
use replug_oauth::Listener;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use super::browser::Waiting;

async fn bind(port: Option<u16>) -> Result<Listener, replug_core::Failure> {
    Listener::bind(CallbackHost::Literal, port, "/callback").await
}

#[tokio::test]
async fn nobody_coming_back_is_a_timeout_and_frees_the_port() {
    let listener = bind(None).await.unwrap();
    let port = listener.redirect().port;
    let waiting = Waiting::begin(listener, false, Instant::now(), pending());
    assert_eq!(waiting.finish().await.unwrap_err().code, Code::AuthTimeout);
    assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.is_ok(), "the port is free");
}

#[tokio::test]
async fn giving_up_ends_it_at_once() {
    let listener = bind(None).await.unwrap();
    let later = Instant::now() + Duration::from_mins(10);
    let waiting = Waiting::begin(listener, false, later, ready(()));
    assert_eq!(waiting.finish().await.unwrap_err().code, Code::LocalCancelled);
}

#[tokio::test]
async fn a_taken_port_is_named_with_the_program_that_holds_it() {
    let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = holder.local_addr().unwrap().port();
    let failure = bind(Some(port)).await.unwrap_err();
    assert_eq!(failure.code, Code::LocalPortTaken);
    let fact = |label: &str| {
        let found = failure.facts.iter().find(|fact| fact.label == label);
        found.map(|fact| fact.value.clone())
    };
    assert_eq!(fact("Port"), Some(port.to_string()));
    if cfg!(target_os = "linux") {
        let own = format!("(process {})", std::process::id());
        assert!(fact("Used by").is_some_and(|program| program.ends_with(&own)), "this test holds it: {failure:?}");
    }
}

#[tokio::test]
async fn a_port_taken_on_the_other_address_family_counts_as_taken() {
    let Ok(holder) = TcpListener::bind("[::1]:0").await else {
        return; // without IPv6 nobody can be there
    };
    let port = holder.local_addr().unwrap().port();
    let outcome = Listener::bind(CallbackHost::Localhost, Some(port), "/callback").await;
    assert_eq!(outcome.err().map(|failure| failure.code), Some(Code::LocalPortTaken));
}

#[tokio::test]
async fn the_next_attempt_gets_the_port_although_the_last_one_lingers() {
    let waiting = Waiting::start().await;
    let port = waiting.attempt.redirect.port;
    waiting.still_works().await;
    let asked = Instant::now();
    let again = bind(Some(port)).await.unwrap();
    assert_eq!(again.redirect().port, port);
    assert!(asked.elapsed() < Duration::from_secs(1), "at once: {:?}", asked.elapsed());
}

#[tokio::test]
async fn a_page_that_is_being_fetched_arrives_although_the_port_is_taken_over() {
    let waiting = Waiting::start().await;
    let port = waiting.attempt.redirect.port;
    let mut late = TcpStream::connect(waiting.address()).await.unwrap();
    let request = format!("GET {} HTTP/1.1\r\nHost: {}\r\n", waiting.target("&code=late"), waiting.authority());
    late.write_all(request.as_bytes()).await.unwrap();
    waiting.still_works().await;
    let next = bind(Some(port)).await.unwrap();
    late.write_all(b"\r\n").await.unwrap();
    let mut page = String::new();
    late.read_to_string(&mut page).await.unwrap();
    assert!(page.contains("is over"), "{page}");
    drop(next);
}

#[tokio::test]
async fn nobody_else_can_listen_where_an_answer_is_awaited() {
    for host in [CallbackHost::Literal, CallbackHost::Localhost] {
        let waiting = Waiting::with(host, false).await;
        let port = waiting.attempt.redirect.port;
        let mut thefts = vec!["127.0.0.1", "0.0.0.0", "[::ffff:127.0.0.1]"];
        if host == CallbackHost::Localhost && TcpListener::bind("[::1]:0").await.is_ok() {
            thefts.extend(["[::1]", "[::]"]);
        }
        for thief in thefts {
            let stolen = TcpListener::bind(format!("{thief}:{port}")).await;
            assert!(stolen.is_err(), "{thief} beside {}", host.as_str());
        }
        waiting.still_works().await;
    }
}

#[tokio::test]
async fn paths_that_no_browser_brings_back_are_refused() {
    for path in ["", "callback", "/a b", "/a?b", "/a#b", "/a/../b", "/ä", "/a\\b"] {
        let outcome = Listener::bind(CallbackHost::Literal, None, path).await;
        assert_eq!(outcome.err().map(|failure| failure.code), Some(Code::UseSettingInvalid), "{path}");
    }
    assert!(bind(Some(0)).await.is_err(), "port 0 is no port to register");
}

#[tokio::test]
async fn only_this_computer_can_reach_it() {
    let listener = bind(None).await.unwrap();
    let other = SocketAddr::from(([127, 0, 0, 2], listener.redirect().port));
    // 127.0.0.2 is this computer too, but only a wildcard would listen there.
    assert!(TcpStream::connect(other).await.is_err(), "it listens on one address only");
}

#[tokio::test]
async fn slow_connections_do_not_keep_the_browser_away() {
    let waiting = Waiting::start().await;
    let mut slow = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(waiting.address()).await.unwrap();
        stream.write_all(b"GET /callback HTTP/1.1\r\nX: ").await.unwrap();
        slow.push(stream);
    }
    let begun = Instant::now();
    waiting.still_works().await;
    assert!(begun.elapsed() < Duration::from_secs(4), "long before the slow ones are cut off: {:?}", begun.elapsed());
    drop(slow);
}

#[tokio::test]
async fn a_flood_of_wrong_hits_gets_few_pages_and_never_in() {
    let waiting = Waiting::start().await;
    let mut answered = 0_u32;
    for attempt in 0..1_000 {
        let page = waiting.get(&format!("/callback?code=evil&state={attempt}")).await;
        assert!(matches!(page.status, 0 | 400), "{page:?}");
        answered += u32::from(page.status == 400);
    }
    assert!(answered >= 300, "the first ones are answered: {answered}");
    waiting.still_works().await;
}
