//! Switches of the token endpoint: refusals, shapes of answers, lifetimes, rotation and what breaks a refresh.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use replug_lab::{
    Audience, AuthFaults, AuthServer, ClientMethod, ExpiresIn, Grant, McpFaults, PreRegistered, Reads, RefreshTokens,
    Refuse, ResourceRule, Rotation, ScopeAnswer, TestClock, TokenFaults, TokenForm, TokenShape,
};
use serde_json::{Value, json};

use crate::client::{CALLBACK, Lab, modern, send};

fn lab(faults: TokenFaults) -> Lab {
    let faults = AuthFaults { token: faults, ..AuthFaults::default() };
    Lab::with(faults, McpFaults::default())
}

#[tokio::test]
async fn an_answer_can_be_written_in_three_shapes() {
    let lab = lab(TokenFaults::default());
    lab.auth.change_faults(|faults| faults.token.answer.shape = TokenShape::Form);
    let (client, form) = lab.sign_in().await;
    assert_eq!(form.header("content-type"), "application/x-www-form-urlencoded");
    assert!(form.text.contains("access_token="), "{}", form.text);
    let refused = lab.refresh(&client, "nonsense").await;
    assert!(refused.text.starts_with("error=invalid_grant"), "{}", refused.text);
    lab.auth.change_faults(|faults| faults.token.answer.shape = TokenShape::Nested);
    let (_, nested) = lab.sign_in().await;
    assert_eq!(nested.json()["ok"], json!(true));
    assert!(nested.json()["authed_user"]["access_token"].is_string(), "inside");
}

#[tokio::test]
async fn expiry_and_scope_can_be_written_in_many_ways() {
    for (expires_in, expected) in [
        (ExpiresIn::Number, Some(json!(3600))),
        (ExpiresIn::Text, Some(json!("3600"))),
        (ExpiresIn::Fraction, Some(json!(3600.5))),
        (ExpiresIn::Negative, Some(json!(-1))),
        (ExpiresIn::Huge, Some(json!(u64::MAX))),
        (ExpiresIn::Null, Some(Value::Null)),
        (ExpiresIn::Missing, None),
    ] {
        let mut faults = TokenFaults::default();
        faults.answer.expires_in = expires_in;
        let (_, tokens) = lab(faults).tokens().await;
        assert_eq!(tokens.get("expires_in"), expected.as_ref(), "{expires_in:?}");
    }
    for (scope, expected) in [
        (ScopeAnswer::Spaces, Some(json!("read write"))),
        (ScopeAnswer::Commas, Some(json!("read,write"))),
        (ScopeAnswer::List, Some(json!(["read", "write"]))),
        (ScopeAnswer::Missing, None),
        (ScopeAnswer::Other(vec!["read".to_owned()]), Some(json!("read"))),
    ] {
        let mut faults = TokenFaults::default();
        faults.answer.scope = scope.clone();
        let lab = lab(faults);
        let client = lab.client_id().await;
        let code = lab.code(&client, &[("scope", "read write")]).await;
        let tokens = lab.exchange(&client, &code, &[]).await.json();
        assert_eq!(tokens.get("scope"), expected.as_ref(), "{scope:?}");
    }
}

#[tokio::test]
async fn an_access_token_can_be_read_or_opaque_and_for_the_wrong_audience() {
    let lab = lab(TokenFaults::default());
    let (_, tokens) = lab.tokens().await;
    let token = tokens["access_token"].as_str().unwrap();
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["aud"], json!(lab.mcp.address()));
    assert_eq!(claims["iss"], json!(lab.auth.issuer()));
    lab.auth.change_faults(|faults| faults.token.answer.form = TokenForm::Opaque);
    let (_, tokens) = lab.tokens().await;
    assert!(!tokens["access_token"].as_str().unwrap().contains('.'), "nothing to read");
    for audience in [Audience::Other("https://other.example".to_owned()), Audience::Missing] {
        lab.auth.change_faults(|faults| faults.token.answer.audience = audience.clone());
        let (_, tokens) = lab.tokens().await;
        let token = tokens["access_token"].as_str().unwrap();
        let answer = send(modern(&lab.mcp, "tools/list", json!({})).bearer_auth(token)).await;
        assert_eq!(answer.status, 401, "{audience:?} is good for nothing here");
    }
}

