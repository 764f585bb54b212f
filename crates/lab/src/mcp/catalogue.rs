//! The tools of the server: healthy ones, broken ones, pages of them, and an echo when one is called. Who may call is
//! decided before.

use serde_json::{Map, Value, json};

use super::rpc::{Outcome, RpcError};
use super::{CursorFault, ListFault, McpFaults, ToolFaults, ToolFlaw};

const INVALID_PARAMS: i64 = -32602;

pub(super) fn capabilities(faults: &ToolFaults) -> Value {
    if faults.capability { json!({"tools": {"listChanged": false}}) } else { json!({}) }
}

pub(super) fn server_info(faults: &ToolFaults) -> Value {
    json!({"name": faults.server_name, "title": faults.server_name, "version": "1.0.0"})
}

/// `tools/list`. Modern results say how long they keep.
pub(super) fn list(faults: &ToolFaults, params: &Value, modern: bool) -> Outcome {
    if !faults.capability {
        return Outcome::Error(RpcError::new(-32601, "Method not found: tools/list"));
    }
    let cursor = params["cursor"].as_str();
    match &faults.list {
        ListFault::Lists => {}
        ListFault::Error { code, message } => {
            return Outcome::Error(RpcError::new(*code, message.clone()));
        }
        ListFault::ErrorOnSecondPage if cursor.is_none() => {}
        ListFault::ErrorOnSecondPage => {
            return Outcome::Error(RpcError::new(-32603, "The second page is broken"));
        }
        ListFault::NotAList => return Outcome::Result(json!({"tools": "none", "resultType": "complete"})),
        ListFault::Status(status) => return Outcome::Status(*status),
        ListFault::Stalls => return Outcome::Stalls,
    }
    match page(faults, cursor) {
        Some((tools, next)) => Outcome::Result(result(&tools, next, modern)),
        None => Outcome::Error(RpcError::new(INVALID_PARAMS, "Unknown cursor")),
    }
}

fn result(tools: &[Value], next: Option<String>, modern: bool) -> Value {
    let mut result = Map::new();
    result.insert("tools".to_owned(), json!(tools));
    if let Some(next) = next {
        result.insert("nextCursor".to_owned(), json!(next));
    }
    if modern {
        result.insert("resultType".to_owned(), json!("complete"));
        result.insert("ttlMs".to_owned(), json!(0));
        result.insert("cacheScope".to_owned(), json!("private"));
    }
    Value::Object(result)
}

/// The tools of one page and the cursor of the next. `None` for a cursor that was never given out.
fn page(faults: &ToolFaults, cursor: Option<&str>) -> Option<(Vec<Value>, Option<String>)> {
    let all = tools(faults);
    let size = faults.page_size.unwrap_or(all.len()).max(1);
    let number: usize = match (cursor, faults.cursor) {
        (None, _) => 0,
        (Some(""), CursorFault::EmptyText) => 1,
        (Some(cursor), _) => cursor.strip_prefix("page ")?.parse().ok()?,
    };
    let next_number = number + 1;
    let has_more = next_number * size < all.len() || faults.list == ListFault::ErrorOnSecondPage;
    let next = match faults.cursor {
        CursorFault::Circle => Some("page 1".to_owned()),
        CursorFault::Endless => Some(format!("page {next_number}")),
        CursorFault::EmptyText if has_more && next_number == 1 => Some(String::new()),
        CursorFault::Honest | CursorFault::EmptyText => has_more.then(|| format!("page {next_number}")),
    };
    let tools = all.into_iter().skip(number * size).take(size).collect();
    Some((tools, next))
}

fn tools(faults: &ToolFaults) -> Vec<Value> {
    let healthy = (0..faults.count).map(|index| {
        let name = if index == 0 { "echo".to_owned() } else { format!("tool_{index:03}") };
        json!({
            "name": name, "title": format!("Tool {index}"), "description": "Says what it was told.",
            "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}},
            "annotations": {"readOnlyHint": true},
        })
    });
    faults.flaws.iter().map(flawed).chain(healthy).collect()
}

fn flawed(flaw: &ToolFlaw) -> Value {
    let tool =
        |name: &str, schema: Value| json!({"name": name, "description": "A broken tool.", "inputSchema": schema});
    match flaw {
        ToolFlaw::NoObjectType => tool("no_object_type", json!({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]})),
        ToolFlaw::NoSchema => json!({"name": "no_schema", "description": "A broken tool."}),
        ToolFlaw::ArrayWithoutItems => {
            tool("array_without_items", json!({"type": "object", "properties": {"list": {"type": "array"}}}))
        }
        ToolFlaw::LongName => tool(&"n".repeat(65), json!({"type": "object"})),
        ToolFlaw::DoubledName => tool("echo", json!({"type": "object"})),
        ToolFlaw::BadHeader => tool(
            "bad_header",
            json!({"type": "object", "properties": {"share": {"type": "number", "x-mcp-header": "Share"}}}),
        ),
        ToolFlaw::GoodHeader => tool(
            "with_region",
            json!({"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}}),
        ),
        ToolFlaw::SignInStub => tool("authenticate", json!({"type": "object"})),
        ToolFlaw::Hostile => json!({
            "name": "<img src=x onerror=alert(1)>\u{1b}[31m",
            "title": "\u{202e}gnp.exe\u{202c}\u{200b}",
            "description": "</script><script>window.__pwn = 1</script>\u{7}\u{9b}2J [click](javascript:alert(1))",
            "inputSchema": {"type": "object"},
        }),
        ToolFlaw::Any(document) => document.clone(),
    }
}

/// Parameters of a tool that a client has to mirror into headers, with the headers' names in lower case.
pub(super) fn mirrored(faults: &ToolFaults, tool: Option<&str>) -> Vec<(String, String)> {
    let described = tools(faults).into_iter().find(|known| known["name"].as_str() == tool);
    let properties = described.and_then(|tool| tool["inputSchema"]["properties"].as_object().cloned());
    properties
        .into_iter()
        .flatten()
        .filter_map(|(parameter, schema)| {
            let header = schema["x-mcp-header"].as_str()?;
            Some((parameter, format!("mcp-param-{}", header.to_ascii_lowercase())))
        })
        .collect()
}

/// `tools/call`: every tool answers with its arguments.
pub(super) fn call(faults: &McpFaults, params: &Value, modern: bool) -> Outcome {
    let name = params["name"].as_str();
    let known = tools(&faults.tools).iter().any(|tool| tool["name"].as_str() == name);
    if !known {
        return Outcome::Error(RpcError::new(INVALID_PARAMS, "Unknown tool"));
    }
    let arguments = params.get("arguments").cloned().unwrap_or_else(|| json!({}));
    let mut result = json!({"content": [{"type": "text", "text": arguments.to_string()}], "isError": false});
    if modern {
        result["resultType"] = json!("complete");
    }
    Outcome::Result(result)
}
