//! The apps Replug knows, as data: where their files are on each system, in which dialect, and what an entry looks like.
//! How a file is read and what an entry means is elsewhere.

pub(crate) mod bases;
mod bridge;
mod rows;
mod shapes;

use replug_core::{Platform, Transport};

use crate::dialect::Dialect;

pub(crate) use self::bridge::bridge;
pub use self::rows::APPS;

/// An AI app.
#[derive(Debug)]
pub struct ClientApp {
    /// The stable id, as on the command line.
    pub id: &'static str,
    /// The name people know.
    pub name: &'static str,
    /// Where its entries are.
    pub(crate) files: &'static [FileRow],
    /// What an entry looks like.
    pub(crate) shape: &'static Shape,
    pub(crate) name_rule: NameRule,
    /// How it notices that its file was changed.
    pub pickup: Pickup,
}

/// How an app takes up a change of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pickup {
    /// It watches the file.
    ByItself,
    /// Its list of servers has a refresh or reconnect.
    Refresh,
    /// Its session or window is started again.
    Restart,
}

/// What an app accepts as the name of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameRule {
    /// Anything that can be seen.
    Any,
    /// Letters, digits, hyphens and underscores.
    Token,
}

/// The app with this id.
pub fn app(id: &str) -> Option<&'static ClientApp> {
    APPS.iter().find(|app| app.id == id)
}

/// One place where an app keeps entries.
#[derive(Debug)]
pub(crate) struct FileRow {
    pub(crate) scope: ScopeKind,
    pub(crate) base: Base,
    /// Below the base, with `/`. `*` stands for any one name or a part of it; the whole may be empty when the base names the file.
    pub(crate) path: &'static str,
    pub(crate) systems: &'static [Platform],
    pub(crate) dialect: Dialect,
    /// The keys that lead to the table of entries; `*` stands for any key.
    pub(crate) keys: &'static [&'static str],
}

/// For whom a file's entries count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    User,
    /// One profile of the app.
    Profile,
    /// One folder, kept in the person's own file; the `*` of the keys is the folder.
    Local,
    /// One project folder, kept in it.
    Project,
    /// A remote machine's or a container's side of the app.
    Remote,
    /// Everybody on this computer, set by its administrator.
    Managed,
}

/// Where a path begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base {
    /// The person's home.
    Home,
    /// `~/.config` or `$XDG_CONFIG_HOME`, `~/Library/Application Support`, `%APPDATA%`.
    Roaming,
    /// `%LOCALAPPDATA%`; Windows only.
    LocalAppData,
    /// `~/.config` or `$XDG_CONFIG_HOME` on macOS too, `%APPDATA%`.
    XdgConfig,
    /// The folder a variable names, else this one below the home.
    Variable { name: &'static str, otherwise: &'static str },
    /// What a variable names, and nothing without it.
    OnlyVariable(&'static str),
    /// The root of the system's disk.
    System,
    /// Each folder of a project.
    Project,
}

/// What an app calls the parts of an entry. All are paths of keys.
#[derive(Debug)]
pub(crate) struct Shape {
    /// A member that holds the connection's own members (`transport`).
    pub(crate) inner: Option<&'static str>,
    pub(crate) address: &'static [&'static str],
    /// The word for how messages travel, what it may say, and whether an address without it is refused.
    pub(crate) kind: Kind,
    pub(crate) headers: &'static [&'static str],
    pub(crate) client_id: &'static [&'static [&'static str]],
    pub(crate) client_secret: &'static [&'static [&'static str]],
    pub(crate) callback_port: &'static [&'static [&'static str]],
    pub(crate) command: &'static [&'static str],
    pub(crate) switch: Switch,
    pub(crate) built_in: BuiltIn,
    /// The members an entry may have, where the app refuses all others.
    pub(crate) only_members: Option<&'static [&'static str]>,
    /// Whether the app connects to remote servers from this file at all.
    pub(crate) takes_remote: bool,
}

/// The member that names the transport.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) key: &'static str,
    pub(crate) words: &'static [(&'static str, Option<Transport>)],
    pub(crate) required: bool,
}

/// How an entry says that it is about a server that the app has from elsewhere.
#[derive(Debug)]
pub(crate) struct BuiltIn {
    /// Words for its type.
    pub(crate) kinds: &'static [&'static str],
    /// Members that such an entry may have beside its switch, and no others.
    pub(crate) members: &'static [&'static str],
}

/// How an entry is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Switch {
    /// It cannot be.
    None,
    /// By a member that says `true`.
    Disabled(&'static str),
    /// By a member that says `false`.
    Enabled(&'static str),
}
