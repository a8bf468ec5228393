//! What is set aside, read from the registries' text beside this package, and turned into stretches of addresses that
//! are blocked or public. It never asks the rule that it is there to judge, and works differently: by first and last
//! addresses in order, not by prefixes.

use std::net::IpAddr;

const V4: &str = include_str!("../registry/ipv4.txt");
const V6: &str = include_str!("../registry/ipv6.txt");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

impl Family {
    fn bits(self) -> u32 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }

    pub(crate) fn last(self) -> u128 {
        u128::MAX >> (128 - self.bits())
    }
}

/// A registry's column "Globally Reachable".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reachable {
    Yes,
    No,
    /// Deprecated, or for its users to decide.
    Empty,
    /// From a registry of the address space, which has no such column.
    NoColumn,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) first: u128,
    pub(crate) last: u128,
    pub(crate) reachable: Reachable,
}

/// Addresses in a row that are all blocked or all public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) first: u128,
    pub(crate) last: u128,
    pub(crate) is_blocked: bool,
}

/// The rows of a family's file. The error names the line that cannot be read.
pub(crate) fn rows(family: Family) -> Result<Vec<Row>, String> {
    let text = match family {
        Family::V4 => V4,
        Family::V6 => V6,
    };
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| row(line, family).ok_or_else(|| format!("not a row of a registry: {line}"))).collect()
}

fn row(line: &str, family: Family) -> Option<Row> {
    let mut columns = line.split_whitespace();
    let (address, length) = columns.next()?.split_once('/')?;
    let (bits, first) = match (address.parse().ok()?, family) {
        (IpAddr::V4(address), Family::V4) => (32, u128::from(address.to_bits())),
        (IpAddr::V6(address), Family::V6) => (128, address.to_bits()),
        (IpAddr::V4(_), Family::V6) | (IpAddr::V6(_), Family::V4) => return None,
    };
    let host_bits = u32::checked_sub(bits, length.parse().ok()?)?;
    let size_less_one = u128::MAX.checked_shr(128 - host_bits).unwrap_or(0);
    let reachable = match columns.next()? {
        "True" => Reachable::Yes,
        "False" => Reachable::No,
        "N/A" => Reachable::Empty,
        "-" => Reachable::NoColumn,
        _ => return None,
    };
    let named = columns.next().is_some();
    (named && first & size_less_one == 0).then_some(Row { first, last: first + size_less_one, reachable })
}

/// The whole address space of a family, cut where the rows begin and end. Every row blocks, reachable or not: what is
/// reachable among them are services of the network, not receivers.
pub(crate) fn stretches(rows: &[Row], family: Family) -> Vec<Stretch> {
    let mut sorted: Vec<_> = rows.iter().map(|row| (row.first, row.last)).collect();
    sorted.sort_unstable();
    let mut stretches: Vec<Stretch> = Vec::new();
    for (first, last) in sorted {
        match stretches.last_mut() {
            Some(before) if first <= before.last.saturating_add(1) => before.last = before.last.max(last),
            _ => {
                let public = stretches.last().map_or(0, |before| before.last + 1);
                if public < first {
                    stretches.push(Stretch { first: public, last: first - 1, is_blocked: false });
                }
                stretches.push(Stretch { first, last, is_blocked: true });
            }
        }
    }
    let rest = stretches.last().map_or(Some(0), |before| before.last.checked_add(1));
    if let Some(first) = rest.filter(|first| *first <= family.last()) {
        stretches.push(Stretch { first, last: family.last(), is_blocked: false });
    }
    stretches
}

/// Whether an address is in a blocked stretch.
pub(crate) fn is_blocked(stretches: &[Stretch], address: u128) -> bool {
    let after = stretches.partition_point(|stretch| stretch.first <= address);
    after.checked_sub(1).and_then(|at| stretches.get(at)).is_none_or(|stretch| stretch.is_blocked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_whole_or_refused() {
        let read = |line| row(line, Family::V4).map(|row| (row.first, row.last));
        assert_eq!(read("10.0.0.0/8 False Private-Use"), Some((0x0a00_0000, 0x0aff_ffff)));
        assert_eq!(read("255.255.255.255/32 False one"), Some((0xffff_ffff, 0xffff_ffff)));
        for line in ["10.0.0.1/8 False x", "10.0.0.0/33 False x", "10.0.0.0/8 Perhaps x", "10.0.0.0/8 True", "::/8 - x"]
        {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn stretches_follow_each_other_from_the_first_address_to_the_last() {
        for family in [Family::V4, Family::V6] {
            let stretches = stretches(&rows(family).expect("the registry"), family);
            assert_eq!(stretches.first().map(|stretch| stretch.first), Some(0));
            assert_eq!(stretches.last().map(|stretch| stretch.last), Some(family.last()));
            for pair in stretches.windows(2) {
                assert_eq!(pair[0].last + 1, pair[1].first);
                assert!(pair[0].is_blocked != pair[1].is_blocked, "{pair:?}");
            }
        }
    }
}
