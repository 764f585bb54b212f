//! Services, registrations and tokens for tests, as plain as they can be. Tests change what they are about.

use replug_core::{AuthMethod, CallbackHost, GrantType, Redirect, Registration, RegistrationKind, Secret, Tokens};
use replug_oauth::{Attempt, AttemptInput, Context, ServiceMetadata, ServiceSource};

pub(crate) const ISSUER: &str = "https://auth.example";
pub(crate) const RESOURCE: &str = "https://MCP.example:443/a/?x=1";

/// A service whose endpoints are on `origin`.
pub(crate) fn service(origin: &str) -> ServiceMetadata {
    ServiceMetadata {
        issuer: ISSUER.to_owned(),
        source: ServiceSource::OauthMetadata,
        authorization_endpoint: format!("{origin}/authorize"),
        token_endpoint: format!("{origin}/token"),
        registration_endpoint: None,
        device_authorization_endpoint: None,
        revocation_endpoint: Some(format!("{origin}/revoke")),
        scopes: Vec::new(),
        code_challenge_methods: Some(vec!["S256".to_owned()]),
        auth_methods: Vec::new(),
        grant_types: Vec::new(),
        iss_parameter: false,
        client_id_document: false,
    }
}

pub(crate) fn redirect(port: u16) -> Redirect {
    Redirect { host: CallbackHost::Literal, port, path: "/callback".to_owned() }
}

/// A request with one permission and a resource.
pub(crate) fn input(scopes: &[String]) -> AttemptInput<'_> {
    AttemptInput {
        client_id: "client-1",
        redirect: redirect(4100),
        scopes,
        offline: false,
        resource: Some(RESOURCE),
        extra_params: &[],
    }
}

pub(crate) fn attempt(ctx: &Context<'_>, origin: &str, redirect: Redirect) -> Attempt {
    let scopes = ["read".to_owned()];
    let input = AttemptInput { redirect, ..input(&scopes) };
    Attempt::begin(ctx, &service(origin), &input).unwrap()
}

pub(crate) fn registration(auth_method: AuthMethod, secret: Option<&str>) -> Registration {
    Registration {
        kind: RegistrationKind::Dynamic,
        issuer: ISSUER.to_owned(),
        client_id: "client-1".to_owned(),
        client_secret: secret.map(|secret| Secret::new(secret.to_owned())),
        secret_expires_at: None,
        secret_issued_at: None,
        auth_method,
        management: None,
        redirect: redirect(4100),
        last_used_at: None,
    }
}

pub(crate) fn tokens(origin: &str) -> Tokens {
    Tokens {
        access: Secret::new("access-canary".to_owned()),
        refresh: Some(Secret::new("refresh-canary".to_owned())),
        expires_at: None,
        obtained_at: "2026-11-20T07:00:00Z".parse().unwrap(),
        grant: GrantType::AuthorizationCode,
        scopes: vec!["read".to_owned()],
        issuer: ISSUER.to_owned(),
        token_endpoint: format!("{origin}/token"),
        revocation_endpoint: Some(format!("{origin}/revoke")),
        resource: Some(RESOURCE.to_owned()),
        address: "https://mcp.example/a/".to_owned(),
    }
}
