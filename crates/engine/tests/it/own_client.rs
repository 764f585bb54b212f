//! Clients that a person entered by hand: the ID, and the secret where there is one, are kept with the tokens and used for as
//! long as those are, whatever becomes of the settings.

use replug_core::State;
use replug_engine::wire::{EditConnector, SecretEdit};
use replug_lab::{
    AuthFaults, ClientMethod, McpFaults, McpServer, MetadataFaults, Offered, PreRegistered, Reads, RedirectMatch,
    RefusedRedirect,
};

use crate::scene::{Scene, TOKEN_LIFE, actions, expect_refused, expect_signed_in, fact, free_port};

const ID: &str = "client-by-hand";
const SECRET: &str = "s3cr:t with spaces & signs";

/// A service that knows one client and registers none, and a connector with that client in its settings.
async fn scene(method: ClientMethod) -> Scene {
    let has_secret = method != ClientMethod::Public;
    let port = free_port();
    let metadata =
        MetadataFaults { registration: Offered::No, auth_methods: Some(vec![method]), ..MetadataFaults::default() };
    let settings = EditConnector {
        client_id: Some(ID.to_owned()),
        client_secret: if has_secret { SecretEdit::Set(SECRET.to_owned()) } else { SecretEdit::Keep },
        callback_port: Some(port),
        ..EditConnector::default()
    };
    let faults = AuthFaults { metadata, ..AuthFaults::default() };
    let scene = Scene::with_settings(faults, McpFaults::default(), settings).await;
    scene.auth.add_client(PreRegistered {
        id: ID.to_owned(),
        secret: has_secret.then(|| SECRET.to_owned()),
        method,
        redirect_uris: vec![format!("http://127.0.0.1:{port}/callback")],
    });
    scene
}

/// Whether the last token request proved this client in the way it has to.
fn proved(scene: &Scene, method: ClientMethod) -> bool {
    let request = scene.auth.requests().last("/token").unwrap();
    match method {
        ClientMethod::Public => request.value("client_id") == Some(ID) && !request.has("client_secret"),
        ClientMethod::Post => request.value("client_id") == Some(ID) && request.has("client_secret"),
        ClientMethod::Basic => request.authorization.as_deref() == Some("basic") && !request.has("client_secret"),
    }
}

#[tokio::test]
async fn the_client_is_stored_with_the_tokens_and_renews_them_when_its_settings_are_gone() {
    for method in [ClientMethod::Public, ClientMethod::Post, ClientMethod::Basic] {
        let scene = scene(method).await.signed_in().await;
        assert!(proved(&scene, method), "{method:?} at the exchange");
        let gone = EditConnector {
            client_id: Some(String::new()),
            client_secret: SecretEdit::Clear,
            callback_port: Some(0),
            ..EditConnector::default()
        };
        scene.edit(gone).await;
        let scene = scene.restarted().await;
        scene.test.clock.advance(TOKEN_LIFE);
        scene.expect_green_without_browser().await;
        assert_eq!(scene.auth.state().refreshes, 1);
        assert!(proved(&scene, method), "{method:?} at the renewal");
    }
}

#[tokio::test]
async fn an_address_that_was_edited_away_and_back_finds_its_sign_in_again() {
    let scene = scene(ClientMethod::Basic).await.signed_in().await;
    let before = scene.grant().await;
    let elsewhere = McpServer::start(McpFaults::default(), None).unwrap();
    let to = |address: String| EditConnector { address: Some(address), ..EditConnector::default() };
    scene.edit(to(elsewhere.address())).await;
    assert_eq!(scene.check().await.health.state, State::Connected);
    let visits = elsewhere.requests().all();
    assert!(visits.iter().all(|visit| visit.authorization.is_none()), "the token is for another address");
    assert_eq!(scene.grant().await, before, "and is kept");

    scene.edit(to(scene.server.address())).await;
    scene.expect_green_without_browser().await;
    let scene = scene.restarted().await;
    scene.test.clock.advance(TOKEN_LIFE);
    scene.expect_green_without_browser().await;
    assert!(proved(&scene, ClientMethod::Basic));
}

