//! The greeting in each era: `server/discover` (2026-07-28) and `initialize` (before). It says what the server is, or in
//! which direction to go on; walking there is done in `probe`.

use http::StatusCode;
use replug_core::sanitize;
use replug_net::{NetError, TimeoutPhase};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::link::{Call, Link};
use crate::message::{ClientCapabilities, ClientInfo, Members, Params, Reply, RpcError, members_of};
use crate::refusal::Refusal;
use crate::version::{Era, MODERN, WITH_INITIALIZE, best_of};

const MAX_NAME: usize = 200;
const MAX_INSTRUCTIONS: usize = 4 * 1024;
const MAX_OFFERED: usize = 20;

/// What a server says about itself. It is shown, never acted upon.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServerInfo {
    /// Its name, cleaned; may be empty.
    pub name: String,
    /// Its name for people.
    pub title: Option<String>,
    /// Its version.
    pub version: Option<String>,
}

/// What a server says it offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// Tools.
    pub tools: bool,
    /// Prompts.
    pub prompts: bool,
    /// Resources.
    pub resources: bool,
}

/// The answer to the greeting.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Greeting {
    /// What the server says about itself.
    pub server: ServerInfo,
    /// What it offers.
    pub capabilities: Capabilities,
    /// How it wants to be used, cleaned and cut at 4 KiB.
    pub instructions: Option<String>,
}

/// Where to go on after a greeting that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// Nowhere: the refusal says all there is to say.
    Stop,
    /// To another era over POST.
    OtherEra,
    /// To any era: POST itself was refused, so it may be the old transport.
    AnyEra,
}

/// A greeting that failed.
#[derive(Debug)]
pub(crate) struct Miss {
    pub(crate) refusal: Refusal,
    pub(crate) then: Then,
}

/// Greets over a fresh link, which knows the revision afterwards.
pub(crate) async fn greet(link: &mut Link<'_>) -> Result<Greeting, Miss> {
    match link.era {
        Era::Modern => discover(link).await,
        Era::Legacy | Era::Sse => initialize(link).await,
    }
}

/// Asks with `server/discover` (2026-07-28 server/discover), a second time when the server names a revision to use.
async fn discover(link: &mut Link<'_>) -> Result<Greeting, Miss> {
    link.protocol = MODERN.first().map(|&version| version.to_owned());
    let mut asked_again = false;
    loop {
        let call = Call::greeting("server/discover", Params::default());
        let replied = link.call(call).await.map_err(|refusal| Miss { then: after_discover(&refusal), refusal })?;
        match replied.reply {
            Reply::Result(raw) => return read_discovery(link, &raw),
            Reply::Error(error) if error.code == RpcError::UNSUPPORTED_VERSION => {
                let offered = error.supported();
                match best_of(MODERN, &offered) {
                    Some(version) if !asked_again => link.protocol = Some(version.to_owned()),
                    _ => return Err(no_version(&offered)),
                }
                asked_again = true;
            }
            Reply::Error(error) => {
                let then = if error.is_modern() { Then::Stop } else { Then::OtherEra };
                return Err(handshake(&error, then));
            }
        }
    }
}

/// Old servers answer an unknown method before the handshake in every way there is, even by falling silent or breaking off.
fn after_discover(refusal: &Refusal) -> Then {
    match refusal {
        Refusal::NotFound | Refusal::Rejected { .. } => Then::AnyEra,
        Refusal::ServerError { .. }
        | Refusal::NotMcp { .. }
        | Refusal::Net(NetError::Interrupted | NetError::Timeout { phase: TimeoutPhase::Answer, .. }) => Then::OtherEra,
        _ => Then::Stop,
    }
}

fn read_discovery(link: &mut Link<'_>, raw: &RawValue) -> Result<Greeting, Miss> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Discovery {
        supported_versions: Vec<String>,
    }
    // Old servers answer anything with an empty result.
    let Ok(discovery) = serde_json::from_str::<Discovery>(raw.get()) else {
        return Err(Miss {
            refusal: Refusal::NotMcp { why: "an answer to `server/discover` without revisions".to_owned() },
            then: Then::OtherEra,
        });
    };
    match best_of(MODERN, &discovery.supported_versions) {
        Some(version) => link.protocol = Some(version.to_owned()),
        None => return Err(no_version(&discovery.supported_versions)),
    }
    Ok(read_greeting(raw))
}

/// Neither side's modern revisions meet; an older one may.
fn no_version(offered: &[String]) -> Miss {
    let older = offered.is_empty() || best_of(WITH_INITIALIZE, offered).is_some();
    Miss { refusal: version_unsupported(offered), then: if older { Then::OtherEra } else { Then::Stop } }
}

fn version_unsupported(offered: &[String]) -> Refusal {
    let offered = offered.iter().take(MAX_OFFERED);
    Refusal::VersionUnsupported { offered: offered.map(|version| sanitize(version, 40)).collect() }
}

fn handshake(error: &RpcError, then: Then) -> Miss {
    Miss { refusal: Refusal::Handshake { code: error.code, message: sanitize(&error.message, 300) }, then }
}

