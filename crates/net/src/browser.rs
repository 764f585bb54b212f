//! Opening the person's browser, the only place that starts another program. What is opened passed the gate.

use replug_core::{Code, Failure};

use crate::BrowserAddress;

/// Something that can show a web page to the person.
pub trait Browser: Send + Sync {
    /// Shows the page. Fails with `RPL-LOCAL-BROWSER`; the address can still be copied then.
    fn open(&self, address: &BrowserAddress) -> Result<(), Failure>;
}

/// The browser the system prefers, started without a shell and with one argument.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemBrowser;

impl Browser for SystemBrowser {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that opens a browser")]
    fn open(&self, address: &BrowserAddress) -> Result<(), Failure> {
        tracing::info!(host = address.url().host_str().unwrap_or_default(), "opening the browser");
        opener::open(address.as_str())
            .map_err(|error| Failure::new(Code::LocalBrowser).with_fact("Reason", error.to_string()))
    }
}
