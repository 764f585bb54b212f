//! The client-ID metadata document (draft-ietf-oauth-client-id-metadata-document, MCP 2025-11-25): which addresses can be
//! one, and what it says. When it is used, and hosting it, are matters of others.

use replug_core::{AuthMethod, CallbackHost};
use serde::Serialize;
use url::Url;

use super::draft::{APPLICATION, DEFAULT_NAME, GRANTS, RESPONSES};

/// The callback ports that can be entered at a service, or in a document, once and for all; the first is the usual one. They
/// lie below those that systems hand out by themselves.
pub const CALLBACK_PORTS: [u16; 4] = [21_847, 21_848, 21_849, 21_850];

/// The callback path where it cannot be distinct for each issuer.
pub const CALLBACK_PATH: &str = "/callback";

/// The longest address of a document, in characters.
const LONGEST: usize = 2_000;

#[derive(Serialize)]
struct Document<'a> {
    client_id: &'a str,
    client_name: &'a str,
    redirect_uris: Vec<String>,
    grant_types: &'a [&'a str],
    response_types: &'a [&'a str],
    token_endpoint_auth_method: &'a str,
    application_type: &'a str,
}

/// Whether this can be the address of a client-ID document: https with a path, without user, password, fragment and dot
/// segments, and spelt as every service will spell it, because it is compared letter by letter.
pub fn is_document_address(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    url.as_str() == text
        && text.len() <= LONGEST
        && url.scheme() == "https"
        && url.path() != "/"
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
}

/// The document to put at `address`, as indented JSON.
///
/// The callback addresses are named without a port for services that allow any (RFC 8252 §7.3), and with each of
/// [`CALLBACK_PORTS`] for those that compare letter by letter.
pub fn client_document(address: &str) -> String {
    let hosts = [CallbackHost::Literal, CallbackHost::Localhost].map(CallbackHost::as_str);
    let without_port = hosts.iter().map(|host| format!("http://{host}{CALLBACK_PATH}"));
    let with_port = CALLBACK_PORTS
        .iter()
        .flat_map(|port| hosts.iter().map(move |host| format!("http://{host}:{port}{CALLBACK_PATH}")));
    let document = Document {
        client_id: address,
        client_name: DEFAULT_NAME,
        redirect_uris: without_port.chain(with_port).collect(),
        grant_types: GRANTS,
        response_types: RESPONSES,
        token_endpoint_auth_method: AuthMethod::None.as_str(),
        application_type: APPLICATION,
    };
    // Writing plain data cannot fail: no map has keys that are not text.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}
