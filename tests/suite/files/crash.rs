//! The way of a message with a file, stopped between any two requests: upstream sends again, queues hand out again, the
//! next minute ticks. In the end the message and the one behind it have arrived, in order, each under one id, and the file
//! with it.

use super::{Desk, URL, source::Answer, with_file};
use crate::world::{Loses, message};
use bundler::{limits, window::Granularity};
use serde_json::Value;
use std::{collections::BTreeSet, time::Duration};

const LATER: &str = "2021-02-24T16:31:05Z";

fn events() -> [Value; 2] {
    [with_file("1", Some(5), "image/png"), message(LATER, "2", "after")]
}

fn way(desk: &Desk) {
    for event in events() {
        desk.world.ingest(&event);
    }
    desk.world.drain();
    desk.copy();
    desk.world.drain();
}

fn start() -> Desk {
    let desk = Desk::new(Granularity::None);
    desk.internet.has(URL, Answer::file("image/png", b"hello"));
    desk
}

fn check(passes: usize, loses: Loses) {
    let desk = start();
    desk.world.tape.crash(passes, loses);
    way(&desk);
    assert!(desk.world.tape.repair(), "nothing was lost");
    desk.world.restart();
    for event in events() {
        desk.world.ingest(&event);
    }
    for _ in 0..4 {
        desk.copy();
        desk.world.tick().expect("a tick");
        desk.world.clock.pass(Duration::from_secs(361));
        desk.world.drain();
    }
    let name = format!("after {passes}, lost {loses:?}");
    let attachments = desk.attachments();
    let mut arrived: Vec<(String, String)> = Vec::new();
    for (id, texts) in desk.world.receiver.headers("webhook-id").into_iter().zip(desk.world.receiver.texts()) {
        let one = (id, texts[0].clone());
        if !arrived.contains(&one) {
            arrived.push(one);
        }
    }
    let texts: Vec<&str> = arrived.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["see the photo", "after"], "{name}");
    for attachment in attachments.iter().filter(|attachment| attachment.is_object()) {
        assert!(attachment["temporary_download_url"].is_string(), "{name}: {attachment}");
    }
    let open = desk.world.table.inner.store().items().into_iter().filter(|item| item.index_key().is_some()).count();
    assert_eq!(open, 0, "{name}: something waits for nobody");
    // Nothing is copied or enqueued any more, however long one looks.
    desk.world.clock.pass(limits::FILE_WAIT);
    desk.world.tick().expect("a tick");
    assert_eq!((desk.copy(), desk.world.deliver()), (0, 0), "{name}");
}

#[test]
fn a_file_and_its_message_arrive_wherever_one_stops() {
    let desk = start();
    desk.world.tape.take();
    way(&desk);
    let calls = desk.world.tape.take();
    let kinds: BTreeSet<_> = calls.iter().copied().collect();
    for kind in ["put_file", "enqueue_copy", "put_in_lane", "read_files", "put_object", "mint_links", "enqueue", "post"]
    {
        assert!(kinds.contains(kind), "{kind} in {calls:?}");
    }
    for passes in 0..calls.len() {
        for loses in [Loses::Request, Loses::Answer] {
            check(passes, loses);
        }
    }
}
