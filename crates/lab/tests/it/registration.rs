//! Switches of registration: what is refused in which words, and what a granted answer looks like.

use replug_lab::{
    AuthFaults, ClientMethod, Complaint, McpFaults, MethodRule, NameRule, Offered, PreRegistered, RedirectRule,
    RegistrationRules,
};
use serde_json::{Value, json};

use crate::client::{Answer, CALLBACK, Lab, registration};

async fn register_with(rules: RegistrationRules, change: impl FnOnce(&mut Value)) -> Answer {
    let mut faults = AuthFaults::default();
    faults.registration.rules = rules;
    let mut request = registration();
    change(&mut request);
    Lab::with(faults, McpFaults::default()).register(&request).await
}

#[tokio::test]
async fn a_name_outside_the_alphabet_is_refused_in_three_ways() {
    for (complaint, described, by_member) in
        [(Complaint::Described, true, false), (Complaint::ByMember, false, true), (Complaint::Silent, false, false)]
    {
        let rules = RegistrationRules { name: NameRule::Plain, complaint, ..RegistrationRules::default() };
        let refused = register_with(rules.clone(), |request| request["client_name"] = json!("Re/plug")).await;
        let body = refused.json();
        assert_eq!((refused.status, &body["error"]), (400, &json!("invalid_client_metadata")));
        assert_eq!(body.get("error_description").is_some(), described, "{complaint:?}");
        assert_eq!(body["errors"]["name"].is_array(), by_member, "{complaint:?}");
        let plain = register_with(rules, |_| ()).await;
        assert_eq!(plain.status, 201, "letters pass: {}", plain.text);
    }
}

#[tokio::test]
async fn a_service_can_insist_on_a_name_or_on_an_approved_app() {
    let exactly =
        RegistrationRules { name: NameRule::Exactly("Partner App".to_owned()), ..RegistrationRules::default() };
    assert_eq!(register_with(exactly.clone(), |_| ()).await.status, 400, "another name");
    let named = register_with(exactly, |request| request["client_name"] = json!("Partner App")).await;
    assert_eq!(named.status, 201, "the given name");
    let approved =
        RegistrationRules { name: NameRule::Approved(vec!["Partner App".to_owned()]), ..RegistrationRules::default() };
    let refused = register_with(approved, |_| ()).await;
    assert_eq!((refused.status, refused.text.as_str()), (403, "Forbidden"), "no OAuth error at all");
    let nothing = RegistrationRules { name: NameRule::Nothing, ..RegistrationRules::default() };
    assert_eq!(register_with(nothing.clone(), |_| ()).await.status, 400);
    let nameless = register_with(nothing, |request| {
        request.as_object_mut().unwrap().remove("client_name");
    })
    .await;
    assert_eq!(nameless.status, 201, "without a name it passes");
}

#[tokio::test]
async fn each_member_of_a_request_can_be_the_one_that_is_refused() {
    let rules = RegistrationRules::default;
    let stated = RegistrationRules { method: MethodRule::Stated, ..rules() };
    let silent = |request: &mut Value| {
        request.as_object_mut().unwrap().remove("token_endpoint_auth_method");
    };
    let refused = register_with(stated, silent).await;
    assert!(refused.text.contains("client_secret_basic"), "{}", refused.text);
    let only_post = RegistrationRules { method: MethodRule::OneOf(vec![ClientMethod::Post]), ..rules() };
    assert_eq!(register_with(only_post, |_| ()).await.status, 400, "none is not post");
    let strict = RegistrationRules { refuses_unknown_members: true, ..rules() };
    let refused = register_with(strict, |request| request["resource"] = json!("x")).await;
    assert!(refused.text.contains("resource"), "{}", refused.text);
    let scopeless = RegistrationRules { forbidden_members: vec!["scope".to_owned()], ..rules() };
    let refused = register_with(scopeless, |request| request["scope"] = json!("openid")).await;
    assert_eq!(refused.status, 400, "scope is forbidden");
    let no_refresh = RegistrationRules { refuses_refresh_grant: true, ..rules() };
    assert_eq!(register_with(no_refresh, |_| ()).await.status, 400);
}

