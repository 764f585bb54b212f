//! The revisions of MCP that Replug speaks, their two eras, and what is remembered of a server. Which one a server speaks
//! is found out in `probe`.

use replug_core::Transport;
use serde::{Deserialize, Serialize};

/// Revisions without a handshake, newest first: each request carries its own `_meta` (2026-07-28 basic/versioning).
pub const MODERN: &[&str] = &["2026-07-28"];

/// Revisions that begin with `initialize`, newest first.
pub const WITH_INITIALIZE: &[&str] = &["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Era {
    /// Without a handshake, over Streamable HTTP (2026-07-28).
    Modern,
    /// With `initialize`, over Streamable HTTP (2025-03-26 to 2025-11-25).
    Legacy,
    /// With `initialize`, over HTTP with server-sent events (2024-11-05).
    Sse,
}

/// What worked last time, to be kept with the connector: the next probe begins with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spoken {
    /// How the server was spoken to.
    pub era: Era,
    /// The revision, such as `2025-11-25`.
    pub protocol: String,
}

impl Spoken {
    /// How messages travel.
    pub const fn transport(&self) -> Transport {
        match self.era {
            Era::Modern | Era::Legacy => Transport::StreamableHttp,
            Era::Sse => Transport::Sse,
        }
    }
}

/// Whether requests of this revision carry `MCP-Protocol-Version` (since 2025-06-18). Revisions are dates, so they
/// compare as text.
pub(crate) fn has_version_header(protocol: &str) -> bool {
    protocol >= "2025-06-18"
}

/// The best revision among those a server offers.
pub(crate) fn best_of<'a>(known: &[&'a str], offered: &[String]) -> Option<&'a str> {
    known.iter().copied().find(|version| offered.iter().any(|one| one == version))
}
