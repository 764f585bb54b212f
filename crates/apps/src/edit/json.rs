//! Edits in the three JSON dialects, as splices at the places that the parser names. New members follow the layout of their
//! neighbours.

use std::ops::Range;

use jsonc_parser::ast::{Array, Object, Value as Node};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, parse_to_ast};
use serde::Serialize;
use serde_json::Value as Json;
use serde_json::ser::{PrettyFormatter, Serializer};

use super::{Change, EditError, Step, splice};
use crate::dialect::{Dialect, json_options};

const BYTE_ORDER_MARK: char = '\u{feff}';

pub(super) fn edit(dialect: Dialect, text: &str, change: &Change) -> Result<String, EditError> {
    let mark = text.len() - text.trim_start_matches(BYTE_ORDER_MARK).len();
    let (mark, body) = text.split_at(mark);
    let parsed = parse_to_ast(body, &CollectOptions::default(), &json_options(dialect))
        .map_err(|_| EditError::WouldTouchMore)?;
    let file = File { text: body, dialect };
    let edited = match (&parsed.value, change) {
        (Some(root), Change::Set(path, value)) => file.set(root, path, value)?,
        (Some(root), Change::Remove(path)) => file.remove(root, path)?,
        (None, Change::Set(path, value)) => {
            let mut out = body.to_owned();
            out.push_str(&render(&nested(path, value), &Layout::of(body), ""));
            out.push('\n');
            out
        }
        (None, Change::Remove(_)) => return Err(EditError::NoSuchPlace),
    };
    Ok(format!("{mark}{edited}"))
}

struct File<'a> {
    text: &'a str,
    dialect: Dialect,
}

impl File<'_> {
    fn set(&self, root: &Node<'_>, path: &[Step], value: &Json) -> Result<String, EditError> {
        let mut node = root;
        for (depth, step) in path.iter().enumerate() {
            node = match (step, node) {
                (Step::Key(key), Node::Object(object)) => match object.get(key) {
                    Some(member) => &member.value,
                    None => return Ok(self.insert(object, key, &nested(&path[depth + 1..], value))),
                },
                (Step::Index(index), Node::Array(array)) => array.elements.get(*index).ok_or(EditError::NoSuchPlace)?,
                _ => return Err(EditError::NoSuchPlace),
            };
        }
        let indent = indent_before(self.text, node.start());
        Ok(splice(self.text, vec![(span(node), render(value, &Layout::of(self.text), indent))]))
    }

    /// Puts a member behind the last one.
    fn insert(&self, object: &Object<'_>, key: &str, value: &Json) -> String {
        let layout = Layout::of(self.text);
        let close = object.end() - 1;
        let Some(last) = object.properties.last() else {
            return splice(self.text, vec![self.only_member(object, key, value, &layout)]);
        };
        let end = last.value.end();
        let spread = self.text[object.start()..close].contains('\n');
        let indent = indent_before(self.text, last.start()).to_owned();
        let member = if spread {
            format!("{}{indent}{}", layout.line_end, member(key, value, &layout, &indent))
        } else {
            format!(" {}", compact_member(key, value))
        };
        let comma = self.comma_after(end);
        match comma {
            // A comma is there already, so the dialect allows one behind the new member too.
            Some(comma) => splice(self.text, vec![(self.insertion(comma + 1, close, spread), format!("{member},"))]),
            None if spread => {
                let at = self.insertion(end, close, true);
                if at.start == end {
                    splice(self.text, vec![(at, format!(",{member}"))])
                } else {
                    splice(self.text, vec![(end..end, ",".to_owned()), (at, member)])
                }
            }
            None => splice(self.text, vec![(end..end, format!(",{member}"))]),
        }
    }

    /// Where a new line goes: behind whatever comments follow the last member.
    fn insertion(&self, from: usize, close: usize, spread: bool) -> Range<usize> {
        let at = if spread { from + self.text[from..close].trim_end().len() } else { from };
        at..at
    }

    fn only_member(&self, object: &Object<'_>, key: &str, value: &Json, layout: &Layout) -> (Range<usize>, String) {
        let (open, close) = (object.start() + 1, object.end() - 1);
        let outer = indent_before(self.text, object.start()).to_owned();
        let indent = format!("{outer}{}", layout.indent);
        let inside = self.text[open..close].trim_end();
        let at = open + inside.len();
        let member = member(key, value, layout, &indent);
        (at..close, format!("{end}{indent}{member}{end}{outer}", end = layout.line_end))
    }

    fn remove(&self, root: &Node<'_>, path: &[Step]) -> Result<String, EditError> {
        let (last, way) = path.split_last().ok_or(EditError::NoSuchPlace)?;
        let parent = way.iter().try_fold(root, |node, step| child(node, step)).ok_or(EditError::NoSuchPlace)?;
        let (spans, at) = match (parent, last) {
            (Node::Object(object), Step::Key(key)) => member_spans(object, key),
            (Node::Array(array), Step::Index(index)) => item_spans(array, *index),
            _ => None,
        }
        .ok_or(EditError::NoSuchPlace)?;
        Ok(self.cut(&spans, at))
    }

    /// Takes one of several neighbours out, with the comma that belongs to it and its line when nothing else is on it.
    fn cut(&self, spans: &[Range<usize>], at: usize) -> String {
        let gone = spans[at].clone();
        if let Some(comma) = self.comma_after(gone.end) {
            return splice(self.text, vec![(self.whole_lines(gone.start..comma + 1), String::new())]);
        }
        // The last one without a comma of its own: the one before it goes too.
        let comma = at.checked_sub(1).and_then(|before| self.comma_after(spans[before].end));
        match comma {
            Some(comma) if self.text[comma + 1..gone.start].bytes().all(|byte| byte == b' ' || byte == b'\t') => {
                splice(self.text, vec![(comma..gone.end, String::new())])
            }
            Some(comma) => {
                let pieces = vec![(comma..comma + 1, String::new()), (self.whole_lines(gone), String::new())];
                splice(self.text, pieces)
            }
            None => splice(self.text, vec![(self.whole_lines(gone), String::new())]),
        }
    }

    /// Grows a range over its line when only white space stands beside it, else over the space before the next neighbour.
    fn whole_lines(&self, range: Range<usize>) -> Range<usize> {
        let indent = indent_before(self.text, range.start);
        let line_start = range.start - indent.len();
        let rest = &self.text[range.end..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let behind = &rest[blanks..];
        let begins_line = line_start == 0 || self.text[..line_start].ends_with('\n');
        let ends_line = behind.strip_prefix("\r\n").or_else(|| behind.strip_prefix('\n'));
        match ends_line {
            Some(next) if begins_line => line_start..self.text.len() - next.len(),
            _ if begins_line => range.start..range.end + blanks,
            Some(_) => range,
            None => range.start..range.end + blanks,
        }
    }

    /// The comma that follows a value, behind white space and comments.
    fn comma_after(&self, end: usize) -> Option<usize> {
        let at = skip_trivia(self.text, end, self.dialect != Dialect::Json);
        self.text[at..].starts_with(',').then_some(at)
    }
}

