//! JSON-RPC over HTTP: reading a message, choosing the generation that answers it, and framing the answer. What each method
//! does is in `modern`, `legacy` and `catalogue`.

use axum::body::Body;
use axum::http::HeaderName;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};

use super::{Framing, McpCore, McpFaults, legacy, modern};
use crate::wire::{self, Incoming};

/// The member of `_meta` that marks a request of 2026-07-28.
pub(super) const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";

/// A JSON-RPC error.
#[derive(Debug)]
pub(super) struct RpcError {
    pub(super) code: i64,
    pub(super) message: String,
    pub(super) data: Option<Value>,
}

impl RpcError {
    pub(super) fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// The error as a message of its own.
    pub(super) fn body(self, id: &Value) -> Value {
        let mut error = json!({"code": self.code, "message": self.message});
        if let Some(data) = self.data {
            error["data"] = data;
        }
        json!({"jsonrpc": "2.0", "id": id, "error": error})
    }
}

/// What a method came to.
pub(super) enum Outcome {
    Result(Value),
    Error(RpcError),
    /// A status and no JSON-RPC.
    Status(u16),
    /// An answer that never goes on.
    Stalls,
}

/// The method of a message.
pub(super) fn method_of(message: &Value) -> &str {
    message["method"].as_str().unwrap_or_default()
}

pub(super) fn answer(core: &McpCore, faults: &McpFaults, request: &Incoming, message: Option<Value>) -> Response {
    let speech = &faults.speech;
    if !speech.modern && speech.legacy.is_empty() {
        return wire::text(405, "Method not allowed");
    }
    let Some(message) = message.filter(Value::is_object) else {
        let error = RpcError::new(-32700, "Parse error");
        return wire::json(400, &error.body(&Value::Null));
    };
    let is_modern = !message["params"]["_meta"][META_VERSION].is_null();
    match (is_modern, speech.modern, speech.legacy.is_empty()) {
        (true, true, _) | (false, _, true) => modern::answer(faults, request, &message),
        (true, false, _) => legacy::confused(&message),
        (false, _, false) => legacy::answer(core, faults, request, &message),
    }
}

/// Frames what a method came to. Errors are answered with `error_status`.
pub(super) fn framed(outcome: Outcome, id: &Value, framing: Framing, error_status: u16) -> Response {
    match outcome {
        Outcome::Status(status) => wire::text(status, "Something went wrong"),
        Outcome::Stalls => event_stream(Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>())),
        Outcome::Error(error) => wire::json(error_status, &error.body(id)),
        Outcome::Result(result) => {
            let body = json!({"jsonrpc": "2.0", "id": id, "result": result});
            match framing {
                Framing::Json => wire::json(200, &body),
                Framing::Batch => wire::json(200, &json!([body])),
                Framing::Events => event_stream(format!(": hello\n\n{}", event("message", &body.to_string()))),
            }
        }
    }
}

/// One server-sent event.
pub(super) fn event(name: &str, data: &str) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

/// An answer of events.
pub(super) fn event_stream(body: impl Into<Body>) -> Response {
    let response = wire::typed(200, "text/event-stream", body);
    wire::with_header(response, HeaderName::from_static("x-accel-buffering"), "no")
}
