//! JSON-RPC 2.0 messages: requests are built here, answers are found here and handed on as the bytes they came in.
//! Results are never turned into values, so that numbers and unknown members survive.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::question::Elicitation;

/// How deeply an answer may be nested. Deeper ones are refused before anybody reads them recursively.
const MAX_DEPTH: usize = 128;
const CLIENT_NAME: &str = "Replug";
const CLIENT_VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the other side answered to a request.
#[derive(Debug)]
pub(crate) enum Reply {
    /// The `result`, as sent.
    Result(Box<RawValue>),
    /// The `error`.
    Error(RpcError),
}

/// A JSON-RPC error (JSON-RPC 2.0 §5.1), read leniently.
#[derive(Debug, Clone)]
pub struct RpcError {
    /// The code; 0 when there was none that is a whole number.
    pub code: i64,
    /// The message in the server's words; may be empty.
    pub message: String,
    /// Additional data, as sent.
    pub data: Option<Box<RawValue>>,
}

impl RpcError {
    /// The method is unknown (JSON-RPC 2.0 §5.1).
    pub const METHOD_NOT_FOUND: i64 = -32601;
    /// The parameters are wrong (JSON-RPC 2.0 §5.1).
    pub const INVALID_PARAMS: i64 = -32602;
    /// Headers and body differ (2026-07-28 streamable-http, Server Validation).
    pub const HEADER_MISMATCH: i64 = -32020;
    /// The client lacks a capability (2026-07-28 basic/index).
    pub const MISSING_CAPABILITY: i64 = -32021;
    /// The server does not speak the revision (2026-07-28 basic/versioning).
    pub const UNSUPPORTED_VERSION: i64 = -32022;

    /// Whether only a server without a handshake gives this error.
    pub(crate) const fn is_modern(&self) -> bool {
        matches!(self.code, Self::HEADER_MISMATCH | Self::MISSING_CAPABILITY | Self::UNSUPPORTED_VERSION)
    }

    /// The revisions in `data.supported`, where servers list them when they refuse one.
    pub(crate) fn supported(&self) -> Vec<String> {
        #[derive(Deserialize)]
        struct Data {
            supported: Vec<String>,
        }
        let data = self.data.as_ref();
        data.and_then(|data| serde_json::from_str::<Data>(data.get()).ok())
            .map(|data| data.supported)
            .unwrap_or_default()
    }
}

/// Why a text holds no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unanswered {
    #[error("it is not JSON")]
    NotJson,
    #[error("it is nested more deeply than {MAX_DEPTH} levels")]
    TooDeep,
    #[error("it is not a JSON-RPC message")]
    NotRpc,
    #[error("it answers another request")]
    OtherRequest,
}

/// Which errors are taken as the answer, although their id is not the request's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strangers {
    /// Every one: an HTTP error belongs to its request, and servers that refuse before reading invent an id.
    Taken,
    /// Those with the id null, which JSON-RPC 2.0 §5 gives to requests that could not be read.
    OnlyNull,
}

/// The messages in a text: one, or a batch of them (2025-03-26).
pub(crate) fn messages_in(text: &str) -> Result<Vec<&RawValue>, Unanswered> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if deeper_than(text.as_bytes(), MAX_DEPTH) {
        return Err(Unanswered::TooDeep);
    }
    let read = if text.starts_with('[') {
        serde_json::from_str(text)
    } else {
        serde_json::from_str(text).map(|message| vec![message])
    };
    read.map_err(|_| Unanswered::NotJson)
}

/// Finds the answer to request `id` in a message, or in a batch of them.
pub(crate) fn find_answer(text: &str, id: u64, strangers: Strangers) -> Result<Reply, Unanswered> {
    let mut why = Unanswered::NotRpc;
    for message in messages_in(text)? {
        match read_one(message.get(), id, strangers) {
            Ok(reply) => return Ok(reply),
            Err(Unanswered::OtherRequest) => why = Unanswered::OtherRequest,
            Err(_) => {}
        }
    }
    Err(why)
}

#[derive(Deserialize)]
struct Incoming<'a> {
    #[serde(borrow)]
    jsonrpc: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

