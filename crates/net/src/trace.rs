//! The recorder of exchanges: what was asked and answered, redacted while it is written down.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use http::{HeaderMap, StatusCode};
use replug_core::{BodyShape, Exchange, HeaderLine, sanitize};
use url::Url;

use crate::{Ask, NetError, mask_url};

/// Request headers whose values are harmless.
const OPEN_REQUEST: &[&str] =
    &["accept", "content-type", "mcp-protocol-version", "mcp-method", "user-agent", "accept-encoding"];
/// Answer headers whose values are harmless. `www-authenticate` is not among them: a server can echo a token in it.
const OPEN_ANSWER: &[&str] = &[
    "content-type",
    "content-length",
    "date",
    "server",
    "retry-after",
    "allow",
    "via",
    "cache-control",
    "cf-mitigated",
    "mcp-protocol-version",
    "transfer-encoding",
    "x-deny-reason",
];
const MAX_EXCHANGES: usize = 200;

/// Collects the exchanges of one piece of work. Cheap to clone; all clones write to the same list.
#[derive(Debug, Clone, Default)]
pub struct Trace(Arc<Mutex<Vec<Exchange>>>);

impl Trace {
    /// An empty trace.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes out what was recorded so far.
    pub fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes an exchange down when its answer has ended, or failed.
    pub(crate) fn record(&self, exchange: Exchange) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if list.len() < MAX_EXCHANGES {
            list.push(exchange);
        }
    }
}

/// An exchange that has begun.
#[derive(Debug)]
pub(crate) struct Draft {
    exchange: Exchange,
    since: Instant,
}

impl Draft {
    pub(crate) fn begin(ask: &Ask, url: &Url, headers: &HeaderMap) -> Self {
        let exchange = Exchange {
            method: ask.method.to_string(),
            url: mask_url(url),
            status: None,
            request_headers: lines(headers, OPEN_REQUEST),
            response_headers: Vec::new(),
            request_bytes: ask.body.len() as u64,
            response_bytes: 0,
            body_shape: BodyShape::Empty,
            duration_ms: 0,
            error: None,
        };
        Self { exchange, since: Instant::now() }
    }

    pub(crate) fn answered(&mut self, status: StatusCode, headers: &HeaderMap, url: &Url) {
        self.exchange.status = Some(status.as_u16());
        self.exchange.response_headers = lines(headers, OPEN_ANSWER);
        for line in self.exchange.response_headers.iter_mut().filter(|line| line.name == "location") {
            let value = headers.get("location").and_then(|value| value.to_str().ok());
            line.value = value.and_then(|value| url.join(value).ok()).map(|target| mask_url(&target));
        }
    }

    pub(crate) fn finish(mut self, bytes: u64, shape: BodyShape, error: Option<&NetError>) -> Exchange {
        self.exchange.response_bytes = bytes;
        self.exchange.body_shape = shape;
        self.exchange.duration_ms = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.exchange.error = error.map(|error| sanitize(&error.to_string(), 200));
        self.exchange
    }
}

fn lines(headers: &HeaderMap, open: &[&str]) -> Vec<HeaderLine> {
    let line = |(name, value): (&http::HeaderName, &http::HeaderValue)| HeaderLine {
        name: name.as_str().to_owned(),
        value: value.to_str().ok().filter(|_| open.contains(&name.as_str())).map(|value| sanitize(value, 200)),
    };
    headers.iter().take(60).map(line).collect()
}
