//! Looking at a database before it is used: is it there, ours, whole and not newer than this program. Nothing is mended here.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use crate::error::is_damage;
use crate::files::{self, Folder};
use crate::migrate::{self, KNOWN};
use crate::{StoreError, connectors, open};

/// What was found.
pub(crate) enum Condition {
    /// There is none.
    Missing,
    /// It can be used, perhaps after a migration.
    Sound,
    /// It cannot be used as it is, and why.
    Damaged(String),
    /// A newer program wrote it; this is its schema version.
    Newer(i64),
    /// A complete successor waits: a rebuild was cut short.
    HalfReplaced,
}

/// The first bytes of a database file (<https://www.sqlite.org/fileformat2.html#the_database_header>).
const HEADER_BYTES: usize = 100;

/// Bytes in a page, as SQLite has it by default and as every database of ours was created.
const PAGE_SIZE: u64 = 4096;

/// Looks at the database without changing its file.
pub(crate) async fn inspect(folder: &Folder) -> Result<Condition, StoreError> {
    if files::exists(&folder.successor())? {
        return Ok(Condition::HalfReplaced);
    }
    let path = folder.database();
    let Some((header, length)) = read_header(&path)? else {
        return Ok(Condition::Missing);
    };
    let header_version = match judge_header(&header, length) {
        Ok(version) => version,
        Err(reason) => return Ok(Condition::Damaged(reason.to_owned())),
    };
    // SQLite leaves files of its own beside a database it reads; beside a newer one it must not even do that.
    let options = read_only(&path).immutable(header_version > KNOWN);
    match examine(&options).await {
        Ok(condition) => Ok(condition),
        Err(error) if is_damage(&error) => Ok(Condition::Damaged(error.to_string())),
        Err(error) => Err(error.into()),
    }
}

/// How a file is opened that is not trusted yet.
pub(crate) fn read_only(path: &Path) -> SqliteConnectOptions {
    open::hardened().filename(open::filename(path)).read_only(true)
}

/// The first bytes of the file, and its length.
fn read_header(path: &Path) -> Result<Option<(Vec<u8>, u64)>, StoreError> {
    let unreadable = |error| StoreError::file("read", path, error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::file("open", path, error)),
    };
    let mut header = Vec::with_capacity(HEADER_BYTES);
    let length = file.metadata().map_err(unreadable)?.len();
    file.take(HEADER_BYTES as u64).read_to_end(&mut header).map_err(unreadable)?;
    Ok(Some((header, length)))
}

/// Checks what SQLite would not report as damage, and returns the schema version.
fn judge_header(header: &[u8], length: u64) -> Result<i64, &'static str> {
    if header.len() < HEADER_BYTES {
        return Err("the file is shorter than a database's header");
    }
    if !header.starts_with(b"SQLite format 3\0") {
        return Err("the file is not an SQLite database");
    }
    // Ours are in WAL mode from their first page on. With other bytes here SQLite would call the file read-only.
    if header[18..20] != [2, 2] {
        return Err("the file's header does not name the journal mode it was created with");
    }
    // SQLite takes the missing end of the last page for zeros.
    let page_size = u64::from(u16::from_be_bytes([header[16], header[17]]));
    if page_size != PAGE_SIZE || !length.is_multiple_of(PAGE_SIZE) {
        return Err("the file does not consist of whole pages");
    }
    let version = [header[60], header[61], header[62], header[63]];
    Ok(i64::from(i32::from_be_bytes(version)))
}

async fn examine(options: &SqliteConnectOptions) -> Result<Condition, sqlx::Error> {
    let mut conn = open::connect(options).await?;
    let condition = judge(&mut conn).await;
    conn.close().await?;
    condition
}

async fn judge(conn: &mut SqliteConnection) -> Result<Condition, sqlx::Error> {
    let found = migrate::version(conn).await?;
    // The version stands in two places. A newer program writes both, a flipped bit in the header changes only one.
    let recorded: Result<Option<i64>, sqlx::Error> =
        sqlx::query_scalar("SELECT max(version) FROM migrations").fetch_one(&mut *conn).await;
    if found > KNOWN && !matches!(recorded, Ok(Some(recorded)) if recorded <= KNOWN) {
        return Ok(Condition::Newer(found));
    }
    let recorded = recorded?.unwrap_or_default();
    if found != recorded {
        return Ok(Condition::Damaged(format!("the header says schema {found} and the table says {recorded}")));
    }
    // Not `quick_check`: it does not compare an index with its table, and a later write would fail on the difference. With a
    // thousand connectors and a full history this takes a few hundredths of a second.
    let verdict: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut *conn).await?;
    if verdict != "ok" {
        return Ok(Condition::Damaged(verdict));
    }
    // A table or an index that is gone, and a trigger that somebody added, are equally not ours.
    if migrate::schema(conn).await? != migrate::expected_schema(found).await? {
        return Ok(Condition::Damaged(format!("the tables are not those of schema {found}")));
    }
    match connectors::count_unreadable(conn).await? {
        0 => Ok(Condition::Sound),
        unreadable => Ok(Condition::Damaged(format!("{unreadable} connectors cannot be read"))),
    }
}
