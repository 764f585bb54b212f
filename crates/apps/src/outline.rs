//! An entry as a person gets to see it before they allow it: every field of it, and nothing in it that may be a key. Characters
//! that deceive become visible.

use replug_core::{ServerAddress, mask_path, sanitize};

use crate::value::Value;

/// What stands for a value that may be a key.
const HIDDEN: &str = "…";
/// The longest name and the longest value, in characters.
const LONGEST: usize = 500;
/// Objects all of whose values may be keys.
const SECRET_TABLES: [&str; 5] = ["headers", "http_headers", "env", "environment", "requestInit"];
/// What the name of a single secret has in it.
const SECRET_WORDS: [&str; 6] = ["secret", "token", "password", "authorization", "apikey", "api_key"];
/// Arguments before the one that holds a header.
const HEADER_OPTIONS: [&str; 2] = ["--header", "-H"];

/// The fields in the order of the file: the keys that lead to each, joined by dots, and what may be shown of it.
pub(crate) fn outline(entry: &Value) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    walk(&mut fields, "", false, entry);
    fields
}

fn walk(fields: &mut Vec<(String, String)>, name: &str, secret: bool, value: &Value) {
    let inner = |key: &str| {
        let key = sanitize(key, LONGEST);
        if name.is_empty() { key } else { format!("{name}.{key}") }
    };
    match value {
        Value::Table(table) if table.members().len() > 0 => {
            for (key, member) in table.members() {
                walk(fields, &inner(key), secret || is_secret(key, member), member);
            }
        }
        Value::List(items) if !items.is_empty() => {
            let mut after_option = false;
            for (index, item) in items.iter().enumerate() {
                walk(fields, &inner(&index.to_string()), secret || after_option, item);
                after_option = item.as_text().is_some_and(is_bare_option);
            }
        }
        _ if secret => fields.push((name.to_owned(), HIDDEN.to_owned())),
        single => fields.push((name.to_owned(), shown(single))),
    }
}

fn is_secret(key: &str, value: &Value) -> bool {
    let lower = key.to_ascii_lowercase();
    let is_table = SECRET_TABLES.contains(&key) && value.as_table().is_some();
    is_table || (value.as_text().is_some() && SECRET_WORDS.iter().any(|word| lower.contains(word)))
}

/// An option whose value is the next argument: it may be a key, unless the option is one of those without a value.
fn is_bare_option(argument: &str) -> bool {
    let takes_key = SECRET_WORDS.iter().any(|word| argument.to_ascii_lowercase().contains(word));
    HEADER_OPTIONS.contains(&argument) || (argument.starts_with('-') && !argument.contains('=') && takes_key)
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => sanitize(number, LONGEST),
        Value::Text(text) => shown_text(text),
        Value::List(_) => "[]".to_owned(),
        Value::Table(_) => "{}".to_owned(),
    }
}

fn shown_text(text: &str) -> String {
    if text.contains("://") {
        return ServerAddress::parse(text, true)
            .map_or_else(|_| HIDDEN.to_owned(), |(address, _)| sanitize(&address.to_string(), LONGEST));
    }
    match text.split_once('=') {
        Some((option, _)) if option.starts_with('-') => format!("{}={HIDDEN}", sanitize(option, LONGEST)),
        _ => sanitize(&mask_path(text), LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &serde_json::Value) -> Vec<String> {
        outline(&Value::from_json(json)).into_iter().map(|(name, value)| format!("{name} = {value}")).collect()
    }

    #[test]
    fn every_field_is_shown_and_no_key() {
        let fields = of(&serde_json::json!({
            "url": "https://mcp.example/mcp?key=canary",
            "headers": { "Authorization": "Bearer canary", "X": ["canary"] },
            "oauth": { "clientId": "abc", "clientSecret": "canary" },
            "args": ["mcp-remote", "https://a.example/x", "--header", "A: canary", "--key=canary", "--token", "canary"],
            "timeout": 30,
            "unknown": { "deep": [true, null, {}] },
            "strange\u{202e}": "a\u{1b}[31m",
            "path": "https://user:canary@mcp.example/"
        }));
        assert_eq!(
            fields,
            [
                "url = https://mcp.example/mcp?key=…",
                "headers.Authorization = …",
                "headers.X.0 = …",
                "oauth.clientId = abc",
                "oauth.clientSecret = …",
                "args.0 = mcp-remote",
                "args.1 = https://a.example/x",
                "args.2 = --header",
                "args.3 = …",
                "args.4 = --key=…",
                "args.5 = --token",
                "args.6 = …",
                "timeout = 30",
                "unknown.deep.0 = true",
                "unknown.deep.1 = null",
                "unknown.deep.2 = {}",
                r"strange\u{202e} = a\u{1b}[31m",
                "path = …",
            ]
        );
    }
}
