//! Connectors and their settings as a file, without secrets: to carry them to another computer, or to keep them.

use std::path::Path;

use replug_core::{AddressError, Allow, Code, Connector, ConnectorId, Failure, ServerAddress, Settings};
use serde::{Deserialize, Serialize};

use crate::wire::{ConnectorView, EditConnector, Event, SecretEdit};
use crate::{Engine, change, name};

const FORMAT: &str = "replug-connectors";
const VERSION: u32 = 1;
/// Larger files are no export of Replug, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The document. Query values of addresses, values of headers and client secrets are not in it.
#[derive(Debug, Serialize, Deserialize)]
struct Document {
    format: String,
    version: u32,
    connectors: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    name: String,
    address: String,
    #[serde(default)]
    paused: bool,
    #[serde(default)]
    settings: Settings,
}

impl Engine {
    /// Writes all connectors to a file, which must not exist yet or be an earlier export. Returns how many there were.
    ///
    /// Fails with `RPL-LOCAL-DISK`, and with `RPL-USE-FILE-EXISTS` when the file holds something else.
    pub async fn export(&self, file: &Path) -> Result<usize, Failure> {
        let stored = self.edges().store.list().await?;
        let entry = |connector: Connector| Entry {
            name: connector.name,
            address: connector.address.to_stored(),
            paused: connector.paused,
            settings: connector.settings,
        };
        let connectors: Vec<Entry> = stored.into_iter().map(|stored| entry(stored.connector)).collect();
        let count = connectors.len();
        let document = Document { format: FORMAT.to_owned(), version: VERSION, connectors };
        let mut text = serde_json::to_string_pretty(&document)
            .map_err(|error| Failure::new(Code::LocalInternal).with_fact("Reason", error.to_string()))?;
        text.push('\n');
        spare_other_files(file).await?;
        tokio::fs::write(file, text).await.map_err(|error| disk(&error))?;
        Ok(count)
    }

    /// Adds the connectors of a file, all or none. Names that are taken get a number. Returns the new connectors.
    ///
    /// What a person allowed for a connector is not taken from the file: only a person grants that, on this computer. With
    /// `allow_http` that person allows plain http for those connectors of the file whose address needs it, and for no other.
    ///
    /// Fails with `RPL-USE-FILE-UNREADABLE` when it is no export of Replug, or of a newer one; with
    /// `RPL-USE-SETTING-INVALID` and `RPL-USE-ADDRESS-NOT-ENCRYPTED`, naming the connector, when one of them could not have
    /// been made by hand either.
    pub async fn import_file(&self, file: &Path, allow_http: bool) -> Result<Vec<ConnectorView>, Failure> {
        let document = read_document(file).await?;
        let mut taken: Vec<String> =
            self.edges().store.list().await?.into_iter().map(|stored| stored.connector.name).collect();
        let mut connectors = Vec::new();
        for entry in document.connectors {
            let wanted = name::accept(&entry.name)?;
            let name = name::free(&wanted, &taken);
            taken.push(name.clone());
            connectors.push(self.connector_of(entry, name, allow_http)?);
        }
        self.edges().store.insert_all(&connectors).await?;
        self.send(Event::ConnectorsChanged);
        let mut views = Vec::new();
        for connector in connectors {
            views.push(self.get(&connector.id).await?);
        }
        Ok(views)
    }

    fn connector_of(&self, entry: Entry, name: String, allow_http: bool) -> Result<Connector, Failure> {
        let refused = |error| match error {
            AddressError::PlainHttp => not_encrypted(&entry.name),
            other => unreadable().with_fact("Connector", &entry.name).with_fact("Address", other.to_string()),
        };
        let encrypted = ServerAddress::parse(&entry.address, false);
        let needs_http = matches!(encrypted, Err(AddressError::PlainHttp));
        let parsed = if needs_http { ServerAddress::parse(&entry.address, allow_http) } else { encrypted };
        let (address, query) = parsed.map_err(refused)?;
        let allow = needs_http.then(|| vec![Allow::Http]);
        let settings = change::apply(&Settings::default(), &EditConnector { allow, ..as_typed(entry.settings) })
            .map_err(|failure| failure.with_fact("Connector", &entry.name))?;
        if query.iter().any(|(_, value)| !value.expose().is_empty()) {
            return Err(unreadable()
                .with_fact("Connector", &entry.name)
                .with_fact("Address", "an export holds no values in its addresses"));
        }
        Ok(Connector {
            id: ConnectorId::random(self.edges().random.as_ref()),
            name,
            address,
            transport: None,
            protocol: None,
            paused: entry.paused,
            settings,
            sources: Vec::new(),
        })
    }
}

/// Settings from a file as if a person had typed them, so that they pass the same checks. Nothing is allowed by a file.
fn as_typed(settings: Settings) -> EditConnector {
    let callback = settings.callback;
    EditConnector {
        client_id: settings.client_id,
        grant: settings.grant.map(|grant| grant.as_str().to_owned()),
        scope: settings.scope,
        client_name: settings.client_name,
        client_document: settings.client_document,
        callback_host: callback.host.map(|host| host.as_str().to_owned()),
        callback_port: callback.port,
        callback_path: callback.path,
        headers: Some(settings.headers.into_iter().map(|name| (name, SecretEdit::Keep)).collect()),
        params: Some(settings.params),
        issuer: settings.issuer,
        check_every_s: settings.check_every_s,
        ..EditConnector::default()
    }
}

fn not_encrypted(name: &str) -> Failure {
    Failure::new(Code::UseAddressNotEncrypted)
        .with_text(
            "A connector in the file has an address that is not encrypted. A file cannot allow that; you can, with `--allow \
             http`, if the network is trusted.",
        )
        .with_fact("Connector", name)
}

/// Nothing but an earlier export is ever written over.
async fn spare_other_files(file: &Path) -> Result<(), Failure> {
    match tokio::fs::try_exists(file).await {
        Ok(false) => Ok(()),
        Ok(true) if read_document(file).await.is_ok() => Ok(()),
        Ok(true) => Err(Failure::new(Code::UseFileExists)),
        Err(error) => Err(disk(&error)),
    }
}

async fn read_document(file: &Path) -> Result<Document, Failure> {
    let metadata = tokio::fs::metadata(file).await.map_err(|error| disk(&error))?;
    if metadata.len() > LARGEST {
        return Err(unreadable().with_fact("Reason", "the file is too large"));
    }
    let bytes = tokio::fs::read(file).await.map_err(|error| disk(&error))?;
    let document: Document = serde_json::from_slice(&bytes).map_err(|_| unreadable())?;
    if document.format != FORMAT || document.version > VERSION {
        return Err(unreadable().with_fact("Version", document.version.to_string()));
    }
    Ok(document)
}

fn unreadable() -> Failure {
    Failure::new(Code::UseFileUnreadable)
}

fn disk(error: &std::io::Error) -> Failure {
    Failure::new(Code::LocalDisk).with_fact("Reason", error.to_string())
}
