//! What every protocol step needs: the client, the recorder, the clock, and what the connector's own address allows.

use replug_core::{Clock, Random};
use replug_net::{Http, Reach, Trace};

/// The surroundings of a protocol step.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The HTTP client.
    pub http: &'a Http,
    /// Where exchanges are written down.
    pub trace: &'a Trace,
    /// The wall clock.
    pub clock: &'a dyn Clock,
    /// Randomness for state and verifier.
    pub random: &'a dyn Random,
    /// Which networks addresses named by the server may lead to.
    pub reach: Reach,
    /// Whether the connector itself is on this computer, so that plain `http` to loopback is in order.
    pub loopback: bool,
}
