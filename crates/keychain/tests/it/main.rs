//! The keychain crate through its public interface, in one binary. What the numbers of other systems' errors mean is tested
//! beside the table itself.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "tests stop where they fail")]

mod changing;
mod file;
mod front;
mod parts;
#[cfg(all(unix, not(target_os = "macos")))]
mod real;
mod support;
