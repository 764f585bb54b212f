//! A wipe that is killed at each of its steps, and finished by the next program; registrations that were never used go too.

use std::sync::Arc;
use std::time::Duration;

use replug_core::{Code, Management, Registration, State};
use replug_engine::wire::{EditConnector, ServiceAnswer};
use replug_keychain::fake::{Fault, FaultyStore, Operation};
use replug_keychain::{MemoryStore, Patience};
use replug_lab::{AuthFaults, Front, McpFaults, RequestLog};
use replug_store::{NewJournalEntry, Store};
use serde_json::json;

use crate::bench::TestEngine;
use crate::keeping::{PASSPHRASE, file, opened_with, passphrase};
use crate::killed::Mortal;
use crate::scene::{Scene, expect_signed_in};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    SignOut,
    Forget,
    Remove,
    Reset,
}

/// Where a wipe hangs when its process is killed.
#[derive(Debug, Clone, Copy)]
enum Point {
    RevokeRefresh,
    RevokeAccess,
    DeleteRegistration,
    Keychain,
}

const POINTS: [(Point, &str); 4] = [
    (Point::RevokeRefresh, "revoke-refresh"),
    (Point::RevokeAccess, "revoke-access"),
    (Point::DeleteRegistration, "delete-registration"),
    (Point::Keychain, "keychain"),
];

impl Point {
    fn block(self, scene: &Scene, keychain: &FaultyStore) {
        scene.auth.change_faults(|faults| match self {
            Self::RevokeRefresh => faults.revocation.front = Front::AnswerHeld,
            Self::RevokeAccess => faults.revocation.front = Front::after(1, Front::AnswerHeld),
            Self::DeleteRegistration => faults.registration.management_front = Front::Silent,
            Self::Keychain => keychain.fail_always(Operation::Change, Fault::Hang),
        });
    }

    async fn reached(self, requests: RequestLog, keychain: FaultyStore) {
        let to = |path: &'static str, times| {
            let requests = requests.clone();
            async move {
                let hit = |all: &[replug_lab::Logged]| all.iter().filter(|one| one.path.starts_with(path)).count();
                requests.until(move |all| hit(all) >= times).await;
            }
        };
        match self {
            Self::RevokeRefresh => to("/revoke", 1).await,
            Self::RevokeAccess => to("/revoke", 2).await,
            Self::DeleteRegistration => to("/register/", 1).await,
            Self::Keychain => tokio::task::spawn_blocking(move || keychain.wait_until_hanging()).await.unwrap(),
        }
    }
}

async fn perform(engine: replug_engine::Engine, id: replug_core::ConnectorId, command: Command) {
    match command {
        Command::SignOut => drop(engine.sign_out(&id).await),
        Command::Forget => drop(engine.forget(&id).await),
        Command::Remove => drop(engine.remove(&id).await),
        Command::Reset => drop(engine.reset().await),
    }
}

/// A signed-in scene whose process was killed in the middle of a command. What it holds afterwards is opened anew.
fn killed(command: Command, point: Point) -> Scene {
    let (memory, mortal) = (Arc::new(MemoryStore::new()), Mortal::born());
    let keychain = FaultyStore::over(memory.clone());
    let scene = mortal.does(async {
        let test = TestEngine::start_over(Arc::new(keychain.clone())).await;
        Scene::on(test, AuthFaults::default(), McpFaults::default(), EditConnector::default()).await.signed_in().await
    });
    point.block(&scene, &keychain);
    let reached = point.reached(scene.auth.requests().clone(), keychain);
    mortal.dies(perform(scene.test.engine.clone(), scene.id.clone(), command), reached);
    scene.auth.set_faults(AuthFaults::default());
    Scene { test: scene.test.over(memory), ..scene }
}

async fn unfinished(scene: &Scene) -> Vec<String> {
    let store = Store::open(scene.test.folder(), scene.test.clock.clone()).await.unwrap().store;
    store.list_unfinished().await.unwrap().into_iter().map(|entry| entry.step).collect()
}

fn in_new_process<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

#[test]
fn a_removal_that_was_killed_at_any_step_is_finished_by_the_next_program() {
    for command in [Command::Remove, Command::Reset] {
        for (point, step) in POINTS {
            let scene = killed(command, point);
            in_new_process(async {
                assert!(unfinished(&scene).await.iter().any(|open| open == step), "{command:?} was in {step}");
                let scene = scene.restarted().await;
                scene.test.engine.resume().await;
                assert_eq!(scene.test.engine.get(&scene.id).await.unwrap_err().code, Code::UseNoSuchConnector);
                assert!(scene.test.record(&scene.id).await.is_none(), "{point:?}");
                let state = scene.auth.state();
                assert_eq!((state.live_refresh_tokens, state.live_access_tokens, state.live_clients), (0, 0, 0));
                assert_eq!(unfinished(&scene).await, Vec::<String>::new(), "{point:?}");
            });
        }
    }
}

