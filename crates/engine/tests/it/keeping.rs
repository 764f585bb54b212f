//! Choosing where sign-ins are kept: carried over whole or not at all, remembered, locked behind a passphrase and unlocked.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use replug_core::{ConnectorId, Failure, Secret, State, StoredIn};
use replug_engine::wire::{EditConnector, Event, Keeping, Moved, Passphrase, SignInStateName};
use replug_engine::{Computer, Engine, OpenOptions, OpenedEngine, Patience, Platform};
use replug_keychain::fake::{Fault, FaultyStore, Operation};
use replug_keychain::{Keychain, MemoryStore};
use replug_lab::{AuthFaults, Conduct, McpFaults, McpServer, Person, SeededRandom};

use crate::bench::TestEngine;
use crate::scene::{Scene, expect_signed_in};

pub(crate) const PASSPHRASE: &str = "canary passphrase of eight words";

pub(crate) fn passphrase(text: &str) -> Passphrase {
    Secret::new(text.to_owned()).into()
}

pub(crate) fn file(text: &str, fresh: bool) -> Keeping {
    Keeping::File { passphrase: passphrase(text), fresh }
}

fn store() -> FaultyStore {
    FaultyStore::over(Arc::new(MemoryStore::new()))
}

pub(crate) async fn scene_over(store: &FaultyStore) -> Scene {
    let test = TestEngine::start_over(Arc::new(store.clone())).await;
    Scene::on(test, AuthFaults::default(), McpFaults::default(), EditConnector::default()).await
}

pub(crate) fn code<T>(outcome: Result<T, Failure>) -> Option<&'static str> {
    outcome.err().map(|failure| failure.code.as_str())
}

/// The records that the encrypted file holds for a connector, read as another process would.
pub(crate) async fn in_file(folder: &Path, text: &str, id: &ConnectorId) -> Result<bool, Failure> {
    let random = Arc::new(SeededRandom::fresh());
    let file = Keychain::open(StoredIn::File, folder, Some(Secret::new(text.to_owned())), random)?;
    Ok(file.read(id, Patience::Background).await?.is_some())
}

/// The engine of a shell that names no place, as at the next start.
async fn started_again(folder: &Path) -> Engine {
    started_with(folder, None).await
}

async fn started_with(folder: &Path, secrets: Option<StoredIn>) -> Engine {
    opened_with(folder, secrets).await.unwrap().engine
}

pub(crate) async fn opened_with(folder: &Path, secrets: Option<StoredIn>) -> Result<OpenedEngine, Failure> {
    let options = OpenOptions {
        data_dir: folder.to_owned(),
        secrets,
        passphrase: None,
        browser: Arc::new(Person::new(Conduct::Allow)),
        patience: Patience::Background,
        computer: Computer::new(Platform::Linux, folder.join("home"), |_| None),
        proxy_hosts: Vec::new(),
    };
    Engine::open(options).await
}

#[tokio::test]
async fn sign_ins_are_carried_into_the_encrypted_file_and_nothing_stays_behind() {
    let memory = Arc::new(MemoryStore::new());
    let store = FaultyStore::over(Arc::clone(&memory) as Arc<_>);
    let scene = scene_over(&store).await.signed_in().await;
    let moved = scene.test.engine.keep_sign_ins_in(file(PASSPHRASE, false)).await.unwrap();
    assert_eq!(moved, Moved { carried: 1, left_behind: Vec::new(), kept_file: None });
    assert_eq!(memory.accounts(), Vec::<String>::new(), "no copy in the former place");
    assert!(in_file(scene.test.folder(), PASSPHRASE, &scene.id).await.unwrap());
    let checked = scene.expect_green_without_browser().await;
    assert_eq!(checked.sign_in.stored_in, Some(StoredIn::File));
    let about = scene.test.engine.about().await.unwrap();
    assert_eq!((about.stored_in, about.passphrase_needed, about.has_file), (StoredIn::File, false, true));
}

