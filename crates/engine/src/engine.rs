//! The engine itself: what all use cases share. Each use case is an `impl Engine` block in a file of its own.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use replug_core::{Code, ConnectorId, Failure};
use replug_keychain::Patience;
use replug_store::StoredConnector;
use tokio_util::task::TaskTracker;

use crate::check::Checks;
use crate::events::{EventStream, Events};
use crate::keeping::Course;
use crate::records::Unsaved;
use crate::sign_in::SignIns;
use crate::wire::Event;
use crate::{Edges, view};

/// The use cases of Replug. Cheap to clone; all clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) edges: Edges,
    pub(crate) events: Events,
    pub(crate) checks: Checks,
    pub(crate) sign_ins: SignIns,
    /// One gate for each connector, so that this process renews a token once however many ask.
    record_gates: Mutex<HashMap<ConnectorId, Weak<tokio::sync::Mutex<()>>>>,
    patience: Patience,
    /// Renewed sign-ins that the keychain did not take; kept until it does.
    pub(crate) unsaved: Mutex<HashMap<ConnectorId, Unsaved>>,
    /// How many passphrases in a row were wrong. Held while one is tried, and while sign-ins are carried to another place.
    pub(crate) wrong_passphrases: tokio::sync::Mutex<u32>,
    /// Which place of sign-ins is in use, and why.
    pub(crate) course: Course,
    /// What a person should know about the database or the last run, found when it was opened.
    pub(crate) notice: OnceLock<Failure>,
    /// Renewals under way. They outlive whoever asked for them.
    pub(crate) renewals: TaskTracker,
    /// Deletions of registrations that are used no more. One that is cut off is begun again by the next sign-in.
    pub(crate) sweeps: TaskTracker,
}

impl Engine {
    /// An engine over these edges. `patience` is how long a person is kept waiting for the keychain.
    pub fn new(edges: Edges, patience: Patience) -> Self {
        let inner = Inner {
            edges,
            events: Events::new(),
            checks: Checks::default(),
            sign_ins: SignIns::default(),
            record_gates: Mutex::default(),
            patience,
            unsaved: Mutex::default(),
            wrong_passphrases: tokio::sync::Mutex::default(),
            course: Course::default(),
            notice: OnceLock::new(),
            renewals: TaskTracker::new(),
            sweeps: TaskTracker::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// What happens from now on.
    pub fn subscribe(&self) -> EventStream {
        self.inner.events.subscribe()
    }

    /// Finds a connector by id or, without regard to case, by name.
    ///
    /// Fails with `RPL-USE-NO-SUCH-CONNECTOR`.
    pub async fn find(&self, text: &str) -> Result<ConnectorId, Failure> {
        let found = self.inner.edges.store.find(text).await?;
        found.map(|stored| stored.connector.id).ok_or_else(|| no_such_connector(text))
    }

    pub(crate) fn edges(&self) -> &Edges {
        &self.inner.edges
    }

    pub(crate) fn data_dir(&self) -> &Path {
        &self.inner.edges.data_dir
    }

    pub(crate) fn patience(&self) -> Patience {
        self.inner.patience
    }

    pub(crate) fn send(&self, event: Event) {
        self.inner.events.send(event);
    }

    pub(crate) async fn stored(&self, id: &ConnectorId) -> Result<StoredConnector, Failure> {
        self.edges().store.get(id).await?.ok_or_else(|| no_such_connector(id.as_str()))
    }

    /// The gate through which everything passes that reads, renews and writes a connector's record in this process. It is
    /// there as long as somebody holds it or waits for it.
    pub(crate) fn record_gate(&self, id: &ConnectorId) -> Arc<tokio::sync::Mutex<()>> {
        let mut gates = guard(&self.inner.record_gates);
        if let Some(gate) = gates.get(id).and_then(Weak::upgrade) {
            return gate;
        }
        gates.retain(|_, gate| gate.strong_count() > 0);
        let gate = Arc::default();
        gates.insert(id.clone(), Arc::downgrade(&gate));
        gate
    }

    /// Builds the view of a connector, with what is going on right now.
    pub(crate) fn view(&self, stored: &StoredConnector) -> crate::wire::ConnectorView {
        let awaiting = self.inner.sign_ins.is_live(&stored.connector.id);
        view::connector(stored, awaiting)
    }
}

/// A lock whose holder panicked is still good here: every change under it is a single insert or remove.
pub(crate) fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn no_such_connector(text: &str) -> Failure {
    Failure::new(Code::UseNoSuchConnector).with_fact("Asked for", text)
}
