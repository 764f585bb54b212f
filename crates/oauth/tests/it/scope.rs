//! Which permissions are asked for.

use replug_oauth::{
    BearerChallenge, ResourceFit, ResourceMetadata, ScopeChoice, ScopeSources, ServiceMetadata, choose_scope,
};

use crate::parts;

fn owned(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(ToString::to_string).collect()
}

fn service(scopes: &[&str]) -> ServiceMetadata {
    ServiceMetadata { scopes: owned(scopes), ..parts::service(parts::ISSUER) }
}

fn challenge(scope: &str) -> BearerChallenge {
    BearerChallenge { scope: Some(scope.to_owned()), ..BearerChallenge::default() }
}

fn resource(scopes: &[&str]) -> ResourceMetadata {
    ResourceMetadata {
        found_at: "https://mcp.example/.well-known/oauth-protected-resource".into(),
        resource: "https://mcp.example".into(),
        fit: ResourceFit::Exact,
        authorization_servers: Vec::new(),
        scopes: owned(scopes),
    }
}

fn chosen(choice: &ScopeChoice) -> (String, bool) {
    (choice.joined().unwrap_or_default(), choice.offline())
}

#[test]
fn the_persons_own_permissions_come_first_then_the_challenge_then_the_metadata() {
    let (challenge, resource, service) = (challenge("b  c b"), resource(&["d", "e"]), service(&[]));
    let all = ScopeSources { own: Some("a"), challenge: Some(&challenge), resource: Some(&resource), wanted: &[] };
    for (sources, expected) in [
        (all, "a"),
        (ScopeSources { own: Some(" "), ..all }, "b c"),
        (ScopeSources { own: None, challenge: None, ..all }, "d e"),
    ] {
        assert_eq!(chosen(&choose_scope(sources, &service)), (expected.to_owned(), false), "{sources:?}");
    }
}

#[test]
fn what_was_wanted_for_an_operation_joins_the_others() {
    let (challenge, service, wanted) = (challenge("a b"), service(&[]), owned(&["c", "b"]));
    let sources = ScopeSources { challenge: Some(&challenge), wanted: &wanted, ..ScopeSources::default() };
    assert_eq!(chosen(&choose_scope(sources, &service)).0, "a b c");
    let suggesting = resource(&["c", "d"]);
    let sources = ScopeSources { resource: Some(&suggesting), wanted: &wanted, ..ScopeSources::default() };
    assert_eq!(chosen(&choose_scope(sources, &service)).0, "c b d", "each once");
}

#[test]
fn nothing_is_asked_for_when_nobody_names_anything() {
    let lists_offline = service(&["offline_access", "a"]);
    let empty = resource(&[]);
    for resource in [Some(&empty), None] {
        let choice = choose_scope(ScopeSources { resource, ..ScopeSources::default() }, &lists_offline);
        assert_eq!(choice, ScopeChoice::default());
    }
}

#[test]
fn offline_access_is_asked_for_only_when_the_service_lists_it() {
    let (named, challenge) = (resource(&["a", "offline_access"]), challenge("b"));
    let from_metadata = ScopeSources { resource: Some(&named), ..ScopeSources::default() };
    assert_eq!(chosen(&choose_scope(from_metadata, &service(&["a"]))), ("a".to_owned(), false));
    let lists_offline = service(&["offline_access"]);
    assert_eq!(chosen(&choose_scope(from_metadata, &lists_offline)), ("a offline_access".to_owned(), true));
    let challenged = ScopeSources { challenge: Some(&challenge), ..ScopeSources::default() };
    assert_eq!(chosen(&choose_scope(challenged, &lists_offline)), ("b offline_access".to_owned(), true));
    let wanted = owned(&["c"]);
    let step_up = ScopeSources { wanted: &wanted, ..ScopeSources::default() };
    assert_eq!(
        chosen(&choose_scope(step_up, &lists_offline)),
        ("c offline_access".to_owned(), true),
        "renewal is kept"
    );
}

#[test]
fn refused_permissions_are_dropped_a_step_at_a_time_and_those_that_are_needed_never() {
    let named = resource(&["a", "b", "offline_access"]);
    let from_metadata = ScopeSources { resource: Some(&named), ..ScopeSources::default() };
    let step = |choice: &ScopeChoice, service: &ServiceMetadata| choice.fewer(service);

    let lists_some = service(&["a", "offline_access"]);
    let (listed, dropped) = step(&choose_scope(from_metadata, &lists_some), &lists_some).unwrap();
    assert_eq!(
        (chosen(&listed).0.as_str(), dropped),
        ("a offline_access", owned(&["b"])),
        "first what it does not list"
    );
    let (online, dropped) = step(&listed, &lists_some).unwrap();
    assert_eq!((chosen(&online).0.as_str(), dropped), ("a", owned(&["offline_access"])), "then the renewal");
    let (none, dropped) = step(&online, &lists_some).unwrap();
    assert_eq!((chosen(&none).0.as_str(), dropped), ("", owned(&["a"])), "then all that nobody needs");
    assert_eq!(step(&none, &lists_some), None, "and then it is over");

    let challenge = challenge("x");
    for sources in [
        ScopeSources { own: Some("x"), ..from_metadata },
        ScopeSources { challenge: Some(&challenge), ..from_metadata },
        ScopeSources { wanted: &owned(&["x"]), ..ScopeSources::default() },
    ] {
        let choice = choose_scope(sources, &lists_some);
        let (fewer, dropped) = step(&choice, &lists_some).unwrap();
        assert_eq!((chosen(&fewer).0.as_str(), dropped), ("x", owned(&["offline_access"])), "{sources:?}");
        assert_eq!(step(&fewer, &lists_some), None, "{sources:?}");
    }
}
