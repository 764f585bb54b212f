//! The authorization request through the public functions: what is sent, and what is refused.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use replug_core::Code;
use replug_net::Reach;
use replug_oauth::{Attempt, AttemptInput, Context, ServiceMetadata};
use sha2::{Digest as _, Sha256};

use crate::fakes::Surroundings;
use crate::parts::{RESOURCE, input, service};

/// Shared, because nothing here uses the network.
static SURROUNDINGS: LazyLock<Surroundings> = LazyLock::new(Surroundings::new);

const ORIGIN: &str = "http://127.0.0.1:9";

fn begin(endpoint: &str, input: &AttemptInput<'_>) -> Result<Attempt, Code> {
    let service = ServiceMetadata { authorization_endpoint: endpoint.to_owned(), ..service(ORIGIN) };
    Attempt::begin(&SURROUNDINGS.context(), &service, input).map_err(|failure| failure.code)
}

fn query(attempt: &Attempt) -> BTreeMap<String, String> {
    let pairs: Vec<(String, String)> = attempt.address.url().query_pairs().into_owned().collect();
    let members: BTreeMap<String, String> = pairs.iter().cloned().collect();
    assert_eq!(members.len(), pairs.len(), "no parameter stands twice");
    members
}

#[test]
fn the_request_carries_state_pkce_and_the_resource_byte_for_byte() {
    let scopes = ["read".to_owned(), "write:all".to_owned()];
    let attempt = begin("http://127.0.0.1:9/authorize", &input(&scopes)).unwrap();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(attempt.verifier.expose()));
    let expected: BTreeMap<String, String> = [
        ("response_type", "code"),
        ("client_id", "client-1"),
        ("redirect_uri", "http://127.0.0.1:4100/callback"),
        ("scope", "read write:all"),
        ("resource", RESOURCE),
        ("state", attempt.state.expose()),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    assert_eq!(query(&attempt), expected);
    assert_eq!((attempt.state.expose().len(), attempt.verifier.expose().len()), (43, 43), "256 bits each");
    assert_ne!(attempt.state.expose(), attempt.verifier.expose(), "drawn apart");
}

#[test]
fn without_permissions_and_resource_their_parameters_are_left_out() {
    let bare = AttemptInput { resource: None, ..input(&[]) };
    let attempt = begin("http://127.0.0.1:9/authorize", &bare).unwrap();
    let query = query(&attempt);
    assert!(!query.contains_key("scope") && !query.contains_key("resource"), "{query:?}");
}

#[test]
fn the_endpoints_own_parameters_are_kept() {
    let attempt = begin("http://127.0.0.1:9/authorize?tenant=a%20b&x=%2F", &input(&[])).unwrap();
    assert!(
        attempt.address.as_str().contains("/authorize?tenant=a%20b&x=%2F&"),
        "unchanged and first: {}",
        attempt.address.as_str()
    );
}

#[test]
fn an_endpoint_that_carries_a_reserved_parameter_is_refused() {
    let names = [
        "client_id",
        "client_secret",
        "code",
        "code_challenge",
        "code_challenge_method",
        "code_verifier",
        "redirect_uri",
        "request",
        "request_uri",
        "resource",
        "response_type",
        "scope",
        "state",
    ];
    for name in names {
        let encoded = format!("%{:02x}{}", name.as_bytes()[0], &name[1..]);
        for spelling in [
            name.to_owned(),
            encoded,
            format!("+{name}"),
            format!("%09{name}%20"),
            name.to_uppercase(),
            format!("x=1&{name}"),
            format!("x=1;{name}"),
            format!("{name}[]"),
            format!("{name}%5B0%5D"),
            name.replace('_', "."),
            name.replace('_', "+"),
        ] {
            let outcome = begin(&format!("http://127.0.0.1:9/authorize?{spelling}=evil"), &input(&[]));
            assert_eq!(outcome.err(), Some(Code::MetaUnsafeAddress), "{spelling}");
        }
    }
}

#[test]
fn the_persons_parameters_are_sent_unless_they_are_reserved_or_doubled() {
    fn with(extra_params: &[(String, String)]) -> AttemptInput<'_> {
        AttemptInput { extra_params, ..input(&[]) }
    }
    let params = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let good = params(&[("audience", "https://api.example/ä"), ("access_type", "offline")]);
    let attempt = begin("http://127.0.0.1:9/authorize", &with(&good)).unwrap();
    assert_eq!(query(&attempt)["audience"], "https://api.example/ä");
    for bad in [
        params(&[("State", "x")]),
        params(&[("redirect_uri", "x")]),
        params(&[("", "x")]),
        params(&[("a", "1"), ("A", "2")]),
        params(&[("tenant", "2")]),
    ] {
        let outcome = begin("http://127.0.0.1:9/authorize?tenant=1", &with(&bad));
        assert_eq!(outcome.err(), Some(Code::UseSettingInvalid), "{bad:?}");
    }
}

#[test]
fn consent_is_asked_for_only_with_offline_access_and_only_once() {
    let plain = begin("http://127.0.0.1:9/authorize", &input(&[])).unwrap();
    assert!(!query(&plain).contains_key("prompt"), "not without offline access");
    let with = |extra_params| AttemptInput { offline: true, extra_params, ..input(&[]) };
    let offline = begin("http://127.0.0.1:9/authorize", &with(&[])).unwrap();
    assert_eq!(query(&offline)["prompt"], "consent");
    let own = [("prompt".to_owned(), "login".to_owned())];
    let chosen = begin("http://127.0.0.1:9/authorize", &with(&own));
    assert_eq!(query(&chosen.unwrap())["prompt"], "login", "the person's own wins");
}

#[test]
fn without_a_client_id_no_browser_is_opened() {
    let nobody = AttemptInput { client_id: " ", ..input(&[]) };
    let outcome = begin("http://127.0.0.1:9/authorize", &nobody);
    assert_eq!(outcome.err(), Some(Code::RegNotOffered));
}

#[test]
fn a_public_connector_is_never_sent_to_this_computer_or_to_another_scheme() {
    let ctx = Context { loopback: false, reach: Reach::PUBLIC, ..SURROUNDINGS.context() };
    for endpoint in [
        "http://127.0.0.1:9/authorize",
        "http://auth.example/authorize",
        "javascript:alert(1)",
        "https://u@auth.example/",
        "https://auth.example/#x",
    ] {
        let service = ServiceMetadata { authorization_endpoint: endpoint.to_owned(), ..service(ORIGIN) };
        let outcome = Attempt::begin(&ctx, &service, &input(&[]));
        assert_eq!(outcome.err().map(|failure| failure.code), Some(Code::MetaUnsafeAddress), "{endpoint}");
    }
}

#[test]
fn an_attempt_does_not_print_its_secrets() {
    let attempt = begin("http://127.0.0.1:9/authorize", &input(&[])).unwrap();
    let printed = format!("{attempt:?}");
    assert!(
        !printed.contains(attempt.state.expose().as_str()) && !printed.contains(attempt.verifier.expose().as_str()),
        "{printed}"
    );
}
