//! The identity of an entry's definition: all of its fields and nothing else. An approval holds for exactly one.

use std::fmt;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::value::Value;

/// SHA-256 over every field of an entry, whatever the order and layout in the file. It reveals no value.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Definition([u8; 32]);

impl Definition {
    /// The identity of an entry with this name and these fields.
    pub(crate) fn of(name: &str, entry: &Value) -> Self {
        let canonical = Json::Array(vec![Json::String(name.to_owned()), canonical(entry)]);
        Self(Sha256::digest(canonical.to_string().as_bytes()).into())
    }
}

/// The entry with its keys in order. Kinds stay apart: the number `1` and the text `"1"` are different definitions.
fn canonical(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(number) => Json::Array(vec![Json::String("number".to_owned()), Json::String(number.clone())]),
        Value::Text(text) => Json::String(text.clone()),
        Value::List(items) => {
            let items = items.iter().map(canonical).collect();
            Json::Array(vec![Json::String("list".to_owned()), Json::Array(items)])
        }
        Value::Table(table) => {
            // Pairs, because a key may stand twice; the sort keeps equal ones in their order.
            let mut members: Vec<(&str, Json)> = table.members().map(|(key, value)| (key, canonical(value))).collect();
            members.sort_by_key(|(key, _)| *key);
            let pair = |(key, value): (&str, Json)| Json::Array(vec![Json::String(key.to_owned()), value]);
            let pairs = members.into_iter().map(pair).collect();
            Json::Array(vec![Json::String("table".to_owned()), Json::Array(pairs)])
        }
    }
}

impl fmt::Display for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Definition({self})")
    }
}
