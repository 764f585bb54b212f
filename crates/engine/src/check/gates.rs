//! How many checks run at once: sixteen in all, two for each origin. A server that is slow holds up its own origin only: a
//! check that takes long gives its place among the sixteen to another, because all it does is wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
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
    /// Each is there as long as somebody is in it or waits before it.
    origins: Mutex<HashMap<String, Weak<Semaphore>>>,
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
        let origin = self.of_origin(address.base().origin().ascii_serialization());
        // The semaphores are never closed, so a permit always comes.
        let at_origin = origin.acquire_owned().await.ok();
        let overall = Arc::clone(&self.all).acquire_owned().await.ok();
        Pass { _at_origin: at_origin, overall }
    }

    fn of_origin(&self, origin: String) -> Arc<Semaphore> {
        let mut origins = guard(&self.origins);
        if let Some(gate) = origins.get(&origin).and_then(Weak::upgrade) {
            return gate;
        }
        origins.retain(|_, gate| gate.strong_count() > 0);
        let gate = Arc::new(Semaphore::new(PER_ORIGIN));
        origins.insert(origin, Arc::downgrade(&gate));
        gate
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn address(host: usize) -> ServerAddress {
        ServerAddress::from_stored(&format!("https://server-{host}.example/mcp")).unwrap()
    }

    /// Those that get in at once, and how many have to wait.
    fn crowd(gates: &Gates, hosts: impl IntoIterator<Item = usize>) -> (Vec<Pass>, usize) {
        let tries: Vec<_> = hosts.into_iter().map(|host| gates.enter(&address(host)).now_or_never()).collect();
        let all = tries.len();
        let passes: Vec<Pass> = tries.into_iter().flatten().collect();
        let waiting = all - passes.len();
        (passes, waiting)
    }

    #[test]
    fn sixteen_run_at_once_and_two_of_an_origin() {
        let gates = Gates::default();
        let (passes, waiting) = crowd(&gates, [1; 5]);
        assert_eq!((passes.len(), waiting), (2, 3), "of one origin");
        let (others, waiting) = crowd(&gates, 2..30);
        assert_eq!((passes.len() + others.len(), waiting), (16, 14), "of all");
        drop(passes);
        assert_eq!(crowd(&gates, [1; 5]).0.len(), 2, "as soon as the first are through");
    }

    #[test]
    fn the_gate_of_an_origin_is_gone_with_the_last_one_in_it() {
        let gates = Gates::default();
        for host in 0..100 {
            drop(crowd(&gates, [host, host]));
        }
        let (passes, _) = crowd(&gates, [100]);
        assert_eq!(guard(&gates.origins).len(), 1, "only that of the last is left");
        drop(passes);
    }
}
