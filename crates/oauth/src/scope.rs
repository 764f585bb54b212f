//! Choosing the permissions to ask for. Asking for more later (step-up) and what was granted in the end are not here.

use crate::{BearerChallenge, ResourceMetadata, ServiceMetadata};

const OFFLINE: &str = "offline_access";

/// The permissions of an authorization request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScopeChoice {
    /// Each once, in order. Empty means that `scope` is left out.
    pub scopes: Vec<String>,
    /// Whether `offline_access` is among them, which needs `prompt=consent` (OpenID Connect Core §11).
    pub offline: bool,
}

/// Chooses the permissions: the person's own, else the challenge's, else all that the resource metadata names, else none
/// (MCP "Scope Selection Strategy"). None are ever invented.
///
/// `offline_access` joins others when the service lists it. It is never asked for alone: that would replace what the service
/// grants when nothing is named. What the resource metadata says of it does not count, because the service decides.
pub fn choose_scope(
    own: Option<&str>,
    challenge: Option<&BearerChallenge>,
    resource: Option<&ResourceMetadata>,
    service: &ServiceMetadata,
) -> ScopeChoice {
    let listed = service.lists_scope(OFFLINE);
    let challenged = challenge.and_then(|challenge| challenge.scope.as_deref());
    let mut scopes = split(own);
    if scopes.is_empty() {
        scopes = split(challenged);
    }
    if let Some(resource) = resource.filter(|_| scopes.is_empty()) {
        let named = resource.scopes.iter().flat_map(|scope| split(Some(scope)));
        scopes = each_once(named.filter(|scope| listed || scope != OFFLINE));
    }
    if listed && !scopes.is_empty() && !scopes.iter().any(|scope| scope == OFFLINE) {
        scopes.push(OFFLINE.to_owned());
    }
    let offline = scopes.iter().any(|scope| scope == OFFLINE);
    ScopeChoice { scopes, offline }
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
