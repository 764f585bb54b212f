//! Damaged files: whatever is in replug.db, opening ends in a working store that says what happened, or in an error.

use std::path::Path;

use replug_core::{Code, Failure, Health, State};
use replug_store::{Opened, Rebuilt, Salvaged, StoreError};
use serde_json::json;

use crate::support::{Place, names, noon};

/// A closed database with enough in it to fill some pages, and its bytes.
async fn filled(place: &Place) -> Vec<u8> {
    let store = place.open().await;
    for number in 0..40 {
        let connector = place.connector(&format!("connector {number} {}", "x".repeat(200)));
        store.insert(&connector).await.unwrap();
        let health = Health { state: State::Connected, summary: "fine ".repeat(100), ..Health::unknown() };
        store.record_check(&connector.id, &health, &[], noon()).await.unwrap();
    }
    store.set_setting("theme", &json!("dark")).await.unwrap();
    store.close().await.unwrap();
    std::fs::read(place.database()).unwrap()
}

/// Opens whatever is there, and checks that it works.
async fn open_and_use(place: &Place, case: &str) -> Option<Rebuilt> {
    let Opened { store, rebuilt } = place.try_open().await.unwrap_or_else(|error| panic!("{case}: {error:?}"));
    let known = store.list().await.unwrap_or_else(|error| panic!("{case}: {error:?}")).len();
    let added = place.connector(&format!("added after {case}"));
    store.insert(&added).await.unwrap_or_else(|error| panic!("{case}: {error:?}"));
    assert_eq!(store.list().await.unwrap().len(), known + 1, "{case}");
    store.close().await.unwrap();
    rebuilt
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_database_is_kept_aside_and_replaced() {
    for (case, bytes) in [
        ("no bytes", Vec::new()),
        ("one byte", vec![b'S']),
        ("garbage", b"garbage ".repeat(5000)),
        ("a header only", [b"SQLite format 3\0".as_slice(), &[0; 84]].concat()),
        ("zeros", vec![0; 65536]),
    ] {
        let place = Place::new();
        std::fs::create_dir(place.data_dir()).unwrap();
        write(&place.database(), &bytes);
        let rebuilt = open_and_use(&place, case).await.unwrap_or_else(|| panic!("{case}: it says so"));
        assert_eq!(rebuilt.salvaged, Some(Salvaged::default()), "{case}");
        assert!(std::fs::read(&rebuilt.kept).unwrap() == bytes, "{case}: the old file is kept as it was");
        assert_eq!(rebuilt.kept.file_name().unwrap(), "replug.db.damaged-20260304T120000Z", "{case}");
        let failure = Failure::from(&rebuilt);
        assert_eq!(failure.code, Code::LocalDatabaseDamaged, "{case}");
        assert_eq!(open_and_use(&place, "second start").await, None, "{case}: the new one is sound");
    }
}

#[tokio::test]
async fn a_damaged_page_costs_no_more_than_what_was_on_it() {
    let place = Place::new();
    let mut bytes = filled(&place).await;
    let holds = |page: &[u8], text: &[u8]| page.windows(text.len()).any(|window| window == text);
    // The names are in an index as well; the address is only in the table.
    let mut pages = bytes.chunks_mut(4096);
    let page = pages.find(|page| holds(page, b"connector 20") && holds(page, b"mcp.example")).unwrap();
    page[..16].fill(0xff);
    write(&place.database(), &bytes);

    let opened = place.try_open().await.unwrap();
    let rebuilt = opened.rebuilt.expect("it says so");
    let left = names(&opened.store).await;
    assert!((20..40).contains(&left.len()), "most connectors are left, got {}", left.len());
    assert!(left[0].starts_with("connector 0 "), "those before the page: {}", left[0]);
    assert!(left.last().unwrap().starts_with("connector 39 "), "and those after it");
    assert_eq!(rebuilt.salvaged.unwrap().connectors as usize, left.len());
    assert_eq!(opened.store.setting("theme").await.unwrap(), Some(json!("dark")), "other tables are whole");
    assert!(std::fs::read(&rebuilt.kept).unwrap() == bytes, "the damaged file is kept as it was");
}

#[tokio::test]
async fn an_index_that_contradicts_its_table_is_made_anew() {
    const INDEX_LEAF: u8 = 0x0a;
    let place = Place::new();
    let mut bytes = filled(&place).await;
    let at = |page: &[u8]| page.windows(12).position(|window| window == b"connector 20");
    let mut leaves = bytes.chunks_mut(4096).filter(|page| page[0] == INDEX_LEAF);
    let (page, start) = leaves.find_map(|page| at(page).map(|start| (page, start))).unwrap();
    page[start..start + 9].copy_from_slice(b"donnector");
    write(&place.database(), &bytes);

    let opened = place.try_open().await.unwrap();
    let salvaged = opened.rebuilt.expect("it says so").salvaged;
    assert_eq!(salvaged, Some(Salvaged { connectors: 40, lost: 0 }));
    let name = &names(&opened.store).await[20];
    assert!(opened.store.find(name).await.unwrap().is_some(), "{name} is found again");
}

#[tokio::test]
async fn a_damaged_setting_is_left_out_unless_no_default_can_stand_in_for_it() {
    let place = Place::new();
    let store = place.try_open().await.unwrap().store;
    assert_eq!(store.vital_setting("theme").await.unwrap(), None, "never set");
    store.set_setting("theme", &json!("dark")).await.unwrap();
    assert_eq!(store.vital_setting("theme").await.unwrap(), Some(json!("dark")));
    place.execute("UPDATE settings SET value = CAST(x'ff22' AS TEXT)").await;
    assert_eq!(store.setting("theme").await.unwrap(), None);
    assert!(matches!(store.vital_setting("theme").await, Err(StoreError::Unreadable { .. })));
}

#[tokio::test]
async fn a_connector_with_unreadable_settings_keeps_its_name_and_address() {
    let place = Place::new();
    filled(&place).await;
    place
        .execute("UPDATE connectors SET settings = '{\"headers\": [', name = CAST(x'61ff62' AS TEXT) WHERE seq = 3")
        .await;
    let opened = place.try_open().await.unwrap();
    assert_eq!(opened.rebuilt.unwrap().reason, "1 connectors cannot be read");
    let listed = opened.store.list().await.unwrap();
    assert_eq!(listed.len(), 40);
    assert_eq!(listed[2].connector.name, "a\u{fffd}b");
    assert_eq!(listed[2].connector.address.to_string(), "https://mcp.example/mcp");
    assert_eq!(listed[2].health.state, State::Connected, "its verdict came along");
}

#[tokio::test]
async fn a_truncated_database_keeps_what_is_before_the_cut() {
    let place = Place::new();
    let bytes = filled(&place).await;
    for length in [bytes.len() - 1, bytes.len() - 4096, bytes.len() / 2, 4096 * 2, 4096, 4095, 512, 100, 99, 17] {
        write(&place.database(), &bytes[..length]);
        let case = format!("cut at {length} of {}", bytes.len());
        assert!(open_and_use(&place, &case).await.is_some(), "{case}: it says so");
    }
    write(&place.database(), &bytes[..bytes.len() - 4096]);
    let opened = place.try_open().await.unwrap();
    assert!(!names(&opened.store).await.is_empty(), "something is left: {:?}", opened.rebuilt);
}

#[tokio::test]
async fn no_flipped_bit_keeps_the_database_from_opening() {
    let place = Place::new();
    let bytes = filled(&place).await;
    // Every byte of the header, then a walk through the file with a stride that meets every kind of page.
    let offsets = (0..100).chain((100..bytes.len()).step_by(bytes.len() / 150));
    for (round, offset) in offsets.enumerate() {
        let mut flipped = bytes.clone();
        flipped[offset] ^= 1 << (round % 8);
        write(&place.database(), &flipped);
        open_and_use(&place, &format!("bit {} of byte {offset}", round % 8)).await;
    }
}

#[tokio::test]
async fn a_damaged_database_is_not_replaced_under_a_process_that_uses_it() {
    let place = Place::new();
    filled(&place).await;
    let user = place.open().await;
    place.execute("PRAGMA user_version = 1").await;
    let error = place.try_open().await.unwrap_err();
    assert!(matches!(error, StoreError::DamagedInUse), "{error:?}");
    assert_eq!(error.code(), Code::LocalBusy);
    user.close().await.unwrap();
    let opened = place.try_open().await.unwrap();
    assert_eq!(opened.rebuilt.unwrap().salvaged, Some(Salvaged { connectors: 40, lost: 0 }));
}

#[tokio::test]
async fn a_rebuild_that_was_cut_short_is_finished() {
    let place = Place::new();
    let sound = filled(&place).await;
    let new = place.data_dir().join("replug.db.new");
    // Killed before the old file was moved, and after.
    for old in [Some(b"damaged".as_slice()), None] {
        write(&new, &sound);
        match old {
            Some(bytes) => write(&place.database(), bytes),
            None => std::fs::remove_file(place.database()).unwrap(),
        }
        let opened = place.try_open().await.unwrap();
        let rebuilt = opened.rebuilt.expect("it says so");
        assert_eq!(rebuilt.reason, "an earlier rebuild was cut short");
        assert_eq!(names(&opened.store).await.len(), 40);
        assert!(!new.exists());
        opened.store.close().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_left_of_a_killed_build_is_no_obstacle() {
    let place = Place::new();
    std::fs::create_dir(place.data_dir()).unwrap();
    for name in ["replug.db.unfinished", "replug.db.unfinished-wal", "replug.db-wal", "replug.db-shm"] {
        write(&place.data_dir().join(name), b"left over");
    }
    assert_eq!(open_and_use(&place, "left over").await, None, "the first start of an empty folder");
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_an_error_with_the_disks_code() {
    let place = Place::new();
    write(&place.data_dir(), b"a file is in the way");
    let error = place.try_open().await.unwrap_err();
    assert_eq!(error.code(), Code::LocalDisk, "{error:?}");
}
