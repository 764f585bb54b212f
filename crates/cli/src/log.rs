//! What `-v` shows on standard error. Only Replug's own crates are heard, at any level: the HTTP and TLS crates below would
//! write whole addresses and headers.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts the log. Without `-v` nothing is written: what a person has to know is part of the answer.
pub(crate) fn start(verbose: u8, plain: bool) {
    let level = match verbose {
        0 => return,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let lines = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(!plain && io::stderr().is_terminal())
        .with_timer(fmt::time::uptime());
    // All crates of the workspace begin with this word.
    let own = Targets::new().with_target("replug", level);
    tracing_subscriber::registry().with(lines).with(own).init();
}
