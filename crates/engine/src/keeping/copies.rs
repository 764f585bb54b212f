//! Copies of records that stay in a place that is not in use: written down before they are made, and removed once the place
//! answers. Which records are carried is in `carry`.
//!
//! Only the place that is chosen may hold a record that counts. What the journal names is removed from every other place, at the
//! start of a program and after a wipe; so a move that was killed is tidied up whichever place it had come to. A record
//! that could not be read when its place was left has no copy: it is kept until its connector is wiped, or until
//! that place is in use again. The encrypted file opens with its passphrase only, so copies in it wait until it is chosen
//! again, and are dropped then.

use replug_core::{Code, ConnectorId, Failure, StoredIn};
use replug_keychain::Keychain;
use replug_store::{JournalEntry, JournalId, NewJournalEntry};
use serde::{Deserialize, Serialize};

use super::carry::Found;
use super::chosen;
use crate::Engine;
use crate::lock::{Hold, try_place};

/// What the journal calls such copies.
const KIND: &str = "copies";

/// What stays where. No secret is in it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Copies {
    /// The places it may be in.
    places: Vec<StoredIn>,
    /// What goes from each of these places that is not the chosen one.
    doomed: Vec<ConnectorId>,
    /// What is in no other place.
    kept: Vec<ConnectorId>,
}

/// A move in the journal.
pub(super) struct MoveNote(JournalId);

impl Engine {
    /// Writes down what is about to be carried, before the first copy is made. Memory leaves nothing behind.
    pub(super) async fn note_move(
        &self,
        former: StoredIn,
        next: StoredIn,
        found: &[Found],
    ) -> Result<Option<MoveNote>, Failure> {
        let places: Vec<_> = [former, next].into_iter().filter(|place| *place != StoredIn::Memory).collect();
        let doomed = ids_of(found, |found| found.record.is_some());
        let kept = ids_of(found, |found| found.record.is_none() && found.stays);
        if next == StoredIn::Memory {
            return Ok(None);
        }
        self.note_copies(&Copies { places, doomed, kept }).await.map(Some)
    }

    /// Leaves in the journal what stays in this place after all; strikes the move when that is nothing.
    pub(super) async fn end_note(
        &self,
        note: Option<MoveNote>,
        place: StoredIn,
        doomed: Vec<ConnectorId>,
        kept: &[ConnectorId],
    ) {
        let Some(MoveNote(journal)) = note else { return };
        let places = [place].into_iter().filter(|place| *place != StoredIn::Memory).collect();
        self.update_copies(journal, &Copies { places, doomed, kept: kept.to_vec() }).await;
    }

    /// What a place may still hold of what is gone.
    pub(super) async fn doomed_in(&self, place: StoredIn) -> Result<Vec<ConnectorId>, Failure> {
        let noted = self.noted_copies().await?;
        let here = noted.into_iter().filter(|(_, copies)| copies.places.contains(&place));
        Ok(here.flat_map(|(_, copies)| copies.doomed).collect())
    }

    /// A place that is in use again holds what counts: nothing in it is a copy any more.
    pub(super) async fn forget_notes_of(&self, place: StoredIn, but: Option<&MoveNote>) {
        let noted = match self.noted_copies().await {
            Ok(noted) => noted,
            Err(failure) => return not_tidied(&failure),
        };
        for (journal, mut copies) in noted {
            if but.is_none_or(|note| note.0 != journal) {
                copies.places.retain(|named| *named != place);
                self.update_copies(journal, &copies).await;
            }
        }
    }

    /// Whether it is written down that this place may still hold something of a connector.
    pub(crate) async fn is_noted_in(&self, place: StoredIn, id: &ConnectorId) -> Result<bool, Failure> {
        let names = |copies: &Copies| copies.kept.contains(id) || copies.doomed.contains(id);
        Ok(self.noted_copies().await?.iter().any(|(_, copies)| copies.places.contains(&place) && names(copies)))
    }

    /// Writes down that nothing of this connector may be kept in a former place.
    pub(crate) async fn doom_copies(&self, id: &ConnectorId) -> Result<(), Failure> {
        for (_, copies) in self.noted_copies().await? {
            if copies.kept.contains(id) {
                self.note_copies(&Copies { doomed: vec![id.clone()], kept: Vec::new(), ..copies }).await?;
            }
        }
        Ok(())
    }

    /// Removes what is left in places that are not in use, as far as they answer without asking the person. What cannot be
    /// removed now stays written down.
    pub(crate) async fn clear_copies(&self) {
        if let Err(failure) = self.try_clear_copies().await {
            not_tidied(&failure);
        }
    }

