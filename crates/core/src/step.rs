//! The rungs of the health ladder and what was seen on each. Climbing is the engine's business.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Code, Exchange};

/// A rung of the health ladder, in the order they are climbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// The address itself.
    Address,
    /// Name resolution.
    Dns,
    /// The TCP connection.
    Tcp,
    /// The TLS handshake.
    Tls,
    /// The HTTP answer.
    Http,
    /// Which era of the protocol the server speaks.
    Protocol,
    /// The challenge of a 401 (RFC 6750, RFC 9728).
    Challenge,
    /// Protected resource metadata (RFC 9728).
    ResourceMetadata,
    /// Authorization server metadata (RFC 8414, OpenID Connect Discovery).
    ServiceMetadata,
    /// The OAuth client registration.
    Registration,
    /// The token: claims, expiry, audience, scope.
    Token,
    /// `server/discover` or `initialize`.
    Handshake,
    /// `tools/list` to its last page.
    Tools,
    /// The tools' input schemas.
    Schema,
}

/// The five places where a fault can lie, as drawn on the fault line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The AI application.
    App,
    /// This computer, and what the person configured on it.
    Computer,
    /// The network between.
    Network,
    /// The sign-in service.
    SignInService,
    /// The MCP server.
    Server,
}

impl Rung {
    /// All rungs, lowest first.
    pub const ALL: [Self; 14] = [
        Self::Address,
        Self::Dns,
        Self::Tcp,
        Self::Tls,
        Self::Http,
        Self::Protocol,
        Self::Challenge,
        Self::ResourceMetadata,
        Self::ServiceMetadata,
        Self::Registration,
        Self::Token,
        Self::Handshake,
        Self::Tools,
        Self::Schema,
    ];

    /// What the step is called in the window.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Address => "Address",
            Self::Dns => "Name look-up",
            Self::Tcp => "Connection",
            Self::Tls => "Encryption",
            Self::Http => "Web answer",
            Self::Protocol => "Protocol",
            Self::Challenge => "Asks for sign-in",
            Self::ResourceMetadata => "Says where to sign in",
            Self::ServiceMetadata => "Sign-in service",
            Self::Registration => "Registration",
            Self::Token => "Token",
            Self::Handshake => "Handshake",
            Self::Tools => "Tool list",
            Self::Schema => "Tool descriptions",
        }
    }

    /// On which side of the fault line the step is.
    pub const fn side(self) -> Side {
        match self {
            Self::Address => Side::Computer,
            Self::Dns | Self::Tcp | Self::Tls => Side::Network,
            Self::ServiceMetadata | Self::Registration | Self::Token => Side::SignInService,
            Self::Http
            | Self::Protocol
            | Self::Challenge
            | Self::ResourceMetadata
            | Self::Handshake
            | Self::Tools
            | Self::Schema => Side::Server,
        }
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// It works, with something to know.
    Warning,
    /// The check ends here.
    Failed,
    /// Left out; the text says why.
    Skipped,
}

/// One step of a check, with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Which rung.
    pub rung: Rung,
    /// How it ended.
    pub outcome: Outcome,
    /// When it began, in milliseconds after the check's start.
    pub started_ms: u64,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The code of what was found, if anything was.
    pub code: Option<Code>,
    /// What was seen, one sentence.
    pub text: String,
    /// The redacted HTTP exchanges of this step.
    pub exchanges: Vec<Exchange>,
}
