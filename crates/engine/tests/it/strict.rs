//! What comes in over the wire is taken by the letter; what an other version stored is read as far as it is known.

use replug_engine::wire::{AppSettings, EditConnector, NewConnector, Theme};
use replug_store::Store;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::bench::TestEngine;

fn refusal<T: DeserializeOwned>(value: Value) -> String {
    serde_json::from_value::<T>(value).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn a_member_that_nobody_knows_is_refused_and_not_passed_over() {
    let mistyped = json!({"client_idd": "replug"});
    assert!(refusal::<EditConnector>(mistyped.clone()).contains("unknown field `client_idd`"));
    let added = json!({"address": "https://open.example/mcp", "settings": mistyped});
    assert!(refusal::<NewConnector>(added).contains("unknown field `client_idd`"));
    let named = json!({"address": "https://open.example/mcp", "nickname": "Open"});
    assert!(refusal::<NewConnector>(named).contains("unknown field `nickname`"));
    assert!(refusal::<AppSettings>(json!({"colour": "dark"})).contains("unknown field `colour`"));
}

#[tokio::test]
async fn settings_of_a_newer_version_cost_nothing_of_what_is_known() {
    let test = TestEngine::start().await;
    let newer = json!({"check_every_s": 3600, "theme": "dark", "tray": true});
    let store = Store::open(test.folder(), test.clock.clone()).await.unwrap().store;
    store.set_setting("app", &newer).await.unwrap();
    let settings = test.engine.settings().await.unwrap();
    assert_eq!(settings, AppSettings { check_every_s: 3600, theme: Theme::Dark, ..AppSettings::default() });
}
