//! `UseOnce` and `CountFailedTry`: a link opens once, and failed tries are counted by source and window.

use super::{Tables, rules};
use crate::world::at;
use bundler::{
    portal::{Nonce, SessionId, Source},
    ports::{CountFailedTry, UseOnce},
    signature::RootSecret,
    table::{
        Item,
        portal::{FAILED, FailedTries, UsedLink},
    },
    timestamp::Timestamp,
};
use std::net::IpAddr;

rules! { Tables:
    a_link_is_used_by_the_first_opening_alone,
    an_opening_may_be_repeated_and_stays_the_only_one,
    another_nonce_is_another_link,
    what_says_that_a_link_is_used_outlives_the_link,
    failed_tries_are_counted_one_by_one,
    failed_tries_of_another_source_or_window_are_others,
    a_count_that_is_no_number_is_an_error_and_stays,
}

const EXPIRES: &str = "2021-02-24T17:00:00Z";

fn used(nonce: u8, by: u8) -> UsedLink {
    UsedLink { nonce: Nonce([nonce; 16]), by: SessionId([by; 16]), expires: at(EXPIRES) }
}

fn tries(address: &str, window: &str) -> FailedTries {
    let root = RootSecret::parse(&"r".repeat(64)).expect("a secret");
    let source = Source::of(&root, address.parse::<IpAddr>().expect(address));
    FailedTries { source, window: at(window) }
}

fn expires(item: &Item) -> Timestamp {
    Timestamp::from_seconds(item.get_number("expires").expect("it expires")).expect("a moment")
}

async fn a_link_is_used_by_the_first_opening_alone(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    assert_eq!(table.use_once(&used(1, 1)).await, Ok(true));
    for other in [2, 3, 2] {
        assert_eq!(table.use_once(&used(1, other)).await, Ok(false));
        assert_eq!(tables.items(&table).await, [used(1, 1).to_item()]);
    }
}

async fn an_opening_may_be_repeated_and_stays_the_only_one(tables: &impl Tables) {
    let table = tables.holding(vec![used(1, 1).to_item()]).await;
    for _ in 0..2 {
        assert_eq!(table.use_once(&used(1, 1)).await, Ok(true));
        assert_eq!(table.use_once(&used(1, 2)).await, Ok(false));
        assert_eq!(tables.items(&table).await, [used(1, 1).to_item()]);
    }
}

async fn another_nonce_is_another_link(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    for nonce in 1..4 {
        assert_eq!(table.use_once(&used(nonce, 1)).await, Ok(true));
    }
    assert_eq!(tables.items(&table).await, [1, 2, 3].map(|nonce| used(nonce, 1).to_item()));
}

async fn what_says_that_a_link_is_used_outlives_the_link(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    table.use_once(&used(1, 1)).await.expect("a link is used");
    let items = tables.items(&table).await;
    assert!(items.iter().map(expires).all(|moment| moment > at(EXPIRES)), "also on a clock that is behind");
}

async fn failed_tries_are_counted_one_by_one(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let tries = tries("192.0.2.1", "2021-02-24T16:00:00Z");
    for number in 1..=25 {
        assert_eq!(table.count_failed_try(&tries).await, Ok(number));
    }
    let items = tables.items(&table).await;
    assert_eq!(items, [tries.to_item(25)]);
    assert!(expires(&items[0]) >= at("2021-02-24T16:01:00Z"), "not before the window is over");
}

async fn failed_tries_of_another_source_or_window_are_others(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let (first, second) = ("2021-02-24T16:00:00Z", "2021-02-24T16:01:00Z");
    let all = [tries("192.0.2.1", first), tries("192.0.2.1", second), tries("192.0.2.2", first)];
    for number in 1..3 {
        for tries in &all {
            assert_eq!(table.count_failed_try(tries).await, Ok(number));
        }
    }
    let mut expected = all.map(|tries| tries.to_item(2));
    expected.sort_by(|one, other| one.key.cmp(&other.key));
    assert_eq!(tables.items(&table).await, expected);
}

async fn a_count_that_is_no_number_is_an_error_and_stays(tables: &impl Tables) {
    let tries = tries("192.0.2.1", "2021-02-24T16:00:00Z");
    let item = tries.to_item(1).text(FAILED, "many");
    let table = tables.holding(vec![item.clone()]).await;
    assert!(table.count_failed_try(&tries).await.is_err());
    assert_eq!(tables.items(&table).await, [item]);
}
