//! What a body looks like without its values: enough to recognise a firewall's page, never enough to leak.

use std::fmt;

use http::{HeaderMap, header};
use replug_core::{BodyShape, sanitize};
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use url::form_urlencoded;

const MAX_MEMBERS: usize = 40;
const MAX_NAME: usize = 60;

/// Describes a body by its beginning and by the type its header claims; the beginning wins.
pub(crate) fn shape_of(headers: &HeaderMap, body: &[u8]) -> BodyShape {
    let claimed = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let claimed = claimed.to_ascii_lowercase();
    let text = std::str::from_utf8(body).ok().map(|text| text.trim_start_matches('\u{feff}').trim_start());
    match text {
        Some("") => BodyShape::Empty,
        Some(_) if claimed.starts_with("text/event-stream") => BodyShape::EventStream,
        Some(text) if looks_like_html(text) => BodyShape::Html { title: title_of(text) },
        Some(text) if text.starts_with(['{', '[']) => json_shape(text),
        Some(_) | None if claimed.starts_with("text/html") => BodyShape::Html { title: None },
        Some(text) if claimed.contains("urlencoded") => form_shape(text),
        Some(text) if serde_json::from_str::<IgnoredAny>(text).is_ok() => BodyShape::JsonScalar,
        Some(_) => BodyShape::Text,
        None => BodyShape::Binary,
    }
}

fn looks_like_html(text: &str) -> bool {
    let start: String = text.chars().take(64).collect::<String>().to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body", "<!--", "<script"].iter().any(|mark| start.starts_with(mark))
}

fn title_of(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let open = lower.find("<title")?;
    let start = open + lower[open..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    Some(sanitize(text.get(start..end)?, 80)).filter(|title| !title.is_empty())
}

fn json_shape(text: &str) -> BodyShape {
    if let Ok(Names(members)) = serde_json::from_str(text) {
        return BodyShape::JsonObject { members };
    }
    // Nothing is stored of items that are ignored, so this takes no memory however many there are.
    match serde_json::from_str::<Vec<IgnoredAny>>(text) {
        Ok(items) => BodyShape::JsonArray { items: u32::try_from(items.len()).unwrap_or(u32::MAX) },
        Err(_) => BodyShape::Text,
    }
}

/// The names of an object's first members. Values are passed over: as a tree they would take many times the body's size.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Names, A::Error> {
        let mut names = Vec::new();
        while let Some((name, IgnoredAny)) = members.next_entry::<String, IgnoredAny>()? {
            let name = sanitize(&name, MAX_NAME);
            if names.len() < MAX_MEMBERS && !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(Names(names))
    }
}

fn form_shape(text: &str) -> BodyShape {
    let names = form_urlencoded::parse(text.as_bytes()).take(MAX_MEMBERS).map(|(name, _)| sanitize(&name, MAX_NAME));
    BodyShape::Form { members: names.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(content_type: &'static str, body: &str) -> BodyShape {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, http::HeaderValue::from_static(content_type))]);
        shape_of(&headers, body.as_bytes())
    }

    #[test]
    fn a_web_page_is_recognised_although_its_header_says_json() {
        let page = "  <!DOCTYPE html><html><head><title>Just a moment...</title>";
        assert_eq!(shape("application/json", page), BodyShape::Html { title: Some("Just a moment...".into()) });
    }

    #[test]
    fn only_member_names_are_kept_of_json_and_forms() {
        let json = shape("application/json", r#"{"access_token":"canary","b":1}"#);
        assert_eq!(json, BodyShape::JsonObject { members: vec!["access_token".into(), "b".into()] });
        let form = shape("application/x-www-form-urlencoded", "access_token=canary&b=1");
        assert_eq!(form, BodyShape::Form { members: vec!["access_token".into(), "b".into()] });
    }

    #[test]
    fn other_bodies_have_their_own_shapes() {
        assert_eq!(shape("text/plain", ""), BodyShape::Empty);
        assert_eq!(shape("text/plain", "Forbidden"), BodyShape::Text);
        assert_eq!(shape("text/event-stream", "data: x\n\n"), BodyShape::EventStream);
        assert_eq!(shape("application/json", "[1,2]"), BodyShape::JsonArray { items: 2 });
        assert_eq!(shape("application/json", "{\"a\":"), BodyShape::Text);
        assert_eq!(shape("application/json", "{\"a\":1} x"), BodyShape::Text);
        assert_eq!(shape("application/json", " 7 "), BodyShape::JsonScalar);
    }

    #[test]
    fn a_member_that_stands_twice_is_named_once_and_the_first_ones_stand_for_many() {
        let twice = shape("application/json", r#"{"a":1,"b":{"c":2},"a":[3]}"#);
        assert_eq!(twice, BodyShape::JsonObject { members: vec!["a".into(), "b".into()] });
        let many: Vec<String> = (0..1_000).map(|number| format!("\"m{number}\":[{{}}]")).collect();
        let BodyShape::JsonObject { members } = shape("", &format!("{{{}}}", many.join(","))) else {
            panic!("an object")
        };
        assert_eq!((members.len(), members[39].as_str()), (MAX_MEMBERS, "m39"));
    }
}
