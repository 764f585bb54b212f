//! Where sign-ins are kept: the choice of a person, and carrying everything from one place to another. The encrypted file's
//! passphrase is in `passphrase`; what a record holds is none of this file's business.

use replug_core::{Code, Connector, Credentials, Failure, StoredIn};
use replug_keychain::{Keychain, Patience, SecretsFile};
use replug_store::{SignInFacts, Store, StoredConnector};
use tokio::sync::OwnedMutexGuard;

use crate::Engine;
use crate::lock::HeldLock;
use crate::records::expects_secrets;
use crate::wire::{Event, Keeping, Moved, Passphrase};

/// The setting that holds the choice.
const CHOICE: &str = "secrets";

/// Keeps everybody from a connector's record, in this process and in others.
pub(crate) type HeldRecord = (OwnedMutexGuard<()>, HeldLock);

/// What was found of one connector in the place that is left.
struct Found {
    connector: Connector,
    record: Option<Credentials>,
    /// Whether something stays in the former place.
    stays: bool,
}

/// The place that a person chose in an earlier run; `None` when nobody did.
pub(crate) async fn chosen(store: &Store) -> Result<Option<StoredIn>, Failure> {
    Ok(store.setting(CHOICE).await?.and_then(|value| serde_json::from_value(value).ok()))
}

impl Engine {
    /// Keeps sign-ins in another place from now on: writes everything there and reads it back, remembers the choice, and
    /// removes it from the former place. What cannot be reached in the former place stays there and is named.
    ///
    /// All or nothing: on a failure everything is where it was. Fails with `RPL-KEY-…` of either place.
    pub async fn keep_sign_ins_in(&self, wanted: Keeping) -> Result<Moved, Failure> {
        let mut turn = self.inner.wrong_passphrases.lock().await;
        let keychain = &self.edges().keychain;
        if wanted.store() == keychain.kind() && !keychain.is_shut() {
            return Ok(Moved::default());
        }
        let kept_file = match wanted {
            // Nothing is carried from the locked file into itself.
            Keeping::File { passphrase, fresh: false } if keychain.is_shut() => {
                return self.begin_file(passphrase, &mut turn).await;
            }
            Keeping::File { fresh: true, .. } => self.put_file_aside().await?,
            Keeping::File { .. } | Keeping::Keychain | Keeping::Memory => None,
        };
        match (self.move_to(wanted, &mut turn).await, kept_file) {
            (Ok(moved), kept_file) => Ok(Moved { kept_file, ..moved }),
            (Err(failure), None) => Err(failure),
            (Err(failure), Some(name)) => Err(self.put_file_back(failure, name).await),
        }
    }

    /// Asks the keychain once more, after it was started or unlocked. A system that can ask the person to unlock it does.
    ///
    /// Fails as the keychain does. When it is still asking the person, [`Event::KeychainChanged`] follows later.
    pub async fn try_keychain(&self) -> Result<(), Failure> {
        let outcome = self.edges().keychain.probe_writable(self.patience()).await;
        match &outcome {
            Ok(()) => self.reached_again().await,
            Err(failure) => self.follow_up(failure),
        }
        outcome
    }

    /// A call that asks the person goes on after the caller was told; when it has ended, everybody hears of it.
    fn follow_up(&self, failure: &Failure) {
        if matches!(failure.code, Code::KeyLocked | Code::KeyBusy) {
            let engine = self.clone();
            tokio::spawn(async move {
                engine.edges().keychain.wait_for_pending().await;
                engine.reached_again().await;
            });
        }
    }

    /// Tells the shells that the place of the sign-ins is another one, or in another condition; connectors with secrets in
    /// it are checked again when it can be reached.
    pub(crate) async fn reached_again(&self) {
        self.send(Event::KeychainChanged);
        if self.edges().keychain.look(self.patience()).await.is_err() {
            return;
        }
        match self.edges().store.list().await {
            Ok(stored) => {
                let again = stored.into_iter().filter(|stored| {
                    !stored.connector.paused && stored.health.checked_at.is_some() && has_secrets(stored)
                });
                self.check_in_background(again.map(|stored| stored.connector.id).collect());
            }
            // Whoever reads the list next is told.
            Err(error) => tracing::warn!(%error, "connectors could not be checked again"),
        }
    }

