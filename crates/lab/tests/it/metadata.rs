//! Switches of discovery: the documents of the sign-in service and of the protected resource.

use replug_lab::{
    AuthFaults, Edits, IssParameter, IssuerSpelling, McpFaults, MetadataFaults, Offered, Optionals, PkceList,
    PrmFaults, PrmPlaces, Published, ResourceSpelling,
};
use serde_json::{Value, json};

use crate::client::{Lab, get, modern, send};

async fn document(faults: MetadataFaults) -> (String, Value) {
    let faults = AuthFaults { metadata: faults, ..AuthFaults::default() };
    let lab = Lab::with(faults, McpFaults::default());
    let path = "/.well-known/oauth-authorization-server";
    (lab.auth.issuer(), get(&format!("{}{path}", lab.auth.origin())).await.json())
}

#[tokio::test]
async fn a_document_is_published_exactly_where_the_switch_says() {
    let oauth = "/.well-known/oauth-authorization-server/tenant1";
    let inserted = "/.well-known/openid-configuration/tenant1";
    let appended = "/tenant1/.well-known/openid-configuration";
    for (published, found) in [
        (Published::Everywhere, vec![oauth, inserted, appended]),
        (Published::OauthOnly, vec![oauth]),
        (Published::OpenIdInserted, vec![inserted]),
        (Published::OpenIdAppended, vec![appended]),
        (Published::Nowhere, vec![]),
    ] {
        let mut faults = AuthFaults::default();
        faults.metadata.issuer_path = "/tenant1".to_owned();
        faults.metadata.published = published;
        let lab = Lab::with(faults, McpFaults::default());
        for path in [oauth, inserted, appended] {
            let answer = get(&format!("{}{path}", lab.auth.origin())).await;
            let expected = if found.contains(&path) { 200 } else { 404 };
            assert_eq!(answer.status, expected, "{published:?} at {path}");
            if expected == 200 {
                assert_eq!(answer.json()["issuer"], json!(lab.auth.issuer()));
            }
        }
        assert!(!lab.client_id().await.is_empty(), "endpoints work all the same");
    }
}

#[tokio::test]
async fn the_issuer_can_be_spelt_wrongly() {
    let spelt = |issuer| MetadataFaults { issuer, ..MetadataFaults::default() };
    let (identifier, slash) = document(spelt(IssuerSpelling::TrailingSlash)).await;
    assert_eq!(slash["issuer"], json!(format!("{identifier}/")));
    let other = IssuerSpelling::Other("https://other.example".to_owned());
    assert_eq!(document(spelt(other)).await.1["issuer"], json!("https://other.example"));
    let mut faults = AuthFaults::default();
    faults.metadata.issuer_path = "/tenant1".to_owned();
    faults.metadata.issuer = IssuerSpelling::WithoutPath;
    let lab = Lab::with(faults, McpFaults::default());
    let path = "/.well-known/oauth-authorization-server/tenant1";
    let dropped = get(&format!("{}{path}", lab.auth.origin())).await;
    assert_eq!(dropped.json()["issuer"], json!(lab.auth.origin()), "the path is dropped");
}

#[tokio::test]
async fn members_of_the_document_can_be_missing_or_strange() {
    let (_, plain) = document(MetadataFaults {
        pkce: PkceList::PlainOnly,
        registration: Offered::No,
        revocation: Offered::No,
        scopes_supported: Some(vec!["read".to_owned()]),
        ..MetadataFaults::default()
    })
    .await;
    assert_eq!(plain["code_challenge_methods_supported"], json!(["plain"]));
    assert_eq!(plain["scopes_supported"], json!(["read"]));
    assert!(plain.get("registration_endpoint").is_none(), "not offered");
    assert!(plain.get("revocation_endpoint").is_none(), "not offered");
    for (pkce, expected) in [(PkceList::Missing, None), (PkceList::Null, Some(&Value::Null))] {
        let (_, document) = document(MetadataFaults { pkce, ..MetadataFaults::default() }).await;
        assert_eq!(document.get("code_challenge_methods_supported"), expected, "{pkce:?}");
    }
    let (_, edited) = document(MetadataFaults {
        edits: Edits::none().set("authorization_endpoint", "javascript:alert(1)").remove("token_endpoint"),
        ..MetadataFaults::default()
    })
    .await;
    assert_eq!(edited["authorization_endpoint"], json!("javascript:alert(1)"));
    assert!(edited.get("token_endpoint").is_none(), "removed");
}

#[tokio::test]
async fn optional_members_can_be_null_empty_or_missing_everywhere() {
    for (optionals, text, list) in [
        (Optionals::Null, Some(Value::Null), Some(Value::Null)),
        (Optionals::Empty, Some(json!("")), Some(json!([]))),
        (Optionals::Missing, None, None),
    ] {
        let mut auth = AuthFaults::default();
        auth.metadata.optionals = optionals;
        auth.registration.answer.optionals = optionals;
        let mcp = McpFaults { metadata: PrmFaults { optionals, ..PrmFaults::default() }, ..McpFaults::default() };
        let lab = Lab::with(auth, mcp);
        let path = "/.well-known/oauth-authorization-server";
        let service = get(&format!("{}{path}", lab.auth.origin())).await.json();
        assert_eq!(service.get("op_policy_uri"), text.as_ref(), "{optionals:?}");
        assert_eq!(service.get("scopes_supported"), list.as_ref(), "{optionals:?}");
        assert!(service["token_endpoint"].is_string(), "required members stay");
        let resource = get(&format!("{}{}", lab.mcp.origin(), lab.mcp.metadata_path())).await.json();
        assert_eq!(resource.get("resource_name"), text.as_ref(), "{optionals:?}");
        assert!(resource["resource"].is_string(), "required members stay");
        let client = lab.register(&crate::client::registration()).await.json();
        assert_eq!(client.get("client_uri"), text.as_ref(), "{optionals:?}");
        assert_eq!(client.get("contacts"), list.as_ref(), "{optionals:?}");
        assert_eq!(client.get("client_secret"), text.as_ref(), "{optionals:?}");
        assert!(client["client_id"].is_string(), "required members stay");
    }
}

