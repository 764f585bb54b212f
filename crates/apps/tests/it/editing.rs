//! Editing files of apps: what is asked for changes, and every other byte stays as it was.

use std::fmt::Write as _;

use proptest::prelude::*;
use replug_apps::{Change, Dialect, EditError, Step, edit};
use serde_json::{Value as Json, json};

fn path(text: &str) -> Vec<Step> {
    text.split('/').map(|part| part.parse().map_or_else(|_| Step::from(part), Step::Index)).collect()
}

fn set(at: &str, value: Json) -> Change {
    Change::Set(path(at), value)
}

fn remove(at: &str) -> Change {
    Change::Remove(path(at))
}

fn jsonc(text: &str, change: Change) -> String {
    edit(Dialect::Jsonc, text, &[change]).unwrap()
}

const COMMENTED: &str = "\u{feff}{\r\n\t// my servers\r\n\t\"mcpServers\": {\r\n\t\t\"one\": { \"url\": \"https://one.example/\" }, // first\r\n\t\t/* second */ \"two\": { \"url\": \"https://two.example/\" },\r\n\t\t\"three\": {}, // last\r\n\t\t// the end\r\n\t},\r\n\t\"n\": 1.0e2\r\n}\r\n";

#[test]
fn a_new_entry_follows_the_layout_of_its_neighbours() {
    assert_eq!(
        jsonc(COMMENTED, set("mcpServers/four", json!({"url": "https://four.example/"}))),
        COMMENTED.replace(
            "\t\t// the end\r\n",
            "\t\t// the end\r\n\t\t\"four\": {\r\n\t\t\t\"url\": \"https://four.example/\"\r\n\t\t},\r\n"
        )
    );
    assert_eq!(jsonc("{\"a\": 1}", set("b", json!("x"))), "{\"a\": 1, \"b\": \"x\"}", "on one line");
    assert_eq!(jsonc("{}", set("b", json!(true))), "{\n  \"b\": true\n}", "the first one");
    assert_eq!(
        jsonc("{\n  \"a\": 1 // one\n}\n", set("b", json!(2))),
        "{\n  \"a\": 1, // one\n  \"b\": 2\n}\n",
        "the comma goes before the comment"
    );
    assert_eq!(jsonc("", set("a/b", json!(1))), "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n", "an empty file");
}

#[test]
fn an_entry_goes_away_with_its_line_and_its_comma() {
    let without = |line: &str| COMMENTED.replace(line, "");
    assert_eq!(jsonc(COMMENTED, remove("mcpServers/two")), without("\"two\": { \"url\": \"https://two.example/\" },"));
    assert_eq!(jsonc(COMMENTED, remove("n")), COMMENTED.replace("\t},\r\n\t\"n\": 1.0e2\r\n", "\t}\r\n"));
    assert_eq!(jsonc("{\n  \"a\": 1,\n  \"b\": 2\n}", remove("b")), "{\n  \"a\": 1\n}", "the last one");
    assert_eq!(jsonc("{\n  \"a\": 1,\n  \"b\": 2\n}", remove("a")), "{\n  \"b\": 2\n}", "the first one");
    assert_eq!(jsonc("{\n  \"a\": 1, \"b\": 2\n}", remove("a")), "{\n  \"b\": 2\n}", "the first one of a line");
    assert_eq!(jsonc("{\"a\": 1, \"b\": 2, \"c\": 3}", remove("b")), "{\"a\": 1, \"c\": 3}", "on one line");
    assert_eq!(jsonc("{\"a\": [1, 2, 3]}", remove("a/2")), "{\"a\": [1, 2]}", "an item of a list");
}

#[test]
fn a_value_is_replaced_where_it_stands() {
    assert_eq!(
        jsonc(COMMENTED, set("mcpServers/one/url", json!("https://new.example/"))),
        COMMENTED.replace("https://one.example/", "https://new.example/")
    );
    assert_eq!(jsonc("[{\"a\": 1.50}, {\"a\": 2}]", set("1/a", json!(3))), "[{\"a\": 1.50}, {\"a\": 3}]");
}

