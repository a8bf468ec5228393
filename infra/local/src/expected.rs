//! What has to come out: what is about to be played, and what is stored and was not delivered before.

use bundler::{
    delivery::{DeliveryKey, Subject},
    event::Event,
    memory::Store,
    table::{
        Item, ItemError, ItemKey, attempt,
        bucket::BucketRow,
        lane::{self, DeliveryState, LaneMessage},
    },
    timestamp::Timestamp,
};
use std::{collections::BTreeMap, time::Duration};

/// A message that has to arrive, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) event: Event,
    pub(crate) way: Way,
    /// When it has to have arrived.
    pub(crate) by: Timestamp,
}

/// How a message has to go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// By itself, at once.
    Single,
    /// With all others of its chat whose window ends at `due`.
    Bundle { due: Timestamp },
}

impl Expected {
    /// When it was first meant to go out.
    pub(crate) fn due(&self) -> Timestamp {
        match self.way {
            Way::Single => self.event.message.timestamp,
            Way::Bundle { due } => due,
        }
    }
}

/// How long after it is due a delivery may take: two ticks, and reserve.
pub(crate) const WHILE: Duration = Duration::from_secs(5 * 60);

/// What is stored in the table and has no record of having been delivered: to go out when it is due, or from `now` on.
pub(crate) fn owed(table: &Store, now: Timestamp) -> Result<Vec<Expected>, ItemError> {
    let items: BTreeMap<ItemKey, Item> = table.items().into_iter().map(|item| (item.key.clone(), item)).collect();
    let delivered = |item: &Item| item.get_text("state") == Ok(DeliveryState::Delivered.name());
    let mut owed = Vec::new();
    for item in items.values() {
        if item.key.pk.starts_with("due#") {
            // What a pointer points to is found where it is, and nothing here cuts a bucket.
            let BucketRow::Message { message, .. } = BucketRow::from_item(item)? else { continue };
            let due = message.slot.due;
            let key = DeliveryKey { lane: message.slot.lane, subject: Subject::Bundle { due, cut: None } };
            let has_arrived = items.contains_key(&attempt::receipt_key(&key));
            if !has_arrived && !items.get(&lane::key(&key)).is_some_and(delivered) {
                let (way, by) = (Way::Bundle { due }, due.max(now).plus(WHILE));
                owed.push(Expected { event: message.event, way, by });
            }
        } else if let Ok(key @ DeliveryKey { subject: Subject::Message { .. }, .. }) = lane::parse_key(&item.key)
            && !delivered(item)
        {
            let event = LaneMessage::from_item(&key, item)?.event;
            owed.push(Expected { event, way: Way::Single, by: now.plus(WHILE) });
        }
    }
    Ok(owed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Clock, fixtures, stores::Stores};
    use bundler::{
        delivery,
        ports::DeliverTable,
        table::lane::{Delivery, Progress},
        window::Granularity,
    };

    #[tokio::test]
    async fn what_is_owed_is_what_was_taken_in_less_what_was_delivered() {
        let now = Timestamp::parse("2026-03-02T16:00:00Z").expect("a moment");
        for granularity in Granularity::ALL {
            let (table, queue) = fixtures::taken_in(Stores::default(), &Clock::new(now, 1), granularity).await;
            let of = |expected: &Expected| (expected.event.message.id.as_str().to_owned(), expected.way);
            let mut all: Vec<_> = fixtures::played(granularity).0.iter().map(of).collect();
            let mut owed_now: Vec<_> = owed(table.store(), now).expect("readable").iter().map(of).collect();
            all.sort();
            owed_now.sort();
            assert_eq!(owed_now, all, "{granularity:?}");

            while let [received] = queue.receive(1).expect("received").as_slice() {
                let key = delivery::from_reference(&received.reference).expect("a reference");
                let progress =
                    Progress { state: DeliveryState::Delivered, attempts: 1, parts_done: 1, ..Progress::NONE };
                table.set_lane_progress(&Delivery { key, progress }).await.expect("stored");
                queue.finish(received).expect("finished");
            }
            let left = owed(table.store(), now).expect("readable").len();
            assert_eq!(left, if granularity == Granularity::None { 0 } else { 62 }, "{granularity:?}");
        }
    }
}
