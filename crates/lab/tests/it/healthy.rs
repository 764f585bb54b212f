//! A healthy lab: from discovery to a tool call, renewal, revocation and deletion, as a correct client would go.

use serde_json::json;

use crate::client::{Lab, get, http, modern, registration, send};

#[tokio::test]
async fn a_client_finds_its_way_from_the_challenge_to_a_tool_call() {
    let lab = Lab::start();
    let refused = send(modern(&lab.mcp, "tools/list", json!({}))).await;
    assert_eq!(refused.status, 401, "no token, no tools");
    let challenge = refused.header("www-authenticate");
    let address = challenge.split("resource_metadata=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();

    let resource = get(address).await.json();
    assert_eq!(resource["resource"], json!(lab.mcp.address()), "its own address");
    assert_eq!(resource["authorization_servers"], json!([lab.auth.issuer()]), "the service beside it");
    let service = get(&format!("{}/.well-known/oauth-authorization-server", lab.auth.issuer())).await.json();
    assert_eq!(service["issuer"], json!(lab.auth.issuer()), "RFC 8414 §3.3");
    assert_eq!(service["code_challenge_methods_supported"], json!(["S256"]));

    let (_, tokens) = lab.tokens().await;
    let token = tokens["access_token"].as_str().unwrap();
    let listed = send(modern(&lab.mcp, "tools/list", json!({})).bearer_auth(token)).await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    assert_eq!(listed.json()["result"]["tools"][0]["name"], json!("echo"));
    let params = json!({"name": "echo", "arguments": {"text": "hello"}});
    let called = send(modern(&lab.mcp, "tools/call", params).bearer_auth(token)).await;
    assert_eq!(
        called.json()["result"]["content"][0]["text"],
        json!("{\"text\":\"hello\"}"),
        "the echo of the arguments"
    );
    let seen = lab.mcp.requests().all();
    assert_eq!(seen[0].authorization, None, "the first request was anonymous");
    assert_eq!(seen.last().unwrap().authorization.as_deref(), Some("bearer"), "the last one was not");
}

#[tokio::test]
async fn a_code_works_once_and_only_for_who_asked() {
    let lab = Lab::start();
    let client = lab.client_id().await;
    let other = lab.client_id().await;
    let wrong = [
        ("code_verifier", "another-verifier-that-is-long-enough-to-be-one"),
        ("redirect_uri", "http://127.0.0.1:49153/callback"),
        ("client_id", other.as_str()),
    ];
    for more in wrong {
        let code = lab.code(&client, &[]).await;
        let answer = lab.exchange(&client, &code, &[more]).await;
        assert_eq!(answer.json()["error"], json!("invalid_grant"), "wrong {}", more.0);
    }
    let code = lab.code(&client, &[]).await;
    let other_resource = [("resource", "https://other.example/mcp")];
    let answer = lab.exchange(&client, &code, &other_resource).await;
    assert_eq!(answer.json()["error"], json!("invalid_target"), "bound to its resource");

    let tokens = lab.exchange(&client, &code, &[]).await;
    assert_eq!(tokens.status, 200, "the right client gets tokens: {}", tokens.text);
    let again = lab.exchange(&client, &code, &[]).await;
    assert_eq!(again.json()["error"], json!("invalid_grant"), "single use");
    assert_eq!(lab.auth.state().live_access_tokens, 0, "a second use ends what the first one got (RFC 6749 §4.1.2)");
}

#[tokio::test]
async fn a_refresh_replaces_the_token_and_reuse_ends_the_family() {
    let lab = Lab::start();
    let (client, first) = lab.tokens().await;
    let old = first["refresh_token"].as_str().unwrap();
    let second = lab.refresh(&client, old).await;
    assert_eq!(second.status, 200, "{}", second.text);
    let second = second.json();
    let new = second["refresh_token"].as_str().unwrap();
    assert_ne!(old, new, "rotation");
    assert_eq!(lab.auth.state().live_refresh_tokens, 1, "one of them is live");

    let reused = lab.refresh(&client, old).await;
    assert_eq!((reused.status, &reused.json()["error"]), (400, &json!("invalid_grant")));
    let state = lab.auth.state();
    assert_eq!((state.refreshes, state.reuse_detections), (1, 1));
    assert_eq!((state.live_refresh_tokens, state.live_access_tokens), (0, 0), "the family is gone");
    assert_eq!(lab.refresh(&client, new).await.status, 400, "the new one too");
}

#[tokio::test]
async fn revoking_a_token_ends_it_and_never_tells_whether_it_was_known() {
    let lab = Lab::start();
    let (client, tokens) = lab.tokens().await;
    let (access, refresh) = (&tokens["access_token"], &tokens["refresh_token"]);
    for token in ["nonsense", access.as_str().unwrap(), refresh.as_str().unwrap()] {
        let members = [("token", token), ("client_id", client.as_str())];
        assert_eq!(lab.post("/revoke", &members).await.status, 200, "RFC 7009 §2.2");
    }
    let state = lab.auth.state();
    assert_eq!((state.revocations, state.live_refresh_tokens), (2, 0));
    let listed = send(modern(&lab.mcp, "tools/list", json!({})).bearer_auth(access.as_str().unwrap())).await;
    assert_eq!(listed.status, 401, "a revoked token is not accepted");
    assert!(listed.header("www-authenticate").contains("error=\"invalid_token\""), "and that is said");
}

#[tokio::test]
async fn a_client_can_delete_its_registration_with_its_own_token_only() {
    let lab = Lab::start();
    let registered = lab.register(&registration()).await.json();
    let address = registered["registration_client_uri"].as_str().unwrap();
    let token = registered["registration_access_token"].as_str().unwrap();
    assert_eq!(send(http().delete(address)).await.status, 401, "without a token");
    assert_eq!(send(http().delete(address).bearer_auth("another")).await.status, 401, "with another token");
    assert_eq!(send(http().delete(address).bearer_auth(token)).await.status, 204);
    let state = lab.auth.state();
    assert_eq!((state.deletions, state.live_clients), (1, 0));
}

#[tokio::test]
async fn every_way_to_prove_a_client_is_really_checked() {
    let lab = Lab::start();
    for method in ["client_secret_post", "client_secret_basic"] {
        let mut request = registration();
        request["token_endpoint_auth_method"] = json!(method);
        let client = lab.register(&request).await.json();
        let id = client["client_id"].as_str().unwrap();
        let secret = client["client_secret"].as_str().unwrap();
        let code = lab.code(id, &[]).await;
        let bare = lab.exchange(id, &code, &[]).await;
        assert_eq!((bare.status, &bare.json()["error"]), (401, &json!("invalid_client")), "{method} without a secret");
        let members = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", crate::client::CALLBACK),
            ("code_verifier", crate::client::VERIFIER),
        ];
        let granted = if method == "client_secret_basic" {
            send(lab.form("/token", &members).basic_auth(id, Some(secret))).await
        } else {
            let more = [("client_id", id), ("client_secret", secret)];
            lab.post("/token", &[&members[..], &more[..]].concat()).await
        };
        assert_eq!(granted.status, 200, "{method}: {}", granted.text);
    }
}