    /// Whether a check of this connector has to wait until the encrypted file is unlocked.
    pub(crate) fn waits_for_passphrase(&self, stored: &StoredConnector) -> bool {
        self.edges().keychain.is_shut() && has_secrets(stored)
    }

    /// Opens the file that was named at the start, or begins it.
    async fn begin_file(&self, passphrase: Passphrase, wrong_passphrases: &mut u32) -> Result<Moved, Failure> {
        let file = self.open_file(passphrase, wrong_passphrases).await?;
        file.probe_writable(self.patience()).await?;
        self.remember(StoredIn::File).await?;
        drop(self.edges().keychain.replace(file));
        self.reached_again().await;
        Ok(Moved::default())
    }

    async fn move_to(&self, wanted: Keeping, wrong_passphrases: &mut u32) -> Result<Moved, Failure> {
        let kind = wanted.store();
        let next = self.place_of(wanted, wrong_passphrases).await?;
        next.probe_writable(self.patience()).await?;
        let stored = self.edges().store.list().await?;
        let _held = self.hold_records(&stored).await?;
        let found = self.gather(&stored).await?;
        carry(&next, &found).await?;
        if let Err(failure) = self.remember(kind).await {
            take_back(&next, &found).await;
            return Err(failure);
        }
        let former = self.edges().keychain.replace(next);
        self.note_place(&found, kind).await;
        let moved = clear(&former, found).await;
        self.reached_again().await;
        Ok(moved)
    }

    async fn place_of(&self, wanted: Keeping, wrong_passphrases: &mut u32) -> Result<Keychain, Failure> {
        match wanted {
            Keeping::File { passphrase, .. } => self.open_file(passphrase, wrong_passphrases).await,
            Keeping::Keychain | Keeping::Memory => {
                let random = self.edges().random.clone();
                Keychain::open(wanted.store(), self.data_dir(), None, random)
            }
        }
    }

    /// Holds every record, so that nobody writes one while all are carried over. Everybody takes them in the same order.
    pub(crate) async fn hold_records(&self, stored: &[StoredConnector]) -> Result<Vec<HeldRecord>, Failure> {
        let mut held = Vec::with_capacity(stored.len());
        for stored in stored {
            let id = &stored.connector.id;
            let gate = self.record_gate(id).lock_owned().await;
            held.push((gate, self.lock_record(id).await?));
        }
        Ok(held)
    }

    async fn gather(&self, stored: &[StoredConnector]) -> Result<Vec<Found>, Failure> {
        let reachable = self.edges().keychain.look(self.patience()).await.is_ok();
        let mut found = Vec::with_capacity(stored.len());
        for stored in stored {
            let (record, stays) = if reachable { self.present(stored).await? } else { self.out_of_reach(stored) };
            found.push(Found { connector: stored.connector.clone(), record, stays });
        }
        Ok(found)
    }

    /// What a place that can be read holds. What it cannot give back in full stays there.
    async fn present(&self, stored: &StoredConnector) -> Result<(Option<Credentials>, bool), Failure> {
        let id = &stored.connector.id;
        if self.is_unsaved(id) {
            return self.current_record(id, Patience::Background).await.map(|record| (Some(record), false));
        }
        match self.edges().keychain.read(id, Patience::Background).await {
            Ok(record) => Ok((record, false)),
            Err(failure) if failure.code == Code::KeyUnreadable => Ok((None, true)),
            Err(failure) => Err(failure),
        }
    }

    /// What is known of a record whose place cannot be read: the one that this place did not take, and whether there is one.
    fn out_of_reach(&self, stored: &StoredConnector) -> (Option<Credentials>, bool) {
        let elsewhere = stored.sign_in.as_ref().and_then(|facts| facts.stored_in);
        let here = self.edges().keychain.kind();
        let stays = has_secrets(stored) && elsewhere.is_none_or(|place| place == here);
        (self.unsaved_record(&stored.connector.id), stays)
    }

