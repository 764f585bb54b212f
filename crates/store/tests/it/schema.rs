//! Schema versions: newer ones are refused, older ones migrated, and foreign additions not tolerated.

use replug_core::{Code, Failure};
use replug_store::StoreError;
use sqlx::Connection;

use crate::support::{Place, names};

const FIRST_SCHEMA: &str = include_str!("../../migrations/0001_connectors.sql");

/// A database of the first schema with one connector.
async fn old_database(place: &Place) {
    std::fs::create_dir(place.data_dir()).unwrap();
    let mut conn = place.raw().await;
    for sql in [
        "PRAGMA journal_mode = WAL",
        FIRST_SCHEMA,
        "INSERT INTO connectors (id, name, name_key, address, paused, settings, sources, created_at) \
         VALUES ('aaaaaaaaaa', 'Old', 'old', 'https://mcp.example/', 0, '{}', '[]', 0)",
    ] {
        sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    }
    conn.close().await.unwrap();
}

#[tokio::test]
async fn a_newer_database_is_refused_and_left_as_it_is() {
    let place = Place::new();
    place.open().await.close().await.unwrap();
    place.execute("CREATE TABLE later (a); INSERT INTO migrations VALUES (99); PRAGMA user_version = 99").await;
    let (bytes, files) = (std::fs::read(place.database()).unwrap(), place.files());

    let error = place.try_open().await.unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error:?}");
    assert_eq!(Failure::from(error).code, Code::LocalDatabaseNewer);
    assert!(std::fs::read(place.database()).unwrap() == bytes, "not one byte was changed");
    assert_eq!(place.files(), files, "no file was added beside it");
}

#[tokio::test]
async fn a_newer_database_that_is_still_in_its_log_is_refused() {
    let place = Place::new();
    place.open().await.close().await.unwrap();
    let mut newer = place.raw().await;
    let sql = "INSERT INTO migrations VALUES (99); PRAGMA user_version = 99";
    sqlx::raw_sql(sql).execute(&mut newer).await.unwrap();
    let bytes = std::fs::read(place.database()).unwrap();
    assert_eq!(bytes[60..64], 5_u32.to_be_bytes(), "the file itself does not show it yet");

    let error = place.try_open().await.unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error:?}");
    assert!(std::fs::read(place.database()).unwrap() == bytes, "not one byte was changed");
    newer.close().await.unwrap();
}

#[tokio::test]
async fn an_older_database_is_migrated_after_a_copy_was_kept() {
    let place = Place::new();
    old_database(&place).await;
    let store = place.open().await;
    assert_eq!(names(&store).await, ["Old"]);
    assert!(store.list_unfinished().await.unwrap().is_empty(), "the new tables are there");

    let backups = place.data_dir().join("backups");
    let copies: Vec<_> = std::fs::read_dir(&backups).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(copies, ["replug-schema-1-20260304T120000Z.db"]);
    store.close().await.unwrap();

    // The copy is a database of its own, and going back to it migrates it again.
    std::fs::copy(backups.join(&copies[0]), place.database()).unwrap();
    assert_eq!(names(&place.try_open().await.unwrap().store).await, ["Old"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_whose_name_is_no_text_is_migrated_and_rebuilt_like_any_other() {
    use std::os::unix::ffi::OsStringExt as _;
    let place = Place::new();
    old_database(&place).await;
    let odd = place.data_dir().with_file_name(std::ffi::OsString::from_vec(b"\xff ?%23".to_vec()));
    std::fs::rename(place.data_dir(), &odd).unwrap();
    let opened = replug_store::Store::open(&odd, crate::support::clock()).await.unwrap();
    assert_eq!(names(&opened.store).await, ["Old"]);
    opened.store.close().await.unwrap();
    assert_eq!(std::fs::read_dir(odd.join("backups")).unwrap().count(), 1, "the copy lies beside it");
    let whole = std::fs::read(odd.join("replug.db")).unwrap();
    std::fs::write(odd.join("replug.db"), &whole[..whole.len() - 4096]).unwrap();
    let opened = replug_store::Store::open(&odd, crate::support::clock()).await.unwrap();
    assert!(opened.rebuilt.is_some());
    assert_eq!(names(&opened.store).await, ["Old"]);
}

#[tokio::test]
async fn processes_that_start_together_migrate_once() {
    let place = Place::new();
    old_database(&place).await;
    let opened = [place.try_open(), place.try_open(), place.try_open(), place.try_open()];
    let [a, b, c, d] = opened;
    let (a, b, c, d) = tokio::join!(a, b, c, d);
    for opened in [a, b, c, d] {
        let opened = opened.unwrap();
        assert_eq!(opened.rebuilt, None);
        assert_eq!(names(&opened.store).await, ["Old"]);
    }
    assert_eq!(std::fs::read_dir(place.data_dir().join("backups")).unwrap().count(), 1, "one copy");
}

#[tokio::test]
async fn a_trigger_that_somebody_added_does_not_survive() {
    let place = Place::new();
    let store = place.open().await;
    store.insert(&place.connector("a")).await.unwrap();
    store.close().await.unwrap();
    place.execute("CREATE TRIGGER evil AFTER INSERT ON connectors BEGIN DELETE FROM connectors; END").await;
    let opened = place.try_open().await.unwrap();
    assert_eq!(opened.rebuilt.unwrap().reason, "the tables are not those of schema 5");
    opened.store.insert(&place.connector("b")).await.unwrap();
    assert_eq!(names(&opened.store).await, ["a", "b"]);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_what_is_made() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let store = place.open().await;
    store.insert(&place.connector("a")).await.unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.data_dir()), 0o700);
    for name in place.files() {
        let path = place.data_dir().join(&name);
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{name}");
    }
}
