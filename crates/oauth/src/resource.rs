//! Finding what a server says about its sign-in: protected resource metadata (RFC 9728) at the address of the challenge, or
//! at the well-known ones. The sign-in service it names is looked at in `discovery`.

use replug_core::{Code, Failure};
use replug_net::{gate_for_request, mask_url};
use url::Url;

use crate::members::{text, texts};
use crate::metadata::{Fetched, Miss, MissKind, fetch, more_telling};
use crate::{BearerChallenge, Context};

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// Protected resource metadata that belongs to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceMetadata {
    /// Where it was found, as it may be shown.
    pub found_at: String,
    /// `resource`, byte for byte: it goes into requests like this and through no parser.
    pub resource: String,
    /// How `resource` relates to the server's address.
    pub fit: ResourceFit,
    /// `authorization_servers`, byte for byte, in order.
    pub authorization_servers: Vec<String>,
    /// `scopes_supported`.
    pub scopes: Vec<String>,
}

/// How the resource relates to the server's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceFit {
    /// It is the address.
    Exact,
    /// It is the same origin with fewer whole path segments, or differs by the query or a slash at the end.
    Prefix,
}

/// What the search for resource metadata came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceSearch {
    /// It is there.
    Found(ResourceMetadata),
    /// There is none. Servers of MCP 2025-03-26 have none and are their own sign-in service.
    Absent(Absence),
}

/// What stood at the well-known addresses instead.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Absence {
    /// The most telling answer, when one was more than "nothing here".
    pub(crate) cause: Option<Miss>,
}

impl Absence {
    /// The failure to report when nothing else describes the sign-in; `None` when there was plainly nothing.
    pub fn failure(&self) -> Option<&Failure> {
        self.cause.as_ref().map(|miss| &miss.failure)
    }
}

/// Looks for the server's resource metadata: where the challenge says, and only there when it says so; else at the
/// well-known address with the path inserted, else at the root (MCP 2025-11-25, RFC 9728 §3.1).
///
/// Fails with `RPL-META-RESOURCE-MISMATCH` when it describes another server, with `RPL-META-UNSAFE-ADDRESS` when the
/// challenge names an address that is not safe, with the cause when the named address has no metadata, when a firewall
/// stands before it or it could not be asked, and with a code of the network.
pub async fn find_resource_metadata(
    ctx: &Context<'_>,
    server: &Url,
    challenge: Option<&BearerChallenge>,
) -> Result<ResourceSearch, Failure> {
    if let Some(named) = challenge.and_then(|challenge| challenge.resource_metadata.as_deref()) {
        return read_named(ctx, server, named).await.map(ResourceSearch::Found);
    }
    let mut worst = None;
    for address in well_known(server) {
        match read(ctx, server, &address).await? {
            Ok(found) => return Ok(ResourceSearch::Found(found)),
            Err(miss) => worst = more_telling(worst, Some(miss)),
        }
    }
    match worst {
        // Whoever could not be asked may have metadata, so nothing is guessed in its place.
        Some(miss) if miss.kind >= MissKind::NotAsked => Err(miss.failure),
        Some(miss) if miss.kind == MissKind::Nothing => Ok(ResourceSearch::Absent(Absence::default())),
        cause => Ok(ResourceSearch::Absent(Absence { cause })),
    }
}

/// The address of the challenge wins; when it fails, it is the thing to mend, and nothing else is tried.
async fn read_named(ctx: &Context<'_>, server: &Url, named: &str) -> Result<ResourceMetadata, Failure> {
    let absolute = if named.starts_with('/') && !named.starts_with("//") {
        format!("{}{named}", server.origin().ascii_serialization())
    } else {
        named.to_owned()
    };
    let address = gate_for_request(&absolute, ctx.loopback)
        .map_err(|failure| failure.with_fact("Named by", "the server's challenge"))?;
    read(ctx, server, &address).await?.map_err(|miss| {
        if miss.kind == MissKind::Nothing {
            miss.failure.with_text("The server names an address for its sign-in, and there is nothing at it.")
        } else {
            miss.failure
        }
    })
}

/// The path-inserted address, when there is a path, and the root one. The query stays behind: it may hold a key.
fn well_known(server: &Url) -> Vec<Url> {
    let at = |path: &str| {
        let mut url = server.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.set_path(path);
        url
    };
    let path = server.path().trim_end_matches('/');
    let mut addresses = vec![at(WELL_KNOWN)];
    if !path.is_empty() {
        addresses.insert(0, at(&format!("{WELL_KNOWN}{path}")));
    }
    addresses
}

async fn read(ctx: &Context<'_>, server: &Url, address: &Url) -> Result<Result<ResourceMetadata, Miss>, Failure> {
    let found_at = mask_url(address);
    let fetched = fetch(ctx, address).await;
    let document = match fetched.map_err(|error| Failure::from(error).with_fact("Address", &found_at))? {
        Fetched::Document(document) => document,
        Fetched::Miss(miss) => return Ok(Err(miss)),
    };
    let Some(resource) = text(&document, "resource") else {
        return Ok(Err(without_resource(&found_at)));
    };
    let Some(fit) = fit_of(resource, server) else {
        return Err(mismatch(ctx, server, resource).with_fact("Named in", &found_at));
    };
    let listed = |name| texts(&document, name).into_iter().map(str::to_owned).collect();
    Ok(Ok(ResourceMetadata {
        found_at,
        resource: resource.to_owned(),
        fit,
        authorization_servers: listed("authorization_servers"),
        scopes: listed("scopes_supported"),
    }))
}

/// An object without the one required member: sites that answer everything with some JSON have these.
fn without_resource(found_at: &str) -> Miss {
    let failure = Failure::new(Code::MetaNotJson)
        .with_text("What the server has in place of its sign-in description is something else.")
        .with_fact("Address", found_at)
        .with_fact("Missing", "resource");
    Miss { kind: MissKind::NotJson, failure }
}

/// What it names is offered as the new address only when it could be one.
fn mismatch(ctx: &Context<'_>, server: &Url, resource: &str) -> Failure {
    let usable = gate_for_request(resource, ctx.loopback).is_ok();
    Failure::new(Code::MetaResourceMismatch)
        .with_fact("Address", mask_url(server))
        .with_fact(if usable { "New address" } else { "Resource" }, resource)
}

/// How `resource` fits the server: the same address, or the same origin and whole leading segments of its path
/// (RFC 9728 §3.3 asks for identity; MCP servers describe themselves by their origin as often). `None` when it does not.
fn fit_of(resource: &str, server: &Url) -> Option<ResourceFit> {
    let unreadable = |c: char| c.is_control() || c.is_whitespace() || c == '\\' || c == '#';
    if resource.chars().any(unreadable) || has_dot_segments(resource) {
        return None;
    }
    let url = Url::parse(resource).ok()?;
    if !url.username().is_empty() || url.password().is_some() || url.origin() != server.origin() {
        return None;
    }
    if url == *server {
        return Some(ResourceFit::Exact);
    }
    let mut own = segments(server);
    let covers = segments(&url).all(|segment| own.next() == Some(segment));
    (covers && (url.query().is_none() || url.query() == server.query())).then_some(ResourceFit::Prefix)
}

/// The path's segments without the empty one that a slash at the end makes.
fn segments(url: &Url) -> impl Iterator<Item = &str> {
    url.path().trim_end_matches('/').split('/').skip(1)
}

/// A parser would take such segments out, while the text that is sent keeps them, and the two would name different things.
fn has_dot_segments(resource: &str) -> bool {
    resource.split(['/', '?']).any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    })
}
