//! The three JSON dialects, by one parser with its leniencies switched on only where the app has them too.

use jsonc_parser::ast;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::{DEPTH, Dialect, ParseError, error_at, too_deep};
use crate::value::{Table, Value};

pub(super) fn parse(dialect: Dialect, text: &str) -> Result<Value, ParseError> {
    // Looked at before the parser is: it descends as deep as the file goes.
    check_form(dialect, text)?;
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options(dialect))
        .map_err(|error| error_at(text, error.range().start, error.kind().to_string()))?;
    parsed.value.as_ref().map_or_else(|| Ok(Value::Table(Table::default())), |value| Ok(convert(value)))
}

pub(crate) const fn options(dialect: Dialect) -> ParseOptions {
    ParseOptions {
        allow_comments: !matches!(dialect, Dialect::Json),
        allow_trailing_commas: matches!(dialect, Dialect::Jsonc),
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

fn convert(value: &ast::Value<'_>) -> Value {
    match value {
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::BooleanLit(literal) => Value::Bool(literal.value),
        ast::Value::NumberLit(literal) => Value::Number(literal.value.to_owned()),
        ast::Value::StringLit(literal) => Value::Text(literal.value.to_string()),
        ast::Value::Array(array) => Value::List(array.elements.iter().map(convert).collect()),
        ast::Value::Object(object) => {
            let member = |property: &ast::ObjectProp<'_>| (property.name.as_str().to_owned(), convert(&property.value));
            Value::Table(Table::new(object.properties.iter().map(member).collect()))
        }
    }
}

/// Looks for what the parser is too kind to: too deep nesting, and control characters in texts.
fn check_form(dialect: Dialect, text: &str) -> Result<(), ParseError> {
    let mut depth = 0_usize;
    let mut rest = text.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        match character {
            '"' => {
                while let Some((at, inside)) = rest.next() {
                    match inside {
                        '\\' => drop(rest.next()),
                        '"' => break,
                        // RFC 8259 §7; the parser takes them.
                        '\u{0}'..='\u{1f}' => return Err(error_at(text, at, "a control character in a text")),
                        _ => {}
                    }
                }
            }
            '/' if rest.peek().is_some_and(|(_, next)| *next == '/') => {
                while rest.next().is_some_and(|(_, inside)| inside != '\n') {}
            }
            '/' if rest.peek().is_some_and(|(_, next)| *next == '*') => {
                rest.next();
                while let Some((_, inside)) = rest.next() {
                    if inside == '*' && rest.peek().is_some_and(|(_, next)| *next == '/') {
                        break;
                    }
                }
            }
            '{' | '[' if depth == DEPTH => return Err(too_deep(text, at)),
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            ' ' | '\t' | '\r' | '\n' => {}
            other if (other.is_whitespace() || other.is_control()) && dialect != Dialect::Jsonc => {
                return Err(error_at(text, at, "white space that JSON does not have"));
            }
            _ => {}
        }
    }
    Ok(())
}
