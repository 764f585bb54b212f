//! JSON snippets as vendors print them: whole files, single entries, fragments without their outer braces.

use serde_json::Value;

use super::{Pasted, command, header};

/// Members that hold an entry's address, in the dialects of the apps.
const ADDRESS_MEMBERS: [&str; 4] = ["url", "httpUrl", "serverUrl", "uri"];
/// How deep entries are looked for.
const DEPTH: usize = 4;

/// Finds the first remote server in a snippet.
pub(super) fn read(text: &str) -> Option<Pasted> {
    let body = &text[text.find(['{', '"'])?..];
    let candidates = [body.to_owned(), format!("{{{body}}}")];
    let value = candidates.iter().find_map(|candidate| parse_leniently(candidate))?;
    find_entry(&value, None, DEPTH)
}

/// JSON as people paste it: a trailing comma is forgiven.
fn parse_leniently(text: &str) -> Option<Value> {
    let strict = || serde_json::from_str(text).ok();
    strict().or_else(|| serde_json::from_str(&without_trailing_commas(text)).ok()).filter(Value::is_object)
}

fn without_trailing_commas(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    for (index, character) in text.char_indices() {
        let closes_next = || text[index + 1..].trim_start().starts_with(['}', ']']);
        if !in_string && character == ',' && (closes_next() || text[index + 1..].trim().is_empty()) {
            continue;
        }
        in_string ^= character == '"' && !escaped;
        escaped = in_string && character == '\\' && !escaped;
        out.push(character);
    }
    out
}

fn find_entry(value: &Value, name: Option<&str>, depth: usize) -> Option<Pasted> {
    let object = value.as_object()?;
    let own_name = object.get("name").and_then(Value::as_str).or(name).map(str::to_owned);
    if let Some(address) = ADDRESS_MEMBERS.iter().find_map(|member| object.get(*member)?.as_str()) {
        return Some(Pasted { name: own_name, headers: headers(value), ..Pasted::address(address) });
    }
    if let Some(pasted) = wrapped_command(value) {
        return Some(Pasted { name: own_name, ..pasted });
    }
    let deeper = depth.checked_sub(1)?;
    object.iter().find_map(|(key, child)| find_entry(child, Some(key), deeper))
}

/// An entry that starts `mcp-remote`, which carries the address in its arguments.
fn wrapped_command(value: &Value) -> Option<Pasted> {
    let program = value.get("command")?.as_str()?;
    let arguments = value.get("args")?.as_array()?.iter().filter_map(Value::as_str);
    let words: Vec<String> = std::iter::once(program).chain(arguments).map(str::to_owned).collect();
    command::read_words(&words)
}

fn headers(value: &Value) -> Vec<(String, replug_core::Secret<String>)> {
    let found = ["headers", "http_headers", "requestInit"].iter().find_map(|member| value.get(*member));
    let Some(object) = found.and_then(|found| found.get("headers").unwrap_or(found).as_object()) else {
        return Vec::new();
    };
    object.iter().filter_map(|(name, value)| header(&format!("{name}: {}", value.as_str()?))).collect()
}
