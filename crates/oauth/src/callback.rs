//! The authorization response (RFC 6749 §4.1.2, RFC 9207): what the browser brings back, from the loopback listener or
//! pasted by the person. Redeeming the code is in `token`.

mod desk;
mod holder;
mod linger;
mod listener;
mod page;
mod pasted;
mod request;
mod response;

use replug_core::Secret;

pub use listener::Listener;
pub use pasted::accept_pasted;

/// An authorization response that belongs to the attempt and carries a code.
#[derive(Debug)]
pub struct Callback {
    /// The authorization code (RFC 6749 §4.1.2); it is redeemed once.
    pub code: Secret<String>,
    /// Whether it came by POST, which works and is a fault of the service.
    pub posted: bool,
}
