//! Running the Rust tests, with whichever runner is installed, where a real keychain can be used. The tests that need servers
//! from elsewhere are in `interop`.

use std::process::Command;

use crate::checkout::Checkout;
use crate::failure::{Outcome, While as _};
use crate::interop;
use crate::keyring;
use crate::process;
use crate::tally::{self, Tally};

/// The program that runs the tests.
#[derive(Clone, Copy)]
pub(crate) enum Runner {
    /// `cargo nextest run`.
    Nextest,
    /// `cargo test`.
    Cargo,
}

impl Runner {
    /// The better one that is installed.
    pub(crate) fn find() -> Self {
        if process::is_installed("cargo-nextest") { Self::Nextest } else { Self::Cargo }
    }

    /// Builds the tests of the selected packages without running them.
    pub(crate) fn build(self, checkout: &Checkout, selection: &[&str]) -> Command {
        let mut command = self.on(checkout, selection);
        command.arg("--no-run");
        command
    }

    /// Runs the tests of the selected packages to the end, whatever fails.
    pub(crate) fn command(self, checkout: &Checkout, selection: &[&str]) -> Command {
        let mut command = self.on(checkout, selection);
        command.args(["--no-fail-fast", "--color=never"]);
        command
    }

    fn on(self, checkout: &Checkout, selection: &[&str]) -> Command {
        let mut command = checkout.cargo(match self {
            Self::Nextest => &["nextest", "run"],
            // Not the examples in the documentation, which are a step of their own.
            Self::Cargo => &["test", "--tests"],
        });
        command.args(selection);
        command
    }

    /// Runs `command` in the developer's sight and counts its tests.
    pub(crate) fn watch(self, command: &mut Command) -> Outcome<Tally> {
        let watched = process::watch(command)?;
        let summary = match self {
            Self::Nextest => tally::from_nextest(&watched.text),
            Self::Cargo => tally::from_cargo_test(&watched.text),
        };
        Ok(Tally::agreed(summary, watched.succeeded))
    }
}

/// Runs the tests of all packages. Tests of the real keychain count as one skipped check where none can be had.
pub(crate) fn all(checkout: &Checkout) -> Outcome<Tally> {
    let runner = Runner::find();
    let mut command = runner.command(checkout, &["--workspace", "--exclude", interop::PACKAGE]);
    let scratch = tempfile::tempdir().while_doing(|| "making a scratch folder".to_owned())?;
    let mut without_keychain = Tally::default();
    if keyring::is_available() {
        command = keyring::in_own_session(&command, scratch.path())?;
    } else {
        println!("No keyring can be started here: the tests of the real keychain are skipped.");
        without_keychain = Tally::skipped_one();
    }
    let mut tally = runner.watch(&mut command)?;
    tally += without_keychain;
    Ok(tally)
}

/// Runs the examples in the documentation, which nextest leaves out.
pub(crate) fn documentation_examples(checkout: &Checkout) -> Outcome<Tally> {
    let mut command = checkout.cargo(&["test", "--workspace", "--doc", "--no-fail-fast", "--color=never"]);
    Runner::Cargo.watch(&mut command)
}
