//! IPv6, of which nobody can try every address: the edges of what is set aside, their neighbours near and far, random
//! addresses inside and outside, and IPv4 addresses in every dress that IPv6 has for them.

use crate::{
    registry::{Family, Row, is_blocked, stretches},
    v4::Tally,
};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Pseudo-random numbers, the same in each run (`SplitMix64`).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// An address from `first` to `last`; the modulo favours some by less than anybody can tell.
    fn within(&mut self, first: u128, last: u128) -> u128 {
        let wide = u128::from(self.next()) << 64 | u128::from(self.next());
        (last - first).checked_add(1).map_or(wide, |size| first + wide % size)
    }
}

/// The edges of every row with their neighbours at every distance that is a power of two, and `each` random addresses
/// of every row and of every stretch between them.
pub(crate) fn edges_and_random(rows: &[Row], each: usize, random: &mut Random) -> Tally {
    let stretches = stretches(rows, Family::V6);
    let mut tally = Tally::default();
    let mut note = |bits: u128| {
        let address = Ipv6Addr::from_bits(bits);
        tally.note(address.into(), is_blocked(&stretches, bits) || is_isatap(address));
    };
    for row in rows {
        let distances = || std::iter::once(0).chain((0..128).map(|power| 1 << power));
        for edge in [row.first, row.last] {
            distances().filter_map(|distance| edge.checked_add(distance)).for_each(&mut note);
            distances().filter_map(|distance| edge.checked_sub(distance)).for_each(&mut note);
        }
    }
    let ranges = rows.iter().map(|row| (row.first, row.last));
    for (first, last) in ranges.chain(stretches.iter().map(|stretch| (stretch.first, stretch.last))) {
        for _ in 0..each {
            note(random.within(first, last));
        }
    }
    tally
}

/// ISATAP is not in the registry: it is an interface identifier, in whatever network (RFC 5214, section 6.1).
fn is_isatap(address: Ipv6Addr) -> bool {
    let [.., universal, 0, 0x5e, 0xfe, _, _, _, _] = address.octets() else { return false };
    universal & !2 == 0
}

/// Every dress that an IPv4 address has in IPv6.
pub(crate) fn dresses(address: Ipv4Addr) -> [Ipv6Addr; 13] {
    let bits = u128::from(address.to_bits());
    let [a, b, c, d] = address.octets().map(u128::from);
    let text = |network: &str| network.parse::<Ipv6Addr>().map_or(0, Ipv6Addr::to_bits);
    [
        bits,                                                                  // compatible
        text("::ffff:0:0") | bits,                                             // mapped
        text("::ffff:0:0:0") | bits,                                           // translated (SIIT)
        text("64:ff9b::") | bits,                                              // NAT64, the well-known prefix
        text("64:ff9b:1::") | bits,                                            // NAT64, local, after 96 bits
        text("64:ff9b:1::") | a << 72 | b << 64 | c << 48 | d << 40,           // NAT64, local, after 48 bits
        text("64:ff9b:1:fffe::") | a << 48 | b << 40 | c << 32 | d << 24,      // NAT64, local, after 64 bits
        text("2002::1") | bits << 80,                                          // 6to4
        text("2001::8000:63bf:3fff:fdd2") | bits << 64,                        // Teredo, its server
        text("2001:0:4136:e378:8000:63bf::") | (!bits & u128::from(u32::MAX)), // Teredo, its client
        text("fe80::5efe:0:0") | bits,                                         // ISATAP on a link
        text("2a00:1450:4001:82a:0:5efe::") | bits,                            // ISATAP in a public network
        text("2a00:1450:4001:82a:200:5efe::") | bits,                          // ISATAP, of a public address
    ]
    .map(Ipv6Addr::from_bits)
}

/// Both ends of every IPv4 row and their neighbours, and `count` addresses over all of IPv4, each in every dress: all
/// are refused, the public ones too, because no dress is ever taken off.
pub(crate) fn dressed(rows_v4: &[Row], count: usize, random: &mut Random) -> Tally {
    let ends = rows_v4.iter().flat_map(|row| {
        [row.first.checked_sub(1), Some(row.first), Some(row.last), row.last.checked_add(1)].into_iter().flatten()
    });
    let spread = std::iter::repeat_with(|| random.within(0, Family::V4.last())).take(count);
    let mut tally = Tally::default();
    for bits in ends.chain(spread).filter_map(|bits| u32::try_from(bits).ok()) {
        for address in dresses(Ipv4Addr::from_bits(bits)) {
            tally.note(address.into(), true);
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::rows;

    #[test]
    fn ipv6_is_judged_as_the_registry_does_at_every_edge_and_at_random() {
        let rows = rows(Family::V6).expect("the registry");
        let tally = edges_and_random(&rows, 2_000, &mut Random(1));
        assert_eq!((tally.differences, tally.first_difference), (0, None), "{tally:?}");
        assert!(tally.blocked > 0 && tally.blocked < tally.addresses);
    }

    #[test]
    fn a_row_that_only_one_side_knows_is_found() {
        let mut rows = rows(Family::V6).expect("the registry");
        rows.retain(|row| row.first != 0x3fff << 112);
        assert!(edges_and_random(&rows, 0, &mut Random(1)).differences > 0);
    }

    #[test]
    fn an_ipv4_address_is_refused_in_every_dress() {
        let tally = dressed(&rows(Family::V4).expect("the registry"), 10_000, &mut Random(2));
        assert!(tally.addresses > 130_000);
        assert_eq!((tally.differences, tally.first_difference), (0, None));
    }

    #[test]
    fn dresses_are_what_the_rfcs_say() {
        // RFC 6052 section 2.4, RFC 3056, RFC 4380 section 4, RFC 5214, RFC 6145.
        let expected = [
            "::c000:221",
            "::ffff:c000:221",
            "::ffff:0:c000:221",
            "64:ff9b::c000:221",
            "64:ff9b:1::c000:221",
            "64:ff9b:1:c000:2:2100::",
            "64:ff9b:1:fffe:c0:2:2100:0",
            "2002:c000:221::1",
            "2001:0:c000:221:8000:63bf:3fff:fdd2",
            "2001:0:4136:e378:8000:63bf:3fff:fdde",
            "fe80::5efe:c000:221",
            "2a00:1450:4001:82a:0:5efe:c000:221",
            "2a00:1450:4001:82a:200:5efe:c000:221",
        ];
        let expected = expected.map(|address| address.parse::<Ipv6Addr>().expect(address));
        assert_eq!(dresses(Ipv4Addr::new(192, 0, 2, 33)), expected);
    }
}
