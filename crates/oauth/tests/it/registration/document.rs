//! The client-ID metadata document: its address, and the file that is ready to be hosted.

use std::path::Path;

use replug_core::{CallbackHost, Redirect};
use replug_oauth::{CALLBACK_PATH, CALLBACK_PORTS, client_document, is_document_address};
use serde_json::{Value, json};

/// Where the file in the repository says that it lies; whoever hosts it writes their own.
const ADDRESS: &str = "https://replug.example/client-metadata.json";

#[test]
fn only_addresses_that_every_service_spells_alike_are_taken() {
    for address in [
        ADDRESS,
        "https://conformance-test.local/client-metadata.json",
        "https://a.example:8443/x",
        "https://a.example/x?v=1",
    ] {
        assert!(is_document_address(address), "{address}");
    }
    for address in [
        "http://a.example/x",
        "https://a.example",
        "https://a.example/",
        "https://a.example/x#y",
        "https://u@a.example/x",
        "https://:p@a.example/x",
        "https://a.example/x/../y",
        "https://a.example/./x",
        "https://A.example/x",
        "https://a.example:443/x",
        "https://a.example/x y",
        "javascript:alert(1)",
        "a.example/x",
        "",
    ] {
        assert!(!is_document_address(address), "{address}");
    }
}

#[test]
fn the_document_names_itself_and_every_callback_that_replug_may_use() {
    let document: Value = serde_json::from_str(&client_document(ADDRESS)).unwrap();
    assert_eq!(document["client_id"], ADDRESS);
    assert_eq!(document["token_endpoint_auth_method"], "none");
    assert_eq!(document["grant_types"], json!(["authorization_code", "refresh_token"]));
    let redirects: Vec<&str> = document["redirect_uris"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for host in [CallbackHost::Literal, CallbackHost::Localhost] {
        for port in CALLBACK_PORTS {
            let used = Redirect { host, port, path: CALLBACK_PATH.to_owned() }.to_address();
            assert!(redirects.contains(&used.as_str()), "{used}");
        }
        let any_port = format!("http://{}{CALLBACK_PATH}", host.as_str());
        assert!(redirects.contains(&any_port.as_str()), "{any_port}");
    }
}

/// `cargo xtask bindings` sets `REPLUG_WRITE_DOCS` to have it written.
#[test]
#[expect(clippy::disallowed_methods, reason = "a task of the project asks for the file by this variable")]
fn the_client_document_of_the_repository_is_what_replug_would_write() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/client-metadata.json");
    let expected = client_document(ADDRESS);
    if std::env::var_os("REPLUG_WRITE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "run `cargo xtask bindings`");
}
