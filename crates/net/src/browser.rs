//! Opening the person's browser and file window, the only place that starts another program. What is opened passed the gate, or
//! is a folder of Replug's own.

use std::path::Path;

use replug_core::{Code, Failure};

use crate::BrowserAddress;

/// Something that can show a web page to the person.
pub trait Browser: Send + Sync {
    /// Shows the page. Fails with `RPL-LOCAL-BROWSER`; the address can still be copied then.
    fn open(&self, address: &BrowserAddress) -> Result<(), Failure>;

    /// Shows a folder of this computer in the system's own window for files. Fails with `RPL-LOCAL-DISK`, as it does where
    /// there is no such window.
    fn open_folder(&self, folder: &Path) -> Result<(), Failure> {
        Err(not_shown(folder))
    }
}

fn not_shown(folder: &Path) -> Failure {
    Failure::new(Code::LocalDisk)
        .with_text("The folder could not be shown.")
        .with_fact("Folder", folder.display().to_string())
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

    #[expect(clippy::disallowed_methods, reason = "this is the one place that starts the system's window for files")]
    fn open_folder(&self, folder: &Path) -> Result<(), Failure> {
        opener::open(folder).map_err(|error| not_shown(folder).with_fact("Reason", error.to_string()))
    }
}
