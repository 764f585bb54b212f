//! Keeping a registration alive whose secret ends (RFC 7591 §3.2.1): it is renewed ahead of time where the service offers that
//! (RFC 7592 §2.2). Where it does not, a new registration is needed, and with it a new sign-in; that is said ahead of time and
//! done by a person.

use jiff::{SignedDuration, Timestamp};
use replug_core::{Code, Connector, Credentials, Failure, Quirks, Registration};
use replug_keychain::Patience;
use replug_net::Trace;
use replug_oauth::NotRenewed;
use replug_store::Standing;

use crate::Engine;

/// A secret is renewed when a fifth of its life is left, and a week before its end at the earliest.
const MARGIN: i32 = 5;
const EARLIEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The same for one of unknown age.
const USUAL: SignedDuration = SignedDuration::from_hours(24);

impl Engine {
    /// Renews the secret of a sign-in that works, when that is due. Returns what a person should know: that it ends and
    /// cannot be renewed. What goes wrong takes nothing away, and is tried again by the next check.
    pub(crate) async fn keep_secret(
        &self,
        connector: &Connector,
        record: &Credentials,
        trace: &Trace,
    ) -> Option<Failure> {
        due(record, self.edges().clock.now())?;
        match self.renew_secret(connector, trace).await {
            Ok(note) => note,
            Err(failure) => {
                tracing::warn!(connector = %connector.id, code = %failure.code, "a secret could not be renewed");
                None
            }
        }
    }

    async fn renew_secret(&self, connector: &Connector, trace: &Trace) -> Result<Option<Failure>, Failure> {
        let id = &connector.id;
        let gate = self.record_gate(id);
        let _gate = gate.lock().await;
        let _lock = self.lock_record(id).await?;
        // Read again: another process may have renewed it while this one waited for the lock.
        let mut record = self.current_record(id, Patience::Background).await?;
        let Some((registration, end)) = due(&record, self.edges().clock.now()) else {
            return Ok(None);
        };
        let ends = Failure::new(Code::RegSecretEnds).with_fact("Ends", end.to_string());
        let quirks = self.quirks(id, &registration.issuer).await?;
        if registration.management.is_none() || quirks.secret_not_renewed.as_ref() == Some(&registration.client_id) {
            return Ok(Some(ends));
        }
        let surroundings = self.surroundings(connector).await;
        let renewal = replug_oauth::renew_secret(&surroundings.context(trace), registration).await;
        tracing::info!(connector = %id, renewed = renewal.outcome.is_ok(), "a secret that ends was to be renewed");
        let client_id = registration.client_id.clone();
        if renewal.changed {
            self.adopt_registration(&mut record, renewal.registration).await?;
        }
        match renewal.outcome {
            Ok(()) => Ok(None),
            Err(NotRenewed::Failed(failure)) => Err(failure),
            Err(NotRenewed::TokenRefused) => Ok(Some(ends)),
            Err(NotRenewed::NotOffered) => {
                self.learn(id, Quirks { secret_not_renewed: Some(client_id), ..quirks }).await?;
                Ok(Some(ends))
            }
        }
    }

    /// Stores a registration as the service has changed it. What was known before may be void already, so it is kept for the
    /// keychain when that does not take it now.
    async fn adopt_registration(&self, record: &mut Credentials, registration: Registration) -> Result<(), Failure> {
        record.registration = Some(registration);
        let over = record.generation;
        if let Err(failure) = self.write_record(record, Patience::Background).await {
            self.keep_unsaved(record, over);
            return Err(failure);
        }
        self.publish(record, Standing::SignedIn).await
    }
}

/// The registration whose secret should be renewed now, with the secret's end.
fn due(record: &Credentials, now: Timestamp) -> Option<(&Registration, Timestamp)> {
    let registration = record.registration.as_ref().filter(|_| record.tokens.is_some())?;
    let end = registration.secret_expires_at?;
    let margin = match registration.secret_issued_at {
        Some(issued) => (end.duration_since(issued) / MARGIN).clamp(SignedDuration::ZERO, EARLIEST),
        None => USUAL,
    };
    (end.duration_since(now) <= margin).then_some((registration, end))
}
