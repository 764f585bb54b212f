//! Real processes around one sign-in: however many ask, the service sees its refresh token once; one that is killed or stopped
//! in the middle costs no more than what the service cannot give twice. The child is this test binary, run again.
//!
//! The same with many more processes and rounds is run by `cargo xtask soak`, which reads what [`soak`] prints.

mod child;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use replug_core::{Clock as _, Random as _, State};
use replug_engine::wire::EditConnector;
use replug_lab::{AuthFaults, Front, McpFaults, Reuse, Rotation, SeededRandom, TokenFaults};
use tempfile::TempDir;

use self::child::{DONE, Job, Manner, Point, READY, STOPPED, say, secrets_in};
use crate::bench::TestEngine;
use crate::scene::{Scene, TOKEN_LIFE, expect_signed_in};

/// The gaps between processes of a soak are up to 255 times so many turns given to others.
const TURNS: u32 = 20;

/// A scene whose keychain other processes can open.
struct Shared {
    scene: Scene,
    secrets: TempDir,
}

/// A child that has begun.
struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// What the child says next.
    fn hears(&mut self) -> String {
        let said = self.lines.by_ref().map_while(Result::ok).find(|line| line.starts_with(DONE));
        said.unwrap_or_else(|| panic!("the child ended without a word"))
    }

    fn go(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
    }

    /// `kill -9`, which is how every child ends that has not ended by itself.
    fn kill(self) {
        drop(self);
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(name).arg(self.child.id().to_string()).status().unwrap();
        assert!(status.success());
    }

    /// What became of it.
    fn ends(mut self) -> String {
        let said = self.hears();
        let mut rest = String::new();
        for line in self.lines.by_ref() {
            rest.push_str(&line.unwrap());
        }
        assert!(self.child.wait().unwrap().success(), "{rest}");
        said.strip_prefix(DONE).unwrap().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended cannot be killed any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Shared {
    async fn signed_in(token: TokenFaults) -> Self {
        let secrets = tempfile::tempdir().unwrap();
        let test = TestEngine::start_over(Arc::new(secrets_in(secrets.path()))).await;
        let auth = AuthFaults { token, ..AuthFaults::default() };
        let scene = Scene::on(test, auth, McpFaults::default(), EditConnector::default()).await.signed_in().await;
        Self { scene, secrets }
    }

    fn spawn(&self, manner: Manner, stop_at: Option<Point>) -> Running {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["processes::child::child_that_renews", "--exact", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let job = Job {
            data_dir: self.scene.test.folder().to_str().unwrap().to_owned(),
            secrets: self.secrets.path().to_str().unwrap().to_owned(),
            connector: self.scene.id.to_string(),
            now: self.scene.test.clock.now(),
            manner,
            stop_at,
        };
        let job = serde_json::to_string(&job).unwrap();
        writeln!(child.stdin.as_mut().unwrap(), "{job}").unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Running { child, lines }
    }

    /// Lets so many processes renew at the same moment, or with small gaps between them. Returns what became of each.
    fn crowd(&self, manner: Manner, processes: usize, gaps: Option<&SeededRandom>) -> Vec<String> {
        let mut crowd: Vec<Running> = (0..processes).map(|_| self.spawn(manner, None)).collect();
        for child in &mut crowd {
            assert_eq!(child.hears(), READY);
        }
        for child in &mut crowd {
            let mut gap = [0];
            gaps.inspect(|random| random.fill(&mut gap));
            (0..u32::from(gap[0]) * TURNS).for_each(|_| std::thread::yield_now());
            child.go();
        }
        crowd.into_iter().map(Running::ends).collect()
    }

    /// A child at its point, with whatever lock it holds there.
    fn stopped_at(&self, point: Point) -> Running {
        let mut child = self.spawn(Manner::Engine, Some(point));
        assert_eq!(child.hears(), READY);
        child.go();
        assert_eq!(child.hears(), STOPPED, "{point:?}");
        child
    }
}

/// What services do with refresh tokens that were used.
fn services() -> [(&'static str, TokenFaults); 5] {
    let with = |rotation| TokenFaults { rotation, ..TokenFaults::default() };
    let each = |seconds| with(Rotation::Each { grace: Duration::from_secs(seconds) });
    [
        ("no rotation", with(Rotation::Off)),
        ("rotation, grace 0 s", TokenFaults { reuse: Reuse::SparesTheGrant, ..each(0) }),
        ("rotation, grace 10 s", each(10)),
        ("rotation, grace 60 s", each(60)),
        ("rotation, reuse ends the grant", each(0)),
    ]
}

/// What the service saw in one round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Seen {
    served: usize,
    refreshes: u32,
    reuses: u32,
}

/// Lets the token end, and a crowd renew it.
fn round(shared: &Shared, manner: Manner, processes: usize, gaps: Option<&SeededRandom>) -> Seen {
    let before = shared.scene.auth.state();
    shared.scene.test.clock.advance(TOKEN_LIFE);
    let outcomes = shared.crowd(manner, processes, gaps);
    let after = shared.scene.auth.state();
    Seen {
        served: outcomes.iter().filter(|outcome| *outcome == "served").count(),
        refreshes: after.refreshes - before.refreshes,
        reuses: after.reuse_detections - before.reuse_detections,
    }
}

#[tokio::test]
async fn eight_processes_at_one_sign_in_that_ended_refresh_once_at_every_kind_of_service() {
    for (service, token) in services() {
        let shared = Shared::signed_in(token).await;
        let seen = round(&shared, Manner::Engine, 8, None);
        assert_eq!(seen, Seen { served: 8, refreshes: 1, reuses: 0 }, "{service}");
        shared.scene.expect_green_without_browser().await;
    }
}

#[tokio::test]
async fn processes_that_know_nothing_of_each_other_fail_in_the_same_harness() {
    let shared = Shared::signed_in(TokenFaults::default()).await;
    let seen = round(&shared, Manner::Naive, 8, None);
    assert!(seen.reuses > 0 && seen.served < 8, "{seen:?}");
    assert_eq!(shared.scene.auth.state().live_refresh_tokens, 0, "and the grant is gone");
}

#[tokio::test]
async fn a_process_that_is_killed_outside_the_exchange_costs_nothing() {
    for point in [Point::Read(1), Point::Read(2), Point::AfterWrite] {
        let shared = Shared::signed_in(TokenFaults::default()).await;
        shared.scene.test.clock.advance(TOKEN_LIFE);
        shared.stopped_at(point).kill();
        shared.scene.expect_green_without_browser().await;
        let state = shared.scene.auth.state();
        assert_eq!((state.refreshes, state.reuse_detections), (1, 0), "{point:?}");
    }
}

#[tokio::test]
async fn a_process_that_is_killed_between_answer_and_keychain_costs_a_sign_in_only_without_grace() {
    for (grace, forgiven) in [(Duration::from_mins(1), true), (Duration::ZERO, false)] {
        let rotation = Rotation::Each { grace };
        let shared = Shared::signed_in(TokenFaults { rotation, ..TokenFaults::default() }).await;
        shared.scene.test.clock.advance(TOKEN_LIFE);
        shared.stopped_at(Point::BeforeWrite).kill();
        if forgiven {
            shared.scene.expect_green_without_browser().await;
        } else {
            shared.scene.expect(State::NeedsSignIn, "RPL-TOKEN-DEAD").await;
            expect_signed_in(&shared.scene.sign_in().await);
        }
    }
}

#[tokio::test]
async fn a_process_that_is_killed_while_the_service_answers_costs_nothing_that_the_service_forgives() {
    for front in [Front::Silent, Front::AnswerHeld, Front::AnswerHalf] {
        let rotation = Rotation::Each { grace: Duration::from_mins(1) };
        let shared = Shared::signed_in(TokenFaults { rotation, ..TokenFaults::default() }).await;
        shared.scene.test.clock.advance(TOKEN_LIFE);
        shared.scene.auth.change_faults(|faults| faults.token.front = front.clone());
        let mut child = shared.spawn(Manner::Engine, None);
        assert_eq!(child.hears(), READY);
        child.go();
        let asked = |all: &[replug_lab::Logged]| all.iter().filter(|request| request.path == "/token").count() == 2;
        shared.scene.auth.requests().until(asked).await;
        child.kill();
        shared.scene.auth.change_faults(|faults| faults.token.front = Front::Open);
        shared.scene.expect_green_without_browser().await;
        assert_eq!(shared.scene.auth.requests().count("/token"), 3, "{front:?}: presented once more");
        assert_eq!(shared.scene.auth.state().reuse_detections, 0, "{front:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_process_that_is_frozen_with_the_lock_holds_up_nobody_whose_token_still_works() {
    let shared = Shared::signed_in(TokenFaults::default()).await;
    shared.scene.test.clock.advance(Duration::from_mins(55));
    shared.scene.auth.change_faults(|faults| faults.token.front = Front::Slow(Duration::from_millis(200)));
    let mut frozen = shared.spawn(Manner::Engine, None);
    assert_eq!(frozen.hears(), READY);
    frozen.go();
    let asked = |all: &[replug_lab::Logged]| all.iter().filter(|request| request.path == "/token").count() == 2;
    shared.scene.auth.requests().until(asked).await;
    frozen.signal("-STOP");
    let checked = shared.scene.expect_green_without_browser().await;
    assert_eq!(checked.health.findings[0].code.as_str(), "RPL-LOCAL-BUSY", "it says why it was not renewed");
    frozen.signal("-CONT");
    assert_eq!(frozen.ends(), "served");
    shared.scene.expect_green_without_browser().await;
    let state = shared.scene.auth.state();
    assert_eq!((state.refreshes, state.reuse_detections), (1, 0));
}

/// Figures for `docs/reliability.md`: one line for each kind of service, and one for the naive refresher.
#[tokio::test]
#[ignore = "`cargo xtask soak` runs it"]
#[expect(clippy::disallowed_methods, reason = "a test has no other way to be told by the program that runs it")]
async fn soak() {
    let Some(figures) = std::env::var_os("REPLUG_SOAK") else { return };
    let mut numbers = figures.to_str().unwrap().split(' ').map(|number| number.parse::<u64>().unwrap());
    let (Some(processes), Some(rounds), Some(seed)) = (numbers.next(), numbers.next(), numbers.next()) else { return };
    let (processes, rounds) = (usize::try_from(processes).unwrap(), usize::try_from(rounds).unwrap());
    let gaps = SeededRandom::from_seed(seed);
    let sound = services().map(|(service, token)| (service, token, Manner::Engine));
    let naive = services().into_iter().map(|(service, token)| (service, token, Manner::Naive)).next_back();
    for (service, token, manner) in sound.into_iter().chain(naive) {
        let shared = Shared::signed_in(token).await;
        let mut sum = Seen::default();
        for _ in 0..rounds {
            let now = round(&shared, manner, processes, Some(&gaps));
            sum.served += now.served;
            sum.refreshes += now.refreshes;
            sum.reuses += now.reuses;
        }
        let who = if manner == Manner::Naive { "a naive refresher" } else { "Replug" };
        let asked = processes * rounds;
        say(&format!(
            "soak|{service}|{who}|{processes}|{rounds}|{} of {asked}|{}|{}",
            sum.served, sum.refreshes, sum.reuses
        ));
        if manner == Manner::Engine {
            let once = u32::try_from(rounds).unwrap();
            assert_eq!(sum, Seen { served: asked, refreshes: once, reuses: 0 }, "{service}");
        } else {
            assert!(sum.reuses > 0, "the control has to fail: {sum:?}");
        }
    }
}
