//! The switches of the MCP server; healthy by default: guarded when there is an authorization server, both eras, three tools.

use serde_json::Value;

use crate::{Edits, Front, Optionals};

/// Everything that can be wrong with an MCP server.
#[derive(Debug, Clone, Default)]
pub struct McpFaults {
    /// What stands before the MCP endpoint.
    pub front: Front,
    /// What needs which credentials.
    pub guard: Guard,
    /// How a request without good credentials is answered.
    pub challenge: Challenge,
    /// `scope` of the challenge.
    pub challenge_scope: Option<String>,
    /// What a bad token gets.
    pub bad_token: BadToken,
    /// Protected resource metadata (RFC 9728).
    pub metadata: PrmFaults,
    /// Which generations of the protocol are spoken, and how.
    pub speech: Speech,
    /// The tools.
    pub tools: ToolFaults,
    /// A 307 from the endpoint to itself with a slash at the end.
    pub slash: bool,
    /// Whether the authorization server answers at this origin too, as in revision 2025-03-26. Tokens without an audience
    /// are accepted then, because clients of that time named none.
    pub carries_auth: bool,
}

/// What needs which credentials.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Guard {
    /// Everything needs a token, when there is an authorization server.
    #[default]
    Everything,
    /// Only `tools/call` does.
    CallsOnly,
    /// `tools/call` needs this scope besides; 403 `insufficient_scope` without it.
    ScopeForCalls(String),
    /// `tools/call` always needs one scope more than the token has.
    NeverContent,
    /// No token is ever good enough.
    Refuses,
    /// Everybody is greeted, and no token is good enough for `tools/list`.
    RefusesLists,
    /// Everybody is greeted and gets the list, and no token is good enough for `tools/call`.
    RefusesCalls,
    /// A fixed header with a fixed value instead of a token.
    Key {
        /// The header's name in lower case.
        header: String,
        /// The value.
        value: String,
    },
    /// Nothing.
    Open,
}

/// How a request without good credentials is answered. Pages and 5xx are made with [`Front`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Challenge {
    /// 401 with `resource_metadata` (RFC 9728 §5.1).
    #[default]
    Metadata,
    /// 401 with a challenge of RFC 6750 only.
    Bearer,
    /// 401 without any challenge.
    Missing,
    /// 401 that wants HTTP Basic.
    Basic,
    /// 403 without a word.
    Forbidden,
}

/// What a token gets that is unknown, expired, or for somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BadToken {
    /// The challenge, with `invalid_token`.
    #[default]
    Challenged,
    /// 500.
    ServerError,
}

/// Switches of protected resource metadata.
#[derive(Debug, Clone, Default)]
pub struct PrmFaults {
    /// What stands before the documents.
    pub front: Front,
    /// Where the document is found.
    pub places: PrmPlaces,
    /// How `resource` is spelt. Tokens have to be for exactly this text.
    pub resource: ResourceSpelling,
    /// `authorization_servers`; the server's own when `None`.
    pub authorization_servers: Option<Vec<String>>,
    /// `scopes_supported`; left out when `None`.
    pub scopes_supported: Option<Vec<String>>,
    /// What the optional members hold.
    pub optionals: Optionals,
    /// Members set or removed at the end.
    pub edits: Edits,
}

/// Where the document is found (RFC 9728 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PrmPlaces {
    /// With the path inserted, and at the root.
    #[default]
    Both,
    /// With the path inserted.
    InsertedOnly,
    /// At the root.
    RootOnly,
    /// At an address that only the challenge names.
    ChallengeOnly,
    /// With the path inserted; the root describes another resource of the same host.
    OtherAtRoot,
    /// Nowhere; challenges do not mention it.
    Nowhere,
}

/// How `resource` is spelt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ResourceSpelling {
    /// The address of the endpoint.
    #[default]
    Exact,
    /// With a slash at the end.
    TrailingSlash,
    /// The origin only.
    Origin,
    /// Any other text.
    Other(String),
}

/// Which generations of the protocol are spoken, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Speech {
    /// Whether 2026-07-28 is spoken.
    pub modern: bool,
    /// The revisions with `initialize`, newest first; none when empty.
    pub legacy: Vec<String>,
    /// Whether GET opens the stream of 2024-11-05; POST is refused when nothing else is spoken.
    pub old_sse: bool,
    /// How `server/discover` is answered.
    pub discover: Discover,
    /// Whether `initialize` opens a session.
    pub sessions: bool,
    /// How GET is answered where no old stream is offered.
    pub get: GetStream,
    /// How answers are framed.
    pub framing: Framing,
    /// The text of the old stream's `endpoint` event; its own when `None`.
    pub sse_endpoint: Option<String>,
    /// After how many answers the old stream ends; never when `None`.
    pub sse_ends_after: Option<usize>,
}

