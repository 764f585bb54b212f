//! Renewing a sign-in as a transaction, so that however many processes ask, a refresh token is spent once and a new one is
//! never lost: gate, lock, read again, write the intent down, one request in a task that nobody can cancel, store, read back,
//! and only then hand the new token out. When one is due is in `due`; presenting it and what a refusal means, in `present`.

mod due;
mod present;

use std::time::Duration;

use replug_core::{Code, Connector, ConnectorId, Credentials, Failure};
use replug_keychain::Patience;
use replug_net::Trace;
use replug_oauth::Granted;
use replug_store::Standing;

use self::due::{fingerprint, has_ended, wants_renewal};
use self::present::Presentation;
use crate::Engine;
use crate::check::needs_person;
use crate::notice::NOT_STORED;
use crate::records::{RECORD_PATIENCE, fitting};

/// How often a new token is offered to a keychain that does not take it.
const SAVES: usize = 3;
/// How long another process may hold the record of a token that is renewed ahead of time.
const AHEAD_PATIENCE: Duration = Duration::from_secs(5);
/// How long a process that wants to end waits for renewals, and then for the keychain.
const SETTLING: Duration = Duration::from_secs(10);

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

/// A record whose access token can be used.
pub(crate) struct Usable {
    /// The record.
    pub(crate) record: Credentials,
    /// Why it was not renewed, although that was due: the token lasts a while yet, and whoever needs it next tries again.
    pub(crate) not_renewed: Option<Failure>,
}

impl From<Credentials> for Usable {
    fn from(record: Credentials) -> Self {
        Self { record, not_renewed: None }
    }
}

impl Engine {
    /// The record of a connector with an access token that can be used, renewed if need be. A record without tokens, or with
    /// tokens for another address, is returned as it is; so is one that was to be renewed ahead of time, when that goes wrong
    /// and no person has to do anything about it.
    ///
    /// Fails with `RPL-TOKEN-EXPIRED`, `RPL-TOKEN-DEAD`, `RPL-REG-FORGOTTEN`, `RPL-REG-CLIENT-REFUSED`,
    /// `RPL-KEY-OTHER-ADDRESS` when a person is needed; with any other code when it may work later, and then everything is
    /// kept. While the service asked to be left alone, it fails with the code of that answer and asks nobody.
    pub(crate) async fn usable(
        &self,
        connector: &Connector,
        need: Need,
        patience: Patience,
        trace: &Trace,
    ) -> Result<Usable, Failure> {
        let record = self.record_of(connector, patience).await?;
        if !wants_renewal(&record, connector, need, self.edges().clock.now())? {
            return Ok(record.into());
        }
        let is_ahead = || need == Need::Use && !has_ended(&record, self.edges().clock.now());
        // A process that has stopped in the middle does not hold up who can do with the token as it is.
        let waiting = if is_ahead() { AHEAD_PATIENCE } else { RECORD_PATIENCE };
        let (engine, moved, trace) = (self.clone(), connector.clone(), trace.clone());
        // A task of its own: whoever asked may go away, the token that is being exchanged must not be lost for that.
        let task = self.inner.renewals.spawn(async move { engine.renew(&moved, need, waiting, &trace).await });
        match task.await.unwrap_or_else(|_| Err(Failure::new(Code::LocalInternal))) {
            // It was read again, perhaps after an edit.
            Ok(renewed) => fitting(renewed, connector).map(Usable::from),
            Err(failure) if is_ahead() && !needs_person(&failure) => {
                tracing::info!(connector = %connector.id, code = %failure.code, "not renewed ahead of time");
                Ok(Usable { record, not_renewed: Some(failure) })
            }
            Err(failure) => Err(failure),
        }
    }

    /// Waits until every renewal that is under way has ended and is stored: a process that ends earlier may lose a token for
    /// good. Waits twenty seconds at most.
    ///
    /// Fails with `RPL-KEY-UNSAVED`, naming the connectors whose renewed sign-in is not stored. Ending all the same loses
    /// it.
    pub async fn settle(&self) -> Result<(), Failure> {
        self.inner.renewals.close();
        let ended = tokio::time::timeout(SETTLING, self.inner.renewals.wait()).await;
        self.inner.renewals.reopen();
        let saving = async {
            for id in self.unsaved() {
                if let Err(failure) = self.save_unsaved(&id).await {
                    tracing::warn!(connector = %id, code = %failure.code, "a renewed sign-in is still not stored");
                }
            }
        };
        let saved = tokio::time::timeout(SETTLING, saving).await;
        self.settle_sweeps().await;
        let mut failure = Failure::new(Code::KeyUnsaved);
        for id in self.unsaved() {
            failure = failure.with_fact(NOT_STORED, id.as_str());
        }
        if ended.is_err() {
            failure = failure.with_fact("Not ended", "a renewal that still waits for its answer");
        }
        if ended.is_err() || saved.is_err() || !self.unsaved().is_empty() { Err(failure) } else { Ok(()) }
    }

    /// Waits for another process no longer than `patience`.
    async fn renew(
        &self,
        connector: &Connector,
        need: Need,
        patience: Duration,
        trace: &Trace,
    ) -> Result<Credentials, Failure> {
        let id = &connector.id;
        let gate = self.record_gate(id);
        let _gate = gate.lock().await;
        let _lock = self.lock_record_within(id, patience).await?;
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
        let fingerprint = fingerprint(tokens.refresh.as_ref().unwrap_or(&tokens.access));
        self.check_pause(id, &fingerprint).await?;
        // Asking again in the client's own name spends nothing.
        let lost_at = match tokens.refresh {
            Some(_) => self.lost_at(id, &fingerprint).await?,
            None => None,
        };
        let presentation = Presentation { connector, tokens, registration, fingerprint, lost_at };
        match self.present_token(&presentation, record.generation, trace).await? {
            Ok(granted) => {
                self.adopt(&mut record, granted).await?;
                Ok(record)
            }
            Err(refused) => Err(self.refused(&record, &presentation, refused).await?),
        }
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

    /// A keychain that takes the record in none of some tries is offered it again by whoever needs the token next, and before
    /// the process ends.
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

    /// Offers a renewed record to the keychain once more. Somebody else may have done it meanwhile.
    async fn save_unsaved(&self, id: &ConnectorId) -> Result<(), Failure> {
        let gate = self.record_gate(id);
        let _gate = gate.lock().await;
        let _lock = self.lock_record(id).await?;
        let mut record = self.current_record(id, Patience::Background).await?;
        if self.is_unsaved(id) { self.save_renewed(&mut record).await } else { Ok(()) }
    }
}
