//! `apps`, `scan`, `import` and `approve`: what AI apps have on this computer.

use replug_core::{Code, Failure};

use super::Shell;
use crate::args::{ImportArgs, Named, ScanArgs};
use crate::print::Document;

pub(super) async fn apps(shell: &Shell) -> Result<Document, Failure> {
    let apps = shell.unless_stopped(shell.engine.apps()).await?;
    Ok(Document::Apps { apps })
}

pub(super) async fn scan(shell: &Shell, args: &ScanArgs) -> Result<Document, Failure> {
    for folder in &args.folders {
        let Some(folder) = folder.to_str() else {
            return Err(Failure::new(Code::UseWrongUsage).with_text("The name of this folder is no text."));
        };
        shell.engine.add_folder(folder).await?;
    }
    let scanned = shell.unless_stopped(shell.engine.scan()).await?;
    Ok(Document::Scanned(Box::new(scanned)))
}

pub(super) async fn import(shell: &Shell, args: &ImportArgs) -> Result<Document, Failure> {
    let scanned = Box::pin(shell.engine.import(&args.sources)).await?;
    Ok(Document::TakenOver(Box::new(scanned)))
}

pub(super) async fn approve(shell: &Shell, args: &Named) -> Result<Document, Failure> {
    let id = shell.engine.find(&args.connector).await?;
    let definition = shell.engine.project_definition(&id).await?;
    // Nothing but what a person was told before is allowed, and nothing but what is shown now.
    if let Some(shown) = &definition {
        shell.engine.require_told(&id, shown).await?;
    }
    let seen = definition.as_ref().map(|definition| definition.definition.as_str());
    let connector = shell.engine.approve(&id, seen).await?;
    Ok(Document::Approved { connector: Box::new(connector), definition: definition.map(Box::new) })
}
