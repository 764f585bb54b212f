//! The clock that stands and the randomness that repeats itself.

use std::sync::Arc;
use std::time::Duration;

use replug_core::{Clock, Random};
use replug_lab::{AuthFaults, AuthServer, SeededRandom, TestClock};

use crate::client::get;

#[test]
fn a_test_clock_moves_only_when_it_is_told() {
    let clock = TestClock::default();
    let begin = clock.now();
    assert_eq!(begin.to_string(), "2026-06-01T12:00:00Z");
    assert_eq!(clock.now(), begin, "it stands");
    clock.advance(Duration::from_secs(90));
    assert_eq!(clock.now().to_string(), "2026-06-01T12:01:30Z");
    clock.set(begin);
    assert_eq!(clock.now(), begin, "back in time too");
}

#[tokio::test]
async fn a_server_dates_its_answers_by_the_clock_it_was_given() {
    let clock = Arc::new(TestClock::default());
    let server = AuthServer::start_with_clock(AuthFaults::default(), clock).unwrap();
    let answer = get(&server.origin()).await;
    assert_eq!(answer.header("date"), "Mon, 01 Jun 2026 12:00:00 GMT");
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let bytes = |random: &SeededRandom| {
        let mut bytes = [0; 21];
        random.fill(&mut bytes);
        bytes
    };
    let (one, two) = (SeededRandom::from_seed(7), SeededRandom::from_seed(7));
    let first = bytes(&one);
    assert_eq!(first, bytes(&two), "the same seed");
    assert_ne!(first, bytes(&one), "the stream goes on");
    assert_ne!(first, bytes(&SeededRandom::from_seed(8)), "another seed");
    let fresh = SeededRandom::fresh();
    let again = SeededRandom::from_seed(fresh.seed());
    assert_eq!(bytes(&fresh), bytes(&again), "a fresh seed can be repeated");
}
