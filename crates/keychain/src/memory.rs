//! Secrets kept in memory until the program ends. Nothing here touches the disk.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use replug_core::{Secret, StoredIn};

use crate::{Store, StoreError};

/// A store that forgets everything when the program ends.
#[derive(Debug, Default)]
pub struct MemoryStore {
    items: Mutex<HashMap<String, Secret<Vec<u8>>>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The names of all items, sorted: what would be left behind if the program ended now.
    pub fn accounts(&self) -> Vec<String> {
        let mut accounts: Vec<_> = self.items().keys().cloned().collect();
        accounts.sort();
        accounts
    }

    /// A panic between two whole operations leaves the map whole, so a poisoned lock still guards good data.
    fn items(&self) -> MutexGuard<'_, HashMap<String, Secret<Vec<u8>>>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn kind(&self) -> StoredIn {
        StoredIn::Memory
    }

    fn locked(&self) -> Result<bool, StoreError> {
        Ok(false)
    }

    fn read(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        Ok(self.items().get(account).map(Secret::duplicate))
    }

    fn write(&self, account: &str, _label: &str, value: &Secret<Vec<u8>>) -> Result<(), StoreError> {
        self.items().insert(account.to_owned(), value.duplicate());
        Ok(())
    }

    fn delete(&self, account: &str) -> Result<(), StoreError> {
        self.items().remove(account);
        Ok(())
    }
}
