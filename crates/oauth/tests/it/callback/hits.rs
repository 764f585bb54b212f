//! Which requests count, and what each is answered with (T10, T12, T13).

use replug_core::CallbackHost;
use replug_oauth::{Callback, accept_pasted};

use super::browser::Waiting;

#[tokio::test]
async fn a_valid_hit_ends_the_attempt_and_sends_the_person_back() {
    let waiting = Waiting::start().await;
    let page = waiting.get(&waiting.target("&code=c%2Fode")).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("You can go back to Replug"), "{}", page.body);
    let Callback { code, posted } = waiting.finish().await.unwrap();
    assert_eq!((code.expose().as_str(), posted), ("c/ode", false));
}

#[tokio::test]
async fn a_wrong_state_leaves_the_attempt_alive() {
    let waiting = Waiting::start().await;
    let right = waiting.attempt.state.expose().clone();
    for target in [
        "/callback?code=evil".to_owned(),
        "/callback?code=evil&state=".to_owned(),
        format!("/callback?code=evil&state={right}x"),
        format!("/callback?code=evil&state={}", right.to_lowercase()),
        format!("/callback?code=evil&state={right}&state={right}"),
        format!("/callback?code=evil&state=x&state={right}"),
        "/callback?error=access_denied&state=wrong".to_owned(),
    ] {
        let page = waiting.get(&target).await;
        assert_eq!(page.status, 400, "{target}");
        assert!(page.body.contains("too old"), "{target}: {}", page.body);
    }
    waiting.still_works().await;
}

#[tokio::test]
async fn an_answer_behind_a_hash_is_explained_and_can_be_pasted() {
    let waiting = Waiting::start().await;
    for target in ["/callback", "/callback?"] {
        let page = waiting.get(target).await;
        assert_eq!(page.status, 400, "{target}");
        assert!(page.body.contains("behind a #"), "{target}: {}", page.body);
    }
    let fragment = waiting.target("&code=hidden").replace('?', "#");
    let pasted = format!("http://{}{fragment}", waiting.authority());
    let callback = accept_pasted(&waiting.attempt, false, &pasted).unwrap();
    assert_eq!(callback.code.expose(), "hidden");
    waiting.still_works().await;
}

/// Sends each request, expects its status, and shows that the attempt is still alive.
async fn turned_away(waiting: Waiting, cases: Vec<(String, u16)>) {
    for (request, status) in cases {
        let page = waiting.send(&request).await;
        assert_eq!(page.status, status, "{request}");
        assert!(!page.head.to_lowercase().contains("access-control"), "no other site may read it");
    }
    waiting.still_works().await;
}

#[tokio::test]
async fn another_host_is_turned_away_although_its_state_is_right() {
    let waiting = Waiting::start().await;
    let (own, port) = (waiting.authority(), waiting.attempt.redirect.port);
    let good = waiting.target("&code=stolen");
    let mut cases = vec![
        (format!("GET {good} HTTP/1.1\r\n\r\n"), 421),
        (format!("GET {good} HTTP/1.0\r\n\r\n"), 421),
        (format!("GET {good} HTTP/1.1\r\nHost: {own}\r\nHost: evil.example\r\n\r\n"), 400),
    ];
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("localhost:{port}"),
        format!("[::1]:{port}"),
        "127.0.0.1".to_owned(),
        format!("127.0.0.1:{}", port ^ 1),
        format!("127.0.0.1.evil.example:{port}"),
        format!("user@127.0.0.1:{port}"),
    ] {
        cases.push((format!("GET {good} HTTP/1.1\r\nHost: {host}\r\n\r\n"), 421));
    }
    turned_away(waiting, cases).await;
}

#[tokio::test]
async fn other_paths_methods_and_kinds_of_request_are_turned_away() {
    let waiting = Waiting::start().await;
    let own = waiting.authority();
    let good = waiting.target("&code=stolen");
    let query = good.trim_start_matches("/callback");
    let request = |line: &str, header: &str| format!("{line} HTTP/1.1\r\nHost: {own}\r\n{header}\r\n");
    let mut cases = vec![("nonsense\r\n\r\n".to_owned(), 400), (request(&format!("GET http://{own}{good}"), ""), 400)];
    for path in ["/", "/callback/", "/Callback", "//callback", "/%63allback", "/x/../callback", "/favicon.ico"] {
        cases.push((request(&format!("GET {path}{query}"), ""), 404));
    }
    for method in ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "CONNECT"] {
        cases.push((request(&format!("{method} {good}"), ""), 405));
    }
    for header in ["Dest: image", "Dest: iframe", "Dest: empty", "Mode: cors", "Mode: no-cors"] {
        let header = format!("Sec-Fetch-{header}\r\n");
        cases.push((request(&format!("GET {good}"), &header), 403));
    }
    turned_away(waiting, cases).await;
}

