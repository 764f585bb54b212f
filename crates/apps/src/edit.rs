//! Changing a few bytes of an app's file and none of the others. Text goes in and text comes out; how it reaches the disk is
//! elsewhere.

mod json;
mod toml;

use std::fmt;

use serde_json::Value as Json;

use crate::dialect::{Dialect, ParseError};
use crate::value::{Table, Value};

/// One step of a path into a file. A key may be an address with a secret in it: `Debug` hides those.
#[derive(Clone, PartialEq, Eq)]
pub enum Step {
    /// Into a table.
    Key(String),
    /// Into a list, counted from 0.
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

/// A change of one value. The new value may be a key: `Debug` shows the place only.
#[derive(Clone, PartialEq)]
pub enum Change {
    /// The value at this path becomes this one. Tables on the way are made when they are missing; items of lists are not.
    Set(Vec<Step>, Json),
    /// The value at this path goes away, with its key.
    Remove(Vec<Step>),
}

impl Change {
    /// The same change of something that stands at `place`.
    pub(crate) fn below(&self, place: &[Step]) -> Self {
        let path = |path: &[Step]| [place, path].concat();
        match self {
            Self::Set(at, value) => Self::Set(path(at), value.clone()),
            Self::Remove(at) => Self::Remove(path(at)),
        }
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) if key.contains("://") => f.write_str("Key(hidden)"),
            Self::Key(key) => write!(f, "Key({key:?})"),
            Self::Index(index) => write!(f, "Index({index})"),
        }
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, path) = match self {
            Self::Set(path, _) => ("Set", path),
            Self::Remove(path) => ("Remove", path),
        };
        write!(f, "{word}({path:?})")
    }
}

/// Why a file is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Replug does not write this dialect.
    #[error("files of this kind are only read")]
    ReadOnly,
    /// It cannot be read.
    #[error(transparent)]
    Malformed(#[from] ParseError),
    /// Parsers disagree about which of the two counts.
    #[error("`{0}` stands twice in one object")]
    DuplicateKey(String),
    /// There is nothing at the path, or the way to it leads through something that is no table.
    #[error("the place to change is not there")]
    NoSuchPlace,
    /// The value has no form in this dialect.
    #[error("this value cannot be written in this kind of file")]
    NotExpressible,
    /// The result would not have said what it should.
    #[error("the change could not be made without touching something else")]
    WouldTouchMore,
}

/// The file with these changes made, one after the other, and every other byte as it was.
///
/// The result is read again and compared with what was asked for; anything else is refused.
pub fn edit(dialect: Dialect, text: &str, changes: &[Change]) -> Result<String, EditError> {
    changes.iter().try_fold(text.to_owned(), |text, change| edit_once(dialect, &text, change))
}

fn edit_once(dialect: Dialect, text: &str, change: &Change) -> Result<String, EditError> {
    let before = dialect.parse(text)?;
    if let Some(key) = before.duplicate {
        return Err(EditError::DuplicateKey(key));
    }
    let wanted = changed(&before.value, change)?;
    let edited = match dialect {
        Dialect::Json | Dialect::JsonWithComments | Dialect::Jsonc => json::edit(dialect, text, change)?,
        Dialect::Toml => toml::edit(text, change)?,
        Dialect::Yaml => return Err(EditError::ReadOnly),
    };
    let says = dialect.parse(&edited).map_err(|_| EditError::WouldTouchMore)?;
    if same(&says.value, &wanted) { Ok(edited) } else { Err(EditError::WouldTouchMore) }
}

/// Whether two files say the same; the order of keys says nothing, and neither does an empty table: TOML has no place for
/// one whose last entry went.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Table(one), Value::Table(other)) => {
            let covers = |one: &Table, other: &Table| {
                one.members()
                    .all(|(key, value)| other.get(key).map_or_else(|| is_empty(value), |other| same(value, other)))
            };
            covers(one, other) && covers(other, one)
        }
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (one, other) => one == other,
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_table().is_some_and(|table| table.members().all(|(_, value)| is_empty(value)))
}

/// What the file should say afterwards.
fn changed(value: &Value, change: &Change) -> Result<Value, EditError> {
    match change {
        Change::Set(path, new) => with(value.clone(), path, &Value::from_json(new)),
        Change::Remove(path) => without(value.clone(), path),
    }
}

fn with(value: Value, path: &[Step], new: &Value) -> Result<Value, EditError> {
    let Some((step, rest)) = path.split_first() else {
        return Ok(new.clone());
    };
    match (step, value) {
        (Step::Key(key), Value::Table(table)) => {
            let mut members = table.into_members();
            match members.iter_mut().find(|(name, _)| name == key) {
                Some((_, inner)) => *inner = with(std::mem::replace(inner, Value::Null), rest, new)?,
                None => members.push((key.clone(), with(Value::Table(Table::default()), rest, new)?)),
            }
            Ok(Value::Table(Table::new(members)))
        }
        (Step::Index(index), Value::List(mut items)) => {
            let item = items.get_mut(*index).ok_or(EditError::NoSuchPlace)?;
            *item = with(std::mem::replace(item, Value::Null), rest, new)?;
            Ok(Value::List(items))
        }
        _ => Err(EditError::NoSuchPlace),
    }
}

fn without(value: Value, path: &[Step]) -> Result<Value, EditError> {
    let Some((step, rest)) = path.split_first() else {
        return Err(EditError::NoSuchPlace);
    };
    match (step, value) {
        (Step::Key(key), Value::Table(table)) => {
            let mut members = table.into_members();
            let at = members.iter().position(|(name, _)| name == key).ok_or(EditError::NoSuchPlace)?;
            if rest.is_empty() {
                members.remove(at);
            } else {
                let inner = std::mem::replace(&mut members[at].1, Value::Null);
                members[at].1 = without(inner, rest)?;
            }
            Ok(Value::Table(Table::new(members)))
        }
        (Step::Index(index), Value::List(mut items)) if *index < items.len() => {
            if rest.is_empty() {
                items.remove(*index);
            } else {
                let inner = std::mem::replace(&mut items[*index], Value::Null);
                items[*index] = without(inner, rest)?;
            }
            Ok(Value::List(items))
        }
        _ => Err(EditError::NoSuchPlace),
    }
}

/// Replaces bytes of a text; the ranges do not overlap.
fn splice(text: &str, mut pieces: Vec<(std::ops::Range<usize>, String)>) -> String {
    pieces.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, new) in pieces {
        out.push_str(&text[at..range.start]);
        out.push_str(&new);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}
