//! `cargo xtask`: the command line of the project's own tasks. Each task is a module; nothing here ships to a person.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a task talks to the terminal it was started in")]

mod bindings;
mod checkout;
mod conformance;
mod display;
mod failure;
mod fuzz;
mod interop;
mod keyring;
mod loopback;
mod node;
mod packages;
mod process;
mod programs;
mod python;
mod run;
mod rust_tests;
mod screenshot;
mod soak;
mod steps;
mod tally;
mod test;
mod tidy;
mod window;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::checkout::Checkout;
use crate::failure::Outcome;

/// The tasks of the Replug repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what is missing, build the window, and open it
    Run(run::Options),
    /// Run every check that CI runs, and add the results up
    Test(test::Options),
    /// Run the public conformance suite, and write its result to docs/conformance.md
    Conformance(conformance::Options),
    /// Run each target of the fuzzer for some seconds
    Fuzz(fuzz::Options),
    /// Run what is too heavy for every test run, and write the figures to docs/reliability.md
    Soak(soak::Options),
    /// Check the house rules that no compiler knows
    Tidy,
    /// Write the TypeScript types of everything that crosses to the user interface
    Bindings(bindings::Options),
}

fn main() -> ExitCode {
    let task = Arguments::parse().task;
    let done = Checkout::find().and_then(|checkout| perform(&task, &checkout));
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Performs `task`; `false` when it ran to its end and found something wrong, which it has then shown.
fn perform(task: &Task, checkout: &Checkout) -> Outcome<bool> {
    match task {
        Task::Run(options) => run::run(options, checkout).map(|()| true),
        Task::Test(options) => Ok(test::test(options, checkout)),
        Task::Conformance(options) => conformance::conformance(options, checkout),
        Task::Fuzz(options) => fuzz::fuzz(options, checkout),
        Task::Soak(options) => soak::soak(options, checkout),
        Task::Tidy => tidy::check(checkout).map(|tally| {
            println!("{tally}");
            tally.is_clean()
        }),
        Task::Bindings(options) => bindings::bindings(options, checkout).map(|()| true),
    }
}
