//! What is read of foreign JSON objects without tripping over it: members that are null, empty, missing or of a wrong type are
//! all absent. Which of them are required is decided where the document is used.

use replug_net::Answer;
use serde_json::{Map, Value};

/// A JSON object.
pub(crate) type Members = Map<String, Value>;

/// The body as a JSON object, whatever type its header claims; `None` for everything else.
pub(crate) fn object(answer: &Answer) -> Option<Members> {
    answer.json().ok()
}

/// A text that is more than white space.
pub(crate) fn text<'a>(members: &'a Members, name: &str) -> Option<&'a str> {
    members.get(name)?.as_str().filter(|text| !text.trim().is_empty())
}

/// The first of these members that is a text.
pub(crate) fn first_text<'a>(members: &'a Members, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| text(members, name))
}

/// What a service says in words, wherever it says so.
pub(crate) fn message(members: &Members) -> Option<&str> {
    first_text(members, &["error_description", "message", "msg", "errorSummary", "detail"])
}

/// One text, or the texts of a list.
pub(crate) fn texts<'a>(members: &'a Members, name: &str) -> Vec<&'a str> {
    let items = match members.get(name) {
        Some(Value::Array(items)) => items.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    let texts = items.iter().filter_map(Value::as_str);
    texts.filter(|text| !text.trim().is_empty()).collect()
}

/// A yes or no; absent is no.
pub(crate) fn flag(members: &Members, name: &str) -> bool {
    members.get(name) == Some(&Value::Bool(true))
}

/// Whole seconds above zero.
pub(crate) fn seconds(members: &Members, name: &str) -> Option<i64> {
    whole(members, name).filter(|seconds| *seconds > 0)
}

/// A whole number, written as one or as digits in a text. Fractions are cut off, and what is too large is the largest.
pub(crate) fn whole(members: &Members, name: &str) -> Option<i64> {
    match members.get(name)? {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(cut)),
        Value::String(text) => {
            let text = text.trim();
            let fraction = || text.parse::<f64>().ok().filter(|number| number.is_finite());
            text.parse().ok().or_else(|| fraction().map(cut))
        }
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates, which is what is wanted")]
const fn cut(number: f64) -> i64 {
    number as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<i64> {
        let members = serde_json::from_str(&format!(r#"{{"life":{json}}}"#)).unwrap();
        whole(&members, "life")
    }

    #[test]
    fn whole_numbers_are_read_from_numbers_and_texts() {
        for (json, expected) in [
            ("3600", 3600),
            ("\" 5250 \"", 5250),
            ("12.9", 12),
            ("\"12.9\"", 12),
            ("0", 0),
            ("-5", -5),
            ("1e300", i64::MAX),
        ] {
            assert_eq!(read(json), Some(expected), "{json}");
        }
        for json in ["null", "\"\"", "\"soon\"", "\"inf\"", "[]", "{}", "true"] {
            assert_eq!(read(json), None, "{json}");
        }
    }

    #[test]
    fn only_true_is_yes() {
        let members: Members = serde_json::from_str(r#"{"yes":true,"no":false,"text":"true","one":1}"#).unwrap();
        assert!(flag(&members, "yes"));
        for name in ["no", "text", "one", "missing"] {
            assert!(!flag(&members, name), "{name}");
        }
    }
}
