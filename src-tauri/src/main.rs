//! The start of the window's process: configuration and assets, built in, handed to the library. No behaviour lives here,
//! so that the library can be checked without a built user interface.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

#[expect(
    clippy::disallowed_methods,
    reason = "`generate_context!` ends the process where it panics, before anything is open"
)]
fn main() -> ExitCode {
    match replug_window::run(tauri::generate_context!()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            replug_window::report_start_failure(&error);
            ExitCode::FAILURE
        }
    }
}
