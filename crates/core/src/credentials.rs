//! The one record a connector has in the keychain: its tokens, the registration they belong to, and every secret the person
//! typed. Where the record is written is the keychain crate's business.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{CallbackHost, ConnectorId, GrantType, Secret};

mod document;

/// Everything secret about one connector, and what is needed to use it after a restart.
#[derive(Debug)]
pub struct Credentials {
    /// The connector this record belongs to; compared after every read, so that a swapped item is never used.
    pub connector: ConnectorId,
    /// Rises by one with every write, from a random number on.
    pub generation: u64,
    /// What the person typed.
    pub inputs: Inputs,
    /// The OAuth client that the tokens belong to, or belonged to.
    pub registration: Option<Registration>,
    /// A client that has not produced a token yet. It takes the other's place when it does, and is dropped when it fails.
    pub unproven: Option<Registration>,
    /// Registrations that are used no more and were not deleted at their service yet, the oldest first.
    pub orphans: Vec<Management>,
    /// The tokens, when signed in.
    pub tokens: Option<Tokens>,
}

/// Secrets that a person typed or that came with the address.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The server's address they were typed for, without its query; they are sent nowhere else. `None` in records that an
    /// older Replug wrote: those belong to whatever address the connector has.
    pub address: Option<String>,
    /// Fixed headers with their values.
    pub headers: Vec<(String, Secret<String>)>,
    /// Values of the address's query.
    pub query: Vec<(String, Secret<String>)>,
    /// The secret of a pre-registered client, or its private key in PEM.
    pub client_secret: Option<Secret<String>>,
}

impl Inputs {
    /// Whether they may be used with this address of a server (without its query).
    pub fn belong_to(&self, address: &str) -> bool {
        let nothing = self.headers.is_empty() && self.query.is_empty() && self.client_secret.is_none();
        nothing || self.address.as_deref().is_none_or(|known| known == address)
    }
}

/// How a client authenticates at the token endpoint (RFC 7591 §2, `token_endpoint_auth_method`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub enum AuthMethod {
    /// A public client sends its ID only.
    #[serde(rename = "none")]
    None,
    /// ID and secret in the request's body.
    #[serde(rename = "client_secret_post")]
    Post,
    /// ID and secret by HTTP Basic, each form-encoded first (RFC 6749 §2.3.1).
    #[serde(rename = "client_secret_basic")]
    Basic,
    /// A statement signed with the client's private key (RFC 7523 §2.2). The key stands in the place of the secret.
    #[serde(rename = "private_key_jwt")]
    PrivateKeyJwt,
}

impl AuthMethod {
    /// The registered name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Post => "client_secret_post",
            Self::Basic => "client_secret_basic",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    /// Reads the name of a method that a registration can give; `None` for any other. No key is ever registered.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::None, Self::Post, Self::Basic].into_iter().find(|method| method.as_str() == name)
    }
}

/// How the client came to its ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum RegistrationKind {
    /// The person typed the ID.
    PreRegistered,
    /// The ID is the address of a document (client-ID metadata document).
    ClientIdDocument,
    /// The service issued it on request (RFC 7591).
    Dynamic,
}

/// The OAuth client at one issuer. It belongs to exactly one connector.
#[derive(Debug)]
pub struct Registration {
    /// How it came to be.
    pub kind: RegistrationKind,
    /// The issuer it belongs to, byte for byte.
    pub issuer: String,
    /// The client ID.
    pub client_id: String,
    /// The client secret; for `private_key_jwt` the private key in PEM.
    pub client_secret: Option<Secret<String>>,
    /// When the secret ends; `None` when it does not.
    pub secret_expires_at: Option<Timestamp>,
    /// When the secret was issued or last renewed; `None` when there is none, or that is not known.
    pub secret_issued_at: Option<Timestamp>,
    /// How to authenticate at the token endpoint.
    pub auth_method: AuthMethod,
    /// How to change or delete the registration (RFC 7592).
    pub management: Option<Management>,
    /// The callback address it was registered with.
    pub redirect: Redirect,
    /// When it last worked.
    pub last_used_at: Option<Timestamp>,
}

impl Registration {
    /// A second copy, made on purpose: one stays in the record while the other is used.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self {
            kind: self.kind,
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.as_ref().map(Secret::duplicate),
            secret_expires_at: self.secret_expires_at,
            secret_issued_at: self.secret_issued_at,
            auth_method: self.auth_method,
            management: self.management.as_ref().map(Management::duplicate),
            redirect: self.redirect.clone(),
            last_used_at: self.last_used_at,
        }
    }
}

/// Access to the registration itself (RFC 7592 §3).
#[derive(Debug)]
pub struct Management {
    /// `registration_client_uri`.
    pub address: String,
    /// `registration_access_token`.
    pub token: Secret<String>,
}

