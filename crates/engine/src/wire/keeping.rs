//! Where sign-ins are kept, as a person chooses it, and what became of them. What stands in a keychain is never in here.

use replug_core::{Secret, StoredIn};
use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

/// A passphrase on its way in. It is a secret from the moment it is read, and cannot be sent back.
#[derive(TS)]
#[ts(export_to = "types.gen.ts", type = "string")]
pub struct Passphrase(Secret<String>);

impl Passphrase {
    /// The passphrase itself, in custody.
    pub fn into_secret(self) -> Secret<String> {
        self.0
    }
}

impl From<Secret<String>> for Passphrase {
    fn from(secret: Secret<String>) -> Self {
        Self(secret)
    }
}

impl<'de> Deserialize<'de> for Passphrase {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

/// Where sign-ins shall be kept from now on.
#[derive(Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case", tag = "store")]
pub enum Keeping {
    /// The keychain of the operating system.
    Keychain,
    /// The file that a passphrase encrypts.
    File {
        /// Opens the file, or begins it.
        passphrase: Passphrase,
        /// Whether a file that is there already is put aside and a new one begun.
        fresh: bool,
    },
    /// Memory, until this Replug ends. It is not remembered for the next start.
    Memory,
}

impl Keeping {
    /// Which kind of place this is.
    pub const fn store(&self) -> StoredIn {
        match self {
            Self::Keychain => StoredIn::Keychain,
            Self::File { .. } => StoredIn::File,
            Self::Memory => StoredIn::Memory,
        }
    }
}

/// What became of the sign-ins when another place was chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct Moved {
    /// How many connectors' secrets are in the new place, and no longer in the former one.
    pub carried: u32,
    /// The names of connectors whose secrets are still in the former place, because it could not be reached.
    pub left_behind: Vec<String>,
    /// The name under which the former encrypted file is kept in the data folder; null when there was none.
    pub kept_file: Option<String>,
}
