//! HTTP+SSE of MCP 2024-11-05: a GET opens a stream that names an address for messages, and answers travel over the stream.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::rpc::{self, Outcome};
use super::{McpCore, McpFaults, guard, legacy};
use crate::wire::{self, Incoming};

/// Where messages are posted to.
pub(super) const MESSAGES: &str = "/messages";

/// The streams that are open.
#[derive(Default)]
pub(super) struct Streams(Mutex<StreamBook>);

#[derive(Default)]
struct StreamBook {
    opened: u64,
    live: HashMap<String, Line>,
}

struct Line {
    events: UnboundedSender<String>,
    answers: usize,
}

impl Streams {
    /// Opens a stream and sends the `endpoint` event.
    pub(super) fn open(&self, faults: &McpFaults) -> Response {
        let (events, receiver) = mpsc::unbounded_channel();
        let mut book = self.lock();
        book.opened += 1;
        let id = format!("stream-{}", book.opened);
        let own = format!("{MESSAGES}?session_id={id}");
        let endpoint = faults.speech.sse_endpoint.as_ref().unwrap_or(&own);
        // The receiver is in this function's hands, so the event cannot be refused.
        let _ = events.send(rpc::event("endpoint", endpoint));
        book.live.insert(id, Line { events, answers: 0 });
        rpc::event_stream(body(receiver))
    }

    pub(super) fn close_all(&self) {
        self.lock().live.clear();
    }

    /// Sends an answer over a stream; whether there is such a stream.
    fn send(&self, id: &str, answer: Option<&Value>, ends_after: Option<usize>) -> bool {
        let mut book = self.lock();
        let Some(line) = book.live.get_mut(id) else {
            return false;
        };
        let Some(answer) = answer else {
            return true;
        };
        line.answers += 1;
        let heard = line.events.send(rpc::event("message", &answer.to_string())).is_ok();
        if !heard || ends_after.is_some_and(|most| line.answers >= most) {
            book.live.remove(id);
        }
        heard
    }

    fn lock(&self) -> MutexGuard<'_, StreamBook> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn body(receiver: UnboundedReceiver<String>) -> Body {
    Body::from_stream(stream::unfold(receiver, |mut receiver| async move {
        let event = receiver.recv().await?;
        Some((Ok::<_, io::Error>(Bytes::from(event)), receiver))
    }))
}

/// A message was posted: 202 here, and its answer over the stream.
pub(super) fn posted(core: &McpCore, request: &Incoming) -> Response {
    let faults = core.faults();
    let message = request.json();
    if let Some(refusal) = guard::refusal(core, &faults, request, message.as_ref()) {
        return refusal;
    }
    let Some(message) = message.filter(|_| faults.speech.old_sse && request.method == "POST") else {
        return wire::text(404, "Not found");
    };
    let id = &message["id"];
    let answer = match legacy::dispatch(&faults, &message) {
        Outcome::Result(result) => Some(json!({"jsonrpc": "2.0", "id": id, "result": result})),
        Outcome::Error(error) => Some(error.body(id)),
        Outcome::Status(_) | Outcome::Stalls => None,
    };
    let stream = wire::value(&request.query, "session_id").unwrap_or_default();
    let answer = answer.filter(|_| !id.is_null());
    if core.streams.send(stream, answer.as_ref(), faults.speech.sse_ends_after) {
        wire::text(202, "Accepted")
    } else {
        wire::text(404, "Session not found")
    }
}
