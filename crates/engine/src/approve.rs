//! Connectors that came with a project folder: what they say, allowing exactly that, and noticing that it says something else.
//! Until a person has allowed it, nobody contacts the server that such a definition names (SECURITY T40).

mod again;

use std::path::PathBuf;

use again::edits_again;
use replug_apps::{Entry, FoundFile, Scope, app, scan_project};
use replug_core::{Code, ConnectorId, Failure};
use replug_store::{ProjectDefinition, ProjectEntry};

use crate::Engine;
use crate::apps::blocking;
use crate::scan::{Meaning, Place, definition};
use crate::wire::{self, ConnectorView, DefinitionField, DefinitionStanding, Event};

/// More fields than this are not told in a finding; the window shows all of them.
const MOST_FIELDS: usize = 40;

/// An entry as it stands in its file now.
struct Present {
    definition: ProjectDefinition,
    meaning: Meaning,
}

impl Engine {
    /// What the project folder says about a connector, beside what was taken over from it; `None` for a connector that came
    /// from nowhere else than the person. An entry that is gone or cannot be read stands as it was taken over.
    pub async fn project_definition(&self, id: &ConnectorId) -> Result<Option<wire::ProjectDefinition>, Failure> {
        self.stored(id).await?;
        let Some(entry) = self.edges().store.project_entry(id).await? else { return Ok(None) };
        let now = self.entry_now(&entry).await?.map_or_else(|| entry.definition.clone(), |present| present.definition);
        Ok(Some(shown(&entry, &now)))
    }

    /// Allows what the project folder says about a connector, and resumes it. When it says something else than what was taken
    /// over, that is taken over first; what it leaves open stays as the person typed it. A connector that did not come with a project needs nobody's approval.
    ///
    /// `seen` is the definition that the person looked at. Fails with `RPL-APP-CHANGED-MEANWHILE` when it is another one by
    /// now, and with `RPL-APP-ENTRY-UNCLEAR` when the entry names no remote server any more.
    pub async fn approve(&self, id: &ConnectorId, seen: Option<&str>) -> Result<ConnectorView, Failure> {
        let known = self.stored(id).await?.connector;
        let Some(entry) = self.edges().store.project_entry(id).await? else { return self.get(id).await };
        let present = self.entry_now(&entry).await?;
        let now = present.as_ref().map_or(&entry.definition, |present| &present.definition).clone();
        if seen.is_some_and(|seen| seen != now.digest) {
            return Err(Code::AppChangedMeanwhile.into());
        }
        if let Some(present) = present.filter(|present| present.definition.digest != entry.definition.digest) {
            let Meaning::Remote(candidate) = present.meaning else {
                return Err(Failure::new(Code::AppEntryUnclear)
                    .with_text("This entry names no remote server any more.")
                    .with_fact("File", &entry.file)
                    .with_fact("Entry", &entry.entry));
            };
            self.edit(id, &edits_again(&candidate, &entry.definition, &known)).await?;
        }
        self.edges().store.approve(id, &now).await?;
        self.send(Event::ConnectorsChanged);
        self.get(id).await
    }

    /// Makes sure that a person was told this definition before they allow it: when it was taken over, or by this failing once.
    ///
    /// Fails with `RPL-APP-CHANGED-MEANWHILE`, saying what is different, when nobody was told it; the next time it was.
    pub async fn require_told(&self, id: &ConnectorId, shown: &wire::ProjectDefinition) -> Result<(), Failure> {
        if self.edges().store.tell(id, &shown.definition).await? {
            return Ok(());
        }
        Err(with_difference(Code::AppChangedMeanwhile.into(), shown))
    }

    /// Makes sure that the server of a connector may be contacted. An approval ends here when the file says something else.
    ///
    /// Fails with `RPL-APP-NOT-APPROVED`.
    pub(crate) async fn require_approval(&self, id: &ConnectorId) -> Result<(), Failure> {
        match self.edges().store.project_entry(id).await? {
            Some(entry) if !self.still_approved(id, &entry).await? => Err(Code::AppNotApproved.into()),
            _ => Ok(()),
        }
    }

    /// Ends the approvals of all definitions that have changed.
    pub(crate) async fn void_changed_approvals(&self) -> Result<(), Failure> {
        for (id, entry) in self.edges().store.project_entries().await? {
            self.still_approved(&id, &entry).await?;
        }
        Ok(())
    }

