//! Reading a server's tools to the last page (server/utilities/pagination), bounded and loop-safe. The tools are kept as
//! sent; what is wrong with one is found in `lint`.

use std::collections::HashSet;

use replug_core::{Code, Failure, sanitize};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::link::{Call, MAX_MESSAGE_BYTES};
use crate::message::{Params, Reply, RpcError, members_of};
use crate::mirror::mirrored_in;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::version::Era;

/// How many pages are read.
pub const MAX_PAGES: usize = 200;
/// How many bytes all pages together may have.
pub const MAX_LIST_BYTES: usize = 16 * 1024 * 1024;
/// How many tools are kept. Further ones are counted.
pub const MAX_TOOLS: usize = 2_000;

/// How reading the list ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListEnd {
    /// At its last page.
    Complete,
    /// The server announces no tools and does not know `tools/list`.
    NotOffered,
    /// Some pages were read, then it broke off.
    Incomplete {
        /// `RPL-MCP-TOOLS-INCOMPLETE`, with the cause as facts.
        why: Failure,
    },
    /// Nothing could be read.
    Unreadable {
        /// `RPL-MCP-TOOLS-BROKEN`, with the cause as facts.
        why: Failure,
    },
}

/// A tool that is left out, because it must be (2026-07-28 streamable-http, Schema Extension).
#[derive(Debug)]
pub struct Excluded {
    /// The tool, as sent.
    pub tool: Box<RawValue>,
    /// Its name, cleaned.
    pub name: String,
    /// What is wrong with its `x-mcp-header`.
    pub why: String,
}

/// A server's tools.
#[derive(Debug)]
pub struct ToolsOutcome {
    /// The tools exactly as sent, at most [`MAX_TOOLS`].
    pub tools: Vec<Box<RawValue>>,
    /// How many there are, with those that are not kept.
    pub total: usize,
    /// How many pages were read.
    pub pages: usize,
    /// Tools that are left out; not part of `total`.
    pub excluded: Vec<Excluded>,
    /// How it ended.
    pub end: ListEnd,
}

/// A page before anything is made of it.
struct Page {
    tools: Vec<Box<RawValue>>,
    next: Option<Box<RawValue>>,
}

/// One step through the list.
enum Step {
    Page(Page),
    End(ListEnd),
}

