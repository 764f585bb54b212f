//! Taking connectors over from the apps' files, as if a person had typed them: every value passes the same checks, secrets go
//! into the keychain, and no server is asked. What came with a project folder is not contacted before a person allows it.

use std::path::Path;

use replug_core::{Code, ConnectorId, Failure, ServerAddress};
use replug_store::{ProjectEntry, StoredConnector};

use crate::connectors::unasked;
use crate::scan::{About, Candidate, Findings, Group, Survey, has_variable};
use crate::wire::{AppFinding, EditConnector, Event, NewConnector, Scanned, SecretEdit};
use crate::{Engine, change};

impl Engine {
    /// Takes found connectors over; without names, all that Replug does not have. A name is that of an app, an entry, a file, an
    /// address, or `app:entry`, or the id that a scan gave. Returns the connectors that were taken over and those that were
    /// named and known already, with what is wrong about them.
    ///
    /// An entry that cannot be taken over becomes a finding and keeps no other back. Fails with `RPL-USE-NO-SUCH-SOURCE` when
    /// nothing that was found has a name, and with the keychain's codes, and then keeps what was taken over before.
    pub async fn import(&self, sources: &[String]) -> Result<Scanned, Failure> {
        let survey = self.survey().await?;
        let chosen = chosen(&survey, sources)?;
        let (mut ids, mut refused) = (Vec::new(), Findings::default());
        for group in chosen {
            let lead = &group.lead().place;
            match &group.owner {
                Some(owner) => ids.push(owner.connector.id.clone()),
                None => match self.take_over(group).await {
                    Ok(stored) => ids.push(stored.connector.id),
                    Err(failure) if is_ours(&failure) => return Err(failure),
                    Err(failure) => refused.add_sure(&About::entry(lead, None), failure),
                },
            }
        }
        self.send(Event::ConnectorsChanged);
        self.imported(&ids, refused.in_order()).await
    }

    /// What is to be told about these connectors, looked at again now that Replug has them.
    async fn imported(&self, ids: &[ConnectorId], refused: Vec<AppFinding>) -> Result<Scanned, Failure> {
        let survey = self.survey().await?;
        let groups = survey.groups.iter().filter(|group| ids.iter().any(|id| group.is_of(id)));
        let connectors = groups.map(|group| self.found(group)).collect();
        let is_about = |found: &AppFinding| {
            found.connector.as_ref().is_some_and(|about| ids.iter().any(|id| id.as_str() == about))
        };
        let findings = refused.into_iter().chain(survey.findings.into_iter().filter(is_about)).collect();
        Ok(Scanned { connectors, findings, local_servers: Vec::new() })
    }

    async fn take_over(&self, group: &Group) -> Result<StoredConnector, Failure> {
        let lead = group.lead();
        let settings = EditConnector { address: None, ..edits(lead) };
        let new = NewConnector { address: lead.text.expose().clone(), name: None, settings };
        let mut draft = self.draft(&new)?;
        draft.hint = Some(group.suggested_name());
        draft.sources = group.sources();
        draft.project = group.came_with_a_project().then(|| project_entry(lead)).flatten();
        let probe = unasked(&draft);
        self.save_draft(draft, &probe).await
    }
}

/// What an entry says, as the changes a person would have made. A header whose value depends on a variable keeps its name: the
/// person enters the value. Headers that Replug sends itself are left out.
pub(crate) fn edits(candidate: &Candidate) -> EditConnector {
    let secret = |text: &str| {
        let text = text.trim();
        if has_variable(text) { SecretEdit::Clear } else { SecretEdit::Set(text.to_owned()) }
    };
    let headers = candidate.headers.iter().map(|(name, value)| (name.trim().to_owned(), secret(value.expose())));
    EditConnector {
        address: Some(candidate.text.expose().clone()),
        client_id: Some(candidate.client_id.clone().unwrap_or_default()),
        client_secret: candidate.client_secret.as_ref().map_or(SecretEdit::Clear, |value| secret(value.expose())),
        callback_port: Some(candidate.callback_port.unwrap_or_default()),
        headers: Some(headers.filter(|(name, _)| change::takes_header(name)).collect()),
        ..EditConnector::default()
    }
}

fn project_entry(lead: &Candidate) -> Option<ProjectEntry> {
    let replug_apps::Scope::Project(folder) = &lead.place.scope else { return None };
    Some(ProjectEntry {
        app: lead.place.app.id.to_owned(),
        folder: folder.display().to_string(),
        file: lead.place.file.clone(),
        entry: lead.place.entry.clone(),
        definition: lead.definition.clone(),
        approved_at: None,
    })
}

/// The groups that a person named; all that are not taken over when nothing was named.
fn chosen<'a>(survey: &'a Survey, sources: &[String]) -> Result<Vec<&'a Group>, Failure> {
    if sources.is_empty() {
        return Ok(survey.groups.iter().filter(|group| group.owner.is_none()).collect());
    }
    let nowhere = |source: &&String| !survey.groups.iter().any(|group| is_named(group, source));
    if let Some(missing) = sources.iter().find(nowhere) {
        return Err(Failure::new(Code::UseNoSuchSource).with_fact("Asked for", missing));
    }
    let named = |group: &&Group| sources.iter().any(|source| is_named(group, source));
    Ok(survey.groups.iter().filter(named).collect())
}

fn is_named(group: &Group, source: &str) -> bool {
    let id = group.id();
    let owner = group.owner.as_ref().map(|owner| owner.connector.name.as_str());
    let same_address = || ServerAddress::parse(source, true).is_ok_and(|(address, _)| address == group.lead().address);
    id.as_str() == source
        || owner.is_some_and(|name| same(name, source))
        || group.candidates.iter().any(|candidate| stands_at(candidate, source))
        || same_address()
}

fn stands_at(candidate: &Candidate, source: &str) -> bool {
    let place = &candidate.place;
    let in_app =
        source.split_once(':').is_some_and(|(app, entry)| same(app, place.app.id) && same(entry, &place.entry));
    in_app || same(source, place.app.id) || same(source, &place.entry) || Path::new(&place.file) == Path::new(source)
}

/// Equal without regard to case.
fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Whether it stands in the way of every other connector too.
fn is_ours(failure: &Failure) -> bool {
    let name = failure.code.as_str();
    name.starts_with("RPL-KEY-") || name.starts_with("RPL-LOCAL-")
}
