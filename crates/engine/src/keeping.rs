//! Where sign-ins are kept: the choice of a person, trying the place again, and following a choice that another process made.
//! Carrying everything from one place to another is in `carry`, what stays behind in `copies`; the encrypted file's passphrase is
//! in `passphrase`. What a record holds is none of this folder's business.

mod carry;
mod copies;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use replug_core::{Code, Failure, StoredIn};
use replug_store::{Store, StoreError, StoredConnector};

use crate::Engine;
use crate::lock::{HeldLock, Hold, lock_place};
use crate::records::{RECORD_PATIENCE, expects_secrets};
use crate::wire::{Event, Keeping, Moved, Passphrase};

/// The setting that holds the choice.
const CHOICE: &str = "secrets";

/// What this process knows about the choice of the place, and who is at it.
#[derive(Debug)]
pub(crate) struct Course {
    /// Whether the place in use is the chosen one. Another one was named at the start of this process, for this process.
    follows: AtomicBool,
    /// Held while the choice and the place in use change together.
    exchange: tokio::sync::Mutex<()>,
    /// Held by the one task that waits for a keychain that is asking the person.
    waiting: Arc<tokio::sync::Mutex<()>>,
}

impl Default for Course {
    fn default() -> Self {
        Self { follows: AtomicBool::new(true), exchange: tokio::sync::Mutex::default(), waiting: Arc::default() }
    }
}

/// The place that a person chose in an earlier run; `None` when nobody did.
///
/// Fails with `RPL-KEY-PLACE-UNKNOWN` when what is stored cannot be read: guessing would hide every sign-in.
pub(crate) async fn chosen(store: &Store) -> Result<Option<StoredIn>, Failure> {
    match store.vital_setting(CHOICE).await {
        Ok(None) => Ok(None),
        Ok(Some(value)) => serde_json::from_value(value).map(Some).map_err(|_| Code::KeyPlaceUnknown.into()),
        Err(StoreError::Unreadable { .. }) => Err(Code::KeyPlaceUnknown.into()),
        Err(error) => Err(error.into()),
    }
}

