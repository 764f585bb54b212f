//! Signing in on another device (RFC 8628): who cannot use the browser of this computer enters a code elsewhere, and ends as
//! well as anybody else.

use std::time::Duration;

use replug_core::State;
use replug_engine::wire::{EditConnector, Event, SignInProgress, SignInStep};
use replug_engine::{EventStream, SignInOptions, SignInRun};
use replug_lab::{
    AuthFaults, AuthServer, ClientMethod, Conduct, DeviceFaults, Edits, Front, Logged, McpFaults, Offered, Person,
    PreRegistered, RedirectRule,
};

use crate::scene::{Scene, TOKEN_LIFE, expect_refused, expect_signed_in};

/// How far the clock of a test goes in a moment.
const A_MOMENT: Duration = Duration::from_secs(2);
/// How long a sign-in waits that ends before anybody is asked; it never comes to that.
const SOON: Duration = Duration::from_secs(10);

fn offered() -> DeviceFaults {
    DeviceFaults { offered: Offered::Yes, interval_s: 30, lifetime_s: 3600, ..DeviceFaults::default() }
}

async fn scene(device: DeviceFaults) -> Scene {
    Scene::set(AuthFaults { device, ..AuthFaults::default() }, McpFaults::default()).await
}

/// Starts a sign-in on another device, and waits until the code is told.
async fn told(scene: &Scene) -> (SignInRun, SignInProgress, EventStream) {
    started(scene, SignInOptions { on_device: true, ..SignInOptions::default() }).await
}

async fn started(scene: &Scene, options: SignInOptions) -> (SignInRun, SignInProgress, EventStream) {
    let mut events = scene.test.engine.subscribe();
    let run = scene.test.engine.sign_in(&scene.id, options).await.unwrap();
    let progress = until_code(&mut events).await;
    (run, progress, events)
}

async fn until_code(events: &mut EventStream) -> SignInProgress {
    loop {
        if let Event::SignIn { progress } = events.next().await.unwrap() {
            assert_ne!(progress.step, SignInStep::Done, "{progress:?}");
            if progress.plan.as_ref().is_some_and(|plan| plan.device.is_some()) {
                return *progress;
            }
        }
    }
}

async fn until_note(events: &mut EventStream) -> SignInProgress {
    loop {
        if let Event::SignIn { progress } = events.next().await.unwrap()
            && (progress.note.is_some() || progress.step == SignInStep::Done)
        {
            assert_ne!(progress.step, SignInStep::Done, "{progress:?}");
            return *progress;
        }
    }
}

/// What the person does at the address, on the other device.
async fn answer(progress: &SignInProgress, conduct: Conduct) {
    let plan = progress.plan.as_ref().unwrap();
    Person::new(conduct).visit(&plan.address).await;
}

/// Lets the clock of the test go on, several seconds a moment, until something has happened.
async fn while_time_passes<T>(scene: &Scene, happens: impl Future<Output = T>) -> T {
    let mut moments = tokio::time::interval(Duration::from_millis(10));
    tokio::pin!(happens);
    loop {
        tokio::select! {
            happened = &mut happens => return happened,
            _ = moments.tick() => scene.test.clock.advance(A_MOMENT),
        }
    }
}

/// Lets the engine ask until it has asked so often.
async fn asked(scene: &Scene, times: usize) {
    let often_enough = |all: &[Logged]| all.iter().filter(|one| one.path == "/token").count() >= times;
    while_time_passes(scene, scene.auth.requests().until(often_enough)).await;
}

/// Lets the attempt come to its end.
async fn ended(scene: &Scene, run: SignInRun) -> SignInProgress {
    while_time_passes(scene, run.ended()).await
}

#[tokio::test]
async fn a_code_that_is_entered_elsewhere_ends_in_a_sign_in_that_is_kept_and_renewed() {
    let scene = scene(offered()).await;
    let (run, progress, _events) = told(&scene).await;
    let plan = progress.plan.clone().unwrap();
    let device = plan.device.unwrap();
    assert!(plan.address.contains(&device.code) && !device.address.contains(&device.code), "{device:?}");
    assert_eq!((plan.redirect, progress.step), (None, SignInStep::Waiting));
    asked(&scene, 2).await;
    answer(&progress, Conduct::Allow).await;
    expect_signed_in(&ended(&scene, run).await);
    let state = scene.auth.state();
    assert_eq!((state.exchanges, state.hasty_questions, state.device_codes), (1, 0, 1));
    assert_eq!(scene.opened(), 0, "no browser of this computer");
    let registered = scene.auth.requests().last("/register").unwrap();
    assert!(registered.value("grant_types").unwrap().contains("device_code"), "{registered:?}");
    let code = scene.auth.requests().last("/device_authorization").unwrap();
    assert_eq!(code.value("resource"), Some(scene.server.address().as_str()), "{code:?}");

    let scene = scene.restarted().await;
    scene.test.clock.advance(TOKEN_LIFE);
    scene.expect_green_without_browser().await;
    assert_eq!(scene.auth.state().refreshes, 1);
}

