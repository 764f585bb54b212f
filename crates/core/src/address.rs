//! Addresses of servers: which are accepted, their canonical form, and how they are shown. Nothing is resolved here.

mod class;

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url, form_urlencoded};

pub use self::class::{AddressClass, class_of_ip};
use crate::{Secret, sanitize};

const MAX_BYTES: usize = 8 * 1024;

/// The address of a remote MCP server in canonical form, without the values of its query: those may be keys and are kept
/// with the connector's other secrets. A member of the query without a `=` (`?KEY`) is all value and has an empty name.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerAddress {
    url: Url,
    query_names: Vec<String>,
}

/// Why a text cannot be a server's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is not an absolute web address.
    #[error("this is not a web address")]
    NotAnAddress,
    /// Only `https`, and `http` on this computer.
    #[error("only https addresses are accepted (http on this computer only)")]
    Scheme,
    /// Unencrypted, and not on this computer.
    #[error("this address is not encrypted")]
    PlainHttp,
    /// It carries a user name or password.
    #[error("an address with a user name or password in it is refused")]
    UserInfo,
    /// It carries a `#…` part.
    #[error("an address with a `#` part is refused")]
    Fragment,
    /// Control characters, spaces or backslashes.
    #[error("the address holds characters that do not belong into one")]
    Characters,
    /// More than 8 KiB.
    #[error("the address is too long")]
    TooLong,
}

impl ServerAddress {
    /// Reads an address a person typed or a file holds. The values of its query are returned apart.
    ///
    /// `allow_http` accepts plain `http` to other computers, which is refused otherwise.
    #[expect(clippy::type_complexity, reason = "one pair, used at two places; a name would say less")]
    pub fn parse(text: &str, allow_http: bool) -> Result<(Self, Vec<(String, Secret<String>)>), AddressError> {
        let text = text.trim();
        if text.len() > MAX_BYTES {
            return Err(AddressError::TooLong);
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(AddressError::Characters);
        }
        let mut url = Url::parse(text).map_err(|_| AddressError::NotAnAddress)?;
        check_parts(&url, allow_http)?;
        let pairs: Vec<(String, Secret<String>)> =
            query_members(&url).map(|(name, value)| (name, Secret::new(value))).collect();
        url.set_query(None);
        let query_names = pairs.iter().map(|(name, _)| name.clone()).collect();
        let address = Self { url, query_names };
        // Characters that have to be escaped make it longer, and what is stored has to be read again.
        if address.to_url(&pairs).as_str().len() > MAX_BYTES {
            return Err(AddressError::TooLong);
        }
        Ok((address, pairs))
    }

    /// Reads an address as [`ServerAddress::to_stored`] wrote it.
    pub fn from_stored(text: &str) -> Result<Self, AddressError> {
        Self::parse(text, true).map(|(address, _)| address)
    }

    /// The form for the database: query names without values.
    pub fn to_stored(&self) -> String {
        self.to_url(&[]).into()
    }

    /// The address to contact, with the query's values filled in from `query`; names without a value stay empty.
    pub fn to_url(&self, query: &[(String, Secret<String>)]) -> Url {
        let mut url = self.url.clone();
        if !self.query_names.is_empty() {
            let mut rest: Vec<&(String, Secret<String>)> = query.iter().collect();
            let mut members = Vec::new();
            for name in &self.query_names {
                let at = rest.iter().position(|(candidate, _)| candidate == name);
                let value = at.map(|at| rest.remove(at));
                members.push(query_member(name, value.map_or("", |(_, value)| value.expose())));
            }
            url.set_query(Some(&members.join("&")));
        }
        url
    }

    /// The address without its query.
    pub const fn base(&self) -> &Url {
        &self.url
    }

    /// Names of the query's members, in order; empty for a member without a `=`.
    pub fn query_names(&self) -> &[String] {
        &self.query_names
    }

    /// The host in plain ASCII letters, with the port when it is not the usual one.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether the address names this computer by a loopback literal or by `localhost`.
    pub fn is_loopback(&self) -> bool {
        is_loopback_host(&self.url)
    }
}

