//! The programs of this workspace that other tasks start: building them, and where Cargo puts them.

use std::path::PathBuf;

use crate::checkout::Checkout;
use crate::failure::Outcome;
use crate::process;

/// The window.
pub(crate) const WINDOW: &str = "replug-desktop";

/// The servers of the demo and of the window's tests.
pub(crate) const LAB: &str = "replug-lab";

/// Builds `packages`, the window with the user interface inside, and returns the folder of the programs. In one command, so
/// that what they share is built once.
pub(crate) fn build(checkout: &Checkout, packages: &[&str]) -> Outcome<PathBuf> {
    let mut command = checkout.cargo(&["build"]);
    for package in packages {
        command.args(["--package", package]);
    }
    if packages.contains(&WINDOW) {
        command.args(["--features", "tauri/custom-protocol"]);
    }
    process::succeed(&mut command)?;
    Ok(checkout.target_folder()?.join("debug"))
}

/// The file name of a program.
pub(crate) fn file_name(program: &str) -> String {
    format!("{program}{}", std::env::consts::EXE_SUFFIX)
}