#[tokio::test]
async fn redirect_addresses_can_be_refused_by_host_and_by_policy() {
    let with = |redirect| RegistrationRules { redirect, ..RegistrationRules::default() };
    let by_name = |request: &mut Value| request["redirect_uris"] = json!(["http://localhost:49152/callback"]);
    assert_eq!(register_with(with(RedirectRule::NameOnly), |_| ()).await.status, 400);
    assert_eq!(register_with(with(RedirectRule::NameOnly), by_name).await.status, 201);
    assert_eq!(register_with(with(RedirectRule::NumberOnly), by_name).await.status, 400);
    assert_eq!(register_with(with(RedirectRule::NumberOnly), |_| ()).await.status, 201);
    let refused = register_with(with(RedirectRule::TrustedHosts), |_| ()).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("Trusted Hosts"), "{}", refused.text);
    let plain = register_with(with(RedirectRule::Loopback), |request| {
        request["redirect_uris"] = json!(["http://app.example/callback"]);
    })
    .await;
    assert_eq!(plain.json()["error"], json!("invalid_redirect_uri"), "http elsewhere");
}

#[tokio::test]
async fn a_service_can_decide_on_another_method_and_send_a_secret_with_it() {
    let mut faults = AuthFaults::default();
    faults.registration.answer.method = Some(ClientMethod::Post);
    faults.registration.answer.secret_lifetime_s = Some(3600);
    let lab = Lab::with(faults, McpFaults::default());
    let client = lab.register(&registration()).await.json();
    assert_eq!(client["token_endpoint_auth_method"], json!("client_secret_post"));
    assert!(client["client_secret"].is_string(), "the secret it needs now");
    let lives = client["client_secret_expires_at"].as_i64().unwrap() - client["client_id_issued_at"].as_i64().unwrap();
    assert_eq!(lives, 3600);
    lab.auth.change_faults(|faults| {
        faults.registration.answer.method = None;
        faults.registration.answer.needless_secret = true;
        faults.registration.management = Offered::No;
    });
    let client = lab.register(&registration()).await.json();
    assert_eq!(client["token_endpoint_auth_method"], json!("none"));
    assert!(client["client_secret"].is_string(), "a secret nobody asked for");
    assert!(client.get("registration_access_token").is_none(), "no management");
}

#[tokio::test]
async fn a_pre_registered_client_signs_in_where_registration_is_not_offered() {
    let mut faults = AuthFaults::default();
    faults.metadata.registration = Offered::No;
    let lab = Lab::with(faults, McpFaults::default());
    lab.auth.add_client(PreRegistered {
        id: "given-id".to_owned(),
        secret: Some("given-secret".to_owned()),
        method: ClientMethod::Post,
        redirect_uris: vec![CALLBACK.to_owned()],
    });
    let code = lab.code("given-id", &[]).await;
    let answer = lab.exchange("given-id", &code, &[("client_secret", "given-secret")]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let refused = lab.register(&registration()).await;
    assert_eq!(refused.status, 201, "who guesses the address is served all the same");
}

#[tokio::test]
async fn clients_can_be_forgotten_by_hand_and_after_a_number_of_tokens() {
    let mut faults = AuthFaults::default();
    faults.registration.forget_after_tokens = Some(2);
    let lab = Lab::with(faults, McpFaults::default());
    let (client, tokens) = lab.tokens().await;
    assert_eq!(lab.auth.client_ids(), std::slice::from_ref(&client), "one token is not enough");
    let refreshed = lab.refresh(&client, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(refreshed.status, 200, "the second token is still given");
    assert!(lab.auth.client_ids().is_empty(), "then the client is forgotten");

    let (one, two) = (lab.client_id().await, lab.client_id().await);
    lab.auth.forget_client(&one);
    assert_eq!(lab.auth.client_ids(), [two]);
    lab.auth.forget_all_clients();
    assert_eq!(lab.auth.state().live_clients, 0);
}
