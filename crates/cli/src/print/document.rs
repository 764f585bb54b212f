//! The answers of all commands as values: the documents of `--json`, from which the pages for a person are drawn as well.
//! They hold wire types only, and so no secret.

use jiff::Timestamp;
use replug_core::Failure;
use replug_engine::wire::{
    Added, CodeEntry, ConnectorView, DiagnosisStep, ErrorBody, FoundApp, ProjectDefinition, Scanned, SelfTest,
    ServiceAnswer, ServiceOutcome, SettingsView,
};
use serde::Serialize;
use serde_json::value::RawValue;

use super::page::Page;
use super::{apps, connector, diagnosis, list, other};
use crate::exit::Exit;

/// The answer of a command.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Document {
    /// `list`.
    Listed { connectors: Vec<ConnectorView> },
    /// `check`.
    Checked { connectors: Vec<ConnectorView> },
    /// `add`.
    Added(Box<Added>),
    /// `edit`.
    Edited { connector: Box<ConnectorView> },
    /// `show`.
    Shown { connector: Box<ConnectorView>, settings: Box<SettingsView> },
    /// `diagnose`.
    Diagnosed { connector: Box<ConnectorView>, steps: Vec<DiagnosisStep> },
    /// The last line of `sign-in`.
    SignedIn {
        /// Always `done`.
        event: &'static str,
        connector: Box<ConnectorView>,
        error: Option<ErrorBody>,
        /// Whether standard output belongs to the address alone.
        #[serde(skip)]
        address_printed: bool,
    },
    /// `tools`.
    Tools {
        connector: ToolOwner,
        complete: bool,
        /// Byte for byte as the server sent them.
        tools: Vec<Box<RawValue>>,
        /// Why the list is empty or breaks off.
        #[serde(skip)]
        error: Option<Failure>,
        #[serde(skip)]
        exit: Exit,
    },
    /// `sign-out`, `forget` and `remove`.
    Left {
        connector: Option<Box<ConnectorView>>,
        service: ServiceSaid,
        #[serde(skip)]
        name: String,
        #[serde(skip)]
        how: Leaving,
    },
    /// `approve`.
    Approved {
        connector: Box<ConnectorView>,
        /// What was allowed.
        #[serde(skip)]
        definition: Option<Box<ProjectDefinition>>,
    },
    /// `apps`.
    Apps { apps: Vec<FoundApp> },
    /// `scan`.
    Scanned(Box<Scanned>),
    /// `import`.
    TakenOver(Box<Scanned>),
    /// `export`.
    Exported { file: String, connectors: usize },
    /// `import-file`.
    Imported { connectors: Vec<ConnectorView> },
    /// `keychain-test`.
    Tested(SelfTest),
    /// `explain`.
    Explained(CodeEntry),
    /// `reset`.
    Reset { removed: Vec<Removed> },
}

/// The connector of a tool list.
#[derive(Serialize)]
pub(crate) struct ToolOwner {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// What a service said when it was left.
#[derive(Serialize)]
pub(crate) struct ServiceSaid {
    pub(crate) revoked: ServiceAnswer,
    pub(crate) registration_deleted: ServiceAnswer,
}

impl From<&ServiceOutcome> for ServiceSaid {
    fn from(outcome: &ServiceOutcome) -> Self {
        Self { revoked: outcome.revoked, registration_deleted: outcome.registration_deleted }
    }
}

/// A connector that a reset removed.
#[derive(Serialize)]
pub(crate) struct Removed {
    pub(crate) name: String,
    pub(crate) service: ServiceSaid,
}

/// How a service was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// The registration is kept.
    SignedOut,
    /// The registration is gone, too.
    Forgotten,
    /// So is the connector.
    Removed,
}

impl Document {
    /// How the process ends after this answer.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Checked { connectors } => Exit::of_connectors(connectors),
            Self::Diagnosed { connector, .. } => Exit::of_level(connector.health.level),
            Self::SignedIn { connector, error, .. } => Exit::of_sign_in(connector, error.as_ref()),
            Self::Tools { exit, .. } => *exit,
            Self::Tested(test) if !test.ok => Exit::Computer,
            Self::Listed { .. }
            | Self::Added(_)
            | Self::Edited { .. }
            | Self::Shown { .. }
            | Self::Left { .. }
            | Self::Approved { .. }
            | Self::Apps { .. }
            | Self::Scanned(_)
            | Self::TakenOver(_)
            | Self::Exported { .. }
            | Self::Imported { .. }
            | Self::Tested(_)
            | Self::Explained(_)
            | Self::Reset { .. } => Exit::Done,
        }
    }

    /// Whether the page for a person goes to standard error, because standard output was promised to something else.
    pub(super) const fn leaves_stdout_alone(&self) -> bool {
        matches!(self, Self::SignedIn { address_printed: true, .. })
    }

    /// Draws the page for a person.
    pub(super) fn draw(&self, page: &mut Page, now: Timestamp) {
        match self {
            Self::Listed { connectors } => list::listed(page, connectors, now),
            Self::Checked { connectors } => list::checked(page, connectors, now),
            Self::Added(added) => connector::added(page, added),
            Self::Edited { connector } => connector::edited(page, connector, now),
            Self::Shown { connector, settings } => connector::shown(page, (connector, settings), now),
            Self::Diagnosed { connector, steps } => diagnosis::diagnosed(page, connector, steps),
            Self::SignedIn { connector, error, .. } => connector::signed_in(page, connector, error.as_ref()),
            Self::Tools { connector, tools, error, .. } => {
                diagnosis::tools(page, &connector.name, tools, error.as_ref());
            }
            Self::Left { service, name, how, .. } => other::left(page, name, *how, service),
            Self::Approved { connector, definition } => {
                apps::approved(page, (connector, definition.as_deref()), now);
            }
            Self::Apps { apps } => apps::apps(page, apps),
            Self::Scanned(scanned) => apps::scanned(page, scanned),
            Self::TakenOver(scanned) => apps::taken_over(page, scanned),
            Self::Exported { file, connectors } => other::exported(page, file, *connectors),
            Self::Imported { connectors } => other::imported(page, connectors, now),
            Self::Tested(test) => other::tested(page, test),
            Self::Explained(entry) => other::explained(page, entry),
            Self::Reset { removed } => other::reset(page, removed),
        }
    }
}
