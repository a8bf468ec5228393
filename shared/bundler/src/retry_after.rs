//! What an answer says about when to come again: the field `Retry-After` (RFC 9110 section 10.2.3), believed where it is
//! an answer to too much, and as far as it can be believed. Whatever does not read says nothing.

use crate::{
    attempt::{Exchange, Response},
    limits,
    timestamp::Timestamp,
};
use chrono::NaiveDateTime;
use std::time::Duration;

/// Too Many Requests, and Service Unavailable.
const ASKING: [u16; 2] = [429, 503];
const GONE: u16 = 410;

impl Exchange {
    /// The moment before which the receiver wants nothing more, if it has said so in an answer that came at `now`.
    pub fn retry_after(&self, now: Timestamp) -> Option<Timestamp> {
        let response = self.result.as_ref().ok()?;
        if !ASKING.contains(&response.status) {
            return None;
        }
        read(only_field(response)?, now)
    }

    /// The receiver wants nothing more, ever.
    pub fn is_gone(&self) -> bool {
        self.status() == Some(GONE)
    }
}

/// The field's value; nothing where it is said several times, which leaves open what is meant.
fn only_field(response: &Response) -> Option<&str> {
    let is_field = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("retry-after");
    let mut fields = response.headers.iter().filter(is_field);
    let (_, value) = fields.next()?;
    fields.next().is_none().then_some(value)
}

/// The moment that a value names, no later than it is believed; nothing if it is not after `now`.
fn read(value: &str, now: Timestamp) -> Option<Timestamp> {
    let value = value.trim_matches([' ', '\t']);
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let moment = if is_number {
        // A number too long for its type is far too long a time as well.
        now.plus(Duration::from_secs(value.parse().unwrap_or(u64::MAX)).min(limits::RETRY_AFTER))
    } else {
        date(value, now)?
    };
    let latest = now.plus(limits::RETRY_AFTER);
    (moment > now).then(|| moment.min(latest))
}

/// An HTTP-date in any of its three forms (section 5.6.7), each exactly as it has to be written.
fn date(value: &str, now: Timestamp) -> Option<Timestamp> {
    const PREFERRED: &str = "%a, %d %b %Y %H:%M:%S GMT";
    const ASCTIME: &str = "%a %b %e %H:%M:%S %Y";
    let is_exact = |form: &str, value: &str| {
        let moment = NaiveDateTime::parse_from_str(value, form).ok()?;
        // chrono also takes what has blanks, signs and capitals where the form has none.
        (moment.format(form).to_string() == value).then_some(moment)
    };
    let moment = is_exact(PREFERRED, value).or_else(|| is_exact(ASCTIME, value)).or_else(|| {
        let rewritten = with_whole_year(value, now)?;
        is_exact("%A, %d-%b-%Y %H:%M:%S GMT", &rewritten)
    })?;
    // A leap second counts as the one after it: not earlier than was said.
    Timestamp::from_millis(u64::try_from(moment.and_utc().timestamp_millis()).ok()?)
}

