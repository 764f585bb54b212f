//! One request over Streamable HTTP and its answer, be it one message or a stream of events (2025-03-26 and later). What the
//! request says and which revision it belongs to is decided in `link`.

use std::convert::Infallible;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use replug_core::sanitize;
use replug_net::{Answer, Http, Limits, NetError, Stream, Trace};
use tokio::time::Instant;
use url::Url;

use crate::budget::Budget;
use crate::endpoint::Endpoint;
use crate::message::{Reply, Strangers, Unanswered, find_answer};
use crate::question::{Heard, Question, hear, questions_in};
use crate::refusal::Refusal;
use crate::sse::SseParser;
use crate::verdict::refusal_of;

/// How much of an answer with an error status is read.
const ERROR_BODY_BYTES: usize = 256 * 1024;
/// How many questions of one stream are answered: whoever floods gets no flood back.
const MAX_ANSWERS: u32 = 50;
/// How often a broken stream is taken up again.
const MAX_RESUMES: u32 = 5;
/// How long to wait before that, when the server does not say.
const DEFAULT_RETRY: Duration = Duration::from_millis(500);

/// Everything a request needs besides its own content.
#[derive(Clone, Copy)]
pub(crate) struct Wire<'a> {
    pub(crate) http: &'a Http,
    pub(crate) trace: &'a Trace,
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) budget: Budget,
}

/// A request ready to be sent.
pub(crate) struct Sending {
    pub(crate) id: u64,
    pub(crate) body: Bytes,
    pub(crate) headers: HeaderMap,
    /// How many bytes of an answer are accepted.
    pub(crate) accept_bytes: usize,
    /// Whether a broken stream may be taken up again with `Last-Event-ID`, and the server may ask things on it (2025-03-26 to
    /// 2025-11-25).
    pub(crate) legacy: bool,
}

/// A JSON-RPC answer with what HTTP said around it.
pub(crate) struct Replied {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) reply: Reply,
}

/// Where the answers of one stream go, and how many more there may be.
pub(crate) struct Desk {
    to: Url,
    headers: HeaderMap,
    left: u32,
}

impl Desk {
    pub(crate) const fn new(to: Url, headers: HeaderMap) -> Self {
        Self { to, headers, left: MAX_ANSWERS }
    }
}

/// How a stream of events ended.
enum Events {
    Answer(Reply),
    Over(Box<SseParser>),
}

