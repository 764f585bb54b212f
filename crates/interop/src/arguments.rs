//! Making arguments that fit a tool's input schema, as a person would fill in a form: what is required, with the default
//! where there is one. Schemas are not validated, and no `$ref` is followed.

use serde_json::{Map, Value, json};

/// Deeper than any form.
const DEEPEST: usize = 8;

/// An argument of this name takes a schema, and the one that is at hand is another tool's.
const SCHEMA: &str = "schema";

/// Arguments for a tool with this `inputSchema`; `listed` are the schemas of all tools.
pub(crate) fn arguments_for(schema: &Value, listed: &[&Value]) -> Value {
    object(schema, listed, DEEPEST)
}

fn object(schema: &Value, listed: &[&Value], depth: usize) -> Value {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let member = |name: &str| {
        let wanted = &schema["properties"][name];
        match listed.first() {
            Some(&first) if name == SCHEMA && wanted["type"] == "object" => first.clone(),
            _ => fitting(wanted, listed, depth),
        }
    };
    let members: Map<String, Value> = required.map(|name| (name.to_owned(), member(name))).collect();
    Value::Object(members)
}

fn fitting(schema: &Value, listed: &[&Value], depth: usize) -> Value {
    let given = schema.get("default").or_else(|| schema.get("const")).or_else(|| schema.get("enum")?.get(0));
    if let Some(given) = given {
        return given.clone();
    }
    match schema["type"].as_str() {
        Some("number" | "integer") => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        Some("object") if depth > 0 => object(schema, listed, depth - 1),
        Some("null") => Value::Null,
        _ => json!("text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_required_is_filled_in_by_its_type() {
        let schema = json!({
            "type": "object",
            "properties": {
                "a": {"type": "number"}, "b": {"type": "integer", "minimum": 5}, "c": {"type": "string"},
                "d": {"enum": ["one", "two"]}, "e": {"type": "object", "required": ["f"], "properties": {"f": {"default": 7}}},
                "left": {"type": "string"}
            },
            "required": ["a", "b", "c", "d", "e"]
        });
        let expected = json!({"a": 1, "b": 5, "c": "text", "d": "one", "e": {"f": 7}});
        assert_eq!(arguments_for(&schema, &[]), expected);
    }

    #[test]
    fn a_tool_without_a_schema_is_called_without_arguments() {
        assert_eq!(arguments_for(&Value::Null, &[]), json!({}));
    }

    #[test]
    fn who_asks_for_a_schema_gets_that_of_the_first_tool() {
        let first = json!({"type": "object", "$defs": {"a": {"$anchor": "x"}}});
        let schema = json!({"properties": {"schema": {"type": "object"}}, "required": ["schema"]});
        assert_eq!(arguments_for(&schema, &[&first, &schema]), json!({"schema": first}));
    }
}
