//! The verdict of a check. It is computed in the engine and only drawn elsewhere.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Finding;

/// How a health is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nobody asked, or the person switched checks off.
    Grey,
    /// It works.
    Green,
    /// A person is needed.
    Amber,
    /// It does not work.
    Red,
}

/// What a check found, in one word. Words and meaning are those of the product description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The server answered a complete `tools/list` with the stored credentials.
    Connected,
    /// The server answered, but the tool list is empty, unreadable or incomplete.
    ConnectedNoTools,
    /// Never signed in, or the sign-in does not work any more.
    NeedsSignIn,
    /// A person must supply a client ID, a secret, a key or a redirect address.
    NeedsSetup,
    /// Network, TLS, address, server or settings are at fault.
    Failed,
    /// Checks are switched off, or the definition awaits approval.
    Paused,
    /// Not checked yet.
    Unknown,
}

impl State {
    /// The colour of this state.
    pub const fn level(self) -> Level {
        match self {
            Self::Connected => Level::Green,
            Self::ConnectedNoTools | Self::NeedsSignIn | Self::NeedsSetup => Level::Amber,
            Self::Failed => Level::Red,
            Self::Paused | Self::Unknown => Level::Grey,
        }
    }

    /// The word a person reads.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Connected => "Connected",
            Self::ConnectedNoTools => "Connected, but no tools",
            Self::NeedsSignIn => "Needs sign-in",
            Self::NeedsSetup => "Needs details",
            Self::Failed => "Failed",
            Self::Paused => "Paused",
            Self::Unknown => "Not checked yet",
        }
    }
}

/// The verdict of the last check, with what led to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// What was found.
    pub state: State,
    /// One sentence for the row: the state, and the cause when there is one.
    pub summary: String,
    /// The headline finding; `None` only when green or grey.
    pub cause: Option<Finding>,
    /// Number of tools of a complete list; `None` when it is not known.
    pub tools: Option<u32>,
    /// When the check ended.
    pub checked_at: Option<Timestamp>,
    /// How long the check took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// All findings, the headline first.
    pub findings: Vec<Finding>,
    /// Until when the server asked to be left alone (RFC 9110 §10.2.3). A person may ask it all the same.
    #[serde(default)]
    pub not_before: Option<Timestamp>,
}

impl Health {
    /// The health of a connector that nobody checked.
    pub fn unknown() -> Self {
        Self::silent(State::Unknown)
    }

    /// The health of a connector whose checks are switched off.
    pub fn paused() -> Self {
        Self::silent(State::Paused)
    }

    fn silent(state: State) -> Self {
        Self {
            state,
            summary: state.words().to_owned(),
            cause: None,
            tools: None,
            checked_at: None,
            duration_ms: None,
            findings: Vec::new(),
            not_before: None,
        }
    }

    /// The colour of this health.
    pub const fn level(&self) -> Level {
        self.state.level()
    }
}
