//! The real Secret Service of GNOME, each test in a session of its own with an empty keychain. Left out, visibly, unless
//! `REPLUG_TEST_KEYCHAIN=1` is set: it needs `dbus-run-session` and `gnome-keyring-daemon`.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use replug_core::{Code, StoredIn};
use replug_keychain::{Keychain, OsStore, Patience, Store as _};
use secret_service::EncryptionType;
use secret_service::blocking::SecretService;

use crate::support::{LONG, Predictable, assert_passed, bytes, code, connector, record, this_binary};

const UNLOCK: &str = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1";

#[expect(clippy::disallowed_methods, reason = "the test runner says so in the environment")]
fn wanted() -> bool {
    let wanted = std::env::var_os("REPLUG_TEST_KEYCHAIN").is_some_and(|value| value == "1");
    if !wanted {
        println!("LEFT OUT: the real keychain is tried with REPLUG_TEST_KEYCHAIN=1 only");
    }
    wanted
}

/// Runs one ignored test of this binary in a new D-Bus session, after the given preparation.
fn in_a_session(prepare: &str, test: &str) {
    if wanted() {
        run_in_a_session(&tempfile::tempdir().unwrap(), &[], prepare, test);
    }
}

fn run_in_a_session(home: &tempfile::TempDir, options: &[&str], prepare: &str, test: &str) {
    let child = this_binary(test);
    let output = Command::new("dbus-run-session")
        .args(options)
        .args(["--", "sh", "-c", &format!("{prepare}; exec \"$@\""), "sh"])
        .arg(child.get_program())
        .args(child.get_args())
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_RUNTIME_DIR", home.path())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    assert_passed(&output);
    println!("{}", String::from_utf8_lossy(&output.stdout));
}

fn system() -> Keychain {
    let folder = tempfile::tempdir().unwrap();
    Keychain::open(StoredIn::Keychain, folder.path(), None, Predictable::seeded(1)).unwrap()
}

/// The connection that a test looks through, beside the keychain's own.
fn onlooker() -> SecretService<'static> {
    SecretService::connect(EncryptionType::Plain).unwrap()
}

fn lock_default() {
    onlooker().get_default_collection().unwrap().lock().unwrap();
}

