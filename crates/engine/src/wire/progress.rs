//! What happens while something runs: events from the engine to every shell.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ConnectorView, ErrorBody};

/// Something happened. Shells draw it; the truth is always what `list` and `show` answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Event {
    /// The list changed in a way that no other event tells, perhaps by another process: read it again.
    ConnectorsChanged,
    /// The place where sign-ins are kept is another one, or in another condition: read `about` again.
    KeychainChanged,
    /// A check began.
    CheckStarted {
        /// Which connector.
        id: String,
    },
    /// A check reached a rung.
    CheckStep {
        /// Which connector.
        id: String,
        /// The rung's place, from 1.
        number: u32,
        /// How many rungs there are.
        of: u32,
    },
    /// A check ended, or was cancelled (then the connector is as before).
    CheckEnded {
        /// The connector with its new verdict.
        connector: Box<ConnectorView>,
    },
    /// A sign-in moved on.
    SignIn {
        /// The progress.
        progress: Box<SignInProgress>,
    },
}

/// Where the browser will be sent, or where the person goes on another device, for them to judge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct SignInPlan {
    /// The whole address to open; goes to the browser and to "Copy link". On another device it may hold the code.
    pub address: String,
    /// The host in plain ASCII letters.
    pub host: String,
    /// The part of the host that somebody registered; null for numbers and single names.
    pub registrable: Option<String>,
    /// The issuer.
    pub issuer: String,
    /// Permissions that are asked for.
    pub scopes: Vec<String>,
    /// Why a person is asked first: the sign-in service is another one than before, or the host is unusual.
    pub warning: Option<String>,
    /// The issuer that was used until now, when the server names another one.
    pub moved_from: Option<String>,
    /// The callback address that a pasted address begins with; null on another device.
    pub redirect: Option<String>,
    /// What is entered on another device; null when the browser of this computer is used.
    pub device: Option<DeviceCode>,
    /// Whether the person may choose to sign in on another device.
    pub device_offered: bool,
}

/// A code that a person enters on another device (RFC 8628 §3.3).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct DeviceCode {
    /// The code, as it is shown.
    pub code: String,
    /// Where it is entered.
    pub address: String,
}

/// How far a sign-in is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum SignInStep {
    /// Asking the server and the service what they want.
    Preparing,
    /// The host is unusual: the person must say go on.
    Confirm,
    /// The person is waited for: their browser was opened, or they were told a code.
    Waiting,
    /// The browser came back; the code is exchanged.
    Exchanging,
    /// Tokens are stored; the connector is checked.
    Checking,
    /// It has ended.
    Done,
}

/// A sign-in on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct SignInProgress {
    /// Which connector.
    pub id: String,
    /// How far it is.
    pub step: SignInStep,
    /// Where the browser is sent; null while preparing.
    pub plan: Option<SignInPlan>,
    /// When Replug stops waiting (RFC 3339).
    pub until: Option<String>,
    /// A quiet remark about what was done (a registration replaced, a permission dropped).
    pub note: Option<String>,
    /// The connector afterwards; only when done.
    pub connector: Option<Box<ConnectorView>>,
    /// Why it did not end in a sign-in; only when done.
    pub error: Option<ErrorBody>,
}
