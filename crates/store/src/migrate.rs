//! The schema: its versions, how one becomes the next, and what it must look like. Opening and repairing are elsewhere.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::{Connection, SqliteConnection};

use crate::files::{self, Folder, Hold};
use crate::{StoreError, open};

/// Every migration, in order. A released one is never edited: a database that does not look like its version is rebuilt.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_connectors.sql")),
    (2, include_str!("../migrations/0002_sign_ins.sql")),
    (3, include_str!("../migrations/0003_refresh_pauses.sql")),
    (4, include_str!("../migrations/0004_project_entries.sql")),
    (5, include_str!("../migrations/0005_told_definitions.sql")),
];

/// The newest schema version of this program.
pub(crate) const KNOWN: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

/// How long to wait for another process that migrates.
const PATIENCE: Duration = Duration::from_mins(1);

/// Everything that `sqlite_schema` says about a database, in a fixed order.
pub(crate) type Schema = Vec<(String, String, String, String)>;

/// Runs the migrations after `from`, up to and including `to`, each in a transaction that also writes the new version.
pub(crate) async fn apply(conn: &mut SqliteConnection, from: i64, to: i64) -> Result<(), sqlx::Error> {
    for &(_, sql) in MIGRATIONS.iter().filter(|(version, _)| (from + 1..=to).contains(version)) {
        let mut transaction = conn.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(sql).execute(&mut *transaction).await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// Brings the database to [`KNOWN`]; a copy of the old one is kept first. Processes take turns.
pub(crate) async fn bring_up_to_date(folder: &Folder, now: Timestamp) -> Result<(), StoreError> {
    let mut conn = open::connect(&open::options(folder)).await?;
    if version(&mut conn).await? != KNOWN {
        let _turn = folder.lock("migration.lock", Hold::Exclusive, PATIENCE).await?;
        // Read again: the process that had the turn before may have done it.
        let found = version(&mut conn).await?;
        if found > KNOWN {
            return Err(StoreError::Newer { found, known: KNOWN });
        }
        if found < KNOWN {
            keep_copy(&mut conn, folder, found, now).await?;
            apply(&mut conn, found, KNOWN).await?;
            tracing::info!(from = found, to = KNOWN, "the database was migrated");
        }
    }
    conn.close().await?;
    Ok(())
}

/// The schema version in the database's header.
pub(crate) async fn version(conn: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("PRAGMA user_version").fetch_one(conn).await
}

/// What a database looks like.
pub(crate) async fn schema(conn: &mut SqliteConnection) -> Result<Schema, sqlx::Error> {
    let sql = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema \
               WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\' ORDER BY type, name";
    sqlx::query_as(sql).fetch_all(conn).await
}

/// What a database of this version must look like.
pub(crate) async fn expected_schema(version: i64) -> Result<Schema, sqlx::Error> {
    let mut conn = open::connect_to_memory().await?;
    apply(&mut conn, 0, version).await?;
    let expected = schema(&mut conn).await?;
    conn.close().await?;
    Ok(expected)
}

async fn keep_copy(
    conn: &mut SqliteConnection,
    folder: &Folder,
    version: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let path = folder.backup(version, now);
    let partial = files::beside(&path, ".partial");
    files::remove(&partial)?;
    // SQLite writes into an empty file, and that one already has its permissions.
    files::create_private(&partial)?;
    // A path need not be text, so it goes over as bytes.
    sqlx::query("VACUUM INTO CAST(?1 AS TEXT)").bind(partial.as_os_str().as_encoded_bytes()).execute(conn).await?;
    files::sync_file(&partial)?;
    files::rename(&partial, &path)
}
