//! Replacing files: the old or the new, never half, and never more than was asked.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::time::Duration;

use replug_apps::{AppLock, LockError, ReplaceError, Wanted, replace};
use sha2::{Digest as _, Sha256};

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

fn wanted(shown: Option<[u8; 32]>) -> Wanted<'static> {
    Wanted { shown, bytes: b"new", secret: false }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_link_stays_a_link_and_its_target_keeps_its_permissions() {
    let home = tempfile::tempdir().unwrap();
    let (target, link) = (home.path().join("real.json"), home.path().join("link.json"));
    fs::write(&target, "old").unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&target, &link).unwrap();
    replace(&link, &wanted(Some(digest("old")))).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "the link is still one");
    assert_eq!((fs::read_to_string(&target).unwrap().as_str(), mode(&target)), ("new", 0o640));
    assert_eq!(names(home.path()), ["link.json", "real.json"], "nothing is left over");
}

#[test]
fn tokens_are_for_their_owner_alone() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("tokens.json");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    replace(&path, &Wanted { secret: true, ..wanted(Some(digest("old"))) }).unwrap();
    assert_eq!(mode(&path), 0o600);
    let fresh = home.path().join("fresh.json");
    replace(&fresh, &wanted(None)).unwrap();
    assert_eq!(mode(&fresh), 0o600, "a new one is, too");
}

#[test]
fn a_file_that_changed_since_it_was_shown_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("a.json");
    fs::write(&path, "newer").unwrap();
    for shown in [Some(digest("old")), None] {
        let refused = replace(&path, &wanted(shown)).unwrap_err();
        assert!(matches!(refused, ReplaceError::Changed), "{refused:?}");
    }
    assert!(matches!(
        replace(&home.path().join("gone.json"), &wanted(Some(digest("old")))),
        Err(ReplaceError::Changed)
    ));
    assert_eq!(fs::read_to_string(&path).unwrap(), "newer");
    assert_eq!(names(home.path()), ["a.json"], "nothing is left over");
}

#[test]
fn folders_dangling_links_and_read_only_files_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("folder");
    fs::create_dir(&folder).unwrap();
    assert!(matches!(replace(&folder, &wanted(Some(digest("old")))), Err(ReplaceError::NotAFile)));
    let link = home.path().join("dangling");
    symlink(home.path().join("nowhere"), &link).unwrap();
    assert!(matches!(replace(&link, &wanted(None)), Err(ReplaceError::Io(_))), "a link to nothing is not followed");
    let kept = home.path().join("kept.json");
    fs::write(&kept, "old").unwrap();
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o444)).unwrap();
    assert!(matches!(replace(&kept, &wanted(Some(digest("old")))), Err(ReplaceError::Io(_))), "read-only means it");
    assert_eq!(fs::read_to_string(&kept).unwrap(), "old");
}

#[test]
fn a_lock_is_waited_for_and_never_taken_away() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join(".claude.json.lock");
    let held = AppLock::folder(&path, Duration::ZERO).unwrap();
    assert!(matches!(AppLock::folder(&path, Duration::ZERO), Err(LockError::Busy)), "the holder keeps it");
    assert!(path.is_dir(), "and it is still there");
    drop(held);
    assert!(!path.exists(), "it goes with its holder");
    let file = home.path().join("file-store.lock");
    let held = AppLock::file(&file, Duration::ZERO).unwrap();
    assert!(matches!(AppLock::file(&file, Duration::ZERO), Err(LockError::Busy)));
    drop(held);
    drop(AppLock::file(&file, Duration::ZERO).unwrap());
    assert!(file.exists(), "a lock file stays");
}
