//! The core's table of time zones, held against `chrono-tz`: it is drawn from there, and says the same of every zone.
//! When IANA's rules change and `chrono-tz` with them, the test writes the new table and names it.

mod changes;
mod windows;

use bundler::zone::Zone;
use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::{IANA_TZDB_VERSION, TZ_VARIANTS, Tz};
use std::{collections::BTreeMap, fmt::Write};

const TABLE: &str = "../shared/bundler/src/zone/table.txt";
/// 2021 and 2100, quarters of an hour since 1970.
const FIRST: i64 = 1_609_459_200 / QUARTER;
const END: i64 = 4_102_444_800 / QUARTER;
const QUARTER: i64 = 900;
/// Four days: no zone changes its offset and back within so few.
const STEP: i64 = 4 * 96;

/// How far east of UTC clocks are, in seconds.
fn offset(zone: Tz, seconds: i64) -> i64 {
    let moment = DateTime::from_timestamp(seconds, 0).expect("a moment").naive_utc();
    i64::from(zone.offset_from_utc_datetime(&moment).fix().local_minus_utc())
}

fn quarters(zone: Tz, quarter: i64) -> i64 {
    let seconds = offset(zone, quarter * QUARTER);
    assert_eq!(seconds % QUARTER, 0, "{zone} has an offset that is no multiple of a quarter of an hour");
    seconds / QUARTER
}

/// The offset at first, when it first changes, and the changes as the table writes them.
fn behaviour(zone: Tz) -> (i64, i64, String) {
    let (mut first, mut last, mut changes) = (0, 0, String::new());
    let mut known = quarters(zone, FIRST);
    for from in (FIRST..END).step_by(STEP.unsigned_abs().try_into().expect("a step")) {
        if quarters(zone, from + STEP) == known {
            continue;
        }
        let (mut before, mut after) = (from, from + STEP);
        while after - before > 1 {
            let middle = i64::midpoint(before, after);
            *(if quarters(zone, middle) == known { &mut before } else { &mut after }) = middle;
        }
        let now = quarters(zone, after);
        if last == 0 {
            first = after;
            write!(changes, "{:+}", now - known).expect("a change");
        } else {
            write!(changes, " {}{:+}", after - last, now - known).expect("a change");
        }
        (last, known) = (after, now);
    }
    (quarters(zone, FIRST), first, changes)
}

fn drawn() -> String {
    let mut rules: BTreeMap<String, BTreeMap<(i64, i64), Vec<&str>>> = BTreeMap::new();
    for zone in TZ_VARIANTS {
        let (offset, first, changes) = behaviour(zone);
        rules.entry(changes).or_default().entry((offset, first)).or_default().push(zone.name());
    }
    let mut table =
        format!("# Time zones from 2021 to 2099 by IANA's {IANA_TZDB_VERSION}; tests/suite/zones draws it\n");
    for (changes, zones) in rules {
        writeln!(table, "/{changes}").expect("a rule");
        for ((offset, first), names) in zones {
            writeln!(table, "{offset} {first} {}", names.join(" ")).expect("zones");
        }
    }
    table
}

#[test]
fn the_table_of_time_zones_is_the_one_drawn_from_chrono_tz() {
    let drawn = drawn();
    if std::fs::read_to_string(TABLE).ok().as_ref() != Some(&drawn) {
        let new = concat!(env!("CARGO_TARGET_TMPDIR"), "/table.txt");
        std::fs::write(new, drawn).expect("the new table");
        panic!("IANA's rules have changed: look at {new} and put it at {TABLE}");
    }
}

#[test]
fn every_zone_shows_what_chrono_tz_says_at_any_moment_from_2021_to_2099() {
    for zone in TZ_VARIANTS {
        let ours = Zone::parse(zone.name()).expect("a zone");
        assert_eq!(ours.name(), zone.name());
        // No divisor of an hour, a day or a week: every hour of the clock and the year is met.
        for seconds in (FIRST * QUARTER..END * QUARTER).step_by(2_000_003) {
            assert_eq!(ours.clock_at(seconds) - seconds, offset(zone, seconds), "{zone} at {seconds}");
        }
    }
}
