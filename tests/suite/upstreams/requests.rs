//! What a call costs: one write for each message, and nothing for what is no message.

use super::{
    door::{Door, SENT},
    message, sample,
    types::SILENT,
};
use bundler::window::Granularity;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

#[test]
fn a_cold_function_reads_each_thing_once_and_a_warm_one_only_writes() {
    let door = Door::new(Granularity::Hours1);
    door.meta(&sample("text"));
    let cold = ["read_credentials", "read_settings", "read_upstream", "read_root_secret", "put_in_bucket"];
    assert_eq!(door.world.tape.take(), cold);
    door.meta(&sample("button"));
    assert_eq!(door.world.tape.take(), ["put_in_bucket"]);
    door.meta(&sample("echo-text"));
    assert_eq!(door.world.tape.take(), ["put_in_bucket"]);
}

#[test]
fn a_message_of_metas_is_one_write_unit_and_its_file_two_more_and_an_entry_of_the_queue() {
    let door = Door::new(Granularity::Hours1);
    door.world.copies_at_once.store(false, Ordering::Relaxed);
    door.meta(&sample("text"));
    door.world.table.inner.store().take_consumed();
    for (name, writes) in [("button", 1), ("echo-text", 1), ("group-text", 1), ("image", 3)] {
        door.meta(&sample(name));
        let consumed = door.world.table.inner.store().take_consumed();
        assert_eq!(consumed.total().write_units, writes, "{name}: {consumed:?}");
    }
    let requests = door.world.tape.take();
    assert_eq!(requests[requests.len() - 3..], ["put_file", "enqueue_copy", "put_in_bucket"]);
}

#[test]
fn statuses_and_histories_cost_no_request_but_the_secret_that_they_are_signed_with() {
    let door = Door::new(Granularity::Hours1);
    for name in SILENT {
        door.meta(&sample(name));
    }
    assert_eq!(door.world.tape.take(), ["read_credentials"]);
    let mut mixed = sample("text");
    let statuses = sample("statuses")["entry"][0]["changes"][0]["value"]["statuses"].clone();
    mixed["entry"][0]["changes"][0]["value"]["statuses"] = statuses;
    door.meta(&mixed);
    let writes = door.world.tape.take().into_iter().filter(|name| name.starts_with("put")).count();
    assert_eq!(writes, 1);
}

#[test]
fn a_thousand_messages_are_a_thousand_writes() {
    let door = Door::new(Granularity::Hours1);
    let mut call = sample("text");
    let text = message(&mut call).clone();
    let one = |id: usize| {
        let mut message = text.clone();
        message["id"] = json!(format!("wamid.{id}"));
        message["from_user_id"] = json!(format!("IL.{}", id % 40));
        message
    };
    let all: Vec<Value> = (0..1_000).map(one).collect();
    call["entry"][0]["changes"][0]["value"]["messages"] = Value::Array(all);
    door.meta(&sample("button"));
    door.world.tape.take();
    door.meta(&call);
    assert_eq!(door.world.tape.take(), vec!["put_in_bucket"; 1_000], "{SENT}");
}

#[test]
fn a_message_of_twilios_is_one_write_and_the_moment_of_its_first_arrival_another() {
    let door = Door::new(Granularity::Hours1);
    let fields =
        |id| [("MessageSid", id), ("From", "whatsapp:+15550001111"), ("To", "whatsapp:+15550002222"), ("Body", "a")];
    door.twilio(&fields("SM1"));
    door.world.tape.take();
    door.twilio(&fields("SM2"));
    assert_eq!(door.world.tape.take(), ["first_seen", "put_in_bucket"]);
}
