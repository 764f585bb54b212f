//! What can go wrong with the database, and the code of each case. The words for a person are in the code table of core.

use std::path::Path;

use replug_core::{Code, Failure};

/// Primary result codes of SQLite that decide what is done (<https://www.sqlite.org/rescode.html>).
mod sqlite {
    pub(super) const ERROR: i32 = 1;
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FORMAT: i32 = 24;
    pub(super) const NOT_A_DATABASE: i32 = 26;
    /// Extended: the file ended in the middle of a page.
    pub(super) const SHORT_READ: i32 = 522;
}

/// Why something could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another connector has this name, without regard to case.
    #[error("another connector is called `{name}`")]
    NameTaken {
        /// The name that was asked for.
        name: String,
    },
    /// There is no such connector, or not any more.
    #[error("there is no connector `{id}`")]
    NoSuchConnector {
        /// The id that was asked for.
        id: String,
    },
    /// The database was written by a newer Replug. It was left as it is.
    #[error("the database has schema {found}, and this Replug knows {known}")]
    Newer {
        /// The schema version of the file.
        found: i64,
        /// The newest schema version of this program.
        known: i64,
    },
    /// It would have to be rebuilt, and another process has it open.
    #[error("the database is damaged or missing while another Replug uses it")]
    DamagedInUse,
    /// Damage was met while the database was open; the next start rebuilds it.
    #[error("the database is damaged")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Another process kept the database locked for longer than this one waits.
    #[error("another Replug keeps the database locked")]
    Busy,
    /// The SQLite in this program has a known way of damaging databases.
    #[error("SQLite {found} is too old")]
    SqliteTooOld {
        /// The version that was found.
        found: String,
    },
    /// A file or folder beside the database could not be used.
    #[error("could not {doing} `{file}`")]
    File {
        /// What was tried, a verb.
        doing: &'static str,
        /// The file's name, without its folder.
        file: String,
        /// Why not.
        source: std::io::Error,
    },
    /// A row holds something that this program never wrote.
    #[error("the stored {what} cannot be read")]
    Unreadable {
        /// What the row holds.
        what: &'static str,
    },
    /// A value has no form that can be stored.
    #[error("the {what} cannot be stored")]
    Unstorable {
        /// What the value is.
        what: &'static str,
    },
    /// SQLite refused for another reason: no room, no permission, a failing disk.
    #[error("the database refused")]
    Sql(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// The stable code.
    pub const fn code(&self) -> Code {
        match self {
            Self::NameTaken { .. } => Code::UseNameTaken,
            Self::NoSuchConnector { .. } => Code::UseNoSuchConnector,
            Self::Newer { .. } => Code::LocalDatabaseNewer,
            Self::DamagedInUse | Self::Busy => Code::LocalBusy,
            Self::File { .. } => Code::LocalDisk,
            Self::SqliteTooOld { .. } | Self::Unstorable { .. } => Code::LocalInternal,
            Self::Damaged(_) | Self::Unreadable { .. } | Self::Sql(_) => Code::LocalDatabase,
        }
    }

    pub(crate) fn file(doing: &'static str, path: &Path, source: std::io::Error) -> Self {
        let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Self::File { doing, file, source }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let failure = Self::new(error.code());
        match &error {
            StoreError::NameTaken { name } => failure.with_fact("Name", name),
            StoreError::NoSuchConnector { id } => failure.with_fact("Connector", id),
            StoreError::Newer { found, known } => {
                failure.with_fact("Schema found", found.to_string()).with_fact("Schema known", known.to_string())
            }
            StoreError::DamagedInUse => failure
                .with_text("The database has to be rebuilt, and another Replug still uses it; close that one first."),
            StoreError::Busy => failure.with_text("Another Replug is using the database."),
            StoreError::Damaged(source) => failure
                .with_text("The database is damaged; it is rebuilt when Replug starts the next time.")
                .with_fact("SQLite", source.to_string()),
            StoreError::Sql(source) => failure.with_fact("SQLite", source.to_string()),
            StoreError::File { doing, file, source } => {
                failure.with_fact("File", file).with_fact("Tried to", doing).with_fact("Why not", source.to_string())
            }
            StoreError::SqliteTooOld { .. } | StoreError::Unreadable { .. } | StoreError::Unstorable { .. } => {
                failure.with_fact("Detail", error.to_string())
            }
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match (result_code(&error).map(primary), &error) {
            (Some(sqlite::BUSY | sqlite::LOCKED), _) | (None, sqlx::Error::PoolTimedOut) => Self::Busy,
            (Some(sqlite::CORRUPT | sqlite::NOT_A_DATABASE), _) => Self::Damaged(Box::new(error)),
            _ => Self::Sql(Box::new(error)),
        }
    }
}

/// Whether a statement that works on every sound database failed because this one is not.
///
/// A lock, a full disk or a missing permission is no damage: rebuilding would make it worse.
pub(crate) fn is_damage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(_) => result_code(error).is_some_and(|code| {
            let known = [sqlite::ERROR, sqlite::CORRUPT, sqlite::FORMAT, sqlite::NOT_A_DATABASE];
            code == sqlite::SHORT_READ || known.contains(&primary(code))
        }),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::RowNotFound => true,
        _ => false,
    }
}

fn result_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// An extended result code carries the primary one in its lowest byte.
const fn primary(code: i32) -> i32 {
    code & 0xff
}
