//! `cargo xtask test`: works through the table of `steps` to its end, whatever fails, and adds the results up.

use std::time::{Duration, Instant};

use clap::Args;

use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome};
use crate::node;
use crate::packages::{self, Purpose};
use crate::process;
use crate::steps::{STEPS, Step};
use crate::tally::Tally;

#[derive(Args)]
pub(crate) struct Options {
    /// Run only these steps
    #[arg(value_name = "STEP", value_parser = clap::builder::PossibleValuesParser::new(STEPS.iter().map(|step| step.name)))]
    steps: Vec<String>,
    /// Install nothing
    #[arg(long)]
    no_setup: bool,
}

/// How one step went.
struct Row {
    name: &'static str,
    tally: Tally,
    time: Duration,
}

/// Runs the steps. The last line is the sum, alone; `false` when anything failed.
pub(crate) fn test(options: &Options, checkout: &Checkout) -> bool {
    let mut rows = Vec::new();
    if !options.no_setup {
        let system = timed("system", || counted(packages::install(Purpose::Tests)));
        let is_complete = system.tally.is_clean();
        rows.push(system);
        if !is_complete {
            return conclude(&rows);
        }
        rows.push(timed("npm", || counted(node::install(checkout))));
    }
    if checkout.in_ci {
        rows.push(timed("lock-file", || counted(lock_file_is_current(checkout))));
    }
    let is_chosen = |step: &&Step| options.steps.is_empty() || options.steps.iter().any(|name| name == step.name);
    let chosen: Vec<&Step> = STEPS.iter().filter(is_chosen).collect();
    for (index, step) in chosen.iter().enumerate() {
        println!("\n── {} ({} of {})", step.name, index + 1, chosen.len());
        rows.push(timed(step.name, || step.check.perform(checkout)));
    }
    conclude(&rows)
}

/// A preparation counts as one check.
fn counted(done: Outcome<()>) -> Outcome<Tally> {
    done.map(|()| Tally::of_one(true))
}

/// In CI a lock file that does not fit the manifests is an error, before another program mends it silently.
fn lock_file_is_current(checkout: &Checkout) -> Outcome<()> {
    let mut ask = checkout.cargo(&["metadata", "--locked", "--format-version", "1"]);
    process::capture(&mut ask)
        .map(drop)
        .map_err(|_| Failure::new("Cargo.lock does not fit the manifests: build once, and commit it"))
}

/// Performs one step. A step that could not be carried out has failed, and says why.
fn timed(name: &'static str, perform: impl FnOnce() -> Outcome<Tally>) -> Row {
    let started = Instant::now();
    let tally = perform().unwrap_or_else(|failure| {
        println!("{failure}");
        Tally::of_one(false)
    });
    Row { name, tally, time: started.elapsed() }
}

/// Shows all rows and the sum, and says whether nothing failed.
fn conclude(rows: &[Row]) -> bool {
    println!();
    let mut sum = Tally::default();
    for row in rows {
        let mark = if row.tally.is_clean() { "ok    " } else { "FAILED" };
        println!("{mark} {:<12} {:>7.1} s  {}", row.name, row.time.as_secs_f64(), row.tally);
        sum += row.tally;
    }
    println!("\n{sum}");
    sum.is_clean()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_cannot_be_carried_out_counts_as_one_failure() {
        let row = timed("broken", || Err(Failure::new("the runner is missing")));
        assert_eq!(row.tally, Tally::of_one(false));
        assert!(!conclude(&[timed("fine", || Ok(Tally::of_one(true))), row]));
    }

    #[test]
    fn no_two_steps_share_a_name() {
        for (index, step) in STEPS.iter().enumerate() {
            assert!(STEPS[index + 1..].iter().all(|other| other.name != step.name), "{} stands twice", step.name);
        }
    }
}
