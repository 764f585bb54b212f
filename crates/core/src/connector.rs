//! A connector and its settings, as they are kept in the database: without any secret.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ConnectorId, ServerAddress};

/// How messages travel to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Streamable HTTP (2025-03-26 and later).
    StreamableHttp,
    /// HTTP with server-sent events (2024-11-05).
    Sse,
}

/// Where a connector was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub struct Source {
    /// The AI app, or `replug`.
    pub app: String,
    /// The scope inside that app (`user`, `project`, …).
    pub scope: Option<String>,
    /// The file.
    pub file: Option<String>,
    /// The entry's name in that file.
    pub entry: Option<String>,
}

/// What a person may allow for one connector, although it is refused by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "kebab-case")]
pub enum Allow {
    /// An `http` address that is not on this computer.
    Http,
    /// A sign-in service that does not list PKCE.
    PkceUnlisted,
    /// A sign-in service on a private address.
    PrivateService,
}

impl Allow {
    /// The word on the command line and in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::PkceUnlisted => "pkce-unlisted",
            Self::PrivateService => "private-service",
        }
    }
}

impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Allow {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Http, Self::PkceUnlisted, Self::PrivateService]
            .into_iter()
            .find(|allow| allow.as_str() == text)
            .ok_or_else(|| "expected `http`, `pkce-unlisted` or `private-service`".to_owned())
    }
}

/// How the callback address names this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
pub enum CallbackHost {
    /// The literal `127.0.0.1`, as RFC 8252 §7.3 recommends.
    #[default]
    #[serde(rename = "127.0.0.1")]
    Literal,
    /// The name `localhost`, for services that insist on it.
    #[serde(rename = "localhost")]
    Localhost,
}

impl CallbackHost {
    /// The host as it stands in the redirect address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Literal => "127.0.0.1",
            Self::Localhost => "localhost",
        }
    }
}

impl FromStr for CallbackHost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "127.0.0.1" => Ok(Self::Literal),
            "localhost" => Ok(Self::Localhost),
            _ => Err("expected `127.0.0.1` or `localhost`".to_owned()),
        }
    }
}

/// What a token is asked for with (RFC 6749 §1.3, RFC 7591 `grant_types`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// What a person allows in the browser.
    #[default]
    AuthorizationCode,
    /// The client's own secret or key; no person takes part (RFC 6749 §4.4).
    ClientCredentials,
}

impl GrantType {
    /// The registered name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::ClientCredentials => "client_credentials",
        }
    }
}

impl FromStr for GrantType {
    type Err = String;

    /// Takes the registered name, and the same with hyphens as on the command line.
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::AuthorizationCode, Self::ClientCredentials]
            .into_iter()
            .find(|grant| grant.as_str() == text.replace('-', "_"))
            .ok_or_else(|| "expected `authorization-code` or `client-credentials`".to_owned())
    }
}

/// What the person decided about the callback address; `None` leaves it to Replug.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(default)]
pub struct CallbackSettings {
    /// The host form.
    pub host: Option<CallbackHost>,
    /// The port.
    pub port: Option<u16>,
    /// The path, beginning with `/`.
    pub path: Option<String>,
}

/// What a person can set for a connector. Values of headers and the client secret are in the keychain, not here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[ts(export_to = "types.gen.ts")]
#[serde(default)]
pub struct Settings {
    /// The ID of a pre-registered OAuth client.
    pub client_id: Option<String>,
    /// What a token is asked for with; by what the service offers when `None`.
    pub grant: Option<GrantType>,
    /// The permissions to ask for, separated by spaces (RFC 6749 §3.3).
    pub scope: Option<String>,
    /// The name to register under; Replug's own when `None`.
    pub client_name: Option<String>,
    /// The address of a client-ID metadata document to be known by; the app's own setting when `None`.
    pub client_document: Option<String>,
    /// The callback address.
    pub callback: CallbackSettings,
    /// Names of fixed headers to send; their values are in the keychain.
    pub headers: Vec<String>,
    /// Extra parameters of the authorization request.
    pub params: Vec<(String, String)>,
    /// The issuer the person expects, when the metadata names another one.
    pub issuer: Option<String>,
    /// What the person allowed.
    pub allow: Vec<Allow>,
    /// Seconds between background checks; the app's own setting when `None`.
    pub check_every_s: Option<u32>,
}

impl Settings {
    /// Whether the person allowed this.
    pub fn allows(&self, what: Allow) -> bool {
        self.allow.contains(&what)
    }
}

/// One sign-in (or none) at one remote MCP server's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connector {
    /// Immutable identity.
    pub id: ConnectorId,
    /// Unique without regard to case.
    pub name: String,
    /// The server's address, without query values.
    pub address: ServerAddress,
    /// How messages travel, once a check found out.
    pub transport: Option<Transport>,
    /// The protocol revision last spoken.
    pub protocol: Option<String>,
    /// Whether the person switched checks off.
    pub paused: bool,
    /// What the person set.
    pub settings: Settings,
    /// Where it was found.
    pub sources: Vec<Source>,
}
