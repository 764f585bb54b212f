//! The HTTP client against real servers on loopback.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the message")]

// Certificates as long-lived as the fixtures are not accepted by the verifiers of the other systems.
#[cfg(target_os = "linux")]
mod handshakes;
mod hostile_addresses;
// The programs that open a browser elsewhere are not shell scripts.
#[cfg(target_os = "linux")]
mod hostile_browsers;
mod proxies;
mod rebinding;
mod server;
#[cfg(target_os = "linux")]
mod tls;

use std::time::Duration;

use replug_core::{AddressClass, BodyShape, Secret};
use replug_net::{Ask, Follow, Http, HttpOptions, Limits, NetError, Reach, StatusCode, TimeoutPhase, TlsFault, Trace};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::Url;

use server::{HANG, Script, Server, text};

fn http() -> Http {
    Http::new(HttpOptions::default()).unwrap()
}

async fn server(path: &'static str, answer: Vec<u8>) -> Server {
    Server::start(|_| Script::from([(path, answer)])).await
}

#[tokio::test]
async fn a_redirect_to_another_origin_is_handed_to_the_caller_and_nothing_is_sent_there() {
    let other = server("/mcp", text(200, "", "{}")).await;
    let location = format!("location: {}\r\n", other.url("/mcp"));
    let first = server("/mcp", text(307, &location, "")).await;
    let ask = Ask::post_json(first.url("/mcp"), "{}", Reach::OWN)
        .bearer(&Secret::new("canary".to_owned()))
        .follow(Follow::SameOrigin(5));
    let answer = http().ask(&ask, &Trace::new()).await.unwrap();
    assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(answer.location(), Some(other.url("/mcp")), "the caller learns where it would go");
    assert_eq!(other.asked(), Vec::<String>::new(), "the other origin was not contacted");
}

