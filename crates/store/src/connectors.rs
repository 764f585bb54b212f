//! The table of connectors: adding, changing, removing, finding. Verdicts and sign-in facts are read along with them, and
//! written elsewhere.

use jiff::Timestamp;
use replug_core::{Connector, ConnectorId, Health, ServerAddress};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::column::{from_cache, from_json, from_millis, from_word, to_json, to_word};
use crate::{SignInFacts, Store, StoreError};

/// A connector as it is stored, with what was last learned about it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredConnector {
    /// The connector.
    pub connector: Connector,
    /// The last verdict; [`Health::unknown`] before the first one.
    pub health: Health,
    /// What may be shown about its sign-in without asking the keychain.
    pub sign_in: Option<SignInFacts>,
    /// When it was added, to the millisecond.
    pub created_at: Timestamp,
    /// Whether it came with a project folder and no person has allowed it. It is paused, and nothing may contact its server.
    pub awaits_approval: bool,
    /// Rises with every change to the connector, its verdict or its sign-in facts.
    pub revision: u64,
}

/// Everything about one connector; filters and orders are added behind it.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.name, c.address, c.transport, c.protocol, c.paused, c.settings, c.sources, c.created_at, ",
            "c.revision, v.health, s.facts, p.connector IS NOT NULL AND p.approved_at IS NULL AS awaits_approval ",
            "FROM connectors c LEFT JOIN verdicts v ON v.connector = c.id ",
            "LEFT JOIN sign_ins s ON s.connector = c.id LEFT JOIN project_entries p ON p.connector = c.id ",
            $rest
        )
    };
}

impl Store {
    /// Adds a connector behind the others. Its name must be free.
    pub async fn insert(&self, connector: &Connector) -> Result<StoredConnector, StoreError> {
        let created_at = self.clock.now();
        let mut transaction = self.write().await?;
        insert_row(&mut transaction, connector, created_at).await?;
        let stored = fetch(&mut transaction, &connector.id).await?;
        transaction.commit().await?;
        stored.ok_or_else(|| no_such(&connector.id))
    }

