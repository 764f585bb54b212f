//! AI apps on this computer: where they keep their connectors, how those files are read, and what an entry says.
//!
//! Nothing here contacts a server, starts a program or expands a variable. What a finding means for a connector is the
//! engine's business; the time is passed in by whoever needs it.

mod computer;
mod credentials;
mod definition;
mod dialect;
mod edit;
mod entry;
mod lock;
mod read;
mod replace;
mod rules;
mod scan;
mod table;
mod value;

pub use computer::Computer;
pub use credentials::{Certainty, StoredFinding, sign_in_key, stored_findings};
pub use definition::Definition;
pub use dialect::{Dialect, ParseError, Parsed};
pub use edit::{Change, EditError, Step, edit};
pub use entry::{Entry, LocalServer, RemoteServer, Target};
pub use lock::{AppLock, LOCK_PATIENCE, LockError};
pub use read::{FileProblem, MAX_BYTES, Snapshot};
pub use replace::{ReplaceError, Wanted, replace};
pub use rules::{Remark, remarks};
pub use scan::{FoundFile, Scan, Scope, scan};
pub use table::{APPS, ClientApp, Pickup, app};
pub use value::{Table, Value};
