//! What is kept after an attempt, and what is cleaned up after one that failed.

use replug_core::{Code, Connector, ConnectorId, Credentials, Failure, Registration, State, Tokens};
use replug_net::Trace;
use replug_oauth::{Attempt, Callback, ServiceMetadata};
use replug_store::{SignInFacts, Standing, StepUps};

use super::client::orphan;
use super::flow::Flow;
use crate::Engine;
use crate::records::reason_of;
use crate::wipe::Depth;

/// A code that is being exchanged for tokens.
pub(super) struct Redeeming {
    pub(super) engine: Engine,
    pub(super) connector: Connector,
    pub(super) service: ServiceMetadata,
    pub(super) attempt: Attempt,
    pub(super) registration: Registration,
}

impl Redeeming {
    /// Exchanges the code and stores the tokens together with the registration they belong to. Tokens that cannot be stored
    /// are revoked.
    pub(super) async fn run(self, callback: Callback) -> Result<(), Failure> {
        let Self { engine, connector, service, attempt, mut registration } = self;
        let surroundings = engine.surroundings(&connector).await;
        let trace = Trace::new();
        let ctx = surroundings.context(&trace);
        let granted = replug_oauth::exchange(&ctx, &service, &attempt, &callback.code, &registration).await;
        let granted = granted.map_err(|refused| refused.failure)?;
        registration.last_used_at = Some(granted.obtained_at);
        registration.auth_method = granted.auth_method_changed.unwrap_or(registration.auth_method);
        let tokens = granted.into_tokens(&service, &attempt, connector.address.base().as_str());
        let (copy, client) = (tokens.duplicate(), registration.duplicate());
        let stored = engine.store_grant(&connector, registration, tokens).await;
        if stored.is_err() {
            let answer = replug_oauth::revoke(&ctx, &copy, &client).await;
            tracing::warn!(connector = %connector.id, ?answer, "tokens that could not be stored were given back");
        }
        stored?;
        let asked = |facts: SignInFacts| SignInFacts { asked_scopes: attempt.scopes, ..facts };
        Ok(engine.edges().store.update_sign_in(&connector.id, |facts| facts.map(asked)).await?)
    }
}

impl Flow {
    /// Keeps a registration that has not produced a token yet.
    pub(super) async fn keep_registration(&self, registration: &Registration) -> Result<(), Failure> {
        let kept = registration.duplicate();
        let patience = self.engine.patience();
        self.engine.change_record(&self.id, patience, |record| record.unproven = Some(kept)).await
    }

    /// The browser did not come back, perhaps because the service showed an error in it: that the registration worked a while
    /// ago counts no more, and the next attempt asks about it first.
    pub(super) async fn distrust_registration(&self) -> Result<(), Failure> {
        let change = |record: &mut Credentials| {
            if let Some(registration) = &mut record.registration {
                registration.last_used_at = None;
            }
        };
        self.engine.change_record(&self.id, self.engine.patience(), change).await
    }

    /// After a failure: an unproven registration is deleted, and the cause is kept for the next check. After a success: the
    /// last cause is dropped.
    pub(super) async fn clean_up(&self, failure: Option<&Failure>) {
        if failure.is_some()
            && let Err(error) = self.engine.drop_unproven(&self.id).await
        {
            tracing::warn!(code = %error.code, "an unproven registration could not be dropped");
        }
        if let Err(error) = self.engine.remember_failure(&self.id, failure).await {
            tracing::warn!(code = %error.code, "the outcome of a sign-in could not be kept");
        }
    }
}

impl Engine {
    /// Stores the tokens of a new sign-in.
    pub(crate) async fn store_grant(
        &self,
        connector: &Connector,
        registration: Registration,
        tokens: Tokens,
    ) -> Result<(), Failure> {
        let (id, patience) = (&connector.id, self.patience());
        let client_id = registration.client_id.clone();
        let change = |record: &mut Credentials| {
            record.unproven = None;
            record.tokens = Some(tokens);
            let replaced = record.registration.replace(registration);
            orphan(record, replaced.filter(|replaced| replaced.client_id != client_id));
        };
        self.change_record(id, patience, change).await?;
        let record = self.read_record(id, patience).await?;
        self.publish(&record, Standing::SignedIn).await?;
        self.edges().store.clear_intent(id).await?;
        self.sweep_orphans(id);
        Ok(())
    }

    /// Drops a registration that never produced a token, at the service too when it offers that (RFC 7592), and deletes there
    /// what earlier attempts could not.
    pub(super) async fn drop_unproven(&self, id: &ConnectorId) -> Result<(), Failure> {
        if self.read_record(id, self.patience()).await?.unproven.is_some() {
            let change = |record: &mut Credentials| {
                let dropped = record.unproven.take();
                orphan(record, dropped);
            };
            self.change_record(id, self.patience(), change).await?;
        }
        self.sweep_orphans(id);
        Ok(())
    }

    /// Keeps what a sign-in complained of, so that the next check can name it. Troubles of this computer pass by themselves.
    pub(crate) async fn remember_failure(&self, id: &ConnectorId, failure: Option<&Failure>) -> Result<(), Failure> {
        let lasting = failure.filter(|failure| failure.code.info().state.is_some());
        if failure.is_some() && lasting.is_none() {
            return Ok(());
        }
        let record = self.read_record(id, self.patience()).await?;
        let signed_in = record.tokens.is_some();
        let standing = match lasting {
            Some(failure) if !signed_in && failure.code.info().state != Some(State::Failed) => needed(failure.code),
            Some(_) | None if signed_in => Standing::SignedIn,
            Some(_) | None => Standing::SignedOut,
        };
        self.publish(&record, standing).await?;
        let now = self.edges().clock.now();
        let with_outcome = |facts: SignInFacts| SignInFacts {
            last_failure: lasting.map(Failure::to_finding),
            last_failed_at: lasting.map(|_| now),
            wanted_scopes: if lasting.is_none() { Vec::new() } else { facts.wanted_scopes.clone() },
            step_ups: if lasting.is_none() { stepped_up(&facts) } else { facts.step_ups.clone() },
            ..facts
        };
        Ok(self.edges().store.update_sign_in(id, |facts| facts.map(with_outcome)).await?)
    }

    /// Drops tokens and registration at the service and here, without a check.
    pub(crate) async fn drop_grant(&self, id: &ConnectorId) -> Result<(), Failure> {
        self.leave(id, Depth::Registration).await?;
        self.forget_last_failure(id).await
    }
}

/// A sign-in that was good asked for everything that was wanted.
fn stepped_up(facts: &SignInFacts) -> StepUps {
    let mut step_ups = facts.step_ups.clone();
    if !facts.wanted_scopes.is_empty() {
        step_ups.count();
    }
    step_ups
}

/// A sign-in is needed, for the reason of this code.
pub(crate) const fn needed(code: Code) -> Standing {
    Standing::Needed { reason: reason_of(code), code: Some(code) }
}
