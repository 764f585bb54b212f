//! An answer while it arrives: bounded in bytes and in time, recorded when it ends or is dropped.

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use replug_core::BodyShape;
use tokio::time::Instant;
use url::Url;

use crate::shape::shape_of;
use crate::trace::Draft;
use crate::{Answer, Limits, NetError, TimeoutPhase, Trace, mask_url};

/// How much of a body is kept to describe its shape.
const SHAPE_SAMPLE: usize = 64 * 1024;

/// An answer whose body is still arriving. Headers and body may hold secrets, and `Debug` shows neither.
pub struct Stream {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// Where the answer comes from, after the redirects that were followed.
    pub url: Url,
    response: reqwest::Response,
    deadline: Instant,
    limits: Limits,
    seen: usize,
    sample: BytesMut,
    failed: Option<NetError>,
    record: Option<(Draft, Trace)>,
}

impl Stream {
    pub(crate) fn new(response: reqwest::Response, limits: Limits, deadline: Instant, record: (Draft, Trace)) -> Self {
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            url: response.url().clone(),
            response,
            deadline,
            limits,
            seen: 0,
            sample: BytesMut::new(),
            failed: None,
            record: Some(record),
        }
    }

    /// The next piece of the body; `None` at its end. Fails when time or bytes run out.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, NetError> {
        let outcome = self.next_chunk().await;
        if let Err(error) = &outcome {
            self.failed = Some(error.clone());
        }
        outcome
    }

    async fn next_chunk(&mut self) -> Result<Option<Bytes>, NetError> {
        let limit = self.limits.total;
        let late = NetError::Timeout { phase: TimeoutPhase::Answer, limit };
        let read = tokio::time::timeout_at(self.deadline, self.response.chunk()).await.map_err(|_| late)?;
        let host = self.url.host_str().unwrap_or_default();
        let Some(chunk) = read.map_err(|error| NetError::from_reqwest(&error, host, limit))? else {
            return Ok(None);
        };
        self.seen = self.seen.saturating_add(chunk.len());
        if self.seen > self.limits.bytes {
            return Err(NetError::TooLarge { limit: self.limits.bytes });
        }
        let room = SHAPE_SAMPLE.saturating_sub(self.sample.len());
        self.sample.extend_from_slice(&chunk[..chunk.len().min(room)]);
        Ok(Some(chunk))
    }

    /// Gives the rest of the answer more time, counted from now. For streams that stay open on purpose.
    pub fn extend(&mut self, by: Duration) {
        self.deadline = Instant::now() + by;
    }

    /// Whether it claims to be a stream of events, which need not end.
    pub(crate) fn is_event_stream(&self) -> bool {
        let claimed = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        claimed.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/event-stream")
    }

    /// Leaves a stream of events unread.
    pub(crate) fn into_head(mut self) -> Answer {
        let headers = std::mem::take(&mut self.headers);
        self.finish(BodyShape::EventStream);
        Answer { status: self.status, headers, body: Bytes::new(), url: self.url.clone() }
    }

    /// Reads the rest.
    pub async fn into_answer(mut self) -> Result<Answer, NetError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            body.extend_from_slice(&chunk);
        }
        let headers = std::mem::take(&mut self.headers);
        let body = body.freeze();
        self.finish(shape_of(&headers, &body));
        Ok(Answer { status: self.status, headers, body, url: self.url.clone() })
    }

    fn finish(&mut self, shape: BodyShape) {
        if let Some((draft, trace)) = self.record.take() {
            trace.record(draft.finish(self.seen as u64, shape, self.failed.as_ref()));
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("status", &self.status)
            .field("url", &mask_url(&self.url))
            .field("seen_bytes", &self.seen)
            .finish_non_exhaustive()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let shape = shape_of(&self.headers, &self.sample);
        self.finish(shape);
    }
}
