//! A conversation with one server in one era: numbers requests, adds what the era and the revision ask for, and notices a
//! lost session. How it begins is in `handshake`, what is asked in it in `session`.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use replug_core::Secret;
use replug_net::Stream;

use crate::events::EventChannel;
use crate::message::{Meta, Params, Reply, RpcError, notification, request};
use crate::mirror::header_value;
use crate::question::Elicitation;
use crate::refusal::Refusal;
use crate::version::{Era, has_version_header};
use crate::wire::{Replied, Sending, Wire};

pub(crate) const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");
/// How many bytes of one answer are accepted.
pub(crate) const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;
/// How many bytes of the answer to a greeting are accepted: whoever floods at first contact costs little memory.
const MAX_GREETING_BYTES: usize = 1024 * 1024;

/// How long a server may take to open its own stream; a call does not wait longer for it.
const LISTENING: Duration = Duration::from_secs(2);

/// One request: what is asked, and what is particular about it.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    pub(crate) params: Params<'a>,
    /// Headers mirrored from arguments; sent in the modern era only.
    pub(crate) mirrored: HeaderMap,
    /// How many bytes of the answer are accepted.
    pub(crate) accept_bytes: usize,
}

impl<'a> Call<'a> {
    pub(crate) fn new(method: &'a str, params: Params<'a>) -> Self {
        Self { method, params, mirrored: HeaderMap::new(), accept_bytes: MAX_MESSAGE_BYTES }
    }

    pub(crate) fn greeting(method: &'a str, params: Params<'a>) -> Self {
        Self { accept_bytes: MAX_GREETING_BYTES, ..Self::new(method, params) }
    }
}

/// A conversation.
pub(crate) struct Link<'a> {
    pub(crate) wire: Wire<'a>,
    pub(crate) era: Era,
    /// The revision, once it is agreed on.
    pub(crate) protocol: Option<String>,
    session_id: Option<Secret<String>>,
    channel: Option<EventChannel>,
    next_id: u64,
    /// Whether this conversation was begun for the work in hand because another was lost, so that another loss is final.
    pub(crate) renewed: bool,
}

impl<'a> Link<'a> {
    /// Begins a conversation; only the old transport contacts the server for that.
    pub(crate) async fn open(wire: Wire<'a>, era: Era) -> Result<Self, Refusal> {
        let channel = match era {
            Era::Sse => Some(EventChannel::open(&wire).await?),
            Era::Modern | Era::Legacy => None,
        };
        Ok(Self { wire, era, protocol: None, session_id: None, channel, next_id: 1, renewed: false })
    }

    /// Asks and waits for the answer.
    pub(crate) async fn call(&mut self, call: Call<'_>) -> Result<Replied, Refusal> {
        let id = self.next_id;
        self.next_id += 1;
        let mut params = call.params;
        if self.era == Era::Modern {
            params.meta = self.protocol.as_deref().map(|protocol| Meta::new(protocol, self.wire.endpoint.elicitation));
        }
        let sending = Sending {
            id,
            body: request(id, call.method, params).map_err(|_| unsendable())?.into(),
            headers: self.headers(&call)?,
            accept_bytes: call.accept_bytes,
            legacy: self.era == Era::Legacy,
        };
        let outcome = match &mut self.channel {
            None => self.wire.call(sending).await,
            Some(channel) => {
                let reply = channel.call(&self.wire, sending).await;
                reply.map(|reply| Replied { status: StatusCode::OK, headers: HeaderMap::new(), reply })
            }
        };
        self.notice_loss(outcome)
    }

    /// Tells the server something that has no answer.
    pub(crate) async fn notify(&self, method: &str) -> Result<(), Refusal> {
        let body: Bytes = notification(method).map_err(|_| unsendable())?.into();
        let url = self.channel.as_ref().map_or(&self.wire.endpoint.url, EventChannel::messages);
        self.wire.notify(url, body, self.session_headers()).await
    }

