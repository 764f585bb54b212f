//! The macOS Keychain (login keychain). Untried on a Mac: only the meaning of its statuses is tested, in `verdict`.

use std::sync::Arc;

use apple_native_keyring_store::keychain::Store;
use keyring_core::{CredentialStore, Entry, Error};

use super::verdict::{Verdict, of_macos_status};

pub(super) const MAX_ITEM_BYTES: Option<usize> = None;
pub(super) const HAS_LABELS: bool = false;

/// The Keychain cannot be asked whether it is locked without being unlocked.
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

/// The store has no labels: Keychain Access shows the service's name.
pub(super) fn relabel(_entry: &Entry, _label: &str) {}

pub(super) fn judge(error: &Error) -> Verdict {
    let (Error::PlatformFailure(inner) | Error::NoStorageAccess(inner)) = error else {
        return Verdict::Failed;
    };
    inner
        .downcast_ref::<security_framework::base::Error>()
        .map_or(Verdict::Failed, |error| of_macos_status(error.code()))
}
