//! `check`, `diagnose` and `tools`: the commands whose exit code is a verdict. `sign-in`, the fourth, has a file of its own.

use replug_core::{ConnectorId, Failure};
use replug_engine::RawTools;

use super::Shell;
use crate::args::{CheckArgs, Named};
use crate::exit::Exit;
use crate::print::{Document, ToolOwner};

pub(super) async fn check(shell: &Shell, args: &CheckArgs) -> Result<Document, Failure> {
    let mut ids: Vec<ConnectorId> = Vec::new();
    for connector in &args.connectors {
        let id = shell.engine.find(connector).await?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let wanted = (!ids.is_empty()).then_some(ids);
    let connectors = shell.unless_stopped(shell.engine.check_and_wait(wanted)).await?;
    Ok(Document::Checked { connectors })
}

pub(super) async fn diagnose(shell: &Shell, args: &Named) -> Result<Document, Failure> {
    let id = shell.engine.find(&args.connector).await?;
    let (connector, steps) = shell.unless_stopped(shell.engine.diagnose(&id)).await?;
    Ok(Document::Diagnosed { connector: Box::new(connector), steps })
}

pub(super) async fn tools(shell: &Shell, args: &Named) -> Result<Document, Failure> {
    let id = shell.engine.find(&args.connector).await?;
    let listed = Box::pin(shell.unless_stopped(shell.engine.tools_raw(&id))).await?;
    let exit = verdict(shell, &id, &listed).await?;
    let name = shell.engine.get(&id).await?.name;
    let RawTools { complete, tools, error } = listed;
    if let Some(error) = error.as_ref().filter(|_| shell.screen.is_json()) {
        shell.screen.warning(error);
    }
    Ok(Document::Tools { connector: ToolOwner { id: id.to_string(), name }, complete, tools, error, exit })
}

/// A whole list with a tool in it is what green means. Whether an empty one is in order depends on what else the server
/// offers, which a check finds out.
async fn verdict(shell: &Shell, id: &ConnectorId, listed: &RawTools) -> Result<Exit, Failure> {
    if let Some(error) = &listed.error {
        return Ok(Exit::of_broken_list(error));
    }
    if !listed.tools.is_empty() {
        return Ok(Exit::Done);
    }
    let checked = shell.engine.check_and_wait(Some(vec![id.clone()]));
    Ok(Exit::of_connectors(&shell.unless_stopped(checked).await?))
}
