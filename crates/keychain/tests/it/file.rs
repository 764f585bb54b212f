//! The encrypted file: what can be read in it, who may change it, and what becomes of it when something breaks.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use replug_core::{Code, Secret, StoredIn};
use replug_keychain::{Cost, FileStore, Keychain, Store, StoreError};

use crate::support::{LONG, Predictable, assert_passed, bytes, code, connector, keychain, record, this_binary};

const PASSPHRASE: &str = "correct horse";

fn passphrase(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn open(path: &Path, seed: u64) -> Result<FileStore, StoreError> {
    FileStore::open_with_cost(path, passphrase(PASSPHRASE), Predictable::seeded(seed), Cost::LEAST)
}

fn value(text: &str) -> Secret<Vec<u8>> {
    Secret::new(text.as_bytes().to_vec())
}

/// A folder with a file that holds one item.
fn filled() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secrets.enc");
    open(&path, 1).unwrap().write("aaaaaaaaaa", "", &value("canary-one")).unwrap();
    (folder, path)
}

fn read(store: &FileStore, account: &str) -> Option<Vec<u8>> {
    store.read(account).unwrap().map(|value| value.expose().clone())
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn what_is_written_is_read_by_the_next_process() {
    let (_folder, path) = filled();
    let store = open(&path, 2).unwrap();
    assert_eq!(read(&store, "aaaaaaaaaa").as_deref(), Some(b"canary-one".as_slice()));
    assert_eq!(read(&store, "bbbbbbbbbb"), None);
    store.delete("aaaaaaaaaa").unwrap();
    assert_eq!(read(&open(&path, 3).unwrap(), "aaaaaaaaaa"), None, "it is gone for everybody");
}

#[test]
fn neither_a_secret_nor_an_account_can_be_read_in_any_file() {
    let (folder, _path) = filled();
    let mut seen = 0;
    for entry in walk(folder.path()) {
        let found = fs::read(&entry).unwrap();
        for canary in ["canary-one", "aaaaaaaaaa", PASSPHRASE] {
            assert!(!contains(&found, canary), "`{canary}` is readable in {}", entry.display());
        }
        seen += found.len();
    }
    assert!(seen > 84, "there was something to look through: {seen} bytes");
    assert!(contains(b"xxcanary-onexx", "canary-one"), "and the search finds what is there");
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn the_same_content_is_never_encrypted_the_same_way_twice() {
    let (_folder, path) = filled();
    let first = fs::read(&path).unwrap();
    open(&path, 2).unwrap().write("aaaaaaaaaa", "", &value("canary-one")).unwrap();
    let second = fs::read(&path).unwrap();
    assert_eq!(first[..60], second[..60], "the passphrase's key stays");
    assert_ne!(first[60..84], second[60..84], "the nonce does not");
}

#[test]
fn a_wrong_passphrase_is_told_from_a_damaged_file() {
    let (_folder, path) = filled();
    let wrong = FileStore::open(&path, passphrase("wrong"), Predictable::seeded(2)).map(|_| ());
    assert_eq!(wrong, Err(StoreError::Passphrase));
    let mut damaged = fs::read(&path).unwrap();
    *damaged.last_mut().expect("a byte") ^= 1;
    fs::write(&path, damaged).unwrap();
    let store = open(&path, 2).unwrap();
    let outcome = store.read("aaaaaaaaaa").map(|_| ());
    assert_eq!(outcome, Err(StoreError::Corrupt { what: "its seal is broken" }));
}

#[test]
fn every_byte_of_the_file_is_guarded() {
    let (_folder, path) = filled();
    let whole = fs::read(&path).unwrap();
    for position in 0..whole.len() {
        let mut changed = whole.clone();
        changed[position] ^= 1;
        fs::write(&path, changed).unwrap();
        let outcome = open(&path, 2).and_then(|store| store.read("aaaaaaaaaa").map(|_| ()));
        assert!(outcome.is_err(), "a change at byte {position} goes unnoticed");
    }
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let outcome = open(&path, 2).and_then(|store| store.read("aaaaaaaaaa").map(|_| ()));
        assert!(outcome.is_err(), "a cut after {length} bytes goes unnoticed");
    }
}

#[test]
fn a_file_of_a_newer_replug_is_left_alone() {
    let (_folder, path) = filled();
    let mut newer = fs::read(&path).unwrap();
    newer[15] = 2;
    fs::write(&path, &newer).unwrap();
    assert_eq!(open(&path, 2).map(|_| ()), Err(StoreError::Newer { version: 2 }));
    assert_eq!(fs::read(&path).unwrap(), newer, "not a byte was changed");
}

#[test]
fn a_header_that_asks_for_all_memory_is_refused() {
    let (_folder, path) = filled();
    let mut greedy = fs::read(&path).unwrap();
    greedy[16..20].copy_from_slice(&u32::MAX.to_le_bytes());
    fs::write(&path, &greedy).unwrap();
    let outcome = open(&path, 2).unwrap().read("aaaaaaaaaa").map(|_| ());
    assert_eq!(outcome, Err(StoreError::Corrupt { what: "its key would cost too much" }));
}

#[test]
fn a_damaged_file_is_put_aside_by_the_next_write() {
    let (folder, path) = filled();
    fs::write(&path, "rubbish").unwrap();
    let store = open(&path, 2).unwrap();
    store.write("bbbbbbbbbb", "", &value("two")).expect("signing in again goes through");
    assert_eq!(read(&store, "bbbbbbbbbb").as_deref(), Some(b"two".as_slice()));
    assert_eq!(fs::read(folder.path().join("secrets.enc.damaged")).unwrap(), b"rubbish", "the old file is kept");
}

#[test]
fn what_a_crash_left_beside_the_file_does_no_harm() {
    let (folder, path) = filled();
    let beside = folder.path().join("secrets.enc.new");
    fs::write(&beside, "half of something").unwrap();
    let store = open(&path, 2).unwrap();
    assert_eq!(read(&store, "aaaaaaaaaa").as_deref(), Some(b"canary-one".as_slice()), "the whole file counts");
    store.write("bbbbbbbbbb", "", &value("two")).unwrap();
    assert!(!beside.exists(), "the next write clears it away");
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, path) = filled();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn a_write_that_the_disk_refuses_keeps_the_old_file() {
    let (folder, path) = filled();
    // A folder where the new file should go: even the superuser cannot write over it.
    let beside = folder.path().join("secrets.enc.new");
    fs::create_dir_all(beside.join("in-the-way")).unwrap();
    let store = open(&path, 2).unwrap();
    let outcome = store.write("aaaaaaaaaa", "", &value("new"));
    assert!(matches!(&outcome, Err(StoreError::Disk { .. })), "got {outcome:?}");
    assert_eq!(outcome.unwrap_err().code(), Code::LocalDisk);
    assert_eq!(read(&store, "aaaaaaaaaa").as_deref(), Some(b"canary-one".as_slice()), "the old value stays");
    fs::remove_dir_all(&beside).unwrap();
    store.write("aaaaaaaaaa", "", &value("new")).expect("saved when the disk allows it again");
}

const WRITES: usize = 20;

/// Writes many items of its own, as one of several processes.
fn write_many(path: &Path, name: &str, seed: u64) {
    let store = open(path, seed).unwrap();
    for number in 0..WRITES {
        store.write(&format!("{name}-{number}"), "", &value(name)).unwrap();
    }
}

fn assert_nothing_lost(path: &Path, names: &[&str]) {
    let store = open(path, 99).unwrap();
    for name in names {
        for number in 0..WRITES {
            let account = format!("{name}-{number}");
            assert_eq!(read(&store, &account).as_deref(), Some(name.as_bytes()), "{account} is there");
        }
    }
}

#[test]
fn writers_in_several_threads_lose_nothing_of_each_other() {
    let (_folder, path) = filled();
    let path = Arc::new(path);
    let names = ["one", "two", "three"];
    let threads: Vec<_> = (10..)
        .zip(names)
        .map(|(seed, name)| {
            let path = Arc::clone(&path);
            thread::spawn(move || write_many(&path, name, seed))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_nothing_lost(&path, &names);
}

#[test]
fn two_processes_that_make_the_file_together_lose_nothing_of_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secrets.enc");
    let names = ["left", "right"];
    let children = names.map(|name| {
        let mut command = this_binary("file::a_process_that_writes_many_items");
        command.env("REPLUG_TEST_FILE", &path).env("REPLUG_TEST_NAME", name);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
    });
    for child in children {
        assert_passed(&child.wait_with_output().unwrap());
    }
    assert_nothing_lost(&path, &names);
}

#[test]
#[ignore = "run as a process of its own by the test above"]
#[expect(clippy::disallowed_methods, reason = "a child process is told what to do by its environment")]
fn a_process_that_writes_many_items() {
    let path = PathBuf::from(std::env::var_os("REPLUG_TEST_FILE").expect("the file"));
    let name = std::env::var("REPLUG_TEST_NAME").expect("the name");
    write_many(&path, &name, u64::from(std::process::id()));
}

#[tokio::test]
async fn the_keychain_over_a_file_keeps_whole_records() {
    let (_folder, path) = filled();
    let keychain = keychain(&Arc::new(open(&path, 2).unwrap()));
    let written = record(&connector(), 1, 20_000);
    keychain.write(&written, "One", LONG).await.unwrap();
    let read = keychain.read(&connector(), LONG).await.unwrap().expect("the record is there");
    assert_eq!(bytes(&read), bytes(&written));
    assert!(keychain.self_test(LONG).await.ok);
}

#[tokio::test]
async fn the_keychain_asks_for_the_passphrase_and_says_when_it_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let open = |text: Option<&str>, seed| {
        Keychain::open(StoredIn::File, folder.path(), text.map(passphrase), Predictable::seeded(seed))
    };
    let shut = open(None, 1).unwrap();
    assert!(shut.is_shut(), "none given yet");
    assert_eq!(code(shut.read(&connector(), LONG).await), Code::KeyFileLocked);
    assert_eq!(code(shut.look(LONG).await), Code::KeyFileLocked);
    assert_eq!(code(open(Some(""), 1)), Code::KeyPassphrase, "an empty one");
    let right = open(Some(PASSPHRASE), 1).unwrap();
    right.write(&record(&connector(), 1, 40), "One", LONG).await.unwrap();
    assert!(folder.path().join("secrets.enc").exists(), "the file lies in the data folder");
    let wrong = open(Some("wrong"), 2).unwrap();
    assert_eq!(code(wrong.read(&connector(), LONG).await), Code::KeyPassphrase);
    assert_eq!(code(wrong.write(&record(&connector(), 2, 40), "One", LONG).await), Code::KeyPassphrase);
    let read = right.read(&connector(), LONG).await.unwrap().expect("untouched");
    assert_eq!(read.generation, 1);
}
