//! What attempts learned about a sign-in service: kept with the facts about the connector's sign-in, and for one issuer at a
//! time. What it is used for is decided where a client is chosen.

use replug_core::{Connector, ConnectorId, Failure, Quirks, Registration};
use replug_store::{SignInFacts, Standing};

use super::dynamic::other;
use crate::Engine;

impl Engine {
    /// What is known about this issuer; nothing when the last one was another.
    pub(in crate::sign_in) async fn quirks(&self, id: &ConnectorId, issuer: &str) -> Result<Quirks, Failure> {
        let known = self.stored(id).await?.sign_in.map(|facts| facts.quirks);
        Ok(known.filter(|quirks| quirks.issuer == issuer).unwrap_or_else(|| Quirks::of(issuer)))
    }

    /// This document is not used with this issuer any more.
    pub(in crate::sign_in) async fn learn_refused_document(
        &self,
        id: &ConnectorId,
        document: &Registration,
    ) -> Result<(), Failure> {
        let quirks = self.quirks(id, &document.issuer).await?;
        self.learn(id, Quirks { refused_document: Some(document.client_id.clone()), ..quirks }).await
    }

    /// Where nobody has set it, the next registration names this computer in the other way. Returns whether there is one.
    pub(in crate::sign_in) async fn learn_other_host(
        &self,
        connector: &Connector,
        refused: &Registration,
    ) -> Result<bool, Failure> {
        if connector.settings.callback.host.is_some() {
            return Ok(false);
        }
        let quirks = self.quirks(&connector.id, &refused.issuer).await?;
        let callback_host = Some(other(refused.redirect.host));
        self.learn(&connector.id, Quirks { callback_host, ..quirks }).await?;
        Ok(true)
    }

    /// Keeps what was learned in the place of what was known.
    pub(in crate::sign_in) async fn learn(&self, id: &ConnectorId, quirks: Quirks) -> Result<(), Failure> {
        let with_quirks = |facts: Option<SignInFacts>| {
            let facts = facts.unwrap_or_else(|| SignInFacts::new(Standing::SignedOut));
            Some(SignInFacts { quirks, ..facts })
        };
        Ok(self.edges().store.update_sign_in(id, with_quirks).await?)
    }
}
