//! A webhook's schedule: how long it gathers, by which clock, and when its day begins. One value, so that a change of all
//! three begins at one moment.

use crate::{window::Granularity, zone::Zone};
use serde::{Deserialize, Serialize};

/// Stored as words: `6h`, `6h Europe/Berlin`, `24h Europe/Berlin 18`. What is left out is UTC, and midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Schedule {
    pub granularity: Granularity,
    pub zone: Zone,
    /// When windows of 24 hours end; the others are aligned to midnight.
    pub daily_hour: DailyHour,
}

impl From<Granularity> for Schedule {
    /// By UTC, the day beginning at midnight.
    fn from(granularity: Granularity) -> Self {
        Self { granularity, zone: Zone::UTC, daily_hour: DailyHour::MIDNIGHT }
    }
}

/// An hour of the day, 0 to 23, as a clock on the wall shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyHour(u8);

impl DailyHour {
    pub const MIDNIGHT: Self = Self(0);

    pub fn new(hour: u8) -> Option<Self> {
        (hour < 24).then_some(Self(hour))
    }

    /// Reads `0` to `23`.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        text.parse().ok().and_then(Self::new).ok_or("is no hour of the day, 0 to 23")
    }

    pub fn get(self) -> u8 {
        self.0
    }
}

impl From<Schedule> for String {
    fn from(schedule: Schedule) -> Self {
        let Schedule { granularity, zone, daily_hour } = schedule;
        let granularity = granularity.name();
        match (zone, daily_hour) {
            (Zone::UTC, DailyHour::MIDNIGHT) => granularity.to_owned(),
            (zone, DailyHour::MIDNIGHT) => format!("{granularity} {}", zone.name()),
            (zone, DailyHour(hour)) => format!("{granularity} {} {hour}", zone.name()),
        }
    }
}

impl TryFrom<String> for Schedule {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut words = text.split(' ');
        let granularity = words.next().and_then(Granularity::parse);
        let mut schedule = Self::from(granularity.ok_or("a schedule begins with none, 1h, 6h, 12h or 24h")?);
        if let Some(name) = words.next() {
            schedule.zone = Zone::try_from(name.to_owned())?;
        }
        if let Some(hour) = words.next() {
            schedule.daily_hour = DailyHour::parse(hour).map_err(|detail| format!("{hour:?} {detail}"))?;
        }
        match words.next() {
            None => Ok(schedule),
            Some(_) => Err("a schedule has at most three words".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_reads_back_and_by_utc_is_stored_as_the_granularity_alone() {
        for granularity in Granularity::ALL {
            for (zone, hour, stored) in [
                ("UTC", 0, granularity.name().to_owned()),
                ("UTC", 23, format!("{} UTC 23", granularity.name())),
                ("Asia/Kathmandu", 0, format!("{} Asia/Kathmandu", granularity.name())),
                ("Asia/Kathmandu", 18, format!("{} Asia/Kathmandu 18", granularity.name())),
            ] {
                let zone = Zone::parse(zone).expect("a zone");
                let schedule = Schedule { granularity, zone, daily_hour: DailyHour::new(hour).expect("an hour") };
                assert_eq!(serde_json::to_string(&schedule).ok(), Some(format!("\"{stored}\"")));
                assert_eq!(Schedule::try_from(stored), Ok(schedule));
            }
        }
    }

    #[test]
    fn a_schedule_that_says_something_else_is_refused_by_name() {
        for (text, told) in [
            ("", "begins with"),
            ("2h", "begins with"),
            ("24h Europe/Atlantis", "\"Europe/Atlantis\" is no time zone"),
            ("24h  18", "is no time zone"),
            ("24h Europe/Berlin 24", "\"24\" is no hour"),
            ("24h Europe/Berlin -1", "is no hour"),
            ("24h Europe/Berlin 18 5", "three words"),
        ] {
            let error = Schedule::try_from(text.to_owned()).expect_err(text);
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
