//! The authorization server without its listener: which endpoint a path belongs to, and the switches and the book that all
//! endpoints share. An MCP server can carry it at its own origin.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::response::Response;
use replug_core::Clock;

use super::AuthFaults;
use super::book::Book;
use super::{authorize, consent, device, metadata, register, revoke, token};
use crate::site::Site;
use crate::wire::{self, Incoming};
use crate::{Front, RequestLog};

pub(crate) struct AuthCore {
    faults: Mutex<AuthFaults>,
    book: Mutex<Book>,
    clock: Arc<dyn Clock>,
    log: RequestLog,
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Metadata,
    Register,
    Manage,
    Authorize,
    Consent,
    DeviceAuthorize,
    DevicePage,
    Token,
    Revoke,
}

/// What a live access token permits.
pub(crate) struct Permit {
    pub(crate) audience: Option<String>,
    pub(crate) scopes: Vec<String>,
}

impl AuthCore {
    pub(super) fn new(faults: AuthFaults, clock: Arc<dyn Clock>) -> io::Result<Self> {
        Ok(Self { faults: Mutex::new(faults), book: Mutex::new(Book::new()?), clock, log: RequestLog::new() })
    }

    pub(crate) fn faults(&self) -> AuthFaults {
        self.lock_faults().clone()
    }

    pub(super) fn set_faults(&self, faults: AuthFaults) {
        *self.lock_faults() = faults;
    }

    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    /// The issuer identifier at this origin (RFC 8414 §2).
    pub(crate) fn identifier(&self, origin: &str) -> String {
        format!("{origin}{}", self.lock_faults().metadata.issuer_path)
    }

    /// What a bearer token permits now; `None` when it is unknown, expired or revoked.
    pub(crate) fn permit(&self, token: &str) -> Option<Permit> {
        let now = self.now_ms();
        let access = self.book().live_access(token, now)?;
        Some(Permit { audience: access.audience, scopes: access.scopes })
    }

    /// The endpoint a path belongs to, whether or not its method fits.
    pub(crate) fn endpoint(path: &str) -> Option<Endpoint> {
        let is_document = path.contains("/.well-known/oauth-authorization-server")
            || path.contains("/.well-known/openid-configuration");
        match path {
            "/register" => Some(Endpoint::Register),
            "/authorize" => Some(Endpoint::Authorize),
            "/consent" => Some(Endpoint::Consent),
            "/device_authorization" => Some(Endpoint::DeviceAuthorize),
            "/device" => Some(Endpoint::DevicePage),
            "/token" => Some(Endpoint::Token),
            "/revoke" => Some(Endpoint::Revoke),
            _ if path.starts_with("/register/") => Some(Endpoint::Manage),
            _ if is_document => Some(Endpoint::Metadata),
            _ => None,
        }
    }

    fn lock_faults(&self) -> MutexGuard<'_, AuthFaults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Site for AuthCore {
    fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    fn log(&self) -> &RequestLog {
        &self.log
    }

    fn front(&self, request: &Incoming) -> Front {
        let faults = self.lock_faults();
        match Self::endpoint(&request.path) {
            Some(Endpoint::Metadata) => faults.metadata.front.clone(),
            Some(Endpoint::Register) => faults.registration.front.clone(),
            Some(Endpoint::Manage) => faults.registration.management_front.clone(),
            Some(Endpoint::Authorize) => faults.authorize.front.clone(),
            Some(Endpoint::Token) => faults.token.front.clone(),
            Some(Endpoint::Revoke) => faults.revocation.front.clone(),
            Some(Endpoint::DeviceAuthorize) => faults.device.front.clone(),
            Some(Endpoint::Consent | Endpoint::DevicePage) | None => Front::Open,
        }
    }

    fn answer(&self, request: &Incoming) -> Response {
        let Some(wanted) = Self::endpoint(&request.path) else {
            return wire::text(404, "Not found");
        };
        let method = request.method.as_str();
        match (wanted, method) {
            (Endpoint::Metadata, "GET") => metadata::answer(self, request),
            (Endpoint::Register, "POST") => register::register(self, request),
            (Endpoint::Manage, "GET" | "PUT" | "DELETE") => register::manage(self, request),
            (Endpoint::Authorize, "GET" | "POST") => authorize::answer(self, request),
            (Endpoint::Consent, "POST") => consent::decide(self, request),
            (Endpoint::DeviceAuthorize, "POST") => device::authorize(self, request),
            (Endpoint::DevicePage, "GET" | "POST") => device::page(self, request),
            (Endpoint::Token, "POST") => token::answer(self, request),
            (Endpoint::Revoke, "POST") => revoke::answer(self, request),
            _ => wire::text(405, "Method not allowed"),
        }
    }
}