impl Engine {
    /// Keeps sign-ins in another place from now on: writes everything there and reads it back, remembers the choice, and
    /// removes it from the former place. What cannot be reached in the former place stays there and is named.
    ///
    /// All or nothing: on a failure every sign-in is where it was. What could then not be removed from the new place, because
    /// it does not answer, is written down and removed later; see `copies`. Memory empties no place, and the choice is not
    /// remembered.
    ///
    /// Fails with `RPL-KEY-PLACE-WORKS` when memory is asked for in the stead of a place that answers, or a new file in the
    /// stead of one that is open; with `RPL-KEY-PASSPHRASE` when the passphrase does not open the file, also when the file is
    /// in use already; with `RPL-LOCAL-BUSY` while another process is at a sign-in; with `RPL-KEY-…` of either place.
    pub async fn keep_sign_ins_in(&self, wanted: Keeping) -> Result<Moved, Failure> {
        let mut turn = self.inner.wrong_passphrases.lock().await;
        self.follow_choice().await?;
        let keychain = &self.edges().keychain;
        let (same, shut) = (wanted.store() == keychain.kind(), keychain.is_shut());
        match wanted {
            Keeping::File { passphrase, fresh: false } if same && shut => self.begin_file(passphrase, &mut turn).await,
            Keeping::File { passphrase, fresh: false } if same => {
                self.open_file(passphrase, &mut turn).await?;
                self.mend_choice(StoredIn::File).await
            }
            Keeping::File { fresh: true, .. } if same && !shut => Err(Failure::new(Code::KeyPlaceWorks)
                .with_text("The encrypted file is open. Change its passphrase instead.")),
            Keeping::Keychain | Keeping::Memory if same => self.mend_choice(wanted.store()).await,
            Keeping::Memory if keychain.look(self.patience()).await.is_ok() => Err(Code::KeyPlaceWorks.into()),
            Keeping::File { fresh: true, .. } => self.move_to_fresh_file(wanted, &mut turn).await,
            Keeping::File { .. } | Keeping::Keychain | Keeping::Memory => self.move_to(wanted, &mut turn).await,
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

    /// A call that asks the person goes on after the caller was told; when it has ended, everybody hears of it, once.
    fn follow_up(&self, failure: &Failure) {
        if !matches!(failure.code, Code::KeyLocked | Code::KeyBusy) {
            return;
        }
        let Ok(waiting) = Arc::clone(&self.inner.course.waiting).try_lock_owned() else { return };
        let engine = self.clone();
        tokio::spawn(async move {
            engine.edges().keychain.wait_for_pending().await;
            drop(waiting);
            engine.reached_again().await;
        });
    }

    /// Tells the shells that the place of the sign-ins is another one, or in another condition; connectors with secrets in
    /// it are checked again when it can be reached.
    pub(crate) async fn reached_again(&self) {
        self.send(Event::KeychainChanged);
        if self.edges().keychain.look(self.patience()).await.is_err() {
            return;
        }
        // What could not be finished at the start without this place.
        let engine = self.clone();
        self.inner.renewals.spawn(async move {
            // Whoever carries everything over holds the place until the end.
            drop(lock_place(engine.data_dir(), Hold::Shared, RECORD_PATIENCE).await);
            engine.resume_wipes().await;
        });
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

    /// This process uses a place that was named at its start; what is chosen is another one.
    pub(crate) fn use_named_place(&self) {
        self.inner.course.follows.store(false, Ordering::Relaxed);
    }

    /// Takes the place into use that another process has chosen meanwhile. The encrypted file stays shut until somebody gives
    /// its passphrase here too. Returns whether the place in use is another one now.
    ///
    /// A place that was named at the start is used to the end, and so is memory, which a person chose for this run.
    pub(crate) async fn follow_choice(&self) -> Result<bool, Failure> {
        let (course, keychain) = (&self.inner.course, &self.edges().keychain);
        if !course.follows.load(Ordering::Relaxed) || keychain.kind() == StoredIn::Memory {
            return Ok(false);
        }
        let _exchange = course.exchange.lock().await;
        let Some(chosen) = chosen(&self.edges().store).await?.filter(|chosen| *chosen != keychain.kind()) else {
            return Ok(false);
        };
        drop(keychain.replace(keychain.another(chosen, self.data_dir(), None)?));
        self.send(Event::KeychainChanged);
        Ok(true)
    }

    /// Another process has given the open file another passphrase, or begun a new one: it is shut until the new passphrase is
    /// given here too.
    pub(crate) async fn shut_file(&self) -> Result<(), Failure> {
        let keychain = &self.edges().keychain;
        let _exchange = self.inner.course.exchange.lock().await;
        if keychain.kind() == StoredIn::File && !keychain.is_shut() {
            drop(keychain.replace(keychain.another(StoredIn::File, self.data_dir(), None)?));
            self.send(Event::KeychainChanged);
        }
        Ok(())
    }

    /// Opens the file that was named at the start, or begins it.
    async fn begin_file(&self, passphrase: Passphrase, wrong_passphrases: &mut u32) -> Result<Moved, Failure> {
        let file = self.open_file(passphrase, wrong_passphrases).await?;
        file.probe_writable(self.patience()).await?;
        let exchange = self.inner.course.exchange.lock().await;
        self.remember(StoredIn::File).await?;
        drop(self.edges().keychain.replace(file));
        drop(exchange);
        self.reached_again().await;
        Ok(Moved::default())
    }

    /// A place that is in use already needs no carrying; a stored choice that cannot be read is written anew.
    async fn mend_choice(&self, kind: StoredIn) -> Result<Moved, Failure> {
        if chosen(&self.edges().store).await.is_err_and(|failure| failure.code == Code::KeyPlaceUnknown) {
            self.remember(kind).await?;
        }
        Ok(Moved::default())
    }

    /// Keeps everybody from every record, in this process and in others, while all are carried over or encrypted anew.
    ///
    /// Fails with `RPL-LOCAL-BUSY` when somebody is at one for longer than a minute.
    pub(crate) async fn hold_place(&self) -> Result<HeldLock, Failure> {
        lock_place(self.data_dir(), Hold::Alone, RECORD_PATIENCE).await
    }

    /// Memory is chosen for this run only.
    async fn remember(&self, kind: StoredIn) -> Result<(), Failure> {
        if kind == StoredIn::Memory {
            return Ok(());
        }
        let value = serde_json::to_value(kind)
            .map_err(|error| Failure::new(Code::LocalInternal).with_fact("Reason", error.to_string()))?;
        self.edges().store.set_setting(CHOICE, &value).await?;
        self.inner.course.follows.store(true, Ordering::Relaxed);
        Ok(())
    }
}

fn has_secrets(stored: &StoredConnector) -> bool {
    expects_secrets(&stored.connector, stored.sign_in.as_ref())
}
