//! Words about a sign-in that everybody outside the keychain may know: why one is needed and where it is kept. Where a
//! connector's sign-in stands is the database's to say.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

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
