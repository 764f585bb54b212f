//! Where the window's log lies, and showing it to the person. What is written there, and when a new file is begun, is up to the
//! window.

use std::path::{Path, PathBuf};

use replug_core::{Code, Failure};

use crate::Engine;

/// The names of the log and of the one before it.
pub const LOG_FILES: [&str; 2] = ["replug.log", "replug.1.log"];

/// The folder of the log in this data folder.
pub fn log_folder(data_dir: &Path) -> PathBuf {
    data_dir.join("logs")
}

impl Engine {
    /// Shows the folder of the log in the system's own window for files.
    ///
    /// Fails with `RPL-LOCAL-DISK` when it cannot be made or shown.
    pub fn show_logs(&self) -> Result<(), Failure> {
        let folder = log_folder(self.data_dir());
        // Nothing may have been written yet.
        std::fs::create_dir_all(&folder)
            .map_err(|error| Failure::new(Code::LocalDisk).with_fact("Reason", error.to_string()))?;
        self.edges().browser.open_folder(&folder)
    }
}
