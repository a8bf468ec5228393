//! A batch of the queue: order within a group, groups apart, and what goes wrong harms its own group alone.

use super::{due, lane, progress};
use crate::world::{Reply, record};
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

/// A batch of three chats of one group and a fourth of another. Requests of the failing ones meet the reply; which
/// records are kept, and which chats' bundles were sent.
fn check(failing: &[usize], reply: Reply, kept: &[usize], sent: &[usize]) {
    let (same, other) = chats();
    let all = [&same[0], &same[1], &same[2], &other].map(String::as_str);
    let shown = format!("{failing:?} {reply:?}");
    let named = |indices: &[usize]| indices.iter().map(|index| all[*index].to_owned()).collect::<BTreeSet<_>>();
    let (world, records) = due(&all);
    let failing_texts: Vec<_> = named(failing).iter().map(|chat| format!("\"text\":\"{chat}\"")).collect();
    world.receiver.answers(move |request| {
        let body = String::from_utf8_lossy(&request.body);
        if failing_texts.iter().any(|text| body.contains(text)) { reply.clone() } else { Reply::Status(200) }
    });
    assert_eq!(world.deliver_records(records).into_iter().collect::<BTreeSet<_>>(), named(kept), "{shown}");
    assert_eq!(world.receiver.texts().concat().into_iter().collect::<BTreeSet<_>>(), named(sent), "{shown}");
    for (index, chat) in all.iter().enumerate() {
        let delivered = progress(&world, chat).is_some_and(|progress| progress.state == DeliveryState::Delivered);
        assert_eq!(delivered, sent.contains(&index) && !failing.contains(&index), "{shown}: chat {index}");
    }
}

#[test]
fn a_failure_keeps_itself_and_everything_behind_it_in_its_group_and_other_groups_go_on() {
    check(&[], Reply::Status(500), &[], &[0, 1, 2, 3]);
    check(&[0], Reply::Status(500), &[0, 1, 2], &[0, 3]);
    check(&[1], Reply::Status(500), &[1, 2], &[0, 1, 3]);
    check(&[2], Reply::Status(500), &[2], &[0, 1, 2, 3]);
    check(&[3], Reply::Status(500), &[3], &[0, 1, 2, 3]);
    check(&[1, 3], Reply::Status(500), &[1, 2, 3], &[0, 1, 3]);
}

#[test]
fn a_panic_keeps_its_own_group_alone() {
    check(&[0], Reply::Panics, &[0, 1, 2], &[0, 3]);
    check(&[1], Reply::Panics, &[1, 2], &[0, 1, 3]);
    check(&[3], Reply::Panics, &[3], &[0, 1, 2, 3]);
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
    world.receiver.answers(|_| Reply::Status(500));
    assert_eq!(world.deliver_records(records.clone()).len(), 4);
    world.receiver.answers(|_| Reply::Status(200));
    assert_eq!(world.deliver_records(records), Vec::<String>::new());
    let texts = world.receiver.texts().concat();
    // The first of each group failed; then all went out in order.
    let of_group: Vec<_> = texts[2..].iter().filter(|text| same.contains(text)).collect();
    assert_eq!(of_group, same.iter().collect::<Vec<_>>());
    assert_eq!(texts.len(), 2 + 4);
}

#[test]
fn an_empty_batch_is_done() {
    let (world, _) = due(&[]);
    assert_eq!(world.deliver_records(Vec::new()), Vec::<String>::new());
    assert!(world.tape.take().is_empty());
}
