//! What is in the apps' files: remote servers, each once however many entries name it, beside the connectors that Replug has
//! already; and what is wrong there. No server is contacted and no program is started.

mod candidate;
mod findings;
mod group;

pub(crate) use candidate::{Candidate, Meaning, Place, definition, has_variable};
pub(crate) use findings::{About, Findings};
pub(crate) use group::Group;
use replug_core::{Connector, Failure, Source};
use replug_store::StoredConnector;

use crate::Engine;
use crate::wire::{AppFinding, Event, FoundConnector, LocalServer, Scanned};

/// Everything that was found, before it is shown.
pub(crate) struct Survey {
    pub(crate) groups: Vec<Group>,
    pub(crate) findings: Vec<AppFinding>,
    pub(crate) local_servers: Vec<LocalServer>,
}

impl Engine {
    /// Looks through every app's files. Connectors learn which entries name them, and an approval ends when the definition that
    /// was approved has changed.
    pub async fn scan(&self) -> Result<Scanned, Failure> {
        let survey = self.survey().await?;
        Ok(Scanned {
            connectors: survey.groups.iter().map(|group| self.found(group)).collect(),
            findings: survey.findings,
            local_servers: survey.local_servers,
        })
    }

    pub(crate) async fn survey(&self) -> Result<Survey, Failure> {
        self.void_changed_approvals().await?;
        let (scan, stored_findings) = self.look_through_apps().await?;
        let project_entries = self.edges().store.project_entries().await?;
        let stored = self.edges().store.list().await?;
        let unread: Vec<String> = unreadable(&scan);
        let (mut groups, local_servers) = group::merge(&scan, &stored, &project_entries);
        self.tell_sources(&mut groups, &stored, &unread).await?;
        let waiting = self.waiting_definitions().await?;
        let findings = findings::collect(&self.edges().computer, &scan, &groups, stored_findings, waiting);
        Ok(Survey { groups, findings, local_servers })
    }

    /// Writes down which entries name each connector. What stood in a file that cannot be read now is kept.
    async fn tell_sources(
        &self,
        groups: &mut [Group],
        stored: &[StoredConnector],
        unread: &[String],
    ) -> Result<(), Failure> {
        let mut changed = false;
        for known in stored {
            let group = groups.iter_mut().find(|group| group.is_of(&known.connector.id));
            let mut sources = group.as_ref().map(|group| group.sources()).unwrap_or_default();
            let is_unread = |source: &&Source| source.file.as_ref().is_some_and(|file| unread.contains(file));
            for source in known.connector.sources.iter().filter(is_unread) {
                // A file of which only a part can be read names some of them still.
                if !sources.contains(source) {
                    sources.push(source.clone());
                }
            }
            if sources == known.connector.sources {
                continue;
            }
            let set = |connector: &mut Connector| connector.sources.clone_from(&sources);
            let updated = self.edges().store.update(&known.connector.id, set).await?;
            if let Some(group) = group {
                group.owner = Some(updated);
            }
            changed = true;
        }
        if changed {
            self.send(Event::ConnectorsChanged);
        }
        Ok(())
    }

    /// A group as it is shown.
    pub(crate) fn found(&self, group: &Group) -> FoundConnector {
        let imported = group.owner.is_some();
        let connector = group.owner.clone().unwrap_or_else(|| group.draft(self.edges().clock.now()));
        FoundConnector { connector: self.view(&connector), imported, needs_approval: connector.awaits_approval }
    }
}

fn unreadable(scan: &replug_apps::Scan) -> Vec<String> {
    let files = scan.files.iter().filter(|file| file.problem.is_some());
    files.map(|file| file.path.display().to_string()).collect()
}
