//! The suite as a program: what it lists, and running one scenario. How a result is shown is in `table`.

use std::path::PathBuf;
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::{loopback, process};

use super::Ended;

/// The revisions whose scored scenarios the suite keeps in a list.
const SCORED: [&str; 2] = ["2025-11-25", "2026-07-28"];

/// A revision without such a list; all its scenarios count.
const OLDEST: &str = "2025-03-26";

/// How long a client may take, in milliseconds. A busy machine is no reason to fail.
const PATIENCE: &str = "60000";

/// The installed suite.
pub(super) struct Suite {
    folder: PathBuf,
    client: PathBuf,
    version: String,
}

/// Which of the suite's sets a scenario runs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    /// A revision of the protocol.
    Revision(&'static str),
    /// An extension, which belongs to no revision.
    Extension,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) scenario: String,
    pub(super) column: Column,
    /// Whether the suite counts it.
    pub(super) scored: bool,
}

impl Column {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Revision(revision) => revision,
            Self::Extension => "extension",
        }
    }
}

impl Suite {
    /// The suite in `folder`, for the client program at `client`.
    pub(super) fn new(folder: PathBuf, client: PathBuf) -> Outcome<Self> {
        if client.to_string_lossy().contains(' ') {
            return Err(Failure::new("the suite takes no client whose path holds a space"));
        }
        let mut suite = Self { folder, client, version: String::new() };
        process::capture(&mut suite.command(&["--version"]))?.trim().clone_into(&mut suite.version);
        Ok(suite)
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Every run, in the suite's order.
    pub(super) fn entries(&self) -> Outcome<Vec<Entry>> {
        let oldest = process::capture(&mut self.command(&["list", "--client", "--spec-version", OLDEST]))?;
        let mut entries = read(&oldest, OLDEST);
        for revision in SCORED {
            let listed = process::capture(&mut self.command(&["list", "--client", "--requirements", revision]))?;
            for entry in read(&listed, revision) {
                // Each revision's list names the extensions.
                if !entries.contains(&entry) {
                    entries.push(entry);
                }
            }
        }
        // What counts comes first; extensions are last.
        entries.sort_by_key(|entry| (entry.column == Column::Extension, !entry.scored));
        if entries.is_empty() { Err(Failure::new("the suite lists no scenario")) } else { Ok(entries) }
    }

    /// Runs one scenario in a network of its own, and returns what the suite said.
    pub(super) fn run(&self, entry: &Entry) -> Outcome<(Ended, String)> {
        let mut command = self.command(&["client", "--scenario", &entry.scenario, "--timeout", PATIENCE]);
        command.arg("--command").arg(&self.client);
        if let Column::Revision(revision) = entry.column {
            command.args(["--spec-version", revision]);
        }
        let watched = process::overhear(&mut loopback::only(command))?;
        let ended = match watched.succeeded {
            _ if watched.text.contains("SKIPPED: scenario") => Ended::NotApplicable,
            true => Ended::Clean,
            false => Ended::NotClean,
        };
        Ok((ended, watched.text))
    }

    /// The suite with `arguments`, in the Node that lies beside it.
    fn command(&self, arguments: &[&str]) -> Command {
        let modules = self.folder.join("node_modules");
        let mut command = Command::new(modules.join("node/bin/node"));
        command.current_dir(&self.folder);
        command.arg(modules.join("@modelcontextprotocol/conformance/dist/index.js")).args(arguments);
        command
    }
}

/// Where a line of a listing stands.
#[derive(Clone, Copy)]
enum Part {
    /// Scenarios for others than clients, and headings.
    Other,
    /// Scenarios for clients.
    Clients,
    /// Scenarios that are never scored, in groups; whether the group is that of the extensions.
    Unscored { extensions: bool },
}

/// Reads a listing for one revision.
fn read(listing: &str, revision: &'static str) -> Vec<Entry> {
    let mut part = Part::Other;
    let mut entries = Vec::new();
    for line in listing.lines().map(str::trim) {
        match (line.strip_prefix("- "), part) {
            (None, _) if line.starts_with("Client scenarios") => part = Part::Clients,
            (None, _) if line.starts_with("Run and reported") => part = Part::Unscored { extensions: false },
            (None, Part::Unscored { .. }) => part = Part::Unscored { extensions: line.starts_with("extension ") },
            (None, _) if line.ends_with(':') => part = Part::Other,
            (Some(named), Part::Clients) => {
                entries.push(Entry { scenario: first_word(named), column: Column::Revision(revision), scored: true });
            }
            (Some(named), Part::Unscored { extensions }) if named.ends_with("[client]") => {
                let column = if extensions { Column::Extension } else { Column::Revision(revision) };
                entries.push(Entry { scenario: first_word(named), column, scored: false });
            }
            (None | Some(_), _) => {}
        }
    }
    entries
}

fn first_word(text: &str) -> String {
    text.split(' ').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Column, Entry, read};

    const LISTING: &str = "Required for 2026-07-28 (3 scenarios, frozen; run at the 2026-07-28 wire):

Server scenarios (test against a server):
  - ping

Client scenarios (test against a client):
  - tools_call
  - auth/basic-cimd

Run and reported, but never scored:
  extension (2):
    - auth/dpop [client]
    - tasks-lifecycle [server]
  added-after-release (1):
    - later [client]
";

    #[test]
    fn scenarios_for_clients_are_read_and_extensions_belong_to_no_revision() {
        let entry = |scenario: &str, column, scored| Entry { scenario: scenario.to_owned(), column, scored };
        let revision = Column::Revision("2026-07-28");
        let expected = [
            entry("tools_call", revision.clone(), true),
            entry("auth/basic-cimd", revision.clone(), true),
            entry("auth/dpop", Column::Extension, false),
            entry("later", revision, false),
        ];
        assert_eq!(read(LISTING, "2026-07-28"), expected);
    }

    #[test]
    fn a_plain_list_names_its_revisions_behind_each_scenario() {
        let listing = "\nClient scenarios (test against a client):\n  - auth/old [2025-03-26]\n";
        assert_eq!(read(listing, "2025-03-26")[0].scenario, "auth/old");
    }
}
