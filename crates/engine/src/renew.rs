//! Renewing a sign-in as a transaction, so that however many processes ask, a refresh token is spent once and a new one is
//! never lost: gate, lock, read again, write the intent down, one request in a task that nobody can cancel, store, read back,
//! and only then hand the new token out.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use replug_core::{Code, Connector, ConnectorId, Credentials, Failure, Registration, Secret, Tokens};
use replug_keychain::Patience;
use replug_net::Trace;
use replug_oauth::{Granted, TokenFailure, TokenVerdict};
use replug_store::{RefreshIntent, Standing};
use sha2::{Digest, Sha256};

use crate::Engine;
use crate::sign_in::needed;

/// When the same token is presented again after an answer was lost. They add up to less than the ten seconds that rotating
/// services with a grace period usually give.
const AGAIN: [Duration; 3] = [Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(6)];
/// How often a new token is offered to a keychain that does not take it.
const SAVES: usize = 3;
/// Tokens are renewed when a fifth of their life is left.
const MARGIN: i32 = 5;

/// Why a token is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// To be used now: renewed only when it is about to end.
    Use,
    /// The server refused the token of this generation: renewed even though it looks good.
    Refused {
        /// The generation of the record it came from.
        generation: u64,
    },
}

impl Engine {
    /// The record of a connector with an access token that can be used, renewed if need be. A record without tokens, or with
    /// tokens for another address, is returned as it is.
    ///
    /// Fails with `RPL-TOKEN-EXPIRED`, `RPL-TOKEN-DEAD`, `RPL-REG-FORGOTTEN`, `RPL-REG-CLIENT-REFUSED` when a person is
    /// needed; with any other code when it may work later, and then everything is kept.
    pub(crate) async fn usable(
        &self,
        connector: &Connector,
        need: Need,
        patience: Patience,
        trace: &Trace,
    ) -> Result<Credentials, Failure> {
        let record = self.read_record(&connector.id, patience).await?;
        let now = self.edges().clock.now();
        if !wants_renewal(&record, connector, need, now)? {
            return Ok(record);
        }
        let (engine, connector, trace) = (self.clone(), connector.clone(), trace.clone());
        // A task of its own: whoever asked may go away, the token that is being exchanged must not be lost for that.
        let task = self.inner.renewals.spawn(async move { engine.renew(&connector, need, &trace).await });
        task.await.unwrap_or_else(|_| Err(Failure::new(Code::LocalInternal)))
    }

    /// Waits until every renewal that is under way has ended: a process that ends earlier may lose a token for good.
    pub async fn settle(&self) {
        self.inner.renewals.close();
        self.inner.renewals.wait().await;
        self.inner.renewals.reopen();
    }

    async fn renew(&self, connector: &Connector, need: Need, trace: &Trace) -> Result<Credentials, Failure> {
        let id = &connector.id;
        let gate = self.record_gate(id);
        let _gate = gate.lock().await;
        let _lock = self.lock_record(id).await?;
        // Read again: somebody else may have renewed it while this one waited for the lock.
        let mut record = self.current_record(id, Patience::Background).await?;
        if self.is_unsaved(id) {
            self.save_renewed(&mut record).await?;
        }
        if !wants_renewal(&record, connector, need, self.edges().clock.now())? {
            return Ok(record);
        }
        let (Some(tokens), Some(registration)) = (&record.tokens, &record.registration) else {
            return Err(Failure::new(Code::RegForgotten));
        };
        self.write_intent(id, record.generation, tokens).await?;
        match self.present(connector, tokens, registration, trace).await {
            Ok(granted) => {
                self.adopt(&mut record, granted).await?;
                Ok(record)
            }
            Err(refused) => Err(self.refused(record, refused).await?),
        }
    }

    /// On the disk before the request is sent, so that whoever finds a half-done refresh knows what was tried.
    async fn write_intent(&self, id: &ConnectorId, generation: u64, tokens: &Tokens) -> Result<(), Failure> {
        let fingerprint = tokens.refresh.as_ref().map(fingerprint).unwrap_or_default();
        let intent = RefreshIntent { generation, fingerprint, at: self.edges().clock.now() };
        Ok(self.edges().store.set_intent(id, &intent).await?)
    }

    /// Presents the refresh token; again, and the same one, as long as nobody knows whether it arrived.
    async fn present(
        &self,
        connector: &Connector,
        tokens: &Tokens,
        registration: &Registration,
        trace: &Trace,
    ) -> Result<Granted, TokenFailure> {
        let surroundings = self.surroundings(connector).await;
        let ctx = surroundings.context(trace);
        let mut outcome = replug_oauth::refresh(&ctx, tokens, registration).await;
        for wait in AGAIN {
            if !outcome.as_ref().is_err_and(answer_was_lost) {
                break;
            }
            tokio::time::sleep(wait).await;
            outcome = replug_oauth::refresh(&ctx, tokens, registration).await;
        }
        outcome
    }

