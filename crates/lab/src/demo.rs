//! The servers of the demo: one for each health a connector can have. How a data folder learns of them is not here.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    AuthFaults, AuthServer, ClientMethod, Front, ListFault, McpFaults, McpServer, MetadataFaults, Offered,
    PreRegistered, ToolFaults, ToolFlaw,
};

/// The client that the demo's service without registration knows.
const CLIENT_ID: &str = "design-library-desktop";

/// One server of the demo. It runs until it is dropped.
pub struct DemoServer {
    /// The name a person would give the connector.
    pub name: &'static str,
    /// The health state a check of the fresh connector ends with, spelt as on the command line.
    pub expected_state: &'static str,
    /// The server.
    pub server: McpServer,
    /// Its authorization server, when it wants a sign-in.
    pub auth: Option<AuthServer>,
    /// The client ID a person has to enter, when the authorization server registers nobody.
    pub client_id: Option<&'static str>,
}

/// All servers of the demo.
pub struct Demo {
    servers: Vec<DemoServer>,
}

impl Demo {
    /// Starts every server.
    pub fn start() -> io::Result<Self> {
        let mut servers = vec![
            open("Weather", "connected", with_tools(14))?,
            guarded("Project board", "needs_sign_in", AuthFaults::default())?,
            by_hand("Design library")?,
            open("Empty shelf", "connected_no_tools", with_tools(0))?,
        ];
        let broken = Front::Plain { status: 500, body: "Internal Server Error".to_owned() };
        servers.push(open("Broken shop", "failed", behind(broken))?);
        servers.push(open("Company page", "failed", behind(Front::WebPage { status: 200 }))?);
        servers.push(open("Firewalled office", "failed", behind(Front::Firewall { status: 403 }))?);
        let slow = Front::Slow(Duration::from_secs(4));
        servers.push(open("Slow archive", "connected", behind(slow))?);
        servers.push(open("Odd names", "connected", hostile())?);
        servers.push(open("Torn list", "connected_no_tools", torn())?);
        Ok(Self { servers })
    }

    /// The servers.
    pub fn servers(&self) -> &[DemoServer] {
        &self.servers
    }

    /// What the demo prints when everything is ready.
    pub fn announcement(&self) -> Value {
        let servers: Vec<_> = self
            .servers
            .iter()
            .map(|entry| {
                json!({
                    "name": entry.name,
                    "address": entry.server.address(),
                    "expected_state": entry.expected_state,
                    "client_id": entry.client_id,
                })
            })
            .collect();
        json!({"ready": true, "servers": servers})
    }
}

fn open(name: &'static str, expected_state: &'static str, faults: McpFaults) -> io::Result<DemoServer> {
    Ok(DemoServer { name, expected_state, server: McpServer::start(faults, None)?, auth: None, client_id: None })
}

fn guarded(name: &'static str, expected_state: &'static str, faults: AuthFaults) -> io::Result<DemoServer> {
    let auth = AuthServer::start(faults)?;
    let server = McpServer::start(with_tools(9), Some(&auth))?;
    Ok(DemoServer { name, expected_state, server, auth: Some(auth), client_id: None })
}

/// A server whose service registers nobody, and knows one client that works on any computer.
fn by_hand(name: &'static str) -> io::Result<DemoServer> {
    let entry = guarded(name, "needs_setup", without_registration())?;
    if let Some(auth) = &entry.auth {
        auth.add_client(PreRegistered {
            id: CLIENT_ID.to_owned(),
            secret: None,
            method: ClientMethod::Public,
            redirect_uris: vec!["http://127.0.0.1/callback".to_owned()],
        });
    }
    Ok(DemoServer { client_id: Some(CLIENT_ID), ..entry })
}

fn with_tools(count: usize) -> McpFaults {
    McpFaults { tools: ToolFaults { count, ..ToolFaults::default() }, ..McpFaults::default() }
}

fn behind(front: Front) -> McpFaults {
    McpFaults { front, ..McpFaults::default() }
}

fn without_registration() -> AuthFaults {
    AuthFaults {
        metadata: MetadataFaults { registration: Offered::No, ..MetadataFaults::default() },
        ..AuthFaults::default()
    }
}

fn hostile() -> McpFaults {
    McpFaults {
        tools: ToolFaults {
            flaws: vec![ToolFlaw::Hostile, ToolFlaw::LongName],
            server_name: "<b>Bank</b>\u{202e}\u{1b}[2J".to_owned(),
            ..ToolFaults::default()
        },
        ..McpFaults::default()
    }
}

fn torn() -> McpFaults {
    McpFaults {
        tools: ToolFaults { list: ListFault::ErrorOnSecondPage, ..ToolFaults::default() },
        ..McpFaults::default()
    }
}
