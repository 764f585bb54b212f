//! A real MCP server on loopback whose behaviour can be bent at run time: three generations of the protocol, protected
//! resource metadata and a guard that knows which tokens are live. Who issues tokens is beside it, in the authorization server.

mod catalogue;
mod faults;
mod guard;
mod legacy;
mod modern;
mod old_sse;
mod resource;
mod rpc;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::response::Response;
use replug_core::Clock;

use crate::auth::{AuthCore, AuthServer};
use crate::site::{Site, Socket};
use crate::wire::Incoming;
use crate::{Front, RequestLog, SystemClock, wire};

pub use faults::{
    BadToken, Challenge, CursorFault, Discover, Framing, GetStream, Guard, ListFault, McpFaults, PrmFaults, PrmPlaces,
    ResourceSpelling, Speech, ToolFaults, ToolFlaw,
};
use legacy::Sessions;
use old_sse::Streams;

/// The path of the MCP endpoint.
const PATH: &str = "/mcp";

/// An MCP server at a port of its own. Dropping it closes every connection.
pub struct McpServer {
    core: Arc<McpCore>,
    socket: Socket,
}

impl McpServer {
    /// Starts a server that uses the computer's clock. With an authorization server it wants its tokens, else it is open.
    pub fn start(faults: McpFaults, auth: Option<&AuthServer>) -> io::Result<Self> {
        Self::start_with_clock(faults, auth, Arc::new(SystemClock))
    }

    /// Starts a server whose `Date` headers follow `clock`.
    pub fn start_with_clock(faults: McpFaults, auth: Option<&AuthServer>, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let core = Arc::new(McpCore {
            faults: Mutex::new(faults),
            auth: Mutex::new(auth.map(AuthLink::to)),
            sessions: Sessions::default(),
            streams: Streams::default(),
            clock,
            log: RequestLog::new(),
        });
        let site: Arc<dyn Site> = Arc::<McpCore>::clone(&core);
        let socket = Socket::open(site)?;
        Ok(Self { core, socket })
    }

    /// The address a person would type.
    pub fn address(&self) -> String {
        format!("{}{PATH}", self.socket.origin())
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        self.socket.origin()
    }

    /// The path of the protected resource metadata with the endpoint's path inserted (RFC 9728 §3.1).
    pub fn metadata_path(&self) -> String {
        format!("{}{PATH}", resource::WELL_KNOWN)
    }

    /// Replaces every switch at once.
    pub fn set_faults(&self, faults: McpFaults) {
        *self.core.lock_faults() = faults;
    }

    /// Changes some switches and leaves the others.
    pub fn change_faults(&self, change: impl FnOnce(&mut McpFaults)) {
        change(&mut self.core.lock_faults());
    }

    /// Trusts another authorization server from now on, and names it in its metadata.
    pub fn move_to(&self, auth: &AuthServer) {
        *self.core.lock_auth() = Some(AuthLink::to(auth));
    }

    /// Forgets all sessions, as a restart does.
    pub fn lose_sessions(&self) {
        self.core.sessions.forget_all();
        self.core.streams.close_all();
    }

    /// How many legacy sessions are open.
    pub fn live_sessions(&self) -> usize {
        self.core.sessions.count()
    }

    /// What the server was asked, and whether an `Authorization` header came along.
    pub fn requests(&self) -> &RequestLog {
        &self.core.log
    }

    /// Closes the port and every connection; nothing is forgotten.
    pub fn unplug(&self) {
        self.socket.unplug();
    }

    /// Opens the same port again.
    pub fn plug_in(&self) -> io::Result<()> {
        self.socket.plug_in()
    }
}

/// The authorization server whose tokens count.
#[derive(Clone)]
struct AuthLink {
    core: Arc<AuthCore>,
    origin: String,
}

impl AuthLink {
    fn to(auth: &AuthServer) -> Self {
        Self { core: auth.core(), origin: auth.origin() }
    }
}

struct McpCore {
    faults: Mutex<McpFaults>,
    auth: Mutex<Option<AuthLink>>,
    sessions: Sessions,
    streams: Streams,
    clock: Arc<dyn Clock>,
    log: RequestLog,
}

impl McpCore {
    fn lock_faults(&self) -> MutexGuard<'_, McpFaults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn faults(&self) -> McpFaults {
        self.lock_faults().clone()
    }

    fn lock_auth(&self) -> MutexGuard<'_, Option<AuthLink>> {
        self.auth.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn auth(&self) -> Option<AuthLink> {
        self.lock_auth().clone()
    }

    /// The authorization server this origin carries itself, for paths that belong to it.
    fn carried(&self, request: &Incoming) -> Option<Arc<AuthCore>> {
        let carries = self.lock_faults().carries_auth && AuthCore::endpoint(&request.path).is_some();
        self.auth().filter(|_| carries).map(|link| link.core)
    }

    /// The endpoint itself: the guard first, then the generation of the protocol the request speaks.
    fn endpoint(&self, request: &Incoming) -> Response {
        let faults = self.faults();
        let message = request.json();
        if let Some(refusal) = guard::refusal(self, &faults, request, message.as_ref()) {
            return refusal;
        }
        match request.method.as_str() {
            "POST" => rpc::answer(self, &faults, request, message),
            "GET" if faults.speech.old_sse => self.streams.open(&faults),
            "GET" => legacy::stream(&faults),
            "DELETE" => legacy::end(self, request),
            _ => wire::text(405, "Method not allowed"),
        }
    }

    /// F-D21: the endpoint answers at the path with a slash only.
    fn wants_slash(&self, request: &Incoming) -> bool {
        request.path == PATH && self.lock_faults().slash
    }
}

impl Site for McpCore {
    fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    fn log(&self) -> &RequestLog {
        &self.log
    }

    fn front(&self, request: &Incoming) -> Front {
        if let Some(auth) = self.carried(request) {
            return auth.front(request);
        }
        let faults = self.lock_faults();
        if request.path.trim_end_matches('/') == PATH {
            faults.front.clone()
        } else if resource::is_metadata(&request.path) {
            faults.metadata.front.clone()
        } else {
            Front::Open
        }
    }

    fn answer(&self, request: &Incoming) -> Response {
        if let Some(auth) = self.carried(request) {
            return auth.answer(request);
        }
        if self.wants_slash(request) {
            return wire::redirect(307, &format!("{PATH}/"));
        }
        match request.path.as_str() {
            "/mcp" | "/mcp/" => self.endpoint(request),
            old_sse::MESSAGES => old_sse::posted(self, request),
            path if resource::is_metadata(path) => resource::answer(self, request),
            _ => wire::text(404, "Not found"),
        }
    }
}
