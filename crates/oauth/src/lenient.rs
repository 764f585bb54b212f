//! What is read of foreign JSON without tripping over it: null, empty, missing and of a wrong type are all absent. Members by
//! their names are read in `members`; which of them are required is decided where the document is used.

use replug_net::Answer;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::members::Members;

/// The body as a JSON object, whatever type its header claims; `None` for everything else.
pub(crate) fn object(answer: &Answer) -> Option<Members> {
    answer.json().ok()
}

/// A yes or no; absent is no.
pub(crate) fn flag(members: &Members, name: &str) -> bool {
    members.get(name) == Some(&Value::Bool(true))
}

/// Whole seconds, written as a number or as digits in a text. Fractions are cut off, and what is too large is the largest.
pub(crate) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(cut)),
        Value::String(text) => {
            let text = text.trim();
            let fraction = || text.parse::<f64>().ok().filter(|number| number.is_finite());
            text.parse().ok().or_else(|| fraction().map(cut))
        }
        _ => None,
    })
}

#[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates, which is what is wanted")]
const fn cut(number: f64) -> i64 {
    number as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<i64> {
        seconds(&serde_json::from_str::<Value>(json).unwrap()).unwrap()
    }

    #[test]
    fn seconds_are_read_from_numbers_and_texts() {
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
