//! Windows: spans of time that chats' messages are gathered over, aligned to the clock of the webhook's time zone.

use crate::{limits, schedule::Schedule, timestamp::Timestamp, zone::Zone};
use serde::{Deserialize, Serialize};
use std::{num::NonZeroU32, time::Duration};

/// How long a webhook gathers: the article's "Aggregation Granularity".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Granularity {
    /// "Don't aggregate": every message goes out by itself, at once.
    #[serde(rename = "none")]
    None,
    #[serde(rename = "1h")]
    Hours1,
    #[serde(rename = "6h")]
    Hours6,
    #[serde(rename = "12h")]
    Hours12,
    #[serde(rename = "24h")]
    Hours24,
}

impl Granularity {
    pub const ALL: [Self; 5] = [Self::None, Self::Hours1, Self::Hours6, Self::Hours12, Self::Hours24];

    /// The window's length in aggregation units, or nothing where nothing is gathered.
    pub fn units(self) -> Option<u32> {
        match self {
            Self::None => None,
            Self::Hours1 => Some(1),
            Self::Hours6 => Some(6),
            Self::Hours12 => Some(12),
            Self::Hours24 => Some(24),
        }
    }

    /// As settings write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Hours1 => "1h",
            Self::Hours6 => "6h",
            Self::Hours12 => "12h",
            Self::Hours24 => "24h",
        }
    }

    /// Reads what `name` wrote.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|granularity| granularity.name() == name)
    }
}

/// What an hour lasts. It is an hour; tests against an emulator make it shorter, so that windows end while they look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AggregationUnit(NonZeroU32);

impl AggregationUnit {
    pub const HOUR: Self = Self(NonZeroU32::new(3_600).expect("an hour has seconds"));

    /// `seconds` is 1 to 3,600.
    pub fn from_seconds(seconds: u32) -> Option<Self> {
        NonZeroU32::new(seconds).filter(|seconds| seconds.get() <= 3_600).map(Self)
    }

    pub fn seconds(self) -> u32 {
        self.0.get()
    }

    /// Windows end only on multiples of this: quarters of an hour, because time zones have them.
    pub fn due_step(self) -> Duration {
        Duration::from_secs(u64::from((self.seconds() / 4).max(1)))
    }
}

/// A span from `start` to before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub start: Timestamp,
    pub end: Timestamp,
}

impl Window {
    /// The window that holds `moment`, or nothing where nothing is gathered.
    ///
    /// On the wall a window begins at midnight or a whole number of its lengths after it, and one of 24 hours at the
    /// schedule's hour. Each of these times counts at the first moment at which the clock shows it or a later one. So a
    /// day on which the clock changes has 23 or 25 hours, and so do windows of 24 hours; a shorter window is shorter or
    /// longer by the change, and one whose beginning and end are both leapt over is none.
    ///
    /// Where the unit is no hour, windows are multiples of it in UTC: no clock on a wall has such hours.
    pub fn of(schedule: impl Into<Schedule>, unit: AggregationUnit, moment: Timestamp) -> Option<Self> {
        let Schedule { granularity, zone, daily_hour } = schedule.into();
        let length = i64::from(granularity.units()?) * i64::from(unit.seconds());
        let (zone, shift) = match granularity {
            _ if unit != AggregationUnit::HOUR => (Zone::UTC, 0),
            Granularity::Hours24 => (zone, i64::from(daily_hour.get()) * i64::from(unit.seconds())),
            Granularity::None | Granularity::Hours1 | Granularity::Hours6 | Granularity::Hours12 => (zone, 0),
        };
        let moment = i64::try_from(moment.seconds()).ok()?;
        let mut on_the_wall = (zone.clock_at(moment) - shift).div_euclid(length) * length + shift;
        let mut start = zone.first_shown(on_the_wall);
        loop {
            on_the_wall += length;
            let next = zone.first_shown(on_the_wall);
            if next > moment {
                // What began before 1970 is not told apart.
                let start = Timestamp::from_seconds(u64::try_from(start).unwrap_or_default())?;
                return Some(Self { start, end: Timestamp::from_seconds(u64::try_from(next).ok()?)? });
            }
            // The clock has been put back, and has shown this once before.
            start = next;
        }
    }

    /// Whether a message that arrives at `arrival` may still be put into this window.
    pub fn takes(&self, arrival: Timestamp) -> bool {
        arrival < self.end.plus(limits::TOLERANCE)
    }
}

/// The last moment up to `now` on which a window may end.
pub fn last_end(unit: AggregationUnit, now: Timestamp) -> Timestamp {
    let step = unit.due_step().as_secs();
    Timestamp::from_seconds(now.seconds() / step * step).unwrap_or(now)
}