#[tokio::test]
async fn a_service_that_wants_to_be_asked_less_often_is() {
    let scene = scene(DeviceFaults { slow_downs: 3, ..offered() }).await;
    let (run, progress, _events) = told(&scene).await;
    asked(&scene, 3).await;
    answer(&progress, Conduct::Allow).await;
    expect_signed_in(&ended(&scene, run).await);
    assert_eq!(scene.auth.state().hasty_questions, 0, "never sooner than it said");
}

#[tokio::test]
async fn a_person_who_says_no_there_and_a_code_that_nobody_enters_are_two_different_ends() {
    let scene = scene(offered()).await;
    let (run, progress, _events) = told(&scene).await;
    answer(&progress, Conduct::Deny).await;
    expect_refused(&ended(&scene, run).await, State::NeedsSignIn, "RPL-AUTH-DENIED");

    scene.auth.change_faults(|faults| faults.device.lifetime_s = 100);
    let (run, _, _events) = told(&scene).await;
    let done = ended(&scene, run).await;
    let cause = expect_refused(&done, State::NeedsSignIn, "RPL-AUTH-TIMEOUT");
    assert!(cause.text.contains("code"), "{cause:?}");
    scene.test.engine.settle().await.unwrap();
    assert_eq!(scene.auth.state().live_clients, 0, "what was registered for them is deleted");
}

#[tokio::test]
async fn a_service_that_fails_in_the_middle_is_asked_again_until_it_answers() {
    for front in [
        Front::Plain { status: 500, body: String::new() },
        Front::Unavailable { retry_after_s: 30 },
        Front::CutOff,
        Front::WebPage { status: 200 },
    ] {
        let scene = scene(offered()).await;
        let (run, progress, mut events) = told(&scene).await;
        scene.auth.change_faults(|faults| faults.token.front = Front::first(2, front.clone()));
        let troubled = while_time_passes(&scene, until_note(&mut events)).await;
        assert_eq!(troubled.step, SignInStep::Waiting, "{front:?}");
        assert!(troubled.note.unwrap().contains("does not answer"), "{front:?}");
        answer(&progress, Conduct::Allow).await;
        expect_signed_in(&ended(&scene, run).await);
    }
}

#[tokio::test]
async fn a_page_in_the_services_place_is_named_after_three_questions() {
    let scene = scene(offered()).await;
    let (run, _, _events) = told(&scene).await;
    scene.auth.change_faults(|faults| faults.token.front = Front::Firewall { status: 403 });
    let done = ended(&scene, run).await;
    expect_refused(&done, State::Failed, "RPL-HTTP-BLOCKED-PAGE");
    assert_eq!(scene.auth.requests().count("/token"), 3);
}

#[tokio::test]
async fn a_cancelled_sign_in_asks_no_more_and_leaves_nothing_behind() {
    let scene = scene(offered()).await;
    let (run, _, _events) = told(&scene).await;
    asked(&scene, 1).await;
    scene.test.engine.cancel_sign_in(&scene.id);
    let done = run.ended().await;
    assert_eq!(done.error.unwrap().code.as_str(), "RPL-LOCAL-CANCELLED");
    scene.test.engine.settle().await.unwrap();
    assert_eq!((scene.auth.requests().count("/token"), scene.auth.state().live_clients), (1, 0));
}

#[tokio::test]
async fn who_waits_for_the_browser_may_go_on_elsewhere() {
    let scene = scene(offered()).await;
    scene.test.person.set_conduct(Conduct::CloseTab);
    let mut events = scene.test.engine.subscribe();
    let run = scene.test.engine.sign_in(&scene.id, SignInOptions::default()).await.unwrap();
    loop {
        if let Event::SignIn { progress } = events.next().await.unwrap()
            && progress.step == SignInStep::Waiting
        {
            assert!(progress.plan.unwrap().device_offered);
            break;
        }
    }
    scene.test.engine.sign_in_on_device(&scene.id).await.unwrap();
    let progress = until_code(&mut events).await;
    answer(&progress, Conduct::Allow).await;
    expect_signed_in(&ended(&scene, run).await);
    scene.test.engine.settle().await.unwrap();
    let state = scene.auth.state();
    assert_eq!((state.registrations, state.live_clients), (2, 1), "the browser's client is deleted");
}