/// Shown with query values and random-looking path segments hidden.
impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Put together by hand: a `Url` would write the `…` of a hidden segment as `%E2%80%A6`.
        write!(f, "{}://{}{}", self.url.scheme(), self.host(), mask_path(self.url.path()))?;
        f.write_str(&masked_query(self.query_names.iter().map(String::as_str)))
    }
}

impl fmt::Debug for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerAddress({self})")
    }
}

fn check_parts(url: &Url, allow_http: bool) -> Result<(), AddressError> {
    if !url.has_host() || url.host_str().is_none_or(str::is_empty) {
        return Err(AddressError::NotAnAddress);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressError::UserInfo);
    }
    if url.fragment().is_some() {
        return Err(AddressError::Fragment);
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if allow_http || is_loopback_host(url) => Ok(()),
        "http" => Err(AddressError::PlainHttp),
        _ => Err(AddressError::Scheme),
    }
}

fn is_loopback_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.trim_end_matches('.').eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => class_of_ip(ip.into()) == AddressClass::Loopback,
        Some(Host::Ipv6(ip)) => class_of_ip(ip.into()) == AddressClass::Loopback,
        None => false,
    }
}

/// The members of a query, in order. One without a `=`, or without a name before it, may be a key as a whole: it has an
/// empty name, and its value is its text as it stands there.
fn query_members(url: &Url) -> impl Iterator<Item = (String, String)> {
    let members = url.query().unwrap_or_default().split('&').filter(|member| !member.is_empty());
    members.map(|member| match member.split_once('=') {
        Some(("", "")) => (String::new(), String::new()),
        None | Some(("", _)) => (String::new(), member.to_owned()),
        Some((name, value)) => (form_decoded(name), form_decoded(value)),
    })
}

/// Writes a member so that [`query_members`] reads it back.
fn query_member(name: &str, value: &str) -> String {
    match (name, value) {
        ("", "") => "=".to_owned(),
        ("", value) => value.to_owned(),
        (name, value) => format!("{}={}", form_encoded(name), form_encoded(value)),
    }
}

fn form_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Reads one side of a pair. Whoever calls this has split the pair, so no `&` is left; a `=` in a value belongs to it.
fn form_decoded(text: &str) -> String {
    let pair = format!("={text}");
    form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// The query of an address as it may be shown, with its `?`: names without values, and `…` for a member without a `=`.
pub fn mask_query(url: &Url) -> String {
    let names: Vec<String> = query_members(url).map(|(name, _)| name).collect();
    masked_query(names.iter().map(String::as_str))
}

fn masked_query<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let member = |name: &str| if name.is_empty() { "…".to_owned() } else { format!("{}=…", sanitize(name, 60)) };
    let shown: Vec<String> = names.map(member).collect();
    if shown.is_empty() { String::new() } else { format!("?{}", shown.join("&")) }
}

/// Hides path segments that look like keys: 20 or more characters of letters and digits with no readable structure.
pub fn mask_path(path: &str) -> String {
    path.split('/').map(|segment| if looks_random(segment) { "…" } else { segment }).collect::<Vec<_>>().join("/")
}

fn looks_random(segment: &str) -> bool {
    let long = segment.len() >= 20 && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~=%".contains(&b));
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let upper = segment.bytes().filter(u8::is_ascii_uppercase).count();
    let lower = segment.bytes().filter(u8::is_ascii_lowercase).count();
    long && (digits >= 3 || (upper >= 3 && lower >= 3))
}

