//! Listing, showing, adding, editing and removing connectors.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use replug_core::{Code, Connector, ConnectorId, Credentials, Failure, ServerAddress, Settings, Source};
use replug_store::{ProjectEntry, SignInFacts, StepUps, StoredConnector};

use crate::change::Edited;
use crate::engine::no_such_connector;
use crate::wire::{
    Added, ConnectorDetail, ConnectorView, Day, EditConnector, Event, NewConnector, Probe, ProbeKind, SecretEdit,
};
use crate::{Engine, change, name, paste, view};

/// How many days the strip on the connector page shows.
const STRIP_DAYS: i64 = 30;

impl Engine {
    /// All connectors, the oldest first.
    pub async fn list(&self) -> Result<Vec<ConnectorView>, Failure> {
        Ok(self.edges().store.list().await?.iter().map(|stored| self.view(stored)).collect())
    }

    /// One connector.
    pub async fn get(&self, id: &ConnectorId) -> Result<ConnectorView, Failure> {
        Ok(self.view(&self.stored(id).await?))
    }

    /// One connector with its settings, the steps of its last check and its last 30 days.
    pub async fn show(&self, id: &ConnectorId) -> Result<ConnectorDetail, Failure> {
        let stored = self.stored(id).await?;
        let record = self.read_record(id, self.patience()).await.ok();
        let inputs = record.as_ref().map(|record| &record.inputs);
        let issuer = stored.sign_in.as_ref().and_then(|facts| facts.issuer.as_deref());
        let redirect = crate::sign_in::redirect_address(&stored.connector.settings, record.as_ref(), issuer);
        Ok(ConnectorDetail {
            connector: self.view(&stored),
            settings: view::settings(&stored.connector, inputs, redirect),
            steps: view::steps(self.edges().store.steps(id).await?),
            days: self.days(id).await?,
        })
    }

    async fn days(&self, id: &ConnectorId) -> Result<Vec<Day>, Failure> {
        let today: Date = self.edges().clock.now().to_zoned(TimeZone::UTC).date();
        let first = today.checked_sub((STRIP_DAYS - 1).days()).unwrap_or(today);
        let days = self.edges().store.days(id, first).await?;
        Ok(days.into_iter().map(|day| Day { date: day.day.to_string(), level: day.worst }).collect())
    }

    /// Adds a connector. It is probed first, unless the person asks to save it unasked.
    ///
    /// Fails with the probe's code when there is no MCP server at the address, and then has saved nothing.
    pub async fn add(&self, new: &NewConnector, probe: bool) -> Result<Added, Failure> {
        let draft = self.draft(new)?;
        let (probe, stopped) = if probe { Box::pin(self.probe_draft(&draft)).await } else { (unasked(&draft), None) };
        if let (Some(ProbeKind::NotMcp), Some(failure)) = (probe.kind, stopped) {
            return Err(failure);
        }
        let stored = self.save_draft(draft, &probe).await?;
        self.send(Event::ConnectorsChanged);
        Ok(Added { connector: self.view(&stored), probe })
    }

    /// Reads what a person pasted and typed into a connector that is not saved.
    pub(crate) fn draft(&self, new: &NewConnector) -> Result<Draft, Failure> {
        let pasted = paste::read(&new.address)?;
        let mut changes = new.settings.clone();
        if changes.client_id.is_none() {
            changes.client_id.clone_from(&pasted.client_id);
        }
        if changes.callback_port.is_none() {
            changes.callback_port = pasted.callback_port;
        }
        if changes.headers.is_none() && !pasted.headers.is_empty() {
            let set = |(name, value): &(String, replug_core::Secret<String>)| {
                (name.clone(), SecretEdit::Set(value.expose().clone()))
            };
            changes.headers = Some(pasted.headers.iter().map(set).collect());
        }
        let settings = change::apply(&Settings::default(), &changes)?;
        change::check_secrets(&changes)?;
        let (address, query) = change::address(&pasted.address, &settings)?;
        let name = new.name.as_deref().or(changes.name.as_deref()).map(name::accept).transpose()?;
        let mut record = Credentials::empty(ConnectorId::random(self.edges().random.as_ref()));
        change::apply_secrets(&mut record, &changes, Some(query));
        record.inputs.address = Some(address.base().to_string());
        let hint = pasted.name.filter(|hint| name::accept(hint).is_ok());
        Ok(Draft { address, settings, record, name, hint, sources: Vec::new(), project: None })
    }

    pub(crate) async fn save_draft(&self, draft: Draft, probe: &Probe) -> Result<StoredConnector, Failure> {
        let Draft { address, settings, mut record, name, sources, project, .. } = draft;
        let taken: Vec<String> =
            self.edges().store.list().await?.into_iter().map(|stored| stored.connector.name).collect();
        let connector = Connector {
            id: record.connector.clone(),
            name: name.unwrap_or_else(|| name::free(&probe.name, &taken)),
            address,
            transport: None,
            protocol: None,
            paused: false,
            settings,
            sources,
        };
        // Whoever carries all records to another place finds this connector with its record, or not at all.
        let gate = self.record_gate(&connector.id);
        let _gate = gate.lock().await;
        let _lock = self.lock_record(&connector.id).await?;
        let store = &self.edges().store;
        let stored = match &project {
            Some(entry) => store.insert_from_project(&connector, entry).await?,
            None => store.insert(&connector).await?,
        };
        if !record.is_empty()
            && let Err(failure) = self.write_record(&mut record, self.patience()).await
        {
            // Without its secrets the connector would be another one than the person added.
            self.edges().store.delete(&connector.id).await?;
            return Err(failure);
        }
        Ok(stored)
    }

