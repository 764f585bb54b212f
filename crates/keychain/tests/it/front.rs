//! The keychain's front: bounded waits, one call at a time, and checks after every change.

use std::fmt::Write as _;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use replug_core::{Code, Secret, StoredIn};
use replug_keychain::fake::{Fault, FaultyStore, Operation};
use replug_keychain::{Keychain, MemoryStore, Patience, Store, StoreError};
use sha2::{Digest, Sha256};

use crate::support::{LONG, Predictable, SHORT, bytes, code, connector, id, keychain, record};

fn memory() -> FaultyStore {
    FaultyStore::over(Arc::new(MemoryStore::new()))
}

#[tokio::test]
async fn a_record_reads_back_as_it_was_written_until_it_is_deleted() {
    let keychain = keychain(&memory());
    let written = record(&connector(), 1, 40);
    keychain.write(&written, "My server", LONG).await.unwrap();
    let read = keychain.read(&connector(), LONG).await.unwrap().expect("the record is there");
    assert_eq!(bytes(&read), bytes(&written), "every byte is kept");
    keychain.delete(&connector(), LONG).await.unwrap();
    assert!(keychain.read(&connector(), LONG).await.unwrap().is_none(), "it is gone");
    keychain.delete(&connector(), LONG).await.expect("deleting what is not there is no failure");
}

#[tokio::test]
async fn a_record_of_another_connector_is_never_returned() {
    let store = memory();
    let keychain = keychain(&store);
    keychain.write(&record(&connector(), 1, 40), "One", LONG).await.unwrap();
    let item = store.read("aaaaaaaaaa").unwrap().expect("the item is there");
    store.write("bbbbbbbbbb", "Swapped", &item).unwrap();
    assert_eq!(code(keychain.read(&id("bbbbbbbbbb"), LONG).await), Code::KeyUnreadable);
}

#[tokio::test]
async fn a_record_of_a_newer_replug_is_named_and_not_called_damaged() {
    let store = memory();
    let keychain = keychain(&store);
    let mut newer = record(&connector(), 1, 40);
    newer.tokens = None;
    keychain.write(&newer, "One", LONG).await.unwrap();
    // The same item as a newer program would write it: another version, and the digest that fits.
    let text = String::from_utf8(bytes(&newer)).unwrap().replace("\"version\":1", "\"version\":9");
    let plain = MemoryStore::new();
    write_item(&plain, &text);
    store.write("aaaaaaaaaa", "One", &plain.read("aaaaaaaaaa").unwrap().expect("written")).unwrap();
    assert_eq!(code(keychain.read(&connector(), LONG).await), Code::LocalDatabaseNewer);
}

/// Writes a head as the crate does for a record that fits into one item.
fn write_item(store: &MemoryStore, record: &str) {
    let mut digest = String::new();
    for byte in Sha256::digest(record) {
        write!(digest, "{byte:02x}").unwrap();
    }
    let item = format!("replug1 0 0 {} {digest}\n{record}", record.len());
    store.write("aaaaaaaaaa", "One", &Secret::new(item.into_bytes())).unwrap();
}

#[tokio::test]
async fn each_fault_of_a_store_has_its_own_code() {
    let expected = [
        (Fault::Locked, Code::KeyLocked),
        (Fault::Missing, Code::KeyMissing),
        (Fault::Denied, Code::KeyDenied),
        (Fault::TooLong, Code::KeyWriteLost),
        (Fault::Failed, Code::KeyFailed),
        (Fault::Panic, Code::KeyFailed),
    ];
    for (fault, expected) in expected {
        let store = memory();
        let keychain = keychain(&store);
        keychain.write(&record(&connector(), 1, 40), "One", LONG).await.unwrap();
        store.fail_always(Operation::Any, fault);
        assert_eq!(code(keychain.read(&connector(), LONG).await), expected, "reading with {fault:?}");
        let write = keychain.write(&record(&connector(), 2, 40), "One", LONG).await;
        assert_eq!(code(write), expected, "writing with {fault:?}");
        assert_eq!(code(keychain.delete(&connector(), LONG).await), expected, "deleting with {fault:?}");
        store.heal();
        let read = keychain.read(&connector(), LONG).await.unwrap().expect("the record survived");
        assert_eq!(read.generation, 1, "{fault:?} destroyed nothing");
    }
}

#[tokio::test]
async fn a_write_that_the_store_forgets_is_noticed_at_once() {
    for fault in [Fault::Forget, Fault::Corrupt] {
        let store = memory();
        let keychain = keychain(&store);
        // The first read looks for the old record, the second one is the check.
        store.fail_at(Operation::Read, 2, fault);
        let write = keychain.write(&record(&connector(), 1, 40), "One", LONG).await;
        assert_eq!(code(write), Code::KeyWriteLost, "{fault:?} is noticed");
    }
    for before in [None, Some(record(&connector(), 1, 40))] {
        let store = memory();
        let keychain = keychain(&store);
        if let Some(before) = &before {
            keychain.write(before, "One", LONG).await.unwrap();
        }
        store.fail_always(Operation::Write, Fault::Lose);
        let write = keychain.write(&record(&connector(), 2, 40), "One", LONG).await;
        let replacing = before.is_some();
        assert_eq!(code(write), Code::KeyWriteLost, "success without a change, replacing: {replacing}");
    }
}

