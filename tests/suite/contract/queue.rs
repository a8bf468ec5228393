//! `Enqueue`: order within a group, an answer for each entry, and what counts as the same.

use super::{Memory, Queues, rules};
use crate::world::{HandClock, at, run};
use bundler::{
    delivery::{self, Cause},
    memory::{MemoryQueue, Store},
    order,
    ports::{Enqueue, QueueEntry},
};
use std::time::Duration;

rules! { Queues:
    entries_of_a_group_come_out_in_the_order_in_which_they_went_in,
    every_entry_has_its_answer,
    a_deduplication_id_is_taken_once,
    an_id_within_one_batch_is_taken_once,
    groups_do_not_share_their_ids,
    the_longest_reference_is_taken_as_it_is,
}

fn entry(group: &str, id: &str) -> QueueEntry {
    QueueEntry { reference: format!("{group} {id}"), group: group.to_owned(), deduplication_id: id.to_owned() }
}

fn of_group<'a>(taken: &'a [(String, String)], group: &str) -> Vec<&'a str> {
    taken.iter().filter(|(of, _)| of == group).map(|(_, reference)| reference.as_str()).collect()
}

async fn entries_of_a_group_come_out_in_the_order_in_which_they_went_in(queues: &impl Queues) {
    let queue = queues.empty().await;
    for batch in [["9", "3"], ["7", "1"], ["5", "2"]] {
        let entries = batch.iter().flat_map(|id| [entry("a", id), entry("b", id)]).collect::<Vec<_>>();
        queue.enqueue(&entries).await.expect("the queue answers");
    }
    let taken = queues.take(&queue).await;
    assert_eq!(of_group(&taken, "a"), ["a 9", "a 3", "a 7", "a 1", "a 5", "a 2"]);
    assert_eq!(of_group(&taken, "b"), ["b 9", "b 3", "b 7", "b 1", "b 5", "b 2"]);
}

async fn every_entry_has_its_answer(queues: &impl Queues) {
    let queue = queues.empty().await;
    for count in [1, 10] {
        let entries: Vec<_> = (0..count).map(|id| entry("a", &format!("{count}-{id}"))).collect();
        assert_eq!(queue.enqueue(&entries).await, Ok(vec![Ok(()); count]));
    }
    assert_eq!(queues.take(&queue).await.len(), 11);
}

async fn a_deduplication_id_is_taken_once(queues: &impl Queues) {
    let queue = queues.empty().await;
    for _ in 0..3 {
        assert_eq!(queue.enqueue(&[entry("a", "1"), entry("a", "2")]).await, Ok(vec![Ok(()), Ok(())]));
    }
    assert_eq!(of_group(&queues.take(&queue).await, "a"), ["a 1", "a 2"]);
    // Also when the first is done with.
    assert_eq!(queue.enqueue(&[entry("a", "1")]).await, Ok(vec![Ok(())]));
    assert_eq!(queues.take(&queue).await, []);
}

async fn an_id_within_one_batch_is_taken_once(queues: &impl Queues) {
    let queue = queues.empty().await;
    assert_eq!(queue.enqueue(&[entry("a", "1"), entry("a", "1")]).await, Ok(vec![Ok(()), Ok(())]));
    assert_eq!(of_group(&queues.take(&queue).await, "a"), ["a 1"]);
}

async fn groups_do_not_share_their_ids(queues: &impl Queues) {
    let queue = queues.empty().await;
    queue.enqueue(&[entry("a", "1"), entry("b", "1")]).await.expect("the queue answers");
    assert_eq!(queues.take(&queue).await.len(), 2);
}

async fn the_longest_reference_is_taken_as_it_is(queues: &impl Queues) {
    let queue = queues.empty().await;
    let mut lane = super::values::lane(&"א".repeat(256));
    lane.workspace = super::values::workspace(&"w".repeat(64));
    let key = super::values::bundle(&lane, super::values::DUE);
    let entry = order::deliver(&key, 64, &Cause::Due);
    assert_eq!(entry.deduplication_id, key.deduplication_id(&Cause::Due));
    assert_eq!(queue.enqueue(&[entry]).await, Ok(vec![Ok(())]));
    let taken = queues.take(&queue).await;
    assert_eq!(taken.iter().map(|(_, reference)| delivery::from_reference(reference)).collect::<Vec<_>>(), [Ok(key)]);
}

/// Only in memory can time be made to pass.
#[test]
fn an_id_is_remembered_for_five_minutes_and_not_longer() {
    let clock = HandClock::new(at("2021-02-24T17:00:45Z"));
    let queue = MemoryQueue::new(Store::default(), clock.clone(), Duration::from_secs(360), 5);
    let enqueue_and_take = || {
        run(queue.enqueue(&[entry("a", "1")])).expect("the queue answers");
        run(Memory.take(&queue)).len()
    };
    assert_eq!(enqueue_and_take(), 1);
    clock.pass(Duration::from_millis(299_999));
    assert_eq!(enqueue_and_take(), 0);
    clock.pass(Duration::from_millis(1));
    assert_eq!(enqueue_and_take(), 1);
}