#[tokio::test]
async fn a_redirect_within_the_origin_is_sent_again_unchanged() {
    let server = Server::start(|_| {
        Script::from([("/mcp", text(307, "location: /mcp/\r\n", "")), ("/mcp/", text(200, "", "{}"))])
    })
    .await;
    let ask = Ask::post_json(server.url("/mcp"), r#"{"a":1}"#, Reach::OWN)
        .bearer(&Secret::new("canary".to_owned()))
        .follow(Follow::SameOrigin(2));
    let answer = http().ask(&ask, &Trace::new()).await.unwrap();
    assert_eq!((answer.status, answer.url), (StatusCode::OK, server.url("/mcp/")));
    let again = server.asked().pop().unwrap();
    assert!(again.starts_with("POST /mcp/ ") && again.ends_with(r#"{"a":1}"#), "same method, same body: {again}");
    assert!(again.to_lowercase().contains("authorization: bearer canary"), "same origin, same credentials: {again}");
}

#[tokio::test]
async fn a_moved_post_is_not_turned_into_a_get() {
    let server = server("/mcp", text(302, "location: /mcp/\r\n", "")).await;
    let ask = Ask::post_json(server.url("/mcp"), "{}", Reach::OWN).follow(Follow::SameOrigin(2));
    let answer = http().ask(&ask, &Trace::new()).await.unwrap();
    assert_eq!(answer.status, StatusCode::FOUND, "the redirect itself is the answer");
    assert_eq!(server.asked().len(), 1, "nothing more was asked");
}

#[tokio::test]
async fn a_circle_of_redirects_ends_at_the_bound() {
    let server = server("/a", text(307, "location: /a\r\n", "")).await;
    let ask = Ask::get(server.url("/a"), Reach::OWN).follow(Follow::SameOrigin(3));
    let answer = http().ask(&ask, &Trace::new()).await.unwrap();
    assert_eq!((answer.status.as_u16(), server.asked().len()), (307, 4), "three were followed");
}

#[tokio::test]
async fn addresses_out_of_reach_are_never_contacted() {
    let canary = server("/", text(200, "", "reached")).await;
    let port = canary.address.port();
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "017700000001", "[::ffff:127.0.0.1]", "localhost."] {
        let url = Url::parse(&format!("http://{host}:{port}/")).unwrap();
        let outcome = http().ask(&Ask::get(url, Reach::PUBLIC), &Trace::new()).await;
        assert!(matches!(outcome, Err(NetError::AddressRefused { .. })), "{host}: {outcome:?}");
    }
    for host in ["169.254.169.254", "0.0.0.0", "[fe80::1]", "[::]", "255.255.255.255"] {
        let url = Url::parse(&format!("http://{host}:{port}/")).unwrap();
        let outcome = http().ask(&Ask::get(url, Reach::OWN), &Trace::new()).await;
        assert!(matches!(outcome, Err(NetError::AddressRefused { .. })), "{host} is never reached: {outcome:?}");
    }
    assert_eq!(canary.asked(), Vec::<String>::new(), "the canary heard nothing");
    let allowed = http().ask(&Ask::get(canary.url("/"), Reach::OWN), &Trace::new()).await;
    assert!(allowed.is_ok() && canary.asked().len() == 1, "the canary does hear what may reach it");
}

#[tokio::test]
async fn an_answer_larger_than_accepted_is_cut_off() {
    let server = server("/", text(200, "", &"x".repeat(5_000))).await;
    let limits = Limits { total: Duration::from_secs(15), bytes: 4_999 };
    let ask = Ask::get(server.url("/"), Reach::OWN).limits(limits);
    assert_eq!(http().ask(&ask, &Trace::new()).await.unwrap_err(), NetError::TooLarge { limit: 4_999 });
    let ask = ask.limits(Limits { bytes: 5_000, ..limits });
    assert_eq!(http().ask(&ask, &Trace::new()).await.unwrap().body.len(), 5_000, "the bound itself is in order");
}

#[tokio::test]
async fn a_stream_of_events_is_no_document_and_is_not_read() {
    let endless = b"HTTP/1.1 200 x\r\ncontent-type: Text/Event-Stream; charset=utf-8\r\n\r\ndata: x\n\n".to_vec();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0, "it was asked");
        stream.write_all(&endless).await.unwrap();
        // It stays open for as long as the test waits.
        std::future::pending::<()>().await;
    });
    let trace = Trace::new();
    let answer = http().ask(&Ask::get(url, Reach::OWN), &trace).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 0));
    assert_eq!(trace.take()[0].body_shape, BodyShape::EventStream, "the record says what it was");
}

#[tokio::test]
async fn silence_ends_at_the_deadline() {
    let server = server("/", HANG.to_vec()).await;
    let limit = Duration::from_millis(200);
    let ask = Ask::get(server.url("/"), Reach::OWN).limits(Limits { total: limit, bytes: 10 });
    let outcome = http().ask(&ask, &Trace::new()).await;
    assert_eq!(outcome.unwrap_err(), NetError::Timeout { phase: TimeoutPhase::Answer, limit });
}

#[tokio::test]
async fn each_way_of_not_answering_has_its_own_error() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let free = taken.local_addr().unwrap();
    drop(taken);
    let url = Url::parse(&format!("http://{free}/")).unwrap();
    let outcome = http().ask(&Ask::get(url, Reach::OWN), &Trace::new()).await.unwrap_err();
    assert_eq!(outcome, NetError::Unreachable { host: free.to_string() });

    let short = server("/", b"HTTP/1.1 200 x\r\ncontent-length: 10\r\n\r\nabc".to_vec()).await;
    let outcome = http().ask(&Ask::get(short.url("/"), Reach::OWN), &Trace::new()).await.unwrap_err();
    assert_eq!(outcome, NetError::Interrupted);

    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("https://{}/", plain.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.unwrap();
        stream.write_all(&text(400, "", "plain http was expected")).await.unwrap();
    });
    let outcome = http().ask(&Ask::get(url, Reach::OWN), &Trace::new()).await.unwrap_err();
    assert!(matches!(outcome, NetError::Tls { fault: TlsFault::NotTls, .. }), "plain text is no TLS: {outcome:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn encryption_that_fails_after_the_request_does_not_count_as_never_sent() {
    let (address, certificate, serving) = tls::breaks_off_after_the_request();
    let roots = vec![certificate.into_bytes()];
    let http = Http::new(HttpOptions { extra_roots: roots, ..HttpOptions::default() }).unwrap();
    let url = Url::parse(&format!("https://{address}/token")).unwrap();
    let outcome = http.ask(&Ask::post_json(url, "{}", Reach::OWN), &Trace::new()).await.unwrap_err();
    assert!(serving.join().unwrap().starts_with("POST /token "), "the request arrived");
    assert_eq!(outcome, NetError::Interrupted);
    assert!(!outcome.never_sent(), "sending it again may present a secret twice");
}