#[tokio::test]
async fn any_error_can_be_sent_for_one_kind_of_request() {
    let lab = lab(TokenFaults::default());
    let (client, tokens) = lab.tokens().await;
    let refuse = |status, error: &str, description: Option<&str>| Refuse {
        grant: Some(Grant::Refresh),
        status,
        error: error.to_owned(),
        description: description.map(ToOwned::to_owned),
    };
    for (status, error, description) in
        [(400, "invalid_grant", Some("expired")), (401, "invalid_grant", None), (200, "invalid_client", None)]
    {
        lab.auth.change_faults(|faults| faults.token.refuse = Some(refuse(status, error, description)));
        let answer = lab.refresh(&client, tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!((answer.status, &answer.json()["error"]), (status, &json!(error)));
        assert_eq!(answer.json().get("error_description").is_some(), description.is_some());
    }
    assert_eq!(lab.sign_in().await.1.status, 200, "the other kind is granted");
    lab.auth.change_faults(|faults| faults.token.refuse = None);
    let answer = lab.refresh(&client, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(answer.status, 200, "nothing was used up by the refusals");
}

#[tokio::test]
async fn a_forgotten_client_is_invalid_at_exchange_and_refresh() {
    let lab = lab(TokenFaults::default());
    let (client, tokens) = lab.tokens().await;
    let code = lab.code(&client, &[]).await;
    lab.auth.forget_client(&client);
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    for (is_400, status) in [(false, 401), (true, 400)] {
        lab.auth.change_faults(|faults| faults.token.invalid_client_is_400 = is_400);
        for answer in [lab.exchange(&client, &code, &[]).await, lab.refresh(&client, refresh_token).await] {
            assert_eq!((answer.status, &answer.json()["error"]), (status, &json!("invalid_client")));
        }
    }
}

#[tokio::test]
async fn where_credentials_are_looked_for_can_differ_from_what_was_registered() {
    for (reads, by_header, by_body) in
        [(Reads::AsRegistered, 400, 401), (Reads::BasicOnly, 400, 401), (Reads::BodyOnly, 401, 400)]
    {
        let lab = lab(TokenFaults { reads, ..TokenFaults::default() });
        lab.auth.add_client(PreRegistered {
            id: "id".to_owned(),
            secret: Some("s+/%".to_owned()),
            method: ClientMethod::Basic,
            redirect_uris: vec![CALLBACK.to_owned()],
        });
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", "none")];
        // RFC 6749 §2.3.1: the secret is form-encoded before Basic.
        let request = lab.form("/token", &refresh).basic_auth("id", Some("s%2B%2F%25"));
        assert_eq!(send(request).await.status, by_header, "{reads:?} in the header");
        let body = [("client_id", "id"), ("client_secret", "s+/%")];
        let answer = lab.post("/token", &[refresh, body].concat()).await;
        assert_eq!(answer.status, by_body, "{reads:?} in the body");
    }
}

#[tokio::test]
async fn a_refresh_can_be_refused_for_what_it_leaves_out() {
    let lab = lab(TokenFaults { client_id_in_body: true, scopeless_refresh_refused: true, ..TokenFaults::default() });
    let (client, tokens) = lab.tokens().await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let bare = [("grant_type", "refresh_token"), ("refresh_token", token)];
    let answer = lab.post("/token", &bare).await;
    assert_eq!(answer.json()["error"], json!("invalid_request"), "no client_id");
    let answer = lab.refresh(&client, token).await;
    assert!(answer.text.contains("AADSTS90009"), "no scope: {}", answer.text);
    lab.auth.change_faults(|faults| faults.resource = ResourceRule::Refused);
    let client_id = ("client_id", client.as_str());
    let answer = lab.post("/token", &[&bare[..], &[client_id, ("resource", "x")]].concat()).await;
    assert!(answer.text.contains("AADSTS9010010"), "a resource: {}", answer.text);
}

#[tokio::test]
async fn refresh_tokens_are_given_as_the_switch_says() {
    let lab = lab(TokenFaults { refresh_tokens: RefreshTokens::WhenAsked, ..TokenFaults::default() });
    let client = lab.client_id().await;
    let has_refresh = async |more: &[(&str, &str)]| {
        let code = lab.code(&client, more).await;
        lab.exchange(&client, &code, &[]).await.json()["refresh_token"].is_string()
    };
    assert!(!has_refresh(&[("scope", "offline_access")]).await, "no prompt");
    assert!(!has_refresh(&[("prompt", "consent")]).await, "no scope");
    assert!(has_refresh(&[("scope", "offline_access"), ("prompt", "consent")]).await);
    lab.auth.change_faults(|faults| faults.token.refresh_tokens = RefreshTokens::Never);
    assert!(!has_refresh(&[("scope", "offline_access"), ("prompt", "consent")]).await);
}

#[tokio::test]
async fn lifetimes_grace_and_sweeping_follow_the_clock() {
    let clock = Arc::new(TestClock::default());
    let mut faults = TokenFaults {
        rotation: Rotation::Each { grace: Duration::from_secs(30) },
        idle_sweep: Some(Duration::from_mins(10)),
        ..TokenFaults::default()
    };
    faults.answer.lifetime = Duration::from_secs(5);
    let mut lab = lab(TokenFaults::default());
    let with_token_faults = AuthFaults { token: faults, ..AuthFaults::default() };
    lab.auth = AuthServer::start_with_clock(with_token_faults, clock.clone()).unwrap();
    lab.mcp.move_to(&lab.auth);
    let (client, tokens) = lab.tokens().await;
    let access = tokens["access_token"].as_str().unwrap();
    let status = async || send(modern(&lab.mcp, "tools/list", json!({})).bearer_auth(access)).await.status;
    assert_eq!(status().await, 200);
    clock.advance(Duration::from_secs(5));
    assert_eq!(status().await, 401, "five seconds are over");

    let old = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(lab.refresh(&client, old).await.status, 200);
    clock.advance(Duration::from_secs(29));
    let in_grace = lab.refresh(&client, old).await;
    assert_eq!(in_grace.status, 200, "within the grace the old one works");
    clock.advance(Duration::from_mins(10));
    let new = in_grace.json();
    let swept = lab.refresh(&client, new["refresh_token"].as_str().unwrap()).await;
    assert!(swept.text.contains("not used for too long"), "{}", swept.text);
    assert_eq!(lab.auth.state().reuse_detections, 0);
    assert_eq!(lab.refresh(&client, old).await.status, 400);
    assert_eq!(lab.auth.state().reuse_detections, 1, "the grace is over");
}

#[tokio::test]
async fn without_rotation_a_refresh_token_stays_and_is_not_sent_again() {
    let lab = lab(TokenFaults { rotation: Rotation::Off, ..TokenFaults::default() });
    let (client, tokens) = lab.tokens().await;
    for _ in 0..3 {
        let answer = lab.refresh(&client, tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(answer.status, 200);
        assert!(answer.json().get("refresh_token").is_none(), "none comes back");
    }
    assert_eq!(lab.auth.state().refreshes, 3);
}

#[tokio::test]
async fn everything_can_be_taken_back_or_ended_at_run_time() {
    let lab = lab(TokenFaults::default());
    let (client, tokens) = lab.tokens().await;
    lab.auth.expire_access_tokens();
    let state = lab.auth.state();
    assert_eq!((state.live_access_tokens, state.live_refresh_tokens), (0, 1));
    let answer = lab.refresh(&client, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(answer.status, 200, "the sign-in can be renewed");
    lab.auth.revoke_everything();
    let answer = lab.refresh(&client, answer.json()["refresh_token"].as_str().unwrap()).await;
    assert_eq!(answer.json()["error"], json!("invalid_grant"));
    assert_eq!(lab.auth.state().live_access_tokens, 0);
}
