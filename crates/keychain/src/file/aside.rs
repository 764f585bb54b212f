//! The encrypted file as a whole: whether there is one, putting it aside, giving it another passphrase. What is in it is the
//! store's business.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use replug_core::{Random, Secret};

use super::FileStore;
use crate::StoreError;
use crate::lock::LockFile;

const NAME: &str = "secrets.enc";
/// The names of files that were put aside: this, the time, and the ending.
const ASIDE: (&str, &str) = ("secrets-", ".enc");

/// The encrypted file of a data folder, there or not.
#[derive(Debug)]
pub struct SecretsFile {
    path: PathBuf,
    lock: LockFile,
}

impl SecretsFile {
    /// The file of this data folder.
    pub fn of(data_dir: &Path) -> Self {
        Self { path: data_dir.join(NAME), lock: LockFile::new(data_dir.join("locks").join("secrets.lock")) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is there.
    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Whether a file of this name was put aside by [`SecretsFile::put_aside`].
    pub fn is_aside(name: &str) -> bool {
        let stamp = name.strip_prefix(ASIDE.0).and_then(|rest| rest.strip_suffix(ASIDE.1));
        stamp.is_some_and(|stamp| !stamp.is_empty() && stamp.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    }

    /// Gives the file another name, which holds `stamp`, and returns that name; the next write begins a new file. `None`
    /// when there is no file. A stamp is made of letters and digits.
    pub fn put_aside(&self, stamp: &str) -> Result<Option<String>, StoreError> {
        let _held = self.lock.hold()?;
        if !self.exists() {
            return Ok(None);
        }
        let name = format!("{}{stamp}{}", ASIDE.0, ASIDE.1);
        let aside = self.path.with_file_name(&name);
        if aside.exists() {
            return Err(StoreError::Disk { action: "put aside", file: name, said: "the name is taken".to_owned() });
        }
        fs::rename(&self.path, aside).map_err(|error| StoreError::disk("put aside", &self.path, &error))?;
        Ok(Some(name))
    }

    /// Undoes [`SecretsFile::put_aside`]; what was begun meanwhile is gone.
    pub fn put_back(&self, name: &str) -> Result<(), StoreError> {
        let _held = self.lock.hold()?;
        fs::rename(self.path.with_file_name(name), &self.path)
            .map_err(|error| StoreError::disk("put back", &self.path, &error))
    }

    /// Encrypts the file anew. Fails with [`StoreError::Passphrase`] when `old` does not open it; what is in it stays as it
    /// was then. Slow on purpose: two keys are derived.
    pub fn change_passphrase(
        &self,
        old: Secret<String>,
        new: &Secret<String>,
        random: Arc<dyn Random>,
    ) -> Result<(), StoreError> {
        FileStore::open(&self.path, old, random)?.rekey(new)
    }
}
