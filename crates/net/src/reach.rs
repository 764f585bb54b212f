//! Which kinds of network a request may go to. Link-local and reserved addresses are never reached.

use std::net::IpAddr;

use replug_core::{AddressClass, class_of_ip};
use url::{Host, Url};

/// What a request may contact besides the public internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Reach {
    /// This computer.
    pub loopback: bool,
    /// Private networks.
    pub private: bool,
}

impl Reach {
    /// The public internet only.
    pub const PUBLIC: Self = Self { loopback: false, private: false };

    /// For the address the person typed: this computer and private networks too.
    pub const OWN: Self = Self { loopback: true, private: true };

    /// For addresses that a server names: the kinds of network its own address belongs to, and private ones when the
    /// person allowed them. `own` is the class of the connector's address as it was reached.
    pub const fn named_by(own: AddressClass, private_allowed: bool) -> Self {
        let loopback = matches!(own, AddressClass::Loopback);
        Self { loopback, private: loopback || private_allowed || matches!(own, AddressClass::Private) }
    }

    /// Whether an address of this class may be contacted.
    pub const fn allows(self, class: AddressClass) -> bool {
        match class {
            AddressClass::Public => true,
            AddressClass::Loopback => self.loopback,
            AddressClass::Private => self.private,
            AddressClass::LinkLocal | AddressClass::Reserved => false,
        }
    }
}

/// The class of a host that is an address by number, or `localhost`; `None` for names that have to be looked up.
pub(crate) fn literal_class(url: &Url) -> Option<AddressClass> {
    match url.host()? {
        Host::Ipv4(ip) => Some(class_of_ip(IpAddr::V4(ip))),
        Host::Ipv6(ip) => Some(class_of_ip(IpAddr::V6(ip))),
        Host::Domain(name) => is_localhost(name).then_some(AddressClass::Loopback),
    }
}

/// `localhost` and everything below it names this computer (RFC 6761 §6.3).
pub(crate) fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}
