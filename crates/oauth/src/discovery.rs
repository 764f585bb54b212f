//! From a server's address to the sign-in service that was checked (MCP "Authorization Server Discovery", RFC 8414, OpenID
//! Connect Discovery). What the server says about itself is read in `resource`; nothing is registered here.

mod assumed;
mod document;
mod pkce;

use replug_core::{Code, Failure};
use replug_net::{gate_for_request, mask_url};
use url::Url;

use self::assumed::assumed_at;
pub use self::assumed::confirm_assumed;
use self::document::{check, is_same_issuer};
use crate::Context;
use crate::metadata::{Fetched, Miss, MissKind, fetch, more_telling};
use crate::resource::ResourceSearch;
use crate::service::{ServiceMetadata, ServiceSource};

const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";
/// Sign-in services tried of those a server names.
const MAX_SERVICES: usize = 5;

/// What the person decided about a connector's discovery.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DiscoveryPrefs {
    /// The only issuer to accept. It is asked itself; only when it has no document may that stand at another address, and then
    /// every endpoint has to be on the issuer's own site.
    pub issuer_pin: Option<String>,
    /// The issuer that was used until now. As long as the server names it, it is asked alone: whether it answers at this moment
    /// is no reason to go to another one.
    pub known: Option<String>,
    /// Whether a service that does not list PKCE is accepted.
    pub allow_pkce_unlisted: bool,
}

/// A sign-in service that was found and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundIssuer {
    /// What it says about itself.
    pub metadata: ServiceMetadata,
    /// The identifier that led to it, byte for byte; it differs from the issuer at most by an empty path, or by a pin.
    pub identifier: String,
    /// Where its metadata was found, as it may be shown; `None` for an assumed one.
    pub found_at: Option<String>,
    /// What was accepted although it is unusual, a sentence each.
    pub notes: Vec<String>,
}

/// Finds and checks the first sign-in service that works: the pinned issuer before all others, then those the resource metadata
/// names, in order, else the server's own origin. When there is plainly no metadata of either kind, the default addresses of MCP
/// 2025-03-26 are assumed.
///
/// Fails with `RPL-META-…` for the first service that was refused, else for the most telling answer, and with a code of the
/// network when a service does not answer.
pub async fn find_service_metadata(
    ctx: &Context<'_>,
    server: &Url,
    search: &ResourceSearch,
    prefs: &DiscoveryPrefs,
) -> Result<FoundIssuer, Failure> {
    let identifiers = identifiers(server, search, prefs);
    let mut refused = None;
    let mut worst = None;
    for (index, identifier) in identifiers.iter().enumerate() {
        let speaks_for_itself = prefs.issuer_pin.as_ref() == Some(identifier);
        match service_at(ctx, identifier, prefs).await {
            Ok(Ok(mut found)) => {
                if index > 0 {
                    found.notes.push(format!("{} could not be used; {identifier} is.", identifiers[0]));
                }
                return Ok(found);
            }
            // Who cannot be asked, or says something that cannot be used, is not spoken for by others.
            Ok(Err(miss)) if speaks_for_itself && miss.kind > MissKind::NotJson => return Err(miss.failure),
            Err(failure) if speaks_for_itself => return Err(failure),
            Ok(Err(miss)) => worst = more_telling(worst, Some(miss)),
            Err(failure) => refused = refused.or(Some(failure)),
        }
    }
    if let Some(failure) = refused {
        return Err(failure);
    }
    match search {
        ResourceSearch::Absent(absence) => {
            let worst = more_telling(absence.cause.clone(), worst);
            match worst.filter(|miss| miss.kind > MissKind::Nothing) {
                None if prefs.issuer_pin.is_none() => Ok(assumed_at(server)),
                found => Err(found.map_or_else(|| undescribed(&identifiers), |miss| miss.failure)),
            }
        }
        ResourceSearch::Found(_) => Err(worst
            .filter(|miss| miss.kind > MissKind::Nothing)
            .map_or_else(|| undescribed(&identifiers), |miss| miss.failure)),
    }
}

fn identifiers(server: &Url, search: &ResourceSearch, prefs: &DiscoveryPrefs) -> Vec<String> {
    let named = match search {
        ResourceSearch::Found(resource) => resource.authorization_servers.as_slice(),
        ResourceSearch::Absent(_) => &[],
    };
    let is_known = |named: &&String| prefs.known.as_deref().is_some_and(|known| is_same_issuer(named, known));
    if let (None, Some(known)) = (&prefs.issuer_pin, named.iter().find(is_known)) {
        return vec![known.clone()];
    }
    let mut identifiers: Vec<String> = prefs.issuer_pin.iter().cloned().collect();
    for identifier in named.iter().take(MAX_SERVICES) {
        if !identifiers.contains(identifier) {
            identifiers.push(identifier.clone());
        }
    }
    let own = server.origin().ascii_serialization();
    if named.is_empty() && !identifiers.contains(&own) {
        identifiers.push(own);
    }
    identifiers
}

/// The service of one identifier: the outer error is a refusal, the inner one says that it has no metadata.
async fn service_at(
    ctx: &Context<'_>,
    identifier: &str,
    prefs: &DiscoveryPrefs,
) -> Result<Result<FoundIssuer, Miss>, Failure> {
    let about = |failure: Failure| failure.with_fact("Sign-in service", identifier);
    let base = gate_for_request(identifier, ctx.loopback).map_err(about)?;
    let mut refused = None;
    let mut worst: Option<Miss> = None;
    for (address, source) in well_known(&base) {
        let fetched = fetch(ctx, &address).await;
        let document = match fetched.map_err(|error| about(error.into()))? {
            Fetched::Document(document) => document,
            Fetched::Miss(miss) => {
                worst = more_telling(worst, Some(miss));
                continue;
            }
        };
        let found_at = mask_url(&address);
        match check(ctx, &document, (identifier, source), prefs) {
            Ok((metadata, notes)) => {
                return Ok(Ok(FoundIssuer {
                    metadata,
                    identifier: identifier.to_owned(),
                    found_at: Some(found_at),
                    notes,
                }));
            }
            // Such a document is not used, and the next one is looked at as if it were not there.
            Err(failure) => refused = refused.or(Some(failure.with_fact("Named in", found_at))),
        }
    }
    match (refused, worst) {
        (Some(failure), _) => Err(failure),
        (None, Some(miss)) => Ok(Err(Miss { failure: about(miss.failure), ..miss })),
        (None, None) => Err(undescribed(&[identifier.to_owned()])),
    }
}

/// Every well-known address of an issuer, in the order MCP 2025-11-25 gives.
fn well_known(base: &Url) -> Vec<(Url, ServiceSource)> {
    let at = |path: String, source| {
        let mut url = base.clone();
        url.set_query(None);
        url.set_path(&path);
        (url, source)
    };
    let path = base.path().trim_end_matches('/');
    let mut addresses = vec![
        at(format!("{OAUTH}{path}"), ServiceSource::OauthMetadata),
        at(format!("{OPENID}{path}"), ServiceSource::OpenidConfiguration),
    ];
    if !path.is_empty() {
        addresses.push(at(format!("{path}{OPENID}"), ServiceSource::OpenidConfiguration));
    }
    addresses
}

fn undescribed(identifiers: &[String]) -> Failure {
    Failure::new(Code::MetaNone)
        .with_text("The sign-in service does not describe itself.")
        .with_fact("Sign-in service", identifiers.join(", "))
}
