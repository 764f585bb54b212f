//! How long a conversation with a server may take. The bounds of bytes are where bytes are read.

use std::time::Duration;

use replug_net::{NetError, TimeoutPhase};
use tokio::time::Instant;

/// The time one request may take, and the moment at which the whole conversation ends.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    each: Duration,
    until: Instant,
}

impl Budget {
    /// `each` bounds a request with its whole answer; `total` bounds everything, counted from now.
    pub fn new(each: Duration, total: Duration) -> Self {
        Self { each, until: Instant::now() + total }
    }

    /// The product's bounds for a check: 15 s a request, 45 s in all.
    pub fn check() -> Self {
        Self::new(Duration::from_secs(15), Duration::from_secs(45))
    }

    /// When a request that begins now has to be over.
    pub(crate) fn deadline(&self) -> Instant {
        self.until.min(Instant::now() + self.each)
    }

    /// When everything has to be over.
    pub(crate) const fn end(&self) -> Instant {
        self.until
    }

    /// How long a request that begins now may take; an error when nothing is left.
    pub(crate) fn left_until(&self, deadline: Instant) -> Result<Duration, NetError> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(self.never_asked());
        }
        Ok(left)
    }

    /// The error of an answer that did not come in time.
    pub(crate) const fn late(&self) -> NetError {
        NetError::Timeout { phase: TimeoutPhase::Answer, limit: self.each }
    }

    const fn never_asked(&self) -> NetError {
        NetError::Timeout { phase: TimeoutPhase::Connect, limit: self.each }
    }
}
