//! The use cases of Replug, each written once, below every shell: add, check, sign in, diagnose, forget. The window, the
//! command line and the bridge delegate to this crate and know nothing of OAuth, MCP, SQLite or the keychain.

mod call;
mod change;
mod check;
mod client_credentials;
mod connectors;
mod edges;
mod engine;
mod events;
mod explain;
mod export;
mod keeping;
mod leave;
mod lock;
mod logs;
mod name;
mod open;
mod passphrase;
mod paste;
mod place;
mod profiles;
mod proxy;
mod records;
mod renew;
mod reset;
mod session;
mod settings;
mod sign_in;
mod surroundings;
mod tools;
mod view;
mod watch;
mod wipe;
pub mod wire;

pub use edges::{Edges, SystemClock, SystemRandom};
pub use engine::Engine;
pub use events::EventStream;
pub use explain::explain;
pub use logs::{LOG_FILES, log_folder};
pub use open::{OpenOptions, OpenedEngine};
pub use place::{Platform, default_data_dir};
pub use proxy::proxy_hosts;
pub use replug_keychain::Patience;
pub use replug_mcp::{Called, Elicitation};
pub use sign_in::{SignInOptions, SignInRun};
pub use tools::RawTools;
