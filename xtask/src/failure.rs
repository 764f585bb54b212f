//! The one error of the tasks: a sentence for the developer. No codes: nothing here reaches a person who uses Replug.

use std::fmt::{self, Display};

/// Why a task could not go on, as a sentence with its way out where there is one.
#[derive(Debug)]
pub(crate) struct Failure(String);

/// What a task returns.
pub(crate) type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Says what was being done when a call of somebody else's code failed.
pub(crate) trait While<T> {
    /// Turns the error into `"{doing}: {error}"`.
    fn while_doing(self, doing: impl FnOnce() -> String) -> Outcome<T>;
}

impl<T, E: Display> While<T> for Result<T, E> {
    fn while_doing(self, doing: impl FnOnce() -> String) -> Outcome<T> {
        self.map_err(|error| Failure(format!("{}: {error}", doing())))
    }
}
