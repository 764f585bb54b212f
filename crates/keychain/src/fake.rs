//! A store that fails on command, over another store. For tests only: nothing here keeps anything itself.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use replug_core::{Secret, StoredIn};

use crate::{Store, StoreError};

/// Which calls a fault is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Reading an item.
    Read,
    /// Writing an item.
    Write,
    /// Deleting an item.
    Delete,
    /// Writing or deleting an item.
    Change,
    /// Any of them.
    Any,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The store is locked.
    Locked,
    /// There is no store.
    Missing,
    /// The store refuses.
    Denied,
    /// The value is too long.
    TooLong,
    /// The store reports an error of its own.
    Failed,
    /// The call does not return until [`FaultyStore::heal`].
    Hang,
    /// The store panics.
    Panic,
    /// A write or delete reports success and does nothing.
    Lose,
    /// A read finds nothing.
    Forget,
    /// A read returns other bytes than were written.
    Corrupt,
    /// The call is not done, and nothing after it works until [`FaultyStore::heal`].
    CutBefore,
    /// The call is done but reported as failed, and nothing after it works until [`FaultyStore::heal`].
    CutAfter,
}

/// A store that fails on command. Clones share the same store and the same faults.
#[derive(Clone)]
pub struct FaultyStore {
    shared: Arc<Shared>,
    limit: Option<usize>,
    kind: StoredIn,
}

struct Shared {
    inner: Arc<dyn Store>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    rules: Vec<Rule>,
    calls: Vec<Operation>,
    locked: bool,
    cut: bool,
    hanging: usize,
    /// Rises with each [`FaultyStore::heal`], which is what a hanging call waits for.
    healed: u64,
}

#[derive(Clone, Copy)]
struct Rule {
    operation: Operation,
    /// How many fitting calls still go well; `None` when every one fails.
    remaining: Option<usize>,
    fault: Fault,
}

impl Operation {
    fn includes(self, call: Self) -> bool {
        match self {
            Self::Any => true,
            Self::Change => matches!(call, Self::Write | Self::Delete),
            Self::Read | Self::Write | Self::Delete => self == call,
        }
    }
}

impl FaultyStore {
    /// A store that does what the inner one does, until it is told otherwise.
    pub fn over(inner: Arc<dyn Store>) -> Self {
        let kind = inner.kind();
        let shared = Shared { inner, state: Mutex::default(), changed: Condvar::new() };
        Self { shared: Arc::new(shared), limit: None, kind }
    }

    /// The same store, as a place of another kind.
    #[must_use]
    pub fn of_kind(mut self, kind: StoredIn) -> Self {
        self.kind = kind;
        self
    }

    /// The same store, with a limit in bytes that it names and enforces.
    #[must_use]
    pub fn with_limit(mut self, bytes: usize) -> Self {
        self.limit = Some(bytes);
        self
    }

    /// Makes the `nth` fitting call from now on fail, counted from one.
    pub fn fail_at(&self, operation: Operation, nth: usize, fault: Fault) {
        self.state().rules.push(Rule { operation, remaining: Some(nth.saturating_sub(1)), fault });
    }

    /// Makes every fitting call fail.
    pub fn fail_always(&self, operation: Operation, fault: Fault) {
        self.state().rules.push(Rule { operation, remaining: None, fault });
    }

    /// Says whether the store is locked. Its calls go on all the same; give them a fault of their own.
    pub fn set_locked(&self, locked: bool) {
        self.state().locked = locked;
    }

    /// Ends all faults and lets hanging calls go on.
    pub fn heal(&self) {
        let mut state = self.state();
        state.rules.clear();
        state.cut = false;
        state.healed += 1;
        self.shared.changed.notify_all();
    }