#[tokio::test]
async fn a_request_without_end_is_cut_off() {
    let waiting = Waiting::start().await;
    let own = waiting.authority();
    let long = "a".repeat(20_000);
    let page =
        waiting.send(&format!("GET {} HTTP/1.1\r\nHost: {own}\r\nX: {long}\r\n\r\n", waiting.target("&code=x"))).await;
    assert_eq!(page.status, 431, "a head of more than 16 KiB");
    let page = waiting.post("/callback", "application/x-www-form-urlencoded", &long).await;
    assert_eq!(page.status, 413, "a body of more than 16 KiB");
    waiting.still_works().await;
}

#[tokio::test]
async fn a_browser_that_tries_https_first_is_told_at_once() {
    let waiting = Waiting::start().await;
    let page = waiting.send("\x16\x03\x01").await;
    assert_eq!(page.status, 400, "not 408 after the deadline");
    waiting.still_works().await;
}

#[tokio::test]
async fn a_look_by_head_does_not_use_the_answer_up() {
    let waiting = Waiting::start().await;
    let target = waiting.target("&code=looked-at");
    let request = format!("HEAD {target} HTTP/1.1\r\nHost: {}\r\n\r\n", waiting.authority());
    let page = waiting.send(&request).await;
    assert_eq!((page.status, page.body.as_str()), (200, ""));
    waiting.still_works().await;
}

#[tokio::test]
async fn a_posted_answer_is_read_with_the_same_checks() {
    let waiting = Waiting::start().await;
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    let page = waiting.post("/callback", form, "code=evil&state=wrong").await;
    assert_eq!(page.status, 400, "a wrong state stays wrong");
    let state = waiting.attempt.state.expose().clone();
    let page = waiting.post("/callback", "multipart/form-data; boundary=x", &format!("code=c&state={state}")).await;
    assert_eq!(page.status, 415, "only urlencoded bodies are read");
    let page = waiting.post("/callback", form, &format!("code=c+1&state={state}")).await;
    assert_eq!(page.status, 200);
    let callback = waiting.finish().await.unwrap();
    assert_eq!((callback.code.expose().as_str(), callback.posted), ("c 1", true));
}

#[tokio::test]
async fn a_consent_form_sent_on_by_307_is_read_from_the_address() {
    let waiting = Waiting::start().await;
    let target = waiting.target("&code=from-address");
    let page = waiting.post(&target, "text/plain", "consent=yes&state=of-the-form").await;
    assert_eq!(page.status, 200);
    let callback = waiting.finish().await.unwrap();
    assert_eq!((callback.code.expose().as_str(), callback.posted), ("from-address", true));
}

#[tokio::test]
async fn the_second_hit_finds_it_over_and_changes_nothing() {
    let waiting = Waiting::start().await;
    let (first, second) = (waiting.target("&code=first"), waiting.target("&code=second"));
    waiting.get(&first).await;
    let page = waiting.get(&second).await;
    assert!(page.body.contains("is over"), "{}", page.body);
    assert_eq!(waiting.get("/favicon.ico").await.status, 404, "late hits are answered");
    assert_eq!(waiting.finish().await.unwrap().code.expose(), "first");
}

#[tokio::test]
async fn pages_are_fixed_and_strict_and_echo_nothing() {
    let waiting = Waiting::start().await;
    let canary = "%3Cscript%3Ecanary%3C/script%3E";
    let mut bodies = Vec::new();
    for target in [
        format!("/callback?state={canary}&code={canary}"),
        "/callback".to_owned(),
        format!("/{canary}"),
        waiting.target(&format!("&error={canary}&error_description={canary}")),
        waiting.target(&format!("&code={canary}")),
    ] {
        let page = waiting.get(&target).await;
        let head = page.head.to_lowercase();
        assert!(!page.body.contains("canary") && !head.contains("canary"), "nothing is echoed: {page:?}");
        for header in [
            "content-security-policy: default-src 'none'",
            "cache-control: no-store",
            "referrer-policy: no-referrer",
            "x-content-type-options: nosniff",
            "connection: close",
        ] {
            assert!(head.contains(header), "{header} in {head}");
        }
        bodies.push(page.body);
    }
    bodies.sort_unstable();
    bodies.dedup();
    assert_eq!(bodies.len(), 5, "each case has its own fixed page");
    assert!(waiting.finish().await.is_err(), "the error was the end");
}

#[tokio::test]
async fn the_name_localhost_is_heard_on_both_address_families() {
    let waiting = Waiting::with(CallbackHost::Localhost, false).await;
    let literal = format!(
        "GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n",
        waiting.target("&code=x"),
        waiting.attempt.redirect.port
    );
    assert_eq!(waiting.send(&literal).await.status, 421, "only its own host form");
    // Computers without IPv6 have nobody at ::1 at all.
    let v6 = std::net::SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, waiting.attempt.redirect.port));
    if tokio::net::TcpStream::connect(v6).await.is_ok() {
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: LOCALHOST:{}\r\n\r\n",
            waiting.target("&code=good"),
            waiting.attempt.redirect.port
        );
        let page = super::browser::Page::fetch(v6, &request).await;
        assert_eq!(page.status, 200);
        assert_eq!(waiting.finish().await.unwrap().code.expose(), "good");
    } else {
        waiting.still_works().await;
    }
}
