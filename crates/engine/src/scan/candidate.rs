//! What one entry of an app's file means for Replug: a remote server, a program on this computer, or nothing that can be used.
//! Variables are never filled in: what they hold where the app is started is not known here, and a project must not learn it.

use replug_apps::{ClientApp, Entry, FoundFile, LocalServer, RemoteServer, Scope, Target};
use replug_core::{Code, Failure, Secret, ServerAddress, Source, Transport};
use replug_store::ProjectDefinition;

use crate::paste;

/// A remote server as one entry names it.
pub(crate) struct Candidate {
    pub(crate) place: Place,
    /// The address as it is written; its query may hold keys.
    pub(crate) text: Secret<String>,
    /// The same in canonical form, and the values of its query.
    pub(crate) address: ServerAddress,
    pub(crate) query: Vec<(String, Secret<String>)>,
    pub(crate) headers: Vec<(String, Secret<String>)>,
    pub(crate) client_id: Option<String>,
    pub(crate) client_secret: Option<Secret<String>>,
    pub(crate) callback_port: Option<u16>,
    pub(crate) transport: Option<Transport>,
    pub(crate) definition: ProjectDefinition,
}

/// Where an entry stands.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) app: &'static ClientApp,
    pub(crate) scope: Scope,
    pub(crate) file: String,
    pub(crate) entry: String,
}

/// What an entry means.
pub(crate) enum Meaning {
    /// A server somewhere else.
    Remote(Box<Candidate>),
    /// A program on this computer, without its arguments.
    Local(String),
    /// An address that cannot be used, and why.
    Unusable(Failure),
    /// Nothing. The rules about entries tell why.
    Nothing,
}

/// What a person may have allowed: all fields of an entry, and how they are shown.
pub(crate) fn definition(entry: &Entry) -> ProjectDefinition {
    ProjectDefinition { digest: entry.definition.to_string(), outline: entry.outline() }
}

impl Place {
    pub(crate) fn of(file: &FoundFile, entry: &Entry) -> Self {
        Self {
            app: file.app,
            scope: file.scope.clone(),
            file: file.path.display().to_string(),
            entry: entry.name.clone(),
        }
    }

    pub(crate) fn source(&self) -> Source {
        Source {
            app: self.app.id.to_owned(),
            scope: Some(self.scope.as_str().to_owned()),
            file: Some(self.file.clone()),
            entry: Some(self.entry.clone()),
        }
    }
}

impl Meaning {
    pub(crate) fn of(file: &FoundFile, entry: &Entry) -> Self {
        match &entry.target {
            Target::Remote(remote) => configured(remote).placed(file, entry),
            Target::Local(local) => wrapped(local)
                .map_or_else(|| Self::Local(local.command.clone()), |configured| configured.placed(file, entry)),
            Target::BuiltIn | Target::Unclear => Self::Nothing,
        }
    }
}

/// What an entry says about a remote server, in whichever way.
struct Configured {
    address: Secret<String>,
    headers: Vec<(String, Secret<String>)>,
    client_id: Option<String>,
    client_secret: Option<Secret<String>>,
    callback_port: Option<u16>,
    transport: Option<Transport>,
}

fn configured(remote: &RemoteServer) -> Configured {
    Configured {
        address: remote.address.duplicate(),
        headers: remote.headers.iter().map(|(name, value)| (name.clone(), value.duplicate())).collect(),
        client_id: remote.client_id.clone(),
        client_secret: remote.client_secret.as_ref().map(Secret::duplicate),
        callback_port: remote.callback_port,
        transport: remote.transport,
    }
}

/// A remote server behind `mcp-remote`.
fn wrapped(local: &LocalServer) -> Option<Configured> {
    let arguments = local.arguments.iter().map(|argument| argument.expose().clone());
    let words: Vec<String> = std::iter::once(local.command.clone()).chain(arguments).collect();
    let pasted = paste::mcp_remote(&words)?;
    Some(Configured {
        address: Secret::new(pasted.address),
        headers: pasted.headers,
        client_id: pasted.client_id,
        client_secret: None,
        callback_port: pasted.callback_port,
        transport: None,
    })
}

impl Configured {
    fn placed(self, file: &FoundFile, entry: &Entry) -> Meaning {
        let text = self.address.expose().trim();
        if has_variable(text) {
            return Meaning::Unusable(
                Failure::new(Code::AppCannotVerify).with_text("The address of this entry depends on a variable."),
            );
        }
        // Whether a person allows plain http is asked when it is taken over.
        let (address, query) = match ServerAddress::parse(text, true) {
            Ok(parsed) => parsed,
            Err(error) => {
                let failure = Failure::new(Code::UseAddressInvalid).with_fact("Reason", error.to_string());
                return Meaning::Unusable(failure);
            }
        };
        Meaning::Remote(Box::new(Candidate {
            place: Place::of(file, entry),
            text: Secret::new(text.to_owned()),
            address,
            query,
            headers: self.headers,
            client_id: self.client_id,
            client_secret: self.client_secret,
            callback_port: self.callback_port,
            transport: self.transport,
            definition: definition(entry),
        }))
    }
}

/// Whether a text holds a variable that the app fills in.
pub(crate) fn has_variable(text: &str) -> bool {
    text.contains("${")
}

impl Candidate {
    /// In what the settings of another entry for the same server differ from this one's.
    pub(crate) fn differs_in(&self, other: &Self) -> Vec<&'static str> {
        let says = |differs: bool, what: &'static str| differs.then_some(what);
        [
            says(!same_pairs(&self.headers, &other.headers), "headers"),
            says(!same_pairs(&self.query, &other.query), "values in the address"),
            says(self.client_id != other.client_id, "client ID"),
            says(!same_secret(self.client_secret.as_ref(), other.client_secret.as_ref()), "client secret"),
            says(self.transport.zip(other.transport).is_some_and(|(one, two)| one != two), "type"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Names without regard to case (RFC 9110 §5.1), in any order.
fn same_pairs(one: &[(String, Secret<String>)], other: &[(String, Secret<String>)]) -> bool {
    let is_in = |(name, value): &(String, Secret<String>)| {
        other.iter().any(|(known, text)| known.eq_ignore_ascii_case(name) && text.matches(value.expose()))
    };
    one.len() == other.len() && one.iter().all(is_in)
}

fn same_secret(one: Option<&Secret<String>>, other: Option<&Secret<String>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.matches(other.expose()),
        (one, other) => one.is_none() && other.is_none(),
    }
}