    /// Blocks until a call hangs.
    pub fn wait_until_hanging(&self) {
        let waited = self.shared.changed.wait_while(self.state(), |state| state.hanging == 0);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// How many fitting calls there have been.
    pub fn calls(&self, operation: Operation) -> usize {
        self.state().calls.iter().filter(|call| operation.includes(**call)).count()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a call and returns the fault it meets. A fault with a number is used up by it.
    fn enter(&self, call: Operation) -> Result<Option<Fault>, StoreError> {
        // Gives other threads their turn before every call, so that races show.
        thread::yield_now();
        let mut state = self.state();
        state.calls.push(call);
        if state.cut {
            return Err(failed("the store is cut off"));
        }
        let mut met = None;
        state.rules.retain_mut(|rule| {
            if !rule.operation.includes(call) || met.is_some() {
                return true;
            }
            match &mut rule.remaining {
                None => met = Some(rule.fault),
                Some(0) => {
                    met = Some(rule.fault);
                    return false;
                }
                Some(remaining) => *remaining -= 1,
            }
            true
        });
        state.cut = matches!(met, Some(Fault::CutBefore | Fault::CutAfter));
        drop(state);
        self.suffer(met)
    }

    /// Does what a fault does before the call itself; returns those that matter during or after it.
    fn suffer(&self, fault: Option<Fault>) -> Result<Option<Fault>, StoreError> {
        let said = || "a fault of the test".to_owned();
        match fault {
            Some(Fault::Locked) => Err(StoreError::Locked { said: said() }),
            Some(Fault::Missing) => Err(StoreError::Missing { said: said() }),
            Some(Fault::Denied) => Err(StoreError::Denied { said: said() }),
            Some(Fault::TooLong) => Err(StoreError::TooLong { limit: self.limit }),
            Some(Fault::Failed) => Err(failed("a fault of the test")),
            Some(Fault::CutBefore) => Err(failed("cut before the call")),
            Some(Fault::Panic) => panic!("a fault of the test"),
            Some(Fault::Hang) => {
                self.hang();
                Ok(None)
            }
            Some(Fault::Lose | Fault::Forget | Fault::Corrupt | Fault::CutAfter) | None => Ok(fault),
        }
    }

    fn hang(&self) {
        let mut state = self.state();
        state.hanging += 1;
        self.shared.changed.notify_all();
        let until = state.healed + 1;
        let waited = self.shared.changed.wait_while(state, |state| state.healed < until);
        waited.unwrap_or_else(PoisonError::into_inner).hanging -= 1;
    }

    fn change(
        &self,
        call: Operation,
        work: impl FnOnce(&dyn Store) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match self.enter(call)? {
            Some(Fault::Lose) => Ok(()),
            Some(Fault::CutAfter) => work(self.shared.inner.as_ref()).and(Err(failed("cut after the call"))),
            _ => work(self.shared.inner.as_ref()),
        }
    }
}

impl Store for FaultyStore {
    fn kind(&self) -> StoredIn {
        self.kind
    }

    fn max_item_bytes(&self) -> Option<usize> {
        self.limit
    }

    fn locked(&self) -> Result<bool, StoreError> {
        Ok(self.state().locked)
    }

    fn read(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        match self.enter(Operation::Read)? {
            Some(Fault::Forget) => Ok(None),
            Some(Fault::Corrupt) => {
                let found = self.shared.inner.read(account)?;
                Ok(found.map(|value| value.map(|bytes| bytes.iter().map(|byte| byte ^ 1).collect())))
            }
            _ => self.shared.inner.read(account),
        }
    }

    fn write(&self, account: &str, label: &str, value: &Secret<Vec<u8>>) -> Result<(), StoreError> {
        if self.limit.is_some_and(|limit| value.expose().len() > limit) {
            return Err(StoreError::TooLong { limit: self.limit });
        }
        self.change(Operation::Write, |store| store.write(account, label, value))
    }

    fn delete(&self, account: &str) -> Result<(), StoreError> {
        self.change(Operation::Delete, |store| store.delete(account))
    }
}

fn failed(said: &str) -> StoreError {
    StoreError::Failed { said: said.to_owned() }
}
