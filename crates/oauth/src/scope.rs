//! Choosing the permissions to ask for, and asking for fewer when the service refuses some. What the server wanted for single
//! operations is remembered elsewhere, and so is what was granted in the end.

use crate::{BearerChallenge, ResourceMetadata, ServiceMetadata};

const OFFLINE: &str = "offline_access";

/// The permissions of an authorization request (RFC 6749 §3.3), each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScopeChoice {
    /// Those that somebody needs: the person's own, the challenge's, and what the server wanted for an operation.
    needed: Vec<String>,
    /// Those that a list suggests: they can be left out when the service refuses them.
    suggested: Vec<String>,
}

impl ScopeChoice {
    /// All of them, in order. Empty means that `scope` is left out.
    pub fn scopes(&self) -> Vec<String> {
        self.needed.iter().chain(&self.suggested).cloned().collect()
    }

    /// As `scope` is written; `None` when nothing is asked for.
    pub fn joined(&self) -> Option<String> {
        let scopes = self.scopes();
        (!scopes.is_empty()).then(|| scopes.join(" "))
    }

    /// Whether `offline_access` is among them, which needs `prompt=consent` (OpenID Connect Core §11).
    pub fn offline(&self) -> bool {
        self.needed.iter().chain(&self.suggested).any(|scope| scope == OFFLINE)
    }

    /// One step fewer, after the service has refused these (`invalid_scope`): without those it does not list; if it lists all
    /// of them, without `offline_access`; else without any that is only suggested. With what was dropped; `None` when each one
    /// is needed.
    pub fn fewer(&self, service: &ServiceMetadata) -> Option<(Self, Vec<String>)> {
        let unlisted = |scope: &String| !service.scopes.is_empty() && !service.lists_scope(scope);
        let offline = |scope: &String| scope == OFFLINE;
        let drops: [&dyn Fn(&String) -> bool; 3] = [&unlisted, &offline, &|_| true];
        let is_refused = drops.into_iter().find(|is_refused| self.suggested.iter().any(is_refused))?;
        let (dropped, suggested) = self.suggested.iter().cloned().partition(is_refused);
        Some((Self { needed: self.needed.clone(), suggested }, dropped))
    }
}

/// What the choice is made from, the strongest first.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScopeSources<'a> {
    /// The person's own, separated by spaces.
    pub own: Option<&'a str>,
    /// The server's challenge.
    pub challenge: Option<&'a BearerChallenge>,
    /// The server's metadata.
    pub resource: Option<&'a ResourceMetadata>,
    /// What the server wanted for an operation besides (RFC 6750 §3.1), and what was granted before.
    pub wanted: &'a [String],
}

/// Chooses the permissions: the person's own, else the challenge's, else all that the resource metadata names, else none
/// (MCP "Scope Selection Strategy"), and in any case what was `wanted` (2026-07-28 "Step-Up Authorization Flow": the union). None
/// are ever invented.
///
/// `offline_access` joins others when the service lists it. It is never asked for alone: that would replace what the service
/// grants when nothing is named. What the resource metadata says of it does not count, because the service decides.
pub fn choose_scope(sources: ScopeSources<'_>, service: &ServiceMetadata) -> ScopeChoice {
    let listed = service.lists_scope(OFFLINE);
    let challenged = sources.challenge.and_then(|challenge| challenge.scope.as_deref());
    let mut needed = split(sources.own);
    if needed.is_empty() {
        needed = split(challenged);
    }
    let mut suggested = Vec::new();
    if let Some(resource) = sources.resource.filter(|_| needed.is_empty()) {
        let named = resource.scopes.iter().flat_map(|scope| split(Some(scope)));
        suggested = each_once(named.filter(|scope| listed || scope != OFFLINE));
    }
    needed = each_once(needed.into_iter().chain(sources.wanted.iter().cloned()));
    suggested.retain(|scope| !needed.contains(scope));
    let mut choice = ScopeChoice { needed, suggested };
    if listed && choice.joined().is_some() && !choice.offline() {
        choice.suggested.push(OFFLINE.to_owned());
    }
    choice
}

fn split(text: Option<&str>) -> Vec<String> {
    each_once(text.unwrap_or_default().split_whitespace().map(str::to_owned))
}

fn each_once(scopes: impl Iterator<Item = String>) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for scope in scopes {
        if !list.contains(&scope) {
            list.push(scope);
        }
    }
    list
}
