//! OAuth as MCP uses it: discovery, registration, authorization, callback, token exchange, refresh and revocation.
//!
//! Every function here does one protocol step and reports what it saw. Which step comes next, what is stored and what a
//! person is told is decided in the engine; nothing is kept in this crate.

mod authorize;
mod callback;
mod challenge;
mod client_auth;
mod client_key;
mod context;
mod discovery;
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

pub use authorize::{Attempt, AttemptInput, is_reserved_param};
pub use callback::{Callback, Listener, accept_pasted};
pub use challenge::{BearerChallenge, Challenge, bearer, has_scheme, parse_challenges};
pub use client_key::ClientKey;
pub use context::Context;
pub use discovery::{DiscoveryPrefs, FoundIssuer, confirm_assumed, find_service_metadata};
pub use preflight::{Preflight, preflight};
pub use registration::{
    CALLBACK_PATH, CALLBACK_PORTS, MOST_REQUESTS, NotRenewed, Registered, RegistrationRequest, SecretRenewal,
    choose_auth_method, client_document, delete_client, delete_registration, is_document_address, register,
    renew_secret,
};
pub use resource::{Absence, ResourceFit, ResourceMetadata, ResourceSearch, find_resource_metadata};
pub use revoke::{Revoked, RevokedToken, revoke, revoke_token};
pub use scope::{ScopeChoice, ScopeSources, choose_scope};
pub use service::{ServiceMetadata, ServiceSource};
pub use token::{
    Claims, DeviceAttempt, Extent, Granted, NotYet, TokenFailure, TokenVerdict, begin_on_device, client_credentials,
    differences, exchange, peek_claims, poll_device, refresh,
};
