//! Wiping what a connector has at its service and on this computer: in a fixed order, each step written down before it is
//! done and harmless to repeat, so that a wipe that was killed is finished at the next start. Who asks for one is in `leave`.

use replug_core::{Code, Connector, ConnectorId, Credentials, Failure, StoredIn};
use replug_net::Trace;
use replug_oauth::{Context, Revoked, RevokedToken};
use replug_store::{JournalEntry, JournalId, NewJournalEntry, Standing};
use serde::{Deserialize, Serialize};

use crate::Engine;
use crate::lock::{Purpose, try_lock};
use crate::wire::{Event, ServiceAnswer};

/// What the journal calls a wipe.
const KIND: &str = "wipe";

/// How much goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Depth {
    /// The tokens.
    Tokens,
    /// The registrations too.
    Registration,
    /// Everything, the connector itself too.
    Connector,
}

/// The steps, in their order. What the service is asked comes before what it is asked with is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Step {
    RevokeRefresh,
    RevokeAccess,
    DeleteRegistration,
    Keychain,
    Verify,
    Database,
}

impl Step {
    const ALL: [Self; 6] = [
        Self::RevokeRefresh,
        Self::RevokeAccess,
        Self::DeleteRegistration,
        Self::Keychain,
        Self::Verify,
        Self::Database,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::RevokeRefresh => "revoke-refresh",
            Self::RevokeAccess => "revoke-access",
            Self::DeleteRegistration => "delete-registration",
            Self::Keychain => "keychain",
            Self::Verify => "verify",
            Self::Database => "database",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }
}

/// A wipe on its way; kept in the journal. No secret is in it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Wipe {
    depth: Depth,
    /// The record it was begun with, and from the keychain step on the one that it left; one that was written since is none of
    /// its business. `None` for whichever there is.
    generation: Option<u64>,
    /// What the service said to the revocation.
    pub(crate) revoked: ServiceAnswer,
    /// What the service said to the deletion of the registrations: the worst answer when there are several.
    pub(crate) registration_deleted: ServiceAnswer,
}

impl Wipe {
    const fn of(depth: Depth) -> Self {
        let nothing = ServiceAnswer::NotOffered;
        Self { depth, generation: None, revoked: nothing, registration_deleted: nothing }
    }
}

impl Engine {
    /// Writes down that all of these are to be removed, whatever they hold by then; all of them, or none.
    pub(crate) async fn begin_removals(&self, connectors: &[Connector]) -> Result<Vec<JournalId>, Failure> {
        let wipe = Wipe::of(Depth::Connector);
        let entries: Result<Vec<_>, _> = connectors.iter().map(|connector| entry(&connector.id, &wipe)).collect();
        Ok(self.edges().store.begin_all(&entries?).await?)
    }

    /// Strikes a wipe that ended in whatever way the person was told. Only one that was killed is resumed.
    pub(crate) async fn end_wipe(&self, journal: JournalId) {
        if let Err(error) = self.edges().store.finish(journal).await {
            tracing::warn!(%error, "a wipe that ended stays in the journal");
        }
    }

    /// Wipes from the beginning. The caller holds the gate and the lock of the record, so that nobody renews a token that is
    /// being revoked.
    pub(crate) async fn wipe(&self, id: &ConnectorId, depth: Depth) -> Result<Wipe, Failure> {
        let record = self.current_record(id, self.patience()).await?;
        self.expect_here(&record).await?;
        let wipe = Wipe { generation: Some(record.generation), ..Wipe::of(depth) };
        let journal = self.edges().store.begin(&entry(id, &wipe)?).await?;
        let wiped = self.wipe_from(Step::RevokeRefresh, journal, record, wipe).await;
        self.end_wipe(journal).await;
        self.clear_copies().await;
        wiped
    }

    /// Finishes wipes that were killed, and removes what is left in a former place of the sign-ins. Called once at the start of
    /// a program; a wipe that another process is still at is left to that one, and what cannot be finished now stays for the
    /// next start.
    pub async fn resume(&self) {
        self.resume_wipes().await;
        self.clear_copies().await;
    }

