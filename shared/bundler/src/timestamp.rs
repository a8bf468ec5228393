//! A moment in UTC: read from what upstream writes, written as the article writes it and as keys need it.
//! Nothing here reads a clock.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A moment between the years 1970 and 9999, with nanoseconds. Stored JSON holds it as keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Timestamp(DateTime<Utc>);

/// The last second that four digits of year can write.
const LAST_SECOND: i64 = 253_402_300_799;

impl Timestamp {
    /// 1970.
    pub const EPOCH: Self = Self(DateTime::UNIX_EPOCH);

    /// Reads RFC 3339, and the article's form of it (`2021-02-24T16:25:29+0000`), with any offset.
    pub fn parse(text: &str) -> Option<Self> {
        let (body, utc) = match text.strip_suffix('Z') {
            Some(body) => (body, true),
            None => (text, false),
        };
        // chrono takes forms that neither RFC 3339 nor the article knows (a sign, blanks, short numbers).
        let bytes = body.as_bytes();
        let shape = bytes.len() >= 19
            && bytes[..19].iter().zip(b"dddd-dd-ddTdd:dd:dd").all(|(byte, form)| match form {
                b'd' => byte.is_ascii_digit(),
                other => byte == other,
            })
            && &bytes[17..19] < b"60".as_slice()
            && has_shape_after_seconds(&bytes[19..], utc);
        if !shape {
            return None;
        }
        let moment = if utc {
            NaiveDateTime::parse_from_str(body, "%Y-%m-%dT%H:%M:%S%.f").ok()?.and_utc()
        } else {
            DateTime::parse_from_str(body, "%Y-%m-%dT%H:%M:%S%.f%z").ok()?.to_utc()
        };
        (0..=LAST_SECOND).contains(&moment.timestamp()).then_some(Self(moment))
    }

    /// From milliseconds since 1970.
    pub fn from_millis(millis: u64) -> Option<Self> {
        let moment = DateTime::from_timestamp_millis(i64::try_from(millis).ok()?)?;
        (moment.timestamp() <= LAST_SECOND).then_some(Self(moment))
    }

    /// From whole seconds since 1970.
    pub fn from_seconds(seconds: u64) -> Option<Self> {
        Self::from_millis(seconds.checked_mul(1_000)?)
    }

    /// Whole seconds since 1970.
    pub fn seconds(self) -> u64 {
        self.0.timestamp().unsigned_abs()
    }

    /// Milliseconds since 1970.
    pub fn millis(self) -> u64 {
        self.0.timestamp_millis().unsigned_abs()
    }

    /// So much later, or the last moment there is.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        let millis = self.millis().saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX));
        let nanos_below = self.0.timestamp_subsec_nanos() % 1_000_000;
        let later =
            Self::from_millis(millis).unwrap_or(Self(DateTime::from_timestamp(LAST_SECOND, 0).unwrap_or_default()));
        Self(later.0 + chrono::TimeDelta::nanoseconds(i64::from(nanos_below)))
    }

    /// So much earlier, or 1970.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        let millis = self.millis().saturating_sub(u64::try_from(span.as_millis()).unwrap_or(u64::MAX));
        Self(DateTime::from_timestamp_millis(i64::try_from(millis).unwrap_or(0)).unwrap_or_default())
    }

    /// How long after `earlier` this is; nothing if it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        (self.0 - earlier.0).to_std().unwrap_or_default()
    }

    /// As the article's documents write it: `2021-02-24T16:25:29+0000`.
    pub fn article(self) -> String {
        self.0.format("%Y-%m-%dT%H:%M:%S+0000").to_string()
    }

    /// As the note writes it: `2021-02-24 16:25`.
    pub fn minute(self) -> String {
        self.0.format("%Y-%m-%d %H:%M").to_string()
    }

    /// As a mail writes it: `24 February 2021, 16:25`.
    pub fn spoken(self) -> String {
        self.0.format("%-d %B %Y, %H:%M").to_string()
    }

    /// As keys hold it: `20210224T162529`, and a fraction without closing zeros if there is one. Sorts by time.
    pub fn key(self) -> String {
        let mut key = self.0.format("%Y%m%dT%H%M%S").to_string();
        let nanos = self.0.timestamp_subsec_nanos();
        if nanos > 0 {
            key.push('.');
            key.push_str(format!("{nanos:09}").trim_end_matches('0'));
        }
        key
    }

    /// Reads what `key` wrote.
    pub fn parse_key(key: &str) -> Option<Self> {
        let moment = NaiveDateTime::parse_from_str(key, "%Y%m%dT%H%M%S%.f").ok()?.and_utc();
        let read = Self(moment);
        (read.key() == key && (0..=LAST_SECOND).contains(&moment.timestamp())).then_some(read)
    }

    /// As log lines and problem documents write it: RFC 3339 with milliseconds.
    pub fn rfc3339(self) -> String {
        self.0.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }
}

