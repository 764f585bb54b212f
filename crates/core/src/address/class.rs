//! To what kind of network an IP address belongs, as far as reaching it is concerned. Which kinds may be reached is decided
//! by whoever asks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// To what kind of network an IP address belongs, as far as reaching it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressClass {
    /// Anywhere on the internet; 198.18/15 counts as public.
    Public,
    /// This computer.
    Loopback,
    /// A private network (RFC 1918, RFC 4193), or 100.64/10.
    Private,
    /// Link-local, or one of the metadata services of a cloud, wherever they live; never contacted.
    LinkLocal,
    /// Unspecified, multicast, broadcast, reserved, documentation; never contacted.
    Reserved,
}

/// Classifies an address, looking through the forms that carry an IPv4 address inside an IPv6 one (mapped, compatible,
/// NAT64, 6to4, Teredo), because those reach the same machine.
pub fn class_of_ip(ip: IpAddr) -> AddressClass {
    match ip {
        IpAddr::V4(ip) => class_of_v4(ip),
        IpAddr::V6(ip) => embedded_v4(ip).map_or_else(|| class_of_v6(ip), class_of_v4),
    }
}

const fn class_of_v4(ip: Ipv4Addr) -> AddressClass {
    match ip.octets() {
        // Clouds keep their metadata, and with it their keys, at a few addresses outside of the link-local block too.
        [169, 254, ..] | [100, 100, 100, 200] | [168, 63, 129, 16] => AddressClass::LinkLocal,
        [127, ..] => AddressClass::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => AddressClass::Private,
        [0 | 224..=255, ..] | [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => AddressClass::Reserved,
        _ => AddressClass::Public,
    }
}

const fn class_of_v6(ip: Ipv6Addr) -> AddressClass {
    if ip.is_loopback() {
        return AddressClass::Loopback;
    }
    match ip.segments() {
        [0xfe80..=0xfeff, ..] | [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254] => {
            AddressClass::LinkLocal
        }
        [0xfc00..=0xfdff, ..] => AddressClass::Private,
        [0x2001, 0xdb8, ..] | [0x3fff, ..=0xfff, ..] => AddressClass::Reserved,
        // Nothing else of the address space is given out to the internet (RFC 4291 §2.4, IANA's registry).
        [0x2000..=0x3fff, ..] => AddressClass::Public,
        _ => AddressClass::Reserved,
    }
}

fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = ip.segments();
    let octets = ip.octets();
    let at = |start: usize| Ipv4Addr::new(octets[start], octets[start + 1], octets[start + 2], octets[start + 3]);
    match segments {
        _ if ip.is_loopback() || ip.is_unspecified() => None,
        // NAT64 with a local prefix (RFC 8215) of 64 bits, where the last three bytes stay empty (RFC 6052 §2.2).
        [0x64, 0xff9b, 1, ..] if octets[13..] == [0; 3] => Some(at(9)),
        // Mapped and compatible, translated (RFC 2765), NAT64 (RFC 6052).
        [0, 0, 0, 0, 0, 0xffff | 0, ..] | [0, 0, 0, 0, 0xffff, 0, ..] | [0x64, 0xff9b, ..=1, ..] => Some(at(12)),
        // 6to4, and Teredo with its inverted bits.
        [0x2002, ..] => Some(at(2)),
        [0x2001, 0, ..] => Some(Ipv4Addr::from(u32::from(at(12)) ^ u32::MAX)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_other_addresses_are_found() {
        for text in ["::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1:2::127.0.0.1", "64:ff9b:1:2:7f:0:100:0"] {
            assert_eq!(class_of_ip(text.parse().unwrap()), AddressClass::Loopback, "{text}");
        }
        for text in ["2002:7f00:1::", "2001:0:1::80ff:fffe", "::1", "127.9.9.9"] {
            assert_eq!(class_of_ip(text.parse().unwrap()), AddressClass::Loopback, "{text}");
        }
        assert_eq!(class_of_ip("100.100.1.1".parse().unwrap()), AddressClass::Private);
        assert_eq!(class_of_ip("198.18.0.1".parse().unwrap()), AddressClass::Public);
        assert_eq!(class_of_ip("64:ff9b:1::8.8.8.8".parse().unwrap()), AddressClass::Public);
    }

    #[test]
    fn the_metadata_services_of_clouds_are_link_local_wherever_they_live() {
        for text in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "100.100.100.200",
            "64:ff9b::100.100.100.200",
            "168.63.129.16",
            "fd00:ec2::254",
            "fd20:ce::254",
            "fe80::a9fe:a9fe",
        ] {
            assert_eq!(class_of_ip(text.parse().unwrap()), AddressClass::LinkLocal, "{text}");
        }
    }

    #[test]
    fn what_is_not_given_out_to_the_internet_is_reserved() {
        for text in ["0.0.0.0", "::", "3fff:fff::1", "2001:db8::1", "4000::1", "5f00::1", "64:ff9c::1", "ff02::1"] {
            assert_eq!(class_of_ip(text.parse().unwrap()), AddressClass::Reserved, "{text}");
        }
        for text in ["2606:4700::1", "2a00:1450::1", "3fff:1000::1", "240e::1"] {
            assert_eq!(class_of_ip(text.parse().unwrap()), AddressClass::Public, "{text}");
        }
    }
}
