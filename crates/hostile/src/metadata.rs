//! Metadata of servers and of sign-in services, fetched from a real server: what is accepted belongs to whom it should, and
//! leads nowhere unsafe.

use replug_core::{Fact, Failure};
use replug_net::gate_for_request;
use replug_oauth::{
    BearerChallenge, Context, DiscoveryPrefs, ResourceFit, ResourceMetadata, ResourceSearch, find_resource_metadata,
    find_service_metadata,
};
use url::Url;

use crate::site::Site;

/// What stands for the server's own origin in a document.
const ORIGIN: &str = "http://origin.example";

/// The first byte says whose document the rest is.
pub fn check(bytes: &[u8]) {
    let Some((first, document)) = bytes.split_first() else { return };
    Site::with(|site| {
        // An input that names the origin can be accepted, whichever port the site has.
        let document = crate::replace(document, ORIGIN.as_bytes(), site.origin().as_bytes());
        site.say(200, "application/json", &document);
        let server = Url::parse(&format!("{}/mcp/a", site.origin())).unwrap();
        site.run(async |ctx| match first % 3 {
            0 => check_resource(ctx, &server).await,
            1 => check_service(ctx, &server, first / 3 % 2 == 0, &site.origin()).await,
            _ => check_service(ctx, &server, first / 3 % 2 == 0, &format!("{}/tenant", site.origin())).await,
        });
    });
}

async fn check_resource(ctx: &Context<'_>, server: &Url) {
    let named = server.join("/named").unwrap().to_string();
    let challenge = BearerChallenge { resource_metadata: Some(named), ..BearerChallenge::default() };
    let found = match find_resource_metadata(ctx, server, Some(&challenge)).await {
        Ok(ResourceSearch::Found(found)) => found,
        Ok(ResourceSearch::Absent(absence)) => panic!("the named address has an answer: {absence:?}"),
        Err(failure) => return check_failure(&failure),
    };
    let resource = Url::parse(&found.resource).unwrap();
    assert_eq!(resource.origin(), server.origin(), "{}", found.resource);
    assert!(resource.username().is_empty() && resource.fragment().is_none(), "{}", found.resource);
    match found.fit {
        ResourceFit::Exact => assert_eq!(resource, *server),
        ResourceFit::Prefix => assert!(
            format!("{}/", server.path()).starts_with(&format!("{}/", resource.path().trim_end_matches('/'))),
            "{} does not cover {server}",
            found.resource
        ),
    }
    assert!(found.authorization_servers.iter().chain(&found.scopes).all(|text| !text.trim().is_empty()));
}

async fn check_service(ctx: &Context<'_>, server: &Url, allow_pkce_unlisted: bool, identifier: &str) {
    let search = ResourceSearch::Found(ResourceMetadata {
        found_at: server.to_string(),
        resource: server.to_string(),
        fit: ResourceFit::Exact,
        authorization_servers: vec![identifier.to_owned()],
        scopes: Vec::new(),
    });
    let prefs = DiscoveryPrefs { allow_pkce_unlisted, ..DiscoveryPrefs::default() };
    let metadata = match find_service_metadata(ctx, server, &search, &prefs).await {
        Ok(found) => found.metadata,
        Err(failure) => return check_failure(&failure),
    };
    let slash_only = format!("{identifier}/") == metadata.issuer && !identifier.ends_with("/tenant");
    assert!(metadata.issuer == identifier || slash_only, "{} is not {identifier}", metadata.issuer);
    let needed = [&metadata.authorization_endpoint, &metadata.token_endpoint];
    let offered = [&metadata.registration_endpoint, &metadata.revocation_endpoint];
    for endpoint in needed.into_iter().chain(offered.into_iter().flatten()) {
        assert_eq!(gate_for_request(endpoint, true).unwrap().as_str(), endpoint, "it passed the gate");
    }
    match metadata.code_challenge_methods {
        Some(methods) => assert!(methods.iter().any(|method| method == "S256"), "{methods:?}"),
        None => assert!(allow_pkce_unlisted, "nothing says that PKCE is supported"),
    }
}

/// A failure can be shown, whatever the document said.
fn check_failure(failure: &Failure) {
    let plain = |Fact { value, .. }: &Fact| value.chars().count() <= 500 * 10 && !value.chars().any(char::is_control);
    assert!(failure.facts.iter().all(plain), "{failure:?}");
}
