//! `cargo xtask fuzz`: each target of `fuzz` for some seconds, with the nightly compiler and cargo-fuzz. What the targets check
//! is in `crates/hostile`, whose property tests check the same without either.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome, While as _};
use crate::process;

/// The line of libFuzzer's statistics that counts runs.
const EXECUTIONS: &str = "stat::number_of_executed_units:";

/// How much of a failed run is shown, in lines.
const LINES_SHOWN: usize = 40;

#[derive(Args)]
pub(crate) struct Options {
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Install nothing
    #[arg(long)]
    no_setup: bool,
    /// Only these targets
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
}

/// Runs the targets; `false` when one of them found something, which it has then shown.
pub(crate) fn fuzz(options: &Options, checkout: &Checkout) -> Outcome<bool> {
    let folder = checkout.root().join("fuzz");
    prepare(options, &folder)?;
    let known = targets(&folder)?;
    if let Some(unknown) = options.targets.iter().find(|name| !known.contains(name)) {
        return Err(Failure::new(format!("there is no target `{unknown}`, only {}", known.join(", "))));
    }
    let mut findings = 0;
    for target in known.iter().filter(|name| options.targets.is_empty() || options.targets.contains(name)) {
        process::succeed(&mut cargo_fuzz(&folder, &["build", "--fuzz-dir", ".", "--sanitizer", "none", target]))?;
        findings += u32::from(!run(&folder, target, options.seconds)?);
    }
    println!("{findings} targets found something");
    Ok(findings == 0)
}

/// Makes sure of the compiler and of cargo-fuzz. The compiler is the developer's to install.
fn prepare(options: &Options, folder: &Path) -> Outcome<()> {
    let mut compiler = Command::new("rustup");
    compiler.args(["run", "nightly", "rustc", "--version"]);
    if !process::overhear(&mut compiler).is_ok_and(|said| said.succeeded) {
        return Err(Failure::new("fuzzing needs the nightly compiler: `rustup toolchain install nightly`"));
    }
    if process::overhear(&mut cargo_fuzz(folder, &["--version"]))?.succeeded {
        return Ok(());
    }
    if options.no_setup {
        return Err(Failure::new("fuzzing needs cargo-fuzz: `cargo install cargo-fuzz --locked`"));
    }
    process::succeed(Command::new("cargo").args(["install", "cargo-fuzz", "--locked"]))
}

/// The targets by their names, sorted.
fn targets(folder: &Path) -> Outcome<Vec<String>> {
    let sources = folder.join("fuzz_targets");
    let reading = || format!("reading {}", sources.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(&sources).while_doing(reading)? {
        let path = entry.while_doing(reading)?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort_unstable();
    Ok(names)
}

/// Runs one target, and says whether it found nothing. New inputs are kept beside the build; the committed ones are only read.
fn run(folder: &Path, target: &str, seconds: u32) -> Outcome<bool> {
    let grown = folder.join("target").join("corpus").join(target);
    fs::create_dir_all(&grown).while_doing(|| format!("making {}", grown.display()))?;
    let committed = folder.join("corpus").join(target);
    let mut command = cargo_fuzz(folder, &["run", "--fuzz-dir", ".", "--sanitizer", "none", target]);
    command.args([&grown, &committed] as [&PathBuf; 2]);
    command.args(["--", "-print_final_stats=1", "-max_len=20000"]);
    command.arg(format!("-max_total_time={seconds}"));
    let said = process::overhear(&mut command)?;
    let executions = executions(&said.text);
    let ended = if said.succeeded { "nothing found" } else { "FOUND SOMETHING" };
    println!("{target:<12} {:>12} executions in {seconds} s, {ended}", executions.map_or("?".to_owned(), grouped));
    if !said.succeeded {
        let lines: Vec<&str> = said.text.lines().collect();
        println!("{}", lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n"));
    }
    Ok(said.succeeded)
}

fn cargo_fuzz(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(folder).args(["+nightly", "fuzz"]).args(arguments);
    // Cargo tells its children which compiler it belongs to, and this is another one.
    for name in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC", "RUSTDOC"] {
        command.env_remove(name);
    }
    command
}

fn executions(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(EXECUTIONS)?.trim().parse().ok())
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::{executions, grouped};

    #[test]
    fn the_executions_are_read_from_the_statistics() {
        let said = "INFO: Seed: 1\nDone 7 runs in 2 second(s)\nstat::number_of_executed_units: 1234567\nstat::x: 1\n";
        assert_eq!(executions(said), Some(1_234_567));
        assert_eq!(executions("thread panicked"), None);
    }

    #[test]
    fn large_numbers_can_be_read() {
        for (number, shown) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), shown);
        }
    }
}
