//! A connector's record in the keychain, and the harmless facts about it that are kept in the database beside it.

use std::time::Duration;

use replug_core::{Code, Connector, ConnectorId, Credentials, Failure, Secret, SignInReason};
use replug_keychain::Patience;
use replug_net::mask_url;
use replug_store::{RegistrationFacts, SignInFacts, Standing};
use url::Url;

use crate::Engine;
use crate::engine::guard;
use crate::lock::{HeldLock, Hold, Purpose, lock, lock_place, try_lock, try_place};

/// How long another process may hold a connector's record.
pub(crate) const RECORD_PATIENCE: Duration = Duration::from_mins(1);

/// A record that nobody else is at, in a place that nobody leaves meanwhile.
#[derive(Debug)]
pub(crate) struct HeldRecord {
    // Held for their effect.
    _record: HeldLock,
    _place: HeldLock,
}

/// A record that the keychain did not take.
pub(crate) struct Unsaved {
    /// The generation in the keychain that it is newer than.
    over: u64,
    record: Secret<Vec<u8>>,
}

impl Engine {
    /// Reads a connector's record; an empty one when there is none.
    ///
    /// Fails with `RPL-KEY-FILE-LOCKED` when another process has carried it into the encrypted file, and with
    /// `RPL-KEY-PASSPHRASE` when that file has another passphrase; from then on it is shut.
    pub(crate) async fn read_record(&self, id: &ConnectorId, patience: Patience) -> Result<Credentials, Failure> {
        let keychain = &self.edges().keychain;
        let before = keychain.kind();
        let found = match keychain.read(id, patience).await {
            // It may have been carried away: nothing is missing as long as it is somewhere.
            Ok(None) if Box::pin(self.follow_choice()).await? || keychain.kind() != before => {
                keychain.read(id, patience).await?
            }
            Err(failure) if failure.code == Code::KeyPassphrase => {
                Box::pin(self.shut_file()).await?;
                return Err(failure);
            }
            found => found?,
        };
        Ok(found.unwrap_or_else(|| Credentials::empty(id.clone())))
    }

    /// Reads a connector's record to use it.
    ///
    /// Fails with `RPL-KEY-OTHER-ADDRESS` when what a person typed belongs to another address than the connector has.
    pub(crate) async fn record_of(&self, connector: &Connector, patience: Patience) -> Result<Credentials, Failure> {
        fitting(self.read_record(&connector.id, patience).await?, connector)
    }

    /// Reads, changes and writes a connector's record while nobody else can, in this process or in another.
    ///
    /// `change` gets the record as it is now, not as the caller read it once. A record that is empty afterwards is deleted.
    pub(crate) async fn change_record<T>(
        &self,
        id: &ConnectorId,
        patience: Patience,
        change: impl FnOnce(&mut Credentials) -> T + Send,
    ) -> Result<T, Failure> {
        let gate = self.record_gate(id);
        let _gate = gate.lock().await;
        let _lock = self.lock_record(id).await?;
        let mut record = self.current_record(id, patience).await?;
        let outcome = change(&mut record);
        self.write_record(&mut record, patience).await?;
        Ok(outcome)
    }

    pub(crate) async fn lock_record(&self, id: &ConnectorId) -> Result<HeldRecord, Failure> {
        self.lock_record_within(id, RECORD_PATIENCE).await
    }

    /// Takes the lock of a record, waiting no longer than this for whoever is at it, and as long for whoever carries all of
    /// them to another place. From then on the place in use is the chosen one.
    pub(crate) async fn lock_record_within(&self, id: &ConnectorId, patience: Duration) -> Result<HeldRecord, Failure> {
        let record = lock(self.data_dir(), id, Purpose::Record, patience).await?;
        let place = lock_place(self.data_dir(), Hold::Shared, patience).await?;
        Box::pin(self.follow_choice()).await?;
        Ok(HeldRecord { _record: record, _place: place })
    }

    /// The same without waiting; `None` when somebody is at it.
    pub(crate) async fn try_lock_record(&self, id: &ConnectorId) -> Result<Option<HeldRecord>, Failure> {
        let Some(record) = try_lock(self.data_dir(), id, Purpose::Record)? else { return Ok(None) };
        let Some(place) = try_place(self.data_dir(), Hold::Shared)? else { return Ok(None) };
        Box::pin(self.follow_choice()).await?;
        Ok(Some(HeldRecord { _record: record, _place: place }))
    }

