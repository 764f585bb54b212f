//! Calling one tool with a connector's sign-in. Reading the whole list is in `tools`; what a refused call means for the
//! connector's health is written down by `check`.

use replug_core::{Code, ConnectorId, Failure};
use replug_mcp::{Called, Elicitation};
use serde_json::value::RawValue;

use crate::Engine;
use crate::sign_in::endless;

impl Engine {
    /// Calls a tool with `arguments`, which are sent as they are.
    ///
    /// The list is read first in the same session, because only the list says which arguments are mirrored into headers
    /// (2026-07-28 streamable-http, Custom Headers from Tool Parameters). A token that the server refuses is renewed once, and
    /// permissions that it asks for are kept for the next sign-in. `elicitation` says what becomes of questions to the person.
    ///
    /// Fails with `RPL-USE-NO-SUCH-CONNECTOR`; with `RPL-AUTH-NEVER`, `RPL-TOKEN-REFUSED-BY-SERVER`, `RPL-TOKEN-SCOPE`,
    /// `RPL-HTTP-KEY-NEEDED`, `RPL-HTTP-KEY-REFUSED` or the codes of a renewal when a person is needed, and the connector's
    /// health says so from then on; else with the code of the refusal. An `error` that the server answers to the call is no
    /// failure.
    pub async fn call_tool(
        &self,
        id: &ConnectorId,
        tool: &str,
        arguments: &RawValue,
        elicitation: Elicitation,
    ) -> Result<Called, Failure> {
        let stored = self.stored(id).await?;
        let called = self.in_session(&stored.connector, elicitation, async |session| {
            session.list_tools().await?;
            session.call_tool(tool, arguments).await
        });
        match Box::pin(called).await {
            Ok(called) => {
                warn_unless_kept(id, self.keep_answered_call(&stored).await);
                warn_unless_kept(id, self.enough_permission(&stored, tool).await);
                Ok(called)
            }
            Err(mut turned) => {
                if turned.failure.code == Code::TokenScope && !self.may_ask_for_more(id, tool).await {
                    turned.failure = endless(turned.failure);
                    turned.wanted_scopes.clear();
                }
                warn_unless_kept(id, self.keep_refused_call(&stored, &turned).await);
                Err(turned.failure)
            }
        }
    }

    /// Whether another sign-in may ask for the permission; it may where nobody knows how often that was done.
    async fn may_ask_for_more(&self, id: &ConnectorId, tool: &str) -> bool {
        self.may_step_up(id, tool).await.unwrap_or_else(|failure| {
            warn_unless_kept(id, Err(failure));
            true
        })
    }
}

/// The server has done what it was asked, or has refused it: that is what the caller hears of, whatever becomes of our notes.
fn warn_unless_kept(id: &ConnectorId, kept: Result<(), Failure>) {
    if let Err(failure) = kept {
        tracing::warn!(connector = %id, code = %failure.code, "what a call told about its connector could not be kept");
    }
}
