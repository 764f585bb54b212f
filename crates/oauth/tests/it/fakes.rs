//! A clock and a source of randomness that tests decide about, and the context made of them. The network is real.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use replug_core::{Clock, Failure, Random};
use replug_net::{Http, HttpOptions, Reach, Trace};
use replug_oauth::Context;

/// A clock that stands still until it is moved. It begins at 2026-11-20 08:00 UTC.
#[derive(Debug)]
pub(crate) struct FakeClock(Mutex<Timestamp>);

impl FakeClock {
    pub(crate) fn new() -> Self {
        Self(Mutex::new("2026-11-20T08:00:00Z".parse().unwrap()))
    }

    pub(crate) fn advance(&self, seconds: i64) {
        let mut now = self.0.lock().unwrap();
        *now += SignedDuration::from_secs(seconds);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Bytes that differ with every call and are the same in every run.
#[derive(Debug, Default)]
pub(crate) struct CountingRandom(AtomicU64);

impl Random for CountingRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let count = self.0.fetch_add(1, Ordering::Relaxed);
            *byte = count.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()[0];
        }
    }
}

/// Owns what a [`Context`] borrows.
pub(crate) struct Surroundings {
    pub(crate) http: Http,
    pub(crate) trace: Trace,
    pub(crate) clock: FakeClock,
    pub(crate) random: CountingRandom,
}

impl Surroundings {
    pub(crate) fn new() -> Self {
        Self {
            http: Http::new(HttpOptions::default()).unwrap(),
            trace: Trace::new(),
            clock: FakeClock::new(),
            random: CountingRandom::default(),
        }
    }

    /// The context of a connector on this computer.
    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            http: &self.http,
            trace: &self.trace,
            clock: &self.clock,
            random: &self.random,
            reach: Reach::OWN,
            loopback: true,
        }
    }
}

/// The value of a failure's fact; empty when it has none of that label.
pub(crate) fn fact(failure: &Failure, label: &str) -> String {
    let found = failure.facts.iter().find(|fact| fact.label == label);
    found.map(|fact| fact.value.clone()).unwrap_or_default()
}