#[tokio::test]
async fn a_place_that_keeps_nothing_is_not_changed_to() {
    let store = store();
    let scene = scene_over(&store).await.signed_in().await;
    let before = scene.grant().await;
    // The folder of the file cannot be written: its name is taken by a folder.
    fs::create_dir(scene.test.folder().join("secrets.enc.new")).unwrap();
    assert_eq!(code(scene.test.engine.keep_sign_ins_in(file(PASSPHRASE, false)).await), Some("RPL-LOCAL-DISK"));
    assert_eq!(scene.grant().await, before, "everything is where it was");
    let about = scene.test.engine.about().await.unwrap();
    assert_eq!(about.stored_in, StoredIn::Memory);
    scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn a_record_that_cannot_be_read_in_the_middle_stops_the_change() {
    let store = store();
    let scene = scene_over(&store).await.signed_in().await;
    store.fail_always(Operation::Read, Fault::Failed);
    assert_eq!(code(scene.test.engine.keep_sign_ins_in(file(PASSPHRASE, false)).await), Some("RPL-KEY-FAILED"));
    store.heal();
    assert!(!in_file(scene.test.folder(), PASSPHRASE, &scene.id).await.unwrap(), "no copy in the new place");
    scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn what_cannot_be_removed_from_the_former_place_is_named() {
    let store = store();
    let scene = scene_over(&store).await.signed_in().await;
    store.fail_always(Operation::Delete, Fault::Denied);
    let moved = scene.test.engine.keep_sign_ins_in(file(PASSPHRASE, false)).await.unwrap();
    let name = scene.check().await.name;
    assert_eq!((moved.carried, moved.left_behind), (1, vec![name]));
    scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn a_locked_keychain_is_left_with_what_is_in_it_and_named() {
    let store = store();
    let scene = scene_over(&store).await.signed_in().await;
    let (before, name) = (scene.grant().await, scene.check().await.name);
    store.set_locked(true);
    let moved = scene.test.engine.keep_sign_ins_in(file(PASSPHRASE, false)).await.unwrap();
    assert_eq!((moved.carried, moved.left_behind), (0, vec![name]));
    store.set_locked(false);
    assert_eq!(scene.grant().await, before, "nothing was taken out of it");
    expect_signed_in(&scene.sign_in().await);
    assert!(in_file(scene.test.folder(), PASSPHRASE, &scene.id).await.unwrap(), "the new sign-in is in the file");
}

#[tokio::test]
async fn a_renewed_token_that_the_former_place_did_not_take_is_carried_too() {
    let store = store();
    let scene = scene_over(&store).await.signed_in().await;
    scene.test.clock.advance(crate::scene::TOKEN_LIFE);
    store.fail_always(Operation::Write, Fault::Failed);
    scene.expect(State::Failed, "RPL-KEY-FAILED").await;
    store.fail_always(Operation::Any, Fault::Failed);
    store.set_locked(true);
    let moved = scene.test.engine.keep_sign_ins_in(file(PASSPHRASE, false)).await.unwrap();
    assert_eq!(moved.carried, 1);
    scene.expect_green_without_browser().await;
    assert_eq!(scene.auth.state().reuse_detections, 0, "the old token is not presented again");
}

#[tokio::test]
async fn the_choice_is_kept_and_the_file_stays_locked_until_its_passphrase_is_given() {
    let scene = scene_over(&store()).await.signed_in().await;
    let open = McpServer::start(McpFaults::default(), None).unwrap();
    let other = scene.test.add(&open.address()).await;
    scene.test.engine.keep_sign_ins_in(file(PASSPHRASE, false)).await.unwrap();
    let before = scene.expect_green_without_browser().await;
    let asked = scene.server.requests().all().len();

    let engine = started_again(scene.test.folder()).await;
    let about = engine.about().await.unwrap();
    assert_eq!((about.stored_in, about.passphrase_needed, about.has_file), (StoredIn::File, true, true));
    assert_eq!(about.keychain_problem.unwrap().code.as_str(), "RPL-KEY-FILE-LOCKED");
    let checked = engine.check_and_wait(Some(vec![scene.id.clone()])).await;
    assert_eq!(code(checked), Some("RPL-KEY-FILE-LOCKED"));
    let waiting = engine.get(&scene.id).await.unwrap();
    assert_eq!(waiting.health, before.health, "the verdict stays");
    assert_eq!(waiting.sign_in.state, SignInStateName::SignedIn, "nobody needs to sign in");
    assert_eq!(scene.server.requests().all().len(), asked, "the server was not asked as a stranger");
    let free = engine.check_and_wait(Some(vec![other])).await.unwrap();
    assert_eq!(free[0].health.state, State::Connected, "what needs no secret does not wait");

    let mut events = engine.subscribe();
    assert_eq!(code(engine.unlock_sign_ins(passphrase("wrong")).await), Some("RPL-KEY-PASSPHRASE"));
    engine.unlock_sign_ins(passphrase(PASSPHRASE)).await.unwrap();
    assert_eq!(events.next().await, Some(Event::KeychainChanged));
    let checked = loop {
        match events.next().await.unwrap() {
            Event::CheckEnded { connector } if connector.id == scene.id.as_str() => break connector,
            _ => {}
        }
    };
    assert_eq!(checked.health.state, State::Connected, "what waited is checked without being asked for");
}

#[tokio::test]
async fn a_forgotten_passphrase_costs_the_sign_ins_but_not_the_old_file() {
    let scene = scene_over(&store()).await.signed_in().await;
    scene.test.engine.keep_sign_ins_in(file(PASSPHRASE, false)).await.unwrap();
    let old = fs::read(scene.test.folder().join("secrets.enc")).unwrap();
    let engine = started_again(scene.test.folder()).await;
    assert_eq!(code(engine.keep_sign_ins_in(file("", true)).await), Some("RPL-KEY-PASSPHRASE"));
    assert_eq!(fs::read(scene.test.folder().join("secrets.enc")).unwrap(), old, "a failure puts it back");
    let moved = engine.keep_sign_ins_in(file("another passphrase", true)).await.unwrap();
    let kept = scene.test.folder().join(moved.kept_file.expect("told under which name it is"));
    assert_eq!(fs::read(kept).unwrap(), old, "byte for byte");
    assert!(!in_file(scene.test.folder(), "another passphrase", &scene.id).await.unwrap());
    let checked = engine.check_and_wait(Some(vec![scene.id.clone()])).await.unwrap();
    assert_eq!(checked[0].health.state, State::NeedsSignIn, "sign in again");
}

#[tokio::test]
async fn a_file_that_is_named_at_the_start_is_begun_with_its_first_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let engine = started_with(folder.path(), Some(StoredIn::File)).await;
    let about = engine.about().await.unwrap();
    assert_eq!((about.passphrase_needed, about.has_file), (true, false));
    assert_eq!(engine.keep_sign_ins_in(file(PASSPHRASE, false)).await.unwrap(), Moved::default());
    let about = engine.about().await.unwrap();
    assert_eq!((about.passphrase_needed, about.has_file, about.keychain_problem), (false, true, None));
    let again = started_again(folder.path()).await;
    assert_eq!(code(again.keep_sign_ins_in(file("wrong", false)).await), Some("RPL-KEY-PASSPHRASE"));
    assert_eq!(again.keep_sign_ins_in(file(PASSPHRASE, false)).await.unwrap(), Moved::default());
}

#[tokio::test]
async fn a_changed_passphrase_keeps_every_sign_in() {
    let scene = scene_over(&store()).await.signed_in().await;
    let engine = &scene.test.engine;
    let refused = engine.change_passphrase(passphrase("a"), passphrase("b")).await;
    assert_eq!(code(refused), Some("RPL-KEY-FILE-LOCKED"), "there is no file to change");
    engine.keep_sign_ins_in(file(PASSPHRASE, false)).await.unwrap();
    let refused = engine.change_passphrase(passphrase("wrong"), passphrase("new passphrase")).await;
    assert_eq!(code(refused), Some("RPL-KEY-PASSPHRASE"));
    let refused = engine.change_passphrase(passphrase(PASSPHRASE), passphrase("")).await;
    assert_eq!(code(refused), Some("RPL-KEY-PASSPHRASE"));
    engine.change_passphrase(passphrase(PASSPHRASE), passphrase("new passphrase")).await.unwrap();
    scene.expect_green_without_browser().await;
    assert!(in_file(scene.test.folder(), "new passphrase", &scene.id).await.unwrap());
    let old = in_file(scene.test.folder(), PASSPHRASE, &scene.id).await;
    assert_eq!(code(old), Some("RPL-KEY-PASSPHRASE"));
}

#[tokio::test]
async fn a_change_back_leaves_no_file() {
    let scene = scene_over(&store().of_kind(StoredIn::Keychain)).await.signed_in().await;
    let engine = &scene.test.engine;
    engine.keep_sign_ins_in(file(PASSPHRASE, false)).await.unwrap();
    let moved = engine.keep_sign_ins_in(Keeping::Keychain).await.unwrap();
    assert_eq!((moved.carried, moved.left_behind.len()), (1, 0));
    assert!(!scene.test.folder().join("secrets.enc").exists(), "an empty file is of no use");
    let checked = scene.expect_green_without_browser().await;
    assert_eq!(checked.sign_in.stored_in, Some(StoredIn::Keychain));
}

#[tokio::test]
async fn a_keychain_that_comes_back_is_found_by_trying_again() {
    let store = store();
    let scene = scene_over(&store).await.signed_in().await;
    store.fail_always(Operation::Any, Fault::Missing);
    assert_eq!(code(scene.test.engine.try_keychain().await), Some("RPL-KEY-MISSING"));
    scene.expect(State::Failed, "RPL-KEY-MISSING").await;
    store.heal();
    let mut events = scene.test.engine.subscribe();
    scene.test.engine.try_keychain().await.unwrap();
    assert_eq!(events.next().await, Some(Event::KeychainChanged));
    loop {
        if let Event::CheckEnded { connector } = events.next().await.unwrap() {
            assert_eq!(connector.health.state, State::Connected, "checked again without being asked for");
            break;
        }
    }
}

#[tokio::test]
async fn a_reset_removes_files_that_were_put_aside_and_logs() {
    let scene = scene_over(&store()).await.signed_in().await;
    let folder = scene.test.folder().to_owned();
    scene.test.engine.keep_sign_ins_in(file(PASSPHRASE, false)).await.unwrap();
    fs::copy(folder.join("secrets.enc"), folder.join("secrets-20261120T080000Z.enc")).unwrap();
    fs::create_dir(folder.join("logs")).unwrap();
    fs::write(folder.join("logs/replug.log"), "a line").unwrap();
    fs::write(folder.join("logs/notes.txt"), "mine").unwrap();
    scene.test.engine.reset().await.unwrap();
    assert!(!folder.join("secrets-20261120T080000Z.enc").exists() && !folder.join("logs/replug.log").exists());
    assert!(folder.join("logs/notes.txt").exists(), "somebody else's file stays");
}
