//! Services that refuse a registration, or offer none: what is named as the cause, and the way out that then works.

use replug_core::{ActionId, State};
use replug_engine::wire::{EditConnector, SecretEdit};
use replug_lab::{
    AuthFaults, ClientMethod, Complaint, Front, McpFaults, MetadataFaults, NameRule, Offered, Optionals, PreRegistered,
    PrmFaults, PrmPlaces, Published, RedirectMatch, RedirectRule, RegistrationFaults, RegistrationRules, TokenAnswer,
};
use serde_json::{Value, json};

use crate::scene::{Scene, TOKEN_LIFE, actions, expect, expect_refused, expect_signed_in, fact, free_port};

fn refusing_names(name: NameRule, complaint: Complaint) -> AuthFaults {
    let rules = RegistrationRules { name, complaint, ..RegistrationRules::default() };
    AuthFaults { registration: RegistrationFaults { rules, ..RegistrationFaults::default() }, ..AuthFaults::default() }
}

fn not_offering() -> AuthFaults {
    let metadata = MetadataFaults { registration: Offered::No, ..MetadataFaults::default() };
    AuthFaults { metadata, ..AuthFaults::default() }
}

fn named(name: &str) -> EditConnector {
    EditConnector { client_name: Some(name.to_owned()), ..EditConnector::default() }
}

/// A public client that the service's owner made for this callback address, and its ID in the settings.
async fn enter_client(scene: &Scene, redirect: &str) {
    scene.auth.add_client(PreRegistered {
        id: "client-by-hand".to_owned(),
        secret: None,
        method: ClientMethod::Public,
        redirect_uris: vec![redirect.to_owned()],
    });
    scene.auth.change_faults(|faults| faults.authorize.redirects = RedirectMatch::Exact);
    scene.edit(EditConnector { client_id: Some("client-by-hand".to_owned()), ..EditConnector::default() }).await;
}

/// The callback address that a finding tells a person to register.
fn callback_of(cause: &replug_engine::wire::FindingView) -> String {
    fact(cause, "Callback address").to_owned()
}

fn on_a_free_port() -> EditConnector {
    EditConnector { callback_port: Some(free_port()), ..EditConnector::default() }
}

#[tokio::test]
async fn a_name_with_characters_that_a_service_does_not_take_is_made_plain() {
    for complaint in [Complaint::Described, Complaint::ByMember, Complaint::Silent] {
        let faults = refusing_names(NameRule::Plain, complaint);
        let scene = Scene::with_settings(faults, McpFaults::default(), named("Jo's & Replug!")).await;
        expect_signed_in(&scene.sign_in().await);
        let asked = scene.auth.requests().to("/register");
        let names: Vec<_> = asked.iter().map(|request| request.value("client_name").unwrap()).collect();
        assert_eq!(names, ["Jo's & Replug!", "Jo s Replug"], "{complaint:?}: as typed, then plain");
        assert_eq!(scene.auth.state().registrations, 1);
    }
}

#[tokio::test]
async fn a_service_that_wants_a_name_of_its_own_is_named_and_the_right_name_mends_it() {
    for (complaint, code) in [
        (Complaint::Described, "RPL-REG-NAME-REFUSED"),
        (Complaint::ByMember, "RPL-REG-NAME-REFUSED"),
        // Nothing says what is wrong, and nothing that was changed about the request helped.
        (Complaint::Silent, "RPL-REG-METADATA-REFUSED"),
    ] {
        let scene =
            Scene::set(refusing_names(NameRule::Exactly("Acme Desk".to_owned()), complaint), McpFaults::default())
                .await;
        let cause = expect_refused(&scene.sign_in().await, State::NeedsSetup, code);
        assert_eq!(actions(&cause)[0], ActionId::EditSettings);
        assert!(cause.said.as_ref().unwrap().contains("invalid_client_metadata"), "{cause:?}");
        assert_eq!(scene.opened(), 0, "no browser without a client");
        expect(&scene.check().await, State::NeedsSetup, code);

        let edited = scene.edit(named("Acme Desk")).await;
        assert_eq!(edited.id, scene.id.to_string());
        scene.expect(State::NeedsSignIn, "RPL-AUTH-NEVER").await;
        expect_signed_in(&scene.sign_in().await);
    }
}

