//! The Windows Credential Manager. Untried on Windows: only the meaning of its errors is tested, in `verdict`.

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};
use windows_native_keyring_store::Store;

use super::verdict::{Verdict, of_windows_text};

/// `CRED_MAX_CREDENTIAL_BLOB_SIZE` is 2,560; a little less, because some Windows versions count the terminator.
pub(super) const MAX_ITEM_BYTES: Option<usize> = Some(2_400);
pub(super) const HAS_LABELS: bool = false;

/// The Credential Manager is open for as long as the person is logged on.
pub(super) struct Watch;

#[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the shape is the one that the Secret Service needs")]
impl Watch {
    pub(super) fn connect() -> Result<Self, Error> {
        Ok(Self)
    }

    pub(super) fn locked(&self) -> Result<bool, Error> {
        Ok(false)
    }
}

pub(super) fn connect() -> Result<Arc<CredentialStore>, Error> {
    Ok(Store::new()?)
}

/// The store has no labels: the Credential Manager shows `account.Replug`.
pub(super) fn relabel(_entry: &Entry, _label: &str) {}

/// The store keeps the type of its errors to itself, so the number has to be taken from its text.
pub(super) fn judge(error: &Error) -> Verdict {
    match error {
        Error::NoStorageAccess(_) => Verdict::Missing,
        Error::PlatformFailure(inner) => of_windows_text(&inner.to_string()),
        _ => Verdict::Failed,
    }
}