#[tokio::test]
async fn a_delete_that_did_nothing_is_noticed() {
    let store = memory();
    let keychain = keychain(&store);
    keychain.write(&record(&connector(), 1, 40), "One", LONG).await.unwrap();
    store.fail_always(Operation::Delete, Fault::Lose);
    assert_eq!(code(keychain.delete(&connector(), LONG).await), Code::KeyWriteLost);
}

#[tokio::test]
async fn damage_to_what_is_stored_is_found_and_can_be_written_over() {
    let store = memory();
    let keychain = keychain(&store);
    keychain.write(&record(&connector(), 1, 40), "One", LONG).await.unwrap();
    store.fail_always(Operation::Read, Fault::Corrupt);
    assert_eq!(code(keychain.read(&connector(), LONG).await), Code::KeyUnreadable);
    store.heal();
    store.write("aaaaaaaaaa", "One", &Secret::new(b"not ours".to_vec())).unwrap();
    assert_eq!(code(keychain.read(&connector(), LONG).await), Code::KeyUnreadable);
    keychain.write(&record(&connector(), 2, 40), "One", LONG).await.expect("signing in again replaces it");
    let read = keychain.read(&connector(), LONG).await.unwrap().expect("the new record");
    assert_eq!(read.generation, 2);
}

#[tokio::test]
async fn a_keychain_that_hangs_is_asked_only_once() {
    let store = memory();
    let keychain = keychain(&store);
    keychain.write(&record(&connector(), 1, 40), "One", LONG).await.unwrap();
    store.fail_at(Operation::Read, 1, Fault::Hang);
    let before = store.calls(Operation::Any);
    assert_eq!(code(keychain.read(&connector(), SHORT).await), Code::KeyBusy);
    assert_eq!(code(keychain.read(&connector(), LONG).await), Code::KeyBusy, "refused at once, however patient");
    assert_eq!(code(keychain.delete(&connector(), LONG).await), Code::KeyBusy, "and so is everything else");
    assert_eq!(store.calls(Operation::Any), before + 1, "the store was asked once");
    store.heal();
    keychain.wait_for_pending().await;
    let read = keychain.read(&connector(), LONG).await.unwrap().expect("the record is still there");
    assert_eq!(read.generation, 1, "nothing was done behind the person's back");
}

#[tokio::test]
async fn waiting_for_an_unlock_is_told_from_a_keychain_that_does_not_answer() {
    let store = memory();
    let keychain = keychain(&store);
    store.set_locked(true);
    store.fail_at(Operation::Read, 1, Fault::Hang);
    assert_eq!(code(keychain.read(&connector(), SHORT).await), Code::KeyLocked, "the person is being asked");
    assert_eq!(code(keychain.read(&connector(), LONG).await), Code::KeyLocked, "and still is");
    store.set_locked(false);
    store.heal();
    keychain.wait_for_pending().await;
    assert!(keychain.read(&connector(), LONG).await.unwrap().is_none(), "it answers again");
}

#[tokio::test]
async fn nothing_that_was_given_up_in_the_queue_is_done_later() {
    let store = memory();
    let keychain = Arc::new(keychain(&store));
    store.fail_at(Operation::Read, 1, Fault::Hang);
    let hanging = tokio::spawn({
        let keychain = Arc::clone(&keychain);
        async move { keychain.read(&connector(), LONG).await.map(|record| record.is_none()) }
    });
    wait_until_hanging(&store).await;
    let write = keychain.write(&record(&connector(), 1, 40), "One", SHORT).await;
    assert_eq!(code(write), Code::KeyBusy, "it waited behind the hanging call");
    store.heal();
    assert!(hanging.await.unwrap().unwrap(), "the patient caller gets its answer");
    assert!(keychain.read(&connector(), LONG).await.unwrap().is_none(), "the write was not done later");
    assert_eq!(store.calls(Operation::Write), 0, "not even tried");
}

#[tokio::test]
async fn who_has_an_answer_may_ask_the_next_question() {
    let store = memory();
    let keychain = Arc::new(keychain(&store));
    for round in 0..200 {
        store.fail_at(Operation::Read, 1, Fault::Hang);
        let patient = tokio::spawn({
            let keychain = Arc::clone(&keychain);
            async move {
                keychain.read(&connector(), LONG).await.unwrap();
                keychain.read(&connector(), LONG).await.map(|record| record.is_none())
            }
        });
        wait_until_hanging(&store).await;
        let impatient = keychain.read(&connector(), Patience::For(Duration::from_millis(1))).await;
        assert_eq!(code(impatient), Code::KeyBusy, "the call is overdue");
        store.heal();
        patient.await.unwrap().unwrap_or_else(|failure| panic!("round {round}: {failure}"));
    }
}