#[tokio::test]
async fn iss_is_announced_and_sent_as_the_switch_says() {
    for (iss, announced, sent) in [
        (IssParameter::AnnouncedAndSent, true, Some(None)),
        (IssParameter::AnnouncedOnly, true, None),
        (IssParameter::SentOnly, false, Some(None)),
        (IssParameter::Neither, false, None),
        (IssParameter::Wrong("https://evil.example".to_owned()), true, Some(Some("https://evil.example"))),
    ] {
        let mut faults = AuthFaults::default();
        faults.authorize.iss = iss.clone();
        let lab = Lab::with(faults, McpFaults::default());
        let path = "/.well-known/oauth-authorization-server";
        let service = get(&format!("{}{path}", lab.auth.origin())).await.json();
        let member = service.get("authorization_response_iss_parameter_supported");
        assert_eq!(member.is_some(), announced, "{iss:?}");
        let client = lab.client_id().await;
        let page = lab.authorize(&client, &[]).await;
        let answer = lab.decide(&page, "allow").await;
        let expected = sent.map(|other| other.map_or(lab.auth.issuer(), ToOwned::to_owned));
        assert_eq!(answer.returned("iss"), expected, "{iss:?}");
    }
}

#[tokio::test]
async fn resource_metadata_is_where_the_switch_says() {
    let inserted = "/.well-known/oauth-protected-resource/mcp";
    let root = "/.well-known/oauth-protected-resource";
    for (places, at_inserted, at_root, named) in [
        (PrmPlaces::Both, 200, 200, inserted),
        (PrmPlaces::InsertedOnly, 200, 404, inserted),
        (PrmPlaces::RootOnly, 404, 200, root),
        (PrmPlaces::ChallengeOnly, 404, 404, "/about/"),
        (PrmPlaces::OtherAtRoot, 200, 200, inserted),
        (PrmPlaces::Nowhere, 404, 404, ""),
    ] {
        let mcp = McpFaults { metadata: PrmFaults { places, ..PrmFaults::default() }, ..McpFaults::default() };
        let lab = Lab::with(AuthFaults::default(), mcp);
        let at = async |path: &str| get(&format!("{}{path}", lab.mcp.origin())).await;
        assert_eq!(at(inserted).await.status, at_inserted, "{places:?}");
        let at_the_root = at(root).await;
        assert_eq!(at_the_root.status, at_root, "{places:?}");
        let is_other = at_the_root.json()["resource"] == json!(format!("{}/other", lab.mcp.origin()));
        assert_eq!(is_other, places == PrmPlaces::OtherAtRoot, "{places:?}");
        let refused = send(modern(&lab.mcp, "tools/list", json!({}))).await;
        let challenge = refused.header("www-authenticate");
        assert!(challenge.contains(named), "{places:?}: {challenge}");
        assert_eq!(challenge.contains("resource_metadata"), places != PrmPlaces::Nowhere, "{challenge}");
    }
}

#[tokio::test]
async fn tokens_have_to_be_for_the_resource_letter_by_letter() {
    for (resource, suffix) in [(ResourceSpelling::TrailingSlash, "/mcp/"), (ResourceSpelling::Origin, "")] {
        let mcp = McpFaults {
            metadata: PrmFaults { resource: resource.clone(), ..PrmFaults::default() },
            ..McpFaults::default()
        };
        let lab = Lab::with(AuthFaults::default(), mcp);
        let spelt = format!("{}{suffix}", lab.mcp.origin());
        let client = lab.client_id().await;
        for (asked, expected) in [(spelt.as_str(), 200), (lab.mcp.address().as_str(), 401)] {
            let code = lab.code(&client, &[("resource", asked)]).await;
            let tokens = lab.exchange(&client, &code, &[("resource", asked)]).await.json();
            let token = tokens["access_token"].as_str().unwrap();
            let listed = send(modern(&lab.mcp, "tools/list", json!({})).bearer_auth(token)).await;
            assert_eq!(listed.status, expected, "{resource:?} with a token for {asked}");
        }
    }
}

#[tokio::test]
async fn a_server_of_2025_03_26_carries_its_sign_in_service_at_its_own_origin() {
    let mcp = McpFaults {
        carries_auth: true,
        metadata: PrmFaults { places: PrmPlaces::Nowhere, ..PrmFaults::default() },
        ..McpFaults::default()
    };
    let lab = Lab::with(AuthFaults::default(), mcp);
    let origin = lab.mcp.origin();
    let service = get(&format!("{origin}/.well-known/oauth-authorization-server")).await.json();
    assert_eq!(service["issuer"], json!(origin));
    assert_eq!(service["token_endpoint"], json!(format!("{origin}/token")));
    let client = lab.client_id().await;
    let code = lab.code(&client, &[("resource", "")]).await;
    let tokens = lab.exchange(&client, &code, &[("resource", "")]).await.json();
    let token = tokens["access_token"].as_str().unwrap();
    let listed = send(modern(&lab.mcp, "tools/list", json!({})).bearer_auth(token)).await;
    assert_eq!(listed.status, 200, "no audience was asked for, and none is needed");
}
