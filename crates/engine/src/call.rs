//! Calling one tool with a connector's sign-in, and what a refused call means for that sign-in. Reading the whole list is in
//! `tools`; the verdict on a connector is a check's to give, not a call's.

use replug_core::{Code, Connector, ConnectorId, Credentials, Failure};
use replug_mcp::{Called, Challenges, Refusal};
use replug_net::Trace;
use replug_store::SignInFacts;
use serde_json::value::RawValue;

use crate::Engine;
use crate::check::{Line, Opened, permission_wanted};
use crate::renew::Need;
use crate::sign_in::needed;

/// One call.
#[derive(Clone, Copy)]
struct Call<'a> {
    tool: &'a str,
    arguments: &'a RawValue,
}

impl Engine {
    /// Calls a tool with `arguments`, which are sent as they are.
    ///
    /// The list is read first in the same session, because only the list says which arguments are mirrored into headers
    /// (2026-07-28 streamable-http, Custom Headers from Tool Parameters). A token that the server refuses is renewed once, and
    /// permissions that it asks for are kept for the next sign-in.
    ///
    /// Fails with `RPL-USE-NO-SUCH-CONNECTOR`; with `RPL-AUTH-NEVER`, `RPL-TOKEN-REFUSED-BY-SERVER`, `RPL-TOKEN-SCOPE` or the
    /// codes of a renewal when a sign-in is needed; else with the code of the refusal. An `error` that the server answers to
    /// the call is no failure.
    pub async fn call_tool(&self, id: &ConnectorId, tool: &str, arguments: &RawValue) -> Result<Called, Failure> {
        let call = Call { tool, arguments };
        let connector = self.stored(id).await?.connector;
        let trace = Trace::new();
        let record = self.usable(&connector, Need::Use, self.patience(), &trace).await?;
        let mut outcome = self.call_with(&connector, &record, &trace, call).await;
        if matches!(outcome, Err(Refusal::Unauthorized { .. })) && record.tokens.is_some() {
            let generation = record.generation;
            let renewed = self.usable(&connector, Need::Refused { generation }, self.patience(), &trace).await?;
            if renewed.generation != generation {
                outcome = self.call_with(&connector, &renewed, &trace, call).await;
            }
        }
        match outcome {
            Ok(called) => Ok(called),
            Err(refusal) => Err(self.refused_call(&record, &refusal).await?),
        }
    }

    async fn call_with(
        &self,
        connector: &Connector,
        record: &Credentials,
        trace: &Trace,
        call: Call<'_>,
    ) -> Result<Called, Refusal> {
        let line = Line::new(self, trace, connector, record);
        let mut session = match line.open().await {
            Opened::Session(session) => session,
            Opened::Unauthorized(challenges) => return Err(Refusal::Unauthorized { challenges }),
            Opened::Refused(refusal) => return Err(refusal),
        };
        let called = match session.list_tools().await {
            Ok(_) => session.call_tool(call.tool, call.arguments).await,
            Err(refusal) => Err(refusal),
        };
        session.close().await;
        called
    }

    /// What a refusal means. A call can be refused although the list is open to everybody, so a check would not show it.
    async fn refused_call(&self, record: &Credentials, refusal: &Refusal) -> Result<Failure, Failure> {
        match refusal {
            Refusal::Unauthorized { .. } => {
                let code = if record.tokens.is_some() { Code::TokenRefusedByServer } else { Code::AuthNever };
                self.publish(record, needed(code)).await?;
                Ok(Failure::new(code))
            }
            Refusal::InsufficientScope { challenges } => self.more_permission(record, challenges).await,
            other => Ok(other.to_failure().unwrap_or_else(|| Failure::new(Code::HttpUnexpected))),
        }
    }

    /// 403 `insufficient_scope` (RFC 6750 §3.1): the next sign-in asks for what is missing, besides what it asks for anyway.
    async fn more_permission(&self, record: &Credentials, challenges: &Challenges) -> Result<Failure, Failure> {
        let failure = Failure::new(Code::TokenScope);
        self.publish(record, needed(failure.code)).await?;
        let Some(wanted) = permission_wanted(challenges) else {
            return Ok(failure);
        };
        let wanted_scopes: Vec<String> = wanted.split_whitespace().map(str::to_owned).collect();
        let asked_for = |facts: SignInFacts| SignInFacts { wanted_scopes, ..facts };
        self.edges().store.update_sign_in(&record.connector, |facts| facts.map(asked_for)).await?;
        Ok(failure.with_fact("It asks for", wanted))
    }
}