fn unlock_anew() {
    let mut daemon = Command::new("gnome-keyring-daemon")
        .args(["--replace", "--unlock", "--components=secrets"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    daemon.stdin.take().unwrap().write_all(b"pw").unwrap();
    assert!(daemon.wait().unwrap().success(), "the daemon has gone into the background");
}

#[test]
fn records_are_kept_in_the_real_keychain() {
    in_a_session(UNLOCK, "real::child_keeps_records");
}

#[tokio::test]
#[ignore = "run in a session of its own by the test above"]
async fn child_keeps_records() {
    let keychain = system();
    let test = keychain.self_test(LONG).await;
    assert!(test.ok, "{test:?}");
    for length in [40, 20_000] {
        let written = record(&connector(), 1, length);
        keychain.write(&written, "My server", LONG).await.unwrap();
        let read = system().read(&connector(), LONG).await.unwrap().expect("another process finds it");
        assert_eq!(bytes(&read), bytes(&written), "a token of {length} characters");
    }
    let items = onlooker();
    let found = items.search_items([("service", "Replug"), ("username", "aaaaaaaaaa")].into()).unwrap();
    assert_eq!(found.unlocked.len(), 1, "one item for the connector");
    assert_eq!(found.unlocked[0].get_label().unwrap(), "My server");
    keychain.write(&record(&connector(), 2, 40), "New name", LONG).await.unwrap();
    assert_eq!(found.unlocked[0].get_label().unwrap(), "New name", "the label follows the connector's name");
    measure(&keychain).await;
    keychain.delete(&connector(), LONG).await.unwrap();
    assert!(keychain.read(&connector(), LONG).await.unwrap().is_none(), "it is gone");
}

/// Prints how long a call takes; no limit is asserted, because the machine may be busy.
async fn measure(keychain: &Keychain) {
    const ROUNDS: u32 = 50;
    let written = record(&connector(), 3, 1_500);
    let started = Instant::now();
    for _ in 0..ROUNDS {
        keychain.write(&written, "New name", LONG).await.unwrap();
    }
    let write = started.elapsed() / ROUNDS;
    let started = Instant::now();
    for _ in 0..ROUNDS {
        keychain.read(&connector(), LONG).await.unwrap();
    }
    println!("MEASURED: write with read-back {write:?}, read {:?}", started.elapsed() / ROUNDS);
}

#[test]
fn two_items_of_one_name_are_replaced_by_one_in_the_real_keychain() {
    in_a_session(UNLOCK, "real::child_meets_two_items");
}

#[tokio::test]
#[ignore = "run in a session of its own by the test above"]
async fn child_meets_two_items() {
    let keychain = system();
    let attributes = [("service", "Replug"), ("username", "aaaaaaaaaa")];
    for extra in ["one", "two"] {
        let attributes = attributes.into_iter().chain([("extra", extra)]).collect();
        let service = onlooker();
        let collection = service.get_default_collection().unwrap();
        collection.create_item("Odd", attributes, b"odd", false, "text/plain").unwrap();
    }
    assert_eq!(code(keychain.read(&connector(), LONG).await), Code::KeyUnreadable, "neither is trusted");
    keychain.write(&record(&connector(), 1, 40), "One", LONG).await.expect("signing in again mends it");
    assert_eq!(onlooker().search_items(attributes.into()).unwrap().unlocked.len(), 1);
}

#[test]
fn a_restarted_daemon_is_found_again_in_the_real_keychain() {
    in_a_session(UNLOCK, "real::child_survives_a_restart");
}

#[tokio::test]
#[ignore = "run in a session of its own by the test above"]
async fn child_survives_a_restart() {
    let keychain = system();
    keychain.write(&record(&connector(), 1, 40), "One", LONG).await.unwrap();
    tokio::task::spawn_blocking(unlock_anew).await.unwrap();
    let read = keychain.read(&connector(), LONG).await.unwrap().expect("the record is still there");
    assert_eq!(read.generation, 1);
    keychain.write(&record(&connector(), 2, 40), "One", LONG).await.expect("and can be replaced");
}

#[test]
fn a_locked_keychain_is_named_in_time_in_the_real_keychain() {
    in_a_session(UNLOCK, "real::child_finds_it_locked");
}

#[tokio::test]
#[ignore = "run in a session of its own by the test above"]
async fn child_finds_it_locked() {
    let keychain = system();
    keychain.write(&record(&connector(), 1, 40), "One", LONG).await.unwrap();
    tokio::task::spawn_blocking(lock_default).await.unwrap();
    let started = Instant::now();
    let read = keychain.read(&connector(), Patience::Window).await;
    println!("MEASURED: reading a locked keychain failed after {:?}", started.elapsed());
    assert_eq!(code(read), Code::KeyLocked);
    assert!(started.elapsed() < Duration::from_secs(10), "bounded");
    assert_eq!(code(keychain.probe_writable(Patience::Window).await), Code::KeyLocked, "no browser is opened");
    tokio::task::spawn_blocking(unlock_anew).await.unwrap();
    keychain.wait_for_pending().await;
    let read = keychain.read(&connector(), LONG).await.unwrap().expect("unlocking brings it back");
    assert_eq!(read.generation, 1);
}

#[test]
fn a_secret_service_without_a_lasting_collection_is_no_keychain_in_the_real_keychain() {
    // The bus starts the daemon by itself; with nobody's password, it has only the collection of the session.
    in_a_session("true", "real::child_finds_none_on_the_bus");
}

#[test]
fn a_bus_without_a_secret_service_is_no_keychain_in_the_real_keychain() {
    if !wanted() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("bus.conf");
    // No folder with service files, so that the bus cannot start the daemon by itself.
    let text = format!(
        "<busconfig><type>session</type><listen>unix:dir={}</listen><policy context=\"default\">\
         <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/>\
         <allow own=\"*\"/></policy></busconfig>",
        home.path().display()
    );
    std::fs::write(&config, text).unwrap();
    let option = format!("--config-file={}", config.display());
    run_in_a_session(&home, &[&option], "true", "real::child_finds_none_on_the_bus");
}

#[tokio::test]
#[ignore = "run in a session of its own by the tests above"]
async fn child_finds_none_on_the_bus() {
    let failure = system().read(&connector(), LONG).await.unwrap_err();
    println!("SAID: {:?}", failure.said);
    assert_eq!(failure.code, Code::KeyMissing);
}

#[test]
fn a_computer_without_a_session_bus_has_no_keychain() {
    let mut child = this_binary("real::child_finds_no_bus");
    child.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus").env_remove("XDG_RUNTIME_DIR");
    assert_passed(&child.output().unwrap());
}

#[tokio::test]
#[ignore = "run with another environment by the test above"]
async fn child_finds_no_bus() {
    let keychain = system();
    assert_eq!(code(keychain.read(&connector(), LONG).await), Code::KeyMissing);
    let test = keychain.self_test(LONG).await;
    assert_eq!(test.steps.iter().map(|step| (step.step, step.ok)).collect::<Vec<_>>(), [("open", false)]);
    let opened = tokio::task::spawn_blocking(|| OsStore::open().map(|store| store.kind())).await.unwrap();
    assert_eq!(opened.unwrap_err().code(), Code::KeyMissing);
}