impl Management {
    /// A second copy, made on purpose: to delete a registration after it was dropped from the record.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self { address: self.address.clone(), token: self.token.duplicate() }
    }
}

/// The loopback address the browser comes back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// How it names this computer.
    pub host: CallbackHost,
    /// The port.
    pub port: u16,
    /// The path, beginning with `/`.
    pub path: String,
}

impl Redirect {
    /// The address as it is registered and sent.
    pub fn to_address(&self) -> String {
        format!("http://{}:{}{}", self.host.as_str(), self.port, self.path)
    }
}

/// The tokens of a sign-in, with what is needed to use and renew them when nothing else is known any more.
#[derive(Debug)]
pub struct Tokens {
    /// The access token (RFC 6749 §1.4).
    pub access: Secret<String>,
    /// The refresh token (RFC 6749 §1.5).
    pub refresh: Option<Secret<String>>,
    /// When the access token ends, by this computer's clock; `None` when the service did not say.
    pub expires_at: Option<Timestamp>,
    /// When they were obtained.
    pub obtained_at: Timestamp,
    /// What they were asked for with.
    pub grant: GrantType,
    /// The permissions granted.
    pub scopes: Vec<String>,
    /// The issuer, byte for byte.
    pub issuer: String,
    /// Where they are renewed.
    pub token_endpoint: String,
    /// Where they are revoked (RFC 7009), if the service offers it.
    pub revocation_endpoint: Option<String>,
    /// The `resource` that was sent, byte for byte (RFC 8707); `None` for services of 2025-03-26.
    pub resource: Option<String>,
    /// The server's address they were obtained for; they are sent nowhere else.
    pub address: String,
}

impl Tokens {
    /// Whether they can be renewed without a person: by a refresh token, or by asking again in the client's own name.
    pub const fn is_renewable(&self) -> bool {
        self.refresh.is_some() || matches!(self.grant, GrantType::ClientCredentials)
    }

    /// A second copy, made on purpose: to give them back when they cannot be stored.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self {
            access: self.access.duplicate(),
            refresh: self.refresh.as_ref().map(Secret::duplicate),
            expires_at: self.expires_at,
            obtained_at: self.obtained_at,
            grant: self.grant,
            scopes: self.scopes.clone(),
            issuer: self.issuer.clone(),
            token_endpoint: self.token_endpoint.clone(),
            revocation_endpoint: self.revocation_endpoint.clone(),
            resource: self.resource.clone(),
            address: self.address.clone(),
        }
    }
}

/// A record that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// Not the expected form. The cause is not kept, because it could quote a secret.
    #[error("the stored record cannot be read")]
    Unreadable,
    /// Written by a newer Replug.
    #[error("the stored record has version {0}, which this Replug does not know")]
    Newer(u32),
    /// It belongs to another connector.
    #[error("the stored record belongs to another connector")]
    OtherConnector,
}

impl Credentials {
    /// A record without anything in it.
    pub fn empty(connector: ConnectorId) -> Self {
        Self {
            connector,
            generation: 0,
            inputs: Inputs::default(),
            registration: None,
            unproven: None,
            orphans: Vec::new(),
            tokens: None,
        }
    }

    /// Whether there is nothing worth keeping.
    pub const fn is_empty(&self) -> bool {
        self.registration.is_none()
            && self.unproven.is_none()
            && self.orphans.is_empty()
            && self.tokens.is_none()
            && self.inputs.headers.is_empty()
            && self.inputs.query.is_empty()
            && self.inputs.client_secret.is_none()
    }

    /// A second record with what the person typed and without a sign-in, for asking the server as a stranger.
    #[must_use]
    pub fn duplicate_inputs(&self) -> Self {
        let pairs = |pairs: &[(String, Secret<String>)]| {
            pairs.iter().map(|(name, value)| (name.clone(), value.duplicate())).collect()
        };
        let inputs = Inputs {
            address: self.inputs.address.clone(),
            headers: pairs(&self.inputs.headers),
            query: pairs(&self.inputs.query),
            client_secret: self.inputs.client_secret.as_ref().map(Secret::duplicate),
        };
        Self { inputs, ..Self::empty(self.connector.clone()) }
    }

    /// The bytes to hand to the keychain.
    pub fn encode(&self) -> Secret<Vec<u8>> {
        document::encode(self)
    }

    /// Reads what [`Credentials::encode`] wrote, and refuses a record of another connector.
    pub fn decode(bytes: &Secret<Vec<u8>>, connector: &ConnectorId) -> Result<Self, CredentialsError> {
        let credentials = document::decode(bytes.expose())?;
        if &credentials.connector == connector { Ok(credentials) } else { Err(CredentialsError::OtherConnector) }
    }
}
