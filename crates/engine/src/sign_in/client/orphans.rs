//! Registrations that are used no more: written down in the connector's record before they are given up, and deleted at their
//! service in the background (RFC 7592 §2.3), so that nobody waits for that and none is left behind when it is cut off.

use std::time::Duration;

use replug_core::{ConnectorId, Credentials, Failure, Registration};
use replug_net::Trace;
use replug_oauth::Revoked;

use crate::Engine;

/// How many are kept for a service that cannot be asked; the oldest are given up first.
const MAX_ORPHANS: usize = 4;

/// Writes a registration down to be deleted, when the service offers that.
pub(in crate::sign_in) fn orphan(record: &mut Credentials, registration: Option<Registration>) {
    record.orphans.extend(registration.and_then(|registration| registration.management));
    let surplus = record.orphans.len().saturating_sub(MAX_ORPHANS);
    record.orphans.drain(..surplus);
}

/// How long a process that wants to end waits for that.
const MOMENT: Duration = Duration::from_secs(3);

impl Engine {
    /// Waits a moment for deletions that are under way. What is cut off stays written down.
    pub(crate) async fn settle_sweeps(&self) {
        self.inner.sweeps.close();
        let ended = tokio::time::timeout(MOMENT, self.inner.sweeps.wait()).await;
        self.inner.sweeps.reopen();
        if ended.is_err() {
            tracing::info!("a registration that is used no more is still being deleted");
        }
    }

    /// Begins to delete what was written down. [`Engine::settle`] gives it a moment.
    pub(in crate::sign_in) fn sweep_orphans(&self, id: &ConnectorId) {
        let (engine, id) = (self.clone(), id.clone());
        self.inner.sweeps.spawn(async move {
            if let Err(failure) = engine.sweep(&id).await {
                tracing::warn!(code = %failure.code, "registrations that are used no more could not be deleted");
            }
        });
    }

    /// Asks once for each. One whose service could not be asked stays written down, for the next sign-in.
    async fn sweep(&self, id: &ConnectorId) -> Result<(), Failure> {
        let record = self.read_record(id, self.patience()).await?;
        if record.orphans.is_empty() {
            return Ok(());
        }
        let connector = self.stored(id).await?.connector;
        let surroundings = self.surroundings(&connector).await;
        let trace = Trace::new();
        let ctx = surroundings.context(&trace);
        let mut settled = Vec::new();
        for orphan in &record.orphans {
            let answer = replug_oauth::delete_client(&ctx, orphan).await;
            tracing::info!(connector = %id, ?answer, "a registration was given up");
            if answer != Revoked::Unreachable {
                settled.push(orphan.address.clone());
            }
        }
        let forget = |record: &mut Credentials| record.orphans.retain(|orphan| !settled.contains(&orphan.address));
        self.change_record(id, self.patience(), forget).await
    }
}
