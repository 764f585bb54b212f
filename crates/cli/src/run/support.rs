//! `keychain-test`, `explain`, and the question before `reset`.

use replug_core::Failure;

use super::Shell;
use crate::args::{ExplainArgs, ResetArgs};
use crate::print::Document;
use crate::stdin;

pub(super) async fn keychain_test(shell: &Shell) -> Result<Document, Failure> {
    let test = shell.unless_stopped(async { Ok(shell.engine.keychain_test().await) }).await?;
    Ok(Document::Tested(test))
}

/// Needs no data folder and no keychain: it must work when they do not.
pub(super) fn explain(args: &ExplainArgs) -> Result<Document, Failure> {
    replug_engine::explain(&args.code).map(Document::Explained)
}

pub(super) fn confirm_reset(args: &ResetArgs) -> Result<(), Failure> {
    if args.yes {
        return Ok(());
    }
    stdin::confirm("This signs out everywhere and removes every connector, its registration and its secrets.")
}