    /// Removes what is left in a former place, or says why nobody can forget about it yet. A keychain that is not there any more
    /// holds nothing that could be removed.
    ///
    /// Fails with `RPL-KEY-…` of that place.
    pub(crate) async fn expect_no_copies(&self) -> Result<(), Failure> {
        self.clear_copies().await;
        let in_keychain = |copies: &Copies| !copies.doomed.is_empty() && copies.places.contains(&StoredIn::Keychain);
        if !self.noted_copies().await?.iter().any(|(_, copies)| in_keychain(copies)) {
            return Ok(());
        }
        let former = self.edges().keychain.another(StoredIn::Keychain, self.data_dir(), None)?;
        match former.look(self.patience()).await {
            Ok(()) => Err(Code::KeyFailed.into()),
            Err(failure) if failure.code == Code::KeyMissing => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    async fn try_clear_copies(&self) -> Result<(), Failure> {
        if self.noted_copies().await?.is_empty() {
            return Ok(());
        }
        // While somebody carries everything over, what is a copy is not settled; it will be at the next start.
        let Some(_nobody_moves) = try_place(self.data_dir(), Hold::Shared)? else { return Ok(()) };
        self.follow_choice().await?;
        let store = &self.edges().store;
        let chosen = chosen(store).await?.unwrap_or(StoredIn::Keychain);
        // A place that was only named for this program is not touched, and not forgotten either.
        let in_use = self.edges().keychain.kind();
        for (journal, mut copies) in self.noted_copies().await? {
            let mut places = Vec::new();
            for place in copies.places.iter().copied().filter(|place| *place != chosen) {
                if place == in_use || !self.clear_place(place, &copies.doomed).await {
                    places.push(place);
                }
            }
            if places.is_empty() {
                copies.doomed.clear();
            } else {
                copies.places = places;
            }
            self.update_copies(journal, &copies).await;
        }
        Ok(())
    }

    /// Whether nothing of these is left in a place.
    async fn clear_place(&self, place: StoredIn, doomed: &[ConnectorId]) -> bool {
        if doomed.is_empty() {
            return true;
        }
        match self.edges().keychain.another(place, self.data_dir(), None) {
            Ok(former) if former.look(self.patience()).await.is_ok() => self.delete_all(&former, doomed).await,
            Ok(_) => false,
            Err(failure) => {
                not_tidied(&failure);
                false
            }
        }
    }

    async fn delete_all(&self, former: &Keychain, doomed: &[ConnectorId]) -> bool {
        let mut all = true;
        for id in doomed {
            if let Err(failure) = former.delete(id, self.patience()).await {
                not_tidied(&failure);
                all = false;
            }
        }
        all
    }

    async fn note_copies(&self, copies: &Copies) -> Result<MoveNote, Failure> {
        let entry =
            NewJournalEntry { kind: KIND.to_owned(), connector: None, step: KIND.to_owned(), data: to_data(copies)? };
        Ok(MoveNote(self.edges().store.begin(&entry).await?))
    }

    async fn noted_copies(&self) -> Result<Vec<(JournalId, Copies)>, Failure> {
        let read = |entry: JournalEntry| Some((entry.id, serde_json::from_value(entry.data).ok()?));
        let entries = self.edges().store.list_unfinished().await?.into_iter();
        Ok(entries.filter(|entry| entry.kind == KIND).filter_map(read).collect())
    }

    /// Writes down what is left; nothing is struck. The next start finds it as it was when that fails.
    async fn update_copies(&self, journal: JournalId, copies: &Copies) {
        let store = &self.edges().store;
        let nothing = copies.places.is_empty() || (copies.doomed.is_empty() && copies.kept.is_empty());
        let written = if nothing {
            store.finish(journal).await.map_err(Failure::from)
        } else {
            match to_data(copies) {
                Ok(data) => store.advance(journal, KIND, &data).await.map_err(Failure::from),
                Err(failure) => Err(failure),
            }
        };
        if let Err(failure) = written {
            not_tidied(&failure);
        }
    }
}

fn ids_of(found: &[Found], fits: fn(&Found) -> bool) -> Vec<ConnectorId> {
    found.iter().filter(|found| fits(found)).map(|found| found.connector.id.clone()).collect()
}

fn not_tidied(failure: &Failure) {
    tracing::warn!(code = %failure.code, "copies in a former place of the sign-ins are not tidied up yet");
}

fn to_data(copies: &Copies) -> Result<serde_json::Value, Failure> {
    serde_json::to_value(copies)
        .map_err(|error| Failure::new(Code::LocalInternal).with_fact("Reason", error.to_string()))
}
