//! Making arguments that fit a tool's input schema, as a person would fill in a form: what is required, with the default
//! where there is one. Schemas are not validated, and no `$ref` is followed.

use serde_json::{Map, Value, json};

/// Deeper than any form.
const DEEPEST: usize = 8;

/// Arguments for a tool with this `inputSchema`.
pub(crate) fn arguments_for(schema: &Value) -> Value {
    object(schema, DEEPEST)
}

fn object(schema: &Value, depth: usize) -> Value {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let members: Map<String, Value> =
        required.map(|name| (name.to_owned(), fitting(&schema["properties"][name], depth))).collect();
    Value::Object(members)
}

fn fitting(schema: &Value, depth: usize) -> Value {
    let given = schema.get("default").or_else(|| schema.get("const")).or_else(|| schema.get("enum")?.get(0));
    if let Some(given) = given {
        return given.clone();
    }
    match schema["type"].as_str() {
        Some("number" | "integer") => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        Some("object") if depth > 0 => object(schema, depth - 1),
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
        assert_eq!(arguments_for(&schema), expected);
    }

    #[test]
    fn a_tool_without_a_schema_is_called_without_arguments() {
        assert_eq!(arguments_for(&Value::Null), json!({}));
    }
}
