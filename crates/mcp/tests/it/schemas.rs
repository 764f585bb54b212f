//! Tools as they are shown, and faults in them.

use replug_mcp::{Flaw, ToolView, lint};
use serde_json::json;
use serde_json::value::RawValue;

fn tools(texts: &[String]) -> Vec<Box<RawValue>> {
    texts.iter().map(|text| RawValue::from_string(text.clone()).unwrap()).collect()
}

#[test]
fn every_fault_is_found_at_its_tool() {
    let long = "x".repeat(65);
    let list = tools(&[
        json!({"name": "good.tool-1", "inputSchema": {"type": "object", "properties": {"a": {"type": "array", "items": {}}}}}).to_string(),
        json!({"name": "no_schema"}).to_string(),
        json!({"name": "text_schema", "inputSchema": "x"}).to_string(),
        json!({"name": "any_of", "inputSchema": {"anyOf": [{"type": "object"}]}}).to_string(),
        json!({"name": "array", "inputSchema": {"type": "object", "properties": {"o": {"properties": {"list": {"type": "array"}}}}}}).to_string(),
        json!({"name": long, "inputSchema": {"type": "object"}}).to_string(),
        json!({"name": "spa ce", "inputSchema": {"type": "object"}}).to_string(),
        json!({"inputSchema": {"type": "object"}}).to_string(),
        json!({"name": "good.tool-1", "inputSchema": {"type": "object"}}).to_string(),
        "42".to_owned(),
    ]);
    let found: Vec<(String, Flaw)> = lint(&list).into_iter().map(|problem| (problem.tool, problem.what)).collect();
    let expected = [
        ("no_schema", Flaw::NoInputSchema),
        ("text_schema", Flaw::SchemaNotObject),
        ("any_of", Flaw::SchemaWithoutType),
        ("array", Flaw::ArrayWithoutItems("o.list".to_owned())),
        (long.as_str(), Flaw::NameTooLong(65)),
        ("spa ce", Flaw::NameCharacters),
        ("#8", Flaw::NoName),
        ("good.tool-1", Flaw::DuplicateName),
        ("#10", Flaw::NotAnObject),
    ]
    .map(|(tool, flaw)| (tool.to_owned(), flaw));
    assert_eq!(found, expected);
}

#[test]
fn a_hostile_list_has_a_bounded_report() {
    let mut texts = vec!["{}".to_owned(); 5_000];
    texts.push("[]".to_owned());
    texts.rotate_right(1);
    let list = tools(&texts);
    assert_eq!(lint(&list).len(), 200);
}

#[test]
fn members_of_the_wrong_type_count_as_missing_and_texts_are_made_safe() {
    let list = tools(&[json!({"name": "a\u{202e}b", "title": 7, "description": "x".repeat(5_000),
        "inputSchema": {"type": "object"}, "annotations": {"title": "A", "readOnlyHint": true}})
    .to_string()]);
    let view = ToolView::read(&list[0]);
    assert_eq!(view.name, "a\\u{202e}b");
    assert_eq!(view.title.as_deref(), Some("A"), "the annotations have one");
    assert_eq!(view.description.map(|text| text.chars().count()), Some(4 * 1024 + 1), "cut, with an ellipsis");
    assert_eq!(view.input_schema.map(|raw| raw.get().to_owned()).as_deref(), Some(r#"{"type":"object"}"#));
    assert!(view.annotations.contains(&("readOnlyHint".to_owned(), "true".to_owned())), "as label and value");
}
