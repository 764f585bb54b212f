//! The fixtures of the pages' tests are what the engine would write: each is read as the type it stands for, and written again
//! without a difference. What the pages make of them is tested in `ui`.

use std::fs;
use std::path::Path;

use replug_engine::explain;
use replug_engine::wire::{
    About, AppSettings, CodeEntry, ConnectorDetail, ConnectorView, Probe, SelfTest, SignInProgress, ToolList,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/fixtures").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Reads and writes a fixture as `T`, and compares.
fn expect_written_as<T: DeserializeOwned + Serialize>(name: &str) {
    let value = fixture(name);
    let read: T = serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(serde_json::to_value(read).unwrap(), value, "{name} is not what the engine writes");
}

#[test]
fn every_fixture_of_the_pages_is_what_the_engine_would_write() {
    expect_written_as::<About>("about.json");
    expect_written_as::<AppSettings>("app-settings.json");
    expect_written_as::<CodeEntry>("code-entry.json");
    expect_written_as::<Vec<ConnectorView>>("connectors.json");
    expect_written_as::<Vec<ConnectorDetail>>("details.json");
    expect_written_as::<Vec<Probe>>("probes.json");
    expect_written_as::<Vec<SignInProgress>>("progress.json");
    expect_written_as::<SelfTest>("self-test.json");
    expect_written_as::<ToolList>("tools.json");
}

#[test]
fn the_explained_code_of_the_fixtures_says_what_the_table_says() {
    let entry = fixture("code-entry.json");
    let explained = explain(entry["code"].as_str().unwrap()).unwrap();
    assert_eq!(serde_json::to_value(explained).unwrap(), entry);
}