    /// Finishes wipes that were killed, as far as it can be done now.
    pub(crate) async fn resume_wipes(&self) {
        let unfinished = match self.edges().store.list_unfinished().await {
            Ok(entries) => entries.into_iter().filter(|entry| entry.kind == KIND),
            Err(error) => {
                tracing::warn!(%error, "operations that were cut off could not be looked for");
                return;
            }
        };
        for entry in unfinished {
            if let Err(failure) = self.resume_wipe(&entry).await {
                tracing::warn!(code = %failure.code, step = entry.step, "a wipe that was cut off is still not finished");
            }
            self.send(Event::ConnectorsChanged);
        }
    }

    async fn resume_wipe(&self, entry: &JournalEntry) -> Result<(), Failure> {
        let wipe: Option<Wipe> = serde_json::from_value(entry.data.clone()).ok();
        let (Some(id), Some(step), Some(wipe)) = (&entry.connector, Step::named(&entry.step), wipe) else {
            self.end_wipe(entry.id).await;
            return Ok(());
        };
        if self.edges().store.get(id).await?.is_none() {
            // The connector goes last.
            self.end_wipe(entry.id).await;
            return Ok(());
        }
        let gate = self.record_gate(id);
        let _gate = gate.lock().await;
        let locks = (try_lock(self.data_dir(), id, Purpose::SignIn)?, self.try_lock_record(id).await?);
        let (Some(_no_sign_in), Some(_lock)) = locks else { return Ok(()) };
        // Whoever had the lock may have ended it in between.
        if !self.edges().store.list_unfinished().await?.iter().any(|open| open.id == entry.id) {
            return Ok(());
        }
        let record = self.current_record(id, self.patience()).await?;
        self.expect_here(&record).await?;
        let is_same = wipe.generation.is_none_or(|known| known == record.generation);
        if is_same || is_gone(&record, wipe.depth) {
            self.wipe_from(step, entry.id, record, wipe).await?;
            tracing::info!(connector = %id, step = entry.step, "a wipe that was cut off was finished");
        }
        self.end_wipe(entry.id).await;
        Ok(())
    }

    /// What another place holds cannot be wiped from here; it would only be lost sight of. What the journal names there goes
    /// when that place answers.
    ///
    /// Fails with `RPL-KEY-ELSEWHERE`.
    async fn expect_here(&self, record: &Credentials) -> Result<(), Failure> {
        let id = &record.connector;
        let place = self.stored(id).await?.sign_in.and_then(|facts| facts.stored_in);
        match place.filter(|place| record.is_empty() && *place != StoredIn::Memory) {
            Some(place) if place != self.edges().keychain.kind() && !self.is_noted_in(place, id).await? => {
                Err(Code::KeyElsewhere.into())
            }
            _ => Ok(()),
        }
    }

    async fn wipe_from(
        &self,
        first: Step,
        journal: JournalId,
        mut record: Credentials,
        mut wipe: Wipe,
    ) -> Result<Wipe, Failure> {
        let stored = self.edges().store.get(&record.connector).await?;
        for step in Step::ALL.into_iter().filter(|step| *step >= first) {
            self.edges().store.advance(journal, step.name(), &to_data(&wipe)?).await?;
            match step {
                Step::RevokeRefresh | Step::RevokeAccess | Step::DeleteRegistration => {
                    if let Some(stored) = &stored {
                        self.ask_service(step, &stored.connector, &record, &mut wipe).await;
                    }
                }
                Step::Keychain => {
                    self.empty_record(&mut record, wipe.depth).await?;
                    wipe.generation = Some(record.generation);
                    self.doom_copies(&record.connector).await?;
                }
                Step::Verify => self.verify(&record.connector, wipe.depth).await?,
                Step::Database => {
                    let standing =
                        stored.as_ref().and_then(|stored| stored.sign_in.as_ref().map(|facts| facts.standing));
                    self.drop_facts(&record, wipe.depth, standing).await?;
                }
            }
        }
        Ok(wipe)
    }

    async fn ask_service(&self, step: Step, connector: &Connector, record: &Credentials, wipe: &mut Wipe) {
        let trace = Trace::new();
        let surroundings = self.surroundings(connector).await;
        let ctx = surroundings.context(&trace);
        match step {
            Step::RevokeRefresh => wipe.revoked = revoke(&ctx, record, RevokedToken::Refresh).await,
            // Who does not answer is not asked twice.
            Step::RevokeAccess if wipe.revoked == ServiceAnswer::Unreachable => {}
            Step::RevokeAccess => {
                let access = revoke(&ctx, record, RevokedToken::Access).await;
                // The refresh token matters more: it ends the whole grant.
                if record.tokens.as_ref().is_some_and(|tokens| tokens.refresh.is_none()) {
                    wipe.revoked = access;
                }
            }
            _ if wipe.depth >= Depth::Registration => wipe.registration_deleted = delete_clients(&ctx, record).await,
            _ => {}
        }
    }