#[tokio::test]
async fn what_is_asked_and_answered_is_not_shown_by_debug() {
    let headers = "set-cookie: canary\r\n";
    let server = server("/mcp?key=canary", text(200, headers, r#"{"access_token":"canary"}"#)).await;
    let name = replug_net::HeaderName::from_static("x-key");
    let ask = Ask::post_form(server.url("/mcp?key=canary"), "code=canary".to_owned(), Reach::OWN)
        .header(name, replug_net::HeaderValue::from_static("canary"));
    let mut stream = http().stream(&ask, &Trace::new()).await.unwrap();
    while stream.chunk().await.unwrap().is_some() {}
    let answer = http().ask(&ask, &Trace::new()).await.unwrap();
    let shown = format!("{ask:?} {stream:?} {answer:?}");
    assert!(!shown.contains("canary") && !shown.contains("99, 97, 110"), "no value is shown: {shown}");
    let place = format!("http://{}/mcp?key=…", server.address);
    assert_eq!(
        shown,
        format!(
            "Ask {{ method: POST, url: {place:?}, body_bytes: 11, .. }} \
             Stream {{ status: 200, url: {place:?}, seen_bytes: 25, .. }} \
             Answer {{ status: 200, url: {place:?}, body_bytes: 25, .. }}"
        )
    );
}

#[tokio::test]
async fn the_trace_tells_what_happened_without_any_secret() {
    let headers = "content-type: application/json\r\nwww-authenticate: Bearer error_description=\"canary\"\r\nset-cookie: canary\r\n";
    let server = server("/mcp?key=canary", text(401, headers, r#"{"access_token":"canary"}"#)).await;
    let trace = Trace::new();
    let ask = Ask::post_json(server.url("/mcp?key=canary"), r#"{"secret":"canary"}"#, Reach::OWN)
        .bearer(&Secret::new("canary".to_owned()));
    http().ask(&ask, &trace).await.unwrap();
    let exchanges = trace.take();
    assert!(!format!("{exchanges:?}").contains("canary"), "no value is kept: {exchanges:?}");
    assert_eq!((exchanges[0].status, exchanges[0].request_bytes), (Some(401), 19));
    assert_eq!(exchanges[0].body_shape, BodyShape::JsonObject { members: vec!["access_token".into()] });
    let names: Vec<&str> = exchanges[0].request_headers.iter().map(|line| line.name.as_str()).collect();
    assert!(names.contains(&"authorization"), "but that there was an Authorization header is: {names:?}");
}

#[tokio::test]
async fn the_class_of_an_address_is_known_before_it_is_contacted() {
    let class = |url: &'static str| async move { http().class_of(&Url::parse(url).unwrap()).await };
    assert_eq!(class("http://127.0.0.1/").await, Ok(AddressClass::Loopback));
    assert_eq!(class("http://localhost/").await, Ok(AddressClass::Loopback));
    assert_eq!(class("https://10.0.0.1/").await, Ok(AddressClass::Private));
    assert_eq!(class("https://8.8.8.8/").await, Ok(AddressClass::Public));
}
