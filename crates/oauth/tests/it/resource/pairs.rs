//! The resource that a document names against the server that was asked (T24, RFC 9728 §3.3).

use replug_core::Code;
use replug_oauth::{ResourceFit, ResourceSearch, find_resource_metadata};

use super::{describes, named};
use crate::fakes::Surroundings;
use crate::server::Server;

/// The address of the server and the resource it names, both behind the origin: the same address.
const EXACT: [(&str, &str); 6] =
    [("/mcp", "/mcp"), ("/", ""), ("/", "/"), ("/mcp?x=1", "/mcp?x=1"), ("/a/.b", "/a/.b"), ("/a%2fb", "/a%2fb")];

/// Whole leading segments, or a slash or a query of difference.
const COVERING: [(&str, &str); 10] = [
    ("/mcp", ""),
    ("/mcp", "/mcp/"),
    ("/mcp/", "/mcp"),
    ("/a/b/c", "/a/b"),
    ("/a/b/c", "/a/b/"),
    ("/a/b/c", "/a/b/c/"),
    ("/a//b", "/a/"),
    ("/mcp?x=1", "/mcp"),
    ("/mcp?x=1", ""),
    ("/mcp?x=1", "?x=1"),
];

/// Other resources at the same origin.
const OTHERS: [(&str, &str); 33] = [
    ("/ab", "/a"),
    ("/a", "/ab"),
    ("/a", "/a/b"),
    ("/", "/a"),
    ("/mcp", "/mc"),
    ("/mcp", "/mcp2"),
    ("/mcp", "/MCP"),
    ("/MCP", "/mcp"),
    ("/a/b", "/A"),
    ("/a/b", "/b"),
    ("/a/b/c", "/a/c"),
    ("/a/b", "//a"),
    ("/a/b", "/a%2fb"),
    ("/a/b", "/a%2Fb"),
    ("/a/b", "/a%5cb"),
    ("/mcp", "/m%63p"),
    ("/m%63p", "/mcp"),
    ("/mcp", "/mcp;v=1"),
    ("/mcp;v=1", "/mcp"),
    ("/mcp", "/mcp%20"),
    ("/a/b", "/a%00"),
    ("/a/b", "/x/../a"),
    ("/a/b", "/a/."),
    ("/a/b", "/a/.."),
    ("/a/b", "/./a"),
    ("/a/b", "/%2e/a"),
    ("/a/b", "/a/%2e%2E/a"),
    ("/a/b", "/a/..."),
    ("/mcp?x=1", "/mcp?x=2"),
    ("/mcp?x=1&y=2", "/mcp?x=1"),
    ("/mcp?x=1", "/mcp?X=1"),
    ("/mcp", "/mcp?x=1"),
    ("/mcp", "/mcp?"),
];

/// How the document's resource fits the server at `path`.
async fn fit(server: &Server, path: &str, resource: &str) -> Result<ResourceFit, Code> {
    server.document("/prm", describes(resource));
    let surroundings = Surroundings::new();
    let challenge = named(&server.at("/prm"));
    let found = find_resource_metadata(&surroundings.context(), &server.url(path), Some(&challenge)).await;
    match found.map_err(|failure| failure.code)? {
        ResourceSearch::Found(found) => {
            assert_eq!(found.resource, resource, "sent byte for byte");
            Ok(found.fit)
        }
        ResourceSearch::Absent(_) => panic!("the challenge's address was not read"),
    }
}

#[tokio::test]
async fn only_the_server_itself_or_what_covers_it_by_whole_segments_is_accepted() {
    let server = Server::start().await;
    let exact = EXACT.iter().map(|pair| (pair, Ok(ResourceFit::Exact)));
    let covering = COVERING.iter().map(|pair| (pair, Ok(ResourceFit::Prefix)));
    let others = OTHERS.iter().map(|pair| (pair, Err(Code::MetaResourceMismatch)));
    for ((path, resource), expected) in exact.chain(covering).chain(others) {
        let actual = fit(&server, path, &server.at(resource)).await;
        assert_eq!(actual, expected, "{path} described as {resource}");
    }
}

#[tokio::test]
async fn a_resource_at_another_origin_or_with_deceiving_characters_is_refused() {
    let server = Server::start().await;
    let (origin, port) = (server.origin(), server.url("/").port().unwrap());
    for resource in [
        format!("http://localhost:{port}/a"),
        format!("https://127.0.0.1:{port}/a"),
        format!("ws://127.0.0.1:{port}/a"),
        "http://127.0.0.1:1/a".to_owned(),
        "http://127.0.0.1/a".to_owned(),
        format!("http://[::1]:{port}/a"),
        format!("http://user@127.0.0.1:{port}/a"),
        format!("http://127.0.0.1:{port}@evil.example/a"),
        format!("http://127.0.0.1:{port}.evil.example/a"),
        format!("http://127.0.0.1.evil.example:{port}/a"),
        format!("//127.0.0.1:{port}/a"),
        "https://mcp.example/a".to_owned(),
        "urn:mcp:a".to_owned(),
        "a".to_owned(),
        "/a".to_owned(),
        format!("{origin}/a#x"),
        format!("{origin}/a#"),
        format!("{origin}\\a"),
        format!(" {origin}/a"),
        format!("{origin}/a "),
        format!("{origin}/a\t"),
        format!("{origin}/\n"),
        format!("{origin}/a\u{202e}"),
    ] {
        assert_eq!(fit(&server, "/a", &resource).await, Err(Code::MetaResourceMismatch), "{resource:?}");
    }
}

#[tokio::test]
async fn another_spelling_of_the_same_origin_is_the_same_server() {
    let server = Server::start().await;
    let port = server.url("/").port().unwrap();
    for resource in
        [format!("HTTP://127.0.0.1:{port}/a"), format!("http://127.1:{port}/a"), format!("http://0x7f.1:{port}/a")]
    {
        assert_eq!(fit(&server, "/a", &resource).await, Ok(ResourceFit::Exact), "{resource}");
    }
}
