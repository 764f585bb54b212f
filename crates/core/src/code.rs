//! The closed set of failure codes. Their words are in `code_table`, which is the only place that has any.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use crate::code_table::Code;
use crate::{ActionId, Owner, Severity, State};

/// What is known about a code: the one table that the window, the command line, the bridge and the documents share.
#[derive(Debug, Clone, Copy)]
pub struct CodeInfo {
    /// The stable name, `RPL-<AREA>-<WORDS>`.
    pub name: &'static str,
    /// The state a connector is in when this is the headline; `None` when the case decides.
    pub state: Option<State>,
    /// How much it matters.
    pub severity: Severity,
    /// Who can mend it.
    pub owner: Owner,
    /// What can be pressed, the best first.
    pub actions: &'static [ActionId],
    /// What is wrong, one sentence.
    pub text: &'static str,
    /// What to do next.
    pub hint: &'static str,
}

impl Code {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        self.info().name
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Code {
    type Err = ();

    /// Reads a stable name without regard to case.
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(text.trim())).ok_or(())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|()| serde::de::Error::custom("unknown code"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters of the longest sentence.
    const LONGEST: usize = 60;
    /// Characters of the longest sentence that stands in a row of the window at its least width.
    const LONGEST_IN_A_ROW: usize = 45;

    #[test]
    fn every_code_has_a_well_formed_and_unique_name() {
        let areas = ["USE", "LOCAL", "NET", "TLS", "HTTP", "MCP", "META", "REG", "AUTH", "TOKEN", "KEY", "APP"];
        let mut seen = std::collections::HashSet::new();
        for code in Code::ALL {
            let name = code.as_str();
            let area = name.strip_prefix("RPL-").and_then(|rest| rest.split('-').next());
            assert!(area.is_some_and(|area| areas.contains(&area)), "{name} is in a known area");
            assert!(seen.insert(name), "{name} stands once");
            assert_eq!(name.parse(), Ok(*code), "{name} reads back");
        }
    }

    #[test]
    fn every_code_says_what_is_wrong_and_what_to_do() {
        for code in Code::ALL {
            let info = code.info();
            for words in [info.text, info.hint] {
                assert!(words.ends_with('.') && words.len() > 12, "{}: a whole sentence, got `{words}`", info.name);
                assert!(
                    !words.contains('!') && !words.contains("lease"),
                    "{}: the tone is plain, got `{words}`",
                    info.name
                );
            }
            let needs_person = info.state.is_some_and(|state| state.level() > crate::Level::Green);
            assert!(!needs_person || !info.actions.is_empty(), "{} offers something to press", info.name);
        }
    }
    #[test]
    fn every_sentence_fits_where_it_stands() {
        for code in Code::ALL {
            let info = code.info();
            let in_a_row = info.state.is_some_and(|state| state.level() > crate::Level::Green);
            let longest = if in_a_row { LONGEST_IN_A_ROW } else { LONGEST };
            let length = info.text.chars().count();
            assert!(length <= longest, "{}: {length} characters, {longest} fit; the rest is for the hint", info.name);
        }
    }
}