/// A fraction of one to nine digits, if there is one, and then an offset, unless `Z` has said that already.
fn has_shape_after_seconds(rest: &[u8], utc: bool) -> bool {
    let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let offset = match rest.strip_prefix(b".") {
        Some(fraction) if (1..=9).contains(&digits(fraction)) => &fraction[digits(fraction)..],
        Some(_) => return false,
        None => rest,
    };
    match offset {
        [] => utc,
        [b'+' | b'-', hours @ .., b':', ten, one] | [b'+' | b'-', hours @ .., ten, one] => {
            !utc && hours.len() == 2 && digits(hours) == 2 && digits(&[*ten, *one]) == 2
        }
        _ => false,
    }
}

impl From<Timestamp> for String {
    fn from(moment: Timestamp) -> Self {
        moment.key()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = &'static str;

    fn try_from(key: String) -> Result<Self, Self::Error> {
        Self::parse_key(&key).ok_or("a moment is written as 20210224T162529")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_articles_form_and_every_rfc_3339_offset() {
        let expected = "2021-02-24T16:25:29+0000";
        for text in [
            "2021-02-24T16:25:29+0000",
            "2021-02-24T16:25:29Z",
            "2021-02-24T16:25:29+00:00",
            "2021-02-24T16:25:29.000+00:00",
            "2021-02-24T18:25:29+02:00",
            "2021-02-24T11:25:29-0500",
        ] {
            assert_eq!(Timestamp::parse(text).expect(text).article(), expected, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_moment() {
        for text in [
            "",
            "2021-02-24",
            "2021-02-24T16:25:29",
            "2021-02-30T16:25:29Z",
            "2021-02-24T24:00:00Z",
            "2021-02-24T16:25:60Z",
            "2021-02-24 16:25:29Z",
            "+2021-02-24T16:25:29Z",
            "2021-2-24T16:25:29Z",
            "1969-12-31T23:59:59Z",
            "9999-12-31T23:59:59-0100",
            "2021-02-24T16:25:29.Z",
            "2021-02-24T16:25:29.1234567891Z",
            "2021-02-24T16:25:29+0000Z",
            "2021-02-24T16:25:29+00::00",
            "2021-02-24T16:25:29+00:",
            "1614183929",
            "２021-02-24T16:25:29Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_same_moment_has_one_key_whatever_precision_it_was_written_with() {
        let key = |text: &str| Timestamp::parse(text).expect(text).key();
        assert_eq!(key("2021-02-24T16:25:29Z"), "20210224T162529");
        assert_eq!(key("2021-02-24T16:25:29.000Z"), "20210224T162529");
        assert_eq!(key("2021-02-24T16:25:29.500Z"), "20210224T162529.5");
    }

    #[test]
    fn keys_sort_as_moments_do_and_read_back() {
        let moments =
            ["2021-02-24T16:25:29Z", "2021-02-24T16:25:29.05Z", "2021-02-24T16:25:29.5Z", "2021-02-24T16:25:30Z"]
                .map(|text| Timestamp::parse(text).expect(text));
        for pair in moments.windows(2) {
            // In a sort key the moment is followed by `#`, which stands before the point of a fraction.
            assert!(format!("{}#", pair[0].key()) < format!("{}#", pair[1].key()));
        }
        for moment in moments {
            assert_eq!(Timestamp::parse_key(&moment.key()), Some(moment));
        }
        assert_eq!(Timestamp::parse_key("20210224T162529.50"), None, "a second key for the same moment");
    }

    #[test]
    fn a_moment_is_spoken_with_the_months_name_and_without_a_zero_before_the_day() {
        assert_eq!(Timestamp::parse("2021-02-04T06:25:29Z").expect("a moment").spoken(), "4 February 2021, 06:25");
    }

    #[test]
    fn arithmetic_stops_at_the_ends_of_time() {
        let first = Timestamp::from_seconds(0).expect("1970");
        assert_eq!(first.minus(Duration::from_secs(1)), first);
        let last = Timestamp::parse("9999-12-31T23:59:59Z").expect("the last second");
        assert_eq!(last.plus(Duration::from_secs(1)), last);
        assert_eq!(first.plus(Duration::from_millis(1_500)).since(first), Duration::from_millis(1_500));
        assert_eq!(first.since(last), Duration::ZERO);
    }
}
