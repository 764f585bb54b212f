//! How values stand in columns: JSON, single words, times. Which columns there are is the business of each table's module.

use std::fmt::Display;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

use sqlx::sqlite::SqliteRow;

use crate::StoreError;

/// A value as JSON text.
pub(crate) fn to_json<T: Serialize + ?Sized>(what: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Unstorable { what })
}

/// A value from JSON text that must be readable.
pub(crate) fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Unreadable { what })
}

/// A value from JSON text whose loss only costs a new check: when it cannot be read (damage, or a code that only a newer
/// Replug knows), it is as if it had never been stored. It is taken as bytes, because damaged text may be none.
pub(crate) fn from_cache<T: DeserializeOwned>(what: &'static str, of: &dyn Display, text: &[u8]) -> Option<T> {
    serde_json::from_slice(text)
        .inspect_err(
            |error| tracing::warn!(what, %of, line = error.line(), "a stored value cannot be read and is left out"),
        )
        .ok()
}

/// The word that serde writes for a variant without data.
pub(crate) fn to_word<T: Serialize>(what: &'static str, value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(StoreError::Unstorable { what }),
    }
}

/// The variant that serde reads from a word.
pub(crate) fn from_word<T: DeserializeOwned>(what: &'static str, word: &str) -> Result<T, StoreError> {
    let deserializer: StrDeserializer<'_, WordError> = word.into_deserializer();
    T::deserialize(deserializer).map_err(|_| StoreError::Unreadable { what })
}

/// Rows of which each stands for itself: one that was damaged is left out, so that the others can be seen.
pub(crate) fn readable<T>(
    what: &'static str,
    rows: &[SqliteRow],
    read: fn(&SqliteRow) -> Result<T, StoreError>,
) -> Vec<T> {
    let read =
        |row| read(row).inspect_err(|error| tracing::warn!(what, %error, "a row cannot be read and is left out"));
    rows.iter().filter_map(|row| read(row).ok()).collect()
}

/// A time from milliseconds since 1970 in UTC.
pub(crate) fn from_millis(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis).map_err(|_| StoreError::Unreadable { what: "time" })
}
