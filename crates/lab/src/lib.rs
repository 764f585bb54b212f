//! For tests only: real servers on loopback that can be told to misbehave, a scripted person with a browser, a clock that
//! can be set and randomness from a seed. The servers share no code with the product's OAuth and MCP crates, so that a
//! mistake on one side cannot hide the same mistake on the other; nothing here is linked into the product.

mod auth;
mod demo;
mod edge;
mod edits;
mod front;
mod log;
mod mcp;
mod person;
mod recorder;
mod seed;
mod site;
mod tls;
mod ui;
mod wire;

pub use auth::{
    Audience, AuthFaults, AuthServer, AuthState, AuthorizeFaults, ClientMethod, Complaint, Consent, DeviceFaults,
    ExpiresIn, Grant, IssParameter, IssuerSpelling, MetadataFaults, MethodRule, NameRule, Offered, PkceList,
    PreRegistered, Published, Reads, RedirectMatch, RedirectRule, RefreshTokens, Refuse, RefusedRedirect,
    RegistrationAnswer, RegistrationFaults, RegistrationRules, ResourceRule, Returns, Reuse, RevocationFaults,
    Rotation, ScopeAnswer, ScopeRule, StateEcho, TokenAnswer, TokenFaults, TokenForm, TokenShape, UnknownClient,
    Update,
};
pub use demo::{Demo, DemoServer};
pub use edge::{SeededRandom, SystemClock, TestClock};
pub use edits::{Edits, Optionals};
pub use front::Front;
pub use log::{Logged, RequestLog};
pub use mcp::{
    BadToken, Challenge, CursorFault, Discover, Framing, GetStream, Guard, ListFault, McpFaults, McpServer, PrmFaults,
    PrmPlaces, ResourceSpelling, Speech, ToolFaults, ToolFlaw,
};
pub use person::{Conduct, Journey, JourneyEnd, JourneyStep, Person};
pub use recorder::Recorder;
pub use seed::seed;
pub use tls::{Certificate, TlsFront};
pub use ui::UiServer;
