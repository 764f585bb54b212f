//! What stands between Replug and the endpoints of a sign-in: firewalls, locked documents, language redirects, a site that
//! moved. Each has its own cause, and none costs a sign-in that is stored.

use replug_core::{ActionId, State};
use replug_engine::wire::{EditConnector, SignInProgress, SignInStateName};
use replug_lab::{Front, Recorder};
use serde_json::json;

use crate::scene::{Scene, TOKEN_LIFE, actions, expect_refused, expect_signed_in, fact};

/// The endpoints of a connector and its sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Mcp,
    ResourceMetadata,
    ServiceMetadata,
    Registration,
    Authorize,
    Token,
}

impl At {
    const ALL: [Self; 6] =
        [Self::Mcp, Self::ResourceMetadata, Self::ServiceMetadata, Self::Registration, Self::Authorize, Self::Token];

    fn put(self, scene: &Scene, front: &Front) {
        let front = front.clone();
        match self {
            Self::Mcp => scene.server.change_faults(|faults| faults.front = front),
            Self::ResourceMetadata => scene.server.change_faults(|faults| faults.metadata.front = front),
            Self::ServiceMetadata => scene.auth.change_faults(|faults| faults.metadata.front = front),
            Self::Registration => scene.auth.change_faults(|faults| faults.registration.front = front),
            Self::Authorize => scene.auth.change_faults(|faults| faults.authorize.front = front),
            Self::Token => scene.auth.change_faults(|faults| faults.token.front = front),
        }
    }

    /// Whether a routine check of a connector that is signed in, and whose token has ended, asks here.
    const fn is_asked_by_a_check(self) -> bool {
        matches!(self, Self::Mcp | Self::Token)
    }
}

/// Tries to sign in; where only the browser sees the obstacle, it does not come back.
async fn try_to_sign_in(scene: &Scene, at: At) -> SignInProgress {
    if at == At::Authorize { scene.sign_in_briefly().await } else { scene.sign_in().await }
}

