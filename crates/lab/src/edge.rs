//! Time and randomness for tests: a clock that stands until it is moved, a generator that repeats itself from its seed,
//! and the computer's own clock for the demo. What is measured with them is decided by their users.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use replug_core::{Clock, Random};

/// A clock that shows one instant until a test moves it. It starts at noon UTC on the first of June 2026.
#[derive(Debug)]
pub struct TestClock(Mutex<Timestamp>);

impl TestClock {
    /// A clock that shows `now`.
    pub const fn at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Shows another instant, earlier or later.
    pub fn set(&self, now: Timestamp) {
        *self.lock() = now;
    }

    /// Goes forward, as far as time can be written down.
    pub fn advance(&self, by: Duration) {
        let mut now = self.lock();
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        *now = now.checked_add(by).unwrap_or(Timestamp::MAX);
    }

    fn lock(&self) -> MutexGuard<'_, Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::at(Timestamp::constant(1_780_315_200, 0))
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.lock()
    }
}

/// The computer's clock. The demo and tests that do not care about time use it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the edge itself: the demo runs in real time")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Bytes that follow from a seed, so that a failing run can be repeated. Not fit for secrets outside tests.
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    state: Mutex<u64>,
}

impl SeededRandom {
    /// The bytes that belong to this seed. The seed is printed, so that a failing test shows it.
    pub fn from_seed(seed: u64) -> Self {
        announce(seed);
        Self { seed, state: Mutex::new(seed) }
    }

    /// A seed nobody chose; it is printed. Falls back to a fixed one where the system has no randomness.
    pub fn fresh() -> Self {
        Self::from_seed(getrandom::u64().unwrap_or(0x5EED))
    }

    /// The seed to repeat a run with.
    pub const fn seed(&self) -> u64 {
        self.seed
    }
}

#[expect(clippy::print_stderr, reason = "the seed belongs beside the test's own output")]
fn announce(seed: u64) {
    eprintln!("random seed: {seed}");
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            let word = split_mix(&mut state).to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

/// One step of `SplitMix64`, chosen because it is short and passes statistical tests.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut word = *state;
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}
