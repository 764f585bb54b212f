//! Hosts that look like others (T05): what a person is shown is plain letters, and it comes with a warning.

use std::collections::BTreeSet;

use replug_core::{CallbackHost, Redirect, Secret, ServerAddress};
use replug_net::gate_for_browser;
use replug_oauth::Attempt;

use super::plan;

/// Letters, and others that look like them.
const TWINS: &[(char, &str)] = &[
    ('a', "аα"),
    ('c', "сϲ"),
    ('d', "ԁ"),
    ('e', "еҽ"),
    ('g', "ɡց"),
    ('h', "һհ"),
    ('i', "іıι"),
    ('j', "ј"),
    ('l', "ӏ"),
    ('n', "ոп"),
    ('o', "оοօ"),
    ('p', "рρ"),
    ('q', "ԛզ"),
    ('r', "г"),
    ('s', "ѕ"),
    ('t', "τ"),
    ('u', "υս"),
    ('v', "νѵ"),
    ('w', "ԝѡ"),
    ('x', "хχ"),
    ('y', "уγ"),
];

const NAMES: &[&str] = &[
    "accounts.northwind.example",
    "login.contoso-online.example",
    "auth.fabrikam.example",
    "signin.wide-world-importers.example",
    "identity.proseware.example",
    "oauth.graphic-design-institute.example",
    "sso.alpine-ski-house.example",
    "id.quantum-jewelry.example",
    "connect.lucerne-publishing.example",
    "api.adventure-works-cycles.example",
    "my.trey-research-vault.example",
    "portal.humongous-insurance.example",
    "secure.consolidated-messenger.example",
    "mail.southridge-video.example",
    "cloud.blue-yonder-airlines.example",
    "tenant.coho-winery-exquisite.example",
    "passport.school-of-fine-art.example",
    "gateway.first-up-consultants.example",
];

/// A name with one letter replaced, or all of its kind.
fn twins(name: &str) -> Vec<String> {
    let mut twins = Vec::new();
    for (letter, others) in TWINS {
        for other in others.chars() {
            twins.push(name.replace(*letter, &other.to_string()));
            let places = name.match_indices(*letter).map(|(place, _)| place);
            twins.extend(places.map(|place| format!("{}{other}{}", &name[..place], &name[place + 1..])));
        }
    }
    twins.retain(|twin| twin != name);
    twins
}

fn attempt(address: &str) -> Attempt {
    Attempt {
        state: Secret::new("state".to_owned()),
        verifier: Secret::new("verifier".to_owned()),
        issuer: format!("https://{}", NAMES[0]),
        redirect: Redirect { host: CallbackHost::Literal, port: 4100, path: "/callback".to_owned() },
        resource: None,
        scopes: Vec::new(),
        client_id: "client-1".to_owned(),
        address: gate_for_browser(address, false).unwrap(),
        started_at: "2026-11-20T08:00:00Z".parse().unwrap(),
    }
}

fn server() -> ServerAddress {
    ServerAddress::parse("https://mcp.northwind.example/mcp", false).unwrap().0
}

#[test]
fn a_thousand_hosts_that_look_like_others_are_shown_in_plain_letters_with_a_warning() {
    let twins: BTreeSet<String> = NAMES.iter().flat_map(|name| twins(name)).collect();
    assert!(twins.len() >= 1_000, "{} pairs", twins.len());
    for twin in twins {
        assert!(gate_for_browser(&format!("https://{twin}/authorize"), false).is_err(), "{twin} as it is written");
        // The two spellings in which such a name gets through.
        let encoded: String = url::form_urlencoded::byte_serialize(twin.as_bytes()).collect();
        let ascii = url::Url::parse(&format!("https://{twin}/")).unwrap();
        for host in [encoded.as_str(), ascii.host_str().unwrap()] {
            let plan = plan(&attempt(&format!("https://{host}/authorize")), &server(), None);
            assert!(plan.host.is_ascii() && plan.host.contains("xn--"), "{twin} is shown as {}", plan.host);
            assert!(plan.address.is_ascii(), "{}", plan.address);
            let warning = plan.warning.unwrap_or_else(|| panic!("{twin} comes without a warning"));
            assert!(warning.contains("can look like others"), "{twin}: {warning}");
        }
    }
}

#[test]
fn a_name_in_front_of_another_one_does_not_make_it_that_one() {
    for (address, host, registrable) in [
        (
            "https://accounts.northwind.example.evil.example/authorize",
            "accounts.northwind.example.evil.example",
            "evil.example",
        ),
        ("https://accounts-northwind.example/authorize", "accounts-northwind.example", "accounts-northwind.example"),
    ] {
        let plan = plan(&attempt(address), &server(), None);
        assert_eq!((plan.host.as_str(), plan.registrable.as_deref()), (host, Some(registrable)));
        assert!(plan.warning.is_some(), "{address}");
    }
    // A dot at the end names the same computer.
    let dotted = plan(&attempt("https://accounts.northwind.example./authorize"), &server(), None);
    assert_eq!((dotted.registrable.as_deref(), dotted.warning), (Some("northwind.example"), None));
    for address in
        ["https://accounts.northwind.example%40evil.example/", "https://accounts.northwind.example@evil.example/"]
    {
        assert!(gate_for_browser(address, false).is_err(), "{address}");
    }
}

#[test]
fn a_service_that_moved_to_a_name_that_looks_like_another_is_told_as_both() {
    let moved = plan(&attempt("https://xn--nrthwind-nbh.example/authorize"), &server(), Some("https://old.example"));
    let warning = moved.warning.unwrap();
    assert!(warning.contains("Until now it was https://old.example"), "{warning}");
    assert!(warning.contains("can look like others"), "{warning}");
    assert_eq!(moved.moved_from.as_deref(), Some("https://old.example"));
}
