//! Time zones: what a clock on the wall shows, and when it first showed it.
//!
//! The table beside this file holds what IANA's database says of every zone from 2021 to 2099, drawn from `chrono-tz` by a
//! test that holds the two together. The crate itself would add 1.9 MB to a function, more than its budget has left.
//! All offsets and all changes are multiples of a quarter of an hour, because the table can write no others: so every
//! window ends on one. Before 2021 a zone keeps the offset that it had then; no message is so old.

use serde::{Deserialize, Serialize};

const TABLE: &str = include_str!("table.txt");
/// The table's unit.
const QUARTER_SECONDS: i64 = 900;

/// A time zone of IANA's database, known to exist. Stored by its name.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Zone {
    name: &'static str,
    /// In force before the first change, quarters of an hour east of UTC.
    offset: i64,
    /// The first change, quarters of an hour since 1970.
    first: i64,
    /// `+4 20832-4 …`: by how many quarters the offset changes, and after how many the next change follows.
    changes: &'static str,
}

impl Zone {
    pub const UTC: Self = Self { name: "UTC", offset: 0, first: 0, changes: "" };

    /// Reads a name as IANA writes it, such as `Europe/Berlin`; aliases too.
    pub fn parse(name: &str) -> Result<Self, &'static str> {
        let unknown = "is no time zone that IANA knows, such as Europe/Berlin";
        if name == Self::UTC.name {
            return Ok(Self::UTC);
        }
        let mut changes = "";
        for line in TABLE.lines() {
            match line.split_at_checked(1) {
                Some(("#", _)) | None => {}
                Some(("/", rule)) => changes = rule,
                Some(_) => {
                    let mut words = line.split(' ');
                    let mut number = || words.next().and_then(|word| word.parse().ok());
                    let (offset, first) = (number().ok_or(unknown)?, number().ok_or(unknown)?);
                    if let Some(name) = words.find(|known| *known == name) {
                        return Ok(Self { name, offset, first, changes });
                    }
                }
            }
        }
        Err(unknown)
    }

    pub fn name(self) -> &'static str {
        self.name
    }

    /// What a clock on the wall shows at `moment`; both in seconds since 1970, the clock's as if it were UTC.
    pub fn clock_at(self, moment: i64) -> i64 {
        let offset = self.spans().take_while(|span| span.begins <= moment).last().map_or(0, |span| span.offset);
        moment + offset
    }

    /// The first moment at which a clock on the wall shows `clock` or later. So a time that the clock shows twice counts
    /// the first time, and one that it leaps over counts when it leaps. Never falls as `clock` rises.
    pub fn first_shown(self, clock: i64) -> i64 {
        let mut spans = self.spans().peekable();
        while let Some(span) = spans.next() {
            let shown = span.begins.max(clock - span.offset);
            if spans.peek().is_none_or(|next| shown < next.begins) {
                return shown;
            }
        }
        clock
    }

    /// The spans of one offset each, in order, from ever on.
    fn spans(self) -> impl Iterator<Item = Span> {
        let first = Span { begins: i64::MIN, offset: self.offset * QUARTER_SECONDS };
        let changes = self.changes.split(' ').filter_map(read_change);
        let rest = changes.scan((self.first, self.offset), |(begins, offset), (after, by)| {
            *begins += after;
            *offset += by;
            Some(Span { begins: *begins * QUARTER_SECONDS, offset: *offset * QUARTER_SECONDS })
        });
        std::iter::once(first).chain(rest)
    }
}

/// Seconds: a moment, and how far east of UTC clocks are from then on.
struct Span {
    begins: i64,
    offset: i64,
}

/// `20832-4`: after how many quarters, and by how many. The first one follows nothing: `+4`.
fn read_change(text: &str) -> Option<(i64, i64)> {
    let (after, by) = text.split_at(text.find(['+', '-'])?);
    Some((if after.is_empty() { 0 } else { after.parse().ok()? }, by.parse().ok()?))
}

impl std::fmt::Debug for Zone {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name.to_owned()
    }
}

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::parse(&name).map_err(|detail| format!("{name:?} {detail}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timestamp::Timestamp;

    /// Seconds since 1970 of a moment, or of what a clock shows.
    fn at(text: &str) -> i64 {
        i64::try_from(Timestamp::parse(text).expect(text).seconds()).expect("seconds")
    }

    #[test]
    fn a_zone_is_known_by_its_name_and_by_no_other() {
        for name in ["UTC", "Europe/Berlin", "US/Eastern", "Etc/GMT+5", "America/Argentina/Buenos_Aires"] {
            assert_eq!(Zone::parse(name).map(Zone::name), Ok(name));
        }
        for name in ["", " ", "berlin", "Europe/Berlin ", "europe/berlin", "Europe/Atlantis", "+02:00", "4", "/", "#"] {
            assert!(Zone::parse(name).is_err_and(|detail| detail.contains("no time zone")), "{name:?}");
        }
        let read = serde_json::from_str::<Zone>("\"Europe/Atlantis\"").map_err(|error| error.to_string());
        assert!(read.is_err_and(|error| error.contains("\"Europe/Atlantis\" is no time zone")));
    }

    #[test]
    fn a_time_that_the_clock_shows_twice_counts_the_first_time_and_one_leapt_over_when_it_leaps() {
        for (zone, clock, moment) in [
            ("Europe/Berlin", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"),
            ("Europe/Berlin", "2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z"),
            ("Europe/Berlin", "2026-03-29T02:30:00Z", "2026-03-29T01:00:00Z"),
            ("Europe/Berlin", "2026-03-29T03:30:00Z", "2026-03-29T01:30:00Z"),
            ("Australia/Lord_Howe", "2026-04-05T01:45:00Z", "2026-04-04T14:45:00Z"),
            ("Africa/Cairo", "2026-04-24T00:00:00Z", "2026-04-23T22:00:00Z"),
        ] {
            assert_eq!(Zone::parse(zone).expect(zone).first_shown(at(clock)), at(moment), "{clock} in {zone}");
        }
    }
}