#[test]
fn a_sign_out_that_was_killed_is_finished_and_keeps_what_a_sign_out_keeps() {
    for (point, _) in POINTS {
        let command = if matches!(point, Point::DeleteRegistration) { Command::Forget } else { Command::SignOut };
        let scene = killed(command, point);
        in_new_process(async {
            let scene = scene.restarted().await;
            scene.test.engine.resume().await;
            assert!(scene.grant().await.is_none(), "{point:?}");
            let clients = scene.auth.state().live_clients;
            assert_eq!((scene.auth.state().live_access_tokens, clients), (0, usize::from(command == Command::SignOut)));
            scene.expect(State::NeedsSignIn, "RPL-AUTH-NEVER").await;
            expect_signed_in(&scene.sign_in().await);
        });
    }
}

#[test]
fn a_wipe_that_was_cut_off_does_not_touch_a_sign_in_that_came_after_it() {
    let scene = killed(Command::SignOut, Point::RevokeRefresh);
    in_new_process(async {
        let scene = scene.restarted().await;
        expect_signed_in(&scene.sign_in().await);
        let grant = scene.grant().await;
        scene.test.engine.resume().await;
        assert_eq!((scene.grant().await, unfinished(&scene).await.len()), (grant, 0));
    });
}

#[test]
fn a_wipe_that_was_cut_off_late_does_not_touch_a_sign_in_that_came_after_it() {
    for (command, late) in [(Command::SignOut, "verify"), (Command::SignOut, "database"), (Command::Remove, "database")]
    {
        let scene = killed(command, Point::Keychain);
        in_new_process(async {
            let scene = scene.restarted().await;
            scene.test.engine.sign_out(&scene.id).await.unwrap();
            expect_signed_in(&scene.sign_in().await);
            let store = Store::open(scene.test.folder(), scene.test.clock.clone()).await.unwrap().store;
            let entry = store.list_unfinished().await.unwrap().remove(0);
            store.advance(entry.id, late, &entry.data).await.unwrap();
            let before = (scene.grant().await, scene.test.engine.get(&scene.id).await.unwrap());
            scene.test.engine.resume().await;
            let after = (scene.grant().await, scene.test.engine.get(&scene.id).await.unwrap());
            assert_eq!((after, unfinished(&scene).await.len()), (before, 0), "{command:?} {late}");
        });
    }
}

#[test]
fn a_wipe_that_was_cut_off_again_while_it_was_finished_does_not_touch_a_sign_in_that_came_after_it() {
    let (memory, mortal) = (Arc::new(MemoryStore::new()), Mortal::born());
    let keychain = FaultyStore::over(memory.clone());
    let scene = mortal.does(async {
        let test = TestEngine::start_over(Arc::new(keychain.clone())).await;
        let settings = EditConnector::default();
        let scene = Scene::on(test, AuthFaults::default(), McpFaults::default(), settings).await.signed_in().await;
        write_down_a_sign_out(&scene).await;
        scene
    });
    // It is read twice before it is emptied, looked at afterwards, and read once more to verify that.
    keychain.fail_at(Operation::Read, 4, Fault::Hang);
    let reached = Point::Keychain.reached(scene.auth.requests().clone(), keychain);
    let engine = scene.test.engine.clone();
    mortal.dies(async move { engine.resume().await }, reached);
    let scene = Scene { test: scene.test.over(memory), ..scene };
    in_new_process(async {
        let scene = scene.restarted().await;
        assert_eq!(unfinished(&scene).await, ["verify"]);
        expect_signed_in(&scene.sign_in().await);
        let grant = scene.grant().await;
        scene.test.engine.resume().await;
        assert_eq!((scene.grant().await, unfinished(&scene).await.len()), (grant, 0));
    });
}

