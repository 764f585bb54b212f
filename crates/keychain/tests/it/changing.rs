//! Changing the place behind a keychain that is in use, and the encrypted file as a whole.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use replug_core::{Code, Secret, StoredIn};
use replug_keychain::fake::{Fault, FaultyStore, Operation};
use replug_keychain::{Keychain, MemoryStore, SecretsFile, StoreError};

use crate::support::{LONG, Predictable, SHORT, bytes, code, connector, keychain, record};

const OLD: &str = "the old passphrase";
const NEW: &str = "the new passphrase";

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn file(folder: &Path, passphrase: &str) -> Keychain {
    Keychain::open(StoredIn::File, folder, Some(secret(passphrase)), Predictable::seeded(7)).unwrap()
}

async fn opens(folder: &Path, passphrase: &str) -> Result<(), Code> {
    file(folder, passphrase).look(LONG).await.map_err(|failure| failure.code)
}

#[tokio::test]
async fn a_replaced_place_serves_the_next_call_and_the_former_one_is_handed_back() {
    let (first, second) = (Arc::new(MemoryStore::new()), FaultyStore::over(Arc::new(MemoryStore::new())));
    let front = keychain(&first);
    let written = record(&connector(), 1, 40);
    front.write(&written, "One", LONG).await.unwrap();
    let former = front.replace(keychain(&second));
    assert!(front.read(&connector(), LONG).await.unwrap().is_none(), "nothing is carried over by itself");
    let kept = former.read(&connector(), LONG).await.unwrap().expect("the former place still has it");
    assert_eq!(bytes(&kept), bytes(&written));
    front.write(&kept, "One", LONG).await.unwrap();
    former.delete(&connector(), LONG).await.unwrap();
    assert!(first.accounts().is_empty(), "the former place is empty");
    assert_eq!(second.calls(Operation::Write), 1);
}

#[tokio::test]
async fn a_call_that_hangs_in_the_former_place_does_not_hold_up_the_new_one() {
    let stuck = FaultyStore::over(Arc::new(MemoryStore::new()));
    let front = keychain(&stuck);
    stuck.fail_always(Operation::Read, Fault::Hang);
    assert_eq!(code(front.read(&connector(), SHORT).await), Code::KeyBusy);
    let former = front.replace(keychain(&Arc::new(MemoryStore::new())));
    assert!(front.read(&connector(), LONG).await.unwrap().is_none(), "the new place answers");
    assert_eq!(code(former.look(SHORT).await), Code::KeyBusy, "the former one is still in its call");
    stuck.heal();
}

#[tokio::test]
async fn looking_at_a_locked_store_says_so_and_asks_nobody() {
    let store = FaultyStore::over(Arc::new(MemoryStore::new()));
    let front = keychain(&store);
    store.set_locked(true);
    assert_eq!(code(front.look(LONG).await), Code::KeyLocked);
    assert_eq!(store.calls(Operation::Any), 0, "no item was touched, which would ask the person");
    store.set_locked(false);
    front.look(LONG).await.unwrap();
}

#[tokio::test]
async fn a_changed_passphrase_opens_the_file_and_the_old_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let written = record(&connector(), 1, 40);
    file(folder.path(), OLD).write(&written, "One", LONG).await.unwrap();
    let whole = SecretsFile::of(folder.path());
    let before = fs::read(whole.path()).unwrap();
    let wrong = whole.change_passphrase(secret("wrong"), &secret(NEW), Predictable::seeded(3));
    assert_eq!(wrong, Err(StoreError::Passphrase));
    assert_eq!(fs::read(whole.path()).unwrap(), before, "a wrong passphrase changes nothing");
    whole.change_passphrase(secret(OLD), &secret(NEW), Predictable::seeded(3)).unwrap();
    assert_eq!(opens(folder.path(), OLD).await, Err(Code::KeyPassphrase));
    let kept = file(folder.path(), NEW).read(&connector(), LONG).await.unwrap().expect("it is all there");
    assert_eq!(bytes(&kept), bytes(&written));
}

#[tokio::test]
async fn a_file_that_is_put_aside_keeps_its_content_and_can_be_put_back() {
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), OLD).write(&record(&connector(), 1, 40), "One", LONG).await.unwrap();
    let whole = SecretsFile::of(folder.path());
    let before = fs::read(whole.path()).unwrap();
    let name = whole.put_aside("20261120T080000Z").unwrap().expect("there was a file");
    assert_eq!((name.as_str(), whole.exists()), ("secrets-20261120T080000Z.enc", false));
    assert!(SecretsFile::is_aside(&name) && !SecretsFile::is_aside("secrets.enc"), "told by its name");
    assert_eq!(whole.put_aside("20261120T080000Z"), Ok(None), "nothing to put aside");
    file(folder.path(), NEW).write(&record(&connector(), 2, 40), "One", LONG).await.unwrap();
    assert!(whole.put_aside("20261120T080000Z").is_err(), "what is aside is not written over");
    whole.put_back(&name).unwrap();
    assert_eq!(fs::read(whole.path()).unwrap(), before, "byte for byte");
}

#[tokio::test]
async fn a_file_is_removed_only_when_nothing_is_kept_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let front = file(folder.path(), OLD);
    front.write(&record(&connector(), 1, 40), "One", LONG).await.unwrap();
    front.retire(LONG).await.unwrap();
    assert_eq!(opens(folder.path(), NEW).await, Err(Code::KeyPassphrase), "it is still there");
    front.delete(&connector(), LONG).await.unwrap();
    front.retire(LONG).await.unwrap();
    assert!(!SecretsFile::of(folder.path()).exists());
    front.retire(LONG).await.expect("nothing to remove is no failure");
}