#[tokio::test]
async fn a_service_that_takes_no_name_gets_none_and_is_not_asked_to_take_one_again() {
    for complaint in [Complaint::Described, Complaint::ByMember, Complaint::Silent] {
        let scene = Scene::set(refusing_names(NameRule::Nothing, complaint), McpFaults::default()).await;
        expect_signed_in(&scene.sign_in().await);
        let asked = scene.auth.requests().to("/register");
        assert!(!asked.last().unwrap().has("client_name"), "{complaint:?}");
        scene.forget().await;
        expect_signed_in(&scene.sign_in().await);
        let again = scene.auth.requests().count("/register");
        assert_eq!(again, asked.len() + 1, "{complaint:?}: it is remembered what was left out");
    }
}

#[tokio::test]
async fn what_was_learned_about_a_service_is_tried_afresh_when_it_does_not_help_any_more() {
    let scene = Scene::set(refusing_names(NameRule::Nothing, Complaint::Silent), McpFaults::default()).await;
    expect_signed_in(&scene.sign_in().await);
    scene.forget().await;
    scene.auth.change_faults(|faults| faults.registration.rules.name = NameRule::Exactly("Replug".to_owned()));
    let asked = scene.auth.requests().count("/register");
    expect_signed_in(&scene.sign_in().await);
    assert_eq!(scene.auth.requests().count("/register"), asked + 2, "without the name, then with everything");
}

#[tokio::test]
async fn one_attempt_asks_nine_times_at_most_also_when_what_was_learned_does_not_help_any_more() {
    let scene = Scene::set(refusing_names(NameRule::Nothing, Complaint::ByMember), McpFaults::default()).await;
    expect_signed_in(&scene.sign_in().await);
    scene.forget().await;
    scene.auth.change_faults(|faults| {
        faults.registration = refusing_names(NameRule::Exactly("Acme Desk".to_owned()), Complaint::Silent).registration;
    });
    let asked = scene.auth.requests().count("/register");
    expect_refused(&scene.sign_in().await, State::NeedsSetup, "RPL-REG-METADATA-REFUSED");
    let count = scene.auth.requests().count("/register") - asked;
    assert!((3..=9).contains(&count), "{count} requests");
}

#[tokio::test]
async fn a_service_that_knows_one_callback_path_only_gets_it_and_that_is_remembered() {
    let rules = RegistrationRules { redirect: RedirectRule::UsualPath, ..RegistrationRules::default() };
    let registration = RegistrationFaults { rules, ..RegistrationFaults::default() };
    let scene = Scene::set(AuthFaults { registration, ..AuthFaults::default() }, McpFaults::default()).await;
    expect_signed_in(&scene.sign_in().await);
    let asked = scene.auth.requests().count("/register");
    assert_eq!(asked, 3, "the other name of this computer, then the usual path");
    scene.forget().await;
    expect_signed_in(&scene.sign_in().await);
    assert_eq!(scene.auth.requests().count("/register"), asked + 1);

    let own = EditConnector { callback_path: Some("/mine".to_owned()), ..EditConnector::default() };
    scene.forget().await;
    scene.edit(own).await;
    let cause = expect_refused(&scene.sign_in().await, State::NeedsSetup, "RPL-REG-REDIRECT-REFUSED");
    assert!(callback_of(&cause).ends_with("/mine"), "what the person set is not changed: {cause:?}");
}

#[tokio::test]
async fn a_client_id_is_the_other_way_out_when_a_name_is_refused() {
    let faults = refusing_names(NameRule::Exactly("Acme Desk".to_owned()), Complaint::ByMember);
    let scene = Scene::with_settings(faults, McpFaults::default(), on_a_free_port()).await;
    let cause = expect_refused(&scene.sign_in().await, State::NeedsSetup, "RPL-REG-NAME-REFUSED");
    assert_eq!(fact(&cause, "Name"), "Replug");
    enter_client(&scene, &callback_of(&cause)).await;
    let asked = scene.auth.requests().count("/register");
    expect_signed_in(&scene.sign_in().await);
    assert_eq!(scene.auth.requests().count("/register"), asked, "nothing was registered any more");
}

#[tokio::test]
async fn a_service_that_admits_approved_apps_only_is_not_asked_again_and_again() {
    let names = NameRule::Approved(vec!["Somebody Else".to_owned()]);
    let scene = Scene::set(refusing_names(names, Complaint::Described), McpFaults::default()).await;
    expect_refused(&scene.sign_in().await, State::NeedsSetup, "RPL-REG-NOT-APPROVED");
    assert_eq!(scene.auth.requests().count("/register"), 1, "and never under another product's name");
}

