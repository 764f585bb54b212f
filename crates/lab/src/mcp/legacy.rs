//! MCP from 2025-03-26 to 2025-11-25: `initialize`, sessions and the optional GET stream of Streamable HTTP.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::http::HeaderName;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream as futures;
use serde_json::{Value, json};

use super::rpc::{self, Outcome, RpcError};
use super::{GetStream, McpCore, McpFaults, catalogue};
use crate::wire::{self, Incoming};

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const BAD_REQUEST: i64 = -32000;
const NO_SESSION: i64 = -32001;

/// The sessions that `initialize` opened.
#[derive(Default)]
pub(super) struct Sessions(Mutex<SessionBook>);

#[derive(Default)]
struct SessionBook {
    opened: u64,
    live: HashSet<String>,
}

impl Sessions {
    fn open(&self) -> String {
        let mut book = self.lock();
        book.opened += 1;
        let id = format!("session-{}", book.opened);
        book.live.insert(id.clone());
        id
    }

    pub(super) fn forget_all(&self) {
        self.lock().live.clear();
    }

    pub(super) fn count(&self) -> usize {
        self.lock().live.len()
    }

    fn lock(&self) -> MutexGuard<'_, SessionBook> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What servers of this time answer to a request of 2026-07-28.
pub(super) fn confused(message: &Value) -> Response {
    let error = RpcError::new(BAD_REQUEST, "Bad Request: Server not initialized");
    wire::json(400, &error.body(&message["id"]))
}

pub(super) fn answer(core: &McpCore, faults: &McpFaults, request: &Incoming, message: &Value) -> Response {
    let id = &message["id"];
    if rpc::method_of(message) == "initialize" {
        let outcome = Outcome::Result(initialized(faults, &message["params"]));
        let response = rpc::framed(outcome, id, faults.speech.framing, 200);
        return if faults.speech.sessions {
            wire::with_header(response, SESSION, &core.sessions.open())
        } else {
            response
        };
    }
    if let Err((status, error)) = admitted(core, faults, request) {
        return wire::json(status, &error.body(id));
    }
    if id.is_null() {
        return wire::empty(202);
    }
    let outcome = dispatch(faults, message);
    rpc::framed(outcome, id, faults.speech.framing, 200)
}

/// The methods that need no transport of their own; shared with the old stream.
pub(super) fn dispatch(faults: &McpFaults, message: &Value) -> Outcome {
    match rpc::method_of(message) {
        "initialize" => Outcome::Result(initialized(faults, &message["params"])),
        "ping" => Outcome::Result(json!({})),
        "tools/list" => catalogue::list(&faults.tools, &message["params"], false),
        "tools/call" => catalogue::call(faults, &message["params"], false),
        other => Outcome::Error(RpcError::new(-32601, format!("Method not found: {other}"))),
    }
}

/// 2025-11-25 lifecycle, "Version Negotiation": the asked one if it is spoken, else the newest.
fn initialized(faults: &McpFaults, params: &Value) -> Value {
    let spoken = &faults.speech.legacy;
    let asked = params["protocolVersion"].as_str().unwrap_or_default();
    let version = match spoken.first() {
        None => "2024-11-05",
        Some(newest) => spoken.iter().find(|version| *version == asked).unwrap_or(newest),
    };
    json!({
        "protocolVersion": version,
        "capabilities": catalogue::capabilities(&faults.tools),
        "serverInfo": catalogue::server_info(&faults.tools),
        "instructions": "Try the echo tool.",
    })
}

/// Session and version have to be good before anything but `initialize` is done.
fn admitted(core: &McpCore, faults: &McpFaults, request: &Incoming) -> Result<(), (u16, RpcError)> {
    let version = request.header("mcp-protocol-version");
    if version.is_some_and(|version| !faults.speech.legacy.iter().any(|known| known == version)) {
        return Err((400, RpcError::new(BAD_REQUEST, "Bad Request: Unsupported protocol version")));
    }
    if !faults.speech.sessions {
        return Ok(());
    }
    match request.header(SESSION.as_str()) {
        None => Err((400, RpcError::new(BAD_REQUEST, "Bad Request: Mcp-Session-Id header is required"))),
        Some(id) if core.sessions.lock().live.contains(id) => Ok(()),
        Some(_) => Err((404, RpcError::new(NO_SESSION, "Session not found"))),
    }
}

/// GET, where no old stream is offered.
pub(super) fn stream(faults: &McpFaults) -> Response {
    match faults.speech.get {
        GetStream::Status(status) => wire::text(status, "No stream is offered here"),
        GetStream::Quiet => rpc::event_stream(Body::from_stream(futures::pending::<Result<Bytes, std::io::Error>>())),
        GetStream::Ends => rpc::event_stream(""),
    }
}

/// DELETE ends a session.
pub(super) fn end(core: &McpCore, request: &Incoming) -> Response {
    let id = request.header(SESSION.as_str()).unwrap_or_default();
    if core.sessions.lock().live.remove(id) { wire::empty(200) } else { wire::text(405, "Method not allowed") }
}
