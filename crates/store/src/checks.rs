//! What checks found: the last verdict with its steps, the history of changes, and the worst level of each day. Verdicts are
//! computed in the engine.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use replug_core::{Code, ConnectorId, Health, Level, State, Step};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::column::{from_cache, from_millis, from_word, readable, to_json, to_word};
use crate::connectors::touch;
use crate::{Store, StoreError};

/// How many days of history are kept.
pub const RETENTION_DAYS: i64 = 90;

/// A verdict that differed from the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When the check ended, to the millisecond.
    pub at: Timestamp,
    /// What was found.
    pub state: State,
    /// The code of the headline finding.
    pub code: Option<Code>,
    /// The sentence of the row.
    pub summary: String,
}

impl Change {
    /// The colour of the new state.
    pub const fn level(&self) -> Level {
        self.state.level()
    }
}

/// The worst level that checks found on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayState {
    /// The day in UTC.
    pub day: Date,
    /// The worst level.
    pub worst: Level,
}

impl Store {
    /// Keeps a verdict and the steps that led to it in the place of the last one. Returns whether state or cause differ from
    /// the last verdict; such a change is added to the history. The worst level of the day (UTC) is kept as well.
    pub async fn record_check(
        &self,
        id: &ConnectorId,
        health: &Health,
        steps: &[Step],
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let verdict = Verdict {
            state: to_word("state", &health.state)?,
            code: health.cause.as_ref().map(|cause| cause.code.as_str()),
            health: to_json("health", health)?,
            steps: to_json("steps", steps)?,
            at,
        };
        let mut transaction = self.write().await?;
        touch(&mut transaction, id).await?;
        let changed = verdict.differs(&mut transaction, id).await?;
        verdict.keep(&mut transaction, id).await?;
        if changed {
            verdict.add_to_history(&mut transaction, id, &health.summary).await?;
        }
        raise_day(&mut transaction, id, at, health.level()).await?;
        transaction.commit().await?;
        Ok(changed)
    }

    /// Forgets the last verdict with its steps, because it was given for something else than what a check would ask now.
    /// History and days stay. Returns whether there was one; only then the revision rises.
    pub async fn forget_verdict(&self, id: &ConnectorId) -> Result<bool, StoreError> {
        let mut transaction = self.write().await?;
        let sql = "DELETE FROM verdicts WHERE connector = ?1";
        let done = sqlx::query(sql).bind(id.as_str()).execute(&mut *transaction).await?;
        let forgotten = done.rows_affected() > 0;
        if forgotten {
            touch(&mut transaction, id).await?;
        }
        transaction.commit().await?;
        Ok(forgotten)
    }

    /// The steps of the last check, in the order they were climbed; empty before the first check.
    pub async fn steps(&self, id: &ConnectorId) -> Result<Vec<Step>, StoreError> {
        let sql = "SELECT steps FROM verdicts WHERE connector = ?1";
        let text: Option<Vec<u8>> = sqlx::query_scalar(sql).bind(id.as_str()).fetch_optional(&self.pool).await?;
        Ok(text.and_then(|text| from_cache("steps", id, &text)).unwrap_or_default())
    }

    /// At most `limit` changes of one connector, the newest first.
    pub async fn history(&self, id: &ConnectorId, limit: u32) -> Result<Vec<Change>, StoreError> {
        let sql =
            "SELECT at, state, code, summary FROM changes WHERE connector = ?1 ORDER BY at DESC, seq DESC LIMIT ?2";
        let rows = sqlx::query(sql).bind(id.as_str()).bind(limit).fetch_all(&self.pool).await?;
        Ok(readable("change", &rows, read_change))
    }

    /// The days (UTC) from `first` on for which there was a check, the oldest first.
    pub async fn days(&self, id: &ConnectorId, first: Date) -> Result<Vec<DayState>, StoreError> {
        let sql = "SELECT day, level FROM day_states WHERE connector = ?1 AND day >= ?2 ORDER BY day";
        let rows = sqlx::query(sql).bind(id.as_str()).bind(first.to_string()).fetch_all(&self.pool).await?;
        Ok(readable("day", &rows, read_day))
    }

