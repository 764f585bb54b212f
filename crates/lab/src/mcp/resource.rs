//! Protected resource metadata (RFC 9728): where the document is, and what it says about this server.

use axum::response::Response;
use serde_json::{Map, Value, json};

use super::{McpCore, McpFaults, PATH, PrmPlaces, ResourceSpelling};
use crate::edits::Kind;
use crate::wire::{self, Incoming};

pub(super) const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
/// An address nobody would guess.
const ELSEWHERE: &str = "/about/this-resource.json";

const OPTIONAL: &[(&str, Kind)] = &[
    ("scopes_supported", Kind::List),
    ("bearer_methods_supported", Kind::List),
    ("resource_name", Kind::Text),
    ("resource_documentation", Kind::Text),
    ("resource_policy_uri", Kind::Text),
    ("resource_tos_uri", Kind::Text),
    ("jwks_uri", Kind::Text),
];

/// Whether a path could be one of the document's.
pub(super) fn is_metadata(path: &str) -> bool {
    path.starts_with(WELL_KNOWN) || path == ELSEWHERE
}

/// The resource identifier, letter by letter as the document spells it.
pub(super) fn identifier(faults: &McpFaults, origin: &str) -> String {
    match &faults.metadata.resource {
        ResourceSpelling::Exact => format!("{origin}{PATH}"),
        ResourceSpelling::TrailingSlash => format!("{origin}{PATH}/"),
        ResourceSpelling::Origin => origin.to_owned(),
        ResourceSpelling::Other(other) => other.clone(),
    }
}

/// The address a challenge names; none when the document is nowhere.
pub(super) fn address(faults: &McpFaults, origin: &str) -> Option<String> {
    match faults.metadata.places {
        PrmPlaces::Both | PrmPlaces::InsertedOnly | PrmPlaces::OtherAtRoot => {
            Some(format!("{origin}{WELL_KNOWN}{PATH}"))
        }
        PrmPlaces::RootOnly => Some(format!("{origin}{WELL_KNOWN}")),
        PrmPlaces::ChallengeOnly => Some(format!("{origin}{ELSEWHERE}")),
        PrmPlaces::Nowhere => None,
    }
}

pub(super) fn answer(core: &McpCore, request: &Incoming) -> Response {
    let faults = core.faults();
    let inserted = request.path == format!("{WELL_KNOWN}{PATH}");
    let root = request.path == WELL_KNOWN;
    let places = faults.metadata.places;
    let is_here = match places {
        PrmPlaces::Both | PrmPlaces::OtherAtRoot => inserted || root,
        PrmPlaces::InsertedOnly => inserted,
        PrmPlaces::RootOnly => root,
        PrmPlaces::ChallengeOnly => request.path == ELSEWHERE,
        PrmPlaces::Nowhere => false,
    };
    let own =
        core.auth().map(|link| link.core.identifier(if faults.carries_auth { &request.origin } else { &link.origin }));
    let servers = faults.metadata.authorization_servers.clone().or(own.map(|own| vec![own]));
    let (true, Some(servers)) = (is_here, servers) else {
        return wire::text(404, "Not found");
    };
    let mut document = document(&faults, &request.origin, &servers);
    if places == PrmPlaces::OtherAtRoot && root {
        document.insert("resource".to_owned(), json!(format!("{}/other", request.origin)));
    }
    wire::json(200, &Value::Object(document))
}

fn document(faults: &McpFaults, origin: &str, servers: &[String]) -> Map<String, Value> {
    let mut document = Map::new();
    let mut set = |name: &str, value: Value| document.insert(name.to_owned(), value);
    set("resource", json!(identifier(faults, origin)));
    set("authorization_servers", json!(servers));
    set("bearer_methods_supported", json!(["header"]));
    set("resource_name", json!(faults.tools.server_name));
    if let Some(scopes) = &faults.metadata.scopes_supported {
        set("scopes_supported", json!(scopes));
    }
    faults.metadata.optionals.apply(&mut document, OPTIONAL);
    faults.metadata.edits.apply(&mut document);
    document
}
