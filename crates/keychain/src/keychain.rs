//! The keychain as the rest of Replug sees it: asynchronous, bounded, and checked after every change. When a sign-in is read
//! or written is decided by its callers.

use std::mem;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use replug_core::{Code, ConnectorId, Credentials, CredentialsError, Failure, Random, Secret, StoredIn};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::lock::LockFile;
use crate::parts::Records;
use crate::worker::{Activity, Opener, Worker};
use crate::{FileStore, MemoryStore, OsStore, SecretsFile, SelfTest, Store, StoreError};

/// How long a caller waits for the keychain, which may be asking the person something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// A person looks at a window: three seconds, then the window says what it waits for.
    Window,
    /// Nobody looks: thirty seconds.
    Background,
    /// Exactly this long.
    For(Duration),
}

impl Patience {
    const fn limit(self) -> Duration {
        match self {
            Self::Window => Duration::from_secs(3),
            Self::Background => Duration::from_secs(30),
            Self::For(limit) => limit,
        }
    }
}

/// The place where connectors' secrets are kept.
///
/// Every method may be called from an asynchronous runtime and never blocks it. A call that takes longer than the caller's
/// patience fails with [`Code::KeyBusy`], or with [`Code::KeyLocked`] when it waits for the person to unlock the keychain;
/// it goes on all the same. While it does, other calls fail at once, so that the person is never asked twice;
/// [`Keychain::wait_for_pending`] tells when it has ended. A write that ended this way may or may not have happened: read.
///
/// The place behind it can be changed while it is in use, with [`Keychain::replace`].
pub struct Keychain {
    place: RwLock<Arc<Place>>,
    random: Arc<dyn Random>,
    /// The system's keychain, whichever place is in use.
    system: System,
}

/// Opens the system's keychain, given the folder of its lock.
type System = Arc<dyn Fn(&Path) -> Result<Records, StoreError> + Send + Sync>;

/// A store with the thread that owns it.
struct Place {
    worker: Worker,
    kind: StoredIn,
    /// Whether this is the encrypted file, and nobody has given its passphrase.
    shut: bool,
}

impl Keychain {
    /// Takes the keychain of this kind into use. Nothing is contacted before the first call, and a store that could not be
    /// opened is tried again by the next one.
    ///
    /// The file lies in `data_dir`, which also holds the lock files. The passphrase is for [`StoredIn::File`] only; without
    /// one the file stays shut, and every call fails with [`Code::KeyFileLocked`]. An empty one is refused with
    /// [`Code::KeyPassphrase`].
    pub fn open(
        kind: StoredIn,
        data_dir: &Path,
        passphrase: Option<Secret<String>>,
        random: Arc<dyn Random>,
    ) -> Result<Self, Failure> {
        Self::open_on(Arc::new(open_system), kind, data_dir, passphrase, random)
    }

    /// Another place on the same computer, to carry records there or to take it into use with [`Keychain::replace`]. As
    /// [`Keychain::open`].
    pub fn another(
        &self,
        kind: StoredIn,
        data_dir: &Path,
        passphrase: Option<Secret<String>>,
    ) -> Result<Self, Failure> {
        Self::open_on(Arc::clone(&self.system), kind, data_dir, passphrase, Arc::clone(&self.random))
    }

    fn open_on(
        system: System,
        kind: StoredIn,
        data_dir: &Path,
        passphrase: Option<Secret<String>>,
        random: Arc<dyn Random>,
    ) -> Result<Self, Failure> {
        let locks = data_dir.join("locks");
        let opener: Opener = match kind {
            StoredIn::Keychain => {
                let system = Arc::clone(&system);
                Box::new(move || system(&locks))
            }
            StoredIn::File => {
                let Some(passphrase) = passphrase else { return Self::shut(system, random) };
                if passphrase.expose().is_empty() {
                    return Err(no_passphrase());
                }
                let (path, random) = (SecretsFile::of(data_dir).path().to_owned(), Arc::clone(&random));
                Box::new(move || {
                    let store = FileStore::open(&path, passphrase.duplicate(), Arc::clone(&random))?;
                    Ok(Records::new(Box::new(store), None))
                })
            }
            StoredIn::Memory => {
                let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
                Box::new(move || Ok(unshared(&store)))
            }
        };
        let place = Place { worker: Worker::start(opener)?, kind, shut: false };
        Ok(Self { place: RwLock::new(Arc::new(place)), random, system })
    }