    /// Changes a connector, all of it or nothing. Its sign-in is kept even when the address changes: it is used again when
    /// the address is back.
    ///
    /// Values of fixed headers do not follow an address to another origin, because they may be keys and the new host may be
    /// the server's choice: those that are not set in the same edit are dropped, and only their names stay in the settings.
    /// Query values are always those of the new address. When what is sent or asked for differs from before, the last verdict
    /// says nothing about it and is forgotten.
    ///
    /// Fails with `RPL-APP-NOT-APPROVED` when it would resume a connector from a project folder that nobody has allowed.
    pub async fn edit(&self, id: &ConnectorId, changes: &EditConnector) -> Result<ConnectorView, Failure> {
        change::check_secrets(changes)?;
        if changes.paused == Some(false) && self.stored(id).await?.awaits_approval {
            return Err(Code::AppNotApproved.into());
        }
        let (edited, other_secrets) = if change::touches_secrets(changes) {
            self.edit_both(id, changes).await?
        } else {
            (self.edit_row(id, changes).await?, false)
        };
        if other_secrets || change::asks_otherwise(&edited.before, &edited.after) {
            self.forget_verdict(id).await?;
        }
        self.forget_last_failure(id).await?;
        self.send(Event::ConnectorsChanged);
        self.get(id).await
    }

    /// Changes what is in the database, as it is at this moment. A name that is taken, or a value that cannot be used, leaves
    /// all of it as it was.
    async fn edit_row(&self, id: &ConnectorId, changes: &EditConnector) -> Result<Edited, Failure> {
        let mut outcome = Err(no_such_connector(id.as_str()));
        let change = |connector: &mut Connector| {
            outcome = change::edited(connector, changes);
            if let Ok(edited) = &outcome {
                connector.clone_from(&edited.after);
            }
        };
        self.edges().store.update(id, change).await?;
        outcome
    }

    /// Changes what is in the database and what is in the keychain while nobody else can, so that two edits never leave the
    /// address of one with the keys of the other. Returns also whether anything that is sent differs.
    ///
    /// A process that is ended in between leaves keys that belong to another address; those are not sent
    /// ([`Inputs::belong_to`](replug_core::Inputs::belong_to)), and the next edit mends it.
    async fn edit_both(&self, id: &ConnectorId, changes: &EditConnector) -> Result<(Edited, bool), Failure> {
        self.stored(id).await?;
        let gate = self.record_gate(id);
        let _gate = gate.lock().await;
        let _lock = self.lock_record(id).await?;
        let mut record = self.current_record(id, self.patience()).await?;
        let edited = self.edit_row(id, changes).await?;
        let other_secrets = edited.apply_to(&mut record, changes);
        match self.write_record(&mut record, self.patience()).await {
            Ok(()) => Ok((edited, other_secrets)),
            Err(failure) => Err(self.put_back(id, &edited, failure).await),
        }
    }

    /// Forgets the verdict, and the one that a running check would give.
    async fn forget_verdict(&self, id: &ConnectorId) -> Result<(), Failure> {
        self.edges().store.forget_verdict(id).await?;
        self.cancel_check(id);
        // The check may have come to its end in between.
        self.edges().store.forget_verdict(id).await?;
        Ok(())
    }

    /// Takes an edit back whose secrets were not kept, as far as nobody has edited the same since. Returns the failure.
    async fn put_back(&self, id: &ConnectorId, edited: &Edited, failure: Failure) -> Failure {
        let undone = self.edges().store.update(id, |connector| change::put_back(connector, edited)).await;
        match undone {
            Ok(_) => failure,
            Err(error) => failure.with_fact("Not put back", Failure::from(error).sentence()),
        }
    }

    /// What the last sign-in attempt complained of may have been mended by an edit, so it is not held against the next check.
    pub(crate) async fn forget_last_failure(&self, id: &ConnectorId) -> Result<(), Failure> {
        let forgotten = |facts: SignInFacts| SignInFacts {
            last_failure: None,
            last_failed_at: None,
            step_ups: StepUps::default(),
            ..facts
        };
        Ok(self.edges().store.update_sign_in(id, |facts| facts.map(forgotten)).await?)
    }
}

/// A connector that is not saved.
pub(crate) struct Draft {
    pub(crate) address: ServerAddress,
    pub(crate) settings: Settings,
    pub(crate) record: Credentials,
    /// The name a person gave.
    pub(crate) name: Option<String>,
    /// The name in what was pasted.
    pub(crate) hint: Option<String>,
    /// Which entries of apps' files it stands in.
    pub(crate) sources: Vec<Source>,
    /// The entry of a project folder that it is made of.
    pub(crate) project: Option<ProjectEntry>,
}

impl Draft {
    /// The name to begin with.
    pub(crate) fn suggested_name(&self, server: Option<&str>) -> String {
        self.name.clone().or_else(|| self.hint.clone()).unwrap_or_else(|| name::suggest(server, &self.address))
    }
}

pub(crate) fn unasked(draft: &Draft) -> Probe {
    Probe {
        kind: None,
        text: "Saved without asking the server.".to_owned(),
        address: draft.address.to_string(),
        name: draft.suggested_name(None),
        server: None,
        sign_in_host: None,
        registration: None,
        tools: None,
        error: None,
        steps: Vec::new(),
        duration_ms: 0,
    }
}
