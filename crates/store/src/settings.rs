//! Settings of the app: JSON values under names. Which there are and what they default to is the engine's business; settings
//! of one connector stand with the connector.

use serde_json::Value;

use crate::column::{from_cache, to_json};
use crate::{Store, StoreError};

impl Store {
    /// The version of SQLite, for people who report a trouble.
    pub async fn sqlite_version(&self) -> Result<String, StoreError> {
        Ok(sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&self.pool).await?)
    }

    /// The value of a setting; `None` when it was never set, or was damaged.
    pub async fn setting(&self, key: &str) -> Result<Option<Value>, StoreError> {
        Ok(self.setting_text(key).await?.and_then(|text| from_cache("setting", &key, &text)))
    }

    /// The value of a setting that no default can stand in for; `None` when it was never set.
    ///
    /// Fails with [`StoreError::Unreadable`] when it was damaged.
    pub async fn vital_setting(&self, key: &str) -> Result<Option<Value>, StoreError> {
        let text = self.setting_text(key).await?;
        let read =
            |text: Vec<u8>| serde_json::from_slice(&text).map_err(|_| StoreError::Unreadable { what: "setting" });
        text.map(read).transpose()
    }

    async fn setting_text(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT value FROM settings WHERE key = ?1";
        Ok(sqlx::query_scalar(sql).bind(key).fetch_optional(&self.pool).await?)
    }

    /// Gives a setting a value. Never a secret.
    pub async fn set_setting(&self, key: &str, value: &Value) -> Result<(), StoreError> {
        let text = to_json("setting", value)?;
        let mut transaction = self.write().await?;
        let sql = "INSERT OR REPLACE INTO settings (key, value) VALUES (?1, ?2)";
        sqlx::query(sql).bind(key).bind(text).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }
}