/// RFC 850 writes two digits of the year. They mean the last such year that is not more than 50 years ahead.
fn with_whole_year(value: &str, now: Timestamp) -> Option<String> {
    let (day_and_month, rest) = value.rsplit_once('-')?;
    let (digits, time) = rest.split_at_checked(2)?;
    let in_century: u64 = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
    let this_year: u64 = now.article().get(..4)?.parse().ok()?;
    let latest = this_year + 50;
    let year = latest - (latest - in_century) % 100;
    Some(format!("{day_and_month}-{year}{time}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attempt::{Body, ErrorClass, Failure};

    const NOW: &str = "2026-11-22T08:49:37.250Z";

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect(text)
    }

    fn answer(status: u16, headers: &[(&str, &str)]) -> Exchange {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let response = Response { status, headers, body: Body::of(b""), body_is_cut: false };
        Exchange { result: Ok(response), duration_ms: 1 }
    }

    fn said(value: &str) -> Option<String> {
        answer(429, &[("retry-after", value)]).retry_after(at(NOW)).map(Timestamp::rfc3339)
    }

    #[test]
    fn seconds_and_the_three_forms_of_a_date_are_read() {
        for (value, expected) in [
            ("1", "2026-11-22T08:49:38.250Z"),
            ("120", "2026-11-22T08:51:37.250Z"),
            ("0000000000000000000000120", "2026-11-22T08:51:37.250Z"),
            (" 120\t", "2026-11-22T08:51:37.250Z"),
            ("36000", "2026-11-22T18:49:37.250Z"),
            ("Sun, 22 Nov 2026 09:00:00 GMT", "2026-11-22T09:00:00.000Z"),
            ("Sunday, 22-Nov-26 09:00:00 GMT", "2026-11-22T09:00:00.000Z"),
            ("Sun Nov 22 09:00:00 2026", "2026-11-22T09:00:00.000Z"),
            ("Sun, 22 Nov 2026 09:59:60 GMT", "2026-11-22T10:00:00.000Z"),
        ] {
            assert_eq!(said(value).as_deref(), Some(expected), "{value}");
        }
        let asctime = answer(503, &[("Retry-After", "Tue Dec  1 00:00:01 2026")]);
        let before = at("2026-11-30T23:59:59Z");
        assert_eq!(asctime.retry_after(before), Some(at("2026-12-01T00:00:01Z")), "a day of one digit has a blank");
    }

    #[test]
    fn ten_hours_are_the_most_that_is_believed() {
        for value in ["36001", "86400", "99999999999999999999999999", "Mon, 22 Nov 2027 09:00:00 GMT"] {
            assert_eq!(said(value).as_deref(), Some("2026-11-22T18:49:37.250Z"), "{value}");
        }
        assert_eq!(said("Fri, 31 Dec 9999 23:59:59 GMT").as_deref(), Some("2026-11-22T18:49:37.250Z"));
    }

    #[test]
    fn what_is_no_time_to_wait_says_nothing() {
        for value in [
            "",
            "0",
            "-1",
            "+120",
            "1.5",
            "1e3",
            "120s",
            "120, 60",
            "soon",
            "١٢٠",
            "Sun, 22 Nov 2026 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Thu, 01 Jan 1969 00:00:00 GMT",
            // Not that day of the week, no such day, no such hour; not as the forms are written.
            "Mon, 22 Nov 2026 09:00:00 GMT",
            "Mon, 30 Feb 2026 09:00:00 GMT",
            "Sun, 22 Nov 2026 24:00:00 GMT",
            "Sun, 22 Nov 2026 09:00:00 UTC",
            "Sun, 22 Nov 2026 09:00:00 +0000",
            "Sun, 22 Nov 2026 09:00:00",
            "sun, 22 nov 2026 09:00:00 gmt",
            "Sun,  22 Nov 2026 09:00:00 GMT",
            "Sun, 22 Nov 2026 9:00:00 GMT",
            "Sun Nov 22 09:00:00 2026 GMT",
            "Sun, 22-Nov-26 09:00:00 GMT",
            "Sunday, 22-Nov-2026 09:00:00 GMT",
            "Sunday, 22-Nov-é6 09:00:00 GMT",
            "2026-11-22T09:00:00Z",
        ] {
            assert_eq!(said(value), None, "{value}");
        }
    }

    #[test]
    fn two_digits_of_a_year_mean_at_most_50_years_ahead() {
        // Both are the 22nd of November. The one of 2076 is a Sunday, those of 1977 and 2077 a Tuesday and a Monday.
        let read = |value: &str| date(value, at(NOW)).map(Timestamp::rfc3339);
        assert_eq!(read("Sunday, 22-Nov-76 09:00:00 GMT").as_deref(), Some("2076-11-22T09:00:00.000Z"));
        assert_eq!(read("Tuesday, 22-Nov-77 09:00:00 GMT").as_deref(), Some("1977-11-22T09:00:00.000Z"));
        assert_eq!(read("Monday, 22-Nov-77 09:00:00 GMT"), None);
        let turn = date("Friday, 01-Jan-00 00:00:00 GMT", at("2099-12-31T23:59:00Z"));
        assert_eq!(turn, Some(at("2100-01-01T00:00:00Z")));
    }

    #[test]
    fn only_too_much_and_unavailable_are_asked_and_they_once() {
        for status in 100..600 {
            let answer = answer(status, &[("retry-after", "120")]);
            assert_eq!(answer.retry_after(at(NOW)).is_some(), matches!(status, 429 | 503), "{status}");
            assert_eq!(answer.is_gone(), status == 410, "{status}");
        }
        assert_eq!(answer(429, &[]).retry_after(at(NOW)), None);
        let twice = answer(429, &[("retry-after", "120"), ("Retry-After", "120")]);
        assert_eq!(twice.retry_after(at(NOW)), None);
        let failure = Failure { class: ErrorClass::Timeout, detail: "no answer".to_owned() };
        let nothing = Exchange { result: Err(failure), duration_ms: 1 };
        assert_eq!((nothing.retry_after(at(NOW)), nothing.is_gone()), (None, false));
    }

    /// The three forms of a moment, worked out from the days since 1970 by hand.
    fn written(seconds: u64) -> [String; 3] {
        const DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
        const MONTHS: [(&str, u64); 12] = [
            ("Jan", 31),
            ("Feb", 28),
            ("Mar", 31),
            ("Apr", 30),
            ("May", 31),
            ("Jun", 30),
            ("Jul", 31),
            ("Aug", 31),
            ("Sep", 30),
            ("Oct", 31),
            ("Nov", 30),
            ("Dec", 31),
        ];
        let (mut left, time) = (seconds / 86_400, seconds % 86_400);
        let day = DAYS[usize::try_from(left % 7).expect("a small number")];
        let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let mut year = 1_970;
        while left >= 365 + u64::from(is_leap(year)) {
            left -= 365 + u64::from(is_leap(year));
            year += 1;
        }
        let mut month = "";
        for (name, days) in MONTHS {
            let days = days + u64::from(name == "Feb" && is_leap(year));
            month = name;
            if left < days {
                break;
            }
            left -= days;
        }
        let date = left + 1;
        let clock = format!("{:02}:{:02}:{:02}", time / 3_600, time / 60 % 60, time % 60);
        [
            format!("{}, {date:02} {month} {year} {clock} GMT", &day[..3]),
            format!("{day}, {date:02}-{month}-{:02} {clock} GMT", year % 100),
            format!("{} {month} {date:2} {clock} {year}", &day[..3]),
        ]
    }

    #[test]
    fn a_moment_in_any_form_is_waited_for_exactly_within_ten_hours_whenever_it_is() {
        assert_eq!(written(784_111_777)[0], "Sun, 06 Nov 1994 08:49:37 GMT", "the example of RFC 9110");
        // Steps that are prime to days and hours, over leap years and two turns of a century.
        for step in 0..4_000_u64 {
            let now_ms = 946_684_800_000 + step * 982_451_653;
            let now = Timestamp::from_millis(now_ms).expect("a moment");
            let ahead = step * 7_919 % 50_000;
            let wanted = now_ms / 1_000 + ahead;
            let latest = now.plus(Duration::from_secs(10 * 3_600));
            let expected = Timestamp::from_seconds(wanted).expect("a moment").min(latest);
            let expected = (expected > now).then_some(expected);
            for form in written(wanted) {
                assert_eq!(answer(503, &[("retry-after", &form)]).retry_after(now), expected, "{form} at {now:?}");
            }
            let seconds = answer(503, &[("retry-after", &ahead.to_string())]).retry_after(now);
            let expected = now.plus(Duration::from_secs(ahead.min(36_000)));
            assert_eq!(seconds, (ahead > 0).then_some(expected), "{ahead}");
        }
    }
}
