//! Refresh intents: a refresh token is about to be spent. Whoever finds one after a kill knows that its outcome is open.
//! Spending it, and the lock around that, are elsewhere.

use jiff::Timestamp;
use replug_core::ConnectorId;

use crate::column::from_millis;
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

    /// The refresh has ended, one way or the other.
    pub async fn clear_intent(&self, id: &ConnectorId) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        let sql = "DELETE FROM refresh_intents WHERE connector = ?1";
        sqlx::query(sql).bind(id.as_str()).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }
}