    async fn still_approved(&self, id: &ConnectorId, entry: &ProjectEntry) -> Result<bool, Failure> {
        if entry.approved_at.is_none() {
            return Ok(false);
        }
        let present = self.entry_now(entry).await?;
        // What is gone names no other server; what was allowed is still what is stored.
        if present.is_none_or(|present| present.definition.digest == entry.definition.digest) {
            return Ok(true);
        }
        self.edges().store.void_approval(id).await?;
        self.send(Event::ConnectorsChanged);
        Ok(false)
    }

    /// What waits for a person: where it stands, the connector, and what the definition says, as a failure with its evidence.
    pub(crate) async fn waiting_definitions(&self) -> Result<Vec<(Place, ConnectorId, Failure)>, Failure> {
        let mut waiting = Vec::new();
        for (id, entry) in self.edges().store.project_entries().await? {
            let Some(app) = app(&entry.app).filter(|_| entry.approved_at.is_none()) else { continue };
            let present = self.entry_now(&entry).await?;
            let now = present.map_or_else(|| entry.definition.clone(), |present| present.definition);
            let scope = Scope::Project(PathBuf::from(&entry.folder));
            let place = Place { app, scope, file: entry.file.clone(), entry: entry.entry.clone() };
            waiting.push((place, id, not_approved(&shown(&entry, &now))));
        }
        Ok(waiting)
    }

    /// The entry as it stands in its file; `None` when it cannot be found or read.
    async fn entry_now(&self, entry: &ProjectEntry) -> Result<Option<Present>, Failure> {
        let Some(app) = app(&entry.app) else { return Ok(None) };
        let (computer, wanted) = (self.edges().computer.clone(), entry.clone());
        blocking(move || {
            let scan = scan_project(&computer, app, &PathBuf::from(&wanted.folder));
            let file = scan.files.iter().find(|file| file.path.display().to_string() == wanted.file)?;
            // Of two with one name the last counts, as for most programs.
            let found = file.entries.iter().rev().find(|found| found.name == wanted.entry)?;
            Some(present(file, found))
        })
        .await
    }
}

fn present(file: &FoundFile, entry: &Entry) -> Present {
    Present { definition: definition(entry), meaning: Meaning::of(file, entry) }
}

fn shown(entry: &ProjectEntry, now: &ProjectDefinition) -> wire::ProjectDefinition {
    let before = &entry.definition;
    let changed = before.digest != now.digest;
    let standing = match (changed, entry.approved_at) {
        (true, _) => DefinitionStanding::Changed,
        (false, Some(_)) => DefinitionStanding::Approved,
        (false, None) => DefinitionStanding::New,
    };
    let fields = fields(&before.outline, &now.outline);
    let seen = fields.iter().any(|field| field.before != field.now);
    wire::ProjectDefinition {
        app: entry.app.clone(),
        app_name: app(&entry.app).map_or_else(|| entry.app.clone(), |app| app.name.to_owned()),
        file: entry.file.clone(),
        entry: entry.entry.clone(),
        definition: now.digest.clone(),
        standing,
        hidden_changed: changed && !seen,
        fields,
    }
}

/// The fields as they are now, each with what it said before; then those that are gone.
fn fields(before: &[(String, String)], now: &[(String, String)]) -> Vec<DefinitionField> {
    let value = |fields: &[(String, String)], name: &str| {
        fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    };
    let present = now.iter().map(|(name, text)| DefinitionField {
        name: name.clone(),
        before: value(before, name),
        now: Some(text.clone()),
    });
    let gone = before.iter().filter(|(name, _)| value(now, name).is_none()).map(|(name, text)| DefinitionField {
        name: name.clone(),
        before: Some(text.clone()),
        now: None,
    });
    present.chain(gone).collect()
}

fn not_approved(shown: &wire::ProjectDefinition) -> Failure {
    let mut failure = Failure::new(Code::AppNotApproved);
    if shown.standing == DefinitionStanding::Changed {
        failure = failure.with_text("This changed in a project folder.");
    }
    with_difference(failure, shown)
}

/// Adds what a definition says, and what it said before where that is something else.
fn with_difference(mut failure: Failure, shown: &wire::ProjectDefinition) -> Failure {
    if shown.hidden_changed {
        failure = failure.with_fact("Changed", "a value that is not shown");
    }
    let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    shown.fields.iter().take(MOST_FIELDS).fold(failure, |failure, field| {
        let same = field.before == field.now;
        let value = if same { word(&field.now) } else { format!("{} → {}", word(&field.before), word(&field.now)) };
        failure.with_fact(&field.name, value)
    })
}
