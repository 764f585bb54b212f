//! How many checks run at once: sixteen in all, two for each origin. A server that is slow holds up its own origin only: a
//! check that takes long gives its place among the sixteen to another, because all it does is wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use replug_core::ServerAddress;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::engine::guard;

const AT_ONCE: usize = 16;
const PER_ORIGIN: usize = 2;
/// After this time a check no longer counts among those that run at once.
const SLOW: Duration = Duration::from_secs(2);

/// The gates. Checks wait at their origin's first, so that a crowd for one origin does not fill the others' places.
pub(super) struct Gates {
    all: Arc<Semaphore>,
    origins: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// Permission to check, given back when dropped.
#[derive(Debug)]
pub(super) struct Pass {
    _at_origin: Option<OwnedSemaphorePermit>,
    overall: Option<OwnedSemaphorePermit>,
}

impl Pass {
    /// Runs `work` to its end, and lets another check in when it turns out to be slow.
    pub(super) async fn make_way_while<T>(&mut self, mut work: impl Future<Output = T> + Unpin) -> T {
        if let Ok(done) = tokio::time::timeout(SLOW, &mut work).await {
            return done;
        }
        self.overall = None;
        work.await
    }
}

impl Default for Gates {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(AT_ONCE)), origins: Mutex::default() }
    }
}

impl Gates {
    pub(super) async fn enter(&self, address: &ServerAddress) -> Pass {
        let origin = Arc::clone(
            guard(&self.origins)
                .entry(address.base().origin().ascii_serialization())
                .or_insert_with(|| Arc::new(Semaphore::new(PER_ORIGIN))),
        );
        // The semaphores are never closed, so a permit always comes.
        let at_origin = origin.acquire_owned().await.ok();
        let overall = Arc::clone(&self.all).acquire_owned().await.ok();
        Pass { _at_origin: at_origin, overall }
    }
}
