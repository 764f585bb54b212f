//! A redacted HTTP exchange, by construction free of secrets: bodies are never kept, header values only from a short list.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One request and its answer, safe to show, store and export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct Exchange {
    /// The HTTP method.
    pub method: String,
    /// The address, with query values and random-looking path segments masked.
    pub url: String,
    /// The status of the answer; `None` when none came.
    pub status: Option<u16>,
    /// Names of the request's headers, with values where they are harmless.
    pub request_headers: Vec<HeaderLine>,
    /// Names of the answer's headers, with values where they are harmless.
    pub response_headers: Vec<HeaderLine>,
    /// Length of the request's body in bytes.
    pub request_bytes: u64,
    /// Length of the answer's body in bytes, as far as it was read.
    pub response_bytes: u64,
    /// What the answer's body looked like.
    pub body_shape: BodyShape,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Why no answer came, in a few words.
    pub error: Option<String>,
}

/// A header's name, and its value where that is harmless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct HeaderLine {
    /// The name in lower case.
    pub name: String,
    /// The value; `None` means hidden.
    pub value: Option<String>,
}

/// What a body looked like, without its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum BodyShape {
    /// There was no body.
    Empty,
    /// A JSON object with these member names (at most 40, from the top level).
    JsonObject {
        /// The member names.
        members: Vec<String>,
    },
    /// A JSON array of this many items.
    JsonArray {
        /// How many items.
        items: u32,
    },
    /// Another JSON value.
    JsonScalar,
    /// A stream of server-sent events.
    EventStream,
    /// A web page, with its title.
    Html {
        /// The text of the `title` element, cleaned and cut.
        title: Option<String>,
    },
    /// A urlencoded form with these member names.
    Form {
        /// The member names.
        members: Vec<String>,
    },
    /// Other text.
    Text,
    /// Something that is not text.
    Binary,
}
