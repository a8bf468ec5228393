//! Failed tries: so many a minute, and then nothing is looked at.

use super::{another_root, at, root, run, table};
use crate::{
    limits,
    portal::{
        Source,
        tries::{Blocked, TooMany, failed},
    },
    timestamp::Timestamp,
};
use std::{net::IpAddr, time::Duration};

fn source(address: &str) -> Source {
    Source::of(&root(), address.parse::<IpAddr>().expect(address))
}

const BEGAN: &str = "2021-02-24T16:00:00Z";
const OVER: &str = "2021-02-24T16:01:00Z";

#[test]
fn twenty_failures_a_minute_are_answered_for_what_they_are_and_the_next_is_one_too_many() {
    let table = table();
    let (here, there) = (source("192.0.2.1"), source("192.0.2.2"));
    let fail = |source, now: &str| run(failed(&table, source, at(now))).expect("a count");
    for second in 0..20 {
        assert_eq!(fail(here, &format!("2021-02-24T16:00:{second:02}Z")), Ok(()), "{second}");
    }
    let too_many = Err(TooMany { until: at(OVER) });
    for now in ["2021-02-24T16:00:20Z", "2021-02-24T16:00:59.999Z", BEGAN] {
        assert_eq!(fail(here, now), too_many);
        assert_eq!(fail(there, now), Ok(()), "another source is not to blame");
    }
    assert_eq!(fail(here, OVER), Ok(()), "the next minute begins anew");
    assert_eq!(fail(here, BEGAN), too_many);
}

#[test]
fn a_source_that_is_remembered_is_turned_away_until_the_minute_is_over() {
    let mut blocked = Blocked::default();
    let (here, there, too_many) = (source("192.0.2.1"), source("192.0.2.2"), TooMany { until: at(OVER) });
    assert_eq!(blocked.check(here, at(BEGAN)), Ok(()));
    blocked.remember(here, too_many, at(BEGAN));
    for now in [BEGAN, "2021-02-24T16:00:59.999Z"] {
        assert_eq!(blocked.check(here, at(now)), Err(too_many));
        assert_eq!(blocked.check(there, at(now)), Ok(()));
    }
    assert_eq!(blocked.check(here, at(OVER)), Ok(()));
}

#[test]
fn a_process_remembers_so_many_sources_and_forgets_first_what_is_over() {
    let numbered = |number: usize| source(&format!("10.0.{}.{}", number / 256, number % 256));
    let until = |seconds: u64| TooMany { until: at(OVER).plus(Duration::from_secs(seconds)) };
    let is_blocked = |blocked: &Blocked, number: usize, now: Timestamp| blocked.check(numbered(number), now).is_err();
    let full = || {
        let mut blocked = Blocked::default();
        // One of them is over a minute before the others.
        for number in 0..limits::BLOCKED_SOURCES {
            let too_many = until(if number == 500 { 0 } else { 60 });
            blocked.remember(numbered(number), too_many, at(BEGAN));
        }
        blocked
    };
    let new = limits::BLOCKED_SOURCES;
    for now in [at(BEGAN), at(OVER)] {
        let mut blocked = full();
        blocked.remember(numbered(new), until(60), now);
        let known = (0..=new).filter(|number| is_blocked(&blocked, *number, now)).count();
        assert_eq!(known, limits::BLOCKED_SOURCES);
        assert!(is_blocked(&blocked, new, now) && !is_blocked(&blocked, 500, now));
    }
    // One that is known takes nobody's place.
    let mut blocked = full();
    blocked.remember(numbered(3), until(60), at(BEGAN));
    assert!((0..new).all(|number| is_blocked(&blocked, number, at(BEGAN))));
}

#[test]
fn one_too_many_is_told_when_to_come_again() {
    for (now, seconds) in
        [(BEGAN, "60"), ("2021-02-24T16:00:00.001Z", "60"), ("2021-02-24T16:00:59.5Z", "1"), (OVER, "1")]
    {
        let reply = TooMany { until: at(OVER) }.reply(at(now));
        let retry_after = reply.headers.iter().find(|(name, _)| *name == "retry-after").map(|(_, value)| &**value);
        assert_eq!((reply.status, retry_after), (429, Some(seconds)));
    }
}

#[test]
fn a_source_is_an_ipv4_address_or_an_ipv6_network_and_does_not_show() {
    for (one, other) in [
        ("192.0.2.1", "::ffff:192.0.2.1"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"),
        ("2001:db8:1:2::1", "2001:db8:1:2::"),
    ] {
        assert_eq!(source(one), source(other));
    }
    let different = ["192.0.2.1", "192.0.2.2", "2001:db8:1:2::1", "2001:db8:1:3::1", "::1"].map(source);
    for (index, one) in different.iter().enumerate() {
        assert!(!different[..index].contains(one));
        assert_eq!(one.hex().len(), 32);
    }
    let address = "192.0.2.1".parse().expect("an address");
    assert_ne!(Source::of(&root(), address), Source::of(&another_root(), address));
}