    /// Drops changes and days older than [`RETENTION_DAYS`]; last verdicts stay. Returns how many rows went.
    pub async fn prune(&self, now: Timestamp) -> Result<u64, StoreError> {
        let oldest = now.saturating_sub(SignedDuration::from_hours(24 * RETENTION_DAYS)).unwrap_or(Timestamp::MIN);
        let mut transaction = self.write().await?;
        let changes = sqlx::query("DELETE FROM changes WHERE at < ?1")
            .bind(oldest.as_millisecond())
            .execute(&mut *transaction)
            .await?;
        let days = sqlx::query("DELETE FROM day_states WHERE day < ?1")
            .bind(day_of(oldest).to_string())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(changes.rows_affected() + days.rows_affected())
    }
}

/// A verdict in the form of its columns.
struct Verdict {
    state: String,
    code: Option<&'static str>,
    health: String,
    steps: String,
    at: Timestamp,
}

impl Verdict {
    async fn differs(&self, conn: &mut SqliteConnection, id: &ConnectorId) -> Result<bool, StoreError> {
        let sql = "SELECT state, code FROM verdicts WHERE connector = ?1";
        let last: Option<(String, Option<String>)> = sqlx::query_as(sql).bind(id.as_str()).fetch_optional(conn).await?;
        Ok(last.is_none_or(|(state, code)| state != self.state || code.as_deref() != self.code))
    }

    async fn keep(&self, conn: &mut SqliteConnection, id: &ConnectorId) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT OR REPLACE INTO verdicts (connector, checked_at, state, code, health, steps) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .bind(id.as_str())
        .bind(self.at.as_millisecond())
        .bind(&self.state)
        .bind(self.code)
        .bind(&self.health)
        .bind(&self.steps)
        .execute(conn)
        .await?;
        Ok(())
    }

    async fn add_to_history(
        &self,
        conn: &mut SqliteConnection,
        id: &ConnectorId,
        summary: &str,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO changes (connector, at, state, code, summary) VALUES (?1, ?2, ?3, ?4, ?5)")
            .bind(id.as_str())
            .bind(self.at.as_millisecond())
            .bind(&self.state)
            .bind(self.code)
            .bind(summary)
            .execute(conn)
            .await?;
        Ok(())
    }
}

async fn raise_day(
    conn: &mut SqliteConnection,
    id: &ConnectorId,
    at: Timestamp,
    level: Level,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO day_states (connector, day, level) VALUES (?1, ?2, ?3) \
         ON CONFLICT (connector, day) DO UPDATE SET level = max(level, excluded.level)",
    )
    .bind(id.as_str())
    .bind(day_of(at).to_string())
    .bind(rank(level))
    .execute(conn)
    .await?;
    Ok(())
}

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// The number by which levels are compared in SQL.
const fn rank(level: Level) -> i64 {
    match level {
        Level::Grey => 0,
        Level::Green => 1,
        Level::Amber => 2,
        Level::Red => 3,
    }
}

fn read_day(row: &SqliteRow) -> Result<DayState, StoreError> {
    let day: &str = row.try_get("day")?;
    let level: i64 = row.try_get("level")?;
    let worst = [Level::Grey, Level::Green, Level::Amber, Level::Red].into_iter().find(|known| rank(*known) == level);
    match (day.parse(), worst) {
        (Ok(day), Some(worst)) => Ok(DayState { day, worst }),
        _ => Err(StoreError::Unreadable { what: "day" }),
    }
}

fn read_change(row: &SqliteRow) -> Result<Change, StoreError> {
    let code: Option<&str> = row.try_get("code")?;
    Ok(Change {
        at: from_millis(row.try_get("at")?)?,
        state: from_word("state", row.try_get("state")?)?,
        // A code that only a newer Replug knows: the sentence beside it still tells what happened.
        code: code.and_then(|code| code.parse().ok()),
        summary: row.try_get("summary")?,
    })
}
