//! The issuer that a document names against the identifier that led to it (T23, RFC 8414 §3.3).

use replug_core::Code;
use replug_oauth::{DiscoveryPrefs, FoundIssuer};
use serde_json::json;

use super::{OAUTH, metadata, naming, run, with};
use crate::fakes::fact;
use crate::server::Server;

/// Pairs of identifier and issuer, behind the origin, that are the same; the second ones by the one concession there is.
const SAME: [(&str, &str); 6] = [("", ""), ("/a", "/a"), ("/a/", "/a/"), ("/", "/"), ("", "/"), ("/", "")];

/// Pairs that are not, however alike they look.
const OTHERS: [(&str, &str); 26] = [
    ("/a", "/a/"),
    ("/a/", "/a"),
    ("/a", "/A"),
    ("/A", "/a"),
    ("/a", "/%61"),
    ("/%61", "/a"),
    ("/a", ""),
    ("/a", "/"),
    ("", "/a"),
    ("/", "/a"),
    ("/a", "/a//"),
    ("/a", "//a"),
    ("/a", "/./a"),
    ("/a", "/b/../a"),
    ("/a", "/ab"),
    ("/ab", "/a"),
    ("/a/b", "/a"),
    ("/a/b", "/a%2Fb"),
    ("/a/b", "/a%2fb"),
    ("", "//"),
    ("", "?"),
    ("", "?/"),
    ("", "#"),
    ("/a", "/a?x=1"),
    ("/a", "/a#x"),
    ("", "\n"),
];

/// A service whose document, where this identifier leads, names this issuer.
async fn judged(auth: &Server, identifier: &str, issuer: &str) -> Result<FoundIssuer, replug_core::Failure> {
    let path = identifier.strip_prefix(&auth.origin()).unwrap_or_default().trim_end_matches('/');
    auth.document(&format!("{OAUTH}{path}"), with(metadata(auth, ""), "issuer", json!(issuer)));
    run(&naming(&[identifier]).await, &DiscoveryPrefs::default()).await.map(|discovery| discovery.service)
}

async fn refused(auth: &Server, identifier: &str, issuer: &str) {
    let failure = judged(auth, identifier, issuer).await.unwrap_err();
    assert_eq!(failure.code, Code::MetaIssuerMismatch, "{identifier} called itself {issuer:?}");
    assert_eq!(fact(&failure, "Expected issuer"), identifier, "both are shown");
}

#[tokio::test]
async fn the_same_issuer_is_accepted_and_kept_byte_for_byte() {
    let auth = Server::start().await;
    for (identifier, issuer) in SAME.map(|(identifier, issuer)| (auth.at(identifier), auth.at(issuer))) {
        let service = judged(&auth, &identifier, &issuer).await.unwrap();
        assert_eq!(service.metadata.issuer, issuer, "kept as the document has it");
        assert_eq!(service.notes.is_empty(), identifier == issuer, "the concession is noted: {identifier}");
    }
}

#[tokio::test]
async fn an_issuer_that_differs_by_one_character_is_another_one() {
    let auth = Server::start().await;
    for (identifier, issuer) in OTHERS.map(|(identifier, issuer)| (auth.at(identifier), auth.at(issuer))) {
        refused(&auth, &identifier, &issuer).await;
    }
}

#[tokio::test]
async fn another_spelling_of_the_host_is_another_issuer() {
    let auth = Server::start().await;
    let (origin, port) = (auth.origin(), auth.url("/").port().unwrap());
    for issuer in [
        format!("HTTP://127.0.0.1:{port}"),
        format!("https://127.0.0.1:{port}"),
        format!("http://localhost:{port}"),
        format!("http://127.1:{port}"),
        format!("http://2130706433:{port}"),
        format!("http://[::ffff:127.0.0.1]:{port}"),
        format!("http://127.0.0.1.:{port}"),
        format!("http://127.0.0.1:0{port}"),
        "http://127.0.0.1".to_owned(),
        format!("http://user@127.0.0.1:{port}"),
        format!("http://127.0.0.1.evil.example:{port}"),
        "https://auth.example".to_owned(),
        "urn:auth".to_owned(),
        format!(" {origin}"),
        format!("{origin} "),
        String::new(),
    ] {
        refused(&auth, &origin, &issuer).await;
    }
    auth.document(OAUTH, with(metadata(&auth, ""), "issuer", serde_json::Value::Null));
    let failure = super::refused(&naming(&[&origin]).await).await;
    assert_eq!((failure.code, fact(&failure, "Named issuer").as_str()), (Code::MetaIssuerMismatch, "none"));
}
