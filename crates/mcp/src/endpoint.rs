//! Where a server is and what goes with every request to it. What is asked of it is in `wire`.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use replug_core::Secret;
use replug_net::{Ask, Follow, Reach, mask_url};
use url::Url;

use crate::question::Elicitation;

/// Headers that are never taken from the settings: the client or the protocol sets them itself.
const RESERVED: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "host",
    "last-event-id",
    "mcp-method",
    "mcp-name",
    "mcp-protocol-version",
    "mcp-session-id",
    "transfer-encoding",
];
const SAME_ORIGIN_HOPS: u8 = 2;
/// Shorter values are not looked for in a server's words: they would match by accident.
const SHORTEST_SECRET: usize = 6;

/// A server's address with the secrets that belong to it. Secrets go to the address's own origin and nowhere else.
pub struct Endpoint {
    /// The server's address.
    pub url: Url,
    /// The access token; it takes the place of an `Authorization` header from the settings.
    pub bearer: Option<Secret<String>>,
    /// Fixed headers from the settings. Those that [`Endpoint::reserves`] are left out.
    pub headers: Vec<(HeaderName, Secret<String>)>,
    /// Which networks may be reached.
    pub reach: Reach,
    /// What becomes of questions to the person.
    pub elicitation: Elicitation,
}

/// The address can hold a key in its query, so it is masked.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({})", mask_url(&self.url))
    }
}

impl Endpoint {
    /// Whether a header of this name is Replug's own to set, so that settings cannot have it.
    pub fn reserves(name: &HeaderName) -> bool {
        RESERVED.contains(&name.as_str()) || name.as_str().starts_with("mcp-param-")
    }

    /// A request to `url` with everything that may go there.
    pub(crate) fn ask(&self, method: Method, url: Url, headers: &HeaderMap) -> Ask {
        let own = url.origin() == self.url.origin();
        let mut ask = Ask::new(method, url, self.reach).follow(Follow::SameOrigin(SAME_ORIGIN_HOPS));
        if own {
            ask = self.with_secrets(ask);
        }
        for (name, value) in headers {
            ask = ask.header(name.clone(), value.clone());
        }
        ask
    }

    /// A POST of a message to `url`.
    pub(crate) fn post(&self, url: Url, body: Bytes, mut headers: HeaderMap) -> Ask {
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        self.ask(Method::POST, url, &headers).body("application/json", body)
    }

    fn with_secrets(&self, mut ask: Ask) -> Ask {
        for (name, value) in self.headers.iter().filter(|(name, _)| !Self::reserves(name)) {
            let Ok(mut value) = HeaderValue::from_str(value.expose()) else {
                tracing::warn!(%name, "a header from the settings has a value no header can carry");
                continue;
            };
            value.set_sensitive(true);
            ask = ask.header(name.clone(), value);
        }
        match &self.bearer {
            Some(token) => ask.bearer(token),
            None => ask,
        }
    }

    /// A server's words without the secrets it may have echoed.
    pub(crate) fn scrub(&self, words: &str) -> String {
        let secrets =
            self.headers.iter().map(|(_, value)| value.expose()).chain(self.bearer.iter().map(Secret::expose));
        secrets
            .filter(|secret| secret.len() >= SHORTEST_SECRET)
            .fold(words.to_owned(), |words, secret| words.replace(secret.as_str(), "…"))
    }
}
