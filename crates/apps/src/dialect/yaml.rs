//! YAML, by `saphyr`. Only the first document of a file is read.

use saphyr::{LoadableYamlNode, Marker, Scalar, ScanError, Yaml};
use saphyr_parser::{Event, Parser};

use super::{DEPTH, ParseError, error_at};
use crate::value::{Table, Value};

/// How large a file may grow when its aliases are filled in, in bytes of its text.
const MAX_GROWTH: usize = 64 * 1024 * 1024;

pub(super) fn parse(text: &str) -> Result<Value, ParseError> {
    check_growth(text)?;
    let documents = Yaml::load_from_str(text).map_err(|error| scan_error(&error))?;
    documents.first().map_or_else(|| Ok(Value::Null), |document| convert(document, text))
}

fn scan_error(error: &ScanError) -> ParseError {
    error_near(error.marker(), error.info())
}

fn error_near(marker: &Marker, reason: impl Into<String>) -> ParseError {
    ParseError { line: marker.line().max(1), column: marker.col() + 1, reason: reason.into() }
}

/// The loader copies what an alias stands for, so a small file can become larger than memory. Looked at before it runs.
fn check_growth(text: &str) -> Result<(), ParseError> {
    // Of each open list or mapping, whether it has an anchor.
    let mut open: Vec<bool> = Vec::new();
    let mut aliases = 0_usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| scan_error(&error))?;
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) if open.len() == DEPTH => {
                return Err(error_near(&span.start, format!("nested deeper than {DEPTH} levels")));
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => open.push(anchor != 0),
            Event::SequenceEnd | Event::MappingEnd => drop(open.pop()),
            Event::Alias(_) if open.contains(&true) => {
                return Err(error_near(&span.start, "anchors that refer to other anchors are not read"));
            }
            Event::Alias(_) => aliases += 1,
            _ => {}
        }
        if aliases.saturating_mul(text.len()) > MAX_GROWTH {
            return Err(error_near(&span.start, "too many uses of anchors"));
        }
    }
    Ok(())
}

fn convert(node: &Yaml<'_>, text: &str) -> Result<Value, ParseError> {
    Ok(match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => Value::Bool(*value),
        Yaml::Value(Scalar::Integer(number)) => Value::Number(number.to_string()),
        Yaml::Value(Scalar::FloatingPoint(number)) => Value::Number(number.to_string()),
        Yaml::Value(Scalar::String(value)) => Value::Text(value.to_string()),
        Yaml::Sequence(items) => Value::List(items.iter().map(|item| convert(item, text)).collect::<Result<_, _>>()?),
        Yaml::Mapping(members) => {
            let member = |(key, value): (&Yaml<'_>, &Yaml<'_>)| Ok((key_text(key, text)?, convert(value, text)?));
            Value::Table(Table::new(members.iter().map(member).collect::<Result<_, _>>()?))
        }
        Yaml::Tagged(_, inner) => convert(inner, text)?,
        Yaml::Representation(raw, ..) => Value::Text(raw.to_string()),
        Yaml::Alias(_) | Yaml::BadValue => return Err(error_at(text, 0, "a value that cannot be read")),
    })
}

fn key_text(key: &Yaml<'_>, text: &str) -> Result<String, ParseError> {
    match convert(key, text)? {
        Value::Text(name) | Value::Number(name) => Ok(name),
        Value::Bool(value) => Ok(value.to_string()),
        other => Err(error_at(text, 0, format!("{} as a key", other.kind()))),
    }
}
