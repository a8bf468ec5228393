//! A batch of the queue: order within a group, groups apart, and what goes wrong harms its own group alone.

use super::{due, lane, progress};
use crate::world::{Loses, Reply, record};
use bundler::{limits, table::lane::DeliveryState};
use std::{collections::BTreeSet, time::Duration};

/// Chats of one group of the queue, and one of another.
fn chats() -> ([String; 3], String) {
    let group = |chat: &String| lane(chat).group(limits::CONCURRENCY);
    let all: Vec<String> = (0..100).map(|chat| chat.to_string()).collect();
    let mut same = all.iter().filter(|chat| group(chat) == group(&all[0])).cloned();
    let same = std::array::from_fn(|_| same.next().expect("a chat"));
    let other = all.iter().find(|chat| group(chat) != group(&all[0])).expect("a chat");
    (same, other.clone())
}

/// What goes wrong with our own requests or code, for the records of some chats.
#[derive(Debug, Clone, Copy)]
enum Trouble<'a> {
    /// The content of one of them cannot be read.
    Unread(usize),
    Panics(&'a [usize]),
}

/// A batch of three chats of one group and a fourth of another: which records are kept, and which bundles were sent.
fn check(trouble: Trouble<'_>, kept: &[usize], sent: &[usize]) {
    let (same, other) = chats();
    let all = [&same[0], &same[1], &same[2], &other].map(String::as_str);
    let shown = format!("{trouble:?}");
    let named = |indices: &[usize]| indices.iter().map(|index| all[*index].to_owned()).collect::<BTreeSet<_>>();
    let (world, records) = due(&all);
    let mut arriving = sent.to_vec();
    match trouble {
        Trouble::Unread(index) => world.tape.fail("read_bucket", index, Loses::Request),
        Trouble::Panics(panicking) => {
            arriving.retain(|index| !panicking.contains(index));
            let texts: Vec<_> = named(panicking).iter().map(|chat| format!("\"text\":\"{chat}\"")).collect();
            world.receiver.answers(move |request| {
                let body = String::from_utf8_lossy(&request.body);
                if texts.iter().any(|text| body.contains(text)) { Reply::Panics } else { Reply::Status(200) }
            });
        }
    }
    assert_eq!(world.deliver_records(records).into_iter().collect::<BTreeSet<_>>(), named(kept), "{shown}");
    assert_eq!(world.receiver.texts().concat().into_iter().collect::<BTreeSet<_>>(), named(sent), "{shown}");
    for (index, chat) in all.iter().enumerate() {
        let delivered = progress(&world, chat).is_some_and(|progress| progress.state == DeliveryState::Delivered);
        assert_eq!(delivered, arriving.contains(&index), "{shown}: chat {index}");
    }
}

#[test]
fn a_failure_of_ours_keeps_itself_and_everything_behind_it_in_its_group_and_other_groups_go_on() {
    check(Trouble::Panics(&[]), &[], &[0, 1, 2, 3]);
    check(Trouble::Unread(0), &[0, 1, 2], &[3]);
    check(Trouble::Unread(1), &[1, 2], &[0, 3]);
    check(Trouble::Unread(2), &[2], &[0, 1, 3]);
    check(Trouble::Unread(3), &[3], &[0, 1, 2]);
}

#[test]
fn a_panic_keeps_its_own_group_alone() {
    check(Trouble::Panics(&[0]), &[0, 1, 2], &[0, 3]);
    check(Trouble::Panics(&[1]), &[1, 2], &[0, 1, 3]);
    check(Trouble::Panics(&[3]), &[3], &[0, 1, 2, 3]);
    check(Trouble::Panics(&[1, 3]), &[1, 2, 3], &[0, 1, 3]);
}

#[test]
fn of_what_the_receiver_does_not_take_the_queue_keeps_nothing_and_what_is_behind_it_is_held() {
    let (same, _) = chats();
    let (world, records) = due(&[&same[0], &same[1], &same[2]]);
    let refused = format!("\"text\":\"{}\"", same[1]);
    world.receiver.answers(move |request| {
        Reply::Status(if String::from_utf8_lossy(&request.body).contains(&refused) { 500 } else { 200 })
    });
    assert_eq!(world.deliver_records(records), Vec::<String>::new());
    assert_eq!(world.receiver.texts().concat(), same[..2]);
    let found = same.map(|chat| progress(&world, &chat).map(|progress| (progress.state, progress.attempts)));
    let (delivered, held) = (DeliveryState::Delivered, DeliveryState::Held);
    assert_eq!(found, [Some((delivered, 1)), Some((held, 1)), Some((held, 0))]);
}

#[test]
fn a_record_that_cannot_be_parsed_fails_alone_with_what_is_behind_it() {
    let (same, other) = chats();
    let bodies =
        ["", "{}", "null", "[]", "\0", "{\"workspace\":\"a#b\"}", "{\"workspace\":\"acme\",\"webhook\":\"default\"}"];
    for body in bodies {
        let (world, mut records) = due(&[&same[0], &same[1], &other]);
        let group = records[0].group.clone();
        records.insert(1, record("poison", &group, body));
        assert_eq!(world.deliver_records(records), ["poison", &same[1]], "{body:?}");
        let texts: BTreeSet<_> = world.receiver.texts().concat().into_iter().collect();
        assert_eq!(texts, [same[0].clone(), other.clone()].into(), "{body:?}");
    }
}

#[test]
fn a_record_in_the_group_of_another_webhook_is_not_sent_and_says_so() {
    let (world, mut records) = due(&["1"]);
    let body = records[0].body.clone();
    records.insert(0, record("strange", "other#default#0", &body));
    records.insert(0, record("alike", "acme#default2#0", &body));
    assert_eq!(world.deliver_records(records), ["alike", "strange"]);
    assert_eq!(world.receiver.texts(), [["1"]], "its own record alone");
    let told = |line: &&String| line.contains("in the group of another webhook") && line.contains("\"ERROR\"");
    assert_eq!(world.log.all().iter().filter(told).count(), 2);
}

#[test]
fn what_there_is_no_time_for_is_kept_and_not_posted() {
    let (same, _) = chats();
    let (world, records) = due(&[&same[0], &same[1], &same[2]]);
    *world.receiver.takes.lock().expect("a duration") = Duration::from_secs(21);
    assert_eq!(world.deliver_records(records), same[2..]);
    assert_eq!(world.receiver.texts().concat(), same[..2]);
    assert_eq!(progress(&world, &same[2]), None);
}

#[test]
fn what_is_kept_is_delivered_in_its_order_when_the_queue_hands_it_out_again() {
    let (same, other) = chats();
    let (world, records) = due(&[&same[0], &same[1], &same[2], &other]);
    world.tape.crash(0, Loses::Request);
    assert_eq!(world.deliver_records(records.clone()).len(), 4);
    assert!(world.tape.repair());
    assert_eq!(world.deliver_records(records), Vec::<String>::new());
    let texts = world.receiver.texts().concat();
    let of_group: Vec<_> = texts.iter().filter(|text| same.contains(text)).collect();
    assert_eq!(of_group, same.iter().collect::<Vec<_>>());
    assert_eq!(texts.len(), 4);
}

#[test]
fn an_empty_batch_is_done() {
    let (world, _) = due(&[]);
    assert_eq!(world.deliver_records(Vec::new()), Vec::<String>::new());
    assert!(world.tape.take().is_empty());
}
