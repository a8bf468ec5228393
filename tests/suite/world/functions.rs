//! The functions, as a world runs them: each call of a method is one invocation.

use super::{
    HandClock, Lines, World, run,
    wire::{Others, Wire},
};
use bundler::{
    again::Again,
    api::{
        self, Call,
        ingest::IngestApi,
        records::{self, NotDone},
    },
    batch::{Batch, Record},
    bounce::{Bounce, Bounces, Cause},
    cache::SettingsCache,
    cut::{self, FlushNow},
    dead_letter::DeadLetters,
    deliver::Deliver,
    delivery::Lane,
    event::Incoming,
    file::{self, FileKey, FileState},
    flush::{Bounds, Portion, Sweep, Swept},
    health::Patience,
    id::{KeyPart, WebhookId, WorkspaceId},
    ingest::{Ingest, Outcome},
    limits,
    memory::{MemoryFiles, MemoryQueue, MemoryTable},
    native,
    owner::{self, Change, Changed, Refusal},
    ports::{Answer, Clock, Enqueue, FileTable, ReadRootSecret, SweepTable},
    signature::RootSecret,
    tell::Tell,
    window::AggregationUnit,
};
use serde_json::Value;
use std::{sync::atomic::Ordering, time::Duration};

/// What the template gives a tick and a batch.
const INVOCATION: Duration = Duration::from_secs(60);

pub(crate) struct Secrets<'a>(&'a World);

/// What answers calls to ingest.
pub(crate) type Api<'a> =
    IngestApi<'a, Wire<MemoryTable>, Wire<MemoryQueue<HandClock>>, Wire<MemoryFiles<HandClock>>, Secrets<'a>, Lines>;

impl ReadRootSecret for Secrets<'_> {
    async fn read_root_secret(&self) -> Answer<RootSecret> {
        self.0.tape.pass("read_root_secret", async { Ok(self.0.root_secret.clone()) }).await
    }
}

