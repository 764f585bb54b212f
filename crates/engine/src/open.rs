//! Opening the real engine: data folder, database, keychain, client. Shells call this once; tests build [`Edges`] themselves.

use std::path::PathBuf;
use std::sync::Arc;

use replug_core::{Failure, Secret, StoredIn};
use replug_keychain::{Keychain, Patience};
use replug_net::{Browser, Http, HttpOptions};
use replug_store::Store;

use crate::{Edges, Engine, SystemClock, SystemRandom, keeping};

/// How the engine is opened.
pub struct OpenOptions {
    /// The data folder; made when it is not there.
    pub data_dir: PathBuf,
    /// Where secrets are kept; `None` leaves it to what the person chose in the window, else to the system's keychain.
    pub secrets: Option<StoredIn>,
    /// The passphrase of the encrypted file. Without it the file stays locked until [`Engine::unlock_sign_ins`].
    pub passphrase: Option<Secret<String>>,
    /// The person's browser.
    pub browser: Arc<dyn Browser>,
    /// How long a person is kept waiting for the keychain.
    pub patience: Patience,
    /// Hosts of the system's proxies, so that a proxy on a private address works.
    pub proxy_hosts: Vec<String>,
}

/// An opened engine.
pub struct OpenedEngine {
    /// The engine.
    pub engine: Engine,
    /// What a person should know when the database had been damaged.
    pub notice: Option<Failure>,
}

impl Engine {
    /// Opens the data folder and everything in it. Neither the keychain nor the network is contacted yet.
    ///
    /// Fails with `RPL-LOCAL-DATABASE`, `RPL-LOCAL-DATABASE-NEWER`, `RPL-LOCAL-DISK`, `RPL-KEY-PASSPHRASE`.
    pub async fn open(options: OpenOptions) -> Result<OpenedEngine, Failure> {
        let clock = Arc::new(SystemClock);
        let random = Arc::new(SystemRandom);
        let opened = Store::open(&options.data_dir, clock.clone()).await?;
        let secrets = match options.secrets {
            Some(named) => named,
            None => keeping::chosen(&opened.store).await?.unwrap_or(StoredIn::Keychain),
        };
        let keychain = Keychain::open(secrets, &options.data_dir, options.passphrase, random.clone())?;
        let http = Http::new(HttpOptions { proxy_hosts: options.proxy_hosts, ..HttpOptions::default() })?;
        let edges = Edges {
            store: opened.store,
            keychain,
            http,
            browser: options.browser,
            clock,
            random,
            data_dir: options.data_dir,
        };
        let engine = Engine::new(edges, options.patience);
        let notice = opened.rebuilt.as_ref().map(Failure::from);
        if let Some(notice) = &notice {
            // A new engine has none yet.
            let _ = engine.inner.notice.set(notice.clone());
        }
        Ok(OpenedEngine { engine, notice })
    }
}
