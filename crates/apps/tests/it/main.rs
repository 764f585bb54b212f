//! The apps crate through its public functions, on folders of its own.

#![expect(clippy::unwrap_used, reason = "a test whose surroundings fail has failed")]

#[cfg(unix)]
mod attacks;
mod editing;
#[cfg(unix)]
mod entries;
mod judging;
#[cfg(unix)]
mod kills;
#[cfg(unix)]
mod leftovers;
#[cfg(unix)]
mod mending;
#[cfg(unix)]
mod place;
#[cfg(unix)]
mod races;
#[cfg(unix)]
mod replacing;
mod ruling;
mod scanning;
#[cfg(unix)]
mod showing;
mod stored;
