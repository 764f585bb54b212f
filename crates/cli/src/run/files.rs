//! `export` and `import-file`: connectors to a file and back. The format of the file is the engine's.

use replug_core::Failure;

use super::Shell;
use crate::args::{FileArgs, ImportFileArgs};
use crate::print::Document;

pub(super) async fn export(shell: &Shell, args: &FileArgs) -> Result<Document, Failure> {
    let connectors = shell.engine.export(&args.file).await?;
    Ok(Document::Exported { file: args.file.display().to_string(), connectors })
}

pub(super) async fn import(shell: &Shell, args: &ImportFileArgs) -> Result<Document, Failure> {
    let connectors = shell.engine.import_file(&args.file, args.allow.is_some()).await?;
    Ok(Document::Imported { connectors })
}