#[tokio::test]
async fn a_client_that_is_for_the_browser_only_is_replaced_once() {
    let scene = scene(DeviceFaults { only_registered: true, ..offered() }).await.signed_in().await;
    scene.test.engine.sign_out(&scene.id).await.unwrap();
    let (run, progress, _events) = told(&scene).await;
    answer(&progress, Conduct::Allow).await;
    expect_signed_in(&ended(&scene, run).await);
    assert_eq!(scene.auth.state().registrations, 2);
}

#[tokio::test]
async fn a_service_that_takes_no_callback_address_of_this_computer_is_signed_in_to_elsewhere() {
    let mut faults = AuthFaults { device: offered(), ..AuthFaults::default() };
    faults.registration.rules.redirect = RedirectRule::WebOnly;
    let scene = Scene::set(faults, McpFaults::default()).await;
    let (run, progress, _events) = started(&scene, SignInOptions::default()).await;
    assert!(progress.note.as_ref().unwrap().contains("callback address"), "it says what was left out");
    answer(&progress, Conduct::Allow).await;
    expect_signed_in(&ended(&scene, run).await);
    assert!(!scene.auth.requests().last("/register").unwrap().has("redirect_uris"));
}

#[tokio::test]
async fn a_page_that_is_not_safe_to_open_is_never_shown() {
    for (member, address) in [
        ("verification_uri", "javascript:alert(1)"),
        ("verification_uri", "http://auth.example/device"),
        ("verification_uri_complete", "https://person@auth.example/device"),
    ] {
        let scene = scene(DeviceFaults { edits: Edits::none().set(member, address), ..offered() }).await;
        let options = SignInOptions { on_device: true, timeout: SOON, ..SignInOptions::default() };
        let done = scene.test.engine.sign_in(&scene.id, options).await.unwrap().ended().await;
        expect_refused(&done, State::Failed, "RPL-META-UNSAFE-ADDRESS");
        assert_eq!(scene.auth.requests().count("/token"), 0, "{address}");
    }
}

#[tokio::test]
async fn a_code_is_shown_as_text_that_deceives_nobody_and_not_at_all_when_nobody_could_type_it() {
    let scene =
        scene(DeviceFaults { edits: Edits::none().set("user_code", "AB\u{202e}\u{1b}[2J-CD"), ..offered() }).await;
    let (run, progress, _events) = told(&scene).await;
    let code = progress.plan.unwrap().device.unwrap().code;
    assert!(code.chars().all(|c| c.is_ascii_graphic()), "{code:?}");
    scene.test.engine.cancel_sign_in(&scene.id);
    run.ended().await;

    scene.auth.change_faults(|faults| faults.device.edits = Edits::none().set("user_code", "A".repeat(41)));
    let options = SignInOptions { on_device: true, timeout: SOON, ..SignInOptions::default() };
    let done = scene.test.engine.sign_in(&scene.id, options).await.unwrap().ended().await;
    expect_refused(&done, State::Failed, "RPL-TOKEN-UNREADABLE");
}

#[tokio::test]
async fn a_service_without_it_says_so_before_anything_is_registered_for_good() {
    let scene = Scene::healthy().await;
    let options = SignInOptions { on_device: true, timeout: SOON, ..SignInOptions::default() };
    let done = scene.test.engine.sign_in(&scene.id, options).await.unwrap().ended().await;
    assert_eq!(done.error.unwrap().code.as_str(), "RPL-AUTH-NO-DEVICE");
    scene.test.engine.settle().await.unwrap();
    assert_eq!(scene.auth.state().registrations, 0);
}

#[tokio::test]
async fn a_client_that_a_person_entered_proves_itself_there_too() {
    let scene = scene(offered()).await;
    scene.auth.add_client(PreRegistered {
        id: "by-hand".to_owned(),
        secret: Some("a-secret-by-hand".to_owned()),
        method: ClientMethod::Basic,
        redirect_uris: Vec::new(),
    });
    let secret = replug_engine::wire::SecretEdit::Set("a-secret-by-hand".to_owned());
    let own = EditConnector {
        client_id: Some("by-hand".to_owned()),
        client_secret: secret,
        callback_port: Some(crate::scene::free_port()),
        ..EditConnector::default()
    };
    scene.edit(own).await;
    let (run, progress, _events) = told(&scene).await;
    answer(&progress, Conduct::Allow).await;
    expect_signed_in(&ended(&scene, run).await);
    for path in ["/device_authorization", "/token"] {
        assert_eq!(scene.auth.requests().last(path).unwrap().authorization.as_deref(), Some("basic"), "{path}");
    }
}

