//! What a change of the place of sign-ins must never do: empty a place that works, lose what is added meanwhile, bring back what
//! was forgotten, or leave other processes with the former place.

use std::sync::Arc;
use std::time::Duration;

use replug_core::{ConnectorId, State, StoredIn};
use replug_engine::wire::{EditConnector, Event, Keeping, Moved, NewConnector, SecretEdit};
use replug_engine::{Engine, Patience};
use replug_keychain::MemoryStore;
use replug_keychain::fake::{Fault, FaultyStore, Operation};
use replug_lab::{AuthFaults, McpFaults, McpServer, SystemClock};
use replug_store::Store;

use crate::bench::TestEngine;
use crate::keeping::{PASSPHRASE, code, file, in_file, opened_with, passphrase};
use crate::scene::{Scene, TOKEN_LIFE, expect};

/// A scene whose sign-ins are in what passes for the system's keychain.
struct Kept {
    scene: Scene,
    store: FaultyStore,
    items: Arc<MemoryStore>,
}

impl Kept {
    async fn signed_in() -> Self {
        let items = Arc::new(MemoryStore::new());
        let store = FaultyStore::over(Arc::clone(&items) as Arc<_>).of_kind(StoredIn::Keychain);
        let test = TestEngine::start_over(Arc::new(store.clone())).await;
        let scene = Scene::on(test, AuthFaults::default(), McpFaults::default(), EditConnector::default()).await;
        Self { scene: scene.signed_in().await, store, items }
    }

    fn engine(&self) -> &Engine {
        &self.scene.test.engine
    }

    fn holds(&self, id: &ConnectorId) -> bool {
        self.items.accounts().contains(&id.to_string())
    }

    async fn with_header(&self) -> ConnectorId {
        self.scene.test.add_with("https://other.example/mcp", with_header()).await
    }

    async fn to_file(&self) -> Moved {
        self.engine().keep_sign_ins_in(file(PASSPHRASE, false)).await.unwrap()
    }

    /// The file is chosen, and a copy of everything is still in the keychain.
    async fn to_file_leaving_copies(&self) {
        self.store.fail_always(Operation::Delete, Fault::Denied);
        assert!(!self.to_file().await.left_behind.is_empty());
    }

    async fn back(&self) -> Moved {
        self.engine().keep_sign_ins_in(Keeping::Keychain).await.unwrap()
    }
}

fn with_header() -> EditConnector {
    let headers = vec![("X-Key".to_owned(), SecretEdit::Set("canary".to_owned()))];
    EditConnector { headers: Some(headers), ..EditConnector::default() }
}