    /// A keychain over any store that no other process shares. One that is the system's keychain by its kind is that for
    /// [`Keychain::another`] too.
    pub fn over(store: Arc<dyn Store>, random: Arc<dyn Random>) -> Result<Self, Failure> {
        let kind = store.kind();
        let system: System = match kind {
            StoredIn::Keychain => {
                let store = Arc::clone(&store);
                Arc::new(move |_: &Path| Ok(unshared(&store)))
            }
            StoredIn::File | StoredIn::Memory => Arc::new(open_system),
        };
        let worker = Worker::start(Box::new(move || Ok(unshared(&store))))?;
        let place = Place { worker, kind, shut: false };
        Ok(Self { place: RwLock::new(Arc::new(place)), random, system })
    }

    /// The encrypted file before its passphrase is known.
    fn shut(system: System, random: Arc<dyn Random>) -> Result<Self, Failure> {
        let worker = Worker::start(Box::new(|| Err(StoreError::Shut)))?;
        let place = Place { worker, kind: StoredIn::File, shut: true };
        Ok(Self { place: RwLock::new(Arc::new(place)), random, system })
    }

    /// Puts the place of another keychain behind this one, and hands back a keychain over the former place. Calls that are
    /// under way end where they began. Nothing is copied: who changes places carries the records over.
    #[must_use = "the former place may hold records"]
    pub fn replace(&self, other: Self) -> Self {
        let arriving = other.place.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut place = self.place.write().unwrap_or_else(PoisonError::into_inner);
        let leaving = mem::replace(&mut *place, arriving);
        Self { place: RwLock::new(leaving), random: Arc::clone(&self.random), system: Arc::clone(&self.system) }
    }

    /// Which kind of place the secrets are kept in.
    pub fn kind(&self) -> StoredIn {
        self.place().kind
    }

    /// Whether this is the encrypted file, and its passphrase is still to be given.
    pub fn is_shut(&self) -> bool {
        self.place().shut
    }

    /// The place of this moment. A panic while it is replaced leaves the old one or the new one.
    fn place(&self) -> Arc<Place> {
        Arc::clone(&self.place.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Opens the store and says why nothing in it can be reached. Never asks the person: a store that is locked is reported
    /// with [`Code::KeyLocked`].
    pub async fn look(&self, patience: Patience) -> Result<(), Failure> {
        self.run(patience, |records| if records.locked()? { Err(Code::KeyLocked.into()) } else { Ok(()) }).await
    }

    /// Removes what the store itself left on the disk, when nothing is kept in it any more.
    pub async fn retire(&self, patience: Patience) -> Result<(), Failure> {
        self.run(patience, |records| Ok(records.retire()?)).await
    }

    /// The record of a connector; `None` when there is none. A record that names another connector is never returned.
    pub async fn read(&self, connector: &ConnectorId, patience: Patience) -> Result<Option<Credentials>, Failure> {
        let account = connector.to_string();
        let record = self.run(patience, move |records| Ok(records.read(&account)?)).await?;
        record.map(|bytes| Credentials::decode(&bytes, connector)).transpose().map_err(|error| unreadable(&error))
    }

    /// Writes the record of a connector and reads it back. The label is shown in the system's own keychain window.
    pub async fn write(&self, credentials: &Credentials, label: &str, patience: Patience) -> Result<(), Failure> {
        let (account, label, record) = (credentials.connector.to_string(), label.to_owned(), credentials.encode());
        self.run(patience, move |records| write_checked(records, &account, &label, &record)).await
    }

    /// Deletes the record of a connector and makes sure that it is gone. It is no failure when there is none.
    pub async fn delete(&self, connector: &ConnectorId, patience: Patience) -> Result<(), Failure> {
        let account = connector.to_string();
        self.run(patience, move |records| {
            records.delete(&account)?;
            check_gone(records, &account)
        })
        .await
    }

    /// Makes sure that the keychain can be written, with a throw-away item. To be asked before a browser is opened: a
    /// sign-in that cannot be kept must not be started.
    pub async fn probe_writable(&self, patience: Patience) -> Result<(), Failure> {
        self.self_test(patience).await.failure().cloned().map_or(Ok(()), Err)
    }

    /// Opens the store, then writes, reads and deletes a throw-away item. The patience counts for each step.
    pub async fn self_test(&self, patience: Patience) -> SelfTest {
        // A name of its own, so that two self-tests never meet.
        let account = format!("self-test-{}", ConnectorId::random(self.random.as_ref()));
        let value = Secret::new(ConnectorId::random(self.random.as_ref()).to_string().into_bytes());
        let mut test = SelfTest::new(self.kind());
        if !test.note("open", self.run(patience, |_| Ok(()))).await {
            return test;
        }
        let (name, written) = (account.clone(), value.duplicate());
        let write = move |records: &Records| Ok(records.write(&name, "Replug self-test", &written)?);
        if !test.note("write", self.run(patience, write)).await {
            return test;
        }
        let name = account.clone();
        let read = move |records: &Records| check_kept(records, &name, &value);
        test.note("read", self.run(patience, read)).await;
        let name = account.clone();
        let delete = move |records: &Records| Ok(records.delete(&name)?);
        if test.note("delete", self.run(patience, delete)).await {
            test.note("gone", self.run(patience, move |records| check_gone(records, &account))).await;
        }
        test
    }

    /// Waits until the call that somebody has given up waiting for has ended; returns at once when there is none.
    pub async fn wait_for_pending(&self) {
        self.place().worker.recovered().await;
    }

    /// Has the worker do something, and waits for it as long as the caller's patience lasts.
    async fn run<T: Send + 'static>(
        &self,
        patience: Patience,
        work: impl FnOnce(&Records) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let place = self.place();
        if let Activity::Overdue { locked } = place.worker.activity() {
            return Err(still_waiting(locked));
        }
        let (answer, answered) = oneshot::channel();
        place.worker.submit(Box::new(move |records: Result<&Records, StoreError>| {
            // Who has given up was told that nothing came of it; so nothing must come of it later.
            let outcome = (!answer.is_closed()).then(|| records.map_err(Failure::from).and_then(work));
            Box::new(move || {
                // Who gave up while the store worked does not hear the answer.
                let _ = outcome.map(|outcome| answer.send(outcome));
            })
        }))?;
        match timeout(patience.limit(), answered).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Failure::new(Code::KeyFailed).with_said("the store broke off")),
            Err(_) => Err(match place.worker.give_up() {
                Activity::Overdue { locked } | Activity::Running { locked } => still_waiting(locked),
                Activity::Idle => still_waiting(false),
            }),
        }
    }
}

