//! Every IPv4 address there is, or a sample of them: what the rule says, beside what the registry says.

use crate::registry::Stretch;
use bundler::endpoint;
use std::{
    net::{IpAddr, Ipv4Addr},
    ops::RangeInclusive,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

/// What a comparison came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) addresses: u64,
    pub(crate) blocked: u64,
    pub(crate) differences: u64,
    pub(crate) first_difference: Option<IpAddr>,
}

impl Tally {
    /// Notes what the rule says of an address, and whether that is what it should say.
    pub(crate) fn note(&mut self, address: IpAddr, should_block: bool) {
        let blocks = !endpoint::is_public_address(address);
        self.addresses += 1;
        self.blocked += u64::from(blocks);
        if blocks != should_block {
            self.differences += 1;
            self.first_difference.get_or_insert(address);
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.addresses += other.addresses;
        self.blocked += other.blocked;
        self.differences += other.differences;
        self.first_difference = self.first_difference.or(other.first_difference);
    }
}

/// The addresses of one /8 after another, by as many threads as there are processors. `progress` hears how many of the
/// 256 are done.
pub(crate) fn all(stretches: &[Stretch], progress: impl Fn(u32) + Sync) -> Tally {
    let (next, done) = (AtomicU32::new(0), AtomicU32::new(0));
    let work = || {
        let mut tally = Tally::default();
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            let Some(first) = part.checked_mul(1 << 24) else { return tally };
            tally.add(&range(stretches, first..=first | 0x00ff_ffff));
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut all = Tally::default();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            match thread.join() {
                Ok(tally) => all.add(&tally),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    all
}

/// Each address of a range, stretch by stretch.
fn range(stretches: &[Stretch], range: RangeInclusive<u32>) -> Tally {
    let mut tally = Tally::default();
    for stretch in stretches {
        let first = stretch.first.max(u128::from(*range.start()));
        let last = stretch.last.min(u128::from(*range.end()));
        let (Ok(first), Ok(last)) = (u32::try_from(first), u32::try_from(last)) else { continue };
        for bits in first..=last {
            tally.note(Ipv4Addr::from_bits(bits).into(), stretch.is_blocked);
        }
    }
    tally
}

/// Both ends of every stretch, and every `step`th address.
#[cfg(test)]
fn sample(stretches: &[Stretch], step: usize) -> Tally {
    let mut tally = Tally::default();
    for stretch in stretches {
        let (Ok(first), Ok(last)) = (u32::try_from(stretch.first), u32::try_from(stretch.last)) else { continue };
        for bits in (first..=last).step_by(step).chain([last]) {
            tally.note(Ipv4Addr::from_bits(bits).into(), stretch.is_blocked);
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{Family, rows, stretches};

    #[test]
    fn four_million_addresses_and_all_edges_are_judged_as_the_registry_does() {
        let rows = rows(Family::V4).expect("the registry");
        let tally = sample(&stretches(&rows, Family::V4), 1_021);
        assert!(tally.addresses >= 1 << 22, "{tally:?}");
        assert_eq!((tally.differences, tally.first_difference), (0, None));
    }

    #[test]
    fn a_row_that_only_one_side_knows_is_found_to_the_last_address() {
        let mut rows = rows(Family::V4).expect("the registry");
        rows.retain(|row| row.first != u128::from(Ipv4Addr::new(198, 18, 0, 0).to_bits()));
        let of_198 = range(&stretches(&rows, Family::V4), 198 << 24..=(198 << 24 | 0x00ff_ffff));
        assert_eq!((of_198.addresses, of_198.differences), (1 << 24, 1 << 17));
        assert_eq!(of_198.first_difference, Some(Ipv4Addr::new(198, 18, 0, 0).into()));
    }
}
