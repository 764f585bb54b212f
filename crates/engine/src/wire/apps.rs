//! AI apps as every shell sees them: their files, the connectors found in them, what is wrong there, and what came with a
//! project folder. Changing those files is not in here yet.
//
// The pages can be written from these types: finding, importing and approving are complete. Repairs will add types, and change none.

use replug_apps::Certainty;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ConnectorView, FindingView};

/// An AI app that was found on this computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct FoundApp {
    /// The stable id.
    pub id: String,
    /// The name people know.
    pub name: String,
    /// Its version; null where nothing says it without starting the program.
    pub version: Option<String>,
    /// Its files, in the order in which the app looks at them.
    pub files: Vec<AppFile>,
}

/// A file in which an app keeps its servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct AppFile {
    /// Where it is.
    pub path: String,
    /// For whom it counts: `user`, `profile`, `local`, `project`, `remote` or `managed`.
    pub scope: String,
    /// Whether its entries could be read.
    pub readable: bool,
    /// Why it cannot be read, or is never changed; null when there is nothing to say.
    pub text: Option<String>,
}

/// What is in the apps' files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct Scanned {
    /// Remote servers, each once however many apps have it.
    pub connectors: Vec<FoundConnector>,
    /// What is wrong in the files, the surest first.
    pub findings: Vec<AppFinding>,
    /// Programs on this computer that apps start as servers. They are listed, and never started.
    pub local_servers: Vec<LocalServer>,
}

/// A remote server in the apps' files: a connector already, or one that can be taken over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct FoundConnector {
    /// The connector. One that is not taken over has an id that is the same at every scan, and that nothing else knows.
    #[serde(flatten)]
    pub connector: ConnectorView,
    /// Whether Replug has it.
    pub imported: bool,
    /// Whether all that names it came with a project folder, so that the person has to allow it before it is contacted.
    pub needs_approval: bool,
}

/// A program that an app starts as a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct LocalServer {
    /// The app's id.
    pub app: String,
    /// The app's name.
    pub app_name: String,
    /// For whom the entry counts.
    pub scope: String,
    /// The file.
    pub file: String,
    /// The entry's name in it.
    pub entry: String,
    /// The program, without its arguments: those may hold keys.
    pub program: String,
}

/// Something wrong in an app's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct AppFinding {
    /// What is wrong. Its id stays the same as long as it is.
    #[serde(flatten)]
    pub finding: FindingView,
    /// The app's id.
    pub app: String,
    /// The app's name.
    pub app_name: String,
    /// The file it is about.
    pub file: String,
    /// The entry in it.
    pub entry: Option<String>,
    /// The connector it is about, by the id it has in the same answer.
    pub connector: Option<String>,
    /// How sure it is.
    pub certainty: FindingCertainty,
    /// Whether mending it loses nothing.
    pub safe: bool,
}

/// How sure a finding is, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum FindingCertainty {
    /// What is stored says so.
    Stored,
    /// It follows from what is stored and what is configured.
    Compared,
    /// Nothing known uses it; something unknown may.
    Unused,
}

impl From<Certainty> for FindingCertainty {
    fn from(certainty: Certainty) -> Self {
        match certainty {
            Certainty::Stored => Self::Stored,
            Certainty::Compared => Self::Compared,
            Certainty::Unused => Self::Unused,
        }
    }
}

/// What a project folder says about a connector, for a person to allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct ProjectDefinition {
    /// The app's id.
    pub app: String,
    /// The app's name.
    pub app_name: String,
    /// The file.
    pub file: String,
    /// The entry's name in it.
    pub entry: String,
    /// Names this very definition; give it back with the approval, so that nothing else is allowed.
    pub definition: String,
    /// How it stands.
    pub standing: DefinitionStanding,
    /// Every field, in the order of the file; what may be a key is hidden. Fields that are gone come last.
    pub fields: Vec<DefinitionField>,
    /// Whether something hidden differs from what was allowed before.
    pub hidden_changed: bool,
}

/// How a definition from a project folder stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum DefinitionStanding {
    /// The person has allowed it.
    Approved,
    /// Nobody has looked at it yet.
    New,
    /// It is another one than the one before.
    Changed,
}

/// A field of a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct DefinitionField {
    /// The keys that lead to it, joined by dots.
    pub name: String,
    /// What it said before; null when it was not there.
    pub before: Option<String>,
    /// What it says now; null when it is gone.
    pub now: Option<String>,
}
