//! Whether a request goes through a proxy, by the same rules that the client follows. Sending through one is the client's.

use std::fmt;

use hyper_util::client::proxy::matcher::Matcher;
use replug_core::{AddressClass, Secret};
use url::Url;

use crate::reach::literal_class;

/// The rules: those of the system, or one proxy for everything.
pub(crate) struct Proxies(Matcher);

impl Proxies {
    /// `own` goes before what the system says.
    pub(crate) fn new(own: Option<&Secret<String>>) -> Self {
        Self(own.map_or_else(Matcher::from_system, |own| Matcher::builder().all(own.expose().as_str()).build()))
    }

    /// The proxy that a request to `url` goes through, without credentials; `None` when it goes there directly. What is on
    /// this computer is never asked through a proxy.
    pub(crate) fn on_the_way_to(&self, url: &Url) -> Option<Url> {
        if is_direct(url) {
            return None;
        }
        let intercept = self.0.intercept(&url.as_str().parse().ok()?)?;
        let mut proxy = Url::parse(&intercept.uri().to_string()).ok()?;
        // They never come here: the rules keep them apart. A proxy without a host would be none.
        proxy.set_username("").ok()?;
        proxy.set_password(None).ok()?;
        Some(proxy)
    }
}

/// Whether a request goes there without a proxy whatever the rules say.
pub(crate) fn is_direct(url: &Url) -> bool {
    literal_class(url) == Some(AddressClass::Loopback)
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The rules may hold credentials.
        f.write_str("Proxies")
    }
}
