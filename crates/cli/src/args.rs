//! The grammar of the command line: commands and options as types. Settings of a connector are in `settings`, the spelling
//! of single values in `values`; what a command does is in `run`.

mod settings;
mod values;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand};
use replug_core::StoredIn;

pub(crate) use settings::{SettingsArgs, StdinValue, header_edits};

/// Everything that can be typed.
#[derive(Parser)]
#[command(
    name = "replug",
    version,
    about = "Shows every MCP connector on this computer, tells the truth about its health, and repairs it",
    subcommand_required = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub(crate) common: Common,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Common {
    /// The data folder [default: the system's place, or `REPLUG_DATA_DIR`]
    #[arg(long, global = true, value_name = "DIR", value_parser = values::folder)]
    pub(crate) data_dir: Option<PathBuf>,
    /// Where secrets are kept [default: as chosen in the window, else the keychain]
    #[arg(long, global = true, value_name = "STORE", value_parser = store())]
    pub(crate) secrets: Option<StoredIn>,
    /// A file whose first line is the passphrase of the encrypted file
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Print exactly one JSON document (`sign-in`: one object a line)
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say on standard error what is going on; twice or three times for more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// The commands.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Ask what is at an address, and save it as a connector
    Add(AddArgs),
    /// Change a connector
    Edit(EditArgs),
    /// Show all connectors with their last health
    List,
    /// Show one connector with its settings and its sign-in
    Show(Named),
    /// Check connectors now
    Check(CheckArgs),
    /// Check one connector, and show every step and exchange
    Diagnose(Named),
    /// Sign in through the browser
    SignIn(SignInArgs),
    /// Revoke the sign-in at the service and delete it here; the registration is kept
    SignOut(Named),
    /// Sign out, and delete the registration at the service and here
    Forget(Named),
    /// Show the tools exactly as the server sends them
    Tools(Named),
    /// Forget a connector, then drop it
    Remove(Named),
    /// Allow a definition that came from a project folder
    Approve(Named),
    /// Show the AI apps found here, with their files
    Apps,
    /// Show connectors and findings in every app; no server is asked
    Scan(ScanArgs),
    /// Take found connectors over
    Import(ImportArgs),
    /// Write connectors and settings to a file, without secrets
    Export(FileArgs),
    /// Add the connectors of an exported file
    ImportFile(ImportFileArgs),
    /// Write, read back and delete a throw-away item in the keychain
    KeychainTest,
    /// Say what a code means and what to do
    Explain(ExplainArgs),
    /// Undo everything Replug put on this computer
    Reset(ResetArgs),
}

/// One connector.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Id or name
    pub(crate) connector: String,
}

/// Arguments of `add`.
#[derive(Args)]
pub(crate) struct AddArgs {
    /// The server's address
    pub(crate) address: String,
    /// Save it without asking the server
    #[arg(long)]
    pub(crate) no_probe: bool,
    /// Settings to begin with.
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

/// Arguments of `edit`.
#[derive(Args)]
pub(crate) struct EditArgs {
    /// Id or name
    pub(crate) connector: String,
    /// Another address
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Option<String>,
    /// Switch checks off
    #[arg(long, conflicts_with = "resume")]
    pub(crate) pause: bool,
    /// Switch checks on
    #[arg(long)]
    pub(crate) resume: bool,
    /// Settings to change; an empty value clears one.
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Ids or names; all connectors when there are none
    #[arg(value_name = "CONNECTOR")]
    pub(crate) connectors: Vec<String>,
}

/// Arguments of `sign-in`.
#[derive(Debug, Args)]
pub(crate) struct SignInArgs {
    /// Id or name
    pub(crate) connector: String,
    /// Print the address instead of opening a browser
    #[arg(long)]
    pub(crate) print_address: bool,
    /// Sign in on another device: print an address and a code to enter there
    #[arg(long)]
    pub(crate) device: bool,
    /// How long to wait for the browser
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = values::waiting_time)]
    pub(crate) timeout: Duration,
}

/// Arguments of `scan`.
#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// Look through this project folder too, from now on
    #[arg(long = "folder", value_name = "DIR", value_parser = values::folder)]
    pub(crate) folders: Vec<PathBuf>,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// Apps, entries, files or addresses as `scan` shows them; all that was found when there are none
    #[arg(value_name = "SOURCE")]
    pub(crate) sources: Vec<String>,
}

/// Arguments of `export`.
#[derive(Debug, Args)]
pub(crate) struct FileArgs {
    /// The file
    pub(crate) file: PathBuf,
}

/// Arguments of `import-file`.
#[derive(Debug, Args)]
pub(crate) struct ImportFileArgs {
    /// The file
    pub(crate) file: PathBuf,
    /// Allow plain http for the connectors in the file that need it
    #[arg(long, value_name = "WHAT", value_parser = ["http"])]
    pub(crate) allow: Option<String>,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A code such as RPL-AUTH-DENIED
    pub(crate) code: String,
}

/// Arguments of `reset`.
#[derive(Debug, Args)]
pub(crate) struct ResetArgs {
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

fn store() -> impl TypedValueParser<Value = StoredIn> {
    PossibleValuesParser::new(["keychain", "file", "memory"]).map(|name| match name.as_str() {
        "file" => StoredIn::File,
        "memory" => StoredIn::Memory,
        _ => StoredIn::Keychain,
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_grammar_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_store_is_the_one_that_was_named() {
        let store_of =
            |store: &str| Cli::try_parse_from(["replug", "--secrets", store, "list"]).map(|cli| cli.common.secrets);
        assert_eq!(store_of("keychain").ok(), Some(Some(StoredIn::Keychain)));
        assert_eq!(store_of("file").ok(), Some(Some(StoredIn::File)));
        assert_eq!(store_of("memory").ok(), Some(Some(StoredIn::Memory)));
        assert!(store_of("plain").is_err(), "there is no plain store");
    }

    #[test]
    fn options_of_every_command_stand_before_or_behind_it() {
        for arguments in [["replug", "--json", "list"], ["replug", "list", "--json"]] {
            assert!(Cli::try_parse_from(arguments).is_ok_and(|cli| cli.common.json), "{arguments:?}");
        }
    }

    #[test]
    fn commands_that_do_not_exist_yet_are_not_understood() {
        for command in ["repair", "undo", "use", "unuse", "report", "history", "bridge"] {
            assert!(Cli::try_parse_from(["replug", command]).is_err(), "{command}");
        }
    }
}
