//! Filling a data folder with the demo's connectors, each checked once, so that a newcomer sees every state at first sight.

use std::path::Path;
use std::sync::Arc;

use replug_core::{Failure, StoredIn};
use replug_engine::wire::{EditConnector, NewConnector};
use replug_engine::{Computer, Engine, OpenOptions, Patience, Platform};
use replug_net::{Browser, BrowserAddress};

use crate::Demo;

/// Nobody signs in while a folder is filled.
struct NoBrowser;

impl Browser for NoBrowser {
    fn open(&self, _: &BrowserAddress) -> Result<(), Failure> {
        Err(Failure::new(replug_core::Code::LocalBrowser))
    }
}

/// Adds every server of the demo and checks it; besides, one connector that is paused and one that nobody checked.
pub async fn seed(demo: &Demo, data_dir: &Path) -> Result<(), Failure> {
    let options = OpenOptions {
        data_dir: data_dir.to_owned(),
        secrets: Some(StoredIn::Memory),
        passphrase: None,
        browser: Arc::new(NoBrowser),
        patience: Patience::Background,
        computer: Computer::new(Platform::Linux, data_dir.join("home"), |_| None),
        proxy_hosts: Vec::new(),
    };
    let engine = Engine::open(options).await?.engine;
    for entry in demo.servers() {
        add(&engine, entry.name, &entry.server.address()).await?;
    }
    let paused = add(&engine, "Summer school", "https://paused.example/mcp").await?;
    let pause = EditConnector { paused: Some(true), ..EditConnector::default() };
    engine.edit(&paused, &pause).await?;
    engine.check_and_wait(None).await?;
    add(&engine, "Not asked yet", "https://new.example/mcp").await?;
    Ok(())
}

async fn add(engine: &Engine, name: &str, address: &str) -> Result<replug_core::ConnectorId, Failure> {
    let new = NewConnector { address: address.to_owned(), name: Some(name.to_owned()), ..NewConnector::default() };
    // The probe that adding may begin with makes a large future.
    let added = Box::pin(engine.add(&new, false)).await?;
    engine.find(&added.connector.id).await
}