#[tokio::test]
async fn memory_is_refused_in_the_stead_of_a_place_that_answers() {
    let kept = Kept::signed_in().await;
    let before = kept.scene.grant().await;
    assert_eq!(code(kept.engine().keep_sign_ins_in(Keeping::Memory).await), Some("RPL-KEY-PLACE-WORKS"));
    assert_eq!(kept.scene.grant().await, before);
    kept.scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn memory_takes_nothing_away_from_the_place_it_stands_in_for() {
    let kept = Kept::signed_in().await;
    let before = kept.scene.grant().await;
    kept.scene.test.clock.advance(TOKEN_LIFE);
    kept.store.fail_always(Operation::Write, Fault::Failed);
    kept.scene.expect(State::Failed, "RPL-KEY-FAILED").await;
    kept.store.set_locked(true);
    let moved = kept.engine().keep_sign_ins_in(Keeping::Memory).await.unwrap();
    assert_eq!((moved.carried, moved.left_behind.len()), (1, 1), "the renewed sign-in is carried, the old one stays");
    assert_eq!(kept.scene.grant().await, before);
    kept.scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn a_connector_that_is_added_while_all_are_carried_keeps_its_secrets() {
    let kept = Kept::signed_in().await;
    kept.store.fail_at(Operation::Read, 1, Fault::Hang);
    let (moving, adding) = (kept.engine().clone(), kept.engine().clone());
    let moving = tokio::spawn(async move { moving.keep_sign_ins_in(file(PASSPHRASE, false)).await });
    let store = kept.store.clone();
    tokio::task::spawn_blocking(move || store.wait_until_hanging()).await.unwrap();
    let new = NewConnector { address: "https://new.example/mcp".to_owned(), name: None, settings: with_header() };
    let adding = tokio::spawn(async move { Box::pin(adding.add(&new, false)).await });
    for _ in 0..200 {
        // Time enough to be added, if it were not held back.
        if kept.engine().list().await.unwrap().len() == 2 {
            break;
        }
    }
    kept.store.heal();
    moving.await.unwrap().unwrap();
    let id: ConnectorId = adding.await.unwrap().unwrap().connector.id.parse().unwrap();
    assert!(in_file(kept.scene.test.folder(), PASSPHRASE, &id).await.unwrap());
}

#[tokio::test]
async fn what_was_forgotten_meanwhile_does_not_come_back_with_its_former_place() {
    let kept = Kept::signed_in().await;
    let removed = kept.with_header().await;
    kept.to_file_leaving_copies().await;
    kept.scene.forget().await;
    kept.engine().remove(&removed).await.unwrap();
    assert!(kept.holds(&kept.scene.id) && kept.holds(&removed), "the keychain does not let go of anything");
    kept.store.heal();
    kept.back().await;
    assert!(!kept.holds(&removed), "nobody would ever see it again");
    assert_eq!(kept.scene.grant().await, None);
    kept.scene.expect(State::NeedsSignIn, "RPL-AUTH-NEVER").await;
}

#[tokio::test]
async fn what_a_locked_place_kept_goes_with_its_connector_once_the_place_answers() {
    let kept = Kept::signed_in().await;
    kept.store.set_locked(true);
    assert_eq!(kept.to_file().await.carried, 0);
    kept.engine().resume().await;
    kept.store.set_locked(false);
    kept.engine().resume().await;
    assert!(kept.holds(&kept.scene.id), "it is in no other place, and nobody has given it up");
    kept.store.set_locked(true);
    kept.scene.forget().await;
    assert!(kept.holds(&kept.scene.id));
    kept.store.set_locked(false);
    kept.engine().resume().await;
    assert_eq!(kept.items.accounts(), Vec::<String>::new());
}

#[tokio::test]
async fn a_reset_forgets_nothing_that_a_former_place_still_holds() {
    let kept = Kept::signed_in().await;
    kept.store.set_locked(true);
    kept.to_file().await;
    assert_eq!(code(kept.engine().reset().await), Some("RPL-KEY-LOCKED"));
    kept.store.set_locked(false);
    kept.engine().reset().await.unwrap();
    assert_eq!(kept.items.accounts(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_kept_elsewhere_is_not_taken_for_gone() {
    let kept = Kept::signed_in().await;
    let id = kept.scene.id.clone();
    kept.store.set_locked(true);
    kept.engine().keep_sign_ins_in(Keeping::Memory).await.unwrap();
    assert_eq!(code(kept.engine().sign_out(&id).await), Some("RPL-KEY-ELSEWHERE"));
    assert_eq!(code(kept.engine().remove(&id).await), Some("RPL-KEY-ELSEWHERE"));
    assert_eq!(code(kept.engine().reset().await), Some("RPL-KEY-ELSEWHERE"));
    kept.store.set_locked(false);
    kept.back().await;
    kept.scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn what_a_locked_place_kept_is_used_when_the_place_is_chosen_again() {
    let kept = Kept::signed_in().await;
    let before = kept.scene.grant().await;
    kept.store.set_locked(true);
    kept.to_file().await;
    // The check that the move began has ended before the place changes again.
    kept.scene.check().await;
    kept.store.set_locked(false);
    kept.back().await;
    assert_eq!(kept.scene.grant().await, before);
    kept.scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn a_copy_that_could_not_be_removed_goes_at_the_next_start() {
    let kept = Kept::signed_in().await;
    kept.to_file_leaving_copies().await;
    kept.store.heal();
    kept.engine().resume().await;
    assert_eq!(kept.items.accounts(), Vec::<String>::new());
    kept.scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn a_move_that_is_killed_while_the_former_place_is_emptied_is_finished_at_the_next_start() {
    let kept = Kept::signed_in().await;
    kept.with_header().await;
    kept.store.fail_at(Operation::Delete, 1, Fault::Hang);
    let engine = kept.engine().clone();
    let moving = tokio::spawn(async move { engine.keep_sign_ins_in(file(PASSPHRASE, false)).await });
    let store = kept.store.clone();
    tokio::task::spawn_blocking(move || store.wait_until_hanging()).await.unwrap();
    moving.abort();
    assert!(moving.await.unwrap_err().is_cancelled());
    kept.store.heal();
    assert!(!kept.items.accounts().is_empty());
    let next = kept.scene.test.beside().await;
    next.engine.resume().await;
    assert_eq!(kept.items.accounts(), Vec::<String>::new());
}

#[tokio::test]
async fn a_move_that_fails_removes_nothing_that_it_did_not_write() {
    let kept = Kept::signed_in().await;
    let other = kept.with_header().await;
    kept.to_file_leaving_copies().await;
    kept.store.heal();
    // The first write is the throw-away item's, the second one the first record's.
    kept.store.fail_at(Operation::Write, 2, Fault::Denied);
    assert_eq!(code(kept.engine().keep_sign_ins_in(Keeping::Keychain).await), Some("RPL-KEY-DENIED"));
    assert!(kept.holds(&other), "it was not this attempt's turn");
    kept.scene.expect_green_without_browser().await;
    kept.engine().resume().await;
    assert_eq!(kept.items.accounts(), Vec::<String>::new(), "what is no use any more goes all the same");
}

#[tokio::test]
async fn another_process_does_not_write_into_the_place_that_was_left() {
    let kept = Kept::signed_in().await;
    let other = kept.scene.test.beside().await;
    kept.to_file().await;
    let edited = other.engine.edit(&kept.scene.id, &with_header()).await;
    assert_eq!(code(edited), Some("RPL-KEY-FILE-LOCKED"));
    assert_eq!(kept.items.accounts(), Vec::<String>::new());
    other.engine.unlock_sign_ins(passphrase(PASSPHRASE)).await.unwrap();
    other.engine.edit(&kept.scene.id, &with_header()).await.unwrap();
    kept.back().await;
    assert_eq!(other.check(&kept.scene.id).await.health.state, State::Connected, "it follows into the keychain");
}

#[tokio::test]
async fn another_process_does_not_take_what_was_carried_away_for_a_sign_in_that_is_missing() {
    let kept = Kept::signed_in().await;
    let other = kept.scene.test.beside().await;
    kept.to_file().await;
    // The check that the move began has ended.
    kept.scene.check().await;
    let checked = other.check(&kept.scene.id).await;
    expect(&checked, State::Failed, "RPL-KEY-FILE-LOCKED");
}

#[tokio::test]
async fn a_window_notices_that_another_one_has_carried_the_sign_ins_elsewhere() {
    let kept = Kept::signed_in().await;
    let other = kept.scene.test.beside().await;
    let mut events = other.engine.subscribe();
    let watching = other.engine.clone();
    let watching = tokio::spawn(async move { watching.watch().await });
    kept.to_file().await;
    let noticed = async { while events.next().await.unwrap() != Event::KeychainChanged {} };
    tokio::time::timeout(Duration::from_secs(20), noticed).await.unwrap();
    assert!(other.engine.needs_passphrase());
    watching.abort();
}

#[tokio::test]
async fn a_file_whose_passphrase_another_process_has_changed_is_locked_here() {
    let kept = Kept::signed_in().await;
    kept.to_file().await;
    let other = kept.scene.test.beside().await;
    assert_eq!(code(other.engine.edit(&kept.scene.id, &with_header()).await), Some("RPL-KEY-FILE-LOCKED"));
    other.engine.unlock_sign_ins(passphrase(PASSPHRASE)).await.unwrap();
    kept.engine().change_passphrase(passphrase(PASSPHRASE), passphrase("another one")).await.unwrap();
    assert_eq!(code(other.engine.edit(&kept.scene.id, &with_header()).await), Some("RPL-KEY-PASSPHRASE"));
    assert!(other.engine.needs_passphrase());
    other.engine.unlock_sign_ins(passphrase("another one")).await.unwrap();
    other.engine.edit(&kept.scene.id, &with_header()).await.unwrap();
}

#[tokio::test]
async fn a_move_takes_one_lock_however_many_connectors_there_are() {
    let kept = Kept::signed_in().await;
    kept.with_header().await;
    let locks = kept.scene.test.folder().join("locks");
    let of_records = || {
        let names = std::fs::read_dir(&locks).unwrap().map(|entry| entry.unwrap().path());
        names.filter(|path| path.extension().is_some_and(|ending| ending == "record")).collect::<Vec<_>>()
    };
    for path in of_records() {
        std::fs::remove_file(path).unwrap();
    }
    kept.to_file().await;
    assert_eq!(of_records(), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn a_choice_that_cannot_be_read_is_never_taken_for_the_keychain() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Arc::new(SystemClock)).await.unwrap().store;
    store.set_setting("secrets", &serde_json::json!("cloud")).await.unwrap();
    assert_eq!(code(opened_with(folder.path(), None).await), Some("RPL-KEY-PLACE-UNKNOWN"));
    let named = opened_with(folder.path(), Some(StoredIn::File)).await.unwrap().engine;
    named.keep_sign_ins_in(file(PASSPHRASE, false)).await.unwrap();
    let engine = opened_with(folder.path(), None).await.unwrap().engine;
    assert_eq!(engine.about().await.unwrap().stored_in, StoredIn::File, "it was chosen anew");
}

#[tokio::test]
async fn the_file_in_use_is_not_chosen_again_with_a_wrong_passphrase_or_as_a_new_one() {
    let kept = Kept::signed_in().await;
    kept.to_file().await;
    assert_eq!(code(kept.engine().keep_sign_ins_in(file("wrong", false)).await), Some("RPL-KEY-PASSPHRASE"));
    assert_eq!(code(kept.engine().keep_sign_ins_in(file("new", true)).await), Some("RPL-KEY-PLACE-WORKS"));
    assert_eq!(kept.to_file().await, Moved::default());
    kept.scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn a_place_that_was_named_at_the_start_is_used_to_the_end() {
    let kept = Kept::signed_in().await;
    let named = opened_with(kept.scene.test.folder(), Some(StoredIn::File)).await.unwrap().engine;
    kept.to_file().await;
    kept.back().await;
    assert_eq!(code(named.edit(&kept.scene.id, &with_header()).await), Some("RPL-KEY-FILE-LOCKED"));
    assert_eq!(named.about().await.unwrap().stored_in, StoredIn::File);
}

#[tokio::test]
async fn a_renewed_sign_in_that_was_lost_at_the_end_is_told_once_at_the_next_start() {
    let kept = Kept::signed_in().await;
    kept.engine().settle_unheard().await.unwrap();
    kept.scene.test.clock.advance(TOKEN_LIFE);
    kept.store.fail_always(Operation::Write, Fault::Failed);
    let name = kept.scene.check().await.name;
    assert_eq!(code(kept.engine().settle_unheard().await), Some("RPL-KEY-UNSAVED"));
    let told = opened_with(kept.scene.test.folder(), Some(StoredIn::Memory)).await.unwrap();
    let notice = told.notice.unwrap();
    assert_eq!(notice.code.as_str(), "RPL-KEY-UNSAVED");
    assert!(notice.facts.iter().any(|fact| fact.value == name), "{notice:?}");
    assert!(told.engine.about().await.unwrap().notice.is_some(), "the window shows it");
    let again = opened_with(kept.scene.test.folder(), Some(StoredIn::Memory)).await.unwrap();
    assert_eq!(again.notice, None);
}

#[tokio::test]
async fn however_often_a_busy_keychain_is_tried_its_answer_is_told_once() {
    let kept = Kept::signed_in().await;
    let other = kept.scene.test.beside_within(Patience::For(Duration::from_millis(50))).await;
    let mut events = other.engine.subscribe();
    kept.store.fail_at(Operation::Write, 1, Fault::Hang);
    for _ in 0..3 {
        assert_eq!(code(other.engine.try_keychain().await), Some("RPL-KEY-BUSY"));
    }
    kept.store.heal();
    while events.next().await.unwrap() != Event::KeychainChanged {}
    other.engine.keychain_test().await;
    let open = McpServer::start(McpFaults::default(), None).unwrap();
    other.add(&open.address()).await;
    let mut told = 1;
    loop {
        match events.next().await.unwrap() {
            Event::KeychainChanged => told += 1,
            Event::ConnectorsChanged => break,
            _ => {}
        }
    }
    assert_eq!(told, 1);
}
