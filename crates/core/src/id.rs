//! Identifiers: short, random, immutable. Names are not identifiers and are not here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Random;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const LENGTH: usize = 10;

/// The identity of a connector: ten letters and digits (50 random bits), never reused and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ConnectorId(String);

/// A text that cannot be a connector's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a connector id (ten of the letters a-z and the digits 2-7)")]
pub struct IdError(String);

impl ConnectorId {
    /// Makes a new id from random bytes.
    pub fn random(random: &dyn Random) -> Self {
        let mut bytes = [0_u8; LENGTH];
        random.fill(&mut bytes);
        Self::of_bytes(bytes)
    }

    /// The id that these bytes make; equal bytes make equal ids.
    pub fn of_bytes(bytes: [u8; LENGTH]) -> Self {
        Self(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConnectorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ConnectorId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let fits = text.len() == LENGTH && text.bytes().all(|byte| ALPHABET.contains(&byte));
        if fits { Ok(Self(text.to_owned())) } else { Err(IdError(crate::sanitize(text, 40))) }
    }
}

impl TryFrom<String> for ConnectorId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<ConnectorId> for String {
    fn from(id: ConnectorId) -> Self {
        id.0
    }
}