#[tokio::test]
async fn without_a_registration_endpoint_a_client_id_for_the_shown_address_works() {
    let scene = Scene::with_settings(not_offering(), McpFaults::default(), on_a_free_port()).await;
    let cause = scene.expect(State::NeedsSetup, "RPL-REG-NOT-OFFERED").await;
    assert_eq!(actions(&cause)[0], ActionId::EditSettings);
    let again = expect_refused(&scene.sign_in().await, State::NeedsSetup, "RPL-REG-NOT-OFFERED");
    assert_eq!(callback_of(&again), callback_of(&cause), "one address, before and after an attempt");
    assert_eq!(scene.opened(), 0);
    enter_client(&scene, &callback_of(&cause)).await;
    scene.expect(State::NeedsSignIn, "RPL-AUTH-NEVER").await;
    expect_signed_in(&scene.sign_in().await);
}

#[tokio::test]
async fn a_service_that_is_known_tells_how_a_client_is_made_there() {
    let mut faults = not_offering();
    faults.metadata.issuer_path = "/realms/staff".to_owned();
    let scene = Scene::with_settings(faults, McpFaults::default(), on_a_free_port()).await;
    let cause = scene.expect(State::NeedsSetup, "RPL-REG-NOT-OFFERED").await;
    assert_eq!(cause.text, "Keycloak wants a client ID.");
    assert!(fact(&cause, "Step 2").contains("valid redirect URI"), "{cause:?}");
    let again = expect_refused(&scene.sign_in().await, State::NeedsSetup, "RPL-REG-NOT-OFFERED");
    assert_eq!(again.evidence, cause.evidence, "the same steps and address, before and after an attempt");
}

#[tokio::test]
async fn an_error_number_of_a_known_service_is_put_into_plain_words() {
    let scene = Scene::healthy().await;
    let body =
        json!({"error": "invalid_client", "error_description": "AADSTS7000218: The request body must contain …"});
    scene.auth.change_faults(|faults| faults.token.front = Front::Json { status: 401, body });
    let done = scene.sign_in().await;
    let text = done.error.unwrap().text;
    assert!(text.starts_with("Microsoft wants a client secret"), "{text}");
    let cause = done.connector.unwrap().health.cause.unwrap();
    assert_eq!(cause.text, text, "the verdict says the same");
    assert!(cause.said.unwrap().contains("AADSTS7000218"), "the number is one click away");
}

#[tokio::test]
async fn the_address_to_register_does_not_change_when_nothing_is_set() {
    let scene = Scene::set(not_offering(), McpFaults::default()).await;
    let cause = scene.expect(State::NeedsSetup, "RPL-REG-NOT-OFFERED").await;
    let shown = scene.test.engine.show(&scene.id).await.unwrap().settings.redirect_address;
    assert_eq!(callback_of(&cause), shown);
    let after = expect_refused(&scene.sign_in().await, State::NeedsSetup, "RPL-REG-NOT-OFFERED");
    assert_eq!(callback_of(&after), shown);
}

/// A server of 2025-03-26 that describes nothing, and whose registration address is not there.
async fn undescribed() -> Scene {
    let auth = AuthFaults {
        metadata: MetadataFaults { published: Published::Nowhere, ..MetadataFaults::default() },
        registration: RegistrationFaults {
            front: Front::Plain { status: 404, body: String::new() },
            ..RegistrationFaults::default()
        },
        ..AuthFaults::default()
    };
    let mcp = McpFaults {
        carries_auth: true,
        metadata: PrmFaults { places: PrmPlaces::Nowhere, ..PrmFaults::default() },
        ..McpFaults::default()
    };
    Scene::with_settings(auth, mcp, on_a_free_port()).await
}

#[tokio::test]
async fn an_endpoint_that_nobody_advertises_and_that_is_not_there_is_told_apart() {
    let scene = undescribed().await;
    scene.expect(State::NeedsSignIn, "RPL-AUTH-NEVER").await;
    let cause = expect_refused(&scene.sign_in().await, State::NeedsSetup, "RPL-REG-NOT-ADVERTISED");
    assert_eq!(actions(&cause)[0], ActionId::EditSettings);
    enter_client(&scene, &callback_of(&cause)).await;
    expect_signed_in(&scene.sign_in().await);
}

#[tokio::test]
async fn a_firewall_before_the_registration_is_told_apart() {
    for status in [200, 403] {
        let registration = RegistrationFaults { front: Front::Firewall { status }, ..RegistrationFaults::default() };
        let faults = AuthFaults { registration, ..AuthFaults::default() };
        let scene = Scene::with_settings(faults, McpFaults::default(), on_a_free_port()).await;
        let cause = expect_refused(&scene.sign_in().await, State::NeedsSetup, "RPL-REG-BLOCKED");
        assert!(actions(&cause).contains(&ActionId::SignIn), "it can be tried again as it is: {cause:?}");
        assert_eq!(fact(&cause, "Ray ID"), "8f00ba4000000000-LAB");
        let redirect = callback_of(&cause);

        scene.auth.change_faults(|faults| faults.registration.front = Front::Open);
        expect_signed_in(&scene.sign_in().await);
        scene.forget().await;
        scene.auth.change_faults(|faults| faults.registration.front = Front::Firewall { status });
        enter_client(&scene, &redirect).await;
        expect_signed_in(&scene.sign_in().await);
    }
}

