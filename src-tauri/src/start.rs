//! What the window is started with: arguments, variables, and the engine they lead to.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;

use replug_core::{Code, Failure, StoredIn};
use replug_engine::{Engine, OpenOptions, Patience, Platform, computer, default_data_dir, log_folder};
use replug_net::SystemBrowser;

use crate::{log, report};

/// How the window was called.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// `--data-dir DIR`.
    pub(crate) data_dir: Option<PathBuf>,
    /// `--secrets keychain|file|memory`; without it, what the person chose. The page asks for the passphrase of the file.
    pub(crate) secrets: Option<StoredIn>,
}

impl Arguments {
    /// Reads the arguments. Unknown ones are left alone: desktops add some of their own.
    ///
    /// Fails with `RPL-USE-WRONG-USAGE` when one of Replug's own cannot be followed: another folder or another keychain than
    /// the one that was asked for would be worse than no window.
    pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Failure> {
        let mut read = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some(DATA_DIR) => read.data_dir = Some(PathBuf::from(value_of(DATA_DIR, arguments.next())?)),
                Some(SECRETS) => read.secrets = Some(store_named(&value_of(SECRETS, arguments.next())?)?),
                _ if resembles_own(&argument) => {
                    let text = format!("The window knows `{DATA_DIR} DIR` and `{SECRETS} keychain|file|memory`.");
                    return Err(wrong_usage(text).with_fact("Argument", argument.to_string_lossy()));
                }
                _ => {}
            }
        }
        Ok(read)
    }
}

const DATA_DIR: &str = "--data-dir";
const SECRETS: &str = "--secrets";

/// `--data-dir=DIR`, `--secretss`: meant for Replug, and not understood.
fn resembles_own(argument: &OsStr) -> bool {
    [DATA_DIR, SECRETS].iter().any(|own| argument.as_encoded_bytes().starts_with(own.as_bytes()))
}

fn value_of(name: &str, value: Option<OsString>) -> Result<OsString, Failure> {
    value.filter(|value| !value.is_empty()).ok_or_else(|| wrong_usage(format!("`{name}` needs a value behind it.")))
}

fn store_named(name: &OsStr) -> Result<StoredIn, Failure> {
    match name.to_str() {
        Some("keychain") => Ok(StoredIn::Keychain),
        Some("file") => Ok(StoredIn::File),
        Some("memory") => Ok(StoredIn::Memory),
        _ => {
            let text = format!("`{SECRETS}` is `keychain`, `file` or `memory`.");
            Err(wrong_usage(text).with_fact("Given", name.to_string_lossy()))
        }
    }
}

fn wrong_usage(text: impl Into<String>) -> Failure {
    Failure::new(Code::UseWrongUsage).with_text(text)
}

/// Opens the engine of this window.
pub(crate) async fn open_engine(arguments: Arguments) -> Result<Engine, Failure> {
    let data_dir = arguments.data_dir.or_else(|| default_data_dir(Platform::current(), variable));
    let data_dir = data_dir
        .ok_or_else(|| Failure::new(Code::LocalDisk).with_text("There is no home folder to keep Replug's data in."))?;
    if let Err(error) = log::start(&log_folder(&data_dir)) {
        report(&format!("there is no log: {error}"));
    }
    let options = OpenOptions {
        data_dir,
        secrets: arguments.secrets,
        passphrase: None,
        browser: Arc::new(SystemBrowser),
        patience: Patience::Window,
        computer: computer(Platform::current(), variable),
        proxy_hosts: proxy_hosts(),
    };
    let opened = Engine::open(options).await.inspect_err(|failure| {
        tracing::error!(code = %failure.code, "the engine could not be opened");
    })?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), mended = opened.notice.is_some(), "the window has started");
    Ok(opened.engine)
}

#[expect(clippy::disallowed_methods, reason = "this is the shell, where the environment is read once")]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The hosts of the proxies that the environment names.
fn proxy_hosts() -> Vec<String> {
    let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    replug_engine::proxy_hosts(names.into_iter().filter_map(variable).filter_map(|value| value.into_string().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Arguments, Code> {
        Arguments::read(arguments.iter().map(OsString::from)).map_err(|failure| failure.code)
    }

    #[test]
    fn known_arguments_are_read_and_others_left_alone() {
        let arguments = read(&["--gapplication-service", "--data-dir", "/d", "--secrets", "memory", "extra"]);
        assert_eq!(arguments, Ok(Arguments { data_dir: Some("/d".into()), secrets: Some(StoredIn::Memory) }));
        assert_eq!(read(&["--secrets", "keychain"]).unwrap().secrets, Some(StoredIn::Keychain));
        assert_eq!(read(&["--secrets", "file"]).unwrap().secrets, Some(StoredIn::File));
        assert_eq!(read(&[]).unwrap().secrets, None, "what the person chose");
    }

    #[test]
    fn a_store_that_cannot_be_used_is_never_replaced_by_the_keychain() {
        for arguments in [
            ["--secrets", "plain"].as_slice(),
            &["--secrets", "Memory"],
            &["--secrets"],
            &["--secrets=memory"],
            &["--data-dir"],
            &["--data-dir", ""],
            &["--data-dir=/d"],
        ] {
            assert_eq!(read(arguments), Err(Code::UseWrongUsage), "{arguments:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_whose_name_is_no_text_is_used_as_it_is() {
        let folder: OsString = std::os::unix::ffi::OsStringExt::from_vec(b"/d/\xff".to_vec());
        let arguments = Arguments::read([OsString::from("--data-dir"), folder.clone()]).unwrap();
        assert_eq!(arguments.data_dir, Some(PathBuf::from(folder)));
    }
}
