//! The upstream queue: each record is an event by itself, and only what is not done is kept.

use super::{good, lines, of_chats, of_workspace, poison, world};
use crate::world::{Brought, Loses, Way, World, in_chat, message};
use bundler::{settings::Switch, window::Granularity};
use serde_json::{Value, json};

fn bodies(events: &[Value]) -> Vec<String> {
    events.iter().map(Value::to_string).collect()
}

/// Brings a batch: the places of the records that the queue keeps.
fn kept(world: &World, bodies: &[String]) -> Vec<usize> {
    match world.bring(Way::Queue(bodies)) {
        Brought::Kept(kept) => kept,
        Brought::Done | Brought::Document(_) | Brought::NotDone(_) => panic!("a batch is answered by record"),
    }
}

#[test]
fn a_batch_of_100_is_stored_and_forgotten_and_its_redelivery_changes_nothing() {
    let world = world();
    let batch = bodies(&of_chats(100));
    for _ in 0..2 {
        assert_eq!(kept(&world, &batch), Vec::<usize>::new());
        assert_eq!(world.stored(), 100);
    }
    assert_eq!(lines(&world, "records kept by the queue"), Vec::<Value>::new());
}

#[test]
fn one_bad_record_harms_no_other_wherever_it_stands_and_is_kept_each_time() {
    for poison in poison() {
        let shown: String = poison.chars().take(80).collect();
        for place in [0, 2, 4] {
            let world = world();
            let mut batch = bodies(&of_chats(4));
            batch.insert(place, poison.clone());
            for _ in 0..3 {
                assert_eq!(kept(&world, &batch), [place], "{shown}");
                assert_eq!(world.stored(), 4, "{shown}");
            }
        }
    }
}

#[test]
fn an_array_in_a_record_is_no_event() {
    let world = world();
    assert_eq!(kept(&world, &[json!([good("1")]).to_string()]), [0]);
    assert_eq!(world.stored(), 0);
}

#[test]
fn a_record_that_could_not_be_stored_is_kept_alone_and_done_when_it_comes_again() {
    for (granularity, request) in
        [(Granularity::Hours1, "put_in_bucket"), (Granularity::None, "put_in_lane"), (Granularity::None, "enqueue")]
    {
        for loses in [Loses::Request, Loses::Answer] {
            let world = World::new(granularity);
            let batch = bodies(&of_chats(3));
            world.tape.fail(request, 1, loses);
            assert_eq!(kept(&world, &batch), [1], "{request} {loses:?}");
            assert_eq!(kept(&world, &batch[1..2]), Vec::<usize>::new(), "{request} {loses:?}");
            world.set_time("2021-02-24T17:02:45Z");
            world.tick().expect("a tick");
            world.drain();
            assert_eq!(world.receiver.texts().len(), 3, "{request} {loses:?}: each was sent once");
        }
    }
}

#[test]
fn a_record_that_makes_the_code_panic_is_kept_alone() {
    let world = world();
    let batch = bodies(&of_chats(5));
    world.tape.panic_at("put_in_bucket", 2);
    assert_eq!(kept(&world, &batch), [2]);
    assert_eq!(world.stored(), 4);
    assert_eq!(kept(&world, &batch), Vec::<usize>::new());
    assert_eq!(world.stored(), 5);
}

#[test]
fn records_of_one_chat_are_taken_in_their_order() {
    let world = World::new(Granularity::None);
    let text = |index: usize| index.to_string();
    let event = |index| in_chat("same", message("2021-02-24T16:25:29Z", &text(index), &text(index)));
    let batch: Vec<_> = (0..50).map(event).collect();
    assert_eq!(kept(&world, &bodies(&batch)), Vec::<usize>::new());
    world.drain();
    assert_eq!(world.receiver.texts().concat(), (0..50).map(text).collect::<Vec<_>>());
}

#[test]
fn each_record_belongs_to_the_workspace_that_it_names() {
    let world = world();
    world.add_workspace("zenith");
    // The same chat and the same ids: only the workspace tells them apart.
    let batch = bodies(&[of_workspace("acme", good("1")), of_workspace("zenith", good("1"))]);
    assert_eq!(kept(&world, &batch), Vec::<usize>::new());
    assert_eq!(world.stored(), 2);
    let line = |workspace| {
        let of = |line: &Value| line["workspace"]["id"] == workspace;
        lines(&world, "message accepted").iter().filter(|line| of(line)).count()
    };
    assert_eq!((line("acme"), line("zenith")), (1, 1));
}

#[test]
fn what_a_switched_off_webhook_ignores_is_done() {
    let world = world();
    world.configure(|settings| settings.switch = Switch::Off);
    assert_eq!(kept(&world, &bodies(&of_chats(2))), Vec::<usize>::new());
    assert_eq!(world.stored(), 0);
}

#[test]
fn what_is_kept_is_counted_in_one_line_by_why_and_by_the_queues_ids() {
    let world = world();
    let mut batch = bodies(&of_chats(2));
    batch.insert(1, "not JSON".to_owned());
    batch.push("{}".to_owned());
    world.tape.fail("put_in_bucket", 0, Loses::Request);
    assert_eq!(kept(&world, &batch), [0, 1, 3]);
    let lines = lines(&world, "records kept by the queue");
    assert_eq!(lines.len(), 1);
    for (pointer, expected) in [
        ("/level", json!("ERROR")),
        ("/records", json!(4)),
        ("/rejected", json!(2)),
        ("/failed", json!(1)),
        ("/record/rejected", json!(["1", "3"])),
        ("/record/failed", json!(["0"])),
    ] {
        assert_eq!(lines[0].pointer(pointer), Some(&expected), "{pointer}");
    }
}