#[test]
fn what_is_not_sure_is_refused() {
    let refused = |dialect, text: &str, change| edit(dialect, text, &[change]).unwrap_err();
    assert_eq!(refused(Dialect::Json, r#"{"a":1,"a":2}"#, remove("a")), EditError::DuplicateKey("a".to_owned()));
    assert_eq!(refused(Dialect::Yaml, "a: 1", set("a", json!(2))), EditError::ReadOnly);
    assert_eq!(refused(Dialect::Json, "{}", remove("a")), EditError::NoSuchPlace);
    assert_eq!(refused(Dialect::Json, r#"{"a":1}"#, set("a/b", json!(2))), EditError::NoSuchPlace);
    assert_eq!(refused(Dialect::Toml, "a = 1\n", set("b", json!(null))), EditError::NotExpressible);
    assert!(matches!(refused(Dialect::Json, "{ // no\n}", set("a", json!(1))), EditError::Malformed(_)));
}

const TOML: &str = "# mine\nmodel = \"o\" # keep\n\n[mcp_servers.one] # first\n# inside\nurl = 'https://one.example/'\n[mcp_servers.one.http_headers]\nX = \"1\"\n\n[tui]\nx=1\n";

#[test]
fn toml_keeps_its_comments_and_layout() {
    let toml = |change| edit(Dialect::Toml, TOML, &[change]).unwrap();
    assert_eq!(
        toml(set("mcp_servers/one/url", json!("https://new.example/"))),
        TOML.replace("'https://one.example/'", "\"https://new.example/\"")
    );
    assert_eq!(toml(set("model", json!("p"))), TOML.replace("\"o\" # keep", "\"p\" # keep"));
    assert_eq!(toml(remove("mcp_servers/one")), "# mine\nmodel = \"o\" # keep\n\n[tui]\nx=1\n");
    let added = toml(set("mcp_servers/two", json!({"command": "/opt/replug", "args": ["bridge", "k7"]})));
    assert!(added.contains("[mcp_servers.two]\ncommand = \"/opt/replug\"\nargs = [\"bridge\", \"k7\"]\n"), "{added}");
    assert!(TOML.lines().all(|line| added.contains(line)), "nothing else went: {added}");
}

/// A JSON file as people write them: nested, with comments, spaces and trailing commas where the dialect allows them.
#[derive(Debug, Clone)]
struct Written {
    text: String,
    keys: Vec<String>,
}

fn space() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", " ", "\n  ", "\r\n\t", " /* c, \"x\": { */ ", " // c }\n"]).prop_map(str::to_owned)
}

fn scalar() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "1.0e2",
        "\"a,b\"",
        "\"{\\\"\"",
        "null",
        "[1 , 2]",
        "{ }",
        "12345678901234567890123",
        "\"\\u00e9\"",
    ])
    .prop_map(str::to_owned)
}

fn written() -> impl Strategy<Value = Written> {
    let member = (space(), space(), scalar(), space());
    (prop::collection::vec(member, 0..6), space(), any::<bool>(), prop::sample::select(vec!["", "\n", "\r\n"]))
        .prop_map(|(members, inside, trailing, end)| {
            let mut text = String::from("{\"before\":[ 1,2 ],\"t\":{");
            let count = members.len();
            for (index, (before, between, value, after)) in members.iter().enumerate() {
                let comma = if index + 1 < count || trailing { "," } else { "" };
                write!(text, "{before}\"k{index}\"{between}:{between}{value}{after}{comma}").unwrap();
            }
            write!(text, "{inside}}} , \"after\" : {{}} }}{end}").unwrap();
            Written { text, keys: (0..count).map(|index| format!("k{index}")).collect() }
        })
}

