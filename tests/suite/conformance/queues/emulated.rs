//! The adapter that speaks to SQS, on one queue of an emulator; each sequence's groups have names of their own.

use super::{Call, play};
use crate::conformance::{
    compare::{Played, Side},
    emulators::Emulator,
};
use crate::contract::Queues;
use aws::queue::Queue;
use aws_sdk_sqs::{
    Client,
    types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName, QueueAttributeName},
};
use bundler::ports::{self, Enqueue, PortError, QueueEntry};
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) struct Emulated {
    queue: Queue,
    client: Client,
    played: u32,
}

impl Emulated {
    /// A queue as the template declares it.
    pub(crate) async fn new(emulator: Emulator, name: &str) -> Self {
        let config = emulator.config();
        let client = Client::new(&config);
        let request = client
            .create_queue()
            .queue_name(format!("{name}.fifo"))
            .attributes(QueueAttributeName::FifoQueue, "true")
            .attributes(QueueAttributeName::DeduplicationScope, "messageGroup")
            .attributes(QueueAttributeName::FifoThroughputLimit, "perMessageGroupId");
        let created = request.send().await.expect("the queue is created");
        let url = created.queue_url.expect("a queue has a URL");
        Self { queue: Queue::new(&config, url), client, played: 0 }
    }

    /// All that the queue hands out until it hands out nothing.
    async fn take(&self) -> Vec<(String, String)> {
        let mut taken = Vec::new();
        loop {
            let request = self.client.receive_message().queue_url(self.queue.url()).max_number_of_messages(10);
            let request = request.message_system_attribute_names(MessageSystemAttributeName::MessageGroupId);
            let messages = request.send().await.expect("the queue hands out").messages.unwrap_or_default();
            if messages.is_empty() {
                return taken;
            }
            let finish = |(index, message): (usize, &Message)| {
                let handle = message.receipt_handle().expect("a message has a handle");
                let entry = DeleteMessageBatchRequestEntry::builder().id(index.to_string()).receipt_handle(handle);
                entry.build().expect("an entry")
            };
            let entries = messages.iter().enumerate().map(finish).collect();
            let request = self.client.delete_message_batch().queue_url(self.queue.url()).set_entries(Some(entries));
            let finished = request.send().await.expect("messages are finished");
            assert!(finished.failed().is_empty(), "a message that is under way can be finished");
            taken.extend(messages.into_iter().map(|message| {
                let group =
                    message.attributes.and_then(|mut of| of.remove(&MessageSystemAttributeName::MessageGroupId));
                (group.expect("a message has a group"), message.body.unwrap_or_default())
            }));
        }
    }
}

/// Queues of an emulator for the contract's rules.
impl Queues for Emulator {
    type Queue = Emulated;

    async fn empty(&self) -> Emulated {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        Emulated::new(*self, &format!("contract-{}", MADE.fetch_add(1, Ordering::Relaxed))).await
    }

    async fn take(&self, queue: &Emulated) -> Vec<(String, String)> {
        queue.take().await
    }
}

impl Enqueue for Emulated {
    async fn enqueue(&self, entries: &[QueueEntry]) -> ports::Answer<Vec<Result<(), PortError>>> {
        self.queue.enqueue(entries).await
    }
}

impl Side for Emulated {
    type Call = Call;

    async fn play(&mut self, calls: &[Call]) -> Played {
        self.played += 1;
        let apart = format!("{}/", self.played);
        play(&self.queue, &apart, calls, async || self.take().await).await
    }
}

fn entry(group: &str, id: &str) -> QueueEntry {
    QueueEntry { reference: group.to_owned(), group: group.to_owned(), deduplication_id: id.to_owned() }
}

/// Whether an id that one group has used is taken for known in another.
pub(crate) async fn shares_ids_among_groups(emulator: Emulator) -> bool {
    let queue = Emulated::new(emulator, "gap-groups").await;
    queue.enqueue(&[entry("one", "1"), entry("other", "1")]).await.expect("the queue answers");
    queue.take().await.len() == 1
}

/// Whether an id is taken anew when its message has been finished.
pub(crate) async fn forgets_ids_of_what_is_deleted(emulator: Emulator) -> bool {
    let queue = Emulated::new(emulator, "gap-deleted").await;
    let mut taken = 0;
    for _ in 0..2 {
        queue.enqueue(&[entry("one", "1")]).await.expect("the queue answers");
        taken += queue.take().await.len();
    }
    taken == 2
}