#[tokio::test]
async fn a_service_that_limits_registrations_is_waited_for() {
    let registration =
        RegistrationFaults { front: Front::RateLimited { retry_after_s: 60 }, ..RegistrationFaults::default() };
    let scene = Scene::set(AuthFaults { registration, ..AuthFaults::default() }, McpFaults::default()).await;
    let cause = expect_refused(&scene.sign_in().await, State::Failed, "RPL-REG-RATE-LIMITED");
    assert_eq!(fact(&cause, "Retry after"), "60 s");
    assert_eq!(scene.auth.requests().count("/register"), 1, "one registration for each attempt");
    assert_eq!(actions(&cause)[0], ActionId::SignIn, "a check alone would not register");
    scene.auth.change_faults(|faults| faults.registration.front = Front::Open);
    expect_signed_in(&scene.sign_in().await);
}

#[tokio::test]
async fn a_callback_address_that_the_service_refuses_is_named() {
    let rules = RegistrationRules { redirect: RedirectRule::NameOnly, ..RegistrationRules::default() };
    let registration = RegistrationFaults { rules, ..RegistrationFaults::default() };
    let faults = AuthFaults { registration, ..AuthFaults::default() };
    let by_number = EditConnector { callback_host: Some("127.0.0.1".to_owned()), ..on_a_free_port() };
    let scene = Scene::with_settings(faults.clone(), McpFaults::default(), by_number).await;
    let cause = expect_refused(&scene.sign_in().await, State::NeedsSetup, "RPL-REG-REDIRECT-REFUSED");
    assert_eq!(actions(&cause)[0], ActionId::EditSettings);
    assert!(callback_of(&cause).starts_with("http://127.0.0.1:"), "{cause:?}");
    scene.edit(EditConnector { callback_host: Some("localhost".to_owned()), ..EditConnector::default() }).await;
    expect_signed_in(&scene.sign_in().await);

    let free = Scene::set(faults, McpFaults::default()).await;
    expect_signed_in(&free.sign_in().await);
}

#[tokio::test]
async fn null_empty_or_missing_in_every_optional_member_is_no_obstacle() {
    for optionals in [Optionals::Null, Optionals::Empty, Optionals::Missing] {
        let mut auth = AuthFaults::default();
        auth.metadata.optionals = optionals;
        auth.registration.answer.optionals = optionals;
        let absent = if optionals == Optionals::Empty { json!("") } else { Value::Null };
        auth.token.answer = TokenAnswer {
            edits: TokenAnswer::default().edits.set("scope", absent.clone()).set("id_token", absent),
            ..TokenAnswer::default()
        };
        let mut mcp = McpFaults::default();
        mcp.metadata.optionals = optionals;
        let scene = Scene::set(auth, mcp).await;
        scene.expect(State::NeedsSignIn, "RPL-AUTH-NEVER").await;
        let scene = scene.signed_in().await;
        scene.test.clock.advance(TOKEN_LIFE);
        scene.expect_green_without_browser().await;
        assert_eq!(scene.auth.state().refreshes, 1, "{optionals:?}");
    }
}

#[tokio::test]
async fn a_secret_that_the_service_gave_unasked_is_stored_and_used() {
    let mut auth = AuthFaults::default();
    auth.registration.answer.method = Some(ClientMethod::Basic);
    let scene = Scene::set(auth, McpFaults::default()).await.signed_in().await;
    let scene = scene.restarted().await;
    scene.test.clock.advance(TOKEN_LIFE);
    scene.expect_green_without_browser().await;
    let renewal = scene.auth.requests().last("/token").unwrap();
    assert_eq!((renewal.value("grant_type"), renewal.authorization.as_deref()), (Some("refresh_token"), Some("basic")));
    let kept = scene.test.engine.show(&scene.id).await.unwrap().settings.client_secret_set;
    assert_eq!(kept, Some(false), "the service's secret is not the person's");
    scene.edit(EditConnector { client_secret: SecretEdit::Clear, ..EditConnector::default() }).await;
    scene.test.clock.advance(TOKEN_LIFE);
    scene.expect_green_without_browser().await;
}
