//! The gate that every address from a server passes before it reaches a browser or the client. Where names lead is
//! judged later, by the client.

use std::net::IpAddr;

use replug_core::{AddressClass, Code, Failure, class_of_ip};
use url::{Host, Url};

use crate::mask_url;

const MAX_BYTES: usize = 8 * 1024;

/// An address that passed the gate for browsers. Nothing else can be handed to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserAddress(Url);

impl BrowserAddress {
    /// The address as text; it begins with `https://`, or with `http://` on this computer.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The address in parts.
    pub const fn url(&self) -> &Url {
        &self.0
    }
}

/// Lets an address through to the browser: `https`, or `http` to a loopback literal or `localhost` when the connector
/// itself is on this computer; no user info, no fragment, no characters that could deceive, at most 8 KiB before and after
/// it is written as an address has to be.
///
/// Fails with `RPL-META-UNSAFE-ADDRESS`.
pub fn gate_for_browser(address: &str, connector_is_loopback: bool) -> Result<BrowserAddress, Failure> {
    gate(address, connector_is_loopback).map(BrowserAddress)
}

/// Lets an address that a server named through to the HTTP client, by the same rules.
///
/// Fails with `RPL-META-UNSAFE-ADDRESS`.
pub fn gate_for_request(address: &str, connector_is_loopback: bool) -> Result<Url, Failure> {
    gate(address, connector_is_loopback)
}

fn gate(address: &str, connector_is_loopback: bool) -> Result<Url, Failure> {
    let refuse = |reason: &str, shown: &str| {
        Err(Failure::new(Code::MetaUnsafeAddress).with_fact("Address", shown).with_fact("Reason", reason))
    };
    if address.len() > MAX_BYTES {
        return refuse("too long", "(more than 8 KiB)");
    }
    if address.chars().any(is_suspicious) {
        return refuse("characters that do not belong into an address", &readable_part(address));
    }
    let Ok(url) = Url::parse(address) else {
        return refuse("not an absolute address", &readable_part(address));
    };
    let shown = mask_url(&url);
    if url.as_str().len() > MAX_BYTES {
        return refuse("too long", &shown);
    }
    if !matches!(url.scheme(), "https" | "http") {
        return refuse("not a web address", &shown);
    }
    if !has_plain_host(&url) {
        return refuse("without a host, or with one that no computer has", &shown);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("carries a user name", &shown);
    }
    if url.fragment().is_some() {
        return refuse("carries a fragment", &shown);
    }
    if url.scheme() == "https" || (connector_is_loopback && is_loopback(&url)) {
        return Ok(url);
    }
    refuse("not encrypted", &shown)
}

/// What may be shown of a text that no parser takes apart: its beginning, without a query and without user info.
fn readable_part(address: &str) -> String {
    let bare = address.split(['?', '#']).next().unwrap_or_default();
    match bare.rsplit_once('@') {
        Some((_, rest)) => format!("…@{}", rest.chars().take(80).collect::<String>()),
        None => bare.chars().take(80).collect(),
    }
}

fn is_suspicious(character: char) -> bool {
    character.is_control() || character.is_whitespace() || character == '\\' || !character.is_ascii()
}

/// A web address may have quotes, dollars and brackets in its host, and nothing that starts programs should see them.
fn has_plain_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        }
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => class_of_ip(IpAddr::V4(ip)) == AddressClass::Loopback,
        Some(Host::Ipv6(ip)) => class_of_ip(IpAddr::V6(ip)) == AddressClass::Loopback,
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_that_could_do_harm_are_refused() {
        for address in [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "vbscript:x",
            "ftp://h.example/",
            "x",
            "",
            "http://auth.example/",
            "https://user@auth.example/",
            "https://auth.example/#x",
            "https://auth.example/ --x",
            "https://auth.example\\@evil.example/",
            "https://auth.example/\u{202e}",
            "https://аuth.example/",
            "--help",
        ] {
            let outcome = gate_for_browser(address, true);
            assert_eq!(outcome.map_err(|failure| failure.code), Err(Code::MetaUnsafeAddress), "{address}");
        }
    }

    #[test]
    fn plain_http_is_for_this_computer_only_and_only_when_the_connector_is_here_too() {
        assert!(gate_for_browser("http://127.0.0.1:9/a", true).is_ok(), "loopback for a loopback connector");
        assert!(gate_for_browser("http://127.0.0.1:9/a", false).is_err(), "a public server cannot send us to loopback");
        assert!(gate_for_browser("http://127.0.0.1.evil.example/", true).is_err(), "a name is not a literal");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn whatever_passes_is_a_plain_web_address(address in "(https?|javascript|ht)?:?//?[ -~]{0,40}") {
            if let Ok(passed) = gate_for_browser(&address, false) {
                prop_assert!(passed.as_str().starts_with("https://"), "{}", passed.as_str());
                prop_assert!(passed.url().username().is_empty() && passed.url().fragment().is_none());
                prop_assert_eq!(gate_for_browser(passed.as_str(), false).ok(), Some(passed), "passing twice changes nothing");
            }
        }
    }
}
