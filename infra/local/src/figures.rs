//! Times and numbers as people write them.

use bundler::{limits, timestamp::Timestamp};

/// `2026-03-02 09:14`.
pub(crate) fn day_and_hour(moment: Timestamp) -> String {
    moment.minute()
}

/// `09:14`.
pub(crate) fn hour(moment: Timestamp) -> String {
    day_and_hour(moment).split_off("2026-03-02 ".len())
}

/// The same of a window's end: midnight is `24:00`.
pub(crate) fn end_hour(end: Timestamp) -> String {
    if end.seconds().is_multiple_of(limits::DAY_SECONDS) { "24:00".to_owned() } else { hour(end) }
}

/// `2 webhooks`, `1 webhook`.
pub(crate) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// `1,843,022`.
pub(crate) fn grouped(number: u64) -> String {
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

/// As people write sizes: 1.8 MB.
pub(crate) fn bytes(size: u64) -> String {
    let (unit, name) = match size {
        0..1_000 => return format!("{size} bytes"),
        1_000..1_000_000 => (1_000, "kB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    format!("{}.{} {name}", size / unit, size % unit * 10 / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_ends_at_midnight_ends_at_24_00() {
        let midnight = Timestamp::parse("2026-03-03T00:00:00Z").expect("a moment");
        assert_eq!((hour(midnight), end_hour(midnight)), ("00:00".to_owned(), "24:00".to_owned()));
        assert_eq!(day_and_hour(midnight), "2026-03-03 00:00");
    }

    #[test]
    fn one_of_a_thing_has_no_s() {
        assert_eq!([0, 1, 2].map(|number| count(number, "call")), ["0 calls", "1 call", "2 calls"]);
    }

    #[test]
    fn long_numbers_are_grouped_by_thousands() {
        let numbers = [0, 999, 1_000, 48_213, 1_843_022].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "48,213", "1,843,022"]);
    }

    #[test]
    fn sizes_are_written_as_people_write_them() {
        let sizes = [0, 999, 1_000, 48_213, 1_843_022, 999_999_999, 5_000_000_000].map(bytes);
        assert_eq!(sizes, ["0 bytes", "999 bytes", "1.0 kB", "48.2 kB", "1.8 MB", "999.9 MB", "5.0 GB"]);
    }
}