/// Asks with `initialize` (2025-11-25 basic/lifecycle), offering older revisions to servers that refuse newer ones instead
/// of naming their own, and confirms with `notifications/initialized`.
async fn initialize(link: &mut Link<'_>) -> Result<Greeting, Miss> {
    let mut versions = WITH_INITIALIZE.to_vec();
    loop {
        let version = versions.remove(0);
        let params = Params {
            protocol_version: Some(version),
            capabilities: Some(ClientCapabilities::with(link.wire.endpoint.elicitation)),
            client_info: Some(ClientInfo::REPLUG),
            ..Params::default()
        };
        let replied = match link.call(Call::greeting("initialize", params)).await {
            Ok(replied) => replied,
            Err(refusal) if refuses_version(&refusal) && !versions.is_empty() => continue,
            Err(refusal) => {
                let then = after_initialize(&refusal);
                return Err(Miss { refusal, then });
            }
        };
        let error = match replied.reply {
            Reply::Result(raw) => {
                link.protocol = Some(agreed_version(&raw)?);
                link.adopt_session(&replied.headers);
                confirm(link).await?;
                return Ok(read_greeting(&raw));
            }
            Reply::Error(error) => error,
        };
        if !is_about_version(&error) || versions.is_empty() {
            let refused = [StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
            let any = refused.contains(&replied.status) && !error.is_modern();
            return Err(handshake(&error, if any { Then::AnyEra } else { Then::OtherEra }));
        }
        let offered = error.supported();
        if !offered.is_empty() {
            versions.retain(|version| offered.iter().any(|one| one == version));
        }
        if versions.is_empty() {
            return Err(Miss { refusal: version_unsupported(&offered), then: Then::OtherEra });
        }
    }
}

fn is_about_version(error: &RpcError) -> bool {
    error.code == RpcError::UNSUPPORTED_VERSION
        || !error.supported().is_empty()
        || error.message.to_ascii_lowercase().contains("protocol version")
}

fn refuses_version(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Rejected { status: StatusCode::BAD_REQUEST, said }
        if said.to_ascii_lowercase().contains("protocol version"))
}

fn after_initialize(refusal: &Refusal) -> Then {
    match refusal {
        Refusal::NotFound => Then::AnyEra,
        Refusal::Rejected { status, .. }
            if matches!(*status, StatusCode::BAD_REQUEST | StatusCode::METHOD_NOT_ALLOWED) =>
        {
            Then::AnyEra
        }
        Refusal::Rejected { .. } | Refusal::ServerError { .. } | Refusal::NotMcp { .. } => Then::OtherEra,
        _ => Then::Stop,
    }
}

fn agreed_version(raw: &RawValue) -> Result<String, Miss> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Agreed {
        protocol_version: String,
    }
    let stop = |refusal| Miss { refusal, then: Then::OtherEra };
    let agreed: Agreed = serde_json::from_str(raw.get())
        .map_err(|_| stop(Refusal::NotMcp { why: "an answer to `initialize` without a revision".to_owned() }))?;
    let offered = vec![agreed.protocol_version];
    match best_of(WITH_INITIALIZE, &offered) {
        Some(version) => Ok(version.to_owned()),
        None => Err(stop(version_unsupported(&offered))),
    }
}

/// Servers that do not care for the notification refuse it in many ways; only those that stand for access count here, the
/// others show in the first request.
async fn confirm(link: &Link<'_>) -> Result<(), Miss> {
    match link.notify("notifications/initialized").await {
        Ok(()) => Ok(()),
        Err(
            refusal @ (Refusal::Unauthorized { .. }
            | Refusal::InsufficientScope { .. }
            | Refusal::Forbidden { .. }
            | Refusal::BlockedPage { .. }
            | Refusal::RateLimited { .. }
            | Refusal::Net(_)),
        ) => Err(Miss { refusal, then: Then::Stop }),
        Err(refusal) => {
            tracing::debug!(%refusal, "the server did not take `notifications/initialized`");
            Ok(())
        }
    }
}

/// Reads what is there; nothing in it is needed to go on.
fn read_greeting(raw: &RawValue) -> Greeting {
    let members = members_of(raw);
    let inner = |members: &Members, name: &str| members.get(name).map(|raw| members_of(raw)).unwrap_or_default();
    let capabilities = inner(&members, "capabilities");
    let offers = |name: &str| capabilities.contains_key(name);
    let meta = inner(&members, "_meta");
    let mut info = inner(&meta, "io.modelcontextprotocol/serverInfo");
    if info.is_empty() {
        info = inner(&members, "serverInfo");
    }
    Greeting {
        server: ServerInfo {
            name: words(&info, "name", MAX_NAME).unwrap_or_default(),
            title: words(&info, "title", MAX_NAME),
            version: words(&info, "version", MAX_NAME),
        },
        capabilities: Capabilities {
            tools: offers("tools"),
            prompts: offers("prompts"),
            resources: offers("resources"),
        },
        instructions: words(&members, "instructions", MAX_INSTRUCTIONS),
    }
}

fn words(members: &Members, name: &str, limit: usize) -> Option<String> {
    let text: String = serde_json::from_str(members.get(name)?.get()).ok()?;
    Some(sanitize(&text, limit)).filter(|text| !text.is_empty())
}
