//! The apps crate through its public functions, on folders of its own.

#![expect(clippy::unwrap_used, reason = "a test whose surroundings fail has failed")]

mod editing;
#[cfg(unix)]
mod replacing;
mod ruling;
mod scanning;
mod stored;
