//! What must be known about a refresh token in every process: that it is about to be spent (whoever finds that after a kill
//! knows that the outcome is open), and until when it is left alone. Spending it, and the lock around that, are elsewhere.

use jiff::{SignedDuration, Timestamp};
use replug_core::{Code, ConnectorId};
use sqlx::Row;

use crate::column::{from_millis, from_word};
use crate::{Store, StoreError};

/// A refresh that was begun. It is on the disk before the request is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshIntent {
    /// The generation of the keychain record whose refresh token is spent.
    pub generation: u64,
    /// Tells one refresh token from another without being one.
    pub fingerprint: String,
    /// When it was begun, to the millisecond.
    pub at: Timestamp,
}

/// Why a refresh token is left alone for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshPause {
    /// The token it is about, as in [`RefreshIntent`].
    pub fingerprint: String,
    /// What a person is told meanwhile.
    pub code: Code,
    /// When it began, to the millisecond.
    pub since: Timestamp,
    /// When it ends, to the millisecond; `None` when it never does.
    pub until: Option<Timestamp>,
}

impl RefreshPause {
    /// Whether it holds now. A clock that was set back since it began ends it, so that a wrong clock can never make it long.
    pub fn holds(&self, now: Timestamp) -> bool {
        let set_back = now < self.since && self.since.duration_since(now) > SignedDuration::from_mins(1);
        self.until.is_none_or(|until| now < until && !set_back)
    }
}

impl Store {
    /// Keeps an intent in the place of the last one. When this returns, it survives a power cut.
    pub async fn set_intent(&self, id: &ConnectorId, intent: &RefreshIntent) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        let done = sqlx::query(
            "INSERT OR REPLACE INTO refresh_intents (connector, generation, fingerprint, at) \
             SELECT id, ?2, ?3, ?4 FROM connectors WHERE id = ?1",
        )
        .bind(id.as_str())
        .bind(intent.generation.cast_signed())
        .bind(&intent.fingerprint)
        .bind(intent.at.as_millisecond())
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NoSuchConnector { id: id.to_string() });
        }
        Ok(transaction.commit().await?)
    }

    /// The refresh that was begun and of which nobody said how it ended.
    pub async fn intent(&self, id: &ConnectorId) -> Result<Option<RefreshIntent>, StoreError> {
        let sql = "SELECT generation, fingerprint, at FROM refresh_intents WHERE connector = ?1";
        let row: Option<(i64, String, i64)> = sqlx::query_as(sql).bind(id.as_str()).fetch_optional(&self.pool).await?;
        row.map(|(generation, fingerprint, at)| {
            Ok(RefreshIntent { generation: generation.cast_unsigned(), fingerprint, at: from_millis(at)? })
        })
        .transpose()
    }

    /// The refresh has ended, one way or the other; nothing holds up the next one.
    pub async fn clear_intent(&self, id: &ConnectorId) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        for sql in
            ["DELETE FROM refresh_intents WHERE connector = ?1", "DELETE FROM refresh_pauses WHERE connector = ?1"]
        {
            sqlx::query(sql).bind(id.as_str()).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Keeps a pause in the place of the last one; `None` ends it. When this returns, it survives a power cut.
    pub async fn set_pause(&self, id: &ConnectorId, pause: Option<&RefreshPause>) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        let query = match pause {
            Some(pause) => sqlx::query(
                "INSERT OR REPLACE INTO refresh_pauses (connector, fingerprint, code, since, until) \
                 SELECT id, ?2, ?3, ?4, ?5 FROM connectors WHERE id = ?1",
            )
            .bind(id.as_str())
            .bind(&pause.fingerprint)
            .bind(pause.code.as_str())
            .bind(pause.since.as_millisecond())
            .bind(pause.until.map(Timestamp::as_millisecond)),
            None => sqlx::query("DELETE FROM refresh_pauses WHERE connector = ?1").bind(id.as_str()),
        };
        query.execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// The pause of a connector's refresh token, whether or not it is over.
    pub async fn pause(&self, id: &ConnectorId) -> Result<Option<RefreshPause>, StoreError> {
        let sql = "SELECT fingerprint, code, since, until FROM refresh_pauses WHERE connector = ?1";
        let Some(row) = sqlx::query(sql).bind(id.as_str()).fetch_optional(&self.pool).await? else {
            return Ok(None);
        };
        Ok(Some(RefreshPause {
            fingerprint: row.try_get("fingerprint")?,
            code: from_word("code", row.try_get("code")?)?,
            since: from_millis(row.try_get("since")?)?,
            until: row.try_get::<Option<i64>, _>("until")?.map(from_millis).transpose()?,
        }))
    }
}
