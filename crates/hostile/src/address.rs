//! The rules for addresses: of the gate for those that a server names, and of a connector's own. What passes keeps its
//! promises, and passing twice changes nothing.

use replug_core::ServerAddress;
use replug_net::{gate_for_browser, gate_for_request, mask_url};
use url::{Host, Url};

const MAX_BYTES: usize = 8 * 1024;

/// The bytes are one address.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for here in [false, true] {
        check_gate(text, here);
        check_own(text, here);
    }
    if let Ok(mut url) = Url::parse(text) {
        let shown = mask_url(&url);
        if url.set_username("user").and(url.set_password(Some("password"))).is_ok() {
            assert_eq!(mask_url(&url), shown, "user info is never shown");
        }
    }
}

fn check_gate(text: &str, here: bool) {
    let request = gate_for_request(text, here);
    let browser = gate_for_browser(text, here);
    assert_eq!(request.is_ok(), browser.is_ok(), "one rule for both");
    let Ok(passed) = browser else {
        let failure = request.unwrap_err();
        let shown = failure.facts.iter().all(|fact| !fact.value.chars().any(char::is_control));
        assert!(shown, "{:?}", failure.facts);
        return;
    };
    let address = passed.as_str();
    assert!(address.len() <= MAX_BYTES && address.bytes().all(|byte| byte.is_ascii_graphic()), "{address}");
    assert!(!address.contains(['\\', '#', '"', '<', '>']), "{address}");
    let url = Url::parse(address).unwrap();
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none(), "{address}");
    assert!(address.starts_with("https://") || (here && address.starts_with("http://") && is_here(&url)), "{address}");
    assert_eq!(gate_for_browser(address, here).unwrap().as_str(), address, "passing twice changes nothing");
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => {
            ip.is_loopback() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback()) || has_v4(ip)
        }
        None => false,
    }
}

/// The other forms that carry an IPv4 address are the subject of tests of their own.
const fn has_v4(ip: std::net::Ipv6Addr) -> bool {
    matches!(ip.segments(), [0, 0, 0, 0, ..] | [0x64 | 0x2001 | 0x2002, ..])
}

fn check_own(text: &str, allow_http: bool) {
    let Ok((address, query)) = ServerAddress::parse(text, allow_http) else { return };
    let stored = address.to_stored();
    let again = ServerAddress::from_stored(&stored).unwrap();
    assert_eq!((again.to_stored(), &again), (stored, &address), "what is stored names the same address");
    let url = address.to_url(&query);
    let (same, values) = ServerAddress::parse(url.as_str(), true).unwrap();
    assert_eq!(same, address, "with its values it is still the same");
    let pairs = |pairs: &[(String, replug_core::Secret<String>)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| (name.clone(), value.expose().clone())).collect()
    };
    assert_eq!(pairs(&values), pairs(&query), "no value is lost");
    assert!(!address.to_string().chars().any(char::is_control), "{address}");
}
