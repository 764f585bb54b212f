//! What the window is started with: arguments, variables, and the engine they lead to.

use std::path::PathBuf;
use std::sync::Arc;

use replug_core::{Code, Failure, StoredIn};
use replug_engine::{Engine, OpenOptions, Patience, Platform, default_data_dir};
use replug_net::SystemBrowser;

/// How the window was called.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// `--data-dir DIR`.
    pub(crate) data_dir: Option<PathBuf>,
    /// `--secrets keychain|memory`. The encrypted file needs a passphrase, which the window cannot ask for yet.
    pub(crate) secrets: Option<StoredIn>,
}

impl Arguments {
    /// Reads the arguments. Unknown ones are left alone: desktops add some of their own.
    pub(crate) fn read(arguments: impl IntoIterator<Item = String>) -> Self {
        let mut read = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--data-dir" => read.data_dir = arguments.next().map(PathBuf::from),
                "--secrets" => read.secrets = arguments.next().as_deref().and_then(store_named),
                _ => {}
            }
        }
        read
    }
}

fn store_named(name: &str) -> Option<StoredIn> {
    match name {
        "keychain" => Some(StoredIn::Keychain),
        "memory" => Some(StoredIn::Memory),
        _ => None,
    }
}

/// Opens the engine of this window.
pub(crate) async fn open_engine(arguments: Arguments) -> Result<Engine, Failure> {
    let data_dir = arguments.data_dir.or_else(|| default_data_dir(Platform::current(), variable));
    let data_dir = data_dir
        .ok_or_else(|| Failure::new(Code::LocalDisk).with_text("There is no home folder to keep Replug's data in."))?;
    let options = OpenOptions {
        data_dir,
        secrets: arguments.secrets.unwrap_or(StoredIn::Keychain),
        passphrase: None,
        browser: Arc::new(SystemBrowser),
        patience: Patience::Window,
        proxy_hosts: proxy_hosts(),
    };
    let opened = Engine::open(options).await?;
    if let Some(notice) = opened.notice {
        tracing::warn!(code = %notice.code, "the database was mended");
    }
    Ok(opened.engine)
}

#[expect(clippy::disallowed_methods, reason = "this is the shell, where the environment is read once")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The hosts of the proxies that the environment names.
fn proxy_hosts() -> Vec<String> {
    let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    replug_engine::proxy_hosts(names.into_iter().filter_map(variable))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Arguments {
        Arguments::read(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn known_arguments_are_read_and_others_left_alone() {
        let arguments = read(&["--gapplication-service", "--data-dir", "/d", "--secrets", "memory", "extra"]);
        assert_eq!(arguments, Arguments { data_dir: Some("/d".into()), secrets: Some(StoredIn::Memory) });
        assert_eq!(read(&["--secrets", "plain"]), Arguments::default(), "there is no plain store");
    }
}
