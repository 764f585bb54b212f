//! Bringing the entries together that name the same server, and finding the connector that Replug has for it. What is wrong with
//! them is in `findings`.

use std::collections::HashMap;

use jiff::Timestamp;
use replug_apps::Scan;
use replug_core::{Connector, ConnectorId, Health, Settings, Source};
use replug_store::{ProjectEntry, StoredConnector};
use sha2::{Digest, Sha256};

use super::candidate::{Candidate, Meaning, Place};
use crate::name;
use crate::wire::LocalServer;

/// Entries that name the same server.
pub(crate) struct Group {
    /// The connector that Replug has for it.
    pub(crate) owner: Option<StoredConnector>,
    /// At least one, in the order of the apps.
    pub(crate) candidates: Vec<Candidate>,
}

/// Merges the entries by the address they name. An entry from which a connector was taken over belongs to that one whatever it
/// says now; any other belongs to the oldest connector with its address.
pub(super) fn merge(
    scan: &Scan,
    stored: &[StoredConnector],
    project_entries: &[(ConnectorId, ProjectEntry)],
) -> (Vec<Group>, Vec<LocalServer>) {
    let mut groups = Groups::new(stored, project_entries);
    let mut local_servers = Vec::new();
    for file in &scan.files {
        for entry in &file.entries {
            match Meaning::of(file, entry) {
                Meaning::Remote(candidate) => groups.take(*candidate),
                Meaning::Local(program) => local_servers.push(local_server(&Place::of(file, entry), program)),
                Meaning::Unusable(_) | Meaning::Nothing => {}
            }
        }
    }
    (groups.found, local_servers)
}

fn local_server(place: &Place, program: String) -> LocalServer {
    LocalServer {
        app: place.app.id.to_owned(),
        app_name: place.app.name.to_owned(),
        scope: place.scope.as_str().to_owned(),
        file: place.file.clone(),
        entry: place.entry.clone(),
        program,
    }
}

/// The groups so far, and where the next entry belongs.
struct Groups<'a> {
    by_id: HashMap<&'a ConnectorId, &'a StoredConnector>,
    by_address: HashMap<String, &'a ConnectorId>,
    by_entry: HashMap<[&'a str; 3], &'a ConnectorId>,
    /// Places in `found`, by the connector's id or the address.
    places: HashMap<String, usize>,
    found: Vec<Group>,
}

impl<'a> Groups<'a> {
    fn new(stored: &'a [StoredConnector], project_entries: &'a [(ConnectorId, ProjectEntry)]) -> Self {
        let mut by_address = HashMap::new();
        for known in stored {
            // The oldest comes first.
            by_address.entry(known.connector.address.to_stored()).or_insert(&known.connector.id);
        }
        let key = |entry: &'a ProjectEntry| [entry.app.as_str(), entry.file.as_str(), entry.entry.as_str()];
        Self {
            by_id: stored.iter().map(|known| (&known.connector.id, known)).collect(),
            by_address,
            by_entry: project_entries.iter().map(|(id, entry)| (key(entry), id)).collect(),
            places: HashMap::new(),
            found: Vec::new(),
        }
    }

    fn take(&mut self, candidate: Candidate) {
        let address = candidate.address.to_stored();
        let entry = [candidate.place.app.id, candidate.place.file.as_str(), candidate.place.entry.as_str()];
        let id = self.by_entry.get(&entry).or_else(|| self.by_address.get(&address)).copied();
        let key = id.map_or(address, ToString::to_string);
        let place = *self.places.entry(key).or_insert(self.found.len());
        if let Some(group) = self.found.get_mut(place) {
            group.candidates.push(candidate);
        } else {
            let owner = id.and_then(|id| self.by_id.get(id)).map(|known| (*known).clone());
            self.found.push(Group { owner, candidates: vec![candidate] });
        }
    }
}

impl Group {
    /// The entry whose settings count: the first that is the person's own, else the first.
    pub(crate) fn lead(&self) -> &Candidate {
        let own = self.candidates.iter().find(|candidate| !candidate.place.scope.needs_approval());
        own.unwrap_or(&self.candidates[0])
    }

    /// Whether nobody but a project folder names this server.
    pub(crate) fn came_with_a_project(&self) -> bool {
        self.candidates.iter().all(|candidate| candidate.place.scope.needs_approval())
    }

    /// Whether it is this connector.
    pub(crate) fn is_of(&self, id: &ConnectorId) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.connector.id == *id)
    }

    /// The connector's id; the same at every scan, also when there is none yet.
    pub(crate) fn id(&self) -> ConnectorId {
        self.owner.as_ref().map_or_else(|| id_of(&self.lead().address.to_stored()), |owner| owner.connector.id.clone())
    }

    /// Where it was found, each place once.
    pub(crate) fn sources(&self) -> Vec<Source> {
        let mut sources: Vec<Source> = Vec::new();
        for source in self.candidates.iter().map(|candidate| candidate.place.source()) {
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        sources
    }

    /// The name its first entry gives it, when that can be a connector's.
    pub(crate) fn suggested_name(&self) -> String {
        let lead = self.lead();
        name::accept(&lead.place.entry).unwrap_or_else(|_| name::suggest(None, &lead.address))
    }

    /// The connector that would be made of it.
    pub(super) fn draft(&self, now: Timestamp) -> StoredConnector {
        let (lead, awaits_approval) = (self.lead(), self.came_with_a_project());
        let connector = Connector {
            id: self.id(),
            name: self.suggested_name(),
            address: lead.address.clone(),
            transport: lead.transport,
            protocol: None,
            paused: awaits_approval,
            settings: Settings::default(),
            sources: self.sources(),
        };
        let health = Health::unknown();
        StoredConnector { connector, health, sign_in: None, created_at: now, awaits_approval, revision: 0 }
    }
}

fn id_of(address: &str) -> ConnectorId {
    let digest: [u8; 32] = Sha256::digest(address.as_bytes()).into();
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&digest[..10]);
    ConnectorId::of_bytes(bytes)
}
