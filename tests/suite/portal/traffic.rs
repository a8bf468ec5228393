//! What a webhook has carried, by day: counted from its log, once.

use super::{Desk, HOOK};
use crate::{
    contract::{
        Memory, Tables,
        deliver::receipt,
        values::{bundle, lane, workspace},
    },
    world::{Reply, World, at, in_chat, message, run},
};
use bundler::{
    attempt::{Attempt, ErrorClass},
    delivery::Lane,
    id::KeyPart,
    limits,
    ports::{DeliverTable, KeepTraffic, ReadTraffic},
    schedule::Schedule,
    settings::History,
    table::traffic::CountedDay,
    window::Granularity,
};
use serde_json::{Value, json};
use std::time::Duration;

const TAKEN: Option<ErrorClass> = None;
const REFUSED: Option<ErrorClass> = Some(ErrorClass::Status);

/// Has these requests in the log: when each began, the messages of its document, and the error it ended with.
fn log(world: &World, requests: &[(&str, u64, Option<ErrorClass>)]) {
    for (started, messages, error) in requests {
        put(world, &Attempt { started: at(started), messages: *messages, error: *error, ..of(&lane("1"), started) });
    }
}

fn of(lane: &Lane, due: &str) -> Attempt {
    receipt(&bundle(lane, due))
}

fn put(world: &World, attempt: &Attempt) {
    run(world.table.inner.put_attempt(attempt)).expect("an attempt is put");
}

fn desk(requests: &[(&str, u64, Option<ErrorClass>)]) -> Desk {
    let world = World::new(Granularity::Hours1);
    log(&world, requests);
    Desk::over(world)
}

fn look(desk: &Desk, days: u64) -> Value {
    let told = desk.get(&format!("{HOOK}/traffic?days={days}"));
    assert_eq!(told.status, 200, "{}", told.text());
    told.json()
}

/// Each day that something happened on: calls, errors, messages.
fn busy(shown: &Value) -> Vec<(String, [u64; 3])> {
    let number = |day: &Value, name: &str| day[name].as_u64().expect(name);
    let day = |day: &Value| {
        let name = day["day"].as_str().expect("a day").to_owned();
        (name, ["calls", "errors", "messages"].map(|name| number(day, name)))
    };
    let days = shown["days"].as_array().expect("days").iter().map(day);
    days.filter(|(_, numbers)| *numbers != [0; 3]).collect()
}

fn day(name: &str, numbers: [u64; 3]) -> (String, [u64; 3]) {
    (name.to_owned(), numbers)
}

/// How often the log was read, and something kept, since the last look at the tape.
fn asked(desk: &Desk) -> [usize; 2] {
    let calls = desk.world.tape.take();
    ["read_log", "put_counted_day"].map(|name| calls.iter().filter(|call| **call == name).count())
}

#[test]
fn what_was_sent_is_counted_by_day_and_so_is_what_was_saved() {
    let world = World::new(Granularity::Hours1);
    for (chat, messages) in [("1", 5), ("2", 3)] {
        for id in 0..messages {
            let id = format!("{chat} {id}");
            world
                .ingest(&in_chat(chat, message("2021-02-24T16:30:00+0000", &id, if chat == "2" { "bad" } else { "" })));
        }
    }
    world.receiver.answers(|request| {
        Reply::Status(if String::from_utf8_lossy(&request.body).contains("bad") { 500 } else { 200 })
    });
    world.set_time("2021-02-24T17:02:45Z");
    world.minutes(1);
    let shown = look(&Desk::over(world), 3);
    assert_eq!(shown["days"].as_array().map(Vec::len), Some(3), "also days on which nothing happened");
    assert_eq!(busy(&shown), [day("2021-02-24", [2, 1, 5])]);
    let numbers = ["messages", "calls", "errors", "saved"].map(|name| shown[name].as_u64().expect(name));
    assert_eq!((numbers, &shown["is_whole"]), ([5, 2, 1, 4], &json!(true)));
    assert_eq!(shown["from"], "2021-02-22T00:00:00.000Z");
}

#[test]
fn a_bundle_of_several_documents_is_as_many_calls_and_a_single_message_saves_none() {
    let world = World::new(Granularity::Hours1);
    for id in 0..501 {
        world.ingest(&message("2021-02-24T16:30:00+0000", &format!("{id:03}"), ""));
    }
    world.set_time("2021-02-24T17:02:45Z");
    world.minutes(1);
    assert_eq!(busy(&look(&Desk::over(world), 1)), [day("2021-02-24", [2, 0, 501])]);
    let world = World::new(Granularity::None);
    world.ingest(&message("2021-02-24T16:30:00+0000", "1", ""));
    world.drain();
    let shown = look(&Desk::over(world), 1);
    assert_eq!((busy(&shown), &shown["saved"]), (vec![day("2021-02-24", [1, 0, 1])], &json!(0)));
}