    /// Asks as [`Link::call`] does, and meanwhile answers what the server asks on the stream it may offer for that (2025-11-25
    /// transports, Listening for Messages from the Server). Who turns everything down does not listen.
    pub(crate) async fn call_attentively(&mut self, call: Call<'_>) -> Result<Replied, Refusal> {
        let Some(stream) = self.listen().await else {
            return self.call(call).await;
        };
        let (wire, headers) = (self.wire, self.session_headers());
        tokio::select! {
            outcome = self.call(call) => outcome,
            never = wire.attend(stream, headers) => match never {},
        }
    }

    async fn listen(&self) -> Option<Stream> {
        if self.era != Era::Legacy || self.wire.endpoint.elicitation == Elicitation::Decline {
            return None;
        }
        let opening = self.wire.open_events(self.session_headers(), self.wire.budget.end(), MAX_MESSAGE_BYTES);
        match tokio::time::timeout(LISTENING, opening).await {
            Ok(Ok(stream)) => Some(stream),
            Ok(Err(refusal)) => {
                tracing::debug!(%refusal, "the server offers no stream of its own");
                None
            }
            Err(_) => None,
        }
    }

    /// Remembers the session the server assigned (2025-03-26 to 2025-11-25), if its id is made of visible ASCII characters.
    pub(crate) fn adopt_session(&mut self, headers: &HeaderMap) {
        let id = headers.get(SESSION_ID).and_then(|value| value.to_str().ok());
        self.session_id = id
            .filter(|id| self.era == Era::Legacy && !id.is_empty() && id.bytes().all(|b| b.is_ascii_graphic()))
            .map(|id| Secret::new(id.to_owned()));
    }

    /// Whether the server assigned a session.
    pub(crate) const fn has_session(&self) -> bool {
        self.session_id.is_some()
    }

    /// The headers that name the revision and the session of an agreed conversation with a handshake.
    pub(crate) fn session_headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if self.era != Era::Legacy {
            return headers;
        }
        let version = self.protocol.as_deref().filter(|version| has_version_header(version));
        if let Some(version) = version.and_then(|version| HeaderValue::from_str(version).ok()) {
            headers.insert(PROTOCOL_VERSION, version);
        }
        let id = self.session_id.as_ref();
        if let Some(mut id) = id.and_then(|id| HeaderValue::from_str(id.expose()).ok()) {
            id.set_sensitive(true);
            headers.insert(SESSION_ID, id);
        }
        headers
    }

    fn headers(&self, call: &Call<'_>) -> Result<HeaderMap, Refusal> {
        if self.era != Era::Modern {
            return Ok(self.session_headers());
        }
        let mut headers = call.mirrored.clone();
        let pairs =
            [(PROTOCOL_VERSION, self.protocol.as_deref()), (METHOD, Some(call.method)), (NAME, call.params.name)];
        for (name, value) in pairs {
            if let Some(value) = value {
                headers.insert(name, header_value(value).ok_or_else(unsendable)?);
            }
        }
        Ok(headers)
    }

    /// A server that restarted has forgotten its sessions and says so in one of several ways. Each is taken for a lost
    /// session once; after a new one was begun, the words count as they are.
    fn notice_loss(&self, outcome: Result<Replied, Refusal>) -> Result<Replied, Refusal> {
        if !self.has_session() {
            return outcome;
        }
        let lost = match &outcome {
            Ok(Replied { status, reply: Reply::Error(error), .. }) => is_loss(*status, error, self.renewed),
            Err(Refusal::NotFound) => true,
            Err(Refusal::Rejected { status, .. }) => !self.renewed && *status == StatusCode::BAD_REQUEST,
            Err(Refusal::Unauthorized { challenges }) => !self.renewed && challenges.as_slice().is_empty(),
            Ok(_) | Err(_) => false,
        };
        if lost { Err(Refusal::SessionLost) } else { outcome }
    }
}

fn is_loss(status: StatusCode, error: &RpcError, renewed: bool) -> bool {
    let about_request = matches!(error.code, RpcError::METHOD_NOT_FOUND | RpcError::INVALID_PARAMS);
    match status {
        StatusCode::NOT_FOUND => !about_request,
        StatusCode::BAD_REQUEST => !about_request && !renewed,
        _ => false,
    }
}

/// A message that cannot be written is a mistake of this crate; it is reported instead of hidden.
fn unsendable() -> Refusal {
    replug_net::NetError::Invalid("the message cannot be written".to_owned()).into()
}