    /// Memory is chosen for this run only.
    async fn remember(&self, kind: StoredIn) -> Result<(), Failure> {
        if kind == StoredIn::Memory {
            return Ok(());
        }
        let value = serde_json::to_value(kind)
            .map_err(|error| Failure::new(Code::LocalInternal).with_fact("Reason", error.to_string()))?;
        Ok(self.edges().store.set_setting(CHOICE, &value).await?)
    }

    /// The facts follow the records. They are for show; what counts is in the place itself.
    async fn note_place(&self, found: &[Found], kind: StoredIn) {
        for connector in found.iter().filter(|found| found.record.is_some()).map(|found| &found.connector) {
            self.drop_unsaved(&connector.id);
            let facts = |before: Option<SignInFacts>| {
                before.map(|facts| SignInFacts { stored_in: facts.stored_in.map(|_| kind), ..facts })
            };
            if let Err(error) = self.edges().store.update_sign_in(&connector.id, facts).await {
                tracing::warn!(connector = %connector.id, %error, "where a sign-in is kept could not be noted");
            }
        }
    }

    async fn put_file_aside(&self) -> Result<Option<String>, Failure> {
        let stamp = self.edges().clock.now().strftime("%Y%m%dT%H%M%SZ").to_string();
        self.with_file(move |file| Ok(file.put_aside(&stamp)?)).await
    }

    async fn put_file_back(&self, failure: Failure, name: String) -> Failure {
        let kept = name.clone();
        match self.with_file(move |file| Ok(file.put_back(&name)?)).await {
            Ok(()) => failure,
            // Nothing is lost: the person is told under which name it is.
            Err(_) => failure.with_fact("Encrypted file kept as", kept),
        }
    }

    /// Works on the encrypted file outside the runtime: it waits for locks, and a key takes a while.
    pub(crate) async fn with_file<T: Send + 'static>(
        &self,
        work: impl FnOnce(&SecretsFile) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let file = SecretsFile::of(self.data_dir());
        let done = tokio::task::spawn_blocking(move || work(&file)).await;
        done.unwrap_or_else(|error| Err(Failure::new(Code::LocalInternal).with_fact("Reason", error.to_string())))
    }
}

fn has_secrets(stored: &StoredConnector) -> bool {
    expects_secrets(&stored.connector, stored.sign_in.as_ref())
}

/// Writes all records to the new place, or none. Each one is read back.
async fn carry(next: &Keychain, found: &[Found]) -> Result<(), Failure> {
    for found_one in found {
        let Some(record) = &found_one.record else { continue };
        let label = crate::records::label(&found_one.connector);
        if let Err(failure) = next.write(record, &label, Patience::Background).await {
            take_back(next, found).await;
            return Err(failure);
        }
    }
    Ok(())
}

/// Removes from the new place what was carried there. A copy that stays is overwritten by the next attempt.
async fn take_back(next: &Keychain, found: &[Found]) {
    for found in found.iter().filter(|found| found.record.is_some()) {
        if let Err(failure) = next.delete(&found.connector.id, Patience::Background).await {
            tracing::warn!(connector = %found.connector.id, code = %failure.code, "a copy stays in the new place");
        }
    }
}

/// Removes from the former place what is in the new one, and counts what stays.
async fn clear(former: &Keychain, found: Vec<Found>) -> Moved {
    let mut moved = Moved::default();
    for Found { connector, record, stays } in found {
        let carried = record.is_some();
        moved.carried += u32::from(carried);
        if stays || (carried && former.delete(&connector.id, Patience::Background).await.is_err()) {
            moved.left_behind.push(connector.name);
        }
    }
    if moved.left_behind.is_empty()
        && let Err(failure) = former.retire(Patience::Background).await
    {
        tracing::warn!(code = %failure.code, "an empty place of sign-ins could not be removed");
    }
    moved
}
