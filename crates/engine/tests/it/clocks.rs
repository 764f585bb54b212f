//! Clocks that are wrong, that are set right and that jump: renewals come in time, and never as a storm.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use replug_core::{Clock, Code, State};
use replug_engine::wire::{ConnectorView, EditConnector, FindingView};
use replug_lab::{AuthFaults, AuthServer, Certificate, McpFaults, McpServer, TestClock, TlsFront};
use replug_net::HttpOptions;

use crate::bench::TestEngine;
use crate::scene::{Scene, TOKEN_LIFE, fact};

/// The engine's clock beside that of the rest of the world.
struct OffBy {
    scene: Scene,
    right: Arc<TestClock>,
}

impl OffBy {
    /// Signed in with a clock that is ahead by this much.
    async fn signed_in(ahead: SignedDuration) -> Self {
        let test = TestEngine::start().await;
        let right = Arc::new(TestClock::at(test.clock.now() - ahead));
        let auth = AuthServer::start_with_clock(AuthFaults::default(), right.clone()).unwrap();
        let server = McpServer::start_with_clock(McpFaults::default(), Some(&auth), right.clone()).unwrap();
        let id = test.add_with(&server.address(), EditConnector::default()).await;
        let scene = Scene { auth, server, test, id }.signed_in().await;
        Self { scene, right }
    }

    fn later(&self, by: Duration) {
        self.right.advance(by);
        self.scene.test.clock.advance(by);
    }

    /// Checks some times, and returns how many renewals there were since the sign-in.
    async fn renewals(&self) -> u32 {
        for _ in 0..3 {
            self.scene.expect_green_without_browser().await;
        }
        self.scene.auth.state().refreshes
    }

    /// How often the server refused a token.
    fn refusals(&self) -> usize {
        let asked = self.scene.server.requests().all();
        asked.iter().filter(|request| request.authorization.is_some() && request.status == Some(401)).count()
    }
}

const MINUTES: [i64; 4] = [10, -10, 24 * 60, -24 * 60];

#[tokio::test]
async fn a_clock_that_is_wrong_and_stays_wrong_changes_nothing() {
    for minutes in MINUTES {
        let off = OffBy::signed_in(SignedDuration::from_mins(minutes)).await;
        assert_eq!(off.renewals().await, 0, "{minutes} min");
        for round in 1..=3 {
            off.later(Duration::from_mins(30));
            assert_eq!(off.renewals().await, round - 1, "{minutes} min: not before its time");
            off.later(Duration::from_mins(20));
            assert_eq!(off.renewals().await, round, "{minutes} min: once, in time");
        }
        assert_eq!(off.refusals(), 0, "{minutes} min");
    }
}

#[tokio::test]
async fn a_clock_that_is_set_right_costs_one_renewal_at_most_and_none_comes_too_late() {
    for minutes in MINUTES {
        let off = OffBy::signed_in(SignedDuration::from_mins(minutes)).await;
        off.scene.test.clock.set(off.right.now());
        let after = off.renewals().await;
        assert!(after <= 1, "{minutes} min: {after} renewals");
        off.later(Duration::from_mins(50));
        off.renewals().await;
        off.later(Duration::from_mins(5));
        off.renewals().await;
        off.later(Duration::from_mins(10));
        let after = off.renewals().await;
        assert!(after <= 2, "{minutes} min: {after} renewals");
        assert_eq!(off.refusals(), 0, "{minutes} min: the server never saw a token that had ended");
    }
}

#[tokio::test]
async fn a_machine_that_slept_renews_once_however_many_ask_when_it_wakes() {
    let scene = Scene::healthy().await.signed_in().await;
    let beside = scene.test.beside().await;
    for (round, asleep) in (1..).zip([TOKEN_LIFE, Duration::from_hours(24 * 30)]) {
        scene.test.clock.advance(asleep);
        let asked = (0..6).map(|number| {
            let engine = if number % 2 == 0 { &scene.test.engine } else { &beside.engine };
            engine.check_and_wait(Some(vec![scene.id.clone()]))
        });
        for views in futures_util::future::join_all(asked).await {
            assert_eq!(views.unwrap()[0].health.state, State::Connected);
        }
        let state = scene.auth.state();
        assert_eq!((state.refreshes, state.reuse_detections), (round, 0));
    }
}

/// What a view says about the clock.
fn about_the_clock(view: &ConnectorView) -> Option<&FindingView> {
    view.health.findings.iter().find(|finding| finding.code == Code::LocalClock)
}

#[tokio::test]
async fn a_clock_that_two_servers_contradict_is_a_warning_beside_the_verdict() {
    for (minutes, off_by) in [(10, "10 min ahead"), (-180, "3 h behind"), (24 * 60 * 3, "3 d ahead"), (4, "")] {
        let off = OffBy::signed_in(SignedDuration::from_mins(minutes)).await;
        let checked = off.scene.expect_green_without_browser().await;
        assert!(about_the_clock(&checked).is_none(), "{minutes} min: one server alone may be the odd one");
        off.later(Duration::from_mins(55));
        let (view, _) = off.scene.test.engine.diagnose(&off.scene.id).await.unwrap();
        assert_eq!((view.health.state, &view.health.cause), (State::Connected, &None), "{minutes} min");
        let found = about_the_clock(&view);
        assert_eq!(found.map_or("", |found| fact(found, "Off by")), off_by, "{minutes} min: {found:?}");
        let stored = off.scene.test.engine.get(&off.scene.id).await.unwrap();
        assert_eq!(about_the_clock(&stored).is_some(), found.is_some(), "{minutes} min");
    }
}

#[tokio::test]
async fn a_clock_is_called_wrong_by_one_server_that_encryption_vouches_for() {
    let right = Arc::new(TestClock::at(replug_lab::SystemClock.now()));
    let server = McpServer::start_with_clock(McpFaults::default(), None, right.clone()).unwrap();
    let front = TlsFront::before(&server.origin(), Certificate::Good).unwrap();
    let extra_roots = vec![front.authority().as_bytes().to_vec()];
    let test = TestEngine::with_http(HttpOptions { extra_roots, ..HttpOptions::default() }).await;
    let encrypted = test.add(&format!("{}/mcp", front.origin())).await;
    let plain = test.add(&server.address()).await;
    for (minutes, is_wrong) in [(0, false), (-4, false), (6, true), (-6, true)] {
        test.clock.set(right.now() + SignedDuration::from_mins(minutes));
        let views = [test.check(&encrypted).await, test.check(&plain).await];
        let found = views.each_ref().map(|view| (view.health.state, about_the_clock(view).is_some()));
        assert_eq!(found, [(State::Connected, is_wrong), (State::Connected, false)], "{minutes} min");
    }
}