    async fn empty_record(&self, record: &mut Credentials, depth: Depth) -> Result<(), Failure> {
        record.tokens = None;
        if depth >= Depth::Registration {
            record.registration = None;
            record.unproven = None;
            record.orphans.clear();
        }
        if depth == Depth::Connector || record.is_empty() {
            *record = Credentials::empty(record.connector.clone());
        }
        self.write_record(record, self.patience()).await
    }

    /// Looks whether it is really gone.
    ///
    /// Fails with `RPL-KEY-WRITE-LOST`.
    async fn verify(&self, id: &ConnectorId, depth: Depth) -> Result<(), Failure> {
        let left = self.current_record(id, self.patience()).await?;
        let failure = || Failure::new(Code::KeyWriteLost).with_text("The keychain still holds what was deleted.");
        if is_gone(&left, depth) { Ok(()) } else { Err(failure()) }
    }

    async fn drop_facts(&self, record: &Credentials, depth: Depth, standing: Option<Standing>) -> Result<(), Failure> {
        let (store, id) = (&self.edges().store, &record.connector);
        if depth == Depth::Connector {
            store.delete(id).await?;
            return Ok(());
        }
        store.clear_intent(id).await?;
        let standing = match standing {
            Some(Standing::NotRequired) => Standing::NotRequired,
            _ => Standing::SignedOut,
        };
        self.publish(record, standing).await
    }
}

/// Whether a record holds nothing of what a wipe takes away.
fn is_gone(record: &Credentials, depth: Depth) -> bool {
    match depth {
        Depth::Tokens => record.tokens.is_none(),
        Depth::Registration => record.tokens.is_none() && record.registration.is_none() && record.unproven.is_none(),
        Depth::Connector => record.is_empty(),
    }
}

async fn revoke(ctx: &Context<'_>, record: &Credentials, which: RevokedToken) -> ServiceAnswer {
    match (&record.tokens, &record.registration) {
        (Some(tokens), Some(registration)) => {
            answer(replug_oauth::revoke_token(ctx, tokens, registration, which).await)
        }
        _ => ServiceAnswer::NotOffered,
    }
}

/// Deletes every registration the record knows of: the one that is used, the one that has not proved itself, and those that
/// were left behind.
async fn delete_clients(ctx: &Context<'_>, record: &Credentials) -> ServiceAnswer {
    let mut answers = Vec::new();
    for registration in [&record.registration, &record.unproven].into_iter().flatten() {
        answers.push(answer(replug_oauth::delete_registration(ctx, registration).await));
    }
    for orphan in &record.orphans {
        answers.push(answer(replug_oauth::delete_client(ctx, orphan).await));
    }
    let bad = |answer: &ServiceAnswer| match answer {
        ServiceAnswer::Yes => 0,
        ServiceAnswer::NotOffered => 1,
        ServiceAnswer::Unreachable => 2,
        ServiceAnswer::No => 3,
    };
    answers.into_iter().max_by_key(bad).unwrap_or(ServiceAnswer::NotOffered)
}

const fn answer(revoked: Revoked) -> ServiceAnswer {
    match revoked {
        Revoked::Yes => ServiceAnswer::Yes,
        Revoked::No => ServiceAnswer::No,
        Revoked::NotOffered => ServiceAnswer::NotOffered,
        Revoked::Unreachable => ServiceAnswer::Unreachable,
    }
}

/// A wipe that begins, for the journal.
fn entry(id: &ConnectorId, wipe: &Wipe) -> Result<NewJournalEntry, Failure> {
    let step = Step::RevokeRefresh.name().to_owned();
    Ok(NewJournalEntry { kind: KIND.to_owned(), connector: Some(id.clone()), step, data: to_data(wipe)? })
}

fn to_data(wipe: &Wipe) -> Result<serde_json::Value, Failure> {
    serde_json::to_value(wipe).map_err(|error| Failure::new(Code::LocalInternal).with_fact("Reason", error.to_string()))
}