impl Wire<'_> {
    /// Sends a request and waits for its answer.
    pub(crate) async fn call(&self, sending: Sending) -> Result<Replied, Refusal> {
        let deadline = self.budget.deadline();
        let ask = self.endpoint.post(self.endpoint.url.clone(), sending.body.clone(), sending.headers.clone());
        let limits = self.limits(deadline, sending.accept_bytes)?;
        let stream = self.http.stream(&ask.limits(limits), self.trace).await?;
        let (status, headers) = (stream.status, stream.headers.clone());
        let reply = if status.is_success() && is_event_stream(&stream) {
            self.follow(stream, &sending, deadline).await?
        } else {
            self.read_message(stream, sending.id).await?
        };
        Ok(Replied { status, headers, reply: self.scrubbed(reply) })
    }

    /// Sends a notification. Anything that is not an error will do as an answer (202 is asked for).
    pub(crate) async fn notify(&self, url: &Url, body: Bytes, headers: HeaderMap) -> Result<(), Refusal> {
        let ask = self.endpoint.post(url.clone(), body, headers);
        let limits = self.limits(self.budget.deadline(), ERROR_BODY_BYTES)?;
        let stream = self.http.stream(&ask.limits(limits), self.trace).await?;
        if stream.status.is_success() {
            return Ok(());
        }
        let answer = read_up_to(stream, ERROR_BODY_BYTES).await?;
        Err(refusal_of(&answer, self.endpoint))
    }

    /// Opens a stream of events with GET.
    pub(crate) async fn open_events(
        &self,
        mut headers: HeaderMap,
        deadline: Instant,
        bytes: usize,
    ) -> Result<Stream, Refusal> {
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        let ask = self.endpoint.ask(Method::GET, self.endpoint.url.clone(), &headers);
        let limits = self.limits(deadline, bytes)?;
        let stream = self.http.stream(&ask.limits(limits), self.trace).await?;
        if stream.status.is_success() && is_event_stream(&stream) {
            return Ok(stream);
        }
        let answer = read_up_to(stream, ERROR_BODY_BYTES).await?;
        Err(refusal_of(&answer, self.endpoint))
    }

    pub(crate) fn limits(&self, deadline: Instant, bytes: usize) -> Result<Limits, NetError> {
        let total = self.budget.left_until(deadline)?;
        Ok(Limits { total, bytes })
    }

    /// A body that is one message, or an error status with or without one.
    pub(crate) async fn read_message(&self, stream: Stream, id: u64) -> Result<Reply, Refusal> {
        let status = stream.status;
        if !status.is_success() {
            let answer = read_up_to(stream, ERROR_BODY_BYTES).await?;
            let speaks_rpc = status.is_client_error()
                && ![StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS].contains(&status);
            return match find_answer(&answer.text(), id, Strangers::Taken) {
                Ok(reply @ Reply::Error(_)) if speaks_rpc => Ok(reply),
                _ => Err(refusal_of(&answer, self.endpoint)),
            };
        }
        let answer = stream.into_answer().await?;
        let Ok(text) = std::str::from_utf8(&answer.body) else {
            return Err(refusal_of(&answer, self.endpoint));
        };
        find_answer(text, id, Strangers::OnlyNull).map_err(|unanswered| match unanswered {
            Unanswered::TooDeep | Unanswered::OtherRequest => Refusal::NotMcp { why: unanswered.to_string() },
            Unanswered::NotJson | Unanswered::NotRpc => refusal_of(&answer, self.endpoint),
        })
    }

    /// Reads events until the answer comes, and takes a broken stream up again where the revision allows it.
    async fn follow(&self, stream: Stream, sending: &Sending, deadline: Instant) -> Result<Reply, Refusal> {
        let mut events = self.read_events(stream, sending).await?;
        for _ in 0..MAX_RESUMES {
            let parser = match events {
                Events::Answer(reply) => return Ok(reply),
                Events::Over(parser) => parser,
            };
            let Some(last) = parser.last_id().filter(|_| sending.legacy) else {
                return Err(silent_stream());
            };
            let wait = parser.retry().unwrap_or(DEFAULT_RETRY);
            if Instant::now() + wait >= deadline {
                return Err(self.budget.late().into());
            }
            tokio::time::sleep(wait).await;
            let mut headers = sending.headers.clone();
            headers.remove(header::CONTENT_TYPE);
            let last = HeaderValue::from_str(last).map_err(|_| silent_stream())?;
            headers.insert("last-event-id", last);
            let stream = self.open_events(headers, deadline, sending.accept_bytes).await?;
            events = self.read_events(stream, sending).await?;
        }
        match events {
            Events::Answer(reply) => Ok(reply),
            Events::Over(_) => Err(silent_stream()),
        }
    }

    async fn read_events(&self, mut stream: Stream, sending: &Sending) -> Result<Events, Refusal> {
        let mut parser = SseParser::new();
        let mut desk = Desk::new(self.endpoint.url.clone(), sending.headers.clone());
        loop {
            let chunk = match stream.chunk().await {
                Ok(chunk) => chunk,
                // A connection that broke is taken up again like one that was closed.
                Err(NetError::Interrupted) if parser.last_id().is_some() => None,
                Err(error) => return Err(error.into()),
            };
            let Some(chunk) = chunk else { break };
            for event in parser.push(&chunk).map_err(|_| too_large())? {
                match hear(&event.data, sending.id)? {
                    Heard::Answer(reply) => return Ok(Events::Answer(reply)),
                    Heard::Questions(asked) if sending.legacy => self.answer(&mut desk, asked).await,
                    Heard::Questions(_) => {}
                }
            }
        }
        match parser.end().map(|event| hear(&event.data, sending.id)).transpose()? {
            Some(Heard::Answer(reply)) => Ok(Events::Answer(reply)),
            Some(Heard::Questions(_)) | None => Ok(Events::Over(Box::new(parser))),
        }
    }

    /// Answers what the server asks on a stream of its own, for as long as it is polled.
    pub(crate) async fn attend(&self, mut stream: Stream, headers: HeaderMap) -> Infallible {
        let mut parser = SseParser::new();
        let mut desk = Desk::new(self.endpoint.url.clone(), headers);
        while let Ok(Some(chunk)) = stream.chunk().await {
            let Ok(events) = parser.push(&chunk) else { break };
            for event in events {
                self.answer(&mut desk, questions_in(&event.data)).await;
            }
        }
        std::future::pending().await
    }

    /// Answers questions. A server that does not take an answer shows it in what it answers itself.
    pub(crate) async fn answer(&self, desk: &mut Desk, asked: Vec<Question>) {
        for question in asked {
            let Some(left) = desk.left.checked_sub(1) else { return };
            desk.left = left;
            let method = sanitize(question.method(), 60);
            let sent = match question.answer(self.endpoint.elicitation) {
                Ok(body) => self
                    .notify(&desk.to, body.into(), desk.headers.clone())
                    .await
                    .map_err(|refusal| refusal.to_string()),
                Err(error) => Err(error.to_string()),
            };
            tracing::debug!(method, refused = sent.err(), "the server asked something");
        }
    }

    /// The server's words without the secrets it may have echoed.
    pub(crate) fn scrubbed(&self, reply: Reply) -> Reply {
        match reply {
            Reply::Error(mut error) => {
                error.message = self.endpoint.scrub(&error.message);
                Reply::Error(error)
            }
            Reply::Result(_) => reply,
        }
    }
}

pub(crate) fn is_event_stream(stream: &Stream) -> bool {
    let kind = stream.headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("text/event-stream")
}

fn silent_stream() -> Refusal {
    Refusal::NotMcp { why: "a stream of events without the answer".to_owned() }
}

pub(crate) fn too_large() -> NetError {
    NetError::TooLarge { limit: crate::sse::MAX_EVENT_BYTES }
}

/// Reads the beginning of a body; the rest is not asked for.
pub(crate) async fn read_up_to(mut stream: Stream, bytes: usize) -> Result<Answer, NetError> {
    let mut body = BytesMut::new();
    while body.len() < bytes {
        match stream.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            // The status is known; what a broken or slow rest would say matters less.
            Ok(None) | Err(NetError::Interrupted | NetError::TooLarge { .. } | NetError::Timeout { .. }) => break,
            Err(error) => return Err(error),
        }
    }
    body.truncate(bytes);
    Ok(Answer { status: stream.status, headers: stream.headers.clone(), body: body.freeze(), url: stream.url.clone() })
}