fn child<'n, 'a>(node: &'n Node<'a>, step: &Step) -> Option<&'n Node<'a>> {
    match (step, node) {
        (Step::Key(key), Node::Object(object)) => Some(&object.get(key)?.value),
        (Step::Index(index), Node::Array(array)) => array.elements.get(*index),
        _ => None,
    }
}

fn span(node: &impl Ranged) -> Range<usize> {
    node.start()..node.end()
}

fn member_spans(object: &Object<'_>, key: &str) -> Option<(Vec<Range<usize>>, usize)> {
    let at = object.properties.iter().position(|member| member.name.as_str() == key)?;
    Some((object.properties.iter().map(span).collect(), at))
}

fn item_spans(array: &Array<'_>, index: usize) -> Option<(Vec<Range<usize>>, usize)> {
    (index < array.elements.len()).then(|| (array.elements.iter().map(span).collect(), index))
}

/// Passes over white space and, where the dialect has them, comments.
fn skip_trivia(text: &str, from: usize, comments: bool) -> usize {
    let mut at = from;
    loop {
        let rest = &text[at..];
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n', BYTE_ORDER_MARK]);
        at += rest.len() - trimmed.len();
        let length = match trimmed.get(..2) {
            Some("//") if comments => trimmed.find('\n').unwrap_or(trimmed.len()),
            Some("/*") if comments => trimmed[2..].find("*/").map_or(trimmed.len(), |end| end + 4),
            _ => return at,
        };
        at += length;
    }
}

/// The white space between the start of the line and this byte; empty when something else stands there.
fn indent_before(text: &str, at: usize) -> &str {
    let line = &text[text[..at].rfind('\n').map_or(0, |newline| newline + 1)..at];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// How a file is laid out.
struct Layout {
    indent: String,
    line_end: &'static str,
}

impl Layout {
    /// Taken from the first indented line; two spaces when there is none.
    fn of(text: &str) -> Self {
        let indented = text.lines().find_map(|line| {
            let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
            let is_code = line[indent.len()..].starts_with(['"', '{', '}', '[', ']']);
            (!indent.is_empty() && is_code).then_some(indent)
        });
        let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self { indent: indented.unwrap_or("  ").to_owned(), line_end }
    }
}

fn nested(path: &[Step], value: &Json) -> Json {
    path.iter().rev().fold(value.clone(), |inner, step| match step {
        Step::Key(key) => Json::Object([(key.clone(), inner)].into_iter().collect()),
        Step::Index(_) => Json::Array(vec![inner]),
    })
}

fn member(key: &str, value: &Json, layout: &Layout, indent: &str) -> String {
    format!("{}: {}", Json::String(key.to_owned()), render(value, layout, indent))
}

fn compact_member(key: &str, value: &Json) -> String {
    format!("{}: {value}", Json::String(key.to_owned()))
}

/// A value as text; its lines after the first begin with `indent`.
fn render(value: &Json, layout: &Layout, indent: &str) -> String {
    let mut bytes = Vec::new();
    let formatter = PrettyFormatter::with_indent(layout.indent.as_bytes());
    let written = value.serialize(&mut Serializer::with_formatter(&mut bytes, formatter));
    // Writing JSON into memory cannot fail; if it did, the compact form says the same.
    let text = written.ok().and_then(|()| String::from_utf8(bytes).ok()).unwrap_or_else(|| value.to_string());
    text.replace('\n', &format!("{}{indent}", layout.line_end))
}
