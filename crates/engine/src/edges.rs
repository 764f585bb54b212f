//! The edges of the engine as a shell supplies them, and the real clock and randomness. Tests bring their own.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use replug_apps::Computer;
use replug_core::{Clock, Random};
use replug_keychain::Keychain;
use replug_net::{Browser, Http};
use replug_store::Store;

/// Everything that touches the world.
pub struct Edges {
    /// Connectors, verdicts and history.
    pub store: Store,
    /// Credentials.
    pub keychain: Keychain,
    /// The HTTP client.
    pub http: Http,
    /// The person's browser.
    pub browser: Arc<dyn Browser>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness fit for secrets.
    pub random: Arc<dyn Random>,
    /// Where AI apps keep their files.
    pub computer: Computer,
    /// The data folder; locks live below it.
    pub data_dir: PathBuf,
}

/// The clock of this computer.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system for the time")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The randomness of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness no secret could be made; going on with a fixed value would be worse than stopping.
        #[expect(clippy::expect_used, reason = "a computer without randomness cannot sign in safely")]
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}
