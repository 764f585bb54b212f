//! Switches of the authorization endpoint: who is asked, what is refused where, and how the answer comes back.

use replug_lab::{
    AuthFaults, AuthorizeFaults, Consent, McpFaults, RedirectMatch, ResourceRule, Returns, ScopeRule, StateEcho,
    UnknownClient,
};

use crate::client::{Lab, http, send};

fn lab(faults: AuthorizeFaults) -> Lab {
    let faults = AuthFaults { authorize: faults, ..AuthFaults::default() };
    Lab::with(faults, McpFaults::default())
}

#[tokio::test]
async fn a_person_can_allow_or_deny_once() {
    let lab = lab(AuthorizeFaults::default());
    let client = lab.client_id().await;
    let page = lab.authorize(&client, &[]).await;
    assert!(page.text.contains("Replug wants to connect"), "{}", page.text);
    let denied = lab.decide(&page, "deny").await;
    assert_eq!(denied.returned("error").as_deref(), Some("access_denied"));
    assert_eq!(denied.returned("state").as_deref(), Some("the-state"));
    assert_eq!(lab.decide(&page, "allow").await.status, 400, "it was answered before");
    assert_eq!(lab.auth.state().consents, 0);
    lab.auth.change_faults(|faults| faults.authorize.consent = Consent::Immediate);
    let answer = lab.authorize(&client, &[]).await;
    assert_eq!(answer.status, 302, "nobody is asked");
    assert!(answer.returned("code").is_some(), "a code at once");
}

#[tokio::test]
async fn an_unknown_client_is_shown_a_page_and_never_called_back() {
    for (unknown_client, status, kind) in [
        (UnknownClient::Page400, 400, "text/html"),
        (UnknownClient::Page401, 401, "text/html"),
        (UnknownClient::Page200, 200, "text/html"),
        (UnknownClient::Json400, 400, "application/json"),
        (UnknownClient::Json422, 422, "application/json"),
    ] {
        let lab = lab(AuthorizeFaults { unknown_client, ..AuthorizeFaults::default() });
        let answer = lab.authorize("forgotten", &[]).await;
        assert_eq!(answer.status, status, "{unknown_client:?}");
        assert!(answer.header("content-type").starts_with(kind), "{unknown_client:?}");
        assert_eq!(answer.header("location"), "", "{unknown_client:?}");
        assert!(answer.text.contains("client"), "it says what is unknown: {}", answer.text);
    }
}

#[tokio::test]
async fn a_redirect_address_may_differ_in_its_port_or_not_at_all() {
    let other_port = [("redirect_uri", "http://127.0.0.1:50000/callback")];
    let others = [
        [("redirect_uri", "http://localhost:49152/callback")],
        [("redirect_uri", "http://127.0.0.1:49152/oauth/callback")],
        [("redirect_uri", "https://evil.example/callback")],
        [("redirect_uri", "")],
    ];
    let lab = lab(AuthorizeFaults::default());
    let client = lab.client_id().await;
    assert_eq!(lab.authorize(&client, &other_port).await.status, 200, "RFC 8252 §7.3");
    for other in &others {
        let answer = lab.authorize(&client, other).await;
        assert_eq!((answer.status, answer.header("location")), (400, ""), "{other:?}");
    }
    lab.auth.change_faults(|faults| faults.authorize.redirects = RedirectMatch::Exact);
    assert_eq!(lab.authorize(&client, &other_port).await.status, 400, "exactly");
    assert_eq!(lab.authorize(&client, &[]).await.status, 200, "the registered one");
}

#[tokio::test]
async fn unacceptable_requests_come_back_with_the_error_of_the_switch() {
    let lab = lab(AuthorizeFaults::default());
    let client = lab.client_id().await;
    let error = async |more: &[(&str, &str)]| lab.authorize(&client, more).await.returned("error");
    assert_eq!(error(&[("code_challenge", "")]).await.as_deref(), Some("invalid_request"));
    let plain = [("code_challenge_method", "plain")];
    assert_eq!(error(&plain).await.as_deref(), Some("invalid_request"), "S256 only");
    let token = [("response_type", "token")];
    assert_eq!(error(&token).await.as_deref(), Some("unsupported_response_type"));

    lab.auth.change_faults(|faults| faults.authorize.scope = ScopeRule::Required);
    assert_eq!(error(&[]).await.as_deref(), Some("invalid_scope"), "none was named");
    assert_eq!(error(&[("scope", "read")]).await, None);
    lab.auth.change_faults(|faults| {
        faults.authorize.scope = ScopeRule::Known(vec!["read".to_owned()]);
    });
    let more = [("scope", "read offline_access")];
    assert_eq!(error(&more).await.as_deref(), Some("invalid_scope"));
    lab.auth.change_faults(|faults| {
        faults.authorize.scope = ScopeRule::Any;
        faults.resource = ResourceRule::Known(vec!["https://known.example/mcp".to_owned()]);
    });
    assert_eq!(error(&[]).await.as_deref(), Some("invalid_target"));
    lab.auth.change_faults(|faults| faults.resource = ResourceRule::Refused);
    let page = lab.authorize(&client, &[]).await;
    assert!(page.text.contains("AADSTS9010010"), "a page, no callback: {}", page.text);
    lab.auth.change_faults(|faults| {
        faults.resource = ResourceRule::Any;
        faults.authorize.error = Some("server_error".to_owned());
    });
    assert_eq!(error(&[]).await.as_deref(), Some("server_error"));
}

#[tokio::test]
async fn an_answer_can_come_back_by_four_ways() {
    let lab = lab(AuthorizeFaults::default());
    let client = lab.client_id().await;
    let by = async |returns| {
        lab.auth.change_faults(|faults| faults.authorize.returns = returns);
        let page = lab.authorize(&client, &[]).await;
        lab.decide(&page, "allow").await
    };
    assert_eq!(by(Returns::Found).await.status, 302);
    let repeated = by(Returns::Repeated).await;
    assert_eq!(repeated.status, 307, "the browser repeats its POST");
    assert!(repeated.returned("code").is_some(), "with the code in the query");
    let posting = by(Returns::FormPost).await;
    assert_eq!(posting.status, 200);
    assert!(posting.text.contains("onload=\"document.forms[0].submit()\""));
    assert!(posting.text.contains("name=\"code\""), "{}", posting.text);
    let never = by(Returns::Never).await;
    assert_eq!((never.status, never.header("location")), (200, ""));
    assert!(!never.text.contains("<form"), "nothing leads back");
}

#[tokio::test]
async fn state_can_be_lost_or_changed_on_the_way_back() {
    for (state, expected) in
        [(StateEcho::Same, Some("the-state")), (StateEcho::Missing, None), (StateEcho::Changed, Some("another-state"))]
    {
        let lab = lab(AuthorizeFaults { state, consent: Consent::Immediate, ..AuthorizeFaults::default() });
        let client = lab.client_id().await;
        let answer = lab.authorize(&client, &[]).await;
        assert_eq!(answer.returned("state").as_deref(), expected, "{state:?}");
    }
}

#[tokio::test]
async fn a_member_that_is_sent_twice_is_refused() {
    let lab = lab(AuthorizeFaults::default());
    let client = lab.client_id().await;
    let address = format!("{}&client_id=other", lab.authorize_address(&client, &[]));
    let answer = send(http().get(address)).await;
    assert_eq!(answer.status, 400, "RFC 6749 §3.1");
    assert!(answer.text.contains("client_id"), "{}", answer.text);
}