#[test]
fn a_request_is_of_the_day_on_which_the_owners_clock_shows_it() {
    let world = World::new(Granularity::Hours1);
    let requests = ["2021-02-22T18:14:59.999Z", "2021-02-22T18:15:00Z", "2021-02-23T18:14:59.999Z"];
    log(&world, &requests.map(|started| (started, 2, TAKEN)));
    let schedule = Schedule::try_from("1h Asia/Kathmandu".to_owned()).expect("a schedule");
    let desk = Desk::over(world);
    assert_eq!(busy(&look(&desk, 30)), [day("2021-02-22", [2, 0, 4]), day("2021-02-23", [1, 0, 2])]);
    desk.world.configure(|settings| settings.schedule = History::new(schedule));
    let shown = look(&desk, 30);
    assert_eq!(busy(&shown), [day("2021-02-22", [1, 0, 2]), day("2021-02-23", [2, 0, 4])], "another clock's days");
    assert_eq!((&shown["days"][29]["day"], &shown["from"]), (&json!("2021-02-24"), &json!("2021-01-25T18:15:00.000Z")));
}

#[test]
fn a_day_on_which_the_clock_is_changed_is_a_day_and_none_is_missing_or_twice() {
    let world = World::starting("2021-04-03T12:00:00Z", Granularity::Hours1);
    let schedule = Schedule::try_from("1h Europe/Berlin".to_owned()).expect("a schedule");
    world.configure(|settings| settings.schedule = History::new(schedule));
    log(&world, &["2021-03-27T23:00:00Z", "2021-03-28T21:59:59Z", "2021-03-28T22:00:00Z"].map(|it| (it, 1, TAKEN)));
    let shown = look(&Desk::over(world), 30);
    let days = shown["days"].as_array().expect("days").iter().map(|it| it["day"].as_str().expect("a day").to_owned());
    let expected =
        (5..=31).map(|day| format!("2021-03-{day:02}")).chain((1..=3).map(|day| format!("2021-04-{day:02}")));
    assert_eq!(days.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    assert_eq!(busy(&shown), [day("2021-03-28", [2, 0, 2]), day("2021-03-29", [1, 0, 1])]);
}

#[test]
fn a_day_by_another_clock_that_begins_at_the_same_moment_and_ends_at_another_is_another_day() {
    let world = World::starting("2021-03-30T12:00:00Z", Granularity::Hours1);
    log(&world, &[("2021-03-28T12:00:00Z", 1, TAKEN), ("2021-03-28T23:30:00Z", 1, TAKEN)]);
    let desk = Desk::over(world);
    assert_eq!(busy(&look(&desk, 30)), [day("2021-03-28", [2, 0, 2])]);
    let schedule = Schedule::try_from("1h Europe/London".to_owned()).expect("a schedule");
    desk.world.configure(|settings| settings.schedule = History::new(schedule));
    assert_eq!(busy(&look(&desk, 30)), [day("2021-03-28", [1, 0, 1]), day("2021-03-29", [1, 0, 1])]);
}

#[test]
fn what_was_counted_is_kept_and_counted_once() {
    let desk = desk(&[("2021-02-20T12:00:00Z", 7, TAKEN), ("2021-02-24T10:00:00Z", 3, TAKEN)]);
    desk.world.tape.take();
    let first = look(&desk, 30);
    assert_eq!(asked(&desk), [30, 30], "each day is read once, and kept");
    assert_eq!(look(&desk, 30), first);
    assert_eq!(asked(&desk), [1, 0], "but for the day that goes on");
    desk.world.set_time("2021-02-24T18:00:00Z");
    log(&desk.world, &[("2021-02-24T17:30:00Z", 5, REFUSED), ("2021-02-24T17:59:00Z", 6, TAKEN)]);
    let expected = [day("2021-02-20", [1, 0, 7]), day("2021-02-24", [3, 1, 9])];
    assert_eq!(busy(&look(&desk, 30)), expected);
    assert_eq!(asked(&desk), [1, 1]);
    desk.world.set_time("2021-02-25T12:00:00Z");
    assert_eq!(busy(&look(&desk, 30)), expected);
    assert_eq!(asked(&desk), [2, 1], "the day that is over, for the last time, and today");
    look(&desk, 30);
    assert_eq!(asked(&desk), [1, 0]);
}

#[test]
fn what_is_written_to_the_log_late_is_counted_all_the_same() {
    let world = World::starting("2021-02-25T00:14:00Z", Granularity::Hours1);
    log(&world, &[("2021-02-24T23:50:00Z", 1, TAKEN), ("2021-02-25T00:13:00Z", 1, TAKEN)]);
    let desk = Desk::over(world);
    assert_eq!(busy(&look(&desk, 2)), [day("2021-02-24", [1, 0, 1]), day("2021-02-25", [1, 0, 1])]);
    // It fell due before midnight and began a quarter of an hour later, and its invocation took a minute.
    desk.world.set_time("2021-02-25T00:15:59Z");
    let late = Attempt { started: at("2021-02-25T00:14:58Z"), messages: 10, ..of(&lane("2"), "2021-02-24T23:59:59Z") };
    run(desk.world.table.inner.put_receipt(&late)).expect("a receipt is put");
    assert_eq!(busy(&look(&desk, 2)), [day("2021-02-24", [2, 0, 11]), day("2021-02-25", [1, 0, 1])]);
    desk.world.set_time("2021-02-25T09:00:00Z");
    assert_eq!(busy(&look(&desk, 2)), [day("2021-02-24", [2, 0, 11]), day("2021-02-25", [1, 0, 1])]);
}

#[test]
fn two_who_count_the_same_day_at_once_do_no_harm() {
    let desk = desk(&[("2021-02-24T10:00:00Z", 3, TAKEN)]);
    look(&desk, 1);
    let (table, of) = (&desk.world.table.inner, lane("1"));
    let kept = || -> Vec<CountedDay> {
        run(table.read_counted_days(&of.workspace, &of.webhook, at("2021-02-24T00:00:00Z"))).expect("days").rows
    };
    let before = kept();
    desk.world.set_time("2021-02-24T18:00:00Z");
    log(&desk.world, &[("2021-02-24T17:00:00Z", 5, TAKEN)]);
    let expected = look(&desk, 1);
    assert_ne!(kept(), before);
    // Who was slower writes what he had counted.
    run(table.put_counted_day(&of.workspace, &of.webhook, &before[0])).expect("a count is put");
    assert_eq!(look(&desk, 1), expected);
    // Somebody's clock is ahead: what he has counted is not counted again.
    log(&desk.world, &[("2021-02-24T17:40:02Z", 1, TAKEN)]);
    let expected = [day("2021-02-24", [3, 0, 9])];
    for now in ["18:00:05", "18:00:00", "18:30:00"] {
        desk.world.set_time(&format!("2021-02-24T{now}Z"));
        assert_eq!(busy(&look(&desk, 1)), expected, "{now}");
    }
}

#[test]
fn days_that_there_is_no_time_for_are_left_out_the_oldest_first_and_the_next_look_goes_on() {
    let entries = ["2021-02-01T12:00:00Z", "2021-02-23T12:00:00Z"].map(|started| (started, 1, TAKEN));
    let desk = desk(&entries);
    desk.world.tape.slow(Duration::from_millis(500));
    let first = look(&desk, 30);
    let days = first["days"].as_array().expect("days").clone();
    assert_eq!(first["is_whole"], false);
    assert!((1..30).contains(&days.len()), "{}", days.len());
    assert_eq!(days.last().map(|day| &day["day"]), Some(&json!("2021-02-24")), "the newest are there");
    assert_eq!(busy(&first), [day("2021-02-23", [1, 0, 1])]);
    let mut looks = 1;
    let last = loop {
        looks += 1;
        assert!(looks < 30, "no look comes to an end");
        let shown = look(&desk, 30);
        if shown["is_whole"] == true {
            break shown;
        }
    };
    assert_eq!(busy(&last), [day("2021-02-01", [1, 0, 1]), day("2021-02-23", [1, 0, 1])]);
    assert_eq!(last["days"].as_array().map(Vec::len), Some(30));
}

#[test]
fn a_day_that_one_look_does_not_get_through_is_counted_over_several_and_every_request_once() {
    let (second, most) = (Duration::from_secs(1), limits::TRAFFIC_PAGES);
    // For lack of time, and because it has read as much as one may.
    for (pace, most) in [(Duration::from_millis(300), 27), (Duration::ZERO, most)] {
        let mut world = World::new(Granularity::Hours1);
        for number in 0..700 {
            let started = at("2021-02-23T10:00:00Z").plus(second * number).rfc3339();
            log(&world, &[(&started, 2, if number % 7 == 0 { REFUSED } else { TAKEN })]);
        }
        let items = world.table.inner.store().items();
        // Pages of a few requests.
        world.table.inner = run(Memory.holding(items)).with_bucket_pages_of(1_000);
        let desk = Desk::over(world);
        desk.world.tape.slow(pace);
        desk.world.tape.take();
        let (mut looks, expected) = (1, vec![day("2021-02-23", [700, 100, 1_200])]);
        let last = loop {
            let shown = look(&desk, 2);
            assert!(asked(&desk)[0] <= most, "{looks}");
            if shown["is_whole"] == true {
                break shown;
            }
            assert_eq!(busy(&shown), [], "what is not counted to its end is not shown");
            looks += 1;
            assert!(looks < 100, "no look comes to an end");
        };
        assert_eq!(busy(&last), expected);
        assert!(looks > 1, "one look got through");
    }
}

#[test]
fn a_look_that_ends_among_what_is_fresh_loses_none_of_it() {
    let mut world = World::new(Granularity::Hours1);
    for second in 10..60 {
        log(&world, &[(&format!("2021-02-24T16:20:{second}Z"), 2, TAKEN)]);
    }
    let items = world.table.inner.store().items();
    // A page for each.
    world.table.inner = run(Memory.holding(items)).with_bucket_pages_of(1);
    let desk = Desk::over(world);
    desk.world.tape.slow(Duration::from_millis(300));
    assert_eq!(look(&desk, 1)["is_whole"], false);
    desk.world.tape.slow(Duration::ZERO);
    assert_eq!(busy(&look(&desk, 1)), [day("2021-02-24", [50, 0, 100])]);
    desk.world.set_time("2021-02-24T18:00:00Z");
    assert_eq!(busy(&look(&desk, 1)), [day("2021-02-24", [50, 0, 100])]);
}

#[test]
fn tests_count_as_nothing_and_neither_does_what_does_not_read() {
    let mut world = World::new(Granularity::Hours1);
    let requests = ["2021-02-24T10:00:00Z", "2021-02-24T10:02:00Z"];
    log(&world, &requests.map(|started| (started, 3, TAKEN)));
    let test = Lane { chat: KeyPart::of_tests(), ..lane("1") };
    for (started, error) in [("2021-02-24T10:01:00Z", TAKEN), ("2021-02-24T16:30:00Z", REFUSED)] {
        put(&world, &Attempt { started: at(started), error, ..of(&test, started) });
    }
    let mut items = world.table.inner.store().items();
    let unreadable = items.iter_mut().find(|item| item.key.sk.starts_with("20210224T100200"));
    unreadable.expect("an item").attributes.clear();
    world.table.inner = run(Memory.holding(items));
    assert_eq!(busy(&look(&Desk::over(world), 1)), [day("2021-02-24", [1, 0, 3])]);
}

#[test]
fn what_others_carry_is_not_counted_and_theirs_is_theirs() {
    let world = World::new(Granularity::Hours1);
    for id in ["acme2", "acm"] {
        world.add_workspace(id);
        let lane = Lane { workspace: workspace(id), ..lane("1") };
        put(
            &world,
            &Attempt { started: at("2021-02-24T10:00:00Z"), messages: 50, ..of(&lane, "2021-02-24T09:00:00Z") },
        );
    }
    log(&world, &[("2021-02-24T10:00:00Z", 3, TAKEN)]);
    let desk = Desk::over(world);
    for _ in 0..2 {
        assert_eq!(busy(&look(&desk, 30)), [day("2021-02-24", [1, 0, 3])]);
        let others = desk.get("/v1/workspaces/acme2/webhooks/default/traffic").json();
        assert_eq!(busy(&others), [day("2021-02-24", [1, 0, 50])]);
    }
}

#[test]
fn thirty_days_are_shown_unless_somebody_wants_fewer() {
    let desk = desk(&[]);
    let days = |shown: &Value| shown["days"].as_array().map(Vec::len);
    assert_eq!(days(&desk.get(&format!("{HOOK}/traffic")).json()), Some(30));
    assert_eq!((days(&look(&desk, 1)), days(&look(&desk, 30))), (Some(1), Some(30)));
    for wrong in ["0", "31", "-1", "x", "", "1.5", "99999999999999999999"] {
        let told = desk.get(&format!("{HOOK}/traffic?days={wrong}"));
        assert!(told.status == 400 && told.text().contains("1 to 30"), "{wrong}: {}", told.status);
    }
    assert_eq!(desk.get("/v1/workspaces/acme/webhooks/none/traffic").status, 404);
}
