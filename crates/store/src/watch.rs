//! Noticing that somebody wrote. What was written is found by reading it again.

use crate::{Store, StoreError};

impl Store {
    /// A number that differs from the last one returned when the database was written in between, by another process or by
    /// this one. Only differences mean anything; it costs no more than a look at shared memory.
    pub async fn data_version(&self) -> Result<i64, StoreError> {
        let mut watcher = self.watcher.lock().await;
        let conn = match watcher.as_mut() {
            Some(conn) => conn,
            None => watcher.insert(self.pool.acquire().await?.detach()),
        };
        Ok(sqlx::query_scalar("PRAGMA data_version").fetch_one(conn).await?)
    }
}