async fn wait_until_hanging(store: &FaultyStore) {
    let store = store.clone();
    tokio::task::spawn_blocking(move || store.wait_until_hanging()).await.unwrap();
}

#[tokio::test]
async fn waiting_for_a_keychain_that_does_not_hang_ends_at_once() {
    keychain(&memory()).wait_for_pending().await;
}

/// Sends a word when it is dropped, which the worker does at its end.
struct Farewell(MemoryStore, mpsc::Sender<()>);

impl Drop for Farewell {
    fn drop(&mut self) {
        self.1.send(()).unwrap();
    }
}

impl Store for Farewell {
    fn kind(&self) -> StoredIn {
        self.0.kind()
    }
    fn locked(&self) -> Result<bool, StoreError> {
        self.0.locked()
    }
    fn read(&self, account: &str) -> Result<Option<Secret<Vec<u8>>>, StoreError> {
        self.0.read(account)
    }
    fn write(&self, account: &str, label: &str, value: &Secret<Vec<u8>>) -> Result<(), StoreError> {
        self.0.write(account, label, value)
    }
    fn delete(&self, account: &str) -> Result<(), StoreError> {
        self.0.delete(account)
    }
}

#[tokio::test]
async fn dropping_the_keychain_ends_its_thread() {
    let (farewell, ended) = mpsc::channel();
    let store = Arc::new(Farewell(MemoryStore::new(), farewell));
    let keychain = Keychain::over(store, Predictable::seeded(1)).unwrap();
    keychain.write(&record(&connector(), 1, 40), "One", LONG).await.unwrap();
    drop(keychain);
    ended.recv_timeout(Duration::from_mins(1)).expect("the worker let go of the store");
}

#[tokio::test]
async fn a_self_test_names_its_steps_and_leaves_nothing_behind() {
    let inner = Arc::new(MemoryStore::new());
    let store = FaultyStore::over(Arc::clone(&inner) as Arc<dyn Store>);
    let keychain = keychain(&store);
    let test = keychain.self_test(LONG).await;
    let names: Vec<_> = test.steps.iter().map(|step| (step.step, step.ok)).collect();
    let expected = [("open", true), ("write", true), ("read", true), ("delete", true), ("gone", true)];
    assert_eq!(names, expected);
    assert_eq!((test.store, test.ok, test.failure()), (StoredIn::Memory, true, None));
    assert_eq!(inner.accounts(), [] as [String; 0], "the throw-away item is gone");
}

#[tokio::test]
async fn a_self_test_stops_where_going_on_proves_nothing() {
    let store = memory();
    store.fail_always(Operation::Write, Fault::Denied);
    let test = keychain(&store).self_test(LONG).await;
    let names: Vec<_> = test.steps.iter().map(|step| (step.step, step.ok)).collect();
    assert_eq!(names, [("open", true), ("write", false)]);
    assert_eq!(test.failure().map(|failure| failure.code), Some(Code::KeyDenied));
}

#[tokio::test]
async fn a_self_test_cleans_up_after_a_read_that_failed() {
    let inner = Arc::new(MemoryStore::new());
    let store = FaultyStore::over(Arc::clone(&inner) as Arc<dyn Store>);
    // The first read looks for an old record.
    store.fail_at(Operation::Read, 2, Fault::Forget);
    let test = keychain(&store).self_test(LONG).await;
    let names: Vec<_> = test.steps.iter().map(|step| (step.step, step.ok)).collect();
    assert_eq!(names, [("open", true), ("write", true), ("read", false), ("delete", true), ("gone", true)]);
    assert_eq!(test.failure().map(|failure| failure.code), Some(Code::KeyWriteLost));
    assert_eq!(inner.accounts(), [] as [String; 0], "nothing is left behind");
}

#[tokio::test]
async fn a_keychain_that_cannot_be_written_is_known_before_a_browser_opens() {
    let store = memory();
    let keychain = keychain(&store);
    keychain.probe_writable(LONG).await.expect("a sound store can be written");
    store.fail_always(Operation::Write, Fault::Lose);
    assert_eq!(code(keychain.probe_writable(LONG).await), Code::KeyWriteLost);
}

#[tokio::test]
async fn memory_is_a_keychain_until_the_program_ends() {
    let folder = tempfile::tempdir().unwrap();
    let keychain = Keychain::open(StoredIn::Memory, folder.path(), None, Predictable::seeded(1)).unwrap();
    assert_eq!(keychain.kind(), StoredIn::Memory);
    keychain.write(&record(&connector(), 1, 40), "One", Patience::Background).await.unwrap();
    assert!(keychain.read(&connector(), Patience::Window).await.unwrap().is_some());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the disk is not touched");
}
