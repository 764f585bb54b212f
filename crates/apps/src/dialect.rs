//! The dialects in which apps write their files, and reading each into one tree. Changing a file is not done here.

mod json;
mod toml;
mod yaml;

use crate::value::{Table, Value};

pub(crate) use self::json::options as json_options;

/// How deep a file may be nested.
const DEPTH: usize = 64;

/// What an app accepts in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// JSON as RFC 8259 has it.
    Json,
    /// JSON with comments, but without trailing commas.
    JsonWithComments,
    /// JSON with comments and trailing commas.
    Jsonc,
    /// TOML 1.0.
    Toml,
    /// YAML 1.2. Replug only reads it.
    Yaml,
}

/// Why a file cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct ParseError {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What the parser expected; it quotes nothing from the file.
    pub reason: String,
}

/// A file as its dialect reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// What it says; an empty table for an empty file.
    pub value: Value,
    /// A key that stands twice in one object: parsers disagree about which counts, so such a file is only read.
    pub duplicate: Option<String>,
}

impl Dialect {
    /// Whether Replug changes files of this dialect.
    pub const fn is_writable(self) -> bool {
        !matches!(self, Self::Yaml)
    }

    /// Reads a whole file. A byte order mark at its start is passed over; a blank file is an empty table.
    pub fn parse(self, text: &str) -> Result<Parsed, ParseError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim().is_empty() {
            return Ok(Parsed { value: Value::Table(Table::default()), duplicate: None });
        }
        let value = match self {
            Self::Json | Self::JsonWithComments | Self::Jsonc => json::parse(self, text)?,
            Self::Toml => toml::parse(text)?,
            Self::Yaml => yaml::parse(text)?,
        };
        let duplicate = duplicate_in(&value).map(str::to_owned);
        Ok(Parsed { value, duplicate })
    }
}

fn duplicate_in(value: &Value) -> Option<&str> {
    match value {
        Value::Table(table) => table.duplicate().or_else(|| table.members().find_map(|(_, value)| duplicate_in(value))),
        Value::List(items) => items.iter().find_map(duplicate_in),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => None,
    }
}

/// Line and column of a byte in `text`, each counted from 1.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

fn error_at(text: &str, byte: usize, reason: impl Into<String>) -> ParseError {
    let (line, column) = position(text, byte);
    ParseError { line, column, reason: reason.into() }
}

fn too_deep(text: &str, byte: usize) -> ParseError {
    error_at(text, byte, format!("nested deeper than {DEPTH} levels"))
}