/// The bytes before and behind the table that is edited.
fn outside(text: &str) -> (&str, &str) {
    (&text[..text.find("\"t\":{").unwrap() + 5], &text[text.rfind("} , \"after\"").unwrap()..])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn an_inserted_member_is_there_and_nothing_outside_its_table_moves(file in written(), value in scalar()) {
        let value: Json = serde_json::from_str(&value).unwrap_or(Json::Null);
        let edited = edit(Dialect::Jsonc, &file.text, &[set("t/new", value)]).unwrap();
        prop_assert_eq!(outside(&edited), outside(&file.text));
        for key in &file.keys {
            prop_assert!(edited.contains(&format!("\"{key}\"")), "{key} is kept in {edited}");
        }
    }

    #[test]
    fn a_removed_member_takes_no_neighbour_and_no_comment_of_another_line_with_it(file in written(), which in any::<prop::sample::Index>()) {
        prop_assume!(!file.keys.is_empty());
        let key = which.get(&file.keys);
        let edited = edit(Dialect::Jsonc, &file.text, &[remove(&format!("t/{key}"))]).unwrap();
        prop_assert_eq!(outside(&edited), outside(&file.text));
        for other in file.keys.iter().filter(|other| *other != key) {
            prop_assert!(edited.contains(&format!("\"{other}\"")), "{other} is kept in {edited}");
        }
    }

    #[test]
    fn what_was_inserted_and_removed_again_leaves_the_file_as_it_was_but_for_white_space(file in written()) {
        prop_assume!(!file.keys.is_empty());
        let inserted = edit(Dialect::Jsonc, &file.text, &[set("t/new", json!({"url": "https://mcp.example/"}))]).unwrap();
        let back = edit(Dialect::Jsonc, &inserted, &[remove("t/new")]).unwrap();
        let visible = |text: &str| text.split_whitespace().collect::<String>();
        prop_assert_eq!(visible(&back), visible(&file.text));
    }
}

/// A TOML file as people write them: comments, dotted keys, inline tables, either kind of line end.
fn toml_written() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "# a comment [x] = 1",
        "",
        "\t",
        "model = 'o' # keep",
        "a.b = 1",
        "list = [ 1,  # one\n  2,\n]",
        "text = \"\"\"\nmany # lines\n\"\"\"",
        "inline = { x = 1, \"y.z\" = 'q' }",
        "date = 2026-11-20T12:00:00Z",
        "big = 1_000_000",
    ]);
    let heads = vec!["[tui]", "[ mcp_servers . other ] # o", "[[many]]", "[mcp_servers.one]"];
    let table = (prop::sample::select(heads), line.clone());
    (prop::collection::vec(line, 0..4), prop::collection::vec(table, 0..5), any::<bool>()).prop_map(
        |(top, tables, windows)| {
            let lines = top.into_iter().chain(tables.into_iter().flat_map(|(head, line)| [head, line]));
            let text = lines.flat_map(|line| [line, "\n"]).collect::<String>();
            if windows { text.replace('\n', "\r\n") } else { text }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn a_toml_file_keeps_every_line_when_a_server_comes_or_it_is_left_alone(file in toml_written()) {
        prop_assume!(Dialect::Toml.parse(&file).is_ok());
        let new = set("mcp_servers/new", json!({ "command": "/opt/replug", "args": ["bridge", "k7"] }));
        let Ok(edited) = edit(Dialect::Toml, &file, &[new]) else { return Ok(()) };
        let mut rest = edited.as_str();
        for line in file.split_inclusive('\n') {
            let at = rest.find(line);
            prop_assert!(at.is_some(), "{:?} is gone or moved in {:?}", line, edited);
            rest = &rest[at.unwrap_or_default() + line.len()..];
        }
        prop_assert!(!file.contains("\r\n") || !edited.replace("\r\n", "").contains('\n'), "one kind of line end: {edited:?}");
        if let Ok(back) = edit(Dialect::Toml, &edited, &[remove("mcp_servers/new")]) {
            prop_assert_eq!(back.split_whitespace().collect::<String>(), file.split_whitespace().collect::<String>());
        }
    }
}
