//! Which hosts, ports and addresses a request may go to. Pure rules; who resolves and connects asks them.
//! Sources: IANA's special-purpose address registries of 2025-10-09, and the Fetch standard's list of bad ports.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a deployment permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    pub scheme: Scheme,
    pub reach: Reach,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    HttpsOnly,
    HttpToo,
}

/// Which addresses may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Public,
    /// This machine too: for one machine and for emulators, refused elsewhere.
    Private,
}

/// Whether a host's name may be called: a domain of several labels that is not set aside for local use.
pub fn is_public_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let local = ["localhost", "local", "internal", "home.arpa", "onion", "test", "invalid", "example", "alt"];
    let ends = |suffix: &str| host == suffix || host.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'));
    host.contains('.') && !host.starts_with('.') && host.parse::<IpAddr>().is_err() && !local.into_iter().any(ends)
}

/// Whether a port may be called: those that browsers block speak other protocols.
pub fn is_open_port(port: u16) -> bool {
    const BAD: [u16; 83] = [
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
        109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526,
        530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045,
        4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    ];
    !BAD.contains(&port)
}

/// Whether an address is anybody's on the internet, and so nobody's on this side of it.
pub fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    const SPECIAL: [([u8; 4], u32); 18] = [
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 0, 2, 0], 24),
        ([192, 31, 196, 0], 24),
        ([192, 52, 193, 0], 24),
        ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16),
        ([192, 175, 48, 0], 24),
        ([198, 18, 0, 0], 15),
        ([198, 51, 100, 0], 24),
        ([203, 0, 113, 0], 24),
        ([224, 0, 0, 0], 4),
        ([240, 0, 0, 0], 4),
    ];
    let bits = address.to_bits();
    !SPECIAL.iter().any(|(base, length)| (bits ^ u32::from_be_bytes(*base)) >> (32 - length) == 0)
}

/// Global unicast alone, less what is set aside in it and what ISATAP (RFC 5214) makes of an IPv4 address in anybody's
/// network: no form that carries an IPv4 address is ever taken apart.
fn is_public_v6(address: Ipv6Addr) -> bool {
    const SPECIAL: [(u128, u32); 5] = [
        (0x2001 << 112, 23),
        (0x2001_0db8 << 96, 32),
        (0x2002 << 112, 16),
        (0x2620_004f_8000 << 80, 48),
        (0x3fff << 112, 20),
    ];
    let bits = address.to_bits();
    let is_isatap = matches!(address.segments()[4..6], [0x0000 | 0x0200, 0x5efe]);
    bits >> 125 == 1 && !is_isatap && !SPECIAL.iter().any(|(base, length)| (bits ^ base) >> (128 - length) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(address: &str) -> bool {
        is_public_address(address.parse().expect(address))
    }

    #[test]
    fn special_purpose_addresses_are_refused_and_their_neighbours_are_not() {
        // First, last, and the public neighbours on both sides, of each range.
        let ranges = [
            (None, "0.0.0.0", "0.255.255.255", Some("1.0.0.0")),
            (Some("9.255.255.255"), "10.0.0.0", "10.255.255.255", Some("11.0.0.0")),
            (Some("100.63.255.255"), "100.64.0.0", "100.127.255.255", Some("100.128.0.0")),
            (Some("126.255.255.255"), "127.0.0.0", "127.255.255.255", Some("128.0.0.0")),
            (Some("169.253.255.255"), "169.254.0.0", "169.254.255.255", Some("169.255.0.0")),
            (Some("172.15.255.255"), "172.16.0.0", "172.31.255.255", Some("172.32.0.0")),
            (Some("191.255.255.255"), "192.0.0.0", "192.0.0.255", Some("192.0.1.0")),
            (Some("192.167.255.255"), "192.168.0.0", "192.168.255.255", Some("192.169.0.0")),
            (Some("198.17.255.255"), "198.18.0.0", "198.19.255.255", Some("198.20.0.0")),
            (Some("223.255.255.255"), "224.0.0.0", "255.255.255.255", None),
            (None, "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", None),
            (None, "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", Some("2001:200::")),
            (Some("2001:db7:ffff::"), "2001:db8::", "2001:db8:ffff::", Some("2001:db9::")),
            (Some("2001:ffff::"), "2002::", "2002:ffff::", Some("2003::")),
            (Some("3ffe:ffff::"), "3fff::", "3fff:fff:ffff::", Some("3fff:1000::")),
            (None, "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", None),
        ];
        for (before, first, last, after) in ranges {
            assert!(!public(first) && !public(last), "{first} to {last}");
            for neighbour in [before, after].into_iter().flatten() {
                assert!(public(neighbour), "{neighbour}");
            }
        }
        for dressed in [
            "::ffff:8.8.8.8",
            "::8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::",
            "2a00:1450::5efe:808:808",
            "2a00:1450::200:5efe:808:808",
            "fe80::1",
            "fc00::1",
        ] {
            assert!(!public(dressed), "{dressed}");
        }
        assert!(public("2a00:1450::100:5efe:808:808"), "not ISATAP's");
    }

    #[test]
    fn names_of_this_machine_and_this_network_are_refused() {
        for name in ["hooks.zapier.com", "EXAMPLE.ORG", "a.b.", "xn--bcher-kva.example.org"] {
            assert!(is_public_name(name), "{name}");
        }
        for name in [
            "",
            ".",
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "printer.local",
            "metadata.google.internal",
            "instance-data",
            "router.home.arpa",
            "a.onion",
            "127.0.0.1",
            "8.8.8.8",
            ".com",
        ] {
            assert!(!is_public_name(name), "{name}");
        }
    }

    #[test]
    fn ports_of_other_protocols_are_refused() {
        assert!([80, 443, 8080, 8443, 3000].into_iter().all(is_open_port));
        assert!([0, 22, 25, 53, 110, 587, 6667, 10080].into_iter().all(|port| !is_open_port(port)));
    }
}
