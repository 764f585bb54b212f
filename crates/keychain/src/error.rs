//! How a store can fail, and the code each way leads to. The words of the codes are in `replug_core`.

use std::io;
use std::path::Path;

use replug_core::{Code, Failure};

/// Why a store did not do what it was asked. `said` is the system's own text, never a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A person has to unlock it first, or dismissed the question.
    #[error("the keychain is locked: {said}")]
    Locked {
        /// The system's words.
        said: String,
    },
    /// There is none, or none that outlives the session.
    #[error("there is no keychain: {said}")]
    Missing {
        /// The system's words.
        said: String,
    },
    /// It refuses this program.
    #[error("the keychain refuses access: {said}")]
    Denied {
        /// The system's words.
        said: String,
    },
    /// The value is longer than an item may be.
    #[error("the value is longer than the keychain's limit")]
    TooLong {
        /// The limit in bytes, when the store names it.
        limit: Option<usize>,
    },
    /// What is stored is not what was written.
    #[error("the stored item is damaged: {what}")]
    Corrupt {
        /// What is wrong with it, without quoting it.
        what: &'static str,
    },
    /// The file was written by a newer Replug.
    #[error("the file has version {version}, which this Replug does not know")]
    Newer {
        /// The version found.
        version: u8,
    },
    /// Nobody has given the passphrase of the file yet.
    #[error("the file is locked until its passphrase is given")]
    Shut,
    /// The passphrase does not open the file.
    #[error("the passphrase does not open the file")]
    Passphrase,
    /// A file could not be read, written or locked.
    #[error("cannot {action} `{file}`: {said}")]
    Disk {
        /// What was tried.
        action: &'static str,
        /// The file's name, without its folder.
        file: String,
        /// The system's words.
        said: String,
    },
    /// Any other error of the store.
    #[error("the keychain failed: {said}")]
    Failed {
        /// The system's words.
        said: String,
    },
}

impl StoreError {
    pub(crate) fn disk(action: &'static str, path: &Path, error: &io::Error) -> Self {
        let file = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Self::Disk { action, file, said: error.to_string() }
    }

    /// The code this leads to.
    pub const fn code(&self) -> Code {
        match self {
            Self::Locked { .. } => Code::KeyLocked,
            Self::Missing { .. } => Code::KeyMissing,
            Self::Denied { .. } => Code::KeyDenied,
            Self::TooLong { .. } => Code::KeyWriteLost,
            Self::Corrupt { .. } => Code::KeyUnreadable,
            Self::Newer { .. } => Code::LocalDatabaseNewer,
            Self::Shut => Code::KeyFileLocked,
            Self::Passphrase => Code::KeyPassphrase,
            Self::Disk { .. } => Code::LocalDisk,
            Self::Failed { .. } => Code::KeyFailed,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let failure = Self::new(error.code());
        match error {
            StoreError::Locked { said }
            | StoreError::Missing { said }
            | StoreError::Denied { said }
            | StoreError::Failed { said } => failure.with_said(said),
            StoreError::TooLong { limit } => {
                let failure = failure.with_text("The keychain does not hold values of this length.");
                match limit {
                    Some(bytes) => failure.with_fact("limit", format!("{bytes} bytes")),
                    None => failure,
                }
            }
            StoreError::Corrupt { what } => failure.with_fact("damage", what),
            StoreError::Newer { version } => failure.with_fact("version", version.to_string()),
            StoreError::Shut | StoreError::Passphrase => failure,
            StoreError::Disk { action, file, said } => {
                failure.with_fact("tried", action).with_fact("file", file).with_said(said)
            }
        }
    }
}
