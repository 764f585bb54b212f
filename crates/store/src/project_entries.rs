//! Connectors that came with a project folder, what a person allowed of them, and the folders a person wants looked through.
//! Reading those folders and comparing what they say is the engine's business.

use jiff::Timestamp;
use replug_core::{Connector, ConnectorId};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::column::{from_json, from_millis, from_word, readable, to_json};
use crate::connectors::{fetch, insert_row, no_such, touch};
use crate::{Store, StoreError, StoredConnector};

/// Where in a project folder a connector came from, and which definition of it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectEntry {
    /// The id of the app whose file it is.
    pub app: String,
    /// The project folder.
    pub folder: String,
    /// The file in it.
    pub file: String,
    /// The entry's name in the file.
    pub entry: String,
    /// What the connector's settings were made from.
    pub definition: ProjectDefinition,
    /// When a person allowed it; `None` while it must not be contacted.
    pub approved_at: Option<Timestamp>,
}

/// One version of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectDefinition {
    /// The digest of all its fields.
    pub digest: String,
    /// Its fields as they may be shown: names and values without any secret.
    pub outline: Vec<(String, String)>,
}

/// Everything about these connectors; a filter is added behind it.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT connector, app, folder, file, entry, definition, outline, approved_at FROM project_entries ",
            $rest
        )
    };
}

impl Store {
    /// Adds a connector that came with a project folder, together with where from. It is paused, whatever the caller says, as
    /// long as it is not approved.
    pub async fn insert_from_project(
        &self,
        connector: &Connector,
        entry: &ProjectEntry,
    ) -> Result<StoredConnector, StoreError> {
        let approved_at = entry.approved_at.map(Timestamp::as_millisecond);
        let connector = Connector { paused: connector.paused || approved_at.is_none(), ..connector.clone() };
        let mut transaction = self.write().await?;
        insert_row(&mut transaction, &connector, self.clock.now()).await?;
        sqlx::query(
            "INSERT INTO project_entries (connector, app, folder, file, entry, definition, outline, approved_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )
        .bind(connector.id.as_str())
        .bind(&entry.app)
        .bind(&entry.folder)
        .bind(&entry.file)
        .bind(&entry.entry)
        .bind(&entry.definition.digest)
        .bind(to_json("outline", &entry.definition.outline)?)
        .bind(approved_at)
        .execute(&mut *transaction)
        .await?;
        let stored = fetch(&mut transaction, &connector.id).await?;
        transaction.commit().await?;
        stored.ok_or_else(|| no_such(&connector.id))
    }

    /// Where a connector came from; `None` when that is no project folder.
    pub async fn project_entry(&self, id: &ConnectorId) -> Result<Option<ProjectEntry>, StoreError> {
        let row = sqlx::query(select!("WHERE connector = ?1")).bind(id.as_str()).fetch_optional(&self.pool).await?;
        row.as_ref().map(|row| read(row).map(|(_, entry)| entry)).transpose()
    }

    /// All connectors that came with project folders.
    pub async fn project_entries(&self) -> Result<Vec<(ConnectorId, ProjectEntry)>, StoreError> {
        let rows = sqlx::query(select!("ORDER BY connector")).fetch_all(&self.pool).await?;
        Ok(readable("project entry", &rows, read))
    }

    /// Allows this definition, and resumes the connector.
    pub async fn approve(&self, id: &ConnectorId, definition: &ProjectDefinition) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        touch(&mut transaction, id).await?;
        let sql = "UPDATE project_entries SET definition = ?2, outline = ?3, approved_at = ?4, told = NULL \
                   WHERE connector = ?1";
        sqlx::query(sql)
            .bind(id.as_str())
            .bind(&definition.digest)
            .bind(to_json("outline", &definition.outline)?)
            .bind(self.clock.now().as_millisecond())
            .execute(&mut *transaction)
            .await?;
        set_paused(&mut transaction, id, false).await?;
        Ok(transaction.commit().await?)
    }

    /// Remembers that a person is told a definition, by its digest. Returns whether they were told this one before: as the one
    /// that the connector's settings were made from, or as the last one that was told.
    pub async fn tell(&self, id: &ConnectorId, digest: &str) -> Result<bool, StoreError> {
        let mut transaction = self.write().await?;
        let sql = "UPDATE project_entries SET told = ?2 \
                   WHERE connector = ?1 AND definition <> ?2 AND (told IS NULL OR told <> ?2)";
        let told = sqlx::query(sql).bind(id.as_str()).bind(digest).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(told.rows_affected() == 0)
    }

    /// Takes an approval back, and pauses the connector.
    pub async fn void_approval(&self, id: &ConnectorId) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        touch(&mut transaction, id).await?;
        let sql = "UPDATE project_entries SET approved_at = NULL WHERE connector = ?1";
        sqlx::query(sql).bind(id.as_str()).execute(&mut *transaction).await?;
        set_paused(&mut transaction, id, true).await?;
        Ok(transaction.commit().await?)
    }

    /// The folders a person wants looked through, in the order of their names.
    pub async fn folders(&self) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar("SELECT path FROM folders ORDER BY path").fetch_all(&self.pool).await?)
    }

    /// Remembers a folder to look through.
    pub async fn add_folder(&self, path: &str) -> Result<(), StoreError> {
        self.change_folders("INSERT OR IGNORE INTO folders (path) VALUES (?1)", path).await
    }

    /// Forgets a folder.
    pub async fn remove_folder(&self, path: &str) -> Result<(), StoreError> {
        self.change_folders("DELETE FROM folders WHERE path = ?1", path).await
    }

    async fn change_folders(&self, sql: &'static str, path: &str) -> Result<(), StoreError> {
        let mut transaction = self.write().await?;
        sqlx::query(sql).bind(path).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }
}

async fn set_paused(conn: &mut SqliteConnection, id: &ConnectorId, paused: bool) -> Result<(), StoreError> {
    let sql = "UPDATE connectors SET paused = ?2 WHERE id = ?1";
    sqlx::query(sql).bind(id.as_str()).bind(paused).execute(conn).await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<(ConnectorId, ProjectEntry), StoreError> {
    let id = from_word("connector id", row.try_get("connector")?)?;
    let approved_at: Option<i64> = row.try_get("approved_at")?;
    let entry = ProjectEntry {
        app: row.try_get("app")?,
        folder: row.try_get("folder")?,
        file: row.try_get("file")?,
        entry: row.try_get("entry")?,
        definition: ProjectDefinition {
            digest: row.try_get("definition")?,
            outline: from_json("outline", row.try_get("outline")?)?,
        },
        approved_at: approved_at.map(from_millis).transpose()?,
    };
    Ok((id, entry))
}