#[tokio::test]
async fn a_callback_port_that_is_taken_does_not_matter_to_who_signs_in_elsewhere() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let callback_port = Some(taken.local_addr().unwrap().port());
    let by_hand = EditConnector {
        client_id: Some("by-hand".to_owned()),
        client_secret: replug_engine::wire::SecretEdit::Set("a-secret-by-hand".to_owned()),
        callback_port,
        ..EditConnector::default()
    };
    let issued = EditConnector { callback_port, ..EditConnector::default() };
    for settings in [by_hand, issued] {
        let scene = scene(offered()).await;
        scene.auth.add_client(PreRegistered {
            id: "by-hand".to_owned(),
            secret: Some("a-secret-by-hand".to_owned()),
            method: ClientMethod::Basic,
            redirect_uris: Vec::new(),
        });
        scene.edit(settings).await;
        let (run, progress, _events) = told(&scene).await;
        answer(&progress, Conduct::Allow).await;
        expect_signed_in(&ended(&scene, run).await);
    }
}

/// Starts a sign-in on another device as the window does, until it asks whether something unusual is right.
async fn asking(scene: &Scene) -> (SignInRun, SignInProgress, EventStream) {
    let mut events = scene.test.engine.subscribe();
    let options = SignInOptions { on_device: true, confirm_unusual: true, ..SignInOptions::default() };
    let run = scene.test.engine.sign_in(&scene.id, options).await.unwrap();
    loop {
        if let Event::SignIn { progress } = events.next().await.unwrap() {
            assert!(!matches!(progress.step, SignInStep::Waiting | SignInStep::Done), "{progress:?}");
            if progress.step == SignInStep::Confirm {
                return (run, *progress, events);
            }
        }
    }
}

#[tokio::test]
async fn a_service_that_moved_is_asked_for_a_code_only_once_a_person_agreed() {
    let scene = scene(offered()).await.signed_in().await;
    let faults = AuthFaults { device: offered(), ..AuthFaults::default() };
    let other = AuthServer::start_with_clock(faults, scene.test.clock.clone()).unwrap();
    scene.server.move_to(&other);
    let (run, progress, mut events) = asking(&scene).await;
    let plan = progress.plan.unwrap();
    assert_eq!((plan.moved_from, plan.device), (Some(scene.auth.issuer()), None));
    assert_eq!(other.requests().count("/device_authorization"), 0);
    scene.test.engine.confirm_sign_in(&scene.id).await.unwrap();
    let progress = until_code(&mut events).await;
    assert_eq!(progress.step, SignInStep::Waiting, "it is not asked twice");
    answer(&progress, Conduct::Allow).await;
    expect_signed_in(&ended(&scene, run).await);
}

#[tokio::test]
async fn a_secret_that_a_person_entered_is_shown_to_a_service_for_the_first_time_only_once_they_agreed() {
    let scene = scene(offered()).await;
    scene.auth.add_client(PreRegistered {
        id: "by-hand".to_owned(),
        secret: Some("a-secret-by-hand".to_owned()),
        method: ClientMethod::Basic,
        redirect_uris: Vec::new(),
    });
    let own = EditConnector {
        client_id: Some("by-hand".to_owned()),
        client_secret: replug_engine::wire::SecretEdit::Set("a-secret-by-hand".to_owned()),
        ..EditConnector::default()
    };
    scene.edit(own).await;
    let (run, progress, mut events) = asking(&scene).await;
    assert!(progress.plan.unwrap().warning.unwrap().contains("secret"));
    assert_eq!(scene.auth.requests().count("/device_authorization"), 0);
    scene.test.engine.confirm_sign_in(&scene.id).await.unwrap();
    let progress = until_code(&mut events).await;
    answer(&progress, Conduct::Allow).await;
    expect_signed_in(&ended(&scene, run).await);

    scene.test.engine.sign_out(&scene.id).await.unwrap();
    let options = SignInOptions { on_device: true, confirm_unusual: true, ..SignInOptions::default() };
    let (run, progress, _events) = started(&scene, options).await;
    assert_eq!((progress.step, progress.plan.unwrap().warning), (SignInStep::Waiting, None), "the second time");
    scene.test.engine.cancel_sign_in(&scene.id);
    run.ended().await;
}

#[tokio::test]
async fn a_page_on_another_site_than_the_service_is_asked_about_although_the_service_is_usual() {
    let edits = Edits::none().set("verification_uri", "https://device.example/enter");
    let edits = edits.set("verification_uri_complete", "https://device.example/enter?code=1");
    let scene = scene(DeviceFaults { edits, ..offered() }).await;
    let (run, progress, _events) = asking(&scene).await;
    let plan = progress.plan.unwrap();
    assert_eq!((plan.host.as_str(), plan.device.is_some()), ("device.example", true));
    scene.test.engine.cancel_sign_in(&scene.id);
    run.ended().await;
}
