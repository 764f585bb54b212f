//! Replug against servers nobody here wrote: installing them, and running the tests of `crates/interop` with them. Where there
//! is no Python, its servers are left out.

use crate::checkout::Checkout;
use crate::failure::Outcome;
use crate::rust_tests::Runner;
use crate::tally::Tally;
use crate::{loopback, node, process, python};

/// Names the folder of the servers to the tests; without it they leave themselves out.
const SERVERS: &str = "REPLUG_INTEROP";

/// Names a Python with its servers to the tests, in the same way.
const PYTHON: &str = "REPLUG_INTEROP_PYTHON";

/// The package whose tests need more than this repository; the other tests run without it.
pub(crate) const PACKAGE: &str = "replug-interop";

/// Installs the servers and runs the tests. They are built before, because their network holds only this computer.
pub(crate) fn tests(checkout: &Checkout) -> Outcome<Tally> {
    let servers = checkout.interop();
    node::install_in(&servers)?;
    let (runner, selection) = (Runner::find(), ["--package", PACKAGE]);
    process::succeed(&mut runner.build(checkout, &selection))?;
    let mut command = runner.command(checkout, &selection);
    command.env(SERVERS, &servers);
    if let Some(python) = python::environment(checkout, &servers.join("requirements.txt"))? {
        command.env(PYTHON, python);
    }
    runner.watch(&mut loopback::only(command))
}
