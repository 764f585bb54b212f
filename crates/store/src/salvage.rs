//! Reading what can be read in a damaged database into a sound one. Where the files are and what they are called is in
//! `rebuild`.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use futures_util::TryStreamExt;
use jiff::Timestamp;
use replug_core::{Connector, ServerAddress};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, Connection, Row, Sqlite, SqliteConnection, TypeInfo, ValueRef};

use crate::column::{from_millis, from_word};
use crate::connectors::insert_row;
use crate::inspect::read_only;
use crate::{StoreError, open};

/// How much of a damaged database came over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Salvaged {
    /// Connectors that are in the new database.
    pub connectors: u32,
    /// Rows that were found and could not be kept. Rows on unreadable pages are not counted; nobody knows them.
    pub lost: u32,
}

/// A connector's columns, in the order in which [`mend`] takes them.
const CONNECTORS: (&str, &str) =
    ("connectors", "id, name, address, transport, protocol, paused, settings, sources, created_at");

/// Every other table that is copied, after the connectors that most of them refer to.
const TABLES: [(&str, &str); 10] = [
    ("verdicts", "connector, checked_at, state, code, health, steps"),
    ("changes", "seq, connector, at, state, code, summary"),
    ("day_states", "connector, day, level"),
    ("settings", "key, value"),
    ("sign_ins", "connector, facts"),
    ("refresh_intents", "connector, generation, fingerprint, at"),
    ("refresh_pauses", "connector, fingerprint, code, since, until"),
    ("project_entries", "connector, app, folder, file, entry, definition, outline, approved_at"),
    ("folders", "path"),
    ("journal", "id, kind, connector, step, data, began_at, updated_at"),
];

/// A value of a damaged row. Our tables hold nothing else.
enum Cell {
    Null,
    Integer(i64),
    Text(String),
}

/// Copies what can be read in the file `damaged`, which is not changed, into the empty database `target`.
pub(crate) async fn salvage(damaged: &Path, target: &mut SqliteConnection) -> Result<Salvaged, StoreError> {
    // With this, SQLite reads a file that is shorter than its header says, and a schema that is damaged in part.
    let mut source = open::connect(&read_only(damaged).pragma("writable_schema", "ON")).await?;
    let mut transaction = target.begin_with("BEGIN IMMEDIATE").await?;
    let mut salvaged = Salvaged::default();
    let mut seen = HashSet::new();
    for cells in read_rows(&mut source, CONNECTORS).await.into_values() {
        match mend(&cells) {
            Some(found) if seen.insert(found.0.id.clone()) => {
                insert_connector(&mut transaction, found).await?;
                salvaged.connectors += 1;
            }
            _ => salvaged.lost += 1,
        }
    }
    for table in TABLES {
        for cells in read_rows(&mut source, table).await.into_values() {
            if !insert_cells(&mut transaction, table, cells).await? {
                salvaged.lost += 1;
            }
        }
    }
    transaction.commit().await?;
    source.close().await?;
    Ok(salvaged)
}

/// All rows of a table that can be reached, from its beginning to the first damage, and from its end.
async fn read_rows(source: &mut SqliteConnection, (table, columns): (&str, &str)) -> BTreeMap<i64, Vec<Cell>> {
    let mut rows = BTreeMap::new();
    // `+` makes each column an expression: SQLite then reports no declared type, which may be damaged text.
    let columns: Vec<String> = columns.split(", ").map(|column| format!("+{column}")).collect();
    for order in ["ASC", "DESC"] {
        let sql = format!("SELECT +rowid, {} FROM {table} NOT INDEXED ORDER BY rowid {order}", columns.join(", "));
        let mut stream = sqlx::query(AssertSqlSafe(sql)).fetch(&mut *source);
        let end = loop {
            match stream.try_next().await {
                Ok(Some(row)) => {
                    if let Some((rowid, cells)) = read_cells(&row) {
                        rows.entry(rowid).or_insert(cells);
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        match end {
            Ok(()) => break,
            Err(error) => {
                tracing::warn!(table, order, %error, "a damaged table could not be read to its end");
            }
        }
    }
    rows
}

fn read_cells(row: &SqliteRow) -> Option<(i64, Vec<Cell>)> {
    let rowid = row.try_get_unchecked(0).ok()?;
    let cells: Option<Vec<Cell>> = (1..row.len()).map(|index| read_cell(row, index)).collect();
    Some((rowid, cells?))
}

fn read_cell(row: &SqliteRow, index: usize) -> Option<Cell> {
    let value = row.try_get_raw(index).ok()?;
    if value.is_null() {
        return Some(Cell::Null);
    }
    if value.type_info().name() == "INTEGER" {
        return row.try_get_unchecked(index).ok().map(Cell::Integer);
    }
    // Bytes that are no text any more become visible replacements; the rest of the value may still be of use.
    let bytes: Vec<u8> = row.try_get_unchecked(index).ok()?;
    Some(Cell::Text(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Whether the row was taken. It is refused when its connector is lost, or when another row has its key.
async fn insert_cells(
    target: &mut SqliteConnection,
    (table, columns): (&str, &str),
    cells: Vec<Cell>,
) -> Result<bool, StoreError> {
    let places: Vec<String> = (1..=cells.len()).map(|number| format!("?{number}")).collect();
    let sql = format!("INSERT INTO {table} ({columns}) VALUES ({})", places.join(", "));
    let mut query: sqlx::query::Query<'_, Sqlite, SqliteArguments> = sqlx::query(AssertSqlSafe(sql));
    for cell in cells {
        query = match cell {
            Cell::Null => query.bind(None::<i64>),
            Cell::Integer(number) => query.bind(number),
            Cell::Text(text) => query.bind(text),
        };
    }
    match query.execute(target).await {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(error)) if is_refusal(&*error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The row breaks a rule of the table (`SQLITE_CONSTRAINT`), as opposed to: the disk is full.
fn is_refusal(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.code().and_then(|code| code.parse::<i32>().ok()).is_some_and(|code| code & 0xff == 19)
}

async fn insert_connector(
    target: &mut SqliteConnection,
    (mut connector, created_at): (Connector, Timestamp),
) -> Result<(), StoreError> {
    match insert_row(target, &connector, created_at).await {
        // Damage made two names alike; both connectors are worth keeping.
        Err(StoreError::NameTaken { name }) => {
            connector.name = format!("{name} ({})", connector.id);
            insert_row(target, &connector, created_at).await
        }
        inserted => inserted,
    }
}

/// A connector from a damaged row. Id and address must be whole; anything else falls back to what a new connector has.
fn mend(cells: &[Cell]) -> Option<(Connector, Timestamp)> {
    let [id, name, address, transport, protocol, paused, settings, sources, created_at] = cells else {
        return None;
    };
    let id = from_word("connector id", id.text()?).ok()?;
    let created_at = created_at.integer().and_then(|millis| from_millis(millis).ok());
    let connector = Connector {
        name: name.text().map_or_else(|| format!("{id}"), str::to_owned),
        id,
        address: ServerAddress::from_stored(address.text()?).ok()?,
        transport: transport.text().and_then(|word| from_word("transport", word).ok()),
        protocol: protocol.text().map(str::to_owned),
        paused: paused.integer() == Some(1),
        settings: settings.text().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default(),
        sources: sources.text().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default(),
    };
    Some((connector, created_at.unwrap_or(Timestamp::UNIX_EPOCH)))
}

impl Cell {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Integer(_) => None,
        }
    }

    const fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Null | Self::Text(_) => None,
        }
    }
}
