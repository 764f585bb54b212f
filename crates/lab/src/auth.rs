//! A real OAuth 2.1 authorization server on loopback whose behaviour can be bent at run time: discovery, registration,
//! consent, tokens and revocation. What protects a resource is beside it, in the MCP server.

mod authorize;
mod book;
mod client_auth;
mod consent;
mod core;
mod device;
mod faults;
mod grants;
mod metadata;
mod mint;
mod register;
mod registration_rules;
mod revoke;
mod token;
mod token_answer;
mod token_faults;

use std::io;
use std::sync::Arc;

use replug_core::Clock;

use crate::site::{Site, Socket};
use crate::{Front, RequestLog, SystemClock};

pub(crate) use self::core::AuthCore;
pub use book::{AuthState, PreRegistered};
pub use client_auth::{ClientMethod, Reads};
pub use device::DeviceFaults;
pub use faults::{
    AuthFaults, AuthorizeFaults, Consent, IssParameter, IssuerSpelling, MetadataFaults, Offered, PkceList, Published,
    RedirectMatch, RefusedRedirect, ResourceRule, Returns, RevocationFaults, ScopeRule, StateEcho, UnknownClient,
};
pub use registration_rules::{
    Complaint, MethodRule, NameRule, RedirectRule, RegistrationAnswer, RegistrationFaults, RegistrationRules, Update,
};
pub use token_faults::{
    Audience, ExpiresIn, Grant, RefreshTokens, Refuse, Reuse, Rotation, ScopeAnswer, TokenAnswer, TokenFaults,
    TokenForm, TokenShape,
};

/// An authorization server at a port of its own. Dropping it closes every connection.
pub struct AuthServer {
    core: Arc<AuthCore>,
    socket: Socket,
}

impl AuthServer {
    /// Starts a server that uses the computer's clock.
    pub fn start(faults: AuthFaults) -> io::Result<Self> {
        Self::start_with_clock(faults, Arc::new(SystemClock))
    }

    /// Starts a server whose expiries and `Date` headers follow `clock`.
    pub fn start_with_clock(faults: AuthFaults, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let core = Arc::new(AuthCore::new(faults, clock)?);
        let site: Arc<dyn Site> = Arc::<AuthCore>::clone(&core);
        let socket = Socket::open(site)?;
        Ok(Self { core, socket })
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        self.socket.origin()
    }

    /// The issuer identifier by which protected resources name this server.
    pub fn issuer(&self) -> String {
        self.core.identifier(&self.origin())
    }

    /// Replaces every switch at once. Clients, codes and tokens stay.
    pub fn set_faults(&self, faults: AuthFaults) {
        self.core.set_faults(faults);
    }

    /// Changes some switches and leaves the others.
    pub fn change_faults(&self, change: impl FnOnce(&mut AuthFaults)) {
        let mut faults = self.core.faults();
        change(&mut faults);
        self.core.set_faults(faults);
    }

    /// What the server remembers, as numbers.
    pub fn state(&self) -> AuthState {
        let now = self.core.now_ms();
        self.core.book().state(now)
    }

    /// Adds a client that no registration request made.
    pub fn add_client(&self, client: PreRegistered) {
        self.core.book().add_pre_registered(client);
    }

    /// The IDs of the clients the server knows.
    pub fn client_ids(&self) -> Vec<String> {
        self.core.book().client_ids()
    }

    /// Forgets one registration, as services do that prune or redeploy. Tokens stay until a client has to be named.
    pub fn forget_client(&self, client_id: &str) {
        self.core.book().forget_client(client_id);
    }

    /// Forgets all registrations.
    pub fn forget_all_clients(&self) {
        self.core.book().forget_all_clients();
    }

    /// Takes back every grant: all access and refresh tokens stop working at once.
    pub fn revoke_everything(&self) {
        self.core.book().revoke_everything();
    }

    /// Ends every access token; refresh tokens stay.
    pub fn expire_access_tokens(&self) {
        self.core.book().expire_access_tokens();
    }

    /// Every code, token, client secret and registration token that was ever issued, for tests that search for leaks.
    pub fn issued_secrets(&self) -> Vec<String> {
        self.core.book().issued_secrets()
    }

    /// What the server was asked.
    pub fn requests(&self) -> &RequestLog {
        self.core.log()
    }

    /// Closes the port and every connection; nothing is forgotten.
    pub fn unplug(&self) {
        self.socket.unplug();
    }

    /// Opens the same port again.
    pub fn plug_in(&self) -> io::Result<()> {
        self.socket.plug_in()
    }

    pub(crate) fn core(&self) -> Arc<AuthCore> {
        Arc::clone(&self.core)
    }

    /// Puts the same obstacle before metadata, registration, authorization and token endpoint.
    pub fn set_front_everywhere(&self, front: &Front) {
        self.change_faults(|faults| {
            faults.metadata.front = front.clone();
            faults.registration.front = front.clone();
            faults.authorize.front = front.clone();
            faults.token.front = front.clone();
        });
    }
}