/// The part of a host name that somebody registered (`example.co.uk`), by the public suffix list. `None` for addresses
/// by number and for names without a dot.
pub fn registrable_domain(host: &str) -> Option<&str> {
    if host.parse::<IpAddr>().is_ok() || host.starts_with('[') {
        return None;
    }
    psl::domain_str(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ServerAddress, AddressError> {
        ServerAddress::parse(text, false).map(|(address, _)| address)
    }

    #[test]
    fn an_address_is_brought_to_its_canonical_form() {
        assert_eq!(parse("HTTPS://MCP.Example:443/a/../mcp").unwrap().to_string(), "https://mcp.example/mcp");
        assert_eq!(parse("http://LOCALHOST:80/mcp").unwrap().to_string(), "http://localhost/mcp");
    }

    #[test]
    fn dangerous_addresses_are_refused_with_their_reason() {
        for (text, reason) in [
            ("mcp.example", AddressError::NotAnAddress),
            ("javascript:alert(1)", AddressError::NotAnAddress),
            ("ftp://mcp.example/", AddressError::Scheme),
            ("http://mcp.example/", AddressError::PlainHttp),
            ("https://user@mcp.example/", AddressError::UserInfo),
            ("https://mcp.example/#x", AddressError::Fragment),
            ("https://mcp.example/a b", AddressError::Characters),
            ("https:\\\\mcp.example", AddressError::Characters),
        ] {
            assert_eq!(parse(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn query_values_are_kept_apart_and_can_be_put_back() {
        let (address, query) = ServerAddress::parse("https://mcp.example/mcp?key=canary&b=2", false).unwrap();
        assert_eq!(address.to_string(), "https://mcp.example/mcp?key=…&b=…");
        assert!(!format!("{address:?}{}", address.to_stored()).contains("canary"), "the value is nowhere else");
        let again = ServerAddress::from_stored(&address.to_stored()).unwrap();
        assert_eq!(again, address, "the stored form names the same address");
        assert_eq!(again.to_url(&query).as_str(), "https://mcp.example/mcp?key=canary&b=2");
    }

    #[test]
    fn an_address_that_is_accepted_can_be_stored_and_read_again() {
        let long = |count: usize| format!("https://mcp.example/?{}", "\"".repeat(count));
        let address = parse(&long(2_700)).unwrap();
        assert_eq!(ServerAddress::from_stored(&address.to_stored()), Ok(address));
        assert_eq!(parse(&long(2_800)), Err(AddressError::TooLong), "escaped, it has more than 8 KiB");
    }

    #[test]
    fn a_member_without_a_name_is_a_secret_as_a_whole() {
        for text in [
            "https://mcp.example/mcp?canary",
            "https://mcp.example/mcp?a=1&canary/2%2F+x&b=2&canary",
            "https://mcp.example/mcp?=canary",
        ] {
            let (address, query) = ServerAddress::parse(text, false).unwrap();
            let kept = format!("{address}{address:?}{}{:?}", address.to_stored(), address.query_names());
            assert!(!kept.contains("canary"), "it is with the secrets only: {kept}");
            let again = ServerAddress::from_stored(&address.to_stored()).unwrap();
            assert_eq!(again, address, "the stored form names the same address");
            assert_eq!(again.to_url(&query).as_str(), text);
        }
        let (address, query) = ServerAddress::parse("https://mcp.example/mcp?a=1&canary", false).unwrap();
        assert_eq!(address.to_string(), "https://mcp.example/mcp?a=…&…");
        let empty = ServerAddress::parse(&address.to_stored(), false).unwrap().1;
        assert!(empty.iter().all(|(_, value)| value.expose().is_empty()), "the stored form holds no value");
        assert_eq!(query[1].1.expose(), "canary");
    }

    #[test]
    fn values_come_back_whatever_characters_they_hold() {
        let text = "https://mcp.example/mcp?k%26=a%3Db%26c+d%25&empty=&k2=x==";
        let (address, query) = ServerAddress::parse(text, false).unwrap();
        let values: Vec<&str> = query.iter().map(|(_, value)| value.expose().as_str()).collect();
        assert_eq!(
            (address.query_names(), values),
            (&["k&", "empty", "k2"].map(str::to_owned)[..], vec!["a=b&c d%", "", "x=="])
        );
        let again = address.to_url(&query);
        assert_eq!(again.as_str(), "https://mcp.example/mcp?k%26=a%3Db%26c+d%25&empty=&k2=x%3D%3D");
    }

    #[test]
    fn random_looking_path_segments_are_not_shown() {
        let address = parse("https://[2001:db8::1]:8443/s/aB3dE5fG7hJ9kL1mN3pQ/mcp").unwrap();
        assert_eq!(address.to_string(), "https://[2001:db8::1]:8443/s/…/mcp");
        assert_eq!(mask_path("/a-rather-long-readable-name/mcp"), "/a-rather-long-readable-name/mcp");
    }
}
