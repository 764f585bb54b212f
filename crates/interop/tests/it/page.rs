//! The page about these servers, against the versions that are pinned: a page that nobody keeps up says nothing.

use std::path::{Path, PathBuf};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap()
}

/// Every server that is tried, with its version.
fn pinned() -> Vec<(String, String)> {
    let npm: Value = serde_json::from_str(&read("interop/package.json")).unwrap();
    let npm = npm["dependencies"].as_object().unwrap().clone();
    let mut pinned: Vec<_> = npm.into_iter().map(|(name, at)| (name, at.as_str().unwrap().to_owned())).collect();
    let python = read("interop/requirements.txt");
    let sdk = python.lines().find_map(|line| line.strip_prefix("mcp==")).unwrap();
    pinned.push(("mcp".to_owned(), sdk.to_owned()));
    let lock = read("Cargo.lock");
    let (_, rust) = lock.split_once("name = \"rmcp\"\nversion = \"").unwrap();
    pinned.push(("rmcp".to_owned(), rust.split('"').next().unwrap().to_owned()));
    pinned
}

#[test]
fn the_page_names_each_server_with_the_version_that_is_tried() {
    let page = read("docs/interop.md");
    for (name, version) in pinned() {
        let named = |line: &str| line.contains(&format!("`{name}`")) && line.contains(&version);
        assert!(page.lines().any(named), "docs/interop.md does not say `{name}` {version}");
    }
}