/// A way in beside HTTP, with what is brought on it.
#[derive(Clone, Copy)]
pub(crate) enum Way<'a> {
    /// The bodies of a batch's records.
    Queue(&'a [String]),
    Bus(&'a str),
    Direct(&'a str),
}

/// What ingest makes of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Brought {
    /// The records that the queue keeps, by their places in the batch.
    Kept(Vec<usize>),
    Done,
    Document(Vec<u8>),
    NotDone(NotDone),
}

impl World {
    /// Takes one native event in.
    pub(crate) fn ingest(&self, event: &Value) -> Outcome {
        self.ingest_incoming(native::incoming(event, "").expect("an event"))
    }

    /// Takes in what an adapter has made of an upstream's call.
    pub(crate) fn ingest_incoming(&self, incoming: Incoming) -> Outcome {
        let cache = self.cache();
        let outcome = run(self.taking_in(&cache).ingest(self.clock.now(), incoming));
        self.copy_at_once();
        outcome
    }

    fn taking_in<'a>(
        &'a self,
        cache: &'a SettingsCache,
    ) -> Ingest<'a, Wire<MemoryTable>, Wire<MemoryQueue<HandClock>>, Wire<MemoryFiles<HandClock>>> {
        Ingest { table: &self.table, queue: &self.queue, files: &self.files, cache, unit: AggregationUnit::HOUR }
    }

    /// Every file that is to be copied is there, with the size that was declared.
    fn copy_at_once(&self) {
        if !self.copies_at_once.load(Ordering::Relaxed) {
            return;
        }
        for reference in self.files.inner.due_copies().expect("the queue hands out") {
            let key = FileKey::from_reference(&reference).expect("a file");
            let file = run(self.table.inner.read_file(&key)).expect("a file is read").expect("a file");
            let state = FileState::Kept { size: file.size.unwrap_or(7) };
            run(file::settle(&self.table.inner, &self.queue.inner, &key, &state)).expect("a file is settled");
            self.files.inner.finish_copy(&reference).expect("finished");
        }
    }

    /// Answers an HTTP call.
    pub(crate) fn call(&self, method: &str, path: &str, authorization: Option<&str>, body: &[u8]) -> api::Reply {
        let headers = authorization.map(|value| ("authorization".to_owned(), value.to_owned())).into_iter().collect();
        let now = self.clock.now();
        let call = Call { method, path, query: "", headers: &headers, domain: "ingest.example.org", body, now };
        self.with_api(|api| run(api.answer(call)))
    }

    /// One invocation of ingest with a call.
    pub(crate) fn with_api<R>(&self, answer: impl FnOnce(&Api<'_>) -> R) -> R {
        let cache = self.cache();
        let (ingest, secret) = (self.taking_in(&cache), &Secrets(self));
        let answer = answer(&IngestApi { ingest, secret, keys: &self.keys, log: &self.log });
        self.copy_at_once();
        answer
    }

    /// One invocation of ingest with what it is brought by `way`, without a call.
    pub(crate) fn bring(&self, way: Way<'_>) -> Brought {
        let (cache, now) = (self.cache(), self.clock.now());
        let ingest = self.taking_in(&cache);
        let api = IngestApi { ingest, secret: &Secrets(self), keys: &self.keys, log: &self.log };
        match way {
            Way::Queue(bodies) => {
                let record = |(id, body): (usize, &String)| records::Record { id: id.to_string(), body: body.clone() };
                let records: Vec<_> = bodies.iter().enumerate().map(record).collect();
                let kept = run(api.take_batch(now, &records));
                Brought::Kept(kept.iter().map(|id| id.parse().expect("an id that was given")).collect())
            }
            Way::Bus(detail) => run(api.take_detail(now, detail)).map_or_else(Brought::NotDone, |()| Brought::Done),
            Way::Direct(payload) => {
                run(api.take_payload(now, payload.as_bytes())).map_or_else(Brought::NotDone, Brought::Document)
            }
        }
    }

    /// Sends an event, or an array of them, as the platform does.
    pub(crate) fn post(&self, body: &Value) -> api::Reply {
        let bytes = serde_json::to_vec(body).expect("JSON");
        self.call("POST", "/v1/workspaces/acme/messages", Some(&self.bearer()), &bytes)
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.root_secret.ingest_key())
    }

    /// The value of an Authorization header with a workspace's own key.
    pub(crate) fn bearer_of(&self, workspace: &str) -> String {
        let workspace = WorkspaceId::parse(workspace).expect("an id");
        format!("Bearer {}", self.root_secret.workspace_ingest_key(&workspace))
    }

    /// Takes in each event at its own timestamp, and says what happened to it.
    pub(crate) fn ingest_on_time(&self, events: &[Value]) -> Vec<Outcome> {
        let take = |event: &Value| {
            self.set_time(event["message"]["timestamp"].as_str().expect("a timestamp"));
            self.ingest(event)
        };
        events.iter().map(take).collect()
    }

    /// One tick of the sweep.
    pub(crate) fn tick(&self) -> Answer<Swept> {
        self.tick_within(Bounds::default())
    }

    /// One tick that takes so much at a time.
    pub(crate) fn tick_within(&self, bounds: Bounds) -> Answer<Swept> {
        run(self.sweep(bounds).tick(self.clock.now().plus(INVOCATION)))
    }

    /// One invocation that another has handed shards over to.
    pub(crate) fn sweep_portion(&self, portion: Portion) -> Answer<Swept> {
        run(self.sweep(Bounds::default()).sweep_portion(portion, self.clock.now().plus(INVOCATION)))
    }

    fn sweep(&self, bounds: Bounds) -> Sweep<'_, impl SweepTable, impl Enqueue, HandClock, Others> {
        let Self { table, queue, clock, others, .. } = self;
        Sweep { table, queue, clock, others, unit: AggregationUnit::HOUR, bounds }
    }

    /// The wish to flush a chat of `acme` now.
    pub(crate) fn flush_now(&self, chat: &str) -> Answer<FlushNow> {
        let workspace = WorkspaceId::parse("acme").expect("an id");
        let lane = Lane { workspace, webhook: WebhookId::first(), chat: KeyPart::of(chat) };
        run(cut::flush_now(&self.table, &self.clock, AggregationUnit::HOUR, &lane))
    }

    /// What a person changes of the webhook of `acme`.
    pub(crate) fn change(&self, change: &Change) -> Answer<Result<Changed, Refusal>> {
        let (workspace, webhook) = (WorkspaceId::parse("acme").expect("an id"), WebhookId::first());
        run(owner::change(&self.table, &self.clock, &workspace, &webhook, change))
    }

    /// What a person wants sent again of a workspace's webhook.
    pub(crate) fn again(
        &self,
        workspace: &str,
    ) -> Again<'_, Wire<MemoryTable>, Wire<MemoryQueue<HandClock>>, HandClock> {
        let Self { table, queue, clock, .. } = self;
        let (workspace, webhook) = (WorkspaceId::parse(workspace).expect("an id"), WebhookId::first());
        Again { table, queue, clock, workspace, webhook }
    }

    /// One invocation of the sender with these records: the ids of those that the queue has to keep.
    pub(crate) fn deliver_records(&self, records: Vec<Record>) -> Vec<String> {
        self.deliver_within(INVOCATION, records)
    }

    pub(crate) fn deliver_within(&self, span: Duration, records: Vec<Record>) -> Vec<String> {
        let (table, receiver, clock, mailer) = (&self.table, &self.receiver, &self.clock, &self.mailbox);
        let (deadline, platform) = (self.clock.now().plus(span), "TimelinesAI");
        let patience = &Patience::default();
        let deliver = Deliver { table, receiver, copies: &self.files, clock, platform, patience, deadline };
        let settings_url = "https://app.example.com/{workspace}";
        let tell = Tell { table, mailer, clock, patience, compose: mail::compose, platform, settings_url };
        run(Batch { deliver, tell }.take(&self.log, records))
    }

    /// One invocation of the sender with what the delivery queue gave up on: the ids of the records that are kept.
    pub(crate) fn take_dead_letters(&self, records: Vec<Record>) -> Vec<String> {
        run(DeadLetters { table: &self.table, clock: &self.clock }.take(&self.log, records))
    }

    /// One invocation of the sender with news of a mail about the webhook of `acme` that was sent to `address`.
    pub(crate) fn hear(&self, address: &str, cause: Cause) -> Answer<()> {
        let (workspace, webhook) = (WorkspaceId::parse("acme").expect("an id"), WebhookId::first());
        let bounce = Bounce { workspace, webhook, address: address.to_owned(), cause };
        run(Bounces { table: &self.table, clock: &self.clock }.take(&self.log, &bounce))
    }

    /// One invocation of the sender with what the queue hands out now: how many records it got. What it kept becomes
    /// visible again.
    pub(crate) fn deliver(&self) -> usize {
        let received = self.queue.inner.receive(limits::QUEUE_BATCH).expect("the queue hands out");
        let records = received.iter().enumerate().map(|(id, one)| record(&id.to_string(), &one.group, &one.reference));
        let kept = self.deliver_records(records.collect());
        for (id, one) in received.iter().enumerate() {
            if !kept.contains(&id.to_string()) {
                self.queue.inner.finish(one).expect("a message is finished");
            }
        }
        received.len()
    }

    /// The sender's invocations until the queue hands nothing out any more.
    pub(crate) fn drain(&self) {
        while self.deliver() > 0 {}
    }

    /// Everything on the queue, taken from it, as records of a batch.
    pub(crate) fn take_queue(&self) -> Vec<Record> {
        let mut records = Vec::new();
        loop {
            let received = self.queue.inner.receive(limits::QUEUE_BATCH).expect("the queue hands out");
            if received.is_empty() {
                return records;
            }
            for one in received {
                self.queue.inner.finish(&one).expect("a message is finished");
                records.push(record(&records.len().to_string(), &one.group, &one.reference));
            }
        }
    }
}

pub(crate) fn record(id: &str, group: &str, reference: &str) -> Record {
    Record { id: id.to_owned(), group: group.to_owned(), body: reference.to_owned() }
}
