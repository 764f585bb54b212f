//! Forged answers while an attempt waits (T10): from pages in the same browser and from other programs, in any number.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::browser::{Page, Waiting};

/// How many forged requests are under way at once.
const AT_ONCE: usize = 16;
/// Pages for wrong hits in any second, as the listener promises.
const PAGES_PER_SECOND: u32 = 300;

/// What somebody sends who does not know the state. `{own}` stands for the right host and port.
fn forged_request() -> impl Strategy<Value = String> {
    let guess = prop_oneof!["[A-Za-z0-9_-]{43}", "[A-Za-z0-9_-]{0,8}", "[ -~]{0,60}"];
    let answer =
        prop_oneof![Just("code=evil"), Just("error=access_denied"), Just("iss=https://evil.example&code=evil")];
    let host = prop_oneof![4 => Just("{own}"), 1 => Just("evil.example")];
    let more = prop_oneof![Just(""), Just("Sec-Fetch-Dest: image\r\n"), Just("Origin: https://evil.example\r\n")];
    (prop::bool::weighted(0.8), guess, answer, host, more).prop_map(|(is_get, guess, answer, host, more)| {
        let state: String = url::form_urlencoded::byte_serialize(guess.as_bytes()).collect();
        let answer = format!("{answer}&state={state}");
        if is_get {
            format!("GET /callback?{answer} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n")
        } else {
            let form = "Content-Type: application/x-www-form-urlencoded\r\n";
            let length = answer.len();
            format!("POST /callback HTTP/1.1\r\nHost: {host}\r\n{form}Content-Length: {length}\r\n{more}\r\n{answer}")
        }
    })
}

/// The same requests in every run with this seed, which is printed.
#[expect(clippy::print_stderr, reason = "the seed belongs beside the test's own output")]
fn forger(seed: u64) -> TestRunner {
    eprintln!("random seed: {seed}");
    let seed = seed.to_le_bytes().repeat(4);
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

/// What a flood of forged answers came to.
struct Flood {
    /// How many were answered with a page; the others were turned away without one.
    pages: u32,
    lasted: Duration,
    /// How long the right answer took afterwards.
    right_answer: Duration,
}

/// Sends so many forged answers to one attempt, then the right one.
async fn forge(hits: usize, seed: u64) -> Flood {
    let mut forger = forger(seed);
    let waiting = Waiting::start().await;
    let begun = Instant::now();
    let mut pages = 0_u32;
    for _ in (0..hits).step_by(AT_ONCE) {
        let requests = (0..AT_ONCE).map(|_| forged_request().new_tree(&mut forger).unwrap().current());
        let answers: JoinSet<_> = requests
            .map(|request| request.replace("{own}", &waiting.authority()))
            .map(|request| {
                let address = waiting.address();
                async move { (Page::fetch(address, &request).await.status, request) }
            })
            .collect();
        for (status, request) in answers.join_all().await {
            assert!(matches!(status, 0 | 400 | 403 | 421), "{request} was answered by {status}");
            pages += u32::from(status != 0);
        }
        assert!(!waiting.outcome.is_finished(), "none of these ends the attempt");
    }
    let lasted = begun.elapsed();
    let windows = u32::try_from(lasted.as_secs()).unwrap() + 2;
    assert!(pages <= windows * PAGES_PER_SECOND, "{pages} pages in {lasted:?}");
    let back = Instant::now();
    waiting.still_works().await;
    let right_answer = back.elapsed();
    assert!(right_answer < Duration::from_secs(1), "the person comes back at once: {right_answer:?}");
    Flood { pages, lasted, right_answer }
}

#[tokio::test]
async fn two_thousand_forged_answers_are_all_turned_away() {
    forge(2_000, RandomState::new().hash_one("forged")).await;
}

#[tokio::test]
#[ignore = "`cargo xtask soak` runs it"]
#[expect(clippy::disallowed_methods, reason = "a test has no other way to be told by the program that runs it")]
async fn soak() {
    let Some(figures) = std::env::var_os("REPLUG_SOAK") else { return };
    let seed = figures.to_str().unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    let hits = 100_000;
    let Flood { pages, lasted, right_answer } = forge(hits, seed).await;
    println!("soak|{hits}|{pages}|0|{} s|yes, in {} µs", lasted.as_secs(), right_answer.as_micros());
}
