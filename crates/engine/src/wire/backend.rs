//! What shells ask for and get: settings, probes, tools, diagnosis steps, the application's own settings.

use replug_core::{Allow, Code, Exchange, Fact, GrantType, Level, Outcome, Rung, Side, StoredIn};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ActionView, ConnectorView};

/// An error as every shell reports it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct ErrorBody {
    /// The stable code.
    #[ts(type = "string")]
    pub code: Code,
    /// What is wrong.
    pub text: String,
    /// What to do.
    pub hint: String,
}

/// What an address turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum ProbeKind {
    /// An MCP server that needs no sign-in.
    Open,
    /// An MCP server that asks for a browser sign-in.
    SignIn,
    /// An MCP server that wants a key.
    Key,
    /// Not an MCP server, or not reachable.
    NotMcp,
}

/// The answer to "what is at this address?". Nothing is saved by asking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct Probe {
    /// What it is; null when it was not asked.
    pub kind: Option<ProbeKind>,
    /// One sentence.
    pub text: String,
    /// The address that was asked, secrets hidden.
    pub address: String,
    /// A name to begin with.
    pub name: String,
    /// What the server calls itself, with its version.
    pub server: Option<String>,
    /// The host of the sign-in service.
    pub sign_in_host: Option<String>,
    /// How Replug would register: words for a person.
    pub registration: Option<String>,
    /// How many tools were seen without a sign-in.
    pub tools: Option<u32>,
    /// Why it is not usable.
    pub error: Option<ErrorBody>,
    /// The steps that were climbed.
    pub steps: Vec<DiagnosisStep>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// A value for a secret field, on its way in only.
#[derive(Clone, Default, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case", tag = "do", content = "value")]
pub enum SecretEdit {
    /// Leave what is stored.
    #[default]
    Keep,
    /// Remove what is stored.
    Clear,
    /// Store this.
    Set(String),
}

/// A connector to add.
#[derive(Clone, Default, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(default, deny_unknown_fields)]
pub struct NewConnector {
    /// An address, or what a vendor's page offers instead: a JSON snippet, `claude mcp add …`, `npx mcp-remote …`.
    pub address: String,
    /// The name; made from the server's when null.
    pub name: Option<String>,
    /// Settings to begin with.
    pub settings: EditConnector,
}

/// Changes to a connector; null leaves a member as it is, an empty text clears it.
#[derive(Clone, Default, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(default, deny_unknown_fields)]
pub struct EditConnector {
    /// Another name.
    pub name: Option<String>,
    /// Another address.
    pub address: Option<String>,
    /// Switch checks off or on.
    pub paused: Option<bool>,
    /// The ID of a pre-registered client.
    pub client_id: Option<String>,
    /// Its secret, or its private key in PEM.
    pub client_secret: SecretEdit,
    /// What a token is asked for with: `authorization_code` or `client_credentials`; empty leaves it to the service.
    pub grant: Option<String>,
    /// Permissions to ask for, separated by spaces.
    pub scope: Option<String>,
    /// The name to register under.
    pub client_name: Option<String>,
    /// The address of a client-ID metadata document.
    pub client_document: Option<String>,
    /// `127.0.0.1` or `localhost`.
    pub callback_host: Option<String>,
    /// The port; 0 leaves it to Replug.
    pub callback_port: Option<u16>,
    /// The path, beginning with `/`.
    pub callback_path: Option<String>,
    /// Fixed headers with their values. `Keep` keeps a value that is stored; names that are missing are removed.
    pub headers: Option<Vec<(String, SecretEdit)>>,
    /// Extra parameters of the authorization request.
    pub params: Option<Vec<(String, String)>>,
    /// The issuer to expect.
    pub issuer: Option<String>,
    /// What is allowed.
    pub allow: Option<Vec<Allow>>,
    /// Seconds between background checks; 0 leaves it to the application.
    pub check_every_s: Option<u32>,
}

/// A connector's settings, secrets as set or not set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct SettingsView {
    /// The ID of a pre-registered client.
    pub client_id: Option<String>,
    /// Whether a client secret is stored; null when the keychain could not be asked.
    pub client_secret_set: Option<bool>,
    /// What a token is asked for with; null leaves it to the service.
    pub grant: Option<GrantType>,
    /// Permissions to ask for.
    pub scope: Option<String>,
    /// The name to register under.
    pub client_name: Option<String>,
    /// The address of a client-ID metadata document.
    pub client_document: Option<String>,
    /// `127.0.0.1` or `localhost`.
    pub callback_host: Option<String>,
    /// The port.
    pub callback_port: Option<u16>,
    /// The path.
    pub callback_path: Option<String>,
    /// Names of fixed headers.
    pub headers: Vec<String>,
    /// The names among them whose value is stored; null when the keychain could not be asked.
    pub headers_stored: Option<Vec<String>>,
    /// Extra parameters of the authorization request.
    pub params: Vec<(String, String)>,
    /// The issuer to expect.
    pub issuer: Option<String>,
    /// What is allowed.
    pub allow: Vec<Allow>,
    /// Seconds between background checks.
    pub check_every_s: Option<u32>,
    /// The exact redirect address to enter at a service that wants one.
    pub redirect_address: String,
}

