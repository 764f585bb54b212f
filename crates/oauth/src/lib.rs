//! OAuth as MCP uses it: discovery, registration, authorization, callback, token exchange, refresh and revocation.
//!
//! Every function here does one protocol step and reports what it saw. Which step comes next, what is stored and what a
//! person is told is decided in the engine; nothing is kept in this crate.

mod authorize;
mod callback;
mod challenge;
mod client_auth;
mod context;
mod discovery;
mod lenient;
mod members;
mod metadata;
mod page;
mod preflight;
mod registration;
mod resource;
mod revoke;
mod said;
mod scope;
mod service;
mod token;

pub use authorize::{Attempt, AttemptInput};
pub use callback::{Callback, Listener, accept_pasted};
pub use challenge::{BearerChallenge, Challenge, bearer, has_scheme, parse_challenges};
pub use context::Context;
pub use discovery::{Discovery, DiscoveryPrefs, FoundIssuer, confirm_assumed, discover, find_service_metadata};
pub use preflight::{Preflight, preflight};
pub use registration::{Registered, RegistrationRequest, choose_auth_method, delete_registration, register};
pub use resource::{Absence, ResourceFit, ResourceMetadata, ResourceSearch, find_resource_metadata};
pub use revoke::{Revoked, revoke};
pub use scope::{ScopeChoice, choose_scope};
pub use service::{ServiceMetadata, ServiceSource};
pub use token::{Claims, Granted, TokenFailure, TokenVerdict, differences, exchange, peek_claims, refresh};
