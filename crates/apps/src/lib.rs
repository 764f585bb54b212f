//! AI apps on this computer: where they keep their connectors, how those files are read, and what an entry says.
//!
//! Nothing here contacts a server, starts a program or expands a variable. What a finding means for a connector is the
//! engine's business; the time is passed in by whoever needs it.

mod computer;
mod credentials;
mod definition;
mod dialect;
mod digest;
mod edit;
mod entry;
mod failure;
mod lock;
mod mask;
mod outline;
mod read;
mod repair;
mod replace;
mod rules;
mod scan;
mod swap;
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
pub use repair::{
    AppCommand, Backup, Backups, CHANGES_KEPT, Deed, Edit, FileChange, FilePreview, Kept, KeptFile, Preview, Repair,
    SECRETS_KEPT, Way, Workbench, bridge_entry, bridge_snippet,
};
pub use replace::{ReplaceError, Stage, Wanted, replace};
pub use rules::{EntryRemark, Remark, dropped, remarks};
pub use scan::{FoundFile, Scan, Scope, scan, scan_project};
pub use table::{APPS, ClientApp, Pickup, app};
pub use value::{Table, Value};
