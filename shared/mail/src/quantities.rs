//! Numbers, spans and moments as a person says them.

use bundler::{mail::Count, timestamp::Timestamp, zone::Zone};
use std::time::Duration;

/// `No deliveries are`, `1 delivery is`, `214 deliveries are`, `More than 1,000 deliveries are`.
pub(crate) fn deliveries_are(count: Count) -> String {
    let verb = if matches!(count, Count::Exactly(1)) { "is" } else { "are" };
    format!("{} {verb}", deliveries(count))
}

/// The same without the verb.
pub(crate) fn deliveries(count: Count) -> String {
    match count {
        Count::Exactly(0) => "No deliveries".to_owned(),
        Count::Exactly(number) => counted(number, "delivery", "deliveries"),
        Count::MoreThan(number) => format!("More than {} deliveries", grouped(number)),
    }
}

/// `1 error`, `11 errors in a row`.
pub(crate) fn errors_in_a_row(errors: u32) -> String {
    counted(errors.into(), "error", "errors in a row")
}

/// The two largest units that there are: `2 days 4 hours`, `1 hour`, `less than a minute`.
pub(crate) fn span(span: Duration) -> String {
    let minutes = span.as_secs() / 60;
    let parts =
        [(minutes / 1_440, "day", "days"), (minutes / 60 % 24, "hour", "hours"), (minutes % 60, "minute", "minutes")];
    let largest = parts.iter().position(|(number, ..)| *number > 0).unwrap_or(parts.len());
    let said = parts[largest..].iter().take(2).filter(|(number, ..)| *number > 0);
    let said: Vec<_> = said.map(|(number, one, more)| counted(*number, one, more)).collect();
    if said.is_empty() { "less than a minute".to_owned() } else { said.join(" ") }
}

/// `24 February 2021, 17:25 Europe/Berlin (16:25 UTC)`; with UTC's date if that is another; in UTC alone if it is the
/// owner's clock.
pub(crate) fn moment(moment: Timestamp, zone: Zone) -> String {
    let utc = moment.spoken();
    let wall = i64::try_from(moment.seconds()).ok().and_then(|seconds| u64::try_from(zone.clock_at(seconds)).ok());
    let local = wall.filter(|_| zone != Zone::UTC).and_then(Timestamp::from_seconds).map(Timestamp::spoken);
    let Some(local) = local else { return format!("{utc} UTC") };
    let same_day = utc.split_once(", ").filter(|(date, _)| local.starts_with(date));
    format!("{local} {} ({} UTC)", zone.name(), same_day.map_or(utc.as_str(), |(_, time)| time))
}

fn counted(number: u64, one: &str, more: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { more })
}

/// `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_delivery_is_and_more_of_them_are() {
        for (count, said) in [
            (Count::Exactly(0), "No deliveries are"),
            (Count::Exactly(1), "1 delivery is"),
            (Count::Exactly(2), "2 deliveries are"),
            (Count::Exactly(1_234_567), "1,234,567 deliveries are"),
            (Count::MoreThan(1_000), "More than 1,000 deliveries are"),
        ] {
            assert_eq!(deliveries_are(count), said);
        }
        assert_eq!([1, 11].map(errors_in_a_row), ["1 error", "11 errors in a row"]);
    }

    #[test]
    fn a_span_is_said_in_its_two_largest_units() {
        for (seconds, said) in [
            (0, "less than a minute"),
            (59, "less than a minute"),
            (60, "1 minute"),
            (3_600, "1 hour"),
            (12_000, "3 hours 20 minutes"),
            (86_400 + 60, "1 day"),
            (2 * 86_400 + 4 * 3_600 + 600, "2 days 4 hours"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), said);
        }
    }

    #[test]
    fn a_moment_is_said_by_the_owners_clock_and_in_utc() {
        let said = |text: &str, zone: &str| {
            moment(Timestamp::parse(text).expect("a moment"), Zone::parse(zone).expect("a zone"))
        };
        let evening = "2021-02-24T23:25:29Z";
        assert_eq!(said(evening, "UTC"), "24 February 2021, 23:25 UTC");
        assert_eq!(said(evening, "Europe/London"), "24 February 2021, 23:25 Europe/London (23:25 UTC)");
        assert_eq!(
            said(evening, "Europe/Berlin"),
            "25 February 2021, 00:25 Europe/Berlin (24 February 2021, 23:25 UTC)"
        );
        assert_eq!(said(evening, "America/New_York"), "24 February 2021, 18:25 America/New_York (23:25 UTC)");
        assert_eq!(said("2021-07-24T10:00:00Z", "Europe/Berlin"), "24 July 2021, 12:00 Europe/Berlin (10:00 UTC)");
        assert_eq!(said("2021-02-02T00:10:00Z", "Europe/Berlin"), "2 February 2021, 01:10 Europe/Berlin (00:10 UTC)");
        // The 12th starts like the 1st does, and is another day all the same.
        assert_eq!(
            said("2021-02-11T23:30:00Z", "Europe/Berlin"),
            "12 February 2021, 00:30 Europe/Berlin (11 February 2021, 23:30 UTC)"
        );
    }
}
