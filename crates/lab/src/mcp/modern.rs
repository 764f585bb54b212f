//! MCP 2026-07-28: requests without a session, whose headers must agree with their bodies (Streamable HTTP, "Server
//! Validation"), and `server/discover`.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::rpc::{self, META_VERSION, Outcome, RpcError};
use super::{Discover, McpFaults, catalogue};
use crate::wire::Incoming;

pub(super) const VERSION: &str = "2026-07-28";
const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
const HEADER_MISMATCH: i64 = -32020;
const UNSUPPORTED_VERSION: i64 = -32022;
const INVALID_PARAMS: i64 = -32602;
const NO_SUCH_METHOD: i64 = -32601;

pub(super) fn answer(faults: &McpFaults, request: &Incoming, message: &Value) -> Response {
    let framing = faults.speech.framing;
    let id = &message["id"];
    if let Err(error) = validate(faults, request, message) {
        return rpc::framed(Outcome::Error(error), id, framing, 400);
    }
    let outcome = match rpc::method_of(message) {
        "server/discover" => discover(faults),
        "tools/list" => catalogue::list(&faults.tools, &message["params"], true),
        "tools/call" => catalogue::call(faults, &message["params"], true),
        other => Outcome::Error(RpcError::new(NO_SUCH_METHOD, format!("Method not found: {other}"))),
    };
    let status = match &outcome {
        // An unknown method is 404 in this revision.
        Outcome::Error(error) if error.code == NO_SUCH_METHOD => 404,
        Outcome::Error(_) if rpc::method_of(message) == "server/discover" => 400,
        _ => 200,
    };
    rpc::framed(outcome, id, framing, status)
}

fn discover(faults: &McpFaults) -> Outcome {
    match faults.speech.discover {
        Discover::Usual => Outcome::Result(json!({
            "resultType": "complete",
            "supportedVersions": versions(faults),
            "capabilities": catalogue::capabilities(&faults.tools),
            "instructions": "Try the echo tool.",
            "ttlMs": 60_000,
            "cacheScope": "private",
            "_meta": {"io.modelcontextprotocol/serverInfo": catalogue::server_info(&faults.tools)},
        })),
        Discover::Status(status) => Outcome::Status(status),
        Discover::Error(code) => Outcome::Error(RpcError::new(code, "Discovery failed")),
    }
}

fn versions(faults: &McpFaults) -> Vec<&str> {
    let legacy = faults.speech.legacy.iter().map(String::as_str);
    faults.speech.modern.then_some(VERSION).into_iter().chain(legacy).collect()
}

fn validate(faults: &McpFaults, request: &Incoming, message: &Value) -> Result<(), RpcError> {
    let meta = &message["params"]["_meta"];
    let header = request.header("mcp-protocol-version");
    let version = meta[META_VERSION].as_str();
    let unsupported = |requested: &str| RpcError {
        data: Some(json!({"supported": versions(faults), "requested": requested})),
        ..RpcError::new(UNSUPPORTED_VERSION, "Unsupported protocol version")
    };
    let Some(version) = version else {
        // A client of an older generation has no other way to learn what is spoken here.
        return Err(match rpc::method_of(message) {
            "initialize" => unsupported(message["params"]["protocolVersion"].as_str().unwrap_or_default()),
            _ => RpcError::new(INVALID_PARAMS, format!("_meta.{META_VERSION} is required")),
        });
    };
    if header != Some(version) {
        return Err(mismatch("MCP-Protocol-Version"));
    }
    if version != VERSION {
        return Err(unsupported(version));
    }
    if !meta[META_CAPABILITIES].is_object() {
        return Err(RpcError::new(INVALID_PARAMS, format!("_meta.{META_CAPABILITIES} is required")));
    }
    if request.header("mcp-method") != message["method"].as_str() {
        return Err(mismatch("Mcp-Method"));
    }
    if rpc::method_of(message) == "tools/call" {
        validate_call(faults, request, &message["params"])?;
    }
    Ok(())
}

fn validate_call(faults: &McpFaults, request: &Incoming, params: &Value) -> Result<(), RpcError> {
    let decoded = |name: &str| request.header(name).and_then(decode);
    if decoded("mcp-name").as_deref() != params["name"].as_str() {
        return Err(mismatch("Mcp-Name"));
    }
    for (parameter, header) in catalogue::mirrored(&faults.tools, params["name"].as_str()) {
        let value = match &params["arguments"][parameter] {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        if decoded(&header) != value {
            return Err(mismatch(&header));
        }
    }
    Ok(())
}

fn mismatch(header: &str) -> RpcError {
    RpcError::new(HEADER_MISMATCH, format!("Header mismatch: {header} is missing or does not match the body"))
}

/// A header value, with the Base64 form of "Value Encoding" undone.
fn decode(value: &str) -> Option<String> {
    let encoded = value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?="));
    match encoded {
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).ok()?).ok(),
        None => Some(value.to_owned()),
    }
}