fn open_system(locks: &Path) -> Result<Records, StoreError> {
    let lock = LockFile::new(locks.join("keychain.lock"));
    Ok(Records::new(Box::new(OsStore::open()?), Some(lock)))
}

fn unshared(store: &Arc<dyn Store>) -> Records {
    Records::new(Box::new(Arc::clone(store)), None)
}

fn write_checked(records: &Records, account: &str, label: &str, record: &Secret<Vec<u8>>) -> Result<(), Failure> {
    records.write(account, label, record)?;
    check_kept(records, account, record)
}

fn check_kept(records: &Records, account: &str, expected: &Secret<Vec<u8>>) -> Result<(), Failure> {
    let kept = match records.read(account) {
        // What was written a moment ago comes back damaged: that is no record to replace, it is a store that does not keep.
        Err(StoreError::Corrupt { .. }) => None,
        other => other?,
    };
    if kept.is_some_and(|kept| kept.expose() == expected.expose()) {
        Ok(())
    } else {
        Err(Failure::new(Code::KeyWriteLost))
    }
}

fn check_gone(records: &Records, account: &str) -> Result<(), Failure> {
    if records.read(account)?.is_none() {
        Ok(())
    } else {
        Err(Failure::new(Code::KeyWriteLost).with_text("The keychain still holds what was deleted."))
    }
}

fn unreadable(error: &CredentialsError) -> Failure {
    match error {
        CredentialsError::Newer(_) => Failure::new(Code::LocalDatabaseNewer)
            .with_text("What the keychain holds for this connector was written by a newer Replug."),
        CredentialsError::Unreadable | CredentialsError::OtherConnector => {
            Failure::new(Code::KeyUnreadable).with_fact("damage", error.to_string())
        }
    }
}

fn still_waiting(locked: bool) -> Failure {
    Failure::new(if locked { Code::KeyLocked } else { Code::KeyBusy })
}

fn no_passphrase() -> Failure {
    Failure::new(Code::KeyPassphrase).with_text("A passphrase is needed for the encrypted file.")
}
