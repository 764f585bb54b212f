//! Carrying every record from the place in use to another: all or nothing, and nobody writes meanwhile. Which place, and whether
//! it may be left, is decided above; copies that could not be removed are in `copies`.

use std::time::Duration;

use replug_core::{Code, Connector, ConnectorId, Credentials, Failure, StoredIn};
use replug_keychain::{Keychain, Patience, SecretsFile};
use replug_store::{SignInFacts, StoredConnector};

use super::copies::MoveNote;
use super::has_secrets;
use crate::Engine;
use crate::wire::{Keeping, Moved};

/// How long a place that has not answered in time may go on, before what it was told is left to be removed later.
const PENDING: Duration = Duration::from_secs(30);

/// What was found of one connector in the place that is left.
pub(super) struct Found {
    pub(super) connector: Connector,
    pub(super) record: Option<Credentials>,
    /// Whether something stays in the former place.
    pub(super) stays: bool,
    /// Whether nothing is kept for this connector: what another place may hold of it is out of date.
    pub(super) empty: bool,
}

impl Engine {
    pub(super) async fn move_to(&self, wanted: Keeping, wrong_passphrases: &mut u32) -> Result<Moved, Failure> {
        let next = self.place_of(wanted, wrong_passphrases).await?;
        let _alone = self.hold_place().await?;
        self.carry_to(next).await
    }

    /// Puts the file that is there aside and begins a new one. Nobody writes to either in between.
    pub(super) async fn move_to_fresh_file(
        &self,
        wanted: Keeping,
        wrong_passphrases: &mut u32,
    ) -> Result<Moved, Failure> {
        let _alone = self.hold_place().await?;
        let kept_file = self.put_file_aside().await?;
        let moved = match self.place_of(wanted, wrong_passphrases).await {
            Ok(next) => self.carry_to(next).await,
            Err(failure) => Err(failure),
        };
        match (moved, kept_file) {
            (Ok(moved), kept_file) => Ok(Moved { kept_file, ..moved }),
            (Err(failure), None) => Err(failure),
            (Err(failure), Some(name)) => Err(self.put_file_back(failure, name).await),
        }
    }

    async fn place_of(&self, wanted: Keeping, wrong_passphrases: &mut u32) -> Result<Keychain, Failure> {
        match wanted {
            Keeping::File { passphrase, .. } => self.open_file(passphrase, wrong_passphrases).await,
            Keeping::Keychain | Keeping::Memory => self.edges().keychain.another(wanted.store(), self.data_dir(), None),
        }
    }

    /// Carries everything to the next place and takes that into use. The caller holds the place alone.
    async fn carry_to(&self, next: Keychain) -> Result<Moved, Failure> {
        if self.follow_choice().await? {
            return Err(Failure::new(Code::LocalBusy).with_text("Another Replug has just moved the sign-ins."));
        }
        next.probe_writable(self.patience()).await?;
        let found = self.gather(&self.edges().store.list().await?).await?;
        let kind = next.kind();
        let note = self.note_move(self.edges().keychain.kind(), kind, &found).await?;
        let mut written = Vec::new();
        let exchange = self.inner.course.exchange.lock().await;
        let chosen = match self.fill(&next, &found, &mut written).await {
            Ok(()) => self.remember(kind).await,
            failed => failed,
        };
        if let Err(failure) = chosen {
            let left = take_back(&next, written).await;
            self.end_note(note, kind, left, &[]).await;
            return Err(failure);
        }
        let former = self.edges().keychain.replace(next);
        drop(exchange);
        self.forget_notes_of(kind, note.as_ref()).await;
        self.note_place(&found, kind).await;
        let moved = self.leave_place(&former, found, note).await;
        self.reached_again().await;
        Ok(moved)
    }

    async fn gather(&self, stored: &[StoredConnector]) -> Result<Vec<Found>, Failure> {
        let reachable = self.edges().keychain.look(self.patience()).await.is_ok();
        let mut found = Vec::with_capacity(stored.len());
        for stored in stored {
            let (record, stays) = if reachable { self.present(stored).await? } else { self.out_of_reach(stored) };
            let empty = record.is_none() && !stays && !has_secrets(stored);
            found.push(Found { connector: stored.connector.clone(), record, stays, empty });
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

    /// Writes all records to the new place, each one read back, and drops what that place still holds of others: it must not
    /// come back. What may have been written is in `written`, whatever the outcome.
    async fn fill(&self, next: &Keychain, found: &[Found], written: &mut Vec<ConnectorId>) -> Result<(), Failure> {
        for found in found {
            if let Some(record) = &found.record {
                written.push(found.connector.id.clone());
                next.write(record, &crate::records::label(&found.connector), Patience::Background).await?;
            }
        }
        let empty = found.iter().filter(|found| found.empty).map(|found| found.connector.id.clone());
        let mut gone: Vec<ConnectorId> = empty.chain(self.doomed_in(next.kind()).await?).collect();
        gone.retain(|id| !written.contains(id));
        for id in gone {
            next.delete(&id, Patience::Background).await?;
        }
        Ok(())
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

    /// Removes from the former place what is in the new one, and counts what stays. Memory ends with this run, so for its
    /// sake nothing is removed anywhere.
    async fn leave_place(&self, former: &Keychain, found: Vec<Found>, note: Option<MoveNote>) -> Moved {
        let empties = self.edges().keychain.kind() != StoredIn::Memory;
        let (mut moved, mut left, mut kept) = (Moved::default(), Vec::new(), Vec::new());
        for Found { connector, record, stays, .. } in found {
            moved.carried += u32::from(record.is_some());
            let cleared =
                record.is_none() || (empties && former.delete(&connector.id, Patience::Background).await.is_ok());
            if !cleared {
                left.push(connector.id.clone());
            } else if stays {
                kept.push(connector.id.clone());
            }
            if stays || !cleared {
                moved.left_behind.push(connector.name);
            }
        }
        if moved.left_behind.is_empty()
            && let Err(failure) = former.retire(Patience::Background).await
        {
            tracing::warn!(code = %failure.code, "an empty place of sign-ins could not be removed");
        }
        self.end_note(note, former.kind(), left, &kept).await;
        moved
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

/// Removes from the new place what this attempt has written there, and returns what could not be removed. A write that did not
/// end in time is waited for, because it would come after its removal.
async fn take_back(next: &Keychain, written: Vec<ConnectorId>) -> Vec<ConnectorId> {
    if tokio::time::timeout(PENDING, next.wait_for_pending()).await.is_err() {
        return written;
    }
    let mut left = Vec::new();
    for id in written {
        if let Err(failure) = next.delete(&id, Patience::Background).await {
            tracing::warn!(connector = %id, code = %failure.code, "a copy stays in the new place for now");
            left.push(id);
        }
    }
    left
}
