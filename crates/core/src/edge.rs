//! The two edges that almost everything needs: time and randomness. Implementations live in the shells and in tests.

use jiff::Timestamp;

/// The wall clock. Injected, so that tests decide what time it is.
pub trait Clock: Send + Sync {
    /// The current time in UTC.
    fn now(&self) -> Timestamp;
}

/// A source of random bytes, fit for secrets.
pub trait Random: Send + Sync {
    /// Fills `bytes` completely with unpredictable data.
    fn fill(&self, bytes: &mut [u8]);
}
