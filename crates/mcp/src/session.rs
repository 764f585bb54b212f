//! An agreed conversation with a server: what it is, calling a tool, and ending it. Listing tools is in `tools`.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use http::Method;
use replug_net::Limits;
use serde_json::value::RawValue;

use crate::handshake::{Capabilities, Greeting, Miss, ServerInfo};
use crate::link::{Call, Link};
use crate::message::{Params, Reply, RpcError};
use crate::mirror::{Mirrored, headers_of};
use crate::probe::begin;
use crate::question::Round;
use crate::refusal::Refusal;
use crate::version::{Era, Spoken};

/// How long saying goodbye may take.
const FAREWELL: Duration = Duration::from_secs(3);
/// How often a call is sent while its result asks for input.
const MAX_ROUNDS: u32 = 10;

/// A conversation whose greeting succeeded.
pub struct Session<'a> {
    pub(crate) link: Link<'a>,
    greeting: Greeting,
    /// Arguments to mirror, by tool; known from the last list (2026-07-28).
    pub(crate) mirrored: HashMap<String, Vec<Mirrored>>,
}

/// What a server answered to a call.
#[derive(Debug)]
pub enum Called {
    /// The `result`, as sent.
    Result(Box<RawValue>),
    /// The `error`.
    Error(RpcError),
}

impl fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Session").field(&self.spoken()).finish()
    }
}

impl<'a> Session<'a> {
    pub(crate) fn new(link: Link<'a>, greeting: Greeting) -> Self {
        Self { link, greeting, mirrored: HashMap::new() }
    }

    /// What to remember for the next probe.
    pub fn spoken(&self) -> Spoken {
        Spoken { era: self.link.era, protocol: self.link.protocol.clone().unwrap_or_default() }
    }

    /// What the server says about itself.
    pub const fn server(&self) -> &ServerInfo {
        &self.greeting.server
    }

    /// What the server says it offers.
    pub const fn capabilities(&self) -> Capabilities {
        self.greeting.capabilities
    }

    /// How the server wants to be used.
    pub fn instructions(&self) -> Option<&str> {
        self.greeting.instructions.as_deref()
    }

    /// Calls a tool with `arguments`, which are sent as they are. Arguments are mirrored into headers for tools of the last
    /// list; when the server says that headers and body differ, the list is read again and the call repeated once
    /// (2026-07-28 streamable-http, Client Behavior). A lost session is begun anew once.
    pub async fn call_tool(&mut self, name: &str, arguments: &RawValue) -> Result<Called, Refusal> {
        self.link.renewed = false;
        let called = match self.call_once(name, arguments).await {
            Err(Refusal::SessionLost) => {
                self.renew().await?;
                self.call_once(name, arguments).await?
            }
            outcome => outcome?,
        };
        match called {
            Called::Error(error) if error.code == RpcError::HEADER_MISMATCH && self.link.era == Era::Modern => {
                self.list_tools().await?;
                self.call_once(name, arguments).await
            }
            called => Ok(called),
        }
    }

    /// Ends the session at the server, as far as it listens (2025-03-26 to 2025-11-25; 405 is a fair answer).
    pub async fn close(self) {
        if !self.link.has_session() {
            return;
        }
        let wire = self.link.wire;
        let deadline = wire.budget.deadline();
        let Ok(left) = wire.budget.left_until(deadline) else {
            return;
        };
        let limits = Limits { total: left.min(FAREWELL), ..Limits::METADATA };
        let url = wire.endpoint.url.clone();
        let ask = wire.endpoint.ask(Method::DELETE, url, &self.link.session_headers());
        if let Err(error) = wire.http.ask(&ask.limits(limits), wire.trace).await {
            tracing::debug!(%error, "the session could not be ended");
        }
    }

    /// Begins anew in the same era after the session was lost.
    pub(crate) async fn renew(&mut self) -> Result<(), Refusal> {
        tracing::debug!("the server lost the session; beginning a new one");
        let fresh = begin(self.link.wire, self.link.era).await;
        let fresh = fresh.map_err(|Miss { refusal, .. }| refusal)?;
        self.link = fresh.link;
        self.greeting = fresh.greeting;
        self.link.renewed = true;
        Ok(())
    }

    /// Calls, and calls again with answers as long as the result asks for input (2026-07-28 basic/patterns/mrtr).
    async fn call_once(&mut self, name: &str, arguments: &RawValue) -> Result<Called, Refusal> {
        let mut round = Round::default();
        for _ in 0..MAX_ROUNDS {
            let result = match self.call_in(&round, name, arguments).await? {
                Called::Result(result) if self.link.era == Era::Modern => result,
                called => return Ok(called),
            };
            match Round::wanted_by(&result, self.link.wire.endpoint.elicitation)? {
                None => return Ok(Called::Result(result)),
                Some(next) => round = next,
            }
        }
        Err(Refusal::input_wanted("input again and again"))
    }

    async fn call_in(&mut self, round: &Round, name: &str, arguments: &RawValue) -> Result<Called, Refusal> {
        let params = Params {
            name: Some(name),
            arguments: Some(arguments),
            input_responses: round.responses.as_deref(),
            request_state: round.state.as_deref(),
            ..Params::default()
        };
        let mut call = Call::new("tools/call", params);
        if let Some(mirrored) = self.mirrored.get(name) {
            let values = serde_json::from_str(arguments.get()).unwrap_or_default();
            call.mirrored = headers_of(mirrored, &values);
        }
        let replied = self.link.call_attentively(call).await?;
        Ok(match replied.reply {
            Reply::Result(raw) => Called::Result(raw),
            Reply::Error(error) => Called::Error(error),
        })
    }
}
