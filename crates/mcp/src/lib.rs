//! The wire of MCP: raw messages over Streamable HTTP and HTTP with server-sent events, in both eras of the protocol; the
//! probe that finds out which one a server speaks, its tools as sent, what is wrong with them, and the answers to what a server
//! asks back. Signing in, health and retries over time are not here.
//!
//! ```text
//! probe ─ handshake ─ link ─┬─ wire ──── Streamable HTTP
//!    └──── session ─ tools  └─ events ── HTTP with server-sent events
//! ```
//!
//! **Results are never turned into values on their way**: they are kept as `serde_json::value::RawValue`, so that the bytes of
//! numbers and members nobody knows survive. **Secrets go to the server's own origin only.** Everything is bounded in time
//! by a [`Budget`], and in bytes.

mod budget;
mod endpoint;
mod events;
mod handshake;
mod link;
mod lint;
mod message;
mod mirror;
mod probe;
mod question;
mod refusal;
mod session;
mod sse;
mod tools;
mod verdict;
mod version;
mod wire;

pub use budget::Budget;
pub use endpoint::Endpoint;
pub use handshake::{Capabilities, Greeting, ServerInfo};
pub use lint::{Flaw, MAX_NAME_CHARS, SchemaProblem, ToolView, lint};
pub use message::RpcError;
pub use probe::probe;
pub use question::Elicitation;
pub use refusal::{Challenges, Refusal};
pub use session::{Called, Session};
pub use sse::{EventTooLarge, MAX_EVENT_BYTES, SseEvent, SseParser};
pub use tools::{Excluded, ListEnd, MAX_LIST_BYTES, MAX_PAGES, MAX_TOOLS, ToolsOutcome};
pub use version::{Era, MODERN, Spoken, WITH_INITIALIZE};
