//! Names of connectors: which are accepted, and how one is made when the person gave none. That a name is free is made sure
//! by the database.

use replug_core::{Code, Failure, ServerAddress, registrable_domain, sanitize};
use url::Url;

const LONGEST: usize = 120;

/// Accepts a name a person typed, without white space around it.
///
/// Fails with `RPL-USE-NAME-INVALID` when it is empty, too long, or holds characters that cannot be seen.
pub(crate) fn accept(name: &str) -> Result<String, Failure> {
    let name = name.trim();
    let visible = sanitize(name, LONGEST);
    if name.is_empty() || visible != name {
        return Err(Failure::new(Code::UseNameInvalid).with_fact("Name", name));
    }
    Ok(name.to_owned())
}

/// A name to begin with: what the server calls itself, else the telling part of its host.
pub(crate) fn suggest(server: Option<&str>, address: &ServerAddress) -> String {
    let called = server.map(|name| sanitize(name, 60)).filter(|name| !name.is_empty() && accept(name).is_ok());
    called.unwrap_or_else(|| from_host(address.base()))
}

/// `mcp.linear.app` is "Linear"; an address by number, or `localhost`, keeps its port.
fn from_host(url: &Url) -> String {
    let host = url.host_str().unwrap_or("connector");
    match registrable_domain(host).and_then(|domain| domain.split('.').next()) {
        Some(word) => capitalised(word),
        None => url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The name with a number behind it that none of `taken` has, without regard to case.
pub(crate) fn free(name: &str, taken: &[String]) -> String {
    let is_free = |candidate: &str| !taken.iter().any(|other| other.to_lowercase() == candidate.to_lowercase());
    if is_free(name) {
        return name.to_owned();
    }
    // One more candidate than there are names that could be in the way.
    let numbered = (2..taken.len() + 3).map(|number| format!("{name} {number}"));
    numbered.into_iter().find(|candidate| is_free(candidate)).unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggested(address: &str) -> String {
        suggest(None, &ServerAddress::parse(address, true).unwrap().0)
    }

    #[test]
    fn a_name_comes_from_the_server_or_from_its_host() {
        assert_eq!(suggest(Some("Acme CRM"), &ServerAddress::parse("https://a.example", false).unwrap().0), "Acme CRM");
        assert_eq!(suggested("https://mcp.acme.example/mcp"), "Acme");
        assert_eq!(suggested("http://127.0.0.1:4100/mcp"), "127.0.0.1:4100");
        assert_eq!(suggested("http://localhost/mcp"), "localhost");
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let taken = ["acme".to_owned(), "Acme 2".to_owned()];
        assert_eq!(free("Acme", &taken), "Acme 3");
        assert_eq!(free("Other", &taken), "Other");
    }

    #[test]
    fn names_that_cannot_be_read_are_refused() {
        for name in ["", "  ", "a\u{202e}b", "a\nb", &"x".repeat(121)] {
            assert_eq!(accept(name).map_err(|failure| failure.code), Err(Code::UseNameInvalid), "{name:?}");
        }
        assert_eq!(accept("  Łódź 🔌  ").unwrap(), "Łódź 🔌");
    }
}
