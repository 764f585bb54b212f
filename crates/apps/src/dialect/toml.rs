//! TOML, by `toml_edit`. Where a value stands in the file is not kept.

use toml_edit::{Document, Item, Table as TomlTable, TableLike, Value as TomlValue};

use super::{ParseError, error_at};
use crate::value::{Table, Value};

pub(super) fn parse(text: &str) -> Result<Value, ParseError> {
    let document = Document::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        error_at(text, at, first_line(error.message()))
    })?;
    Ok(convert_table(document.as_table() as &TomlTable))
}

/// The parser's message without the lines of the file that it may quote.
fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

fn convert_table(table: &dyn TableLike) -> Value {
    Value::Table(Table::new(table.iter().map(|(name, item)| (name.to_owned(), convert_item(item))).collect()))
}

fn convert_item(item: &Item) -> Value {
    match item {
        Item::None => Value::Null,
        Item::Value(value) => convert_value(value),
        Item::Table(table) => convert_table(table),
        Item::ArrayOfTables(tables) => Value::List(tables.iter().map(|table| convert_table(table)).collect()),
    }
}

fn convert_value(value: &TomlValue) -> Value {
    match value {
        TomlValue::String(text) => Value::Text(text.value().clone()),
        TomlValue::Integer(number) => Value::Number(number.value().to_string()),
        TomlValue::Float(number) => Value::Number(number.display_repr().into_owned()),
        TomlValue::Boolean(value) => Value::Bool(*value.value()),
        TomlValue::Datetime(time) => Value::Text(time.value().to_string()),
        TomlValue::Array(items) => Value::List(items.iter().map(convert_value).collect()),
        TomlValue::InlineTable(table) => convert_table(table),
    }
}
