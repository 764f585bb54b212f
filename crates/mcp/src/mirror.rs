//! Arguments that are mirrored into headers: the rules for `x-mcp-header` and the headers of a call (2026-07-28
//! streamable-http, Custom Headers from Tool Parameters). Sending is done in `session`.

use std::collections::HashSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Number, Value};

const ANNOTATION: &str = "x-mcp-header";
const BASE64_START: &str = "=?base64?";
const BASE64_END: &str = "?=";
/// The largest whole number JavaScript holds exactly.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// One argument that is mirrored.
#[derive(Debug, Clone)]
pub(crate) struct Mirrored {
    path: Vec<String>,
    header: HeaderName,
}

/// Finds the arguments to mirror in an input schema. The error says why the tool has to be left out.
pub(crate) fn mirrored_in(schema: &Value) -> Result<Vec<Mirrored>, String> {
    let mut found = Vec::new();
    if let Value::Object(root) = schema {
        if root.contains_key(ANNOTATION) {
            return Err(format!("`{ANNOTATION}` stands at the root of the schema"));
        }
        walk(root, &mut Vec::new(), &mut found)?;
    }
    let mut names = HashSet::new();
    match found.iter().find(|one| !names.insert(one.header.clone())) {
        Some(twice) => Err(format!("two arguments share the header `{}`", twice.header)),
        None => Ok(found),
    }
}

fn walk(schema: &Map<String, Value>, path: &mut Vec<String>, found: &mut Vec<Mirrored>) -> Result<(), String> {
    for (keyword, value) in schema {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                for (name, property) in properties {
                    path.push(name.clone());
                    if let Value::Object(property) = property {
                        found.extend(annotation_of(property, path)?);
                        walk(property, path, found)?;
                    }
                    path.pop();
                }
            }
            // These hold data, not schemas.
            (ANNOTATION | "default" | "const" | "enum" | "examples", _) => {}
            _ if holds_annotation(value) => {
                return Err(format!("`{ANNOTATION}` stands inside of `{keyword}`"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn annotation_of(property: &Map<String, Value>, path: &[String]) -> Result<Option<Mirrored>, String> {
    let Some(annotation) = property.get(ANNOTATION) else {
        return Ok(None);
    };
    let argument = path.join(".");
    let primitive = property.get("type").and_then(Value::as_str);
    if !matches!(primitive, Some("string" | "integer" | "boolean")) {
        return Err(format!("`{argument}` is mirrored but is no text, integer or boolean"));
    }
    let name = annotation.as_str().unwrap_or_default();
    if name.is_empty() {
        return Err(format!("`{argument}` is mirrored into a header without a name"));
    }
    let header = format!("mcp-param-{name}")
        .parse()
        .map_err(|_| format!("`{argument}` is mirrored into `{name}`, which is no header name"))?;
    Ok(Some(Mirrored { path: path.to_vec(), header }))
}

/// Whether an annotation stands anywhere below. An argument may itself be called `x-mcp-header`; that counts too, on the
/// side of leaving a tool out.
fn holds_annotation(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.iter().any(|(key, value)| key == ANNOTATION || holds_annotation(value)),
        Value::Array(items) => items.iter().any(holds_annotation),
        _ => false,
    }
}

/// The headers of a call. An argument that is missing, null or not primitive has none.
pub(crate) fn headers_of(mirrored: &[Mirrored], arguments: &Value) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for one in mirrored {
        let value = one.path.iter().try_fold(arguments, |value, name| value.get(name));
        if let Some(value) = value.and_then(plain_text).and_then(|text| header_value(&text)) {
            headers.insert(one.header.clone(), value);
        }
    }
    headers
}

fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => whole_number(number),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The decimal form of a whole number in the range JavaScript is exact in; `42.0` counts as 42.
fn whole_number(number: &Number) -> Option<String> {
    let text = number.to_string();
    let digits = text.strip_suffix(".0").unwrap_or(&text);
    let whole: i64 = digits.parse().ok()?;
    (whole.unsigned_abs() <= MAX_SAFE_INTEGER).then(|| whole.to_string())
}

/// A text as a header's value: as it is where that is safe, else in the base64 form (Value Encoding).
pub(crate) fn header_value(text: &str) -> Option<HeaderValue> {
    let plain = text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
        && text.trim() == text
        && !(text.starts_with(BASE64_START) && text.ends_with(BASE64_END));
    let value = if plain {
        HeaderValue::from_str(text)
    } else {
        HeaderValue::from_str(&format!("{BASE64_START}{}{BASE64_END}", BASE64_STANDARD.encode(text)))
    };
    value.ok()
}
