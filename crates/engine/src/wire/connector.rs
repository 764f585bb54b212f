//! A connector as every shell sees it, with its sign-in and its health. Settings and steps are in `backend`.

use replug_core::{
    Code, Fact, Level, Owner, RegistrationKind, Severity, SignInReason, Source, State, StoredIn, Transport,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One connector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct ConnectorView {
    /// Immutable identity.
    pub id: String,
    /// Unique without regard to case.
    pub name: String,
    /// The address with secrets hidden.
    pub address: String,
    /// The host in plain ASCII letters, with an unusual port.
    pub host: String,
    /// How messages travel; null until a check found out.
    pub transport: Option<Transport>,
    /// The protocol revision last spoken.
    pub protocol: Option<String>,
    /// Whether checks are switched off.
    pub paused: bool,
    /// Its own interval in seconds between background checks; null leaves it to the application.
    pub check_every_s: Option<u32>,
    /// Where it was found.
    pub sources: Vec<Source>,
    /// Where its sign-in stands.
    pub sign_in: SignInView,
    /// The last verdict.
    pub health: HealthView,
    /// The best next action with the words for its button; null when there is nothing to do.
    pub primary: Option<ActionView>,
}

/// The states of a sign-in by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum SignInStateName {
    /// The server answers without one.
    NotRequired,
    /// There is none.
    SignedOut,
    /// A browser window is open.
    AwaitingBrowser,
    /// Tokens are stored.
    SignedIn,
    /// It does not work any more.
    SignInNeeded,
    /// It could not be asked.
    Unreachable,
}

/// Where a sign-in stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct SignInView {
    /// The state.
    pub state: SignInStateName,
    /// Why one is needed.
    pub reason: Option<SignInReason>,
    /// The sign-in service.
    pub issuer: Option<String>,
    /// The OAuth client.
    pub registration: Option<RegistrationView>,
    /// The permissions granted.
    pub scopes: Vec<String>,
    /// The permissions that were asked for; the service may have granted others.
    pub asked_scopes: Vec<String>,
    /// When the access token ends (RFC 3339).
    pub expires_at: Option<String>,
    /// Whether it can be renewed without a browser.
    pub renewable: Option<bool>,
    /// Where it is kept.
    pub stored_in: Option<StoredIn>,
}

/// The OAuth client of a connector, without its secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct RegistrationView {
    /// How it came to be.
    pub kind: RegistrationKind,
    /// The client ID.
    pub client_id: String,
    /// When its secret ends (RFC 3339).
    pub expires_at: Option<String>,
    /// The callback address it is bound to.
    pub redirect: Option<String>,
    /// What had to be left out or changed for the service to grant it, a sentence each.
    pub reduced: Vec<String>,
}

/// A verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct HealthView {
    /// The colour.
    pub level: Level,
    /// The state.
    pub state: State,
    /// One sentence.
    pub summary: String,
    /// The headline; null only when green or grey.
    pub cause: Option<FindingView>,
    /// How many tools there are; null when unknown.
    pub tools: Option<u32>,
    /// When the check ended (RFC 3339).
    pub checked_at: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// Everything that was found, the headline first.
    pub findings: Vec<FindingView>,
}

/// Something wrong, and what can be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct FindingView {
    /// Names it: the connector's id and the code.
    pub id: String,
    /// The stable code.
    #[ts(type = "string")]
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// Who can mend it.
    pub owner: Owner,
    /// What is wrong.
    pub text: String,
    /// What to do.
    pub hint: String,
    /// What can be pressed, the best first.
    pub actions: Vec<ActionView>,
    /// Labelled values that prove it.
    pub evidence: Vec<Fact>,
    /// The other side's own words.
    pub said: Option<String>,
}

/// A repair that can be pressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct ActionView {
    /// Which repair.
    pub id: replug_core::ActionId,
    /// The words on the button.
    pub label: String,
}
