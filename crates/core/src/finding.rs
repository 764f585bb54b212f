//! Something wrong, in words a person understands, and the actions that can mend it. Rules that make findings are in the engine.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Code;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It keeps the connector from working.
    Error,
    /// It works, but not as it should.
    Warning,
    /// Good to know.
    Note,
}

/// Who can mend a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// This computer: keychain, disk, clock, ports.
    Computer,
    /// Whatever lies between this computer and the others.
    Network,
    /// The OAuth authorization server.
    SignInService,
    /// The MCP server.
    Server,
    /// The AI application.
    App,
    /// What the person configured.
    Settings,
}

/// The closed set of repairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum ActionId {
    /// Start the browser sign-in.
    SignIn,
    /// Check again.
    Retry,
    /// Drop the registration and sign in anew.
    ForgetAndRetry,
    /// Open the connector's settings.
    EditSettings,
    /// Replace the address by the one the server named.
    FixAddress,
    /// Correct an AI app's entry.
    FixEntry,
    /// Remove an AI app's stale cache.
    ClearCache,
    /// Let the bridge stand between.
    UseBridge,
    /// Allow something for this connector that is refused by default.
    Allow,
    /// Send the server's owner what they need to know.
    AskOwner,
}

impl ActionId {
    /// The words on the button.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SignIn => "Sign in",
            Self::Retry => "Retry",
            Self::ForgetAndRetry => "Forget registration and retry",
            Self::EditSettings => "Edit settings",
            Self::FixAddress => "Fix address",
            Self::FixEntry => "Fix entry",
            Self::ClearCache => "Clear stale cache",
            Self::UseBridge => "Use bridge",
            Self::Allow => "Allow for this connector",
            Self::AskOwner => "Message for the owner",
        }
    }
}

/// A repair that is offered for a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Which repair.
    pub id: ActionId,
    /// The words on the button.
    pub label: String,
}

impl From<ActionId> for Action {
    fn from(id: ActionId) -> Self {
        Self { id, label: id.label().to_owned() }
    }
}

/// Something wrong, with a stable code, its evidence, and the actions that can mend it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Names this finding among those of its connector; the same cause keeps the same id.
    pub id: String,
    /// The stable code.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// Who can mend it.
    pub owner: Owner,
    /// What is wrong, one sentence without a final period in codes and with one in sentences.
    pub text: String,
    /// What to do next.
    pub hint: String,
    /// What can be pressed, the best first.
    pub actions: Vec<Action>,
    /// Labelled values that prove it, safe to show and to export.
    #[serde(default)]
    pub evidence: Vec<crate::Fact>,
    /// The other side's own words, cleaned and bounded; one click away, never the headline.
    #[serde(default)]
    pub said: Option<String>,
}