    /// Writes a record under the next generation. The caller holds the gate and the lock.
    pub(crate) async fn write_record(&self, record: &mut Credentials, patience: Patience) -> Result<(), Failure> {
        if record.is_empty() {
            let deleted = self.edges().keychain.delete(&record.connector, patience).await;
            self.unless_nothing_is_kept(&record.connector, deleted).await?;
        } else {
            record.generation = self.generation_after(record.generation);
            // Nothing is kept for a connector that somebody has removed meanwhile: no list would ever show it again.
            let label = label(&self.stored(&record.connector).await?.connector);
            self.edges().keychain.write(record, &label, patience).await?;
        }
        guard(&self.inner.unsaved).remove(&record.connector);
        Ok(())
    }

    /// The generation of the next write. A record begins anywhere, so that the sign-in after one that was forgotten is never
    /// taken for it: refused tokens, refused calls and wipes that were cut off are compared by their generation.
    fn generation_after(&self, last: u64) -> u64 {
        if last > 0 {
            return last + 1;
        }
        let mut bytes = [0; 4];
        self.edges().random.fill(&mut bytes);
        u64::from(u32::from_le_bytes(bytes)) + 1
    }

    /// The record as it is now: the keychain's, or a newer one that the keychain did not take. The caller holds the gate and
    /// the lock.
    pub(crate) async fn current_record(&self, id: &ConnectorId, patience: Patience) -> Result<Credentials, Failure> {
        let record = match self.read_record(id, patience).await {
            // It is about to be replaced or dropped; what it held cannot be revoked any more.
            Err(failure) if failure.code == Code::KeyUnreadable => Credentials::empty(id.clone()),
            Err(failure) => {
                self.unless_nothing_is_kept(id, Err(failure)).await?;
                Credentials::empty(id.clone())
            }
            Ok(record) => record,
        };
        if self.is_out_of_date(&record).await? {
            self.drop_unsaved(id);
        }
        guard(&self.inner.unsaved).get(id).map_or(Ok(record), |unsaved| {
            Credentials::decode(&unsaved.record, id)
                .map_err(|error| Failure::new(Code::LocalInternal).with_fact("Reason", error.to_string()))
        })
    }

    /// Whether another process has put something in the place of the record that the keychain did not take. A keychain that
    /// lost its record, or damaged it, has not: then what waits is all there is.
    async fn is_out_of_date(&self, found: &Credentials) -> Result<bool, Failure> {
        let id = &found.connector;
        let over = guard(&self.inner.unsaved).get(id).map(|unsaved| unsaved.over);
        match over {
            None => Ok(false),
            Some(over) if !found.is_empty() => Ok(found.generation != over),
            Some(_) => {
                let facts = self.edges().store.get(id).await?.and_then(|stored| stored.sign_in);
                Ok(facts.is_none_or(|facts| facts.stored_in.is_none()))
            }
        }
    }

    /// A computer without a keychain is no hindrance where nothing is kept in one. One that is there and cannot be asked is:
    /// it may hold more than the database knows, and what is not seen must not be written over.
    async fn unless_nothing_is_kept(&self, id: &ConnectorId, outcome: Result<(), Failure>) -> Result<(), Failure> {
        let missing = outcome.as_ref().is_err_and(|failure| failure.code == Code::KeyMissing);
        if !missing {
            return outcome;
        }
        let stored = self.stored(id).await?;
        if expects_secrets(&stored.connector, stored.sign_in.as_ref()) { outcome } else { Ok(()) }
    }

    /// Keeps a record that the keychain did not take in place of its generation `over`, for as long as this process runs.
    pub(crate) fn keep_unsaved(&self, record: &Credentials, over: u64) {
        let mut waiting = guard(&self.inner.unsaved);
        // One that waits already is newer than what the keychain holds; its successor is too.
        let over = waiting.get(&record.connector).map_or(over, |unsaved| unsaved.over);
        waiting.insert(record.connector.clone(), Unsaved { over, record: record.encode() });
    }

    /// The connectors whose renewed record waits for the keychain.
    pub(crate) fn unsaved(&self) -> Vec<ConnectorId> {
        guard(&self.inner.unsaved).keys().cloned().collect()
    }