#[tokio::test]
async fn a_wipe_of_a_connector_that_is_gone_is_struck_whatever_the_keychain_says() {
    let keychain = FaultyStore::over(Arc::new(MemoryStore::new()));
    let test = TestEngine::start_over(Arc::new(keychain.clone())).await;
    let scene = Scene::on(test, AuthFaults::default(), McpFaults::default(), EditConnector::default()).await;
    write_down_a_sign_out(&scene).await;
    let store = Store::open(scene.test.folder(), scene.test.clock.clone()).await.unwrap().store;
    store.delete(&scene.id).await.unwrap();
    keychain.fail_always(Operation::Any, Fault::Missing);
    scene.test.engine.resume().await;
    assert_eq!(unfinished(&scene).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_wipe_that_waits_for_the_encrypted_file_is_finished_when_that_is_unlocked() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.test.engine.keep_sign_ins_in(file(PASSPHRASE, false)).await.unwrap();
    scene.test.engine.settle().await.unwrap();
    write_down_a_sign_out(&scene).await;
    let engine = opened_with(scene.test.folder(), None).await.unwrap().engine;
    engine.resume().await;
    assert_eq!(unfinished(&scene).await, ["revoke-refresh"], "the file is shut");
    engine.unlock_sign_ins(passphrase(PASSPHRASE)).await.unwrap();
    engine.settle().await.unwrap();
    assert_eq!(unfinished(&scene).await, Vec::<String>::new());
    assert_eq!(scene.auth.state().live_refresh_tokens, 0);
}

/// What the journal holds of a sign-out whose process was killed before it had done anything.
async fn write_down_a_sign_out(scene: &Scene) {
    let store = Store::open(scene.test.folder(), scene.test.clock.clone()).await.unwrap().store;
    let nothing = "not_offered";
    let entry = NewJournalEntry {
        kind: "wipe".to_owned(),
        connector: Some(scene.id.clone()),
        step: "revoke-refresh".to_owned(),
        data: json!({"depth": "tokens", "generation": null, "revoked": nothing, "registration_deleted": nothing}),
    };
    store.begin(&entry).await.unwrap();
}

#[test]
fn a_wipe_that_was_cut_off_knows_its_sign_in_from_one_that_took_as_many_steps() {
    let scene = killed(Command::Forget, Point::RevokeRefresh);
    in_new_process(async {
        let scene = scene.restarted().await;
        scene.forget().await;
        assert!(scene.test.record(&scene.id).await.is_none(), "another record begins");
        expect_signed_in(&scene.sign_in().await);
        let grant = scene.grant().await;
        scene.test.engine.resume().await;
        assert_eq!((scene.grant().await, unfinished(&scene).await.len()), (grant, 0));
    });
}

#[tokio::test]
async fn a_wipe_that_failed_in_the_persons_sight_is_not_repeated_behind_their_back() {
    let keychain = FaultyStore::over(Arc::new(MemoryStore::new()));
    let test = TestEngine::start_over(Arc::new(keychain.clone())).await;
    let scene =
        Scene::on(test, AuthFaults::default(), McpFaults::default(), EditConnector::default()).await.signed_in().await;
    keychain.fail_always(Operation::Change, Fault::Denied);
    for refused in [scene.test.engine.remove(&scene.id).await.err(), scene.test.engine.reset().await.err()] {
        assert_eq!(refused.map(|failure| failure.code), Some(Code::KeyDenied));
    }
    keychain.heal();
    let scene = scene.restarted().await;
    scene.test.engine.resume().await;
    assert!(scene.test.engine.get(&scene.id).await.is_ok());
}

#[tokio::test]
async fn a_wipe_that_another_process_is_still_at_is_left_to_it() {
    let scene = Scene::healthy().await.signed_in().await;
    scene.auth.change_faults(|faults| faults.revocation.front = Front::Slow(Duration::from_millis(300)));
    let (engine, id) = (scene.test.engine.clone(), scene.id.clone());
    let removing = tokio::spawn(async move { engine.remove(&id).await });
    scene.auth.requests().until(|all| all.iter().any(|request| request.path == "/revoke")).await;
    let beside = scene.test.beside().await;
    beside.engine.resume().await;
    assert_eq!(scene.auth.requests().count("/revoke"), 1, "the other one asked nothing");
    removing.await.unwrap().unwrap();
    assert_eq!(unfinished(&scene).await.len(), 0);
}

#[tokio::test]
async fn forgetting_deletes_a_registration_that_never_proved_itself() {
    let scene = Scene::healthy().await.signed_in().await;
    let other = scene.test.add(&scene.server.address()).await;
    expect_signed_in(&scene.test.sign_in(&other).await);
    let keychain = scene.test.keychain();
    let mut left = scene.test.record(&scene.id).await.unwrap();
    let registration: Registration = scene.test.record(&other).await.unwrap().registration.unwrap();
    left.unproven = Some(registration);
    keychain.write(&left, "a test", Patience::Background).await.unwrap();
    assert_eq!(scene.auth.state().live_clients, 2);
    let outcome = scene.forget().await;
    assert_eq!((outcome.registration_deleted, scene.auth.state().live_clients), (ServiceAnswer::Yes, 0));

    let orphan = Management {
        address: format!("{}/register/nobody", scene.auth.origin()),
        token: replug_core::Secret::new("x".to_owned()),
    };
    expect_signed_in(&scene.sign_in().await);
    let mut left = scene.test.record(&scene.id).await.unwrap();
    left.orphans.push(orphan);
    keychain.write(&left, "a test", Patience::Background).await.unwrap();
    let outcome = scene.forget().await;
    assert_eq!(outcome.registration_deleted, ServiceAnswer::No, "what the service refused is told");
    assert!(scene.test.record(&scene.id).await.is_none(), "and the local part is done");
}