/// One step of the ladder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct DiagnosisStep {
    /// Which rung.
    pub rung: Rung,
    /// Its place, from 1.
    pub number: u32,
    /// What it is called.
    pub title: String,
    /// Where it lies.
    pub side: Side,
    /// How it ended.
    pub outcome: Outcome,
    /// When it began, in milliseconds after the start.
    pub started_ms: u64,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The code of what was found.
    #[ts(type = "string | null")]
    pub code: Option<Code>,
    /// What was seen.
    pub text: String,
    /// The redacted exchanges.
    pub exchanges: Vec<Exchange>,
}

/// A day of the history strip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct Day {
    /// The date (`2026-11-20`).
    pub date: String,
    /// The day's worst level.
    pub level: Level,
}

/// A connector with everything its page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct ConnectorDetail {
    /// The connector.
    pub connector: ConnectorView,
    /// Its settings.
    pub settings: SettingsView,
    /// The steps of the last check.
    pub steps: Vec<DiagnosisStep>,
    /// The last 30 days, oldest first; days nobody checked are missing.
    pub days: Vec<Day>,
}

/// The answer to adding a connector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct Added {
    /// The new connector.
    pub connector: ConnectorView,
    /// What the address turned out to be.
    pub probe: Probe,
}

/// What the service said to a revocation or deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum ServiceAnswer {
    /// It was done.
    Yes,
    /// It was asked and refused.
    No,
    /// The service does not offer it, or there was nothing.
    NotOffered,
    /// It could not be asked.
    Unreachable,
}

/// The answer to signing out, forgetting and removing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct ServiceOutcome {
    /// The connector afterwards; null when removed.
    pub connector: Option<ConnectorView>,
    /// Whether the tokens were revoked (RFC 7009).
    pub revoked: ServiceAnswer,
    /// Whether the registration was deleted (RFC 7592).
    pub registration_deleted: ServiceAnswer,
}

/// A tool, cut to what can be shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its title, when it has one.
    pub title: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// Its input schema as indented JSON text.
    pub input_schema: Option<String>,
    /// Its annotations as label and value.
    pub annotations: Vec<Fact>,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// A connector's tools.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct ToolList {
    /// Whether the list was read to its end.
    pub complete: bool,
    /// The tools.
    pub tools: Vec<Tool>,
    /// Why there are none.
    pub error: Option<ErrorBody>,
}

/// How the window is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The application's own settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(default, deny_unknown_fields)]
pub struct AppSettings {
    /// Seconds between background checks.
    pub check_every_s: u32,
    /// Colours.
    pub theme: Theme,
    /// The address of a client-ID metadata document, for connectors that have none of their own.
    pub client_document: Option<String>,
}

impl Default for AppSettings {
    fn default() -> Self {
        Self { check_every_s: 15 * 60, theme: Theme::System, client_document: None }
    }
}

/// What the window says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct About {
    /// Replug's version.
    pub version: String,
    /// The operating system.
    pub system: String,
    /// The version of SQLite.
    pub sqlite: String,
    /// The data folder.
    pub data_dir: String,
    /// Where sign-ins are kept.
    pub stored_in: StoredIn,
    /// Why sign-ins cannot be kept or reached there.
    pub keychain_problem: Option<ErrorBody>,
    /// Whether the passphrase of the encrypted file is still to be given.
    pub passphrase_needed: bool,
    /// Whether there is an encrypted file.
    pub has_file: bool,
    /// What was wrong with the database when it was opened, and is mended.
    pub notice: Option<ErrorBody>,
}

/// The keychain self-test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct SelfTest {
    /// Which store.
    pub store: StoredIn,
    /// Whether all of it worked.
    pub ok: bool,
    /// Step by step.
    pub steps: Vec<SelfTestStep>,
}

/// One step of the keychain self-test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct SelfTestStep {
    /// What was done.
    pub step: String,
    /// Whether it worked.
    pub ok: bool,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Why not.
    pub error: Option<ErrorBody>,
}

/// What a code means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct CodeEntry {
    /// The stable code.
    #[ts(type = "string")]
    pub code: Code,
    /// What is wrong.
    pub text: String,
    /// What to do.
    pub hint: String,
    /// Who can mend it.
    pub owner: replug_core::Owner,
    /// What can be pressed.
    pub actions: Vec<ActionView>,
}
