//! Running the Rust tests, with whichever runner is installed, where a real keychain can be used.

use crate::checkout::Checkout;
use crate::failure::{Outcome, While as _};
use crate::keyring;
use crate::process;
use crate::tally::{self, Tally};

/// Runs the tests of all packages. Tests of the real keychain count as one skipped check where none can be had.
pub(crate) fn all(checkout: &Checkout) -> Outcome<Tally> {
    let has_nextest = process::is_installed("cargo-nextest");
    let mut command = if has_nextest {
        checkout.cargo(&["nextest", "run", "--workspace", "--no-fail-fast", "--color=never"])
    } else {
        checkout.cargo(&[
            "test",
            "--workspace",
            "--lib",
            "--bins",
            "--tests",
            "--no-fail-fast",
            "--color=never",
        ])
    };
    let scratch = tempfile::tempdir().while_doing(|| "making a scratch folder".to_owned())?;
    let mut without_keychain = Tally::default();
    if keyring::is_available() {
        command = keyring::in_own_session(&command, scratch.path())?;
    } else {
        println!("No keyring can be started here: the tests of the real keychain are skipped.");
        without_keychain = Tally::skipped_one();
    }
    let watched = process::watch(&mut command)?;
    let summary = if has_nextest {
        tally::from_nextest(&watched.text)
    } else {
        tally::from_cargo_test(&watched.text)
    };
    let mut tally = Tally::agreed(summary, watched.succeeded);
    tally += without_keychain;
    Ok(tally)
}

/// Runs the examples in the documentation, which nextest leaves out.
pub(crate) fn documentation_examples(checkout: &Checkout) -> Outcome<Tally> {
    let mut command = checkout.cargo(&["test", "--workspace", "--doc", "--no-fail-fast", "--color=never"]);
    let watched = process::watch(&mut command)?;
    Ok(Tally::agreed(
        tally::from_cargo_test(&watched.text),
        watched.succeeded,
    ))
}
