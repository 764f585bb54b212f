//! `replug`: the command line of Replug. It reads what was typed, asks the engine, and prints the answer; what the engine
//! does is nowhere in here.

mod args;
mod environment;
mod exit;
mod log;
mod print;
mod run;
mod stdin;
mod usage;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Cli;
use crate::environment::Environment;

fn main() -> ExitCode {
    let environment = Environment::read();
    let exit = match Cli::try_parse_from(&environment.arguments) {
        Ok(cli) => run::run(cli, environment),
        Err(answer) => usage::tell(&answer, &environment),
    };
    exit.into()
}
