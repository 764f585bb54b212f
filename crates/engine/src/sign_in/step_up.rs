//! Asking for more permission a bounded number of times (MCP 2026-07-28 "Step-Up Authorization Flow"): a server that is never
//! content must not send a person round in circles. Which permissions it wants is remembered elsewhere.

use replug_core::{Code, ConnectorId, Failure};
use replug_store::{SignInFacts, StoredConnector};

use crate::Engine;

/// Sign-ins that may ask for more permission for one operation, without its being answered in between.
const MOST: u32 = 2;
/// The operation that every check does.
pub(crate) const LIST: &str = "tools/list";

impl Engine {
    /// Whether another sign-in may ask for the permission that an operation was refused for. Notes that it was refused.
    pub(crate) async fn may_step_up(&self, id: &ConnectorId, operation: &str) -> Result<bool, Failure> {
        let stored = self.edges().store.get(id).await?;
        let times = stored.and_then(|stored| stored.sign_in?.step_ups.times(operation));
        if let Some(times) = times {
            return Ok(times < MOST);
        }
        let refused = |mut facts: SignInFacts| {
            facts.step_ups.begin(operation);
            facts
        };
        self.edges().store.update_sign_in(id, |facts| facts.map(refused)).await?;
        Ok(true)
    }

    /// The operation was answered, so that the server is content.
    pub(crate) async fn enough_permission(&self, stored: &StoredConnector, operation: &str) -> Result<(), Failure> {
        if stored.sign_in.as_ref().is_none_or(|facts| facts.step_ups.times(operation).is_none()) {
            return Ok(());
        }
        let answered = |mut facts: SignInFacts| {
            facts.step_ups.end(operation);
            facts
        };
        Ok(self.edges().store.update_sign_in(&stored.connector.id, |facts| facts.map(answered)).await?)
    }
}

/// The same refusal when no other sign-in may ask for more.
pub(crate) fn endless(refused: Failure) -> Failure {
    Failure { code: Code::TokenScopeEndless, ..refused }
}
