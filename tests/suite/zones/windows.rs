//! Windows by the clocks of all zones: no gap, no overlap, and what a clock on the wall shows where they begin.
//! The hour of the day is set everywhere, and counts for windows of 24 hours alone.

use super::{QUARTER, STEP, Tz, offset, quarters};
use bundler::{
    schedule::{DailyHour, Schedule},
    timestamp::Timestamp,
    window::{AggregationUnit, Granularity, Window},
    zone::Zone,
};
use chrono_tz::TZ_VARIANTS;

const GATHERED: [Granularity; 4] =
    [Granularity::Hours1, Granularity::Hours6, Granularity::Hours12, Granularity::Hours24];
const HOUR: i64 = 3_600;
/// 2026 and 2028.
const TWO_YEARS: [i64; 2] = [1_767_225_600, 1_830_297_600];
/// By whole hours and by half of one, by fractions of one always, without changes, by night and at midnight.
const WALKED: [&str; 8] = [
    "America/New_York",
    "Europe/Berlin",
    "Asia/Jerusalem",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Cairo",
    "UTC",
];

fn schedule(zone: Tz, granularity: Granularity, hour: u8) -> Schedule {
    let zone = Zone::parse(zone.name()).expect("a zone");
    Schedule { granularity, zone, daily_hour: DailyHour::new(hour).expect("an hour") }
}

/// Start and end of the window that holds a moment, in seconds.
fn window(schedule: Schedule, seconds: i64) -> (i64, i64) {
    let moment = Timestamp::from_seconds(seconds.unsigned_abs()).expect("a moment");
    let window = Window::of(schedule, AggregationUnit::HOUR, moment).expect("a window");
    (window.start.seconds().cast_signed(), window.end.seconds().cast_signed())
}

/// The window that holds a moment holds it alone, ends on a quarter of an hour, is aligned on the wall, and is as long as
/// the clock says. Returns its start and end.
fn check(zone: Tz, granularity: Granularity, hour: u8, moment: i64) -> (i64, i64) {
    let schedule = schedule(zone, granularity, hour);
    let (start, end) = window(schedule, moment);
    let told = format!("{zone} {granularity:?} {hour} at {moment}: {start} to {end}");
    assert!(start <= moment && moment < end, "{told}");
    for inside in [start, i64::midpoint(start, end), end - 1] {
        assert_eq!(window(schedule, inside), (start, end), "{told}");
    }
    assert_eq!(window(schedule, end).0, end, "a gap or an overlap: {told}");
    assert_eq!(end % QUARTER, 0, "{told}");
    let length = i64::from(granularity.units().expect("units")) * HOUR;
    let shift = if granularity == Granularity::Hours24 { i64::from(hour) * HOUR } else { 0 };
    let past_boundary = |at: i64| (at + offset(zone, at) - shift).rem_euclid(length);
    let leap = |at: i64| offset(zone, at) - offset(zone, at - 1);
    for boundary in [start, end] {
        let past = past_boundary(boundary);
        assert!(past == 0 || past <= leap(boundary), "not aligned: {told}");
    }
    // Where a whole window is leapt over, the one before it ends with the leap.
    if past_boundary(start) == 0 && past_boundary(end) == 0 && leap(end) < length {
        assert_eq!(end - start, length - (offset(zone, end) - offset(zone, start)), "{told}");
    }
    (start, end)
}

fn zones() -> Vec<Tz> {
    WALKED.iter().map(|name| name.parse().expect("a zone")).collect()
}

#[test]
fn every_moment_of_two_years_is_in_exactly_one_window_and_every_day_begins_at_its_hour() {
    for zone in zones() {
        for (granularity, hour) in GATHERED[1..].iter().zip([5, 7, 18]) {
            let mut moment = TWO_YEARS[0];
            while moment < TWO_YEARS[1] {
                moment = check(zone, *granularity, hour, moment).1;
            }
        }
    }
}

#[test]
fn windows_next_to_every_change_of_every_zone_leave_no_gap_and_do_not_overlap() {
    let mut changes = 0;
    for zone in TZ_VARIANTS {
        let [first, end] = TWO_YEARS.map(|seconds| seconds / QUARTER);
        for from in (first..end).step_by(usize::try_from(STEP).expect("a step")) {
            if quarters(zone, from) == quarters(zone, from + STEP) {
                continue;
            }
            changes += 1;
            let known = quarters(zone, from);
            let change =
                (from..=from + STEP).find(|quarter| quarters(zone, *quarter) != known).expect("a change") * QUARTER;
            for (granularity, hour) in GATHERED.into_iter().zip([3, 5, 7, 2]) {
                let mut moment = change - 3 * HOUR;
                while moment < change + 3 * HOUR {
                    moment = check(zone, granularity, hour, moment).1;
                }
            }
        }
    }
    assert!(changes > 700, "{changes} changes in two years");
}

#[test]
fn a_day_has_23_hours_once_a_year_and_25_once_whatever_its_hour() {
    for name in ["Europe/Berlin", "America/New_York", "Asia/Jerusalem", "Africa/Cairo"] {
        let zone = name.parse().expect("a zone");
        for hour in 0..24 {
            let mut moment = TWO_YEARS[0];
            let mut odd = Vec::new();
            while moment < TWO_YEARS[1] {
                let (start, end) = window(schedule(zone, Granularity::Hours24, hour), moment);
                if end - start != 24 * HOUR {
                    odd.push((end - start) / HOUR);
                }
                moment = end;
            }
            assert_eq!(odd, [23, 25, 23, 25], "{name} at {hour}");
        }
    }
}
