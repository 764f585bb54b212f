//! The vocabulary of Replug: what a connector, a health, a finding and a secret are.
//!
//! This crate does no input or output and knows no clock; whatever touches the world is a trait here ([`Clock`],
//! [`Random`]) and is implemented elsewhere. Every other crate depends on it and it depends on none of them.

mod address;
mod code;
mod code_table;
mod connector;
mod credentials;
mod display;
mod edge;
mod exchange;
mod failure;
mod finding;
mod health;
mod id;
mod platform;
mod quirks;
mod secret;
mod sign_in;
mod step;

pub use address::{AddressClass, AddressError, ServerAddress, class_of_ip, mask_path, mask_query, registrable_domain};
pub use code::{Code, CodeInfo};
pub use connector::{Allow, CallbackHost, CallbackSettings, Connector, GrantType, Settings, Source, Transport};
pub use credentials::{
    AuthMethod, Credentials, CredentialsError, Inputs, Management, Redirect, Registration, RegistrationKind, Tokens,
};
pub use display::{reveal, sanitize};
pub use edge::{Clock, Random};
pub use exchange::{BodyShape, Exchange, HeaderLine};
pub use failure::{Fact, Failure};
pub use finding::{Action, ActionId, Finding, Owner, Severity};
pub use health::{Health, Level, State};
pub use id::{ConnectorId, IdError};
pub use platform::Platform;
pub use quirks::{Quirks, Reduction};
pub use secret::Secret;
pub use sign_in::{SignInReason, StoredIn};
pub use step::{Outcome, Rung, Side, Step};
