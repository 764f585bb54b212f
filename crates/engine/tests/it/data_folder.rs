//! What comes into the data folder from a file, what leaves it with time, and what is left of it after a reset.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use replug_core::{Allow, Failure, Secret, State, StoredIn};
use replug_engine::OpenOptions;
use replug_engine::wire::{ConnectorView, EditConnector, NewConnector, SecretEdit};
use replug_lab::{McpFaults, McpServer};
use replug_store::Store;
use serde_json::{Value, json};

use crate::bench::TestEngine;
use crate::scene::Scene;

/// Imports connectors as an export holds them.
async fn import(test: &TestEngine, connectors: Value) -> Result<Vec<ConnectorView>, Failure> {
    let document = json!({ "format": "replug-connectors", "version": 1, "connectors": connectors });
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("connectors.json");
    fs::write(&file, document.to_string()).unwrap();
    test.engine.import_file(&file, false).await
}

#[tokio::test]
async fn an_exported_connector_comes_back_with_its_settings() {
    let (one, other) = (TestEngine::start().await, TestEngine::start().await);
    let settings = EditConnector {
        client_id: Some("client".to_owned()),
        scope: Some("read write".to_owned()),
        client_name: Some("Mine".to_owned()),
        callback_host: Some("localhost".to_owned()),
        callback_port: Some(4321),
        callback_path: Some("/back".to_owned()),
        headers: Some(vec![("X-Api-Key".to_owned(), SecretEdit::Set("value".to_owned()))]),
        params: Some(vec![("audience".to_owned(), "api".to_owned())]),
        issuer: Some("https://auth.example".to_owned()),
        check_every_s: Some(600),
        ..EditConnector::default()
    };
    let id = one.add_with("https://mcp.example/mcp?key=value", settings).await;
    let file = one.folder().join("export.json");
    one.engine.export(&file).await.unwrap();
    let imported = other.engine.import_file(&file, false).await.unwrap();
    let shown = other.engine.show(&imported[0].id.parse().unwrap()).await.unwrap();
    let mut expected = one.engine.show(&id).await.unwrap().settings;
    expected.client_secret_set = shown.settings.client_secret_set;
    assert_eq!(shown.settings.headers_stored, Some(Vec::new()), "a file holds no values");
    expected.headers_stored = Some(Vec::new());
    assert_eq!(shown.settings, expected);
}

#[tokio::test]
async fn a_file_grants_nothing() {
    let test = TestEngine::start().await;
    let allow = json!(["http", "pkce-unlisted", "private-service"]);
    let entry = |name: &str, address: &str| json!({ "name": name, "address": address, "settings": { "allow": allow } });
    let sound = entry("Sound", "https://mcp.example/mcp");
    let refused = import(&test, json!([sound, entry("Plain", "http://mcp.example/mcp")])).await.unwrap_err();
    assert_eq!(refused.code.as_str(), "RPL-USE-ADDRESS-NOT-ENCRYPTED");
    assert!(refused.facts.iter().any(|fact| fact.value == "Plain"), "{refused:?}");
    assert!(test.engine.list().await.unwrap().is_empty(), "all or none");
    let imported = import(&test, json!([sound])).await.unwrap();
    let shown = test.engine.show(&imported[0].id.parse().unwrap()).await.unwrap();
    assert_eq!(shown.settings.allow, []);
}

#[tokio::test]
async fn a_connector_with_plain_http_comes_back_when_a_person_allows_it_again() {
    let (one, other) = (TestEngine::start().await, TestEngine::start().await);
    let settings = EditConnector { allow: Some(vec![Allow::Http, Allow::PrivateService]), ..EditConnector::default() };
    one.add_with("http://intranet.example/mcp", settings).await;
    one.add("https://mcp.example/mcp").await;
    let file = one.folder().join("export.json");
    one.engine.export(&file).await.unwrap();
    let refused = other.engine.import_file(&file, false).await.unwrap_err();
    assert_eq!(refused.code.as_str(), "RPL-USE-ADDRESS-NOT-ENCRYPTED");
    assert!(refused.sentence().contains("--allow http"), "{refused:?}");
    let imported = other.engine.import_file(&file, true).await.unwrap();
    let mut allowed = Vec::new();
    for view in &imported {
        let shown = other.engine.show(&view.id.parse().unwrap()).await.unwrap();
        allowed.push((shown.connector.address.clone(), shown.settings.allow));
    }
    let expected = [("http://intranet.example/mcp", vec![Allow::Http]), ("https://mcp.example/mcp", vec![])];
    assert_eq!(allowed, expected.map(|(address, allow)| (address.to_owned(), allow)), "and nothing more is granted");
}

