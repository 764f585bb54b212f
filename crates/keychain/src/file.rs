//! Secrets in one file that a passphrase encrypts, shared by several processes. How it is encrypted is in `sealed`, how it
//! is replaced on the disk in `replace`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use replug_core::{Random, Secret, StoredIn};

use crate::lock::LockFile;
use crate::{Store, StoreError};

mod aside;
mod entries;
mod replace;
mod sealed;

pub use aside::SecretsFile;
use entries::Entries;
pub use sealed::Cost;
use sealed::{Header, Key};

/// More than any set of sign-ins needs; a larger file is not ours.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// All items in one encrypted file. Each write encrypts the whole file anew, under a new nonce.
///
/// Reading takes no lock, because the file is replaced in one step; writing takes one, because several processes may each
/// change a different item.
pub struct FileStore {
    path: PathBuf,
    lock: LockFile,
    passphrase: Secret<String>,
    random: Arc<dyn Random>,
    cost: Cost,
    /// The key of the file as it was last seen: deriving one is slow on purpose.
    key: Mutex<Option<Arc<Key>>>,
}

impl FileStore {
    /// The store in this file, which is made by the first write. An existing file must open with the passphrase.
    pub fn open(path: &Path, passphrase: Secret<String>, random: Arc<dyn Random>) -> Result<Self, StoreError> {
        Self::open_with_cost(path, passphrase, random, Cost::DEFAULT)
    }

    /// As [`FileStore::open`], with another cost for a file that is made anew. An existing file names its own.
    pub fn open_with_cost(
        path: &Path,
        passphrase: Secret<String>,
        random: Arc<dyn Random>,
        cost: Cost,
    ) -> Result<Self, StoreError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let lock = LockFile::new(folder.join("locks").join("secrets.lock"));
        let store = Self { path: path.to_owned(), lock, passphrase, random, cost, key: Mutex::default() };
        match store.load() {
            // A damaged file is no reason to refuse the store: a write puts it aside and begins a new one.
            Ok(_) | Err(StoreError::Corrupt { .. }) => Ok(store),
            Err(error) => Err(error),
        }
    }

    /// Encrypts the file anew under another passphrase. Whoever has the old one cannot open it any more, this store
    /// included.
    fn rekey(&self, passphrase: &Secret<String>) -> Result<(), StoreError> {
        let _held = self.lock.hold()?;
        let entries = self.load()?;
        self.replace_with(&entries, &Key::fresh(passphrase, self.cost, self.random.as_ref())?)
    }

    fn load(&self) -> Result<Entries, StoreError> {
        let Some(bytes) = self.read_file()? else {
            return Ok(BTreeMap::new());
        };
        let (header, sealed) = Header::parse(&bytes)?;
        let key = self.key_for(&header)?;
        entries::decode(&header.unseal(&key, sealed)?)
    }

    /// Changes the entries under the lock. The closure says whether there is anything to write.
    fn change(&self, edit: impl FnOnce(&mut Entries) -> bool) -> Result<(), StoreError> {
        let _held = self.lock.hold()?;
        let mut entries = match self.load() {
            Err(StoreError::Corrupt { what }) => {
                self.put_aside(what)?;
                BTreeMap::new()
            }
            other => other?,
        };
        if edit(&mut entries) { self.save(&entries) } else { Ok(()) }
    }

    fn save(&self, entries: &Entries) -> Result<(), StoreError> {
        let key = match self.known_key() {
            Some(key) => key,
            None => self.remember(Key::fresh(&self.passphrase, self.cost, self.random.as_ref())?),
        };
        self.replace_with(entries, &key)
    }

    fn replace_with(&self, entries: &Entries, key: &Key) -> Result<(), StoreError> {
        let bytes = key.seal(&entries::encode(entries), self.random.as_ref())?;
        replace::replace(&self.path, &bytes)
    }

    /// Nothing in a damaged file can be read, but somebody may still be able to mend it.
    fn put_aside(&self, what: &'static str) -> Result<(), StoreError> {
        let aside = self.path.with_extension("enc.damaged");
        tracing::warn!(what, "the encrypted file is damaged; it is put aside and a new one begun");
        fs::rename(&self.path, &aside).map_err(|error| StoreError::disk("put aside", &self.path, &error))
    }

    fn read_file(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let failed = |error| StoreError::disk("read", &self.path, &error);
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let mut bytes = Vec::new();
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length <= MOST_BYTES) {
            Ok(Some(bytes))
        } else {
            Err(StoreError::Corrupt { what: "it is too long" })
        }
    }

    /// The key that fits the header, derived only when the file is another one than before.
    fn key_for(&self, header: &Header) -> Result<Arc<Key>, StoreError> {
        match self.known_key().filter(|key| key.fits(header)) {
            Some(key) => Ok(key),
            None => Ok(self.remember(Key::of(header, &self.passphrase)?)),
        }
    }

    fn known_key(&self) -> Option<Arc<Key>> {
        self.key.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, key: Key) -> Arc<Key> {
        let key = Arc::new(key);
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&key));
        key
    }
}

impl Store for FileStore {
    fn kind(&self) -> StoredIn {
        StoredIn::File
    }

    fn locked(&self) -> Result<bool, StoreError> {
        Ok(false)
    }

    fn read(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        Ok(self.load()?.remove(account))
    }

    fn write(&self, account: &str, _label: &str, value: &Secret<Vec<u8>>) -> Result<(), StoreError> {
        self.change(|entries| {
            entries.insert(account.to_owned(), value.duplicate());
            true
        })
    }

    fn delete(&self, account: &str) -> Result<(), StoreError> {
        self.change(|entries| entries.remove(account).is_some())
    }

    fn retire(&self) -> Result<(), StoreError> {
        let _held = self.lock.hold()?;
        if self.load()?.is_empty() { replace::remove(&self.path) } else { Ok(()) }
    }
}