fn read_one(text: &str, id: u64, strangers: Strangers) -> Result<Reply, Unanswered> {
    let message: Incoming<'_> = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => Unanswered::NotRpc,
        _ => Unanswered::NotJson,
    })?;
    let ours = message.id.is_some_and(|raw| is_id(raw.get(), id));
    let is_rpc = message.jsonrpc.is_some_and(|raw| raw.get() == "\"2.0\"");
    if !ours && !is_rpc {
        return Err(Unanswered::NotRpc);
    }
    if message.method.is_some() {
        return Err(Unanswered::OtherRequest);
    }
    match (message.result, message.error) {
        (_, Some(error)) if ours || message.id.is_none() || strangers == Strangers::Taken => {
            Ok(Reply::Error(read_error(error.get())))
        }
        (Some(result), None) if ours => Ok(Reply::Result(result.to_owned())),
        (None, None) => Err(Unanswered::NotRpc),
        _ => Err(Unanswered::OtherRequest),
    }
}

/// Some servers send a number back as text.
fn is_id(raw: &str, id: u64) -> bool {
    let id = id.to_string();
    raw == id || raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')) == Some(id.as_str())
}

fn read_error(text: &str) -> RpcError {
    #[derive(Deserialize)]
    struct Lenient<'a> {
        #[serde(borrow)]
        code: Option<&'a RawValue>,
        #[serde(borrow)]
        message: Option<&'a RawValue>,
        data: Option<Box<RawValue>>,
    }
    let whole = |raw: &RawValue| serde_json::from_str(raw.get()).ok();
    let words = |raw: &RawValue| serde_json::from_str(raw.get()).ok();
    match serde_json::from_str::<Lenient<'_>>(text) {
        Ok(read) => RpcError {
            code: read.code.and_then(whole).unwrap_or_default(),
            message: read.message.and_then(words).unwrap_or_default(),
            data: read.data,
        },
        Err(_) => RpcError { code: 0, message: serde_json::from_str(text).unwrap_or_default(), data: None },
    }
}

/// Looks at brackets outside of strings only; whether the text is JSON is decided by its parser.
fn deeper_than(text: &[u8], limit: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return true;
        }
    }
    false
}

/// The members of an object, as sent.
pub(crate) type Members = BTreeMap<String, Box<RawValue>>;

/// Reads an object's members; anything else has none. The last of several members with one name counts, as in most readers.
pub(crate) fn members_of(raw: &RawValue) -> Members {
    serde_json::from_str(raw.get()).unwrap_or_default()
}

/// The parameters of the requests Replug makes; members that are `None` are not sent.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Params<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) protocol_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) capabilities: Option<ClientCapabilities>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_info: Option<ClientInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cursor: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) arguments: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) input_responses: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_state: Option<&'a RawValue>,
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub(crate) meta: Option<Meta<'a>>,
}

/// What a request of 2026-07-28 says about its sender (basic/index, `_meta`).
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Meta<'a> {
    #[serde(rename = "io.modelcontextprotocol/protocolVersion")]
    pub(crate) protocol_version: &'a str,
    #[serde(rename = "io.modelcontextprotocol/clientInfo")]
    client_info: ClientInfo,
    #[serde(rename = "io.modelcontextprotocol/clientCapabilities")]
    client_capabilities: ClientCapabilities,
}

impl<'a> Meta<'a> {
    pub(crate) const fn new(protocol_version: &'a str, elicitation: Elicitation) -> Self {
        let client_capabilities = ClientCapabilities::with(elicitation);
        Self { protocol_version, client_info: ClientInfo::REPLUG, client_capabilities }
    }
}

/// What Replug answers when a server asks. Nothing that it would only turn down is announced.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct ClientCapabilities {
    #[serde(skip_serializing_if = "Option::is_none")]
    elicitation: Option<Forms>,
}

/// Forms are filled in; no page is visited (2025-11-25 client/elicitation, Capabilities).
#[derive(Debug, Clone, Copy, Serialize)]
struct Forms {
    form: Empty,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Empty {}

impl ClientCapabilities {
    pub(crate) const fn with(elicitation: Elicitation) -> Self {
        let elicitation = match elicitation {
            Elicitation::Decline => None,
            Elicitation::Defaults => Some(Forms { form: Empty {} }),
        };
        Self { elicitation }
    }
}

/// The name servers see.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct ClientInfo {
    name: &'static str,
    version: &'static str,
}

impl ClientInfo {
    pub(crate) const REPLUG: Self = Self { name: CLIENT_NAME, version: CLIENT_VERSION };
}

#[derive(Serialize)]
struct Outgoing<'a> {
    jsonrpc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<Params<'a>>,
}

/// A request.
pub(crate) fn request(id: u64, method: &str, params: Params<'_>) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Outgoing { jsonrpc: "2.0", id: Some(id), method, params: Some(params) })
}

/// A notification: nobody answers it.
pub(crate) fn notification(method: &str) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Outgoing { jsonrpc: "2.0", id: None, method, params: None })
}