#[cfg(unix)]
#[tokio::test]
async fn a_data_folder_whose_name_is_no_text_works() {
    use std::os::unix::ffi::OsStringExt as _;
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join(std::ffi::OsString::from_vec(b"caf\xe9 \xff%41?#".to_vec()));
    let open = || async {
        let options = OpenOptions {
            data_dir: folder.clone(),
            secrets: Some(StoredIn::File),
            passphrase: Some(Secret::new("a passphrase".to_owned())),
            browser: std::sync::Arc::new(replug_lab::Person::new(replug_lab::Conduct::Allow)),
            patience: replug_engine::Patience::Background,
            computer: replug_engine::Computer::new(replug_engine::Platform::Linux, place.path(), |_| None),
            proxy_hosts: Vec::new(),
        };
        replug_engine::Engine::open(options).await.unwrap().engine
    };
    let server = McpServer::start(McpFaults::default(), None).unwrap();
    let new = NewConnector { address: server.address(), ..NewConnector::default() };
    let added = Box::pin(open().await.add(&new, false)).await.unwrap();
    let engine = open().await;
    let checked = engine.check_and_wait(None).await.unwrap();
    assert_eq!((&checked[0].id, checked[0].health.state), (&added.connector.id, State::Connected));
    assert!(folder.join("replug.db").exists(), "in that very folder");
    engine.reset().await.unwrap();
    assert!(!folder.exists());
}

#[tokio::test]
async fn settings_in_a_file_pass_the_checks_of_settings_that_are_typed() {
    let test = TestEngine::start().await;
    for settings in [
        json!({ "headers": ["Mcp-Session-Id"] }),
        json!({ "headers": ["X Y"] }),
        json!({ "params": [["redirect_uri", "https://evil.example"]] }),
        json!({ "callback": { "path": "//evil.example" } }),
        json!({ "issuer": "not an address" }),
    ] {
        let entry = json!([{ "name": "Bent", "address": "https://mcp.example/mcp", "settings": settings }]);
        let refused = import(&test, entry).await.unwrap_err();
        assert_eq!(refused.code.as_str(), "RPL-USE-SETTING-INVALID", "{settings}");
        assert!(refused.facts.iter().any(|fact| fact.value == "Bent"), "{refused:?}");
    }
    assert!(test.engine.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_watching_engine_drops_history_that_is_too_old() {
    let server = McpServer::start(McpFaults::default(), None).unwrap();
    let test = TestEngine::start().await;
    let id = test.add(&server.address()).await;
    assert_eq!(test.check(&id).await.health.state, State::Connected);
    let store = Store::open(test.folder(), test.clock.clone()).await.unwrap().store;
    assert_eq!(store.history(&id, 10).await.unwrap().len(), 1);
    test.clock.advance(Duration::from_hours(24 * 91));
    let gone = async {
        while !store.history(&id, 10).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = test.engine.watch() => panic!("watching does not end by itself"),
        dropped = tokio::time::timeout(Duration::from_secs(20), gone) => dropped.unwrap(),
    }
    assert_eq!(test.engine.get(&id).await.unwrap().health.state, State::Connected, "the verdict stays");
}

/// All files below a folder, without the folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path.strip_prefix(folder).unwrap().to_owned()) }
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn a_reset_leaves_files_of_others_where_they_are() {
    let scene = Scene::healthy().await.signed_in().await;
    let folder = scene.test.folder().to_owned();
    fs::create_dir_all(folder.join("logs")).unwrap();
    let mut foreign: Vec<PathBuf> = [
        "backups/holiday.db",
        "backups/replug-schema-notes.db",
        "backups/replug-schema-1-20260304T120000Z.db.txt",
        "locks/yale.txt",
        "locks/notanid.record",
        "locks/aaaaaaaaaa.note",
        "logs/diary.log",
        "photo.jpg",
        "replug.db.damaged-notes",
        "replug.db.txt",
    ]
    .map(PathBuf::from)
    .into();
    foreign.sort();
    for file in &foreign {
        fs::write(folder.join(file), "somebody else's").unwrap();
    }
    scene.test.engine.reset().await.unwrap();
    assert_eq!(files(&folder), foreign);
}

#[tokio::test]
async fn a_reset_leaves_nothing_of_replug() {
    let scene = Scene::healthy().await.signed_in().await;
    let folder = scene.test.folder().to_owned();
    fs::create_dir_all(folder.join("logs")).unwrap();
    for file in [
        "backups/replug-schema-1-20260304T120000Z.db",
        "backups/replug-schema-12-20260304T120000Z.db-2",
        "backups/replug-schema-2-20260304T120000Z.db.partial",
        "replug.db.damaged-20260304T120000Z",
        "replug.db.damaged-20260304T120000Z-2-wal",
        "replug.db.unfinished",
        "replug.db.unfinished-wal",
        "replug.db.new",
        "secrets.enc.new",
        "secrets.enc.damaged",
        "locks/migration.lock",
        "locks/keychain.lock",
        "locks/secrets.lock",
    ] {
        fs::write(folder.join(file), "Replug's").unwrap();
    }
    scene.test.engine.reset().await.unwrap();
    assert!(!folder.exists(), "{:?}", files(&folder));
}
