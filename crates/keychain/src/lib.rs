//! Where a connector's secrets are kept: the OS keychain, a file that a passphrase encrypts, or memory. What the secrets
//! mean is `replug_core`'s business, and who may use them is the engine's. A plain file is not one of the places.
//!
//! [`Keychain`] is the front door: asynchronous, bounded in time, one call after the other on a thread of its own, every
//! write read back. Behind it stands a [`Store`], an edge of four blocking operations over bytes, and between the two the
//! records are cut into parts where a store holds only small items. The store can be exchanged while the front is in use.

mod error;
#[cfg(feature = "fake")]
pub mod fake;
mod file;
mod keychain;
mod lock;
mod memory;
mod os;
mod parts;
mod self_test;
mod store;
mod worker;

pub use error::StoreError;
pub use file::{Cost, FileStore, SecretsFile};
pub use keychain::{Keychain, Patience};
pub use memory::MemoryStore;
pub use os::OsStore;
pub use self_test::{SelfTest, SelfTestStep};
pub use store::Store;
