//! The real binary against real servers on loopback: what it prints, how it ends, and what it leaves behind.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod apps;
mod bench;
mod connectors;
mod files;
mod interruption;
mod ladder;
mod leaks;
mod sign_in;
mod usage;
mod verdicts;
