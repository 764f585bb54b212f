//! Edits in TOML, by `toml_edit`, which keeps comments and layout. Whether it kept the rest is looked at, not assumed.

use serde_json::Value as Json;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::{Change, EditError, Step};

pub(super) fn edit(text: &str, change: &Change) -> Result<String, EditError> {
    let mut document: DocumentMut = text.parse().map_err(|_| EditError::WouldTouchMore)?;
    if document.to_string() != text {
        return Err(EditError::WouldTouchMore);
    }
    match change {
        Change::Set(path, value) => set(document.as_table_mut(), path, value)?,
        Change::Remove(path) => remove(document.as_table_mut(), path)?,
    }
    Ok(document.to_string())
}

fn set(table: &mut dyn TableLike, path: &[Step], value: &Json) -> Result<(), EditError> {
    match path {
        [Step::Key(key)] => {
            let item = match value {
                Json::Object(_) => Item::Table(block(value)?),
                plain => Item::Value(inline(plain)?),
            };
            replace(table, key, item);
            Ok(())
        }
        [Step::Key(key), rest @ ..] => {
            if !table.contains_key(key) {
                let mut parent = Table::new();
                parent.set_implicit(true);
                table.insert(key, Item::Table(parent));
            }
            let inner = table.get_mut(key).and_then(Item::as_table_like_mut).ok_or(EditError::NoSuchPlace)?;
            set(inner, rest, value)
        }
        _ => Err(EditError::NoSuchPlace),
    }
}

/// Puts an item in the place of another, with the comments and spaces around it.
fn replace(table: &mut dyn TableLike, key: &str, mut item: Item) {
    let Some(old) = table.get_mut(key) else {
        table.insert(key, item);
        return;
    };
    match (&*old, &mut item) {
        (Item::Value(old), Item::Value(new)) => *new.decor_mut() = old.decor().clone(),
        (Item::Table(old), Item::Table(new)) => *new.decor_mut() = old.decor().clone(),
        _ => {}
    }
    *old = item;
}

fn remove(table: &mut dyn TableLike, path: &[Step]) -> Result<(), EditError> {
    match path {
        [Step::Key(key)] => table.remove(key).map(drop).ok_or(EditError::NoSuchPlace),
        [Step::Key(key), rest @ ..] => {
            let inner = table.get_mut(key).and_then(Item::as_table_like_mut).ok_or(EditError::NoSuchPlace)?;
            remove(inner, rest)
        }
        _ => Err(EditError::NoSuchPlace),
    }
}

/// An object as a `[table]` whose own objects are inline.
fn block(value: &Json) -> Result<Table, EditError> {
    let mut table = Table::new();
    for (key, value) in value.as_object().into_iter().flatten() {
        table.insert(key, Item::Value(inline(value)?));
    }
    Ok(table)
}

fn inline(value: &Json) -> Result<Value, EditError> {
    Ok(match value {
        Json::Null => return Err(EditError::NotExpressible),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => number
            .as_i64()
            .map(Value::from)
            .or_else(|| number.as_f64().map(Value::from))
            .ok_or(EditError::NotExpressible)?,
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::Array(items.iter().map(inline).collect::<Result<Array, _>>()?),
        Json::Object(members) => {
            let mut table = InlineTable::new();
            for (key, value) in members {
                table.insert(key, inline(value)?);
            }
            Value::InlineTable(table)
        }
    })
}
