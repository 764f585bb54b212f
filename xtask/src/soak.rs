//! `cargo xtask soak`: tests that are too heavy for every run, each with figures of its own, printed and written to
//! docs/reliability.md. What is measured is in the tests; this knows only where they are and how their lines are read.
//!
//! A section is an ignored test that reads its figures from [`FIGURES`] and prints a line for each row: `soak|`, then the cells,
//! with `|` between them. It fails when a figure is not what it has to be.

use std::fmt::Write as _;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use clap::Args;

use crate::checkout::Checkout;
use crate::failure::{Outcome, While as _};
use crate::process;

/// The variable that tells a test how many processes, how many rounds and which seed.
const FIGURES: &str = "REPLUG_SOAK";
/// What a row begins with.
const ROW: &str = "soak|";
/// Where the figures are kept.
const PAGE: &str = "docs/reliability.md";

const INTRODUCTION: &str = "\
# Reliability

`cargo xtask soak` writes this page: what Replug promises about failures, run more often and with more processes than a test can be.
`cargo xtask test` runs a small sample of the same. Each section has a control that has to fail, which shows that the harness would see it.
";

#[derive(Args)]
pub(crate) struct Options {
    /// How many processes at once
    #[arg(long, default_value_t = 64)]
    processes: u32,
    /// How many rounds of each kind
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// What the order of events follows from; another one each time unless it is given
    #[arg(long)]
    seed: Option<u64>,
}

/// One ignored test, and how its rows are shown.
struct Section {
    title: &'static str,
    about: &'static str,
    package: &'static str,
    test: &'static str,
    columns: &'static [&'static str],
}

const SECTIONS: &[Section] = &[
    Section {
        title: "Renewal by many processes at once",
        about: "Real processes with one database, one keychain and one sign-in whose token has ended; all are let go at once. Each has to be \
            served, and the service has to see one refresh a round and no token twice. The last row is the control: a program that reads, \
            asks and writes without looking at others.",
        package: "replug-engine",
        test: "processes::soak",
        columns: &["service", "program", "processes", "rounds", "served", "refreshes", "tokens seen twice"],
    },
    Section {
        title: "Forged answers to a sign-in that waits",
        about: "Answers with guessed states, other hosts and other methods, sixteen at a time, to the callback of one attempt. None may end it, \
                and the right answer that comes last, the control, has to be taken. Most are turned away without a page.",
        package: "replug-oauth",
        test: "callback::forged::soak",
        columns: &["forged answers", "answered with a page", "taken", "lasted", "the right one taken"],
    },
];

/// Runs every section; `false` when one did not hold.
pub(crate) fn soak(options: &Options, checkout: &Checkout) -> Outcome<bool> {
    let seed = options.seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    let figures = format!("{} {} {seed}", options.processes, options.rounds);
    let mut page = format!("{INTRODUCTION}\nSeed: {seed}.\n");
    let mut holds = true;
    for section in SECTIONS {
        let (succeeded, rows) = section.run(checkout, &figures)?;
        holds &= succeeded;
        page.push_str(&section.shown(&rows));
    }
    println!("\n{page}");
    if holds {
        let path = checkout.root().join(PAGE);
        fs::write(&path, page).while_doing(|| format!("writing {}", path.display()))?;
    }
    Ok(holds)
}

impl Section {
    /// Whether it holds, and its rows.
    fn run(&self, checkout: &Checkout, figures: &str) -> Outcome<(bool, Vec<String>)> {
        let mut command = checkout.cargo(&["test", "--package", self.package, "--test", "it", "--"]);
        command.args([self.test, "--exact", "--ignored", "--nocapture"]).env(FIGURES, figures);
        let watched = process::watch(&mut command)?;
        let rows: Vec<String> =
            watched.text.lines().filter_map(|line| line.strip_prefix(ROW)).map(str::to_owned).collect();
        Ok((watched.succeeded && !rows.is_empty(), rows))
    }

    fn shown(&self, rows: &[String]) -> String {
        let mut shown = format!("\n## {}\n\n{}\n\n", self.title, self.about);
        // Writing to a string cannot fail.
        let _ = writeln!(shown, "| {} |\n|{}", self.columns.join(" | "), "---|".repeat(self.columns.len()));
        for row in rows {
            let _ = writeln!(shown, "| {} |", row.split('|').collect::<Vec<_>>().join(" | "));
        }
        shown
    }
}