    /// The record that waits for the keychain, as far as it can be known without reading there.
    pub(crate) fn unsaved_record(&self, id: &ConnectorId) -> Option<Credentials> {
        guard(&self.inner.unsaved).get(id).and_then(|unsaved| Credentials::decode(&unsaved.record, id).ok())
    }

    /// The record waits no more: it is kept in another place.
    pub(crate) fn drop_unsaved(&self, id: &ConnectorId) {
        guard(&self.inner.unsaved).remove(id);
    }

    /// Whether a record waits for the keychain.
    pub(crate) fn is_unsaved(&self, id: &ConnectorId) -> bool {
        guard(&self.inner.unsaved).contains_key(id)
    }

    /// Brings the facts in the database in line with a record, and says where the sign-in stands.
    pub(crate) async fn publish(&self, record: &Credentials, standing: Standing) -> Result<(), Failure> {
        let facts =
            |before: Option<SignInFacts>| Some(SignInFacts { standing, ..self.facts_of(record, before.as_ref()) });
        Ok(self.edges().store.update_sign_in(&record.connector, facts).await?)
    }

    /// The facts about a record. What is not in it (the last failure, wanted permissions) is taken from `before`.
    fn facts_of(&self, record: &Credentials, before: Option<&SignInFacts>) -> SignInFacts {
        let (tokens, registration) = (record.tokens.as_ref(), record.registration.as_ref());
        let issuer = tokens.map(|tokens| &tokens.issuer).or_else(|| registration.map(|known| &known.issuer));
        SignInFacts {
            standing: Standing::SignedOut,
            issuer: issuer.cloned().or_else(|| before.and_then(|facts| facts.issuer.clone())),
            registration: registration.map(|registration| RegistrationFacts {
                kind: registration.kind,
                client_id: registration.client_id.clone(),
                expires_at: registration.secret_expires_at,
                redirect: Some(registration.redirect.to_address()),
            }),
            scopes: tokens.map(|tokens| tokens.scopes.clone()).unwrap_or_default(),
            expires_at: tokens.and_then(|tokens| tokens.expires_at),
            renewable: tokens.map(replug_core::Tokens::is_renewable),
            stored_in: (!record.is_empty()).then(|| self.edges().keychain.kind()),
            asked_scopes: before
                .filter(|_| tokens.is_some())
                .map(|facts| facts.asked_scopes.clone())
                .unwrap_or_default(),
            ..before.cloned().unwrap_or_else(|| SignInFacts::new(Standing::SignedOut))
        }
    }
}

/// What the system's own keychain window calls the record of a connector.
pub(crate) fn label(connector: &Connector) -> String {
    format!("Replug: {}", connector.name)
}

/// A record that may be used with the connector's address. An edit that was cut off between database and keychain leaves keys
/// of one address with another.
pub(crate) fn fitting(record: Credentials, connector: &Connector) -> Result<Credentials, Failure> {
    if record.inputs.belong_to(connector.address.base().as_str()) {
        return Ok(record);
    }
    let typed_for = record.inputs.address.as_deref().and_then(|address| Url::parse(address).ok());
    Err(Failure::new(Code::KeyOtherAddress)
        .with_fact("Stored for", typed_for.as_ref().map(mask_url).unwrap_or_default())
        .with_fact("Address now", connector.address.to_string()))
}

/// Whether the keychain should hold something for this connector, as far as the database knows.
pub(crate) fn expects_secrets(connector: &Connector, facts: Option<&SignInFacts>) -> bool {
    facts.is_some_and(|facts| facts.stored_in.is_some())
        || connector.settings.client_id.is_some()
        || !connector.settings.headers.is_empty()
        || !connector.address.query_names().is_empty()
}

/// Why a sign-in is needed, for the code of the finding that said so.
pub(crate) const fn reason_of(code: replug_core::Code) -> SignInReason {
    use replug_core::Code;
    match code {
        Code::TokenExpired => SignInReason::Expired,
        Code::TokenDead | Code::TokenRefused => SignInReason::Dead,
        Code::TokenRefusedByServer => SignInReason::Refused,
        Code::RegForgotten => SignInReason::RegistrationGone,
        Code::TokenScope | Code::AuthScopeRefused => SignInReason::Scope,
        Code::AuthIssuerChanged => SignInReason::IssuerChanged,
        _ => SignInReason::Never,
    }
}
