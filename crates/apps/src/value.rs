//! What a configuration file says, whatever its dialect: one tree that keeps order and knows about duplicate keys. Where a
//! value stands in the file is not kept; whoever edits reads the file again.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value as Json;
use zeroize::Zeroize;

use crate::edit::Step;

/// A value of a configuration file. Its text may be a key or a token: it is wiped when dropped and `Debug` shows its form only.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// Named values.
    Table(Table),
}

/// Named values in the order of the file.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Table {
    members: Vec<(String, Value)>,
}

impl Value {
    /// The table, if it is one.
    pub const fn as_table(&self) -> Option<&Table> {
        if let Self::Table(table) = self { Some(table) } else { None }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The truth value, if it is one.
    pub const fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// The items, if it is a list.
    pub fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    /// The value at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.as_table()?.get(key))
    }

    /// The value where these steps lead.
    pub(crate) fn step(&self, path: &[Step]) -> Option<&Self> {
        path.iter().try_fold(self, |value, step| match step {
            Step::Key(key) => value.as_table()?.get(key),
            Step::Index(index) => value.as_list()?.get(*index),
        })
    }

    /// The number when it is a whole one that fits.
    pub fn as_u16(&self) -> Option<u16> {
        if let Self::Number(text) = self { text.parse().ok() } else { None }
    }

    /// The number when it is a whole one that fits.
    pub fn as_i64(&self) -> Option<i64> {
        if let Self::Number(text) = self { text.parse().ok() } else { None }
    }

    /// A time in milliseconds since 1970; zero and less stand for none.
    pub(crate) fn as_milliseconds(&self) -> Option<Timestamp> {
        self.as_i64().filter(|milliseconds| *milliseconds > 0).and_then(|ms| Timestamp::from_millisecond(ms).ok())
    }

    /// A time in whole seconds since 1970, a fraction cut off; zero and less stand for none.
    pub(crate) fn as_seconds(&self) -> Option<Timestamp> {
        let Self::Number(text) = self else { return None };
        let whole = text.split('.').next().and_then(|whole| whole.parse().ok());
        whole.filter(|seconds| *seconds > 0).and_then(|seconds| Timestamp::from_second(seconds).ok())
    }

    /// The tree of a JSON value.
    pub(crate) fn from_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => Self::Number(number.to_string()),
            Json::String(text) => Self::Text(text.clone()),
            Json::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
            Json::Object(members) => {
                let member = |(key, value): (&String, &Json)| (key.clone(), Self::from_json(value));
                Self::Table(Table::new(members.iter().map(member).collect()))
            }
        }
    }

    /// What kind of value it is, for a message.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Table(_) => "an object",
        }
    }
}

impl Table {
    /// Named values in this order.
    pub(crate) const fn new(members: Vec<(String, Value)>) -> Self {
        Self { members }
    }

    pub(crate) fn into_members(mut self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.members)
    }

    /// The value of a key; of several with one name the last, as most parsers do.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.members.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// All members in order.
    pub fn members(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.members.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// A key that stands here more than once.
    pub fn duplicate(&self) -> Option<&str> {
        let mut seen = std::collections::HashSet::new();
        self.members.iter().map(|(name, _)| name.as_str()).find(|name| !seen.insert(*name))
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        for (_, value) in &mut self.members {
            value.wipe();
        }
    }
}

impl Value {
    /// Tables wipe what they hold when they are dropped; this covers the lists and texts between.
    fn wipe(&mut self) {
        match self {
            Self::Text(text) | Self::Number(text) => text.zeroize(),
            Self::List(items) => items.iter_mut().for_each(Self::wipe),
            Self::Null | Self::Bool(_) | Self::Table(_) => {}
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(table) => table.fmt(f),
            Self::List(items) => f.debug_list().entries(items).finish(),
            other => f.write_str(other.kind()),
        }
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.members()).finish()
    }
}
