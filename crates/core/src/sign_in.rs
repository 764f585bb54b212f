//! The lifecycle of a sign-in, as everybody outside the keychain may know it: facts, no secrets.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Failure;

/// Where a connector's sign-in stands. Each variant carries exactly what it needs.
#[derive(Debug, Clone, PartialEq)]
pub enum SignIn {
    /// The server answers without one.
    NotRequired,
    /// There is none.
    SignedOut,
    /// A browser window is open.
    AwaitingBrowser {
        /// Names the attempt.
        attempt: String,
        /// When Replug stops waiting.
        until: Timestamp,
    },
    /// Tokens are stored.
    SignedIn {
        /// When the access token ends; `None` when the service did not say.
        expires_at: Option<Timestamp>,
        /// Whether a refresh token is stored.
        renewable: bool,
    },
    /// There were tokens, or a try, and it does not work any more.
    Needed {
        /// Why.
        reason: SignInReason,
    },
    /// Whether the sign-in is good could not be asked.
    Unreachable {
        /// Since when.
        since: Timestamp,
        /// What stands between.
        failure: Box<Failure>,
    },
}

/// Why a sign-in is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum SignInReason {
    /// Nobody signed in yet.
    Never,
    /// The token ended and cannot be renewed.
    Expired,
    /// The service does not renew it any more.
    Dead,
    /// The server refuses the token.
    Refused,
    /// The service forgot the registration.
    RegistrationGone,
    /// More permission is needed.
    Scope,
    /// The sign-in service changed.
    IssuerChanged,
}

/// Where a connector's secrets are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum StoredIn {
    /// The keychain of the operating system.
    Keychain,
    /// The file that a passphrase encrypts.
    File,
    /// Memory, until the program ends.
    Memory,
}