    /// Stores what was granted. The old refresh token may be dead already, so a keychain that refuses is asked again.
    async fn adopt(&self, record: &mut Credentials, granted: Granted) -> Result<(), Failure> {
        if let Some(registration) = &mut record.registration {
            registration.last_used_at = Some(granted.obtained_at);
            registration.auth_method = granted.auth_method_changed.unwrap_or(registration.auth_method);
        }
        record.tokens = record.tokens.take().map(|previous| granted.into_renewed(&previous));
        self.save_renewed(record).await
    }

    /// A keychain that takes the record in none of some tries is offered it again by whoever needs the token next.
    async fn save_renewed(&self, record: &mut Credentials) -> Result<(), Failure> {
        let over = record.generation;
        let mut saved = self.write_record(record, Patience::Background).await;
        for _ in 1..SAVES {
            if saved.is_ok() {
                break;
            }
            saved = self.write_record(record, Patience::Background).await;
        }
        if let Err(failure) = saved {
            self.keep_unsaved(record, over);
            return Err(failure);
        }
        self.edges().store.clear_intent(&record.connector).await?;
        self.publish(record, Standing::SignedIn).await
    }

    /// What a refusal means for what is stored. Nothing is deleted: a person decides that.
    async fn refused(&self, record: Credentials, refused: TokenFailure) -> Result<Failure, Failure> {
        match refused.verdict {
            TokenVerdict::Dead
            | TokenVerdict::RegistrationGone
            | TokenVerdict::ScopeRefused
            | TokenVerdict::Refused => {
                self.edges().store.clear_intent(&record.connector).await?;
                self.publish(&record, needed(refused.failure.code)).await?;
            }
            TokenVerdict::Transient { .. } | TokenVerdict::Blocked | TokenVerdict::Broken => {
                if !refused.sent {
                    self.edges().store.clear_intent(&record.connector).await?;
                }
            }
        }
        Ok(refused.failure)
    }
}

/// Whether a renewal is due. Fails when the token has ended and there is nothing to renew it with.
fn wants_renewal(record: &Credentials, connector: &Connector, need: Need, now: Timestamp) -> Result<bool, Failure> {
    let Some(tokens) = record.tokens.as_ref().filter(|tokens| tokens.address == connector.address.base().as_str())
    else {
        return Ok(false);
    };
    let refused = matches!(need, Need::Refused { generation } if generation == record.generation);
    let ended = tokens.expires_at.is_some_and(|end| end <= now);
    match (&tokens.refresh, ended) {
        (Some(_), _) => Ok(refused || is_due(tokens, now)),
        (None, true) => Err(Failure::new(Code::TokenExpired)),
        (None, false) => Ok(false),
    }
}

/// Whether so little of a token's life is left that it is renewed ahead of time.
fn is_due(tokens: &Tokens, now: Timestamp) -> bool {
    let Some(end) = tokens.expires_at else {
        return false;
    };
    let life = end.duration_since(tokens.obtained_at);
    let left = end.duration_since(now);
    left <= (life / MARGIN).max(SignedDuration::ZERO)
}

/// Sent, and no answer that tells what became of it.
fn answer_was_lost(refused: &TokenFailure) -> bool {
    use Code::{NetInterrupted, NetTimeout};
    refused.sent && matches!(refused.failure.code, NetInterrupted | NetTimeout)
}

/// Tells one refresh token from another without being one.
fn fingerprint(token: &Secret<String>) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(token.expose().as_bytes())[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(obtained: &str, ends: Option<&str>) -> Tokens {
        Tokens {
            access: Secret::new("a".into()),
            refresh: Some(Secret::new("r".into())),
            expires_at: ends.map(|ends| ends.parse().unwrap()),
            obtained_at: obtained.parse().unwrap(),
            scopes: Vec::new(),
            issuer: "https://auth.example".into(),
            token_endpoint: "https://auth.example/token".into(),
            revocation_endpoint: None,
            resource: None,
            address: "https://mcp.example/mcp".into(),
        }
    }

    #[test]
    fn a_token_is_renewed_when_a_fifth_of_its_life_is_left() {
        let token = tokens("2026-11-20T08:00:00Z", Some("2026-11-20T09:00:00Z"));
        assert!(!is_due(&token, "2026-11-20T08:47:59Z".parse().unwrap()), "not before");
        assert!(is_due(&token, "2026-11-20T08:48:00Z".parse().unwrap()), "from then on");
        assert!(is_due(&token, "2026-11-21T08:00:00Z".parse().unwrap()), "and when it has ended");
        assert!(
            !is_due(&tokens("2026-11-20T08:00:00Z", None), "2027-11-20T08:00:00Z".parse().unwrap()),
            "not without an end"
        );
    }

    #[test]
    fn a_fingerprint_tells_tokens_apart_and_holds_none() {
        let (one, two) = (Secret::new("canary-one".to_owned()), Secret::new("canary-two".to_owned()));
        assert_ne!(fingerprint(&one), fingerprint(&two));
        assert!(!fingerprint(&one).contains("canary"));
    }
}
