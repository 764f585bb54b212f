//! What is kept after an attempt, and what is cleaned up after one that failed.

use replug_core::{Code, Connector, ConnectorId, Credentials, Failure, GrantType, Registration, State, Tokens};
use replug_net::Trace;
use replug_oauth::{Attempt, Callback, Context, Extent, Granted, NotYet, ServiceMetadata};
use replug_store::{SignInFacts, Standing, StepUps};

use super::client::orphan;
use super::flow::Flow;
use crate::Engine;
use crate::records::reason_of;
use crate::wipe::Depth;

/// What came of redeeming what a person has allowed.
pub(super) type Redeemed = Result<(), NotYet>;

/// What a person has allowed, on its way to tokens that are stored.
pub(super) struct Redeeming {
    pub(super) engine: Engine,
    pub(super) connector: Connector,
    pub(super) service: ServiceMetadata,
    pub(super) registration: Registration,
}

impl Redeeming {
    pub(super) fn duplicate(&self) -> Self {
        Self {
            engine: self.engine.clone(),
            connector: self.connector.clone(),
            service: self.service.clone(),
            registration: self.registration.duplicate(),
        }
    }

    /// Exchanges the code of the browser's answer, and keeps the tokens.
    pub(super) async fn exchange(self, attempt: Attempt, callback: Callback) -> Result<(), Failure> {
        let surroundings = self.engine.surroundings(&self.connector).await;
        let trace = Trace::new();
        let ctx = surroundings.context(&trace);
        let granted = replug_oauth::exchange(&ctx, &self.service, &attempt, &callback.code, &self.registration).await;
        let granted = granted.map_err(|refused| refused.failure)?;
        self.keep(&ctx, granted, &attempt.extent()).await
    }

    /// Stores the tokens together with the registration they belong to.
    pub(super) async fn keep(self, ctx: &Context<'_>, granted: Granted, asked: &Extent<'_>) -> Result<(), Failure> {
        let Self { engine, connector, service, mut registration } = self;
        registration.last_used_at = Some(granted.obtained_at);
        registration.auth_method = granted.auth_method_changed.unwrap_or(registration.auth_method);
        let address = connector.address.base().as_str();
        let tokens = granted.into_tokens(&service, GrantType::AuthorizationCode, asked, address);
        engine.store_grant(ctx, &connector.id, (registration, tokens), asked.scopes).await
    }
}

impl Flow {
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
    /// Stores the tokens of a new sign-in with the registration they belong to. Tokens that are not there afterwards are
    /// revoked. Once they are, the sign-in is good, and what else is noted about it is mended by the next check.
    pub(crate) async fn store_grant(
        &self,
        ctx: &Context<'_>,
        id: &ConnectorId,
        (registration, tokens): (Registration, Tokens),
        asked_scopes: &[String],
    ) -> Result<(), Failure> {
        let (client, granted) = (registration.duplicate(), tokens.duplicate());
        let change = |record: &mut Credentials| put_grant(record, registration, tokens);
        if let Err(failure) = self.change_record(id, self.patience(), change).await {
            match self.holds(id, &granted).await {
                Ok(true) => tracing::warn!(connector = %id, code = %failure.code, "tokens were stored all the same"),
                Ok(false) => {
                    let answer = replug_oauth::revoke(ctx, &granted, &client).await;
                    tracing::warn!(connector = %id, ?answer, "tokens that could not be stored were given back");
                    return Err(failure);
                }
                // They may be there.
                Err(_) => return Err(failure),
            }
        }
        if let Err(failure) = self.note_grant(id, asked_scopes).await {
            tracing::warn!(connector = %id, code = %failure.code, "a sign-in was stored, and not all that is known about it");
        }
        self.sweep_orphans(id);
        Ok(())
    }

    /// Whether the keychain holds these tokens.
    async fn holds(&self, id: &ConnectorId, tokens: &Tokens) -> Result<bool, Failure> {
        let record = self.read_record(id, self.patience()).await?;
        Ok(record.tokens.is_some_and(|held| held.access.matches(tokens.access.expose())))
    }

    /// Brings the database in line with tokens that were just stored.
    async fn note_grant(&self, id: &ConnectorId, asked_scopes: &[String]) -> Result<(), Failure> {
        let record = self.read_record(id, self.patience()).await?;
        self.publish(&record, Standing::SignedIn).await?;
        let store = &self.edges().store;
        let with_asked = |facts: SignInFacts| SignInFacts { asked_scopes: asked_scopes.to_vec(), ..facts };
        store.update_sign_in(id, |facts| facts.map(with_asked)).await?;
        Ok(store.clear_intent(id).await?)
    }

    /// Keeps a registration that has not produced a token yet. One that was kept before is given up.
    pub(super) async fn keep_unproven(&self, id: &ConnectorId, registration: &Registration) -> Result<(), Failure> {
        let kept = registration.duplicate();
        let change = |record: &mut Credentials| {
            let before = record.unproven.replace(kept);
            orphan(record, before);
        };
        self.change_record(id, self.patience(), change).await
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
        if let Some(failure) = lasting {
            self.note_standing(id, failure.code).await?;
        }
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

    /// Where nobody is signed in, this is what is known by now. Tokens that are there are neither better nor worse for it.
    async fn note_standing(&self, id: &ConnectorId, code: Code) -> Result<(), Failure> {
        let record = self.read_record(id, self.patience()).await?;
        match (record.tokens.is_some(), code.info().state) {
            (true, _) => Ok(()),
            (false, Some(State::Failed)) => self.publish(&record, Standing::SignedOut).await,
            (false, _) => self.publish(&record, needed(code)).await,
        }
    }

    /// Drops tokens and registration at the service and here, without a check.
    pub(crate) async fn drop_grant(&self, id: &ConnectorId) -> Result<(), Failure> {
        self.leave(id, Depth::Registration).await?;
        self.forget_last_failure(id).await
    }
}

/// The new sign-in takes the place of the one before. What becomes of no use is written down to be deleted, and what is used
/// from now on is not, whoever gave it up meanwhile.
fn put_grant(record: &mut Credentials, registration: Registration, tokens: Tokens) {
    record.unproven = None;
    record.tokens = Some(tokens);
    let client_id = registration.client_id.clone();
    let in_use = registration.management.as_ref().map(|management| management.address.clone());
    let replaced = record.registration.replace(registration);
    orphan(record, replaced.filter(|replaced| replaced.client_id != client_id));
    record.orphans.retain(|orphan| Some(&orphan.address) != in_use.as_ref());
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
