//! A webhook that does not take what it is sent: what goes out to it and when, what waits, and what its owner learns.
//! Everything is done by the functions' use cases, over the memory world.

mod bounced;
mod crash;
mod disabled;
mod drain;
mod order;
mod ours;
mod owner;
mod poison;
mod probes;
mod resend;

use crate::{
    deliver::{SENT, lane, progress},
    world::{Reply, World, in_chat, message},
};
use bundler::{
    batch::Record,
    delivery::{Cause, DeliveryKey, Subject},
    health::State,
    limits, order as entries,
    ports::Clock,
    table::lane::DeliveryState,
    timestamp::Timestamp,
    window::Granularity,
};
use std::time::Duration;

const OWNER: &str = "owner@acme.example";

/// A world at 17:02:45, in which these chats have one message each, whose text is the chat's name, and the references of
/// their bundles are on the queue.
fn due(chats: &[&str]) -> World {
    let world = World::new(Granularity::Hours1);
    world.configure(|settings| settings.owner_email = Some(OWNER.to_owned()));
    for chat in chats {
        world.ingest(&in_chat(chat, message(SENT, "1", chat)));
    }
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    world.tape.take();
    world
}

/// The same, at the moment after so many errors in a row.
fn after_errors(errors: u32, chats: &[&str]) -> World {
    let world = due(chats);
    fail_until(&world, errors);
    world
}

fn fail_until(world: &World, errors: u32) {
    answers(world, 500);
    world.drain();
    // A look may find a mail alone that is owed.
    while world.health().error_sequence < u64::from(errors) && !is_disabled(world) {
        world.next_look();
    }
    assert_eq!(world.health().error_sequence, u64::from(errors));
}

fn answers(world: &World, status: u16) {
    world.receiver.answers(move |_| Reply::Status(status));
}

/// The texts of all requests so far, in order.
fn sent(world: &World) -> Vec<String> {
    world.receiver.texts().concat()
}

/// When each request so far was made, in seconds.
fn times(world: &World) -> Vec<u64> {
    let seconds = |header: String| header.parse().expect("seconds");
    world.receiver.headers("webhook-timestamp").into_iter().map(seconds).collect()
}

fn state(world: &World, chat: &str) -> Option<DeliveryState> {
    progress(world, chat).map(|progress| progress.state)
}

fn is_disabled(world: &World) -> bool {
    matches!(world.health().state, State::Disabled { .. })
}

fn is_draining(world: &World) -> bool {
    matches!(world.health().state, State::Draining { .. })
}

/// When the webhook's wait is over.
fn probe_at(world: &World) -> Timestamp {
    let State::Failing { probe_at, .. } = world.health().state else { panic!("{:?}", world.health()) };
    probe_at
}

/// How long from now on.
fn wait(world: &World) -> Duration {
    probe_at(world).since(world.clock.now())
}

/// What the owner has been told, by the last words of each subject.
fn mails(world: &World) -> Vec<String> {
    let subject = |(to, mail): (String, bundler::mail::Mail)| {
        assert_eq!(to, OWNER);
        mail.subject.split_once("example.org ").expect("the webhook's host").1.to_owned()
    };
    world.mailbox.inner.sent().into_iter().map(subject).collect()
}

/// The record of a chat's bundle of 17:00, enqueued for this cause.
fn reference(chat: &str, cause: &Cause) -> Record {
    let due = crate::world::at("2021-02-24T17:00:00Z");
    let key = DeliveryKey { lane: lane(chat), subject: Subject::Bundle { due, cut: None } };
    let entry = entries::deliver(&key, limits::CONCURRENCY, cause);
    crate::world::record(chat, &entry.group, &entry.reference)
}

/// A person wants a chat's bundle of 17:00 sent again, and the sender gets to it.
fn resend(world: &World, chat: &str) {
    let kept = world.deliver_records(vec![reference(chat, &Cause::Resend { nonce: "1".to_owned() })]);
    assert_eq!(kept, Vec::<String>::new());
}
