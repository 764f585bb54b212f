//! The edge to a place where secrets are kept. What the bytes mean and how long a call may take are decided above it.

use std::sync::Arc;

use replug_core::{Secret, StoredIn};

use crate::StoreError;

/// A place that keeps named secrets. Its calls block, without a limit when the system asks the person something.
///
/// Items cannot be listed, because not every system can; whoever writes must be able to name what was written.
pub trait Store: Send + Sync {
    /// Which kind of place this is.
    fn kind(&self) -> StoredIn;

    /// The longest value an item holds, in bytes; `None` when there is no limit that matters.
    fn max_item_bytes(&self) -> Option<usize> {
        None
    }

    /// Whether the next operation has to wait for a person to unlock the store. Never asks the person.
    fn locked(&self) -> Result<bool, StoreError>;

    /// The value of an item; `None` when there is no such item.
    fn read(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, StoreError>;

    /// Writes an item, new or over the old one. The label is what a person sees in the system's own keychain window.
    fn write(&self, account: &str, label: &str, value: &Secret<Vec<u8>>) -> Result<(), StoreError>;

    /// Deletes an item. It is no failure when there is none.
    fn delete(&self, account: &str) -> Result<(), StoreError>;

    /// Removes what the store itself leaves on the disk, when it holds no item any more.
    fn retire(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl<S: Store + ?Sized> Store for Arc<S> {
    fn kind(&self) -> StoredIn {
        (**self).kind()
    }

    fn max_item_bytes(&self) -> Option<usize> {
        (**self).max_item_bytes()
    }

    fn locked(&self) -> Result<bool, StoreError> {
        (**self).locked()
    }

    fn read(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        (**self).read(account)
    }

    fn write(&self, account: &str, label: &str, value: &Secret<Vec<u8>>) -> Result<(), StoreError> {
        (**self).write(account, label, value)
    }

    fn delete(&self, account: &str) -> Result<(), StoreError> {
        (**self).delete(account)
    }

    fn retire(&self) -> Result<(), StoreError> {
        (**self).retire()
    }
}
