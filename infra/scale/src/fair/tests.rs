//! The budgets, of a fifth of the population, and that the queue is the memory adapter's.

use super::{
    Four, budgets,
    population::{Kind, Population},
    queue::{Fifo, Packing},
    run::Deployment,
};
use bundler::{
    memory::{MemoryQueue, Received, Store},
    ports::{Clock, Enqueue, QueueEntry},
    timestamp::Timestamp,
};
use futures_util::FutureExt;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

#[test]
fn dead_slow_and_huge_webhooks_cost_the_others_nothing_however_the_queue_makes_its_batches() {
    let control = Population { webhooks: 100, chats: 5, windows: 2, any_bad: false, huge: 0 };
    for packing in [Packing::ByGroup, Packing::Oldest] {
        let four = Four::of(control, 10_000, Deployment { senders: 10, packing });
        assert_eq!(budgets::broken(&four), Vec::<String>::new(), "{packing:?}");
        let kinds = &four.both.kinds;
        assert_eq!(kinds.len(), 5);
        assert!(kinds[&Kind::Silent].posts >= 11 && kinds[&Kind::Slow].arrived == 3 * 5 * 2);
    }
}

#[derive(Clone, Default)]
struct Hand(Arc<AtomicU64>);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed)).expect("a moment")
    }
}

#[test]
fn the_queue_hands_out_what_the_memory_adapter_s_does() {
    let visibility = Duration::from_secs(360);
    let hand = Hand::default();
    let real = MemoryQueue::new(Store::default(), hand.clone(), visibility, 1_000);
    let mut fifo = Fifo::new(visibility, Packing::Oldest);
    let (mut state, mut sent, mut out) = (7_u64, 0, Vec::new());
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut handed_back = 0;
    for _ in 0..5_000 {
        let now = Duration::from_millis(hand.0.load(Ordering::Relaxed));
        match draw(4) {
            0 => {
                // Some of them for the second time.
                sent += draw(3);
                let (reference, group) = (sent.to_string(), format!("g{}", sent % 6));
                let entry = QueueEntry { deduplication_id: reference.clone(), reference, group };
                fifo.take(now, std::slice::from_ref(&entry));
                real.enqueue(&[entry]).now_or_never().expect("at once").expect("it takes").remove(0).expect("it takes");
            }
            1 => {
                let most = usize::try_from(draw(10)).expect("small") + 1;
                let (batch, received) = (fifo.receive(now, most), real.receive(most).expect("it hands out"));
                let name = |one: &Received| (one.reference.clone(), one.receives);
                let named: Vec<_> = batch.iter().map(|one| (one.reference.clone(), one.receives as u64)).collect();
                assert_eq!(named, received.iter().map(name).collect::<Vec<_>>());
                out.push((now, batch, received));
            }
            2 if !out.is_empty() => {
                let (at, batch, received) = out.remove(0);
                // Nobody is at a batch for longer than its visibility lasts.
                if now >= at + visibility {
                    continue;
                }
                // Of one group what is behind the first that is kept is kept, too.
                let group = received.first().filter(|_| draw(3) == 0).map(|first| first.group.clone());
                let is_kept = |one: &Received| Some(&one.group) == group.as_ref();
                let places = received.iter().enumerate().filter(|(_, one)| is_kept(one));
                let kept: Vec<String> = places.map(|(place, _)| place.to_string()).collect();
                handed_back += kept.len();
                let done: Vec<Received> = received.iter().filter(|one| !is_kept(one)).cloned().collect();
                fifo.finish(at, batch, &kept);
                real.finish_all(&done).expect("it forgets");
            }
            _ => {
                // Never so long that a batch is still out when its visibility ends.
                let oldest = out.first().map_or(now, |(at, ..)| *at);
                let latest = (oldest + visibility).saturating_sub(Duration::from_millis(1));
                let later = now + Duration::from_millis(draw(40_000));
                let then = if out.is_empty() { later } else { later.min(latest) };
                hand.0.store(u64::try_from(then.as_millis()).expect("a moment"), Ordering::Relaxed);
            }
        }
        assert_eq!(Ok(fifo.len()), real.len());
    }
    assert!(sent > 500 && handed_back > 100, "{sent} sent, {handed_back} handed back");
}

#[test]
fn behind_what_is_looked_through_no_group_is_free() {
    let mut fifo = Fifo::new(Duration::from_secs(360), Packing::ByGroup);
    let entry = |number: usize, group: &str| QueueEntry {
        reference: number.to_string(),
        group: group.to_owned(),
        deduplication_id: number.to_string(),
    };
    let many: Vec<_> = (0..120_000).map(|number| entry(number, "huge")).chain([entry(120_000, "small")]).collect();
    fifo.take(Duration::ZERO, &many);
    let first = fifo.receive(Duration::ZERO, 10);
    assert!(first.len() == 10 && !fifo.is_ready(Duration::ZERO), "the other group is too far behind");
    fifo.finish(Duration::ZERO, first, &[]);
    let groups: Vec<_> = (0..2).map(|_| fifo.receive(Duration::ZERO, 10)[0].group.to_string()).collect();
    assert_eq!(groups, ["huge", "small"]);
}
