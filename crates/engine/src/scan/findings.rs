//! What is wrong in the apps' files, as findings with ids that stay the same. The rules are those of the apps crate; this puts
//! them in order and says which connector each is about.

use std::collections::HashMap;

use replug_apps::{Certainty, ClientApp, Computer, FoundFile, Scan, StoredFinding, app, remarks};
use replug_core::{Code, ConnectorId, Failure, Severity};
use sha2::{Digest, Sha256};

use super::candidate::{Meaning, Place};
use super::group::Group;
use crate::apps::file_trouble;
use crate::view;
use crate::wire::AppFinding;

/// What a finding is about.
pub(crate) struct About<'a> {
    pub(crate) app: &'static ClientApp,
    pub(crate) file: &'a str,
    pub(crate) entry: Option<&'a str>,
    pub(crate) connector: Option<ConnectorId>,
}

impl<'a> About<'a> {
    pub(crate) const fn entry(place: &'a Place, connector: Option<ConnectorId>) -> Self {
        Self { app: place.app, file: place.file.as_str(), entry: Some(place.entry.as_str()), connector }
    }
}

/// How sure it is, and whether mending it loses nothing.
type Weight = (Certainty, bool);

/// All findings, the surest first, and of those the gravest. `definitions` are those of projects that wait for a person.
pub(super) fn collect(
    computer: &Computer,
    scan: &Scan,
    groups: &[Group],
    stored: Vec<StoredFinding>,
    definitions: Vec<(Place, ConnectorId, Failure)>,
) -> Vec<AppFinding> {
    let owners = owners(groups);
    let mut findings = Findings::default();
    for file in &scan.files {
        findings.about_file(computer, file, &owners);
    }
    for group in groups {
        findings.about_differences(group);
    }
    for (place, id, failure) in definitions {
        findings.add_sure(&About::entry(&place, Some(id)), failure);
    }
    for found in stored {
        findings.about_stored(found, groups);
    }
    findings.in_order()
}

/// Which connector each entry belongs to.
type Owners<'a> = HashMap<(&'a str, &'a str, &'a str), ConnectorId>;

fn owners(groups: &[Group]) -> Owners<'_> {
    let all = groups.iter().flat_map(|group| group.candidates.iter().map(move |candidate| (group, &candidate.place)));
    all.map(|(group, place)| ((place.app.id, place.file.as_str(), place.entry.as_str()), group.id())).collect()
}

/// The findings so far, and how often each of them came.
#[derive(Default)]
pub(crate) struct Findings {
    list: Vec<AppFinding>,
    seen: HashMap<String, u32>,
}

impl Findings {
    fn add(&mut self, about: &About<'_>, failure: Failure, (certainty, safe): Weight) {
        let parts = [about.app.id, about.file, about.entry.unwrap_or_default(), failure.code.as_str()].join("\0");
        let times = self.seen.entry(parts.clone()).or_default();
        *times += 1;
        let id = short_digest(&format!("{parts}\0{times}"));
        let failure = failure.with_fact("App", about.app.name).with_fact("File", about.file);
        let failure = about.entry.into_iter().fold(failure, |failure, entry| failure.with_fact("Entry", entry));
        self.list.push(AppFinding {
            finding: view::finding(&failure.to_finding(), id),
            app: about.app.id.to_owned(),
            app_name: about.app.name.to_owned(),
            file: about.file.to_owned(),
            entry: about.entry.map(str::to_owned),
            connector: about.connector.as_ref().map(ToString::to_string),
            certainty: certainty.into(),
            safe,
        });
    }

    /// Adds what the file itself says, and a person has to mend.
    pub(crate) fn add_sure(&mut self, about: &About<'_>, failure: Failure) {
        self.add(about, failure, (Certainty::Stored, false));
    }

    pub(crate) fn in_order(mut self) -> Vec<AppFinding> {
        let gravity = |severity| match severity {
            Severity::Error => 0,
            Severity::Warning => 1,
            Severity::Note => 2,
        };
        self.list.sort_by_key(|found| (found.certainty, gravity(found.finding.severity)));
        self.list
    }

    fn about_file(&mut self, computer: &Computer, file: &FoundFile, owners: &Owners<'_>) {
        let path = file.path.display().to_string();
        if let Some(trouble) = file_trouble(file) {
            let about = About { app: file.app, file: &path, entry: None, connector: None };
            self.add_sure(&about, trouble);
        }
        for entry in &file.entries {
            let place = Place::of(file, entry);
            let connector = owners.get(&(file.app.id, path.as_str(), entry.name.as_str())).cloned();
            let about = About::entry(&place, connector);
            for remark in remarks(computer, file.app, entry) {
                let safe = remark.is_safe();
                self.add(&about, remark.failure, (Certainty::Stored, safe));
            }
            if let Meaning::Unusable(failure) = Meaning::of(file, entry) {
                self.add_sure(&about, failure);
            }
        }
    }

    fn about_differences(&mut self, group: &Group) {
        let lead = group.lead();
        for candidate in &group.candidates {
            let differs = lead.differs_in(candidate);
            if !differs.is_empty() {
                let failure = Failure::new(Code::AppEntriesDiffer)
                    .with_fact("Differs in", differs.join(", "))
                    .with_fact("Compared with", format!("{} in {}", lead.place.entry, lead.place.file));
                self.add(&About::entry(&candidate.place, Some(group.id())), failure, (Certainty::Compared, false));
            }
        }
    }

    fn about_stored(&mut self, found: StoredFinding, groups: &[Group]) {
        let Some(app) = app(found.app) else { return };
        let named = |group: &&Group| {
            let places = group.candidates.iter().map(|candidate| &candidate.place);
            let server = found.server.as_deref();
            places.into_iter().any(|place| place.app.id == app.id && Some(place.entry.as_str()) == server)
        };
        let connector = groups.iter().find(named).map(Group::id);
        let file = found.file.display().to_string();
        let about = About { app, file: &file, entry: found.server.as_deref(), connector };
        self.add(&about, found.failure, (found.certainty, found.safe));
    }
}

/// Twelve digits that stand for a text.
fn short_digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let first = digest.iter().take(6).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{first:012x}")
}
