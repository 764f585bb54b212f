//! The scripted person: what each conduct does to a sign-in, seen by a callback that only writes down who comes.

use replug_lab::{AuthFaults, AuthorizeFaults, Conduct, Front, JourneyEnd, McpFaults, Person, Recorder, Returns};
use replug_net::{Browser, gate_for_browser};

use crate::client::{Lab, registration};

/// A lab, an app's callback, and an address to open.
struct Scene {
    lab: Lab,
    callback: Recorder,
    client_id: String,
}

impl Scene {
    async fn start(faults: AuthorizeFaults) -> Self {
        let faults = AuthFaults { authorize: faults, ..AuthFaults::default() };
        let lab = Lab::with(faults, McpFaults::default());
        let callback = Recorder::start().unwrap();
        let mut request = registration();
        request["redirect_uris"] = [format!("{}/callback", callback.origin())][..].into();
        let client = lab.register(&request).await.json();
        Self { client_id: client["client_id"].as_str().unwrap().to_owned(), lab, callback }
    }

    fn address(&self, state: &str) -> String {
        let redirect_uri = format!("{}/callback", self.callback.origin());
        let more = [("redirect_uri", redirect_uri.as_str()), ("state", state)];
        self.lab.authorize_address(&self.client_id, &more)
    }

    fn hits(&self) -> Vec<(String, bool, bool)> {
        let hits = self.callback.requests().to("/callback");
        hits.iter().map(|hit| (hit.method.clone(), hit.has("code"), hit.has("error"))).collect()
    }
}

const CAME_BACK: JourneyEnd = JourneyEnd::Returned { status: 404 };

#[tokio::test]
async fn allow_comes_back_with_a_code_and_deny_with_an_error() {
    let scene = Scene::start(AuthorizeFaults::default()).await;
    let journey = Person::default().visit(&scene.address("one")).await;
    assert_eq!(journey.end, CAME_BACK, "{journey:?}");
    let denied = Person::new(Conduct::Deny).visit(&scene.address("two")).await;
    assert_eq!(denied.end, CAME_BACK, "{denied:?}");
    let get = "GET".to_owned();
    assert_eq!(scene.hits(), [(get.clone(), true, false), (get, false, true)]);
    let hit = scene.callback.requests().last("/callback").unwrap();
    assert!(hit.has_header("sec-fetch-dest"), "it looks like a browser: {hit:?}");
}

#[tokio::test]
async fn a_repeated_post_and_a_posting_page_reach_the_callback_as_post() {
    for returns in [Returns::Repeated, Returns::FormPost] {
        let scene = Scene::start(AuthorizeFaults { returns, ..AuthorizeFaults::default() }).await;
        let journey = Person::default().visit(&scene.address("one")).await;
        assert_eq!(journey.end, CAME_BACK, "{returns:?}");
        assert_eq!(scene.hits(), [("POST".to_owned(), true, false)], "{returns:?}");
    }
}

#[tokio::test]
async fn nobody_comes_back_when_the_person_or_the_service_does_not_let_them() {
    let scene = Scene::start(AuthorizeFaults::default()).await;
    for (conduct, consents) in [(Conduct::CloseTab, 0), (Conduct::NeverReturn, 1)] {
        let journey = Person::new(conduct).visit(&scene.address("one")).await;
        assert_eq!(journey.end, JourneyEnd::Left, "{conduct:?}");
        assert_eq!(scene.lab.auth.state().consents, consents, "{conduct:?}");
    }
    scene.lab.auth.change_faults(|faults| faults.authorize.returns = Returns::Never);
    let journey = Person::default().visit(&scene.address("two")).await;
    assert_eq!(journey.end, JourneyEnd::Stuck { status: 200 });
    scene.lab.auth.forget_all_clients();
    let journey = Person::default().visit(&scene.address("three")).await;
    assert_eq!(journey.end, JourneyEnd::Stuck { status: 400 }, "an error page");
    assert!(journey.page.contains("not known"), "{}", journey.page);
    assert!(scene.hits().is_empty(), "nobody came");
}

#[tokio::test]
async fn an_old_tab_comes_back_late_and_first() {
    let scene = Scene::start(AuthorizeFaults::default()).await;
    let person = Person::new(Conduct::ReplayOldTab);
    let left = person.visit(&scene.address("old")).await;
    assert_eq!(left.end, JourneyEnd::Left, "the first tab stays open");
    person.visit(&scene.address("new")).await;
    let journeys = person.until_finished(2).await;
    assert!(journeys[0].opened.contains("state=old"), "the old tab first");
    assert!(journeys[1].opened.contains("state=new"), "then the new one");
    assert_eq!(scene.hits().len(), 2);
}

#[tokio::test]
async fn a_reload_comes_twice() {
    let scene = Scene::start(AuthorizeFaults::default()).await;
    Person::new(Conduct::Reload).visit(&scene.address("one")).await;
    assert_eq!(scene.hits().len(), 2, "the same code twice");
}

#[tokio::test]
async fn the_person_is_a_browser_that_works_beside_the_caller() {
    let scene = Scene::start(AuthorizeFaults::default()).await;
    let person = Person::default();
    let address = gate_for_browser(&scene.address("one"), true).unwrap();
    person.open(&address).unwrap();
    let journeys = person.until_finished(1).await;
    assert_eq!(journeys[0].end, CAME_BACK);
    assert_eq!(person.opened(), [scene.address("one")]);
    assert_eq!(journeys[0].steps.len(), 3, "page, button, callback: {journeys:?}");
}

#[tokio::test]
async fn a_language_page_stops_a_person_who_follows_redirects() {
    let scene =
        Scene::start(AuthorizeFaults { front: Front::Locale { works: false }, ..AuthorizeFaults::default() }).await;
    let journey = Person::default().visit(&scene.address("one")).await;
    assert_eq!(journey.end, JourneyEnd::Stuck { status: 404 });
    assert!(journey.steps[1].place.contains("/en/authorize"), "{journey:?}");
}

#[test]
fn outside_a_runtime_there_is_no_browser() {
    let address = gate_for_browser("http://127.0.0.1:9/", true).unwrap();
    let failure = Person::default().open(&address).unwrap_err();
    assert_eq!(failure.code, replug_core::Code::LocalBrowser);
}
