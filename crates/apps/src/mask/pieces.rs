//! The texts, keys and comments of a file, each with its bytes. What may be shown of them is decided elsewhere.

use std::ops::Range;

use jsonc_parser::ast::{ObjectPropName, Value as Node};
use jsonc_parser::common::Ranged;
use jsonc_parser::tokens::Token;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, parse_to_ast};
use toml_edit::{Document, Item, Key, TableLike, Value};

use crate::dialect::{Dialect, json_options};

/// Something that is written in a file.
pub(super) enum Piece<'a> {
    /// A value that is a text.
    Text {
        /// Its bytes, without the quotes.
        range: Range<usize>,
        /// What it says once its escapes are read.
        says: &'a str,
        /// The keys that lead to it.
        path: &'a [&'a str],
        /// In a list, the text before it.
        before: Option<&'a str>,
    },
    /// A value that is a number.
    Number {
        /// Its bytes.
        range: Range<usize>,
        /// The keys that lead to it.
        path: &'a [&'a str],
    },
    /// The name of a member.
    Key {
        /// Its bytes, without the quotes.
        range: Range<usize>,
        /// What it says once its escapes are read.
        says: &'a str,
    },
    /// A comment.
    Comment(Range<usize>),
}

type Sink<'s> = dyn FnMut(Piece<'_>) + 's;

/// Hands every piece to `sink`; `None` when the text cannot be read. YAML is not taken apart.
pub(super) fn walk(dialect: Dialect, text: &str, sink: &mut Sink<'_>) -> Option<()> {
    match dialect {
        Dialect::Json | Dialect::JsonWithComments | Dialect::Jsonc => json(dialect, text, sink),
        Dialect::Toml => toml(text, sink),
        Dialect::Yaml => None,
    }
}

fn json(dialect: Dialect, text: &str, sink: &mut Sink<'_>) -> Option<()> {
    let body = text.trim_start_matches('\u{feff}');
    let base = text.len() - body.len();
    let collect = CollectOptions { comments: CommentCollectionStrategy::AsTokens, tokens: true };
    let parsed = parse_to_ast(body, &collect, &json_options(dialect)).ok()?;
    for token in parsed.tokens.iter().flatten() {
        if matches!(token.token, Token::CommentLine(_) | Token::CommentBlock(_)) {
            sink(Piece::Comment(token.range.start + base..token.range.end + base));
        }
    }
    if let Some(value) = &parsed.value {
        json_node(value, base, &mut Vec::new(), None, sink);
    }
    Some(())
}

fn json_node<'a>(node: &'a Node<'_>, base: usize, path: &mut Vec<&'a str>, before: Option<&str>, sink: &mut Sink<'_>) {
    let inner = |node: &dyn Ranged| node.start() + base + 1..node.end() + base - 1;
    match node {
        Node::StringLit(literal) => {
            sink(Piece::Text { range: inner(literal), says: &literal.value, path, before });
        }
        Node::Object(object) => {
            for member in &object.properties {
                if let ObjectPropName::String(name) = &member.name {
                    sink(Piece::Key { range: inner(name), says: &name.value });
                }
                path.push(member.name.as_str());
                json_node(&member.value, base, path, None, sink);
                path.pop();
            }
        }
        Node::Array(array) => {
            let mut before = None;
            for item in &array.elements {
                json_node(item, base, path, before, sink);
                before = item.as_string_lit().map(|literal| literal.value.as_ref());
            }
        }
        Node::NumberLit(number) => sink(Piece::Number { range: number.start() + base..number.end() + base, path }),
        Node::BooleanLit(_) | Node::NullKeyword(_) => {}
    }
}

fn toml(text: &str, sink: &mut Sink<'_>) -> Option<()> {
    let document = Document::parse(text).ok()?;
    let mut taken = Vec::new();
    let mut found = TomlWalk { text, taken: &mut taken, sink };
    found.table(document.as_table(), &mut Vec::new());
    toml_comments(text, &mut taken, sink);
    Some(())
}

struct TomlWalk<'a, 's, 'f> {
    text: &'a str,
    /// Where texts and quoted keys stand: a `#` in there begins no comment.
    taken: &'a mut Vec<Range<usize>>,
    sink: &'s mut Sink<'f>,
}

impl TomlWalk<'_, '_, '_> {
    fn table<'t>(&mut self, table: &'t dyn TableLike, path: &mut Vec<&'t str>) {
        for (name, item) in table.iter() {
            if let Some(range) = table.get_key_value(name).and_then(|(key, _)| Key::span(key)) {
                self.taken.push(range.clone());
                (self.sink)(Piece::Key { range: unquoted(self.text, range), says: name });
            }
            path.push(name);
            match item {
                Item::None => {}
                Item::Value(value) => self.value(value, path, None),
                Item::Table(table) => self.table(table, path),
                Item::ArrayOfTables(tables) => tables.iter().for_each(|table| self.table(table, path)),
            }
            path.pop();
        }
    }

    fn value<'t>(&mut self, value: &'t Value, path: &mut Vec<&'t str>, before: Option<&str>) {
        match value {
            Value::String(says) => {
                let Some(range) = value.span() else { return };
                self.taken.push(range.clone());
                (self.sink)(Piece::Text { range: unquoted(self.text, range), says: says.value(), path, before });
            }
            Value::Array(items) => {
                let mut before = None;
                for item in items {
                    self.value(item, path, before);
                    before = item.as_str();
                }
            }
            Value::InlineTable(table) => self.table(table, path),
            Value::Integer(_) | Value::Float(_) => {
                let Some(range) = value.span() else { return };
                (self.sink)(Piece::Number { range, path });
            }
            Value::Boolean(_) | Value::Datetime(_) => {}
        }
    }
}

/// The range without the quotes around it: one, three, or none.
fn unquoted(text: &str, range: Range<usize>) -> Range<usize> {
    let written = &text[range.clone()];
    let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quotes| written.starts_with(quotes));
    let length = quotes.map_or(0, str::len);
    if written.len() < 2 * length { range } else { range.start + length..range.end - length }
}

fn toml_comments(text: &str, taken: &mut [Range<usize>], sink: &mut Sink<'_>) {
    taken.sort_by_key(|range| range.start);
    let mut ends = 0;
    for (at, _) in text.match_indices('#') {
        let before = taken.partition_point(|range| range.start <= at);
        let is_inside = before.checked_sub(1).is_some_and(|index| taken[index].end > at);
        if at >= ends && !is_inside {
            ends = text[at..].find('\n').map_or(text.len(), |length| at + length);
            sink(Piece::Comment(at..ends));
        }
    }
}