impl Session<'_> {
    /// Reads all tools. A lost session is begun anew once, and reading starts over.
    ///
    /// Fails when access is refused; the engine may renew the sign-in and repeat. Whatever else goes wrong after a good
    /// greeting is told in [`ToolsOutcome::end`].
    pub async fn list_tools(&mut self) -> Result<ToolsOutcome, Refusal> {
        self.link.renewed = false;
        match self.read_list().await {
            Err(Refusal::SessionLost) => {
                self.renew().await?;
                self.read_list().await
            }
            outcome => outcome,
        }
    }

    async fn read_list(&mut self) -> Result<ToolsOutcome, Refusal> {
        let mut list =
            ToolsOutcome { tools: Vec::new(), total: 0, pages: 0, excluded: Vec::new(), end: ListEnd::Complete };
        self.mirrored.clear();
        let mut seen = HashSet::new();
        let mut cursor: Option<Box<RawValue>> = None;
        let mut bytes_left = MAX_LIST_BYTES;
        loop {
            let page = match self.read_page(cursor.as_deref(), &mut bytes_left, list.pages).await? {
                Step::Page(page) => page,
                Step::End(end) => {
                    list.end = end;
                    return Ok(list);
                }
            };
            list.pages += 1;
            for tool in page.tools {
                self.take_tool(tool, &mut list);
            }
            let Some(next) = page.next else { return Ok(list) };
            if !seen.insert(next.get().to_owned()) {
                list.end = incomplete("the list goes in a circle: a page is offered twice", None);
                return Ok(list);
            }
            if list.pages == MAX_PAGES {
                list.end = incomplete("there are more than 200 pages", None);
                return Ok(list);
            }
            cursor = Some(next);
        }
    }

    async fn read_page(
        &mut self,
        cursor: Option<&RawValue>,
        bytes_left: &mut usize,
        pages: usize,
    ) -> Result<Step, Refusal> {
        let params = Params { cursor, ..Params::default() };
        let mut call = Call::new("tools/list", params);
        call.accept_bytes = (*bytes_left).clamp(1, MAX_MESSAGE_BYTES);
        let raw = match self.link.call(call).await {
            Ok(replied) => match replied.reply {
                Reply::Result(raw) => raw,
                Reply::Error(error) => return Ok(Step::End(self.after_error(&error, pages))),
            },
            Err(refusal) if is_about_access(&refusal, pages) => return Err(refusal),
            Err(refusal) => {
                let why = refusal.to_string();
                return Ok(Step::End(broken(&why, refusal.to_failure(), pages)));
            }
        };
        *bytes_left = bytes_left.saturating_sub(raw.get().len());
        Ok(match read_page(&raw) {
            Ok(page) => Step::Page(page),
            Err(why) => Step::End(broken(why, None, pages)),
        })
    }

    fn after_error(&self, error: &RpcError, pages: usize) -> ListEnd {
        if error.code == RpcError::METHOD_NOT_FOUND && pages == 0 && !self.capabilities().tools {
            return ListEnd::NotOffered;
        }
        let said = Failure::new(Code::McpToolsBroken).with_said(&error.message);
        broken(&format!("error {}", error.code), Some(said), pages)
    }

    fn take_tool(&mut self, tool: Box<RawValue>, list: &mut ToolsOutcome) {
        if self.link.era == Era::Modern {
            let (name, schema) = name_and_schema(&tool);
            match mirrored_in(&schema) {
                Ok(mirrored) if mirrored.is_empty() => {}
                Ok(mirrored) => {
                    self.mirrored.insert(name, mirrored);
                }
                Err(why) => {
                    tracing::warn!(tool = %sanitize(&name, 100), %why, "a tool is left out");
                    if list.excluded.len() < MAX_TOOLS {
                        list.excluded.push(Excluded { tool, name: sanitize(&name, 100), why: sanitize(&why, 200) });
                    }
                    return;
                }
            }
        }
        list.total += 1;
        if list.tools.len() < MAX_TOOLS {
            list.tools.push(tool);
        }
    }
}

/// Refusals that are not about the list: a better sign-in or another network would be answered differently. A missing
/// sign-in counts on every page, because a token can end between two of them.
const fn is_about_access(refusal: &Refusal, pages: usize) -> bool {
    match refusal {
        Refusal::Unauthorized { .. } | Refusal::InsufficientScope { .. } | Refusal::SessionLost => true,
        Refusal::Forbidden { .. }
        | Refusal::BlockedPage { .. }
        | Refusal::RateLimited { .. }
        | Refusal::RedirectsAway { .. } => pages == 0,
        _ => false,
    }
}

fn broken(why: &str, cause: Option<Failure>, pages: usize) -> ListEnd {
    if pages > 0 {
        return incomplete(why, cause);
    }
    ListEnd::Unreadable { why: with_cause(Code::McpToolsBroken, why, cause) }
}

fn incomplete(why: &str, cause: Option<Failure>) -> ListEnd {
    ListEnd::Incomplete { why: with_cause(Code::McpToolsIncomplete, why, cause) }
}

fn with_cause(code: Code, why: &str, cause: Option<Failure>) -> Failure {
    let mut failure = Failure::new(code).with_fact("Reason", why);
    if let Some(cause) = cause {
        failure.facts.extend(cause.facts);
        failure.said = cause.said;
    }
    failure
}

fn read_page(raw: &RawValue) -> Result<Page, &'static str> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Members {
        tools: Option<Box<RawValue>>,
        next_cursor: Option<Box<RawValue>>,
    }
    let members: Members = serde_json::from_str(raw.get()).map_err(|_| "the answer is no list")?;
    let tools = members.tools.ok_or("the answer has no member `tools`")?;
    Ok(Page {
        tools: serde_json::from_str(tools.get()).map_err(|_| "the member `tools` is no list")?,
        // Null is no cursor, the empty text is one. It goes back as it came.
        next: members.next_cursor,
    })
}

fn name_and_schema(tool: &RawValue) -> (String, Value) {
    let members = members_of(tool);
    let name = members.get("name");
    let schema = members.get("inputSchema");
    (
        name.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default(),
        schema.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default(),
    )
}
