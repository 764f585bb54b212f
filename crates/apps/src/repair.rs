//! Mending what an app's files say: what can be done about a finding, what it would do, doing it, and taking it back. No
//! command is run here, and what is wrong is found elsewhere.

mod apply;
mod backup;
mod change;
mod diff;
mod leftovers;
mod permissions;
mod plan;
mod preview;
mod snippet;

pub use self::apply::Workbench;
pub use self::backup::{Backup, Backups, CHANGES_KEPT, Kept, KeptFile, SECRETS_KEPT};
pub use self::change::{Deed, Edit, FileChange};
pub(crate) use self::permissions::mode_of;
pub use self::plan::{AppCommand, Repair, Way, bridge_entry, bridge_snippet};
pub use self::preview::{FilePreview, Preview};
