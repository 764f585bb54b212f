//! Hostile addresses for the browser, made from tables (T01): what passes the gate is opened once and as one argument, and
//! what does not is never opened. Real programs are started in `hostile_browsers`.

use std::sync::Mutex;

use replug_core::{Code, Failure};
use replug_net::{Browser, BrowserAddress, gate_for_browser, gate_for_request};
use url::Url;

const MAX_BYTES: usize = 8 * 1024;

/// A browser that writes down what it is started with.
#[derive(Default)]
struct Recorder(Mutex<Vec<Vec<String>>>);

impl Browser for Recorder {
    fn open(&self, address: &BrowserAddress) -> Result<(), Failure> {
        self.0.lock().unwrap().push(vec![address.as_str().to_owned()]);
        Ok(())
    }
}

/// What the tables say about an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It may be opened for every connector.
    Passes,
    /// It may be opened when the connector is on this computer.
    PassesHere,
    /// It may never be opened.
    Refused,
}

use Verdict::{Passes, PassesHere, Refused};

/// Every way to write the two schemes that there are, and schemes that start programs.
const SCHEMES: &[(&str, Verdict)] = &[
    ("https://", Passes),
    ("HTTPS://", Passes),
    ("https:", Passes),
    ("https:///", Passes),
    ("http://", PassesHere),
    ("hTTp://", PassesHere),
    ("javascript:", Refused),
    ("javascript://", Refused),
    ("data:text/html,", Refused),
    ("vbscript:", Refused),
    ("file://", Refused),
    ("ftp://", Refused),
    ("ws://", Refused),
    ("wss://", Refused),
    ("blob:https://", Refused),
    ("view-source:https://", Refused),
    ("about:", Refused),
    ("chrome://", Refused),
    ("mailto:", Refused),
    ("smb://", Refused),
    ("ssh://", Refused),
    ("intent://", Refused),
    ("ms-msdt:/id ", Refused),
    ("search-ms:query=", Refused),
    ("shell:", Refused),
    ("jar:https://", Refused),
    ("cursor://", Refused),
    ("x-https://", Refused),
    ("https+x://", Refused),
    ("://", Refused),
    ("//", Refused),
    ("/", Refused),
    ("", Refused),
    ("-", Refused),
    ("--url=https://", Refused),
    ("C:/", Refused),
];

/// Names, with whether they are this computer by number or by the one name that is reserved for it.
const HOSTS: &[(&str, Verdict)] = &[
    ("auth.example", Passes),
    ("AUTH.Example", Passes),
    ("auth.example.", Passes),
    ("xn--80ak6aa92e.example", Passes),
    ("%61uth.example", Passes),
    ("auth.example:443", Passes),
    ("auth.example:8443", Passes),
    ("8.8.8.8", Passes),
    ("[2606:4700::1]", Passes),
    ("127.0.0.1", PassesHere),
    ("127.1", PassesHere),
    ("0x7f.0.0.1:9", PassesHere),
    ("017700000001", PassesHere),
    ("2130706433", PassesHere),
    ("[::1]:9", PassesHere),
    ("[::ffff:127.0.0.1]", PassesHere),
    ("localhost:9", PassesHere),
    ("LOCALHOST", PassesHere),
    ("localhost.evil.example", Passes),
    ("127.0.0.1.evil.example", Passes),
    ("10.0.0.1", Passes),
    ("[::1", Refused),
    ("[fe80::1%25eth0]", Refused),
    ("auth.example:port", Refused),
    ("auth.example:99999", Refused),
    ("1.2.3.4.5", Refused),
    ("256.1.1.1", Refused),
    ("auth<.example", Refused),
    ("'x'\"x\"", Refused),
    ("auth$(touch).example", Refused),
    ("auth`touch`.example", Refused),
    ("auth&calc.example", Refused),
    ("auth;calc.example", Refused),
    ("*.example", Refused),
    ("auth%20x.example", Refused),
    ("auth%24x.example", Refused),
    ("auth%00.example", Refused),
    ("auth%2f.example", Refused),
    ("auth%5c.example", Refused),
    ("user@auth.example", Refused),
    ("accounts.example@evil.example", Refused),
    ("user:password@auth.example", Refused),
    (":password@auth.example", Refused),
    ("accounts.example%40evil.example", Refused),
];

const PATHS: &[&str] = &[
    "",
    "/",
    "/authorize",
    "/a/../../b",
    "/%2e%2e/%2e/",
    "//evil.example/",
    "/a;b=c",
    "/$(touch%20x)`x`|x&x",
    "/'x'\"x\"",
    "/%0d%0aLocation:%20x",
];

const QUERIES: &[&str] = &[
    "",
    "?",
    "?a=1&b=2",
    "?--help",
    "?x=%s%n%d",
    "?x=%00%1b%E2%80%AE",
    "?x=$(id)`id`;id|id",
    "?x=\"'<>{}",
    "?javascript:alert(1)",
];

/// Addresses that would pass, to be spoilt.
const GOOD: &[&str] =
    &["https://auth.example", "https://auth.example/authorize?a=1&b=2", "https://[2606:4700::1]:8443/x"];

/// Characters that deceive, break a line, or end an argument, and letters that look like others.
fn spoilers() -> Vec<char> {
    let control = (0..0x20).chain(0x7f..0xa0).filter_map(char::from_u32);
    let invisible = "\u{a0}\u{ad}\u{61c}\u{180e}\u{2000}\u{200b}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\
                     \u{202e}\u{2060}\u{2066}\u{2067}\u{2068}\u{2069}\u{3000}\u{fe0f}\u{feff}\u{fffd}\u{e0001}";
    control.chain(invisible.chars()).chain(" \\аеорсｅ。／⁄∕＠﹕é🙂".chars()).collect()
}

