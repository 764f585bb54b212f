//! Keeping what a check learned about a connector besides its verdict: how the server speaks, and where the sign-in stands.

use replug_core::{Failure, SignInReason};
use replug_store::{SignInFacts, Standing, StoredConnector};

use super::climb::Climbed;
use crate::Engine;

impl Engine {
    /// Writes what differs from what was known. A check that could not ask leaves everything as it was.
    pub(super) async fn keep_findings(&self, stored: &StoredConnector, climbed: Climbed) -> Result<(), Failure> {
        let id = &stored.connector.id;
        if let Some(spoken) = &climbed.spoken {
            let (transport, protocol) = (spoken.transport(), spoken.protocol.clone());
            let change = |connector: &mut replug_core::Connector| {
                connector.transport = Some(transport);
                connector.protocol = Some(protocol);
            };
            self.edges().store.update(id, change).await?;
        }
        let Some(standing) = climbed.standing else {
            return Ok(());
        };
        // As they are now: renewing a token on the way has written facts of its own.
        self.edges().store.update_sign_in(id, |before| Some(merged(before, standing, climbed))).await?;
        Ok(())
    }
}

fn merged(before: Option<SignInFacts>, standing: Standing, climbed: Climbed) -> SignInFacts {
    let mut facts = before.unwrap_or_else(|| SignInFacts::new(standing));
    facts.standing = match standing {
        // Signed out on purpose stays signed out; it is not a sign-in that broke.
        Standing::Needed { reason: SignInReason::Never, .. } if facts.standing == Standing::SignedOut => {
            Standing::SignedOut
        }
        other => other,
    };
    if let Some(asked) = climbed.asked {
        facts.issuer = Some(asked.service.issuer);
    }
    if !climbed.wanted_scopes.is_empty() {
        facts.wanted_scopes = climbed.wanted_scopes;
    }
    facts
}
