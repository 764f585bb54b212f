//! The authorization response (RFC 6749 §4.1.2, RFC 9207): what the browser brings back, from the loopback listener or
//! pasted by the person. Redeeming the code is in `token`.

mod desk;
mod holder;
mod listener;
mod page;
mod request;
mod response;

use replug_core::{Code, Failure, Secret};
use url::{Host, Url};

use crate::Attempt;
pub use listener::Listener;
use response::{Expected, Fields};

/// An authorization response that belongs to the attempt and carries a code.
#[derive(Debug)]
pub struct Callback {
    /// The authorization code (RFC 6749 §4.1.2); it is redeemed once.
    pub code: Secret<String>,
    /// Whether it came by POST, which works and is a fault of the service.
    pub posted: bool,
}

/// Reads the address that a person copied from a browser that could not load it, with the same checks as the listener's.
///
/// `iss_required` is whether the service promises `iss` in its answers (RFC 9207 §3). Fails with `RPL-AUTH-STATE-MISMATCH`
/// when it is not the address of this attempt: nothing has happened then and the attempt goes on. Every other failure is
/// the end of it, with the codes of [`Listener::wait`].
pub fn accept_pasted(attempt: &Attempt, iss_required: bool, pasted: &str) -> Result<Callback, Failure> {
    let foreign = |reason: &str| Failure::new(Code::AuthStateMismatch).with_fact("Reason", reason);
    let url = Url::parse(pasted.trim()).map_err(|_| foreign("this is not a whole address"))?;
    if !leads_back(&url, attempt) {
        let expected = attempt.redirect.to_address();
        return Err(foreign("it does not begin with the callback address").with_fact("Callback address", expected));
    }
    let fields = Fields::parse(url.query().unwrap_or_default().as_bytes());
    let expected = Expected::of(attempt, iss_required);
    if !expected.is_ours(&fields) {
        return Err(foreign("its state is not that of this sign-in"));
    }
    expected.judge(&fields, false)
}

/// Whether an address is the attempt's callback address. Both names of this computer count: the person may have replaced
/// one by the other to make it load, and there is no browser here that could be deceived.
fn leads_back(url: &Url, attempt: &Attempt) -> bool {
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    here && url.scheme() == "http"
        && url.port_or_known_default() == Some(attempt.redirect.port)
        && url.path() == attempt.redirect.path
}
