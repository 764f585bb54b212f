//! Undoing everything Replug put on this computer.

use replug_core::Failure;

use crate::Engine;
use crate::wire::ServiceOutcome;

impl Engine {
    /// Removes every connector with its grants, registrations and keychain items. What could not be removed stays listed
    /// and can be tried again; the first such failure is returned after all others were tried.
    pub async fn reset(&self) -> Result<Vec<(String, ServiceOutcome)>, Failure> {
        let mut done = Vec::new();
        let mut failed = None;
        for stored in self.edges().store.list().await? {
            match self.remove(&stored.connector.id).await {
                Ok(outcome) => done.push((stored.connector.name, outcome)),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        failed.map_or(Ok(done), Err)
    }
}
