//! The plain form of the encrypted file: names and values, each with its length before it. Nothing here encrypts.

use std::collections::BTreeMap;

use replug_core::Secret;

use crate::StoreError;

/// Values by their account.
pub(super) type Entries = BTreeMap<String, Secret<Vec<u8>>>;

const LENGTH_BYTES: usize = 4;

pub(super) fn encode(entries: &Entries) -> Secret<Vec<u8>> {
    let size = entries.iter().map(|(name, value)| 2 * LENGTH_BYTES + name.len() + value.expose().len()).sum();
    // All the room at once, so that growing leaves no copies behind.
    let mut bytes = Vec::with_capacity(size);
    for (name, value) in entries {
        append(&mut bytes, name.as_bytes());
        append(&mut bytes, value.expose());
    }
    Secret::new(bytes)
}

/// The caller has made sure that the bytes are what was written, so an error here is a mistake of the writer.
pub(super) fn decode(bytes: &Secret<Vec<u8>>) -> Result<Entries, StoreError> {
    let mut rest = bytes.expose().as_slice();
    let mut entries = Entries::new();
    while !rest.is_empty() {
        let entry = take(&mut rest).and_then(|name| {
            let name = std::str::from_utf8(name).ok()?.to_owned();
            Some((name, Secret::new(take(&mut rest)?.to_vec())))
        });
        let (name, value) = entry.ok_or(StoreError::Corrupt { what: "its entries cannot be told apart" })?;
        entries.insert(name, value);
    }
    Ok(entries)
}

/// The file is limited to far less than four gigabytes, so the length always fits.
fn append(bytes: &mut Vec<u8>, field: &[u8]) {
    let length = u32::try_from(field.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(field);
}

fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, behind) = rest.split_first_chunk::<LENGTH_BYTES>()?;
    let (field, behind) = behind.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    *rest = behind;
    Some(field)
}
