//! What a keychain self-test found: each step as a fact, with its duration. Running the steps is the keychain's business.

use std::time::Instant;

use replug_core::{Failure, StoredIn};

/// The outcome of writing, reading and deleting a throw-away item.
#[derive(Debug, Clone, PartialEq)]
pub struct SelfTest {
    /// The store that was tried.
    pub store: StoredIn,
    /// Whether every step went well.
    pub ok: bool,
    /// The steps in their order, as far as they were tried.
    pub steps: Vec<SelfTestStep>,
}

/// One step of a self-test.
#[derive(Debug, Clone, PartialEq)]
pub struct SelfTestStep {
    /// Its name: `open`, `write`, `read`, `delete` or `gone`.
    pub step: &'static str,
    /// Whether it went well.
    pub ok: bool,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Why it did not.
    pub error: Option<Failure>,
}

impl SelfTest {
    pub(crate) const fn new(store: StoredIn) -> Self {
        Self { store, ok: true, steps: Vec::new() }
    }

    /// Waits for a step and notes it; returns whether it went well.
    pub(crate) async fn note(&mut self, step: &'static str, work: impl Future<Output = Result<(), Failure>>) -> bool {
        let started = Instant::now();
        let error = work.await.err();
        let ok = error.is_none();
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.steps.push(SelfTestStep { step, ok, duration_ms, error });
        self.ok &= ok;
        ok
    }

    /// The first failure.
    pub fn failure(&self) -> Option<&Failure> {
        self.steps.iter().find_map(|step| step.error.as_ref())
    }
}
