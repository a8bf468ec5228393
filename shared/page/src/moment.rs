//! Moments as the owner's clock shows them, spans, and numbers as people write them. It reads no clock: the page's moment
//! is handed in.

use askama::{Template, filters::HtmlSafe};
use bundler::{timestamp::Timestamp, zone::Zone};

/// The clock that a page shows: the webhook's time zone, and the moment that the page is made at.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    pub zone: Zone,
    pub now: Timestamp,
}

/// A moment on a page: by the owner's clock, with UTC behind it.
#[derive(Debug, Clone, Template)]
#[template(
    source = r#"<time datetime="{{ machine }}" title="{{ utc }} UTC">{{ shown }}</time>"#,
    ext = "html",
    escape = "html"
)]
pub(crate) struct Moment {
    machine: String,
    utc: String,
    shown: String,
}

impl HtmlSafe for Moment {}

impl Clock {
    /// `10:42` of a moment today, `24 Feb, 10:42` this year, `24 Feb 2021, 10:42` in another.
    pub(crate) fn moment(self, at: Timestamp) -> Moment {
        let (day, time) = (self.day(at), clock_time(self.wall(at)));
        let shown = if self.day(self.now) == day { time } else { format!("{}, {time}", self.short(at)) };
        Self::told(at, shown)
    }

    /// With its day, today's too.
    pub(crate) fn dated(self, at: Timestamp) -> Moment {
        Self::told(at, format!("{}, {}", self.short(at), clock_time(self.wall(at))))
    }

    /// To the second, for who compares it with a log of his own.
    pub(crate) fn precise(self, at: Timestamp) -> Moment {
        let time = self.wall(at).rfc3339().chars().skip(11).take(8).collect::<String>();
        let shown = if self.day(self.now) == self.day(at) { time } else { format!("{}, {time}", self.short(at)) };
        Self::told(at, shown)
    }

    /// `24 Feb`, and its year if that is not the present one.
    pub fn short(self, at: Timestamp) -> String {
        let day = self.day(at);
        let year = |day: &str| day.rsplit(' ').next().unwrap_or_default().to_owned();
        let mut words = day.split(' ');
        let number = words.next().unwrap_or_default();
        let month = words.next().unwrap_or_default().chars().take(3).collect::<String>();
        let this_year = year(&day) == year(&self.day(self.now));
        if this_year { format!("{number} {month}") } else { format!("{number} {month} {}", year(&day)) }
    }

    fn told(at: Timestamp, shown: String) -> Moment {
        Moment { machine: at.rfc3339(), utc: at.spoken(), shown }
    }

    /// `24 February 2021`, by this clock.
    fn day(self, at: Timestamp) -> String {
        let spoken = self.wall(at).spoken();
        spoken.split_once(", ").map_or(spoken.clone(), |(day, _)| day.to_owned())
    }

    /// What the clock shows, as if it were UTC.
    fn wall(self, at: Timestamp) -> Timestamp {
        let shown = i64::try_from(at.seconds()).ok().map(|seconds| self.zone.clock_at(seconds));
        shown.and_then(|seconds| Timestamp::from_seconds(u64::try_from(seconds).ok()?)).unwrap_or(at)
    }
}

fn clock_time(wall: Timestamp) -> String {
    wall.spoken().rsplit(' ').next().unwrap_or_default().to_owned()
}

/// `850 ms`, `1.2 s`.
pub(crate) fn duration(ms: u64) -> String {
    if ms < 1_000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1_000, ms % 1_000 / 100) }
}

/// `812 bytes`, `3.1 KB`.
pub(crate) fn size(bytes: usize) -> String {
    if bytes < 1_024 {
        format!("{bytes} bytes")
    } else {
        format!("{}.{} KB", bytes / 1_024, bytes % 1_024 * 10 / 1_024)
    }
}

/// `1 delivery`, `1,234 deliveries`.
pub(crate) fn counted(number: u64, one: &str, more: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { more })
}

/// `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let (head, rest) = digits.split_at(first);
    let groups = rest.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    Some(head.to_owned()).filter(|head| !head.is_empty()).into_iter().chain(groups).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect(text)
    }

    fn clock(zone: &str) -> Clock {
        Clock { zone: Zone::parse(zone).expect(zone), now: at("2021-02-24T16:25:29Z") }
    }

    #[test]
    fn a_moment_is_shown_by_the_owners_clock_with_as_much_of_its_day_as_is_needed() {
        for (moment, shown) in [
            ("2021-02-24T09:42:00Z", "10:42"),
            ("2021-02-23T22:59:59Z", "23 Feb, 23:59"),
            ("2021-02-23T23:00:00Z", "00:00"),
            ("2020-12-31T22:00:00Z", "31 Dec 2020, 23:00"),
            ("2020-12-31T23:00:00Z", "1 Jan, 00:00"),
        ] {
            assert_eq!(clock("Europe/Berlin").moment(at(moment)).shown, shown, "{moment}");
        }
        assert_eq!(clock("Europe/Berlin").dated(at("2021-02-24T09:42:00Z")).shown, "24 Feb, 10:42");
        assert_eq!(clock("Europe/Berlin").precise(at("2021-02-24T09:42:07Z")).shown, "10:42:07");
        assert_eq!(
            clock("Asia/Kolkata").moment(at("2021-02-24T09:42:00Z")).to_string(),
            "<time datetime=\"2021-02-24T09:42:00.000Z\" title=\"24 February 2021, 09:42 UTC\">15:12</time>"
        );
    }

    #[test]
    fn numbers_are_grouped_and_spans_and_sizes_have_one_digit_behind_the_point() {
        let told = [0, 12, 123, 1_234, 123_456, 1_234_567].map(grouped);
        assert_eq!(told, ["0", "12", "123", "1,234", "123,456", "1,234,567"]);
        assert_eq!([0, 999, 1_000, 14_970].map(duration), ["0 ms", "999 ms", "1.0 s", "14.9 s"]);
        assert_eq!([0, 1_023, 1_024, 3_200].map(size), ["0 bytes", "1023 bytes", "1.0 KB", "3.1 KB"]);
        assert_eq!(counted(1, "call", "calls"), "1 call");
    }
}
