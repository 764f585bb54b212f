//! The discovery documents of the authorization server (RFC 8414, OpenID Connect Discovery 1.0) and where they are found.

use axum::response::Response;
use serde_json::{Map, Value, json};

use super::core::AuthCore;
use super::device;
use super::{AuthFaults, ClientMethod, IssParameter, IssuerSpelling, MetadataFaults, Offered, PkceList, Published};
use crate::edits::Kind;
use crate::wire::{self, Incoming};

/// Members a client can do without.
const OPTIONAL: &[(&str, Kind)] = &[
    ("scopes_supported", Kind::List),
    ("response_modes_supported", Kind::List),
    ("grant_types_supported", Kind::List),
    ("token_endpoint_auth_methods_supported", Kind::List),
    ("token_endpoint_auth_signing_alg_values_supported", Kind::List),
    ("revocation_endpoint", Kind::Text),
    ("revocation_endpoint_auth_methods_supported", Kind::List),
    ("introspection_endpoint", Kind::Text),
    ("service_documentation", Kind::Text),
    ("ui_locales_supported", Kind::List),
    ("op_policy_uri", Kind::Text),
    ("op_tos_uri", Kind::Text),
    ("jwks_uri", Kind::Text),
    ("authorization_response_iss_parameter_supported", Kind::Text),
    ("client_id_metadata_document_supported", Kind::Text),
];

pub(super) fn answer(core: &AuthCore, request: &Incoming) -> Response {
    let faults = core.faults();
    if is_published(&faults.metadata, &request.path) {
        let identifier = core.identifier(&request.origin);
        wire::json(200, &document(&faults, &request.origin, &identifier))
    } else {
        wire::text(404, "Not found")
    }
}

/// RFC 8414 §3.1 inserts the well-known part before the path; OpenID Connect Discovery §4.1 appends it.
fn is_published(faults: &MetadataFaults, path: &str) -> bool {
    let issuer = faults.issuer_path.as_str();
    let oauth = path == format!("/.well-known/oauth-authorization-server{issuer}");
    let inserted = path == format!("/.well-known/openid-configuration{issuer}");
    let appended = path == format!("{issuer}/.well-known/openid-configuration");
    match faults.published {
        Published::Everywhere => oauth || inserted || appended,
        Published::OauthOnly => oauth,
        Published::OpenIdInserted => inserted,
        Published::OpenIdAppended => appended,
        Published::Nowhere => false,
    }
}

fn document(faults: &AuthFaults, origin: &str, identifier: &str) -> Value {
    let metadata = &faults.metadata;
    let methods = metadata
        .auth_methods
        .clone()
        .unwrap_or_else(|| vec![ClientMethod::Public, ClientMethod::Post, ClientMethod::Basic]);
    let methods: Vec<_> = methods.into_iter().map(ClientMethod::as_str).collect();
    let mut document = Map::new();
    let mut set = |name: &str, value: Value| document.insert(name.to_owned(), value);
    set("issuer", json!(spelt(&metadata.issuer, identifier, origin)));
    set("authorization_endpoint", json!(format!("{origin}/authorize")));
    set("token_endpoint", json!(format!("{origin}/token")));
    set("jwks_uri", json!(format!("{origin}/jwks")));
    if metadata.registration == Offered::Yes {
        set("registration_endpoint", json!(format!("{origin}/register")));
    }
    if metadata.revocation == Offered::Yes {
        set("revocation_endpoint", json!(format!("{origin}/revoke")));
    }
    let mut grants = vec!["authorization_code", "refresh_token"];
    if faults.device.offered == Offered::Yes {
        set("device_authorization_endpoint", json!(format!("{origin}/device_authorization")));
        grants.push(device::GRANT);
    }
    set("response_types_supported", json!(["code"]));
    set("response_modes_supported", json!(["query", "form_post"]));
    set("grant_types_supported", json!(grants));
    set("token_endpoint_auth_methods_supported", json!(methods));
    set("subject_types_supported", json!(["public"]));
    set("id_token_signing_alg_values_supported", json!(["RS256"]));
    match metadata.pkce {
        PkceList::S256 => set("code_challenge_methods_supported", json!(["S256"])),
        PkceList::PlainOnly => set("code_challenge_methods_supported", json!(["plain"])),
        PkceList::Null => set("code_challenge_methods_supported", Value::Null),
        PkceList::Missing => None,
    };
    if let Some(scopes) = &metadata.scopes_supported {
        set("scopes_supported", json!(scopes));
    }
    let announces_iss = !matches!(faults.authorize.iss, IssParameter::SentOnly | IssParameter::Neither);
    if announces_iss {
        set("authorization_response_iss_parameter_supported", json!(true));
    }
    metadata.optionals.apply(&mut document, OPTIONAL);
    metadata.edits.apply(&mut document);
    Value::Object(document)
}

fn spelt(spelling: &IssuerSpelling, identifier: &str, origin: &str) -> String {
    match spelling {
        IssuerSpelling::Exact => identifier.to_owned(),
        IssuerSpelling::TrailingSlash => format!("{identifier}/"),
        IssuerSpelling::WithoutPath => origin.to_owned(),
        IssuerSpelling::Other(other) => other.clone(),
    }
}
