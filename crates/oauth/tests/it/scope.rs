//! Which permissions are asked for.

use replug_oauth::{
    BearerChallenge, ResourceFit, ResourceMetadata, ScopeChoice, ServiceMetadata, ServiceSource, choose_scope,
};

fn service(scopes: &[&str]) -> ServiceMetadata {
    ServiceMetadata {
        issuer: "https://auth.example".into(),
        source: ServiceSource::OauthMetadata,
        authorization_endpoint: "https://auth.example/authorize".into(),
        token_endpoint: "https://auth.example/token".into(),
        registration_endpoint: None,
        revocation_endpoint: None,
        scopes: scopes.iter().map(ToString::to_string).collect(),
        code_challenge_methods: None,
        auth_methods: Vec::new(),
        grant_types: Vec::new(),
        iss_parameter: false,
        client_id_document: false,
    }
}

fn challenge(scope: &str) -> BearerChallenge {
    BearerChallenge { scope: Some(scope.to_owned()), ..BearerChallenge::default() }
}

fn resource(scopes: &[&str]) -> ResourceMetadata {
    ResourceMetadata {
        found_at: "https://mcp.example/.well-known/oauth-protected-resource".into(),
        resource: "https://mcp.example".into(),
        fit: ResourceFit::Exact,
        authorization_servers: Vec::new(),
        scopes: scopes.iter().map(ToString::to_string).collect(),
    }
}

fn chosen(scopes: &[&str], offline: bool) -> ScopeChoice {
    ScopeChoice { scopes: scopes.iter().map(ToString::to_string).collect(), offline }
}

#[test]
fn the_persons_own_permissions_come_first_then_the_challenge_then_the_metadata() {
    let (challenge, resource, service) = (challenge("b  c b"), resource(&["d", "e"]), service(&[]));
    assert_eq!(choose_scope(Some("a"), Some(&challenge), Some(&resource), &service), chosen(&["a"], false));
    assert_eq!(choose_scope(Some(" "), Some(&challenge), Some(&resource), &service), chosen(&["b", "c"], false));
    assert_eq!(choose_scope(None, None, Some(&resource), &service), chosen(&["d", "e"], false));
}

#[test]
fn nothing_is_asked_for_when_nobody_names_anything() {
    let lists_offline = service(&["offline_access", "a"]);
    assert_eq!(choose_scope(None, None, Some(&resource(&[])), &lists_offline), chosen(&[], false));
    assert_eq!(choose_scope(None, None, None, &lists_offline), chosen(&[], false));
}

#[test]
fn offline_access_is_asked_for_only_when_the_service_lists_it() {
    let named = resource(&["a", "offline_access"]);
    assert_eq!(choose_scope(None, None, Some(&named), &service(&["a"])), chosen(&["a"], false));
    let lists_offline = service(&["offline_access"]);
    assert_eq!(choose_scope(None, None, Some(&named), &lists_offline), chosen(&["a", "offline_access"], true));
    assert_eq!(choose_scope(None, Some(&challenge("b")), None, &lists_offline), chosen(&["b", "offline_access"], true));
}