/// The last moment on which a window may end of which something may be read at `now`.
pub fn last_due(unit: AggregationUnit, now: Timestamp) -> Timestamp {
    last_end(unit, now.minus(limits::GRACE))
}

/// How many shards of the windows that end at `due`, from the first, may be read at `now`: none before the grace is over,
/// then one after the other, so that a million chats do not fall due in one second.
pub fn readable_shards(unit: AggregationUnit, due: Timestamp, now: Timestamp) -> u16 {
    let readable = due.plus(limits::GRACE);
    if now < readable {
        return 0;
    }
    let spread = limits::SWEEP_SPREAD * unit.seconds() / 3_600;
    let shards = now.since(readable).as_micros() * u128::from(limits::SHARDS) / spread.as_micros().max(1) + 1;
    u16::try_from(shards).unwrap_or(limits::SHARDS).min(limits::SHARDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect(text)
    }

    #[test]
    fn windows_of_1_6_12_and_24_hours_are_aligned_to_the_day_in_utc() {
        let cases = [
            (Granularity::Hours1, "2021-02-24T16:00:00Z", "2021-02-24T17:00:00Z"),
            (Granularity::Hours6, "2021-02-24T12:00:00Z", "2021-02-24T18:00:00Z"),
            (Granularity::Hours12, "2021-02-24T12:00:00Z", "2021-02-25T00:00:00Z"),
            (Granularity::Hours24, "2021-02-24T00:00:00Z", "2021-02-25T00:00:00Z"),
        ];
        for (granularity, start, end) in cases {
            let window = Window::of(granularity, AggregationUnit::HOUR, at("2021-02-24T16:25:29Z")).expect("a window");
            assert_eq!((window.start, window.end), (at(start), at(end)), "{granularity:?}");
        }
        assert_eq!(Window::of(Granularity::None, AggregationUnit::HOUR, at("2021-02-24T16:25:29Z")), None);
    }

    #[test]
    fn a_window_begins_with_its_first_moment_and_ends_before_its_end() {
        let of = |text| Window::of(Granularity::Hours1, AggregationUnit::HOUR, at(text)).expect("a window");
        assert_eq!(of("2021-02-24T16:00:00Z").start, at("2021-02-24T16:00:00Z"));
        assert_eq!(of("2021-02-24T16:59:59.999999999Z").end, at("2021-02-24T17:00:00Z"));
        assert_eq!(of("2021-02-24T17:00:00Z").start, at("2021-02-24T17:00:00Z"));
    }

    #[test]
    fn every_moment_is_in_exactly_one_window_and_windows_leave_no_gap() {
        for granularity in Granularity::ALL {
            let mut moment = at("2024-02-28T21:13:07Z");
            for _ in 0..400 {
                let Some(window) = Window::of(granularity, AggregationUnit::HOUR, moment) else { break };
                assert!(window.start <= moment && moment < window.end);
                let next = Window::of(granularity, AggregationUnit::HOUR, window.end).expect("a window");
                assert_eq!(next.start, window.end);
                assert_eq!(window.end.seconds() % 900, 0, "ends on a quarter of an hour");
                moment = moment.plus(Duration::from_secs(1_237));
            }
        }
    }

    #[test]
    fn where_an_hour_is_made_shorter_for_an_emulator_windows_are_multiples_of_it_in_utc() {
        let schedule = Schedule::try_from("24h Asia/Kathmandu 18".to_owned()).expect("a schedule");
        let unit = AggregationUnit::from_seconds(8).expect("a unit");
        let window = Window::of(schedule, unit, at("2021-02-24T16:25:29Z"));
        assert_eq!(window, Window::of(Granularity::Hours24, unit, at("2021-02-24T16:25:29Z")));
        assert_eq!(window.map(|window| window.end.seconds() % 192), Some(0));
    }

    #[test]
    fn a_message_is_on_time_until_20_seconds_after_its_windows_end() {
        let window =
            Window::of(Granularity::Hours1, AggregationUnit::HOUR, at("2021-02-24T16:25:29Z")).expect("a window");
        assert!(window.takes(at("2021-02-24T17:00:19.999Z")));
        assert!(!window.takes(at("2021-02-24T17:00:20Z")));
    }

    #[test]
    fn a_bucket_is_not_read_before_45_seconds_after_its_windows_end() {
        assert_eq!(last_due(AggregationUnit::HOUR, at("2021-02-24T17:00:44.999Z")), at("2021-02-24T16:45:00Z"));
        assert_eq!(last_due(AggregationUnit::HOUR, at("2021-02-24T17:00:45Z")), at("2021-02-24T17:00:00Z"));
    }
}
