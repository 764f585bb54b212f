//! Leaving a service: signing out, forgetting a registration, removing a connector. Each asks the service first, and does
//! its local part whatever the service says.

use std::time::Duration;

use replug_core::{ConnectorId, Credentials, Failure};
use replug_net::Trace;
use replug_oauth::Revoked;
use replug_store::Standing;

use crate::Engine;
use crate::lock::{Purpose, lock};
use crate::wire::{Event, ServiceAnswer, ServiceOutcome};

/// How long a sign-in of another process may hold up a removal.
const SIGN_IN_PATIENCE: Duration = Duration::from_secs(10);

impl Engine {
    /// Revokes the tokens at the service (RFC 7009) and deletes them here. The registration is kept.
    pub async fn sign_out(&self, id: &ConnectorId) -> Result<ServiceOutcome, Failure> {
        let (revoked, _) = self.leave(id, false).await?;
        self.after_leaving(id).await?;
        let connector = Some(self.get(id).await?);
        Ok(ServiceOutcome { connector, revoked, registration_deleted: ServiceAnswer::NotOffered })
    }

    /// Signs out, and deletes the registration at the service (RFC 7592) and here.
    pub async fn forget(&self, id: &ConnectorId) -> Result<ServiceOutcome, Failure> {
        let (revoked, registration_deleted) = self.leave(id, true).await?;
        self.after_leaving(id).await?;
        Ok(ServiceOutcome { connector: Some(self.get(id).await?), revoked, registration_deleted })
    }

    /// Forgets, then drops the connector with everything that was known about it.
    pub async fn remove(&self, id: &ConnectorId) -> Result<ServiceOutcome, Failure> {
        self.stored(id).await?;
        self.cancel_check(id);
        self.cancel_sign_in(id);
        // A sign-in that ends after the removal would leave tokens that nobody sees.
        let _no_sign_in = lock(self.data_dir(), id, Purpose::SignIn, SIGN_IN_PATIENCE).await?;
        let (revoked, registration_deleted) = self.leave(id, true).await?;
        let gate = self.record_gate(id);
        let _gate = gate.lock().await;
        let _lock = self.lock_record(id).await?;
        self.write_record(&mut Credentials::empty(id.clone()), self.patience()).await?;
        self.edges().store.delete(id).await?;
        self.send(Event::ConnectorsChanged);
        Ok(ServiceOutcome { connector: None, revoked, registration_deleted })
    }

    /// Asks the service, then drops the tokens (and the registration). The record stays locked in between, so that nobody
    /// renews a token that is being revoked.
    pub(crate) async fn leave(
        &self,
        id: &ConnectorId,
        registration_too: bool,
    ) -> Result<(ServiceAnswer, ServiceAnswer), Failure> {
        let stored = self.stored(id).await?;
        self.cancel_sign_in(id);
        let gate = self.record_gate(id);
        let _gate = gate.lock().await;
        let _lock = self.lock_record(id).await?;
        let mut record = self.current_record(id, self.patience()).await?;
        let trace = Trace::new();
        let surroundings = self.surroundings(&stored.connector).await;
        let context = surroundings.context(&trace);
        let mut revoked = ServiceAnswer::NotOffered;
        if let (Some(tokens), Some(registration)) = (&record.tokens, &record.registration) {
            revoked = answer(replug_oauth::revoke(&context, tokens, registration).await);
        }
        let mut deleted = ServiceAnswer::NotOffered;
        if let (true, Some(registration)) = (registration_too, &record.registration) {
            deleted = answer(replug_oauth::delete_registration(&context, registration).await);
        }
        record.tokens = None;
        if registration_too {
            record.registration = None;
            record.unproven = None;
        }
        self.write_record(&mut record, self.patience()).await?;
        self.edges().store.clear_intent(id).await?;
        let standing = match stored.sign_in.map(|facts| facts.standing) {
            Some(Standing::NotRequired) => Standing::NotRequired,
            _ => Standing::SignedOut,
        };
        self.publish(&record, standing).await?;
        Ok((revoked, deleted))
    }

    /// The old verdict was given for credentials that are gone; a new one is asked for at once.
    async fn after_leaving(&self, id: &ConnectorId) -> Result<(), Failure> {
        self.forget_last_failure(id).await?;
        self.check_one(id).await?;
        Ok(())
    }
}

const fn answer(revoked: Revoked) -> ServiceAnswer {
    match revoked {
        Revoked::Yes => ServiceAnswer::Yes,
        Revoked::No => ServiceAnswer::No,
        Revoked::NotOffered => ServiceAnswer::NotOffered,
        Revoked::Unreachable => ServiceAnswer::Unreachable,
    }
}
