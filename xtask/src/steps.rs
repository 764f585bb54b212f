//! The checks that CI runs, as a table. A new check is one entry here; how the table is worked through is in `test`.

use crate::checkout::Checkout;
use crate::failure::Outcome;
use crate::tally::Tally;
use crate::{bindings, conformance, interop, node, process, rust_tests, tidy, window};

/// One row of the table.
pub(crate) struct Step {
    /// What the developer calls it, on the command line too.
    pub(crate) name: &'static str,
    pub(crate) check: Check,
}

/// How a step is carried out, and how it counts.
pub(crate) enum Check {
    /// `cargo` with these arguments; counts as one.
    Cargo(&'static [&'static str]),
    /// The same, with one variable set.
    CargoWith((&'static str, &'static str), &'static [&'static str]),
    /// `cargo` with these arguments where the program is installed, else one skipped check.
    IfInstalled(&'static str, &'static [&'static str]),
    /// A script of `ui/package.json`; counts as one.
    Npm(&'static str),
    /// Our own; counts as one.
    Own(fn(&Checkout) -> Outcome<()>),
    /// Our own, or a runner's, which counts for itself.
    Counted(fn(&Checkout) -> Outcome<Tally>),
}

/// Quick checks first; what needs the built user interface last.
pub(crate) const STEPS: &[Step] = &[
    Step { name: "format", check: Check::Cargo(&["fmt", "--all", "--check"]) },
    Step { name: "tidy", check: Check::Counted(tidy::check) },
    Step { name: "deny", check: Check::IfInstalled("cargo-deny", &["deny", "check"]) },
    Step {
        name: "clippy",
        check: Check::Cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]),
    },
    Step {
        name: "docs",
        check: Check::CargoWith(
            ("RUSTDOCFLAGS", "--deny warnings"),
            &["doc", "--workspace", "--no-deps", "--document-private-items"],
        ),
    },
    Step { name: "bindings", check: Check::Own(bindings::check) },
    Step { name: "rust", check: Check::Counted(rust_tests::all) },
    Step { name: "interop", check: Check::Counted(interop::tests) },
    Step { name: "conformance", check: Check::Counted(conformance::tests) },
    Step { name: "examples", check: Check::Counted(rust_tests::documentation_examples) },
    Step { name: "ui-lint", check: Check::Npm("lint") },
    Step { name: "ui-types", check: Check::Npm("check") },
    Step { name: "ui-unit", check: Check::Counted(node::unit_tests) },
    Step { name: "ui-build", check: Check::Npm("build") },
    Step { name: "ui-browser", check: Check::Counted(node::browser_tests) },
    Step { name: "window", check: Check::Counted(window::tests) },
];

impl Check {
    /// Carries the check out in the developer's sight.
    pub(crate) fn perform(&self, checkout: &Checkout) -> Outcome<Tally> {
        match self {
            Self::Cargo(arguments) => process::passes(&mut checkout.cargo(arguments)).map(Tally::of_one),
            Self::CargoWith((name, value), arguments) => {
                process::passes(checkout.cargo(arguments).env(name, value)).map(Tally::of_one)
            }
            Self::IfInstalled(program, arguments) => {
                if process::is_installed(program) {
                    process::passes(&mut checkout.cargo(arguments)).map(Tally::of_one)
                } else {
                    println!("{program} is not installed");
                    Ok(Tally::skipped_one())
                }
            }
            Self::Npm(script) => process::passes(&mut checkout.npm(&["run", script])).map(Tally::of_one),
            Self::Own(check) => check(checkout).map(|()| Tally::of_one(true)),
            Self::Counted(check) => check(checkout),
        }
    }
}
