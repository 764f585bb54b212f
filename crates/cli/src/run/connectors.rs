//! `add`, `edit`, `list` and `show`.

use replug_core::{Failure, Secret};
use replug_engine::wire::{EditConnector, NewConnector};

use super::Shell;
use crate::args::{AddArgs, EditArgs, Named, StdinValue, header_edits};
use crate::print::Document;

pub(super) async fn add(
    shell: &Shell,
    args: AddArgs,
    typed: &[(StdinValue, Secret<String>)],
) -> Result<Document, Failure> {
    let mut settings = args.settings.changes(typed);
    settings.headers = header_edits(&[], typed);
    let name = settings.name.take();
    let new = NewConnector { address: args.address, name, settings };
    let added = Box::pin(shell.engine.add(&new, !args.no_probe)).await?;
    Ok(Document::Added(Box::new(added)))
}

pub(super) async fn edit(
    shell: &Shell,
    args: EditArgs,
    typed: &[(StdinValue, Secret<String>)],
) -> Result<Document, Failure> {
    let id = shell.engine.find(&args.connector).await?;
    let headers_typed = typed.iter().any(|(what, _)| *what != StdinValue::ClientSecret);
    let headers =
        if headers_typed { header_edits(&shell.engine.show(&id).await?.settings.headers, typed) } else { None };
    let changes = EditConnector {
        address: args.address,
        paused: (args.pause || args.resume).then_some(args.pause),
        headers,
        ..args.settings.changes(typed)
    };
    let connector = shell.engine.edit(&id, &changes).await?;
    Ok(Document::Edited { connector: Box::new(connector) })
}

pub(super) async fn list(shell: &Shell) -> Result<Document, Failure> {
    let connectors = shell.unless_stopped(shell.engine.list()).await?;
    Ok(Document::Listed { connectors })
}

pub(super) async fn show(shell: &Shell, args: &Named) -> Result<Document, Failure> {
    let id = shell.engine.find(&args.connector).await?;
    let detail = shell.unless_stopped(shell.engine.show(&id)).await?;
    Ok(Document::Shown { connector: Box::new(detail.connector), settings: Box::new(detail.settings) })
}
