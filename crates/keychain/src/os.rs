//! The keychain of the operating system, through the `keyring` stores. Which system's store that is stands in `platform`, and
//! what a system's error means in `verdict`; this file does the four operations.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyring::{Entry, Error};
use keyring_core::CredentialStore;
use keyring_core::api::CredentialPersistence;
use replug_core::{Secret, StoredIn};

use crate::{Store, StoreError};

#[cfg_attr(target_os = "macos", path = "os/macos.rs")]
#[cfg_attr(windows, path = "os/windows.rs")]
#[cfg_attr(all(unix, not(target_os = "macos")), path = "os/secret_service.rs")]
mod platform;
mod verdict;

use verdict::Verdict;

/// Under which all items of Replug are kept.
const SERVICE: &str = "Replug";

/// Items in the OS keychain: macOS Keychain, Windows Credential Manager, or the Secret Service.
pub struct OsStore {
    opened: Mutex<Opened>,
}

/// A connection to the keychain.
struct Opened {
    store: Arc<CredentialStore>,
    watch: platform::Watch,
}

impl OsStore {
    /// Connects to the keychain, without unlocking it.
    pub fn open() -> Result<Self, StoreError> {
        Ok(Self { opened: Mutex::new(Opened::connect()?) })
    }

    fn opened(&self) -> MutexGuard<'_, Opened> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something, and once more over a new connection when the old one turns out to be dead, as it is after the
    /// keychain's process was restarted.
    fn attempt<T>(&self, mut work: impl FnMut(&Opened) -> Result<T, Error>) -> Result<T, StoreError> {
        let mut opened = self.opened();
        match work(&opened) {
            Err(error) if platform::judge(&error) == Verdict::Stale => {
                *opened = Opened::connect()?;
                work(&opened).map_err(|error| explain(&error))
            }
            other => other.map_err(|error| explain(&error)),
        }
    }
}

impl Opened {
    fn connect() -> Result<Self, StoreError> {
        let watch = platform::Watch::connect().map_err(|error| explain(&error))?;
        let store = platform::connect().map_err(|error| explain(&error))?;
        // Some stores end with the session, and a sign-in kept there is lost at the next start.
        if matches!(store.persistence(), CredentialPersistence::UntilDelete | CredentialPersistence::Unspecified) {
            Ok(Self { store, watch })
        } else {
            Err(StoreError::Missing { said: "this keychain forgets everything at the end of the session".to_owned() })
        }
    }

    fn entry(&self, account: &str, label: Option<&str>) -> Result<Entry, Error> {
        let label = label.filter(|label| platform::HAS_LABELS && !label.is_empty());
        let modifiers: HashMap<&str, &str> = label.map(|label| ("label", label)).into_iter().collect();
        // Built from our own store: the one that `keyring` keeps is opened once in the life of a process, so a keychain that
        // is started or restarted later would never be found.
        Ok(Entry { inner: self.store.build(SERVICE, account, Some(&modifiers))? })
    }
}

impl Store for OsStore {
    fn kind(&self) -> StoredIn {
        StoredIn::Keychain
    }

    fn max_item_bytes(&self) -> Option<usize> {
        platform::MAX_ITEM_BYTES
    }

    fn locked(&self) -> Result<bool, StoreError> {
        self.attempt(|opened| opened.watch.locked())
    }

    fn read(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        self.attempt(|opened| match opened.entry(account, None)?.get_secret() {
            Ok(value) => Ok(Some(Secret::new(value))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    fn write(&self, account: &str, label: &str, value: &Secret<Vec<u8>>) -> Result<(), StoreError> {
        self.attempt(|opened| {
            let entry = opened.entry(account, Some(label))?;
            match entry.set_secret(value.expose()) {
                // Nobody can tell which of several is the right one, so the new one replaces them all.
                Err(Error::Ambiguous(items)) => {
                    delete_all(&items)?;
                    entry.set_secret(value.expose())
                }
                other => other,
            }?;
            platform::relabel(&entry.inner, label);
            Ok(())
        })
    }

    fn delete(&self, account: &str) -> Result<(), StoreError> {
        self.attempt(|opened| match opened.entry(account, None)?.delete_credential() {
            Err(Error::NoEntry) => Ok(()),
            Err(Error::Ambiguous(items)) => delete_all(&items),
            other => other,
        })
    }
}

fn delete_all(items: &[keyring_core::Entry]) -> Result<(), Error> {
    items.iter().try_for_each(|item| match item.delete_credential() {
        Err(Error::NoEntry) => Ok(()),
        other => other,
    })
}

/// Puts a store's error into our words. Only its text is kept: some errors carry the secret as data.
fn explain(error: &Error) -> StoreError {
    match error {
        Error::TooLong(_, limit) => {
            return StoreError::TooLong { limit: usize::try_from(*limit).ok() };
        }
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) => {
            return StoreError::Corrupt { what: "the keychain's own form" };
        }
        Error::Ambiguous(_) => {
            return StoreError::Corrupt { what: "there is more than one item of this name" };
        }
        _ => {}
    }
    let said = error.to_string();
    match platform::judge(error) {
        Verdict::Locked => StoreError::Locked { said },
        Verdict::Missing => StoreError::Missing { said },
        Verdict::Denied => StoreError::Denied { said },
        Verdict::TooLong => StoreError::TooLong { limit: platform::MAX_ITEM_BYTES },
        Verdict::Stale | Verdict::Failed => StoreError::Failed { said },
    }
}
