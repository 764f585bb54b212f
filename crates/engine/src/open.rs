//! Opening the real engine: data folder, database, keychain, client. Shells call this once; tests build [`Edges`] themselves.

use std::path::PathBuf;
use std::sync::Arc;

use replug_apps::Computer;
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
    /// Where AI apps keep their files.
    pub computer: Computer,
    /// Hosts of the system's proxies, so that a proxy on a private address works.
    pub proxy_hosts: Vec<String>,
}

/// An opened engine.
pub struct OpenedEngine {
    /// The engine.
    pub engine: Engine,
    /// What a person should know: the database had been damaged, or the last run ended with a sign-in that was not stored.
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
        let chosen = keeping::chosen(&opened.store).await.map(|chosen| chosen.unwrap_or(StoredIn::Keychain));
        let is_chosen = options.secrets.is_none_or(|named| chosen.as_ref().is_ok_and(|chosen| *chosen == named));
        let secrets = options.secrets.map_or(chosen, Ok)?;
        let keychain = Keychain::open(secrets, &options.data_dir, options.passphrase, random.clone())?;
        let http = Http::new(HttpOptions { proxy_hosts: options.proxy_hosts, ..HttpOptions::default() })?;
        let edges = Edges {
            store: opened.store,
            keychain,
            http,
            browser: options.browser,
            clock,
            random,
            computer: options.computer,
            data_dir: options.data_dir,
        };
        let engine = Engine::new(edges, options.patience);
        if !is_chosen {
            engine.use_named_place();
        }
        let notice = match &opened.rebuilt {
            Some(rebuilt) => Some(Failure::from(rebuilt)),
            None => engine.take_note().await?,
        };
        if let Some(notice) = &notice {
            // A new engine has none yet.
            let _ = engine.inner.notice.set(notice.clone());
        }
        Ok(OpenedEngine { engine, notice })
    }
}
