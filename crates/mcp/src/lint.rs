//! Tools as they can be shown, and what is wrong with one: faults that make some AI apps drop a tool, or all of them. What a
//! fault means for the health is decided elsewhere.

use std::collections::HashSet;
use std::fmt;

use replug_core::sanitize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::message::{Members, members_of};

/// The longest name that every AI app takes.
pub const MAX_NAME_CHARS: usize = 64;
/// How many faults are listed.
const MAX_PROBLEMS: usize = 200;
const MAX_SHOWN: usize = 4 * 1024;

/// A tool's members, read leniently: a member of the wrong type counts as missing. Texts are cleaned and cut at 4 KiB.
#[derive(Debug, Default)]
pub struct ToolView {
    /// Its name.
    pub name: String,
    /// Its title, from `title` or from the annotations.
    pub title: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// Its input schema, as sent.
    pub input_schema: Option<Box<RawValue>>,
    /// Its annotations (`readOnlyHint` and the like) by name, values as JSON text, cleaned and cut.
    pub annotations: Vec<(String, String)>,
}

/// What is wrong with a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// It is no JSON object.
    NotAnObject,
    /// It has no name.
    NoName,
    /// Its name has more than [`MAX_NAME_CHARS`] characters; this many.
    NameTooLong(usize),
    /// Its name has characters besides letters, digits, `_`, `-` and `.`.
    NameCharacters,
    /// Another tool has the same name.
    DuplicateName,
    /// It has no `inputSchema`.
    NoInputSchema,
    /// Its `inputSchema` is no object.
    SchemaNotObject,
    /// Its `inputSchema` lacks `"type": "object"`.
    SchemaWithoutType,
    /// An array in its schema lacks `items`; this is where.
    ArrayWithoutItems(String),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => f.write_str("it is not an object"),
            Self::NoName => f.write_str("it has no name"),
            Self::NameTooLong(chars) => write!(f, "its name has {chars} characters, more than {MAX_NAME_CHARS}"),
            Self::NameCharacters => f.write_str("its name has characters that some apps refuse"),
            Self::DuplicateName => f.write_str("another tool has the same name"),
            Self::NoInputSchema => f.write_str("it has no `inputSchema`"),
            Self::SchemaNotObject => f.write_str("its `inputSchema` is not an object"),
            Self::SchemaWithoutType => f.write_str("its `inputSchema` lacks `\"type\": \"object\"`"),
            Self::ArrayWithoutItems(path) => write!(f, "the array `{path}` does not say what it holds"),
        }
    }
}

/// A fault of one tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaProblem {
    /// The tool's name, cleaned; its place in the list (`#3`) when it has none.
    pub tool: String,
    /// What is wrong.
    pub what: Flaw,
}

impl ToolView {
    /// Reads a tool as it was sent.
    pub fn read(tool: &RawValue) -> Self {
        let members = members_of(tool);
        let annotations = members.get("annotations").map(|raw| members_of(raw)).unwrap_or_default();
        Self {
            name: text(&members, "name").unwrap_or_default(),
            title: text(&members, "title").or_else(|| text(&annotations, "title")),
            description: text(&members, "description"),
            input_schema: members.get("inputSchema").cloned(),
            annotations: annotations
                .iter()
                .take(20)
                .map(|(name, value)| (sanitize(name, 60), sanitize(value.get(), 200)))
                .collect(),
        }
    }
}

/// Looks for faults in a list of tools; at most 200 are told.
pub fn lint(tools: &[Box<RawValue>]) -> Vec<SchemaProblem> {
    let mut names = HashSet::new();
    let mut problems = Vec::new();
    for (index, tool) in tools.iter().enumerate() {
        let members = members_of(tool);
        let name: Option<String> = members.get("name").and_then(|raw| serde_json::from_str(raw.get()).ok());
        let shown = match &name {
            Some(name) if !name.is_empty() => sanitize(name, 100),
            _ => format!("#{}", index + 1),
        };
        let mut flaws = if tool.get().starts_with('{') {
            let mut flaws = flaws_of_name(name.as_deref().unwrap_or_default());
            flaws.extend(
                members.get("inputSchema").map_or_else(|| vec![Flaw::NoInputSchema], |raw| flaws_of_schema(raw)),
            );
            flaws
        } else {
            vec![Flaw::NotAnObject]
        };
        if name.is_some_and(|name| !names.insert(name)) {
            flaws.push(Flaw::DuplicateName);
        }
        problems.extend(flaws.into_iter().map(|what| SchemaProblem { tool: shown.clone(), what }));
        if problems.len() >= MAX_PROBLEMS {
            problems.truncate(MAX_PROBLEMS);
            break;
        }
    }
    problems
}

fn flaws_of_name(name: &str) -> Vec<Flaw> {
    let chars = name.chars().count();
    let strange = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    match chars {
        0 => vec![Flaw::NoName],
        _ if name.chars().any(strange) => vec![Flaw::NameCharacters],
        _ if chars > MAX_NAME_CHARS => vec![Flaw::NameTooLong(chars)],
        _ => Vec::new(),
    }
}

fn flaws_of_schema(raw: &RawValue) -> Vec<Flaw> {
    let Ok(Value::Object(schema)) = serde_json::from_str(raw.get()) else {
        return vec![Flaw::SchemaNotObject];
    };
    let mut flaws = Vec::new();
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        flaws.push(Flaw::SchemaWithoutType);
    }
    let mut path = Vec::new();
    if let Some(path) = array_without_items(&Value::Object(schema), &mut path) {
        flaws.push(Flaw::ArrayWithoutItems(sanitize(&path, 200)));
    }
    flaws
}

/// The first array that does not say what it holds. The parser bounds how deep a schema can be.
fn array_without_items(schema: &Value, path: &mut Vec<String>) -> Option<String> {
    let object = schema.as_object()?;
    let is_array = object.get("type").and_then(Value::as_str) == Some("array");
    if is_array && !object.contains_key("items") && !object.contains_key("prefixItems") {
        return Some(path.join("."));
    }
    object.iter().find_map(|(keyword, value)| match (keyword.as_str(), value) {
        ("properties" | "$defs" | "definitions" | "patternProperties", Value::Object(named)) => {
            named.iter().find_map(|(name, schema)| {
                path.push(name.clone());
                let found = array_without_items(schema, path);
                path.pop();
                found
            })
        }
        ("items" | "additionalProperties" | "not" | "if" | "then" | "else", inner) => array_without_items(inner, path),
        ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(schemas)) => {
            schemas.iter().find_map(|schema| array_without_items(schema, path))
        }
        _ => None,
    })
}

fn text(members: &Members, name: &str) -> Option<String> {
    let text: String = serde_json::from_str(members.get(name)?.get()).ok()?;
    Some(sanitize(&text, MAX_SHOWN)).filter(|text| !text.is_empty())
}
