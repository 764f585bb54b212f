//! The address that a person copied from a browser that could not load it: in WSL, in a container, in a browser that insists
//! on https. It is read as it is meant, and judged like a hit of the listener.

use percent_encoding::percent_decode_str;
use replug_core::{Code, Failure};
use url::{Host, Url};

use super::Callback;
use super::response::{Expected, Fields};
use crate::Attempt;

/// Reads a pasted address with the same checks as the listener's: the whole address with `http`, `https` or no scheme, or only
/// what follows its `?` or `#`. White space from line breaks, quotation marks and `&amp;` are taken out.
///
/// `iss_required` is whether the service promises `iss` in its answers (RFC 9207 §3). Fails with `RPL-AUTH-STATE-MISMATCH`
/// and the reason when it is not the answer to this attempt: nothing has happened then and the attempt goes on. Every other
/// failure is the end of it, with the codes of [`Listener::wait`](super::Listener::wait).
pub fn accept_pasted(attempt: &Attempt, iss_required: bool, pasted: &str) -> Result<Callback, Failure> {
    let text = tidied(pasted);
    if text.is_empty() {
        return Err(foreign("Nothing was pasted."));
    }
    let expected = Expected::of(attempt, iss_required);
    let fields = Fields::parse(answer_in(&text, attempt)?.as_bytes());
    if expected.is_ours(&fields) {
        expected.judge(&fields, false)
    } else if fields.has("state") {
        Err(foreign("This address belongs to another sign-in. Copy the one from the newest browser tab."))
    } else {
        Err(foreign("A part of the address is missing. Copy all of it, from the address bar."))
    }
}

fn foreign(text: &str) -> Failure {
    Failure::new(Code::AuthStateMismatch).with_text(text)
}

/// Without what copying adds: line breaks of a terminal, quotation marks, the ampersands of a page's source, and an encoding
/// around the whole, as chats and mails put it.
fn tidied(pasted: &str) -> String {
    let text: String = pasted.chars().filter(|c| !c.is_whitespace()).collect();
    let text = text.trim_matches(['"', '\'', '`', '<', '>', '“', '”', '„']);
    let text = text.replace("&amp;", "&");
    if text.contains('=') { text } else { percent_decode_str(&text).decode_utf8_lossy().into_owned() }
}

/// The parameters of the answer, wherever in the text they stand.
fn answer_in(text: &str, attempt: &Attempt) -> Result<String, Failure> {
    if let Some(query) = bare_query(text) {
        return Ok(query.to_owned());
    }
    let rest = without_scheme(text, "https://").or_else(|| without_scheme(text, "http://")).unwrap_or(text);
    let url = Url::parse(&format!("http://{rest}")).map_err(|_| foreign("This is not an address."))?;
    if !leads_back(&url, attempt) {
        return Err(if leads_to_page(&url, attempt) {
            foreign("This is the address of the sign-in page. Copy the one that the browser could not load.")
        } else {
            let callback = attempt.redirect.to_address();
            foreign("This is another address than the one the browser was sent back to.")
                .with_fact("Callback address", callback)
        });
    }
    // Some services answer behind a `#`, where only the browser sees it (OAuth 2.0 Multiple Response Type Encoding §2.1).
    let query = url.query().filter(|query| !query.is_empty()).or(url.fragment());
    Ok(query.unwrap_or_default().to_owned())
}

/// Only the parameters, with or without the mark before them.
fn bare_query(text: &str) -> Option<&str> {
    let marked = text.strip_prefix(['?', '#']);
    let named = || ["code=", "state=", "error=", "iss="].iter().any(|name| text.starts_with(name));
    marked.or_else(|| named().then_some(text))
}

fn without_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let start = text.get(..scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
}

/// Whether an address is the attempt's callback address. Both names of this computer count: the person may have replaced
/// one by the other to make it load, and there is no browser here that could be deceived.
fn leads_back(url: &Url, attempt: &Attempt) -> bool {
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    here && url.port_or_known_default() == Some(attempt.redirect.port) && url.path() == attempt.redirect.path
}

fn leads_to_page(url: &Url, attempt: &Attempt) -> bool {
    let page = attempt.address.url();
    url.host_str() == page.host_str() && url.path() == page.path()
}
