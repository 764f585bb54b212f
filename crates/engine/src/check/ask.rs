//! Asking a server for its sign-in: the challenge, where it says to sign in, and what that service says about itself. Each is
//! a rung of the ladder when a check asks, and the beginning of a sign-in.

use replug_core::{Allow, Code, Connector, Credentials, Failure, Rung, Settings};
use replug_mcp::{Challenges, Refusal, Session};
use replug_oauth::{
    BearerChallenge, Challenge, Context, DiscoveryPrefs, FoundIssuer, ResourceMetadata, ResourceSearch, ScopeChoice,
    ScopeSources, ServiceMetadata, bearer, choose_scope, find_resource_metadata, find_service_metadata, has_scheme,
    parse_challenges,
};

use super::ladder::Ladder;
use super::line::{Line, Opened};
use crate::Engine;
use crate::sign_in::issuer_here;

/// Everything a sign-in needs to know from the server and its service.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The service, checked.
    pub(crate) service: ServiceMetadata,
    /// The `resource` to send, byte for byte; `None` for servers of 2025-03-26.
    pub(crate) resource: Option<String>,
    /// What to ask for.
    pub(crate) scope: ScopeChoice,
}

/// How a server asks for credentials.
pub(crate) enum Wants {
    /// A browser sign-in, or nothing that says otherwise.
    SignIn(Option<BearerChallenge>),
    /// A key of its own, by a scheme that is not Bearer.
    Key(String),
}

impl Wants {
    /// The challenge that may say where to sign in.
    pub(super) const fn challenge(&self) -> Option<&BearerChallenge> {
        match self {
            Self::SignIn(challenge) => challenge.as_ref(),
            Self::Key(_) => None,
        }
    }
}

/// Reads the challenges of a 401.
pub(super) fn wants(headers: &[String]) -> Wants {
    let lines: Vec<&str> = headers.iter().map(String::as_str).collect();
    let challenges: Vec<Challenge> = parse_challenges(&lines);
    let other = challenges.iter().find(|challenge| !challenge.scheme.eq_ignore_ascii_case("bearer"));
    match (has_scheme(&challenges, "Bearer"), other) {
        (false, Some(other)) if !has_scheme(&challenges, "DPoP") => Wants::Key(other.scheme.clone()),
        _ => Wants::SignIn(bearer(&challenges)),
    }
}

impl Engine {
    /// Asks for the sign-in of a connector, with everything its settings and its last failure add. `None` when the server
    /// answers without one and names no sign-in service.
    pub(crate) async fn ask_for_sign_in(
        &self,
        ctx: &Context<'_>,
        connector: &Connector,
    ) -> Result<Option<Asked>, Failure> {
        let record = self.record_of(connector, self.patience()).await?;
        let line = Line::new(self, ctx.trace, connector, &record.duplicate_inputs());
        let challenges = match line.open().await {
            Opened::Session(session) => challenges_of_list(*session).await,
            Opened::Unauthorized(challenges) => Some(challenges),
            Opened::Refused(refusal) => {
                return Err(refusal.to_failure().unwrap_or_else(|| Failure::new(Code::HttpUnexpected)));
            }
        };
        let challenge = match challenges.map(|challenges| wants(challenges.as_slice())) {
            None => None,
            Some(Wants::SignIn(challenge)) => Some(challenge),
            Some(Wants::Key(scheme)) => return Err(key_needed(&scheme)),
        };
        let anonymous = challenge.is_none();
        let challenge = challenge.flatten();
        let search = find_resource_metadata(ctx, connector.address.base(), challenge.as_ref()).await?;
        if anonymous && matches!(search, ResourceSearch::Absent(_)) {
            return Ok(None);
        }
        let prefs = prefs(connector, &record);
        let found = find_service_metadata(ctx, connector.address.base(), &search, &prefs).await?;
        let facts = self.stored(&connector.id).await?.sign_in;
        let mut wanted = facts.map(|facts| facts.wanted_scopes).unwrap_or_default();
        // More permission is more than there was, not another one in its place (2026-07-28 authorization, Step-Up).
        if let Some(tokens) = record.tokens.as_ref().filter(|_| !wanted.is_empty()) {
            wanted.extend_from_slice(&tokens.scopes);
        }
        Ok(Some(asked(&connector.settings, challenge.as_ref(), search, found, &wanted)))
    }
}

/// What the list asks for at a server that greets everybody.
async fn challenges_of_list(mut session: Session<'_>) -> Option<Challenges> {
    let listed = session.list_tools().await;
    session.close().await;
    match listed {
        Err(Refusal::Unauthorized { challenges }) => Some(challenges),
        _ => None,
    }
}

pub(super) fn asked(
    settings: &Settings,
    challenge: Option<&BearerChallenge>,
    search: ResourceSearch,
    found: FoundIssuer,
    wanted: &[String],
) -> Asked {
    let resource = match search {
        ResourceSearch::Found(resource) => Some(resource),
        ResourceSearch::Absent(_) => None,
    };
    let sources = ScopeSources { own: settings.scope.as_deref(), challenge, resource: resource.as_ref(), wanted };
    Asked {
        scope: choose_scope(sources, &found.metadata),
        resource: resource.map(|resource| resource.resource),
        service: found.metadata,
    }
}

fn prefs(connector: &Connector, record: &Credentials) -> DiscoveryPrefs {
    let settings = &connector.settings;
    DiscoveryPrefs {
        issuer_pin: settings.issuer.clone(),
        known: issuer_here(connector, record).map(str::to_owned),
        allow_pkce_unlisted: settings.allows(Allow::PkceUnlisted),
    }
}

pub(super) fn key_needed(scheme: &str) -> Failure {
    Failure::new(Code::HttpKeyNeeded).with_fact("It asks for", scheme)
}

/// The rungs of discovery, each with its own duration and exchanges.
pub(super) async fn climb_discovery(
    ladder: &mut Ladder,
    ctx: &Context<'_>,
    challenge: Option<&BearerChallenge>,
    (connector, record): (&Connector, &Credentials),
) -> Result<(ResourceSearch, FoundIssuer), Failure> {
    let server = connector.address.base();
    let foothold = ladder.step_on(Rung::ResourceMetadata);
    let search = match find_resource_metadata(ctx, server, challenge).await {
        Ok(search) => search,
        Err(failure) => {
            ladder.failed(foothold, &failure);
            return Err(failure);
        }
    };
    match &search {
        ResourceSearch::Found(resource) => ladder.ok(foothold, found_text(resource)),
        ResourceSearch::Absent(_) => ladder.ok(foothold, "The server publishes none; it is asked itself."),
    }
    let foothold = ladder.step_on(Rung::ServiceMetadata);
    match find_service_metadata(ctx, server, &search, &prefs(connector, record)).await {
        Ok(found) => {
            ladder.ok(foothold, format!("{} answers.", found.metadata.issuer));
            Ok((search, found))
        }
        Err(failure) => {
            ladder.failed(foothold, &failure);
            Err(failure)
        }
    }
}

fn found_text(resource: &ResourceMetadata) -> String {
    let services = resource.authorization_servers.join(", ");
    if services.is_empty() { "It is its own sign-in service.".to_owned() } else { format!("Sign-in at {services}.") }
}
