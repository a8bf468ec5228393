//! The sentences that an owner reads first, as they are seen.

use super::{
    fixtures::{at, frame},
    markup::{Node, read},
};
use crate::*;
use bundler::mail::Count::{Exactly, MoreThan};

/// What is read of a piece of a page.
fn seen(piece: &str) -> String {
    let all = read(&format!("<!doctype html>{piece}")).into_iter();
    all.filter_map(|node| if let Node::Text(text) = node { Some(text) } else { None }).collect()
}

#[test]
fn a_state_is_one_sentence() {
    let clock = frame().clock;
    let since = at("2021-02-24T09:42:00Z");
    let disabled = |why, held| State::Disabled { since: at("2021-02-23T18:04:00Z"), why, held };
    for (state, sentence) in [
        (State::Ready, "Ready: nothing has been delivered yet"),
        (
            State::Working { days: 30, calls: 131, messages: 4_812 },
            "Working: 131 calls carried 4,812 messages in 30 days",
        ),
        (State::Working { days: 30, calls: 1, messages: 1 }, "Working: 1 call carried 1 message in 30 days"),
        (
            State::Failing { since, errors: 3, next_try: at("2021-02-24T09:57:00Z"), held: Exactly(0) },
            "Failing since 10:42: 3 errors in a row, next try 10:57",
        ),
        (
            State::CatchingUp { since, held: MoreThan(1_000) },
            "Catching up: more than 1,000 deliveries are going out, the oldest first",
        ),
        (
            disabled(Disabling::Errors(11), Exactly(214)),
            "Disabled on 23 Feb, 19:04 after 11 errors in a row; 214 deliveries are waiting",
        ),
        (
            disabled(Disabling::Gone, Exactly(1)),
            "Disabled on 23 Feb, 19:04 because its receiver answered 410 Gone; 1 delivery is waiting",
        ),
        (State::Off { held: Exactly(0) }, "Switched off: new messages are counted, and not stored"),
        (
            State::Stopped { since: at("2021-02-03T11:00:00Z"), held: Exactly(0) },
            "Stores nothing more: disabled since 3 Feb, 12:00",
        ),
    ] {
        assert_eq!(seen(&state.sentence(clock).to_string()), sentence);
    }
}

#[test]
fn what_was_done_is_answered_in_a_sentence() {
    let clock = frame().clock;
    let replayed = |deliveries, gone, is_all| Said::Replayed { deliveries, gone, is_all };
    for (said, sentence) in [
        (Said::Saved { begins: None }, "Saved."),
        (
            Said::Saved { begins: Some(at("2021-02-24T16:32:29Z")) },
            "Saved. The new window begins at 17:32; until then messages gather as before.",
        ),
        (Said::Enabled { released: Exactly(0) }, "Enabled. Nothing was waiting."),
        (Said::Enabled { released: Exactly(1) }, "Enabled. What was held goes out now, the oldest first: 1 delivery."),
        (
            Said::StartedFresh { dropped: MoreThan(1_000) },
            "Enabled with a fresh start. Dropped: more than 1,000 deliveries.",
        ),
        (replayed(0, 0, true), "No failed delivery was found to send again."),
        (replayed(1, 0, true), "1 delivery goes out again, with its id."),
        (
            replayed(3, 1, false),
            "3 deliveries go out again, with their ids. 1 more is gone: its messages are no longer kept. \
             That was not all of the span yet: send the form again for the rest.",
        ),
    ] {
        assert_eq!(seen(&said.sentence(clock).to_string()), sentence);
    }
}

#[test]
fn a_file_that_could_not_be_had_is_said_of_its_request_and_nothing_where_there_is_none() {
    use bundler::file::Trouble;
    let mut row = super::fixtures::row(0, "John", Some(200), None);
    assert_eq!((row.words().as_str(), row.remark()), ("Delivered: \u{2068}John\u{2069}", None));
    row.missing_files = vec![Trouble::NotFound];
    assert_eq!(row.words(), "Delivered: \u{2068}John\u{2069}. 1 file could not be had.");
    row.missing_files.push(Trouble::TooLarge);
    row.attempt = 2;
    assert_eq!(row.remark().as_deref(), Some("attempt 2, 2 files could not be had"));
    row.error = Some("It answered with status 500.".to_owned());
    let words = "Not delivered: \u{2068}John\u{2069}. It answered with status 500. 2 files could not be had.";
    assert_eq!(row.words(), words);
    let request = |tried| RequestPage { frame: frame(), said: None, tried, is_test: false }.html();
    let shown = request(super::fixtures::tried(row.clone(), None));
    for trouble in &row.missing_files {
        assert!(shown.contains(trouble.sentence()), "{trouble:?}");
    }
    assert!(shown.contains("Links to files end after 15 minutes"));
    let body = bundler::attempt::Body::Text("{}".to_owned());
    row.missing_files.clear();
    let plain = request(Tried { body, ..super::fixtures::tried(row, None) });
    assert!(!plain.contains("could not be had") && !plain.contains("Links to files"));
}

#[test]
fn the_rule_of_success_and_of_disabling_is_one_sentence_that_follows_the_settings() {
    let rule = |any, disable_at| crate::state::rule(any, disable_at);
    assert_eq!(
        rule(false, 11),
        "An answer with status 200 within 15 seconds is a success; anything else is an error, and after more than 10 \
         errors in a row the webhook is disabled and you get an e-mail."
    );
    assert!(rule(true, 21).contains("status 200 to 299") && rule(true, 21).contains("more than 20 errors"));
}

#[test]
fn enabling_asks_only_where_something_is_held() {
    let page = |held| {
        let state = State::Disabled { since: at("2021-02-23T18:04:00Z"), why: Disabling::Gone, held };
        WebhookPage { state, ..super::states::webhook() }.html()
    };
    for (held, asks) in [(Exactly(0), false), (Exactly(1), true), (MoreThan(1_000), true)] {
        assert_eq!(page(held).contains("held-discard"), asks);
        assert!(page(held).contains("name=\"held\" value=\"deliver\"") || asks);
    }
}
