//! How the process ends: the exit codes, and which one a failure, a verdict or a document leads to. They are the interface of
//! scripts and do not change.

use std::process::ExitCode;

use replug_core::{Code, Failure, Level, State};
use replug_engine::wire::{ConnectorView, ErrorBody};

/// An exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done; for a verdict, green or grey.
    Done = 0,
    /// A bug in Replug.
    Bug = 1,
    /// Wrong usage, an ambiguous or taken name.
    Usage = 2,
    /// This computer: keychain, disk, database, port, passphrase.
    Computer = 3,
    /// No such connector, source, change or code.
    NoSuch = 4,
    /// Refused elsewhere; nothing was changed.
    Refused = 5,
    /// The worst verdict is amber.
    Amber = 10,
    /// The worst verdict is red.
    Red = 20,
    /// Interrupted by the person.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// After a command that could not do what was asked.
    pub(crate) fn of_failure(failure: &Failure) -> Self {
        match Fault::of(failure.code) {
            Fault::Here(exit) => exit,
            Fault::Elsewhere => Self::Refused,
        }
    }

    /// After a verdict.
    pub(crate) const fn of_level(level: Level) -> Self {
        match level {
            Level::Grey | Level::Green => Self::Done,
            Level::Amber => Self::Amber,
            Level::Red => Self::Red,
        }
    }

    /// After verdicts on several connectors: the worst counts.
    pub(crate) fn of_connectors(connectors: &[ConnectorView]) -> Self {
        let worst = connectors.iter().map(|connector| connector.health.level).max();
        Self::of_level(worst.unwrap_or(Level::Grey))
    }

    /// After a sign-in. One that did not end in a sign-in is never green, even while an older sign-in still works; one that
    /// this computer kept from happening says so instead of giving a verdict.
    pub(crate) fn of_sign_in(connector: &ConnectorView, error: Option<&ErrorBody>) -> Self {
        let Some(error) = error else { return Self::of_level(connector.health.level) };
        if matches!(error.code, Code::AuthDenied | Code::AuthTimeout) {
            return Self::Amber;
        }
        match Fault::of(error.code) {
            Fault::Here(exit) => exit,
            Fault::Elsewhere => Self::of_level(connector.health.level.max(Level::Amber)),
        }
    }

    /// After a tool list that could not be read, or not to its end.
    pub(crate) fn of_broken_list(failure: &Failure) -> Self {
        match (Fault::of(failure.code), failure.code.info().state) {
            (Fault::Here(exit), None) => exit,
            (_, Some(state)) if state != State::Connected => Self::of_level(state.level()),
            (_, _) => Self::Red,
        }
    }
}

/// Where the fault of a failure lies, as far as exit codes tell.
enum Fault {
    /// With what was typed, or on this computer.
    Here(Exit),
    /// With a server, a sign-in service, or the network.
    Elsewhere,
}

impl Fault {
    fn of(code: Code) -> Self {
        match code {
            Code::UseNoSuchConnector | Code::UseNoSuchSource | Code::UseNoSuchChange | Code::UseNoSuchCode => {
                return Self::Here(Exit::NoSuch);
            }
            Code::LocalInternal => return Self::Here(Exit::Bug),
            Code::LocalCancelled => return Self::Here(Exit::Interrupted),
            _ => {}
        }
        match code.as_str().split('-').nth(1) {
            Some("USE") => Self::Here(Exit::Usage),
            Some("LOCAL" | "KEY" | "APP") => Self::Here(Exit::Computer),
            _ => Self::Elsewhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(code: Code) -> u8 {
        Exit::of_failure(&code.into()) as u8
    }

    #[test]
    fn each_code_leads_to_the_exit_code_of_its_area() {
        for code in Code::ALL {
            let expected = match code.as_str() {
                "RPL-LOCAL-INTERNAL" => 1,
                "RPL-LOCAL-CANCELLED" => 130,
                name if name.starts_with("RPL-USE-NO-SUCH-") => 4,
                name if name.starts_with("RPL-USE-") => 2,
                name if ["RPL-LOCAL-", "RPL-KEY-", "RPL-APP-"].iter().any(|area| name.starts_with(area)) => 3,
                _ => 5,
            };
            assert_eq!(after(*code), expected, "{code}");
        }
    }

    #[test]
    fn only_amber_and_red_are_told_by_the_exit_code() {
        let codes = [Level::Grey, Level::Green, Level::Amber, Level::Red].map(|level| Exit::of_level(level) as u8);
        assert_eq!(codes, [0, 0, 10, 20]);
        assert_eq!(Exit::of_connectors(&[]), Exit::Done, "nobody to complain about");
    }

    #[test]
    fn a_tool_list_that_cannot_be_read_ends_with_its_verdict() {
        let after = |code: Code| Exit::of_broken_list(&code.into());
        assert_eq!(after(Code::AuthNever), Exit::Amber);
        assert_eq!(after(Code::McpToolsIncomplete), Exit::Amber);
        assert_eq!(after(Code::NetUnreachable), Exit::Red);
        assert_eq!(after(Code::KeyLocked), Exit::Computer);
    }
}
