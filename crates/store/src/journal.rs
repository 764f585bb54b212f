//! The journal of operations with several steps, so that one that was killed can be resumed. What the steps are, and whether
//! another process is still at it (a file lock says that), is the business of whoever runs them.

use jiff::Timestamp;
use replug_core::ConnectorId;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::column::{from_cache, from_millis, from_word, readable, to_json};
use crate::{Store, StoreError};

/// Names one operation in the journal; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JournalId(i64);

/// An operation that is about to begin.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJournalEntry {
    /// What kind of operation it is.
    pub kind: String,
    /// The connector it is about. It may be removed before the operation ends.
    pub connector: Option<ConnectorId>,
    /// Its first step.
    pub step: String,
    /// What is needed to resume it. Never a secret.
    pub data: Value,
}

/// An operation that was begun and has not ended.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalEntry {
    /// Its name in the journal.
    pub id: JournalId,
    /// What kind of operation it is.
    pub kind: String,
    /// The connector it is about.
    pub connector: Option<ConnectorId>,
    /// The step that was begun last.
    pub step: String,
    /// What is needed to resume it; null when the row was damaged.
    pub data: Value,
    /// When it was begun, to the millisecond.
    pub began_at: Timestamp,
    /// When the last step was begun, to the millisecond.
    pub updated_at: Timestamp,
}

impl Store {
    /// Writes down that an operation begins.
    pub async fn begin(&self, entry: &NewJournalEntry) -> Result<JournalId, StoreError> {
        let mut transaction = self.write().await?;
        let id = insert(&mut transaction, entry, self.clock.now()).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Writes down that several operations begin; all of them, or none.
    pub async fn begin_all(&self, entries: &[NewJournalEntry]) -> Result<Vec<JournalId>, StoreError> {
        let now = self.clock.now();
        let mut transaction = self.write().await?;
        let mut ids = Vec::with_capacity(entries.len());
        for entry in entries {
            ids.push(insert(&mut transaction, entry, now).await?);
        }
        transaction.commit().await?;
        Ok(ids)
    }

    /// Writes down that the next step begins. Returns whether the operation still stands in the journal.
    pub async fn advance(&self, id: JournalId, step: &str, data: &Value) -> Result<bool, StoreError> {
        let data = to_json("journal entry", data)?;
        let now = self.clock.now().as_millisecond();
        let mut transaction = self.write().await?;
        let done = sqlx::query("UPDATE journal SET step = ?2, data = ?3, updated_at = ?4 WHERE id = ?1")
            .bind(id.0)
            .bind(step)
            .bind(data)
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// Strikes an operation that has ended. Returns whether it still stood in the journal.
    pub async fn finish(&self, id: JournalId) -> Result<bool, StoreError> {
        let mut transaction = self.write().await?;
        let done = sqlx::query("DELETE FROM journal WHERE id = ?1").bind(id.0).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// Operations that have not ended, the oldest first: killed ones, and those that some process is still at.
    pub async fn list_unfinished(&self) -> Result<Vec<JournalEntry>, StoreError> {
        let sql = "SELECT id, kind, connector, step, data, began_at, updated_at FROM journal ORDER BY id";
        let rows = sqlx::query(sql).fetch_all(&self.pool).await?;
        Ok(readable("journal entry", &rows, read_entry))
    }
}

async fn insert(conn: &mut SqliteConnection, entry: &NewJournalEntry, now: Timestamp) -> Result<JournalId, StoreError> {
    let done = sqlx::query(
        "INSERT INTO journal (kind, connector, step, data, began_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
    )
    .bind(&entry.kind)
    .bind(entry.connector.as_ref().map(ConnectorId::as_str))
    .bind(&entry.step)
    .bind(to_json("journal entry", &entry.data)?)
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok(JournalId(done.last_insert_rowid()))
}

fn read_entry(row: &SqliteRow) -> Result<JournalEntry, StoreError> {
    let id: i64 = row.try_get("id")?;
    let connector: Option<&str> = row.try_get("connector")?;
    Ok(JournalEntry {
        id: JournalId(id),
        kind: row.try_get("kind")?,
        connector: connector.map(|text| from_word("connector id", text)).transpose()?,
        step: row.try_get("step")?,
        data: from_cache("journal entry", &id, row.try_get("data")?).unwrap_or_default(),
        began_at: from_millis(row.try_get("began_at")?)?,
        updated_at: from_millis(row.try_get("updated_at")?)?,
    })
}
