//! Odd JSON documents, read by us and by node: what we accept node accepts too, and it says the same. What we refuse and node
//! takes is named.

use std::io::Write as _;
use std::process::{Command, Stdio};

use replug_apps::{Dialect, Value};

/// Describes each document's value, or gives null for one that is refused.
const SCRIPT: &str = r#"
let text = ""; process.stdin.on("data", part => text += part).on("end", () => {
  const shape = value => value === null ? ["null"] : Array.isArray(value) ? ["list", ...value.map(shape)]
    : typeof value === "object" ? ["table", ...Object.keys(value).sort().map(key => [key, shape(value[key])])]
    : typeof value === "string" ? ["string", value.replace(/\p{Surrogate}/gu, "?")]
    : [typeof value, typeof value === "number" && !isFinite(value) ? "large" : value];
  const judge = document => { try { return shape(JSON.parse(document)) } catch { return null } };
  process.stdout.write(JSON.stringify(JSON.parse(text).map(judge)));
});"#;

const FRAGMENTS: [&str; 78] = [
    "null",
    "true",
    "nul",
    "TRUE",
    "0",
    "-0",
    "-",
    "+1",
    "01",
    "1.",
    ".5",
    "1.5",
    "1e5",
    "1E+5",
    "1e-5",
    "1e",
    "1.e1",
    "0x10",
    "1_000",
    "Infinity",
    "NaN",
    "123456789012345680000",
    "1e400",
    "\"\"",
    "\"a\"",
    "\"A\"",
    "'a'",
    "\"a",
    "a\"",
    "\"\\n\"",
    "\"\\x41\"",
    "\"\\u00e9\"",
    "\"\\u00E9\"",
    "\"\\u12\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\ude00\\ud83d\"",
    "\"\\u0000\"",
    "\"\t\"",
    "\"\u{7f}\"",
    "\"\u{2028}\"",
    "\"\u{feff}\"",
    "\"\\/\"",
    "\"\\a\"",
    "\"a\\\nb\"",
    "[]",
    "[1]",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1,,2]",
    "[",
    "]",
    "[[]]",
    "{}",
    "{\"a\":1}",
    "{\"a\":1,}",
    "{a:1}",
    "{'a':1}",
    "{\"a\" 1}",
    "{\"a\":}",
    "{\"a\":1 \"b\":2}",
    "{\"\":1}",
    "{\"a\":{\"a\":{}}}",
    "{",
    "{\"a\"}",
    "// c\n1",
    "/* c */ 1",
    "# c\n1",
    "\u{a0}1",
    "\u{b}1",
    "\u{3000}1",
    "1 2",
    "\"a\":1",
    "undefined",
    "\u{0}",
    "[1]]",
    "{}{}",
];

fn documents() -> Vec<String> {
    let inside = FRAGMENTS.iter().map(|fragment| format!(" {{ \"k\" : {fragment} }}\r\n"));
    let deep = [60, 100].map(|depth| "[".repeat(depth) + &"]".repeat(depth));
    FRAGMENTS.iter().map(|fragment| (*fragment).to_owned()).chain(inside).chain(deep).collect()
}

fn by_node(documents: &[String]) -> Option<Vec<serde_json::Value>> {
    let node = Command::new("node").args(["-e", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut node = node.ok()?;
    node.stdin.take().unwrap().write_all(serde_json::to_string(documents).unwrap().as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// The same description of a value as the script gives.
fn shape(value: &Value) -> serde_json::Value {
    use serde_json::json;
    let list = |name: &str, items: Vec<serde_json::Value>| {
        serde_json::Value::Array(std::iter::once(json!(name)).chain(items).collect())
    };
    match value {
        Value::Null => json!(["null"]),
        Value::Bool(value) => json!(["boolean", value]),
        Value::Number(number) => number_shape(number.parse().unwrap()),
        Value::Text(text) => json!(["string", text]),
        Value::List(items) => list("list", items.iter().map(shape).collect()),
        Value::Table(table) => {
            let mut members: Vec<_> = table.members().collect();
            members.sort_by_key(|(key, _)| *key);
            list("table", members.into_iter().map(|(key, value)| json!([key, shape(value)])).collect())
        }
    }
}

fn number_shape(number: f64) -> serde_json::Value {
    if number.is_finite() { serde_json::json!(["number", number]) } else { serde_json::json!(["number", "large"]) }
}

/// Node writes whole numbers without a point, and zero without its sign.
fn with_one_kind_of_number(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Array(items) => items.iter().map(with_one_kind_of_number).collect(),
        // By its text: the JSON library reads the last digits less exactly than the language does.
        serde_json::Value::Number(number) => {
            serde_json::json!(format!("{:.12e}", number.to_string().parse::<f64>().unwrap() + 0.0))
        }
        other => other.clone(),
    }
}

#[test]
fn what_we_accept_node_accepts_and_it_says_the_same() {
    let documents = documents();
    assert!(documents.len() > 100);
    let Some(judged) = by_node(&documents) else {
        println!("skipped: there is no node to compare with");
        return;
    };
    for (document, node) in documents.iter().zip(&judged) {
        let ours = Dialect::Json.parse(document).ok().map(|parsed| shape(&parsed.value));
        // Half of a surrogate pair has no form in Rust's texts, and nobody nests a file so deep.
        let stricter = document.contains("\\ud83d\"") || document.contains("\\ude00\\") || document.len() > 150;
        match ours {
            Some(ours) => {
                assert_eq!(with_one_kind_of_number(&ours), with_one_kind_of_number(node), "of {document:?}");
            }
            None => assert!(node.is_null() || stricter, "node takes {document:?}"),
        }
    }
}
