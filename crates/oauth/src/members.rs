//! Reading single members of JSON objects whose form is not known beforehand, by the rules of `lenient`. Objects with a
//! known form are read into structs instead.

use serde_json::{Map, Value};

use crate::lenient;

/// A JSON object.
pub(crate) type Members = Map<String, Value>;

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

/// Whole seconds above zero.
pub(crate) fn seconds(members: &Members, name: &str) -> Option<i64> {
    let seconds = lenient::seconds(members.get(name)?).ok()??;
    (seconds > 0).then_some(seconds)
}