#[tokio::test]
async fn two_servers_do_not_accept_each_others_tokens() {
    let (one, two) = (Lab::start(), Lab::start());
    let (_, tokens) = one.tokens().await;
    let token = tokens["access_token"].as_str().unwrap();
    let answer = send(modern(&two.mcp, "tools/list", json!({})).bearer_auth(token)).await;
    assert_eq!(answer.status, 401, "issued elsewhere");
    one.mcp.move_to(&two.auth);
    let answer = send(modern(&one.mcp, "tools/list", json!({})).bearer_auth(token)).await;
    assert_eq!(answer.status, 401, "the server trusts another service now");
}

#[tokio::test]
async fn secrets_are_listed_for_leak_tests_and_are_not_in_the_log() {
    let lab = Lab::start();
    let (_, tokens) = lab.tokens().await;
    let issued = lab.auth.issued_secrets();
    for name in ["access_token", "refresh_token"] {
        let secret = tokens[name].as_str().unwrap().to_owned();
        assert!(issued.contains(&secret), "{name} is on the list");
    }
    let log = format!("{:?}{:?}", lab.auth.requests().all(), lab.mcp.requests().all());
    for secret in issued {
        assert!(!log.contains(&secret), "the log holds no secret");
    }
    assert!(!log.contains(crate::client::VERIFIER), "no verifier either");
}
