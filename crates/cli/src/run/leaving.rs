//! `sign-out`, `forget`, `remove` and `reset`. None of them is broken off half-way: what was asked of the service is also
//! done here.

use replug_core::{ConnectorId, Failure};
use replug_engine::wire::ServiceOutcome;

use super::Shell;
use crate::args::Named;
use crate::print::{Document, Leaving, Removed, ServiceSaid};

pub(super) async fn sign_out(shell: &Shell, args: &Named) -> Result<Document, Failure> {
    let (id, name) = found(shell, args).await?;
    let outcome = shell.engine.sign_out(&id).await?;
    Ok(left(outcome, name, Leaving::SignedOut))
}

pub(super) async fn forget(shell: &Shell, args: &Named) -> Result<Document, Failure> {
    let (id, name) = found(shell, args).await?;
    let outcome = shell.engine.forget(&id).await?;
    Ok(left(outcome, name, Leaving::Forgotten))
}

pub(super) async fn remove(shell: &Shell, args: &Named) -> Result<Document, Failure> {
    let (id, name) = found(shell, args).await?;
    let outcome = shell.engine.remove(&id).await?;
    Ok(left(outcome, name, Leaving::Removed))
}

/// The connector, and its name while it still has one.
async fn found(shell: &Shell, args: &Named) -> Result<(ConnectorId, String), Failure> {
    let id = shell.engine.find(&args.connector).await?;
    let name = shell.engine.get(&id).await?.name;
    Ok((id, name))
}

fn left(outcome: ServiceOutcome, name: String, how: Leaving) -> Document {
    let service = ServiceSaid::from(&outcome);
    Document::Left { connector: outcome.connector.map(Box::new), service, name, how }
}

pub(super) async fn reset(shell: &Shell) -> Result<Document, Failure> {
    let outcomes = shell.engine.reset().await?;
    let removed = |(name, outcome): (String, ServiceOutcome)| Removed { name, service: ServiceSaid::from(&outcome) };
    Ok(Document::Reset { removed: outcomes.into_iter().map(removed).collect() })
}