impl Speech {
    /// 2026-07-28 only.
    #[must_use]
    pub fn modern_only() -> Self {
        Self { legacy: Vec::new(), ..Self::default() }
    }

    /// 2025-11-25, 2025-06-18 and 2025-03-26 only.
    #[must_use]
    pub fn legacy_only() -> Self {
        Self { modern: false, ..Self::default() }
    }

    /// HTTP+SSE of 2024-11-05 only.
    #[must_use]
    pub fn old_sse_only() -> Self {
        Self { modern: false, legacy: Vec::new(), old_sse: true, ..Self::default() }
    }
}

impl Default for Speech {
    fn default() -> Self {
        Self {
            modern: true,
            legacy: ["2025-11-25", "2025-06-18", "2025-03-26"].map(Into::into).into(),
            old_sse: false,
            discover: Discover::Usual,
            sessions: true,
            get: GetStream::Status(405),
            framing: Framing::Json,
            sse_endpoint: None,
            sse_ends_after: None,
        }
    }
}

/// How `server/discover` is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Discover {
    /// By the specification.
    #[default]
    Usual,
    /// With this status and no JSON-RPC error.
    Status(u16),
    /// With this JSON-RPC error and 400.
    Error(i64),
}

/// How GET is answered where no old stream is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GetStream {
    /// With this status, 405 by the specification.
    Status(u16),
    /// With a stream that says nothing and stays open.
    Quiet,
    /// With a stream that ends at once.
    Ends,
}

/// How answers are framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Framing {
    /// One JSON document.
    #[default]
    Json,
    /// A stream of one event.
    Events,
    /// A list with one JSON document, as 2025-03-26 allowed.
    Batch,
}

/// The tools.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolFaults {
    /// How many healthy tools there are. The first is called `echo`.
    pub count: usize,
    /// Broken tools that stand before them.
    pub flaws: Vec<ToolFlaw>,
    /// How many are on a page; all when `None`.
    pub page_size: Option<usize>,
    /// What cursors look like.
    pub cursor: CursorFault,
    /// What `tools/list` does instead of listing.
    pub list: ListFault,
    /// Whether the server says that it has tools.
    pub capability: bool,
    /// The name of the server in its own words.
    pub server_name: String,
}

impl Default for ToolFaults {
    fn default() -> Self {
        Self {
            count: 3,
            flaws: Vec::new(),
            page_size: None,
            cursor: CursorFault::Honest,
            list: ListFault::Lists,
            capability: true,
            server_name: "Lab server".to_owned(),
        }
    }
}

/// A broken tool.
#[derive(Debug, Clone, PartialEq)]
pub enum ToolFlaw {
    /// `inputSchema` without `type`.
    NoObjectType,
    /// No `inputSchema`.
    NoSchema,
    /// A parameter of type array without `items`.
    ArrayWithoutItems,
    /// A name of 65 characters.
    LongName,
    /// A second tool called `echo`.
    DoubledName,
    /// `x-mcp-header` on a parameter that may not have one.
    BadHeader,
    /// A parameter with a proper `x-mcp-header`, `Region`. No flaw, but a duty for clients.
    GoodHeader,
    /// A placeholder called `authenticate`, as servers show before a sign-in.
    SignInStub,
    /// Name, title and description full of markup, terminal codes and characters that turn the direction of writing.
    Hostile,
    /// Any document.
    Any(Value),
}

/// What cursors look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CursorFault {
    /// Each page names the next; the last names none.
    #[default]
    Honest,
    /// The second page is named by an empty text, which is a real cursor.
    EmptyText,
    /// Every page names the same next page.
    Circle,
    /// Every page names a new one, for ever.
    Endless,
}

/// What `tools/list` does instead of listing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ListFault {
    /// It lists.
    #[default]
    Lists,
    /// A JSON-RPC error.
    Error {
        /// Its code.
        code: i64,
        /// Its message.
        message: String,
    },
    /// The first page, then a JSON-RPC error.
    ErrorOnSecondPage,
    /// A result in which `tools` is no list.
    NotAList,
    /// A status without JSON-RPC.
    Status(u16),
    /// The head of an answer, and then nothing.
    Stalls,
}
