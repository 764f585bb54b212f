//! Every combination of method, host, path and kind of request, each with the right state (T12), and connections that take
//! their time (T14). Single cases and their reasons are in `hits` and `lifetime`.

use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::browser::{Page, Waiting};

/// A listener answers so many wrong hits in a second, and no more.
const HITS_FOR_ONE: usize = 250;

const METHODS: [&str; 7] = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "get"];

/// Lines that name the host, and whether they name this attempt's. `{own}` and `{port}` stand for the right ones.
const HOSTS: [(&str, bool); 8] = [
    ("Host: {own}\r\n", true),
    ("hOST:   {own}  \r\n", true),
    ("", false),
    ("Host: localhost:{port}\r\n", false),
    ("Host: 127.0.0.1\r\n", false),
    ("Host: [::1]:{port}\r\n", false),
    ("Host: evil.example:{port}\r\n", false),
    ("Host: {own}.evil.example\r\n", false),
];

const PATHS: [(&str, bool); 5] =
    [("/callback", true), ("/callback/", false), ("/CALLBACK", false), ("/callback%2f", false), ("/", false)];

/// What browsers say about why they ask, and whether it is a person who follows a link. Older ones say nothing.
const KINDS: [(&str, bool); 8] = [
    ("", true),
    ("Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: cross-site\r\n", true),
    ("Sec-Fetch-Mode: NAVIGATE\r\n", true),
    ("Sec-Fetch-Dest: image\r\nSec-Fetch-Mode: no-cors\r\n", false),
    ("Sec-Fetch-Dest: iframe\r\nSec-Fetch-Mode: navigate\r\n", false),
    ("Sec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\nOrigin: https://evil.example\r\n", false),
    ("Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: websocket\r\nUpgrade: websocket\r\n", false),
    ("Sec-Fetch-Dest: \r\n", false),
];

/// A request with everything in place but what its parts say.
struct Cell {
    request: String,
    status: u16,
    /// Whether it is the answer that is waited for.
    ends_it: bool,
}

fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for (method, (host, own_host)) in METHODS.iter().flat_map(|method| HOSTS.iter().map(move |host| (method, host))) {
        for ((path, own_path), (kind, by_a_person)) in PATHS.iter().flat_map(|p| KINDS.iter().map(move |k| (p, k))) {
            let known = matches!(*method, "GET" | "POST" | "HEAD");
            let length = if *method == "POST" { "Content-Length: 0\r\n" } else { "" };
            let status = match (own_host, own_path, known, by_a_person) {
                (false, ..) => 421,
                (_, false, ..) => 404,
                (_, _, false, _) => 405,
                (.., false) => 403,
                _ => 200,
            };
            cells.push(Cell {
                request: format!("{method} {path}{{query}} HTTP/1.1\r\n{host}{kind}{length}\r\n"),
                status,
                ends_it: status == 200 && *method != "HEAD",
            });
        }
    }
    cells
}

async fn send(waiting: &Waiting, request: &str) -> Page {
    let query = waiting.target("&code=matrix").replace("/callback", "");
    let port = waiting.attempt.redirect.port.to_string();
    let request = request.replace("{own}", &waiting.authority()).replace("{port}", &port).replace("{query}", &query);
    let page = waiting.send(&request).await;
    let whole = format!("{}{}", page.head, page.body).to_ascii_lowercase();
    assert!(!whole.contains("access-control-"), "no other site may read it: {request}");
    assert!(!format!("{page:?}").contains(waiting.attempt.state.expose().as_str()), "nothing is echoed: {request}");
    page
}

#[tokio::test]
async fn of_all_combinations_with_the_right_state_only_a_persons_own_browser_gets_in() {
    let (ending, passing): (Vec<Cell>, Vec<Cell>) = cells().into_iter().partition(|cell| cell.ends_it);
    assert!(passing.len() >= 200, "{} cells", passing.len());
    for some in passing.chunks(HITS_FOR_ONE) {
        let waiting = Waiting::start().await;
        for cell in some {
            assert_eq!(send(&waiting, &cell.request).await.status, cell.status, "{}", cell.request);
            assert!(!waiting.outcome.is_finished(), "{}", cell.request);
        }
        waiting.still_works().await;
    }
    for cell in ending {
        let waiting = Waiting::start().await;
        assert_eq!(send(&waiting, &cell.request).await.status, 200, "{}", cell.request);
        assert_eq!(waiting.finish().await.unwrap().code.expose(), "matrix", "{}", cell.request);
    }
}

/// The beginning of some request, up to the place where it stops.
fn beginning() -> impl Strategy<Value = String> {
    let request = prop_oneof![
        Just("GET /callback?state=x&code=x HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n".to_owned()),
        Just("POST /callback HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 16000\r\n\r\nstate=x".to_owned()),
        Just(format!("GET / HTTP/1.1\r\nX: {}", "a".repeat(15_000))),
    ];
    (request, any::<prop::sample::Index>()).prop_map(|(request, stop)| {
        let stop = stop.index(request.len());
        request[..stop].to_owned()
    })
}

#[tokio::test]
async fn two_hundred_slow_connections_do_not_keep_the_browser_waiting() {
    let seed = [14; 32];
    println!("seed {}", seed[0]);
    let mut chance = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let waiting = Waiting::start().await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(waiting.address()).await.unwrap();
        let beginning = beginning().new_tree(&mut chance).unwrap().current();
        // The oldest are pushed out by the newer ones, and see their connection end.
        let _ = stream.write_all(beginning.as_bytes()).await;
        slow.push(stream);
    }
    let begun = Instant::now();
    waiting.still_works().await;
    assert!(begun.elapsed() < Duration::from_secs(2), "at once: {:?}", begun.elapsed());
    drop(slow);
}
