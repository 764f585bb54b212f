//! Switches that change the members of any JSON document a server sends: optional ones made null, empty or missing, and
//! single ones set or removed. Which members are optional is known by whoever writes the document.

use serde_json::{Map, Value, json};

/// What a server writes where a member is optional.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Optionals {
    /// The usual value, or nothing.
    #[default]
    Usual,
    /// `null` in every optional member.
    Null,
    /// An empty text or list in every optional member.
    Empty,
    /// No optional member at all.
    Missing,
}

/// Whether an optional member is a text or a list; its empty form follows from that.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Text,
    List,
}

impl Optionals {
    pub(crate) fn apply(self, document: &mut Map<String, Value>, optional: &[(&str, Kind)]) {
        for &(name, kind) in optional {
            let value = match (self, kind) {
                (Self::Usual, _) => continue,
                (Self::Missing, _) => {
                    document.remove(name);
                    continue;
                }
                (Self::Null, _) => Value::Null,
                (Self::Empty, Kind::Text) => json!(""),
                (Self::Empty, Kind::List) => json!([]),
            };
            document.insert(name.to_owned(), value);
        }
    }
}

/// Members set or removed at the very end, whatever the other switches say: the way to send any value at all.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Edits(Vec<(String, Option<Value>)>);

impl Edits {
    /// No change.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Puts `value` in the member's place, or adds it.
    #[must_use]
    pub fn set(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0.push((member.to_owned(), Some(value.into())));
        self
    }

    /// Leaves the member out.
    #[must_use]
    pub fn remove(mut self, member: &str) -> Self {
        self.0.push((member.to_owned(), None));
        self
    }

    pub(crate) fn apply(&self, document: &mut Map<String, Value>) {
        for (member, value) in &self.0 {
            match value {
                Some(value) => document.insert(member.clone(), value.clone()),
                None => document.remove(member),
            };
        }
    }
}