    /// Adds several connectors, all or none.
    pub async fn insert_all(&self, connectors: &[Connector]) -> Result<(), StoreError> {
        let created_at = self.clock.now();
        let mut transaction = self.write().await?;
        for connector in connectors {
            insert_row(&mut transaction, connector, created_at).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Changes a connector as it is now, not as the caller read it once: `change` runs while no other process can write.
    ///
    /// The id cannot be changed. When `change` changes nothing, nothing is written and the revision stays.
    pub async fn update<F>(&self, id: &ConnectorId, change: F) -> Result<StoredConnector, StoreError>
    where
        F: FnOnce(&mut Connector) + Send,
    {
        let mut transaction = self.write().await?;
        let before = fetch(&mut transaction, id).await?.ok_or_else(|| no_such(id))?;
        let mut connector = before.connector.clone();
        change(&mut connector);
        connector.id = id.clone();
        if connector == before.connector {
            return Ok(before);
        }
        update_row(&mut transaction, &connector).await?;
        let after = fetch(&mut transaction, id).await?.ok_or_else(|| no_such(id))?;
        transaction.commit().await?;
        Ok(after)
    }

    /// Removes a connector with its verdict, history, sign-in facts and refresh intent; its journal stays. Returns whether
    /// there was one.
    pub async fn delete(&self, id: &ConnectorId) -> Result<bool, StoreError> {
        let mut transaction = self.write().await?;
        let sql = "DELETE FROM connectors WHERE id = ?1";
        let done = sqlx::query(sql).bind(id.as_str()).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// All connectors, the oldest first.
    pub async fn list(&self) -> Result<Vec<StoredConnector>, StoreError> {
        let rows = sqlx::query(select!("ORDER BY c.seq")).fetch_all(&self.pool).await?;
        rows.iter().map(read_stored).collect()
    }

    /// The connector with this id.
    pub async fn get(&self, id: &ConnectorId) -> Result<Option<StoredConnector>, StoreError> {
        fetch(&mut *self.pool.acquire().await?, id).await
    }

    /// The connector with this id or, without regard to case, this name. An id goes before a name that looks like it.
    pub async fn find(&self, text: &str) -> Result<Option<StoredConnector>, StoreError> {
        let sql = select!("WHERE c.id = ?1 OR c.name_key = ?2 ORDER BY c.id = ?1 DESC LIMIT 1");
        let row = sqlx::query(sql).bind(text).bind(fold(text)).fetch_optional(&self.pool).await?;
        row.as_ref().map(read_stored).transpose()
    }

    /// How often this connector, its verdict or its sign-in facts changed; `None` when there is no such connector.
    pub async fn revision(&self, id: &ConnectorId) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT revision FROM connectors WHERE id = ?1";
        let revision: Option<i64> = sqlx::query_scalar(sql).bind(id.as_str()).fetch_optional(&self.pool).await?;
        Ok(revision.map(i64::cast_unsigned))
    }
}

/// Raises the revision of a connector that is about to change otherwise.
pub(crate) async fn touch(conn: &mut SqliteConnection, id: &ConnectorId) -> Result<(), StoreError> {
    let sql = "UPDATE connectors SET revision = revision + 1 WHERE id = ?1";
    let done = sqlx::query(sql).bind(id.as_str()).execute(conn).await?;
    if done.rows_affected() == 0 { Err(no_such(id)) } else { Ok(()) }
}

/// Adds one row. Runs inside a transaction that holds the write lock, or the look at the name would prove nothing.
pub(crate) async fn insert_row(
    conn: &mut SqliteConnection,
    connector: &Connector,
    created_at: Timestamp,
) -> Result<(), StoreError> {
    require_free_name(conn, connector).await?;
    let row = Columns::of(connector)?;
    sqlx::query(
        "INSERT INTO connectors (id, name, name_key, address, transport, protocol, paused, settings, sources, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )
    .bind(connector.id.as_str())
    .bind(&connector.name)
    .bind(fold(&connector.name))
    .bind(row.address)
    .bind(row.transport)
    .bind(&connector.protocol)
    .bind(connector.paused)
    .bind(row.settings)
    .bind(row.sources)
    .bind(created_at.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}

/// How many connectors could not be listed, because something in their row was never written by Replug.
pub(crate) async fn count_unreadable(conn: &mut SqliteConnection) -> Result<usize, sqlx::Error> {
    let sql = "SELECT id, name, address, transport, protocol, paused, settings, sources, created_at FROM connectors";
    let rows = sqlx::query(sql).fetch_all(conn).await?;
    Ok(rows.iter().filter(|row| read_connector(row).and_then(|_| read_created_at(row)).is_err()).count())
}

/// The form in which names are compared.
fn fold(name: &str) -> String {
    name.to_lowercase()
}

pub(crate) fn no_such(id: &ConnectorId) -> StoreError {
    StoreError::NoSuchConnector { id: id.to_string() }
}

/// The columns of a connector that need a conversion.
struct Columns {
    address: String,
    transport: Option<String>,
    settings: String,
    sources: String,
}

impl Columns {
    fn of(connector: &Connector) -> Result<Self, StoreError> {
        Ok(Self {
            address: connector.address.to_stored(),
            transport: connector.transport.map(|transport| to_word("transport", &transport)).transpose()?,
            settings: to_json("settings", &connector.settings)?,
            sources: to_json("sources", &connector.sources)?,
        })
    }
}

async fn update_row(conn: &mut SqliteConnection, connector: &Connector) -> Result<(), StoreError> {
    require_free_name(conn, connector).await?;
    let row = Columns::of(connector)?;
    sqlx::query(
        "UPDATE connectors SET name = ?2, name_key = ?3, address = ?4, transport = ?5, protocol = ?6, paused = ?7, \
         settings = ?8, sources = ?9, revision = revision + 1 WHERE id = ?1",
    )
    .bind(connector.id.as_str())
    .bind(&connector.name)
    .bind(fold(&connector.name))
    .bind(row.address)
    .bind(row.transport)
    .bind(&connector.protocol)
    .bind(connector.paused)
    .bind(row.settings)
    .bind(row.sources)
    .execute(conn)
    .await?;
    Ok(())
}

async fn require_free_name(conn: &mut SqliteConnection, connector: &Connector) -> Result<(), StoreError> {
    let sql = "SELECT count(*) FROM connectors WHERE name_key = ?1 AND id <> ?2";
    let others: i64 =
        sqlx::query_scalar(sql).bind(fold(&connector.name)).bind(connector.id.as_str()).fetch_one(conn).await?;
    if others == 0 { Ok(()) } else { Err(StoreError::NameTaken { name: connector.name.clone() }) }
}

pub(crate) async fn fetch(
    conn: &mut SqliteConnection,
    id: &ConnectorId,
) -> Result<Option<StoredConnector>, StoreError> {
    let row = sqlx::query(select!("WHERE c.id = ?1")).bind(id.as_str()).fetch_optional(conn).await?;
    row.as_ref().map(read_stored).transpose()
}

fn read_stored(row: &SqliteRow) -> Result<StoredConnector, StoreError> {
    let connector = read_connector(row)?;
    let health: Option<&[u8]> = row.try_get("health")?;
    let facts: Option<&[u8]> = row.try_get("facts")?;
    Ok(StoredConnector {
        health: health.and_then(|text| from_cache("health", &connector.id, text)).unwrap_or_else(Health::unknown),
        sign_in: facts.and_then(|text| from_cache("sign-in facts", &connector.id, text)),
        created_at: read_created_at(row)?,
        awaits_approval: row.try_get("awaits_approval")?,
        revision: row.try_get::<i64, _>("revision")?.cast_unsigned(),
        connector,
    })
}

fn read_connector(row: &SqliteRow) -> Result<Connector, StoreError> {
    let transport: Option<&str> = row.try_get("transport")?;
    let address = ServerAddress::from_stored(row.try_get("address")?);
    Ok(Connector {
        id: from_word("connector id", row.try_get("id")?)?,
        name: row.try_get("name")?,
        address: address.map_err(|_| StoreError::Unreadable { what: "address" })?,
        transport: transport.map(|word| from_word("transport", word)).transpose()?,
        protocol: row.try_get("protocol")?,
        paused: row.try_get("paused")?,
        settings: from_json("settings", row.try_get("settings")?)?,
        sources: from_json("sources", row.try_get("sources")?)?,
    })
}

fn read_created_at(row: &SqliteRow) -> Result<Timestamp, StoreError> {
    from_millis(row.try_get("created_at")?)
}
