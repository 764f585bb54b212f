//! Leaving a service: signing out, forgetting a registration, removing a connector. Each asks the service first, and does
//! its local part whatever the service says; the steps are in `wipe`.

use std::time::Duration;

use replug_core::{ConnectorId, Failure};

use crate::Engine;
use crate::lock::{Purpose, lock};
use crate::wipe::{Depth, Wipe};
use crate::wire::{Event, ServiceAnswer, ServiceOutcome};

/// How long a sign-in of another process, or one that cannot be cut off any more, may hold up a leave.
const SIGN_IN_PATIENCE: Duration = Duration::from_secs(10);

impl Engine {
    /// Revokes the tokens at the service (RFC 7009) and deletes them here. The registration is kept.
    pub async fn sign_out(&self, id: &ConnectorId) -> Result<ServiceOutcome, Failure> {
        let Wipe { revoked, .. } = self.leave(id, Depth::Tokens).await?;
        self.after_leaving(id).await?;
        let connector = Some(self.get(id).await?);
        Ok(ServiceOutcome { connector, revoked, registration_deleted: ServiceAnswer::NotOffered })
    }

    /// Signs out, and deletes the registration at the service (RFC 7592) and here.
    pub async fn forget(&self, id: &ConnectorId) -> Result<ServiceOutcome, Failure> {
        let Wipe { revoked, registration_deleted, .. } = self.leave(id, Depth::Registration).await?;
        self.after_leaving(id).await?;
        Ok(ServiceOutcome { connector: Some(self.get(id).await?), revoked, registration_deleted })
    }

    /// Forgets, then drops the connector with everything that was known about it.
    pub async fn remove(&self, id: &ConnectorId) -> Result<ServiceOutcome, Failure> {
        self.stored(id).await?;
        self.cancel_check(id);
        self.cancel_sign_in(id);
        let Wipe { revoked, registration_deleted, .. } = self.leave(id, Depth::Connector).await?;
        self.send(Event::ConnectorsChanged);
        Ok(ServiceOutcome { connector: None, revoked, registration_deleted })
    }

    /// Asks the service, then drops what `depth` says.
    ///
    /// Fails with `RPL-LOCAL-BUSY` while a sign-in goes on that this process cannot end.
    pub(crate) async fn leave(&self, id: &ConnectorId, depth: Depth) -> Result<Wipe, Failure> {
        self.stored(id).await?;
        self.cancel_sign_in(id);
        // A sign-in that ends afterwards would leave tokens that nobody sees.
        let held = lock(self.data_dir(), id, Purpose::SignIn, SIGN_IN_PATIENCE).await;
        let _no_sign_in = held.map_err(|failure| failure.with_text("A sign-in is still going on."))?;
        let gate = self.record_gate(id);
        let _gate = gate.lock().await;
        let _lock = self.lock_record(id).await?;
        self.wipe(id, depth).await
    }

    /// The old verdict was given for credentials that are gone; a new one is asked for at once.
    async fn after_leaving(&self, id: &ConnectorId) -> Result<(), Failure> {
        self.forget_last_failure(id).await?;
        self.check_one(id).await?;
        Ok(())
    }
}
