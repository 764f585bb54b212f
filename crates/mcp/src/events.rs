//! The old transport: one long stream of events from the server, and POSTs to the address its first event names
//! (2024-11-05 transports, HTTP with SSE). It replaces nothing else; messages are built in `link`.

use std::collections::VecDeque;

use http::HeaderMap;
use replug_net::{NetError, Stream};
use tokio::time::Instant;
use url::Url;

use crate::message::{Reply, Strangers, find_answer};
use crate::question::{Heard, hear};
use crate::refusal::Refusal;
use crate::sse::{SseEvent, SseParser};
use crate::verdict::refusal_of;
use crate::wire::{Desk, Sending, Wire, read_up_to, too_large};

/// How much the long stream may carry in its life.
const MAX_STREAM_BYTES: usize = 32 * 1024 * 1024;

/// An open stream with the address that messages go to.
pub(crate) struct EventChannel {
    stream: Stream,
    parser: SseParser,
    pending: VecDeque<SseEvent>,
    messages: Url,
}

/// What became of a POST to the message address.
enum Posted {
    /// The answer comes over the stream.
    Accepted,
    /// Some servers answer at once.
    Answered(Reply),
}

impl EventChannel {
    /// Opens the stream and waits for its `endpoint` event, which must name an address on the same origin.
    pub(crate) async fn open(wire: &Wire<'_>) -> Result<Self, Refusal> {
        let deadline = wire.budget.deadline();
        let stream = wire.open_events(HeaderMap::new(), wire.budget.end(), MAX_STREAM_BYTES).await?;
        let mut channel =
            Self { messages: stream.url.clone(), stream, parser: SseParser::new(), pending: VecDeque::new() };
        // A server of a later revision may hold a GET open without saying anything: that is silence, not slowness.
        let first = tokio::time::timeout_at(deadline, channel.next()).await;
        let event = first.ok().transpose()?.flatten();
        let Some(event) = event.filter(|event| event.name == "endpoint") else {
            return Err(Refusal::NotMcp { why: "a stream of events that does not begin with an endpoint".to_owned() });
        };
        let named = channel.stream.url.join(event.data.trim());
        let named =
            named.map_err(|_| Refusal::NotMcp { why: "a stream of events whose endpoint is no address".to_owned() })?;
        if named.origin() != wire.endpoint.url.origin() {
            return Err(Refusal::MessagesElsewhere { to: named });
        }
        channel.messages = named;
        Ok(channel)
    }

    /// Sends a request and waits for its answer on the stream. Both are watched together, because a server may write a
    /// long answer before it accepts the POST.
    pub(crate) async fn call(&mut self, wire: &Wire<'_>, sending: Sending) -> Result<Reply, Refusal> {
        let deadline = wire.budget.deadline();
        let to = self.messages.clone();
        let id = sending.id;
        let mut desk = Desk::new(to.clone(), HeaderMap::new());
        let posting = post(wire, to, sending, deadline);
        tokio::pin!(posting);
        let mut accepted = false;
        let waiting = async {
            loop {
                tokio::select! {
                    posted = &mut posting, if !accepted => match posted? {
                        Posted::Accepted => accepted = true,
                        Posted::Answered(reply) => return Ok(reply),
                    },
                    event = self.next() => {
                        let Some(event) = event? else { return Err(Refusal::SessionLost) };
                        match hear(&event.data, id)? {
                            Heard::Answer(reply) => return Ok(reply),
                            Heard::Questions(asked) => wire.answer(&mut desk, asked).await,
                        }
                    }
                }
            }
        };
        let reply = tokio::time::timeout_at(deadline, waiting).await;
        reply.map_err(|_| wire.budget.late())?.map(|reply| wire.scrubbed(reply))
    }

    /// Where messages go.
    pub(crate) const fn messages(&self) -> &Url {
        &self.messages
    }

    /// The next event; `None` when the server ended the stream. Dropping the future loses nothing.
    async fn next(&mut self) -> Result<Option<SseEvent>, NetError> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Ok(Some(event));
            }
            let chunk = match self.stream.chunk().await {
                Ok(chunk) => chunk,
                Err(NetError::Interrupted) => None,
                Err(error) => return Err(error),
            };
            match chunk {
                Some(chunk) => self.pending.extend(self.parser.push(&chunk).map_err(|_| too_large())?),
                None => return Ok(self.parser.end()),
            }
        }
    }
}

async fn post(wire: &Wire<'_>, to: Url, sending: Sending, deadline: Instant) -> Result<Posted, Refusal> {
    let limits = wire.limits(deadline, sending.accept_bytes)?;
    let ask = wire.endpoint.post(to, sending.body, sending.headers);
    let stream = wire.http.stream(&ask.limits(limits), wire.trace).await?;
    if !stream.status.is_success() {
        return wire.read_message(stream, sending.id).await.map(Posted::Answered);
    }
    let answer = read_up_to(stream, sending.accept_bytes).await?;
    if answer.is_html() {
        return Err(refusal_of(&answer, wire.endpoint));
    }
    let direct = find_answer(&answer.text(), sending.id, Strangers::OnlyNull);
    Ok(direct.map_or(Posted::Accepted, Posted::Answered))
}
