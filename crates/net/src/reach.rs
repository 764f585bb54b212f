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
    /// person allowed them. `own` is the class of the connector's address by [`Http::class_of`](crate::Http::class_of),
    /// which trusts no name to say that it is this computer.
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

/// The class of a name that was looked up to `addresses`, as far as it widens a reach. Whoever owns the name decides what a
/// look-up says, and may say something else the next time: a name is never this computer, is private only when nothing it
/// leads to is anything else, and counts as public otherwise, which reaches least.
pub(crate) fn class_of_name(addresses: &[IpAddr]) -> AddressClass {
    let private = |ip: &IpAddr| class_of_ip(*ip) == AddressClass::Private;
    let all = !addresses.is_empty() && addresses.iter().all(private);
    if all { AddressClass::Private } else { AddressClass::Public }
}

/// `localhost` and everything below it names this computer (RFC 6761 §6.3).
pub(crate) fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reaches_no_further_than_all_its_addresses_prove() {
        use AddressClass::{Private, Public};
        for (addresses, class) in [
            (&["10.0.0.1", "fd00::1", "::ffff:192.168.1.1"][..], Private),
            (&["10.0.0.1", "8.8.8.8"], Public),
            (&["10.0.0.1", "127.0.0.1"], Public),
            (&["127.0.0.1"], Public),
            (&["::1"], Public),
            (&["64:ff9b::7f00:1"], Public),
            (&["169.254.169.254"], Public),
            (&["10.0.0.1", "169.254.169.254"], Public),
            (&["0.0.0.0"], Public),
            (&["8.8.8.8"], Public),
            (&[], Public),
        ] {
            let found: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
            assert_eq!(class_of_name(&found), class, "{addresses:?}");
        }
    }
}
