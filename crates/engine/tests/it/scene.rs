//! A protected server, its sign-in service and an engine with one connector for it, all on one clock; and short ways to look
//! at what came of it. What is bent and what is expected is in the tests.

use std::time::Duration;

use replug_core::{ActionId, ConnectorId, Secret, State};
use replug_engine::SignInOptions;
use replug_engine::wire::{ConnectorView, EditConnector, FindingView, ServiceOutcome, SignInProgress, SignInStep};
use replug_lab::{AuthFaults, AuthServer, McpFaults, McpServer};

use crate::bench::TestEngine;

/// Long enough for any scripted person, short enough that a test that goes wrong ends.
const PATIENCE: Duration = Duration::from_secs(20);
/// For attempts that nobody will come back to.
const SHORT: Duration = Duration::from_millis(400);
/// Longer than the lab's tokens last.
pub(crate) const TOKEN_LIFE: Duration = Duration::from_hours(2);

pub(crate) struct Scene {
    pub(crate) auth: AuthServer,
    pub(crate) server: McpServer,
    pub(crate) test: TestEngine,
    pub(crate) id: ConnectorId,
}

impl Scene {
    /// Everything healthy, nobody signed in.
    pub(crate) async fn healthy() -> Self {
        Self::set(AuthFaults::default(), McpFaults::default()).await
    }

    pub(crate) async fn set(auth: AuthFaults, mcp: McpFaults) -> Self {
        Self::with_settings(auth, mcp, EditConnector::default()).await
    }

    pub(crate) async fn with_settings(auth: AuthFaults, mcp: McpFaults, settings: EditConnector) -> Self {
        Self::on(TestEngine::start().await, auth, mcp, settings).await
    }

    /// The same around an engine that is there already.
    pub(crate) async fn on(test: TestEngine, auth: AuthFaults, mcp: McpFaults, settings: EditConnector) -> Self {
        let auth = AuthServer::start_with_clock(auth, test.clock.clone()).unwrap();
        let server = McpServer::start_with_clock(mcp, Some(&auth), test.clock.clone()).unwrap();
        let id = test.add_with(&server.address(), settings).await;
        Self { auth, server, test, id }
    }

    /// Signed in, and the green that follows.
    pub(crate) async fn signed_in(self) -> Self {
        let done = self.sign_in().await;
        assert_eq!(done.error, None, "signing in to begin with");
        assert_eq!(done.connector.unwrap().health.state, State::Connected, "the verdict that a sign-in ends in");
        self
    }

    pub(crate) async fn restarted(self) -> Self {
        let Self { auth, server, test, id } = self;
        Self { auth, server, test: test.restart().await, id }
    }

    pub(crate) async fn check(&self) -> ConnectorView {
        self.test.check(&self.id).await
    }

    pub(crate) async fn sign_in(&self) -> SignInProgress {
        self.sign_in_within(PATIENCE).await
    }

    /// An attempt that gives up soon, for browsers that do not come back.
    pub(crate) async fn sign_in_briefly(&self) -> SignInProgress {
        self.sign_in_within(SHORT).await
    }

    async fn sign_in_within(&self, timeout: Duration) -> SignInProgress {
        let options = SignInOptions { timeout, ..SignInOptions::default() };
        let done = self.test.engine.sign_in(&self.id, options).await.unwrap().ended().await;
        // What it left behind is cleaned up in the background.
        self.test.engine.settle().await.unwrap();
        done
    }

    pub(crate) async fn forget_and_retry(&self) -> SignInProgress {
        let options = SignInOptions { timeout: PATIENCE, ..SignInOptions::default() };
        self.test.engine.forget_and_retry(&self.id, options).await.unwrap().ended().await
    }

    pub(crate) async fn forget(&self) -> ServiceOutcome {
        self.test.engine.forget(&self.id).await.unwrap()
    }

    pub(crate) async fn edit(&self, changes: EditConnector) -> ConnectorView {
        self.test.engine.edit(&self.id, &changes).await.unwrap()
    }

    /// How often the browser was opened since the engine began.
    pub(crate) fn opened(&self) -> usize {
        self.test.person.opened().len()
    }

    /// The tokens and the client they belong to, for comparing; `None` when no tokens are stored.
    pub(crate) async fn grant(&self) -> Option<Grant> {
        let record = self.test.record(&self.id).await?;
        let tokens = record.tokens?;
        let text = |secret: &Secret<String>| secret.expose().clone();
        Some(Grant {
            access: text(&tokens.access),
            refresh: tokens.refresh.as_ref().map(text),
            client_id: record.registration.map(|registration| registration.client_id),
        })
    }

    /// Asserts a verdict with its cause, and returns the cause.
    pub(crate) async fn expect(&self, state: State, code: &str) -> FindingView {
        let checked = self.check().await;
        expect(&checked, state, code)
    }

    /// Asserts that the sign-in that is stored still does its work, without a browser.
    pub(crate) async fn expect_green_without_browser(&self) -> ConnectorView {
        let opened = self.opened();
        let checked = self.check().await;
        assert_eq!(checked.health.state, State::Connected, "{:?}", checked.health);
        assert_eq!(self.opened(), opened, "no browser was needed");
        checked
    }
}

/// What is stored of a sign-in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
    pub(crate) client_id: Option<String>,
}

/// Asserts a verdict with its cause, and that it says something; returns the cause.
pub(crate) fn expect(view: &ConnectorView, state: State, code: &str) -> FindingView {
    let cause = view.health.cause.clone();
    let found = (view.health.state, cause.as_ref().map(|cause| cause.code.as_str()));
    assert_eq!(found, (state, Some(code)), "{:?}", view.health);
    let cause = cause.unwrap();
    assert!(!cause.text.is_empty() && !cause.hint.is_empty(), "a cause has words: {cause:?}");
    assert!(!cause.actions.is_empty(), "a cause has a way out: {cause:?}");
    assert!(view.health.summary.contains(&cause.text), "the sentence names the cause: {}", view.health.summary);
    cause
}

/// Asserts that an attempt ended with this error and with a verdict of the same code; returns the cause.
pub(crate) fn expect_refused(done: &SignInProgress, state: State, code: &str) -> FindingView {
    assert_eq!(done.step, SignInStep::Done);
    let error = done.error.as_ref().map(|error| error.code.as_str());
    assert_eq!(error, Some(code), "{done:?}");
    expect(done.connector.as_ref().unwrap(), state, code)
}

/// Asserts that an attempt ended in green.
pub(crate) fn expect_signed_in(done: &SignInProgress) {
    assert_eq!(done.error, None, "{done:?}");
    let connector = done.connector.as_ref().unwrap();
    assert_eq!(connector.health.state, State::Connected, "{:?}", connector.health);
}

/// The value of a labelled fact.
pub(crate) fn fact<'a>(finding: &'a FindingView, label: &str) -> &'a str {
    let fact = finding.evidence.iter().find(|fact| fact.label == label);
    fact.map_or_else(|| panic!("no fact labelled {label}: {finding:?}"), |fact| &fact.value)
}

pub(crate) fn actions(finding: &FindingView) -> Vec<ActionId> {
    finding.actions.iter().map(|action| action.id).collect()
}

/// A port that nobody listens on at this moment, for callback addresses that have to be known beforehand.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