#[tokio::test]
async fn a_secret_that_is_read_in_the_other_place_is_sent_there_and_that_is_remembered() {
    let scene = scene(ClientMethod::Basic).await;
    scene.auth.change_faults(|faults| faults.token.reads = Reads::BodyOnly);
    let scene = scene.signed_in().await;
    assert_eq!(scene.auth.requests().count("/token"), 2, "one try in each way");
    scene.test.clock.advance(TOKEN_LIFE);
    scene.expect_green_without_browser().await;
    assert_eq!(scene.auth.requests().count("/token"), 3, "the way that worked is remembered");
}

#[tokio::test]
async fn a_callback_address_that_nobody_entered_at_the_service_is_named_before_a_browser_opens() {
    for shown in [
        RefusedRedirect::Page400,
        RefusedRedirect::Page403,
        RefusedRedirect::Json400,
        RefusedRedirect::ErrorPage,
        RefusedRedirect::Page200,
    ] {
        let scene = scene(ClientMethod::Public).await;
        scene.auth.change_faults(|faults| {
            faults.authorize.redirects = RedirectMatch::Exact;
            faults.authorize.refused_redirect = shown;
        });
        let right = scene.test.engine.show(&scene.id).await.unwrap().settings.callback_port;
        let port = |port: u16| EditConnector { callback_port: Some(port), ..EditConnector::default() };
        let wrong = free_port();
        scene.edit(port(wrong)).await;
        let done = scene.sign_in_briefly().await;
        let (cause, opened) = if shown == RefusedRedirect::Page200 {
            (expect_refused(&done, State::NeedsSignIn, "RPL-AUTH-TIMEOUT"), 1)
        } else {
            (expect_refused(&done, State::NeedsSetup, "RPL-REG-REDIRECT-REFUSED"), 0)
        };
        assert_eq!(scene.opened(), opened, "{shown:?}: only a page that a person understands is shown to one");
        assert_eq!(fact(&cause, "Callback address"), format!("http://127.0.0.1:{wrong}/callback"), "{shown:?}");
        scene.edit(port(right.unwrap())).await;
        expect_signed_in(&scene.sign_in().await);
    }
}

#[tokio::test]
async fn a_wrong_secret_is_a_matter_of_the_settings_and_not_of_a_new_registration() {
    let scene = scene(ClientMethod::Basic).await;
    let secret =
        |text: &str| EditConnector { client_secret: SecretEdit::Set(text.to_owned()), ..EditConnector::default() };
    scene.edit(secret("another")).await;
    let cause = expect_refused(&scene.sign_in().await, State::NeedsSetup, "RPL-REG-CLIENT-REFUSED");
    assert_eq!(actions(&cause)[0], replug_core::ActionId::EditSettings);
    assert_eq!(scene.opened(), 1, "the browser is not sent round again");
    scene.edit(secret(SECRET)).await;
    expect_signed_in(&scene.sign_in().await);
}

#[tokio::test]
async fn a_secret_that_was_changed_at_the_service_is_replaced_by_the_one_entered_next() {
    let scene = scene(ClientMethod::Post).await.signed_in().await;
    let renewed = |secret: &str| PreRegistered {
        id: ID.to_owned(),
        secret: Some(secret.to_owned()),
        method: ClientMethod::Post,
        redirect_uris: vec![scene_redirect(&scene)],
    };
    scene.auth.add_client(renewed("new-secret"));
    scene.test.clock.advance(TOKEN_LIFE);
    let before = scene.grant().await;
    scene.expect(State::NeedsSetup, "RPL-REG-CLIENT-REFUSED").await;
    assert_eq!(scene.grant().await, before, "the tokens are kept: they are good with the right secret");
    let entered = SecretEdit::Set("new-secret".to_owned());
    scene.edit(EditConnector { client_secret: entered, ..EditConnector::default() }).await;
    scene.expect_green_without_browser().await;
}

fn scene_redirect(scene: &Scene) -> String {
    let opened = scene.test.person.opened().pop().unwrap();
    let url = url::Url::parse(&opened).unwrap();
    let redirect = url.query_pairs().find(|(name, _)| name == "redirect_uri").map(|(_, value)| value.into_owned());
    redirect.unwrap()
}