/// A stored sign-in survives the obstacle, also when its token ends meanwhile, and does its work as soon as it is gone.
async fn a_stored_sign_in_survives(at: At, front: &Front, code: &str) {
    let scene = Scene::healthy().await.signed_in().await;
    let before = scene.grant().await;
    at.put(&scene, front);
    scene.test.clock.advance(TOKEN_LIFE);
    if at.is_asked_by_a_check() {
        let checked = scene.check().await;
        crate::scene::expect(&checked, State::Failed, code);
        assert_ne!(checked.sign_in.state, SignInStateName::SignInNeeded, "{at:?}: nobody has to sign in again");
        let kept = scene.grant().await;
        if at == At::Token {
            assert_eq!(kept, before, "{at:?} {front:?}");
        }
        assert!(kept.is_some_and(|grant| grant.refresh.is_some()), "{at:?} {front:?}");
    } else {
        scene.expect_green_without_browser().await;
    }
    at.put(&scene, &Front::Open);
    let scene = scene.restarted().await;
    scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn a_firewalls_page_is_named_wherever_it_stands_and_gone_with_it() {
    for status in [200, 403] {
        for at in At::ALL {
            let (state, code) = match at {
                At::Registration => (State::NeedsSetup, "RPL-REG-BLOCKED"),
                // Only the browser meets this one, and a browser may get through.
                At::Authorize => (State::NeedsSignIn, "RPL-AUTH-TIMEOUT"),
                _ => (State::Failed, "RPL-HTTP-BLOCKED-PAGE"),
            };
            let scene = Scene::healthy().await;
            at.put(&scene, &Front::Firewall { status });
            let done = try_to_sign_in(&scene, at).await;
            let cause = expect_refused(&done, state, code);
            assert!(!cause.actions.is_empty(), "{at:?}");
            let place = match at {
                At::ResourceMetadata => Some(("Address", scene.server.metadata_path())),
                At::ServiceMetadata => Some(("Address", "/.well-known/oauth-authorization-server".to_owned())),
                At::Registration => Some(("Address", "/register".to_owned())),
                At::Token => Some(("Asked", "/token".to_owned())),
                At::Mcp | At::Authorize => None,
            };
            if let Some((label, path)) = place {
                assert!(fact(&cause, label).ends_with(&path), "{at:?}: {cause:?}");
            }
            assert_eq!(scene.auth.state().live_clients, 0, "{at:?}: nothing is left at the service");
            assert!(scene.test.record(&scene.id).await.is_none(), "{at:?}: nor in the keychain");

            at.put(&scene, &Front::Open);
            expect_signed_in(&scene.sign_in().await);
        }
    }
}

#[tokio::test]
async fn a_firewalls_page_costs_no_sign_in_wherever_it_stands() {
    for status in [200, 403] {
        for at in At::ALL {
            a_stored_sign_in_survives(at, &Front::Firewall { status }, "RPL-HTTP-BLOCKED-PAGE").await;
        }
    }
}

#[tokio::test]
async fn resource_metadata_behind_a_sign_in_of_its_own_is_named() {
    let locked = Front::Json { status: 401, body: json!({"error": "invalid_token"}) };
    let scene = Scene::healthy().await;
    At::ResourceMetadata.put(&scene, &locked);
    let cause = scene.expect(State::Failed, "RPL-META-BLOCKED").await;
    assert!(fact(&cause, "Address").ends_with(&scene.server.metadata_path()));
    assert!(actions(&cause).contains(&ActionId::AskOwner));
    expect_refused(&scene.sign_in().await, State::Failed, "RPL-META-BLOCKED");
    assert_eq!(scene.opened(), 0);
    At::ResourceMetadata.put(&scene, &Front::Open);
    expect_signed_in(&scene.sign_in().await);
    a_stored_sign_in_survives(At::ResourceMetadata, &locked, "").await;
}

#[tokio::test]
async fn a_language_redirect_on_a_sign_in_address_is_named() {
    for at in [At::ResourceMetadata, At::ServiceMetadata, At::Registration, At::Token] {
        let scene = Scene::healthy().await;
        at.put(&scene, &Front::Locale { works: false });
        let cause = expect_refused(&scene.sign_in().await, State::Failed, "RPL-META-REDIRECTED");
        let target = cause.evidence.iter().any(|fact| fact.value.contains("/en/"));
        assert!(target, "{at:?}: it says where the site leads: {cause:?}");
        at.put(&scene, &Front::Open);
        expect_signed_in(&scene.sign_in().await);
        a_stored_sign_in_survives(at, &Front::Locale { works: false }, "RPL-META-REDIRECTED").await;
    }
}

#[tokio::test]
async fn documents_and_pages_are_found_behind_a_language_redirect_that_works() {
    let scene = Scene::healthy().await;
    for at in [At::ResourceMetadata, At::ServiceMetadata, At::Authorize] {
        at.put(&scene, &Front::Locale { works: true });
    }
    expect_signed_in(&scene.sign_in().await);
}

#[tokio::test]
async fn a_page_where_the_description_should_be_is_named() {
    let page = Front::WebPage { status: 200 };
    for (at, code) in [
        (At::ServiceMetadata, "RPL-META-NOT-JSON"),
        (At::Registration, "RPL-REG-BLOCKED"),
        (At::Token, "RPL-HTTP-BLOCKED-PAGE"),
        (At::Mcp, "RPL-MCP-NOT-MCP"),
    ] {
        let scene = Scene::healthy().await;
        at.put(&scene, &page);
        let done = scene.sign_in().await;
        assert_eq!(done.error.map(|error| error.code.to_string()).as_deref(), Some(code), "{at:?}");
        a_stored_sign_in_survives(at, &page, code).await;
    }
}

#[tokio::test]
async fn a_server_that_moved_to_another_origin_gets_no_token_there() {
    let scene = Scene::healthy().await.signed_in().await;
    let before = scene.grant().await;
    let away = Recorder::start().unwrap();
    for status in [301, 302, 307, 308] {
        scene.server.change_faults(|faults| faults.front = Front::Moved { status, origin: away.origin() });
        let cause = scene.expect(State::Failed, "RPL-HTTP-REDIRECTS-AWAY").await;
        assert_eq!(fact(&cause, "New address"), format!("{}/mcp", away.origin()));
        assert_eq!(actions(&cause)[0], ActionId::FixAddress, "{status}");
        assert_eq!(scene.grant().await, before, "{status}");
    }
    assert_eq!(away.requests().all(), [], "the other origin was not asked at all");

    let to = EditConnector { address: Some(format!("{}/mcp", away.origin())), ..EditConnector::default() };
    scene.edit(to).await;
    scene.check().await;
    let visits = away.requests().all();
    assert!(!visits.is_empty() && visits.iter().all(|visit| visit.authorization.is_none()), "{visits:?}");
    let back = EditConnector { address: Some(scene.server.address()), ..EditConnector::default() };
    scene.edit(back).await;
    scene.server.change_faults(|faults| faults.front = Front::Open);
    scene.expect_green_without_browser().await;
}

#[tokio::test]
async fn metadata_and_tokens_are_not_asked_for_at_another_origin() {
    for at in [At::ResourceMetadata, At::ServiceMetadata, At::Registration, At::Token] {
        let scene = Scene::healthy().await;
        let away = Recorder::start().unwrap();
        at.put(&scene, &Front::Moved { status: 307, origin: away.origin() });
        let cause = expect_refused(&scene.sign_in().await, State::Failed, "RPL-META-REDIRECTED");
        assert!(cause.evidence.iter().any(|fact| fact.value.starts_with(&away.origin())), "{at:?}: {cause:?}");
        assert_eq!(away.requests().all(), [], "{at:?}");
    }
}
