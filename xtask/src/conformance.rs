//! `cargo xtask conformance`: Replug's client program in the public conformance suite of MCP, one scenario at a time, judged by
//! the exit code: the suite's own sums leave out a client that died. What the suite holds is in `suite`, the page in `table`.

mod suite;
mod table;

use std::fs;
use std::path::PathBuf;

use clap::Args;

use crate::checkout::Checkout;
use crate::failure::{Outcome, While as _};
use crate::tally::Tally;
use crate::{interop, node, process};

use self::suite::{Entry, Suite};
use self::table::Table;

/// The program that the suite runs.
const CLIENT: &str = "replug-conformance-client";

/// What is not scored and has to stay clean all the same.
const EXTENSIONS: [&str; 2] = ["auth/client-credentials-jwt", "auth/client-credentials-basic"];

/// Where the result is kept.
const PAGE: &str = "docs/conformance.md";

#[derive(Args)]
pub(crate) struct Options {
    /// Run only these scenarios, show what the suite says, and write nothing
    #[arg(value_name = "SCENARIO")]
    scenarios: Vec<String>,
    /// Install nothing
    #[arg(long)]
    no_setup: bool,
}

/// How a scenario ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Every check passed without a warning, and the client ended well.
    Clean,
    /// Anything else.
    NotClean,
    /// The suite says that it does not apply.
    NotApplicable,
}

impl Ended {
    const fn word(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::NotClean => "not clean",
            Self::NotApplicable => "does not apply",
        }
    }
}

/// Runs the scenarios; `false` when one that is scored is not clean.
pub(crate) fn conformance(options: &Options, checkout: &Checkout) -> Outcome<bool> {
    if !options.no_setup {
        node::install_in(&folder(checkout))?;
    }
    let suite = suite(checkout)?;
    let is_chosen = |entry: &Entry| options.scenarios.is_empty() || options.scenarios.contains(&entry.scenario);
    let mut table = Table::default();
    for entry in suite.entries()?.into_iter().filter(is_chosen) {
        let (ended, said) = suite.run(&entry)?;
        println!("{:<14} {:<10} {}", ended.word(), entry.column.name(), entry.scenario);
        if !options.scenarios.is_empty() {
            println!("{said}");
        }
        table.add(entry, ended);
    }
    println!("\n{}", table.sums());
    if options.scenarios.is_empty() {
        let page = checkout.root().join(PAGE);
        fs::write(&page, table.page(suite.version())).while_doing(|| format!("writing {}", page.display()))?;
    }
    Ok(table.is_clean())
}

/// Runs what is scored and the extensions that Replug speaks, and writes nothing. One skipped check where the suite is not
/// installed and cannot be.
pub(crate) fn tests(checkout: &Checkout) -> Outcome<Tally> {
    if let Err(failure) = node::install_in(&folder(checkout)) {
        println!("The conformance suite is left out: {failure}");
        return Ok(Tally::skipped_one());
    }
    let suite = suite(checkout)?;
    let is_ours = |entry: &Entry| entry.scored || EXTENSIONS.contains(&entry.scenario.as_str());
    let mut tally = Tally::default();
    for entry in suite.entries()?.into_iter().filter(is_ours) {
        let (ended, said) = suite.run(&entry)?;
        println!("{:<14} {:<10} {}", ended.word(), entry.column.name(), entry.scenario);
        if ended == Ended::NotClean {
            println!("{said}");
        }
        tally += Tally::of_one(ended == Ended::Clean);
    }
    Ok(tally)
}

/// The suite, with the client program as the source is now.
fn suite(checkout: &Checkout) -> Outcome<Suite> {
    process::succeed(&mut checkout.cargo(&["build", "--package", interop::PACKAGE, "--bin", CLIENT]))?;
    Suite::new(folder(checkout), checkout.target_folder()?.join("debug").join(CLIENT))
}

fn folder(checkout: &Checkout) -> PathBuf {
    checkout.interop().join("conformance")
}
