//! The encrypted form of the file: a header that says how the key comes from the passphrase, then the sealed bytes. What the
//! bytes hold, and where they are kept, is decided elsewhere.
//!
//! The header is: a name of 15 bytes, the version (1), the cost of Argon2id (RFC 9106) as three 32-bit numbers with the
//! lowest byte first, a salt of 16 bytes, a check value of 16, and a nonce of 24. Behind it stands XChaCha20-Poly1305, with
//! the whole header as its associated data. Argon2id yields 48 bytes: the key, and the check value that tells a wrong
//! passphrase from a damaged file. The check value helps nobody who guesses: the seal itself would tell as much.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use replug_core::{Random, Secret};

use crate::StoreError;

const NAME: &[u8; 15] = b"replug-secrets\n";
const VERSION: u8 = 1;
const HEADER_BYTES: usize = NAME.len() + 1 + 3 * 4 + SALT_BYTES + CHECK_BYTES + NONCE_BYTES;
const SALT_BYTES: usize = 16;
const KEY_BYTES: usize = 32;
const CHECK_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;

/// What a key costs whoever guesses the passphrase (Argon2id, RFC 9106).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// The second recommended choice of RFC 9106 §4, but with one lane: 64 MiB, three passes.
    pub const DEFAULT: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 };
    /// The least that Argon2 knows. For tests only.
    pub const LEAST: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };
    /// The most that is done for a file: a header that somebody wrote must not exhaust this computer.
    const MOST: Self = Self { memory_kib: 1024 * 1024, passes: 16, lanes: 16 };

    const fn is_bearable(self) -> bool {
        self.memory_kib <= Self::MOST.memory_kib && self.passes <= Self::MOST.passes && self.lanes <= Self::MOST.lanes
    }
}

/// What stands before the sealed bytes.
pub(super) struct Header {
    cost: Cost,
    salt: [u8; SALT_BYTES],
    check: [u8; CHECK_BYTES],
    nonce: [u8; NONCE_BYTES],
}

impl Header {
    /// Splits a file into its header and the sealed bytes.
    pub(super) fn parse(file: &[u8]) -> Result<(Self, &[u8]), StoreError> {
        let foreign = StoreError::Corrupt { what: "it does not begin as Replug's files do" };
        let mut rest = file.strip_prefix(NAME).ok_or_else(|| foreign.clone())?;
        let [version] = *take(&mut rest)?;
        match version {
            VERSION => {}
            0 => return Err(foreign),
            version => return Err(StoreError::Newer { version }),
        }
        let cost = Cost {
            memory_kib: u32::from_le_bytes(*take(&mut rest)?),
            passes: u32::from_le_bytes(*take(&mut rest)?),
            lanes: u32::from_le_bytes(*take(&mut rest)?),
        };
        if !cost.is_bearable() {
            return Err(StoreError::Corrupt { what: "its key would cost too much" });
        }
        let (salt, check, nonce) = (*take(&mut rest)?, *take(&mut rest)?, *take(&mut rest)?);
        Ok((Self { cost, salt, check, nonce }, rest))
    }

    /// Opens the sealed bytes with the key of this header.
    pub(super) fn unseal(&self, key: &Key, sealed: &[u8]) -> Result<Secret<Vec<u8>>, StoreError> {
        let payload = Payload { msg: sealed, aad: &self.to_bytes() };
        let opened = key.cipher()?.decrypt(&XNonce::from(self.nonce), payload);
        opened.map(Secret::new).map_err(|_| StoreError::Corrupt { what: "its seal is broken" })
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        bytes.extend_from_slice(NAME);
        bytes.push(VERSION);
        for number in [self.cost.memory_kib, self.cost.passes, self.cost.lanes] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.salt);
        bytes.extend_from_slice(&self.check);
        bytes.extend_from_slice(&self.nonce);
        bytes
    }
}

/// A key, with what it was derived from.
pub(super) struct Key {
    cost: Cost,
    salt: [u8; SALT_BYTES],
    /// The key, and behind it the check value.
    derived: Secret<Vec<u8>>,
}

impl Key {
    /// The key of an existing file.
    pub(super) fn of(header: &Header, passphrase: &Secret<String>) -> Result<Self, StoreError> {
        let key = Self::derive(passphrase, header.cost, header.salt)?;
        if key.check() == header.check { Ok(key) } else { Err(StoreError::Passphrase) }
    }

    /// The key of a new file.
    pub(super) fn fresh(passphrase: &Secret<String>, cost: Cost, random: &dyn Random) -> Result<Self, StoreError> {
        let mut salt = [0; SALT_BYTES];
        random.fill(&mut salt);
        Self::derive(passphrase, cost, salt)
    }

    /// Whether this is the key of a file with this header, as far as can be told without trying.
    pub(super) fn fits(&self, header: &Header) -> bool {
        self.cost == header.cost && self.salt == header.salt && self.check() == header.check
    }

    /// The whole file for these bytes, under a nonce of its own.
    pub(super) fn seal(&self, plain: &Secret<Vec<u8>>, random: &dyn Random) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE_BYTES];
        random.fill(&mut nonce);
        let mut file = Header { cost: self.cost, salt: self.salt, check: self.check(), nonce }.to_bytes();
        let payload = Payload { msg: plain.expose(), aad: &file };
        let sealed = self.cipher()?.encrypt(&XNonce::from(nonce), payload);
        file.extend_from_slice(&sealed.map_err(|_| StoreError::TooLong { limit: None })?);
        Ok(file)
    }

    fn derive(passphrase: &Secret<String>, cost: Cost, salt: [u8; SALT_BYTES]) -> Result<Self, StoreError> {
        let impossible = |_| StoreError::Corrupt { what: "its key cannot be derived" };
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None).map_err(impossible)?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        // On the heap, so that moving it leaves no copy behind.
        let mut derived = vec![0; KEY_BYTES + CHECK_BYTES];
        argon.hash_password_into(passphrase.expose().as_bytes(), &salt, &mut derived).map_err(impossible)?;
        Ok(Self { cost, salt, derived: Secret::new(derived) })
    }

    fn check(&self) -> [u8; CHECK_BYTES] {
        let mut check = [0; CHECK_BYTES];
        check.copy_from_slice(&self.derived.expose()[KEY_BYTES..]);
        check
    }

    fn cipher(&self) -> Result<XChaCha20Poly1305, StoreError> {
        XChaCha20Poly1305::new_from_slice(&self.derived.expose()[..KEY_BYTES])
            .map_err(|_| StoreError::Corrupt { what: "its key has the wrong length" })
    }
}

/// Takes the next `N` bytes.
fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Result<&'a [u8; N], StoreError> {
    let (field, behind) = rest.split_first_chunk().ok_or(StoreError::Corrupt { what: "it ends in its header" })?;
    *rest = behind;
    Ok(field)
}
