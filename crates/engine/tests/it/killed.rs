//! An engine in a runtime of its own, which can be ended in the middle of something, as when its process is killed: nothing
//! runs to its end, and every lock opens. Real processes are in `processes`.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// Long enough for whatever is dropped; what hangs in a thread is left behind.
const LAST_BREATH: Duration = Duration::from_millis(500);

/// The runtime of a process that will be killed.
pub(crate) struct Mortal(Runtime);

impl Mortal {
    pub(crate) fn born() -> Self {
        Self(Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap())
    }

    /// Does something to its end.
    pub(crate) fn does<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.block_on(work)
    }

    /// Begins something, waits for the moment, and is killed in it.
    pub(crate) fn dies<T: Send + 'static>(
        self,
        doing: impl Future<Output = T> + Send + 'static,
        at: impl Future<Output = ()>,
    ) {
        let begun = self.0.spawn(doing);
        let reached = self.0.block_on(async { tokio::time::timeout(Duration::from_secs(20), at).await });
        assert!(reached.is_ok(), "the moment never came");
        assert!(!begun.is_finished(), "it was over before");
        self.0.shutdown_timeout(LAST_BREATH);
    }
}