/// Every combination, with what the tables say about it when each part is judged by itself.
fn combined() -> impl Iterator<Item = (String, Verdict)> {
    let heads = SCHEMES.iter().flat_map(|scheme| HOSTS.iter().map(move |host| (scheme, host)));
    heads.enumerate().flat_map(|(index, ((scheme, from_scheme), (host, from_host)))| {
        let verdict = match (from_scheme, from_host) {
            // Unencrypted is for this computer only.
            (Refused, _) | (_, Refused) | (PassesHere, Passes) => Refused,
            (Passes, _) => Passes,
            (PassesHere, PassesHere) => PassesHere,
        };
        // What may pass is tried with every tail, and the rest with one path and one query each.
        let paths = PATHS.iter().enumerate().filter(move |(at, _)| verdict != Refused || *at == index % PATHS.len());
        paths.flat_map(move |(_, path)| {
            let queries = QUERIES.iter().enumerate();
            let queries = queries.filter(move |(at, _)| verdict != Refused || *at == index % QUERIES.len());
            queries.map(move |(_, query)| (format!("{scheme}{host}{path}{query}"), verdict))
        })
    })
}

/// Every spoiler at the beginning, at the end, and at many places within.
fn spoilt() -> impl Iterator<Item = (String, Verdict)> {
    GOOD.iter().flat_map(|good| {
        let places = (0..=good.len()).step_by(3).chain([good.len()]);
        places.flat_map(move |place| {
            let (before, after) = good.split_at(place);
            spoilers().into_iter().map(move |spoiler| (format!("{before}{spoiler}{after}"), Refused))
        })
    })
}

fn fragments_and_lengths() -> impl Iterator<Item = (String, Verdict)> {
    let empty = ["https:", "https://", "https:///", "https://?x=1", "http://", "https://:443/", ""];
    let empty = empty.map(|address| (address.to_owned(), Refused));
    let fragments = ["#", "#x", "#@evil.example", "#/../x"].map(|fragment| (format!("{}{fragment}", GOOD[1]), Refused));
    let room = MAX_BYTES - GOOD[1].len();
    let long = [
        (format!("{}{}", GOOD[1], "a".repeat(room)), Passes),
        (format!("{}{}", GOOD[1], "a".repeat(room + 1)), Refused),
        // Three bytes each, once they are written as an address has to be.
        (format!("{}{}", GOOD[1], "\"".repeat(room / 3)), Passes),
        (format!("{}{}", GOOD[1], "\"".repeat(room / 3 + 1)), Refused),
    ];
    empty.into_iter().chain(fragments).chain(long)
}

/// What holds for whatever a browser is started with.
fn assert_harmless(argument: &str, here: bool, from: &str) {
    assert!(argument.len() <= MAX_BYTES, "{from}");
    assert!(argument.starts_with("https://") || (here && argument.starts_with("http://")), "{from} -> {argument}");
    assert!(
        argument.bytes().all(|byte| byte.is_ascii_graphic()),
        "no space, no control character: {from} -> {argument}"
    );
    assert!(!argument.contains(['\\', '#', '"', '<', '>']), "{from} -> {argument}");
    let url = Url::parse(argument).unwrap();
    assert!(url.username().is_empty() && url.password().is_none() && url.host_str().is_some(), "{from} -> {argument}");
    assert_eq!(url.as_str(), argument, "another parser reads the same: {from}");
}

#[test]
fn of_many_thousand_hostile_addresses_only_the_harmless_ones_are_opened_once_with_one_argument() {
    let (mut refused, mut opened) = (0, 0);
    for (address, verdict) in combined().chain(spoilt()).chain(fragments_and_lengths()) {
        for here in [false, true] {
            let recorder = Recorder::default();
            let outcome = gate_for_browser(&address, here).and_then(|passed| recorder.open(&passed));
            let launches = recorder.0.into_inner().unwrap();
            let may_pass = verdict == Passes || (here && verdict == PassesHere) || is_https(&address, verdict);
            if may_pass {
                outcome.unwrap_or_else(|failure| panic!("{address}: {failure:?}"));
                let [arguments] = launches.as_slice() else { panic!("one launch: {address}") };
                let [argument] = arguments.as_slice() else { panic!("one argument: {address}") };
                assert_harmless(argument, here, &address);
                assert_eq!(
                    gate_for_browser(argument, here).unwrap().as_str(),
                    argument,
                    "passing twice changes nothing"
                );
                opened += 1;
            } else {
                let failure = outcome.expect_err(&address);
                assert_eq!((failure.code, launches.len()), (Code::MetaUnsafeAddress, 0), "{address}");
                let shown = format!("{:?}", failure.facts);
                assert!(!shown.contains("password") && !shown.contains('\u{202e}'), "{shown}");
                refused += 1;
            }
            let same = gate_for_request(&address, here).is_ok();
            assert_eq!(same, may_pass, "the client is not sent where a browser is not: {address}");
        }
    }
    assert!(refused >= 10_000 && opened >= 5_000, "refused {refused}, opened {opened}");
}

/// An encrypted address of this computer is in order for every connector.
fn is_https(address: &str, verdict: Verdict) -> bool {
    verdict == PassesHere && address.to_ascii_lowercase().starts_with("https")
}
