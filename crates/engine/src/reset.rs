//! Undoing everything Replug put on this computer.

use std::io::ErrorKind;
use std::path::Path;

use replug_core::{Code, Failure};

use crate::Engine;
use crate::wire::ServiceOutcome;

/// What Replug keeps in its data folder; nothing else in it is touched.
const FILES: [&str; 5] = ["replug.db", "replug.db-wal", "replug.db-shm", "secrets.enc", "secrets.enc.damaged"];
const FOLDERS: [&str; 3] = ["backups", "locks", "logs"];

impl Engine {
    /// Removes every connector with its grants, registrations and keychain items, then Replug's own data. The engine is of
    /// no use afterwards.
    ///
    /// What could not be removed stays listed and can be tried again: then the first such failure is returned after all
    /// others were tried, and the data is kept.
    pub async fn reset(&self) -> Result<Vec<(String, ServiceOutcome)>, Failure> {
        let mut done = Vec::new();
        let mut failed = None;
        for stored in self.edges().store.list().await? {
            match self.remove(&stored.connector.id).await {
                Ok(outcome) => done.push((stored.connector.name, outcome)),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        if let Some(failure) = failed {
            return Err(failure);
        }
        self.settle().await;
        self.edges().store.clone().close().await?;
        erase(self.data_dir()).map_err(|error| Failure::new(Code::LocalDisk).with_fact("Reason", error.to_string()))?;
        Ok(done)
    }
}

fn erase(folder: &Path) -> std::io::Result<()> {
    for file in FILES {
        gone(std::fs::remove_file(folder.join(file)))?;
    }
    for name in FOLDERS {
        gone(std::fs::remove_dir_all(folder.join(name)))?;
    }
    // A folder that holds anything else stays.
    match std::fs::remove_dir(folder) {
        Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(()),
        other => gone(other),
    }
}

/// What is not there need not be removed.
fn gone(outcome: std::io::Result<()>) -> std::io::Result<()> {
    match outcome {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
