//! Delivering: a reference from the queue becomes one or more requests to its webhook, and each leaves its record.
//!
//! What is taken whole at the first try leaves one item, which is outcome and attempt. Otherwise the outcome is written
//! before the attempt's record. Nothing is sent again whose outcome says that it arrived. A crash between a request and
//! its outcome means one more request with the same id: the only duplicate.

use crate::{
    attempt::{self, Document, ErrorClass},
    bundle::{self, Bundle, Weighed},
    delivery::{DeliveryKey, Lane, Subject},
    document,
    event::Event,
    file::{KnownFiles, Links, Waiting},
    health::{self, Admission, Group, Health, Patience, State, Wish},
    hold, limits,
    ports::{Answer, Clock, DeliverTable, MintLinks, PortError, Post, ReadBucket},
    settings::{Settings, Webhook},
    table::{
        bucket::{BucketMessage, BucketRow},
        lane::{Delivery, DeliveryState, LaneMessage, Progress},
    },
    timestamp::Timestamp,
};

/// What became of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every document of it has arrived now.
    Delivered(Sent),
    /// It had arrived before: nothing was sent.
    DeliveredBefore,
    /// Nothing is there to send.
    Nothing,
    /// It may not go out now, and waits.
    Held,
    /// A person wants it once more, who has to wait for another request: to be tried again.
    Later,
    /// It has its own next time, which has not come.
    NotYet,
    /// A file of it, or of what goes out before it, is not there yet: it is enqueued when that has come or is given up.
    AwaitsFile,
    /// The receiver did not take it: it is held until it is tried again.
    NotTaken(Sent, ErrorClass),
    /// The receiver did not take it, as it did not so often that it is given up.
    GivenUp(Sent, ErrorClass),
    /// It had been given up, had expired, or was dropped by its owner: nothing was sent.
    Over(DeliveryState),
    /// The workspace has no such webhook.
    NoWebhook,
    /// There was no time left: to be tried again.
    NoTime,
    /// Trouble of ours: to be tried again.
    Failed(PortError),
}

/// What was sent for a delivery in this invocation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// The id of the last document that was sent.
    pub webhook_id: String,
    pub messages: usize,
    /// Files that could not be had.
    pub missing_files: usize,
    pub requests: u32,
    /// The number of the last attempt.
    pub attempt: u32,
    pub status: Option<u16>,
    pub duration_ms: u64,
}

/// What delivering needs.
pub struct Deliver<'a, T, R, C, L> {
    pub table: &'a T,
    pub receiver: &'a R,
    /// The bucket that files are copied into.
    pub copies: &'a L,
    pub clock: &'a C,
    /// The platform's name in the last sentence of a note.
    pub platform: &'a str,
    /// How long, and how often, a webhook is waited for that does not take what it is sent.
    pub patience: &'a Patience,
    /// When the invocation ends: no request begins that could not end and be recorded before.
    pub deadline: Timestamp,
}

impl<T: DeliverTable, R: Post, C: Clock, L: MintLinks> Deliver<'_, T, R, C, L> {
    /// Delivers what `key` names and the queue has handed out in `group`.
    pub async fn deliver(&self, key: &DeliveryKey, wish: Wish, group: &str) -> Outcome {
        self.try_deliver(key, wish, group).await.unwrap_or_else(Outcome::Failed)
    }

    async fn try_deliver(&self, key: &DeliveryKey, wish: Wish, group: &str) -> Answer<Outcome> {
        let Some(Webhook { settings, health, turn: _ }) =
            self.table.read_webhook(&key.lane.workspace, &key.lane.webhook).await?
        else {
            return Ok(Outcome::NoWebhook);
        };
        let Some(loaded) = load(self.table, key, wish).await? else { return self.nothing(key).await };
        let Loaded { progress, due, .. } = loaded;
        let queue_group = group;
        let is_of_lane = group == key.lane.group(settings.concurrency);
        let group = if is_of_lane { Group::OfItsLane } else { Group::Former };
        match health::admit(settings.switch, &health, progress, due, wish, group, self.clock.now()) {
            Admission::DeliveredBefore => self.delivered_before(key, &health, progress).await,
            Admission::GivenUp => Ok(Outcome::Over(DeliveryState::Failed)),
            Admission::Dropped => self.end(key, progress, DeliveryState::Dropped).await,
            Admission::Expired => self.end(key, progress, DeliveryState::Expired).await,
            Admission::NotYet => Ok(Outcome::NotYet),
            // A copy that a person wants would wait for ever for a group that its lane has left, and hold up what is in it.
            Admission::Hold if group == Group::Former => self.wait(key, &settings, &health, &loaded, Wish::Due).await,
            Admission::Hold => self.wait(key, &settings, &health, &loaded, wish).await,
            admission @ (Admission::Send | Admission::SendInOrder | Admission::Probe) => {
                if admission != Admission::Send && self.waits_in_lane(key, &health).await? {
                    return self.wait(key, &settings, &health, &loaded, wish).await;
                }
                let Some(files) = self.files(key, &settings, &loaded, wish).await? else {
                    return Ok(Outcome::AwaitsFile);
                };
                if wish == Wish::Due && progress.attempts == 0 {
                    match self.deliver_before(key, &files, queue_group).await? {
                        Before::Nothing => {}
                        // What came of it may have changed the webhook's health.
                        Before::Sent => return Box::pin(self.try_deliver(key, wish, queue_group)).await,
                        Before::NoTime => return Ok(Outcome::NoTime),
                    }
                }
                let health = if admission == Admission::Probe {
                    match self.claim(key, &health).await? {
                        Some(claimed) => claimed,
                        None => return self.wait(key, &settings, &health, &loaded, wish).await,
                    }
                } else {
                    health
                };
                self.send(key, &settings, health, loaded, files).await
            }
        }
    }

    /// A bundle whose messages were erased has an end: held, it would be released for ever, and whoever waits for its
    /// outcome would wait. None comes into it any more, because its window has ended.
    async fn nothing(&self, key: &DeliveryKey) -> Answer<Outcome> {
        let is_closed = match key.subject {
            Subject::Bundle { .. } => self.clock.now() >= key.due().plus(limits::GRACE),
            Subject::Message { .. } => false,
        };
        if is_closed {
            let stored = self.table.read_delivery(key).await?;
            self.end(key, stored.map_or(Progress::NONE, |stored| stored.progress), DeliveryState::Dropped).await?;
        }
        Ok(Outcome::Nothing)
    }

    /// Where somebody held what somebody else delivered at the same time, it stands as held beside its receipt: it would
    /// be released for as long as its webhook drains, and that would drain for ever.
    async fn delivered_before(&self, key: &DeliveryKey, health: &Health, progress: Progress) -> Answer<Outcome> {
        match health.state {
            State::Healthy => {}
            State::Failing { .. } | State::Draining { .. } | State::Disabled { .. } => {
                self.record(key, progress).await?;
            }
        }
        Ok(Outcome::DeliveredBefore)
    }

    /// Writes down that a delivery is over, unless that is written.
    async fn end(&self, key: &DeliveryKey, progress: Progress, state: DeliveryState) -> Answer<Outcome> {
        if progress.state != state {
            self.record(key, Progress { state, next: None, ..progress }).await?;
        }
        Ok(Outcome::Over(state))
    }

    /// What is known of its files; nothing, if its first attempt has to wait for one of them, or for one of what goes out
    /// before it. It is written down with that file that it waits, so that whoever settles the file enqueues it.
    async fn files(
        &self,
        key: &DeliveryKey,
        settings: &Settings,
        loaded: &Loaded,
        wish: Wish,
    ) -> Answer<Option<KnownFiles>> {
        let Loaded { content, progress, .. } = loaded;
        let messages = content.messages();
        let Some(last) = messages.last().filter(|_| wish == Wish::Due && progress.attempts == 0 && content.may_wait())
        else {
            return KnownFiles::of_messages(self.table, &key.lane, messages).await.map(Some);
        };
        for _ in 0..limits::HEALTH_TRIES {
            let known = KnownFiles::up_to(self.table, &key.lane, messages).await?;
            let Some(file) = known.blocking(last, key) else { return Ok(Some(known)) };
            if file.waiting.iter().any(|waiting| waiting.delivery == *key) {
                return Ok(None);
            }
            if file.waiting.len() >= limits::FILE_WAITING {
                return Ok(Some(known));
            }
            let mut waiting = file.waiting.clone();
            waiting.push(Waiting { delivery: key.clone(), concurrency: settings.concurrency });
            if self.table.put_file(&file.with(file.state.clone(), waiting)).await? {
                return Ok(None);
            }
        }
        Err(PortError { doing: "waiting for a file", code: "others were always faster".to_owned() })
    }

    /// Sends what is older of the lane and has waited for a file, if it was never attempted: it is on the queue again, but
    /// behind this one, if this one was handed back meanwhile. Its own reference finds that it is done.
    async fn deliver_before(&self, key: &DeliveryKey, files: &KnownFiles, group: &str) -> Answer<Before> {
        for older in files.released(&key.lane).into_iter().filter(|older| hold::is_before(older, key)) {
            let Some(loaded) = load(self.table, &older, Wish::Due).await? else { continue };
            if loaded.progress != Progress::NONE {
                continue;
            }
            return match Box::pin(self.try_deliver(&older, Wish::Due, group)).await? {
                Outcome::NoTime => Ok(Before::NoTime),
                Outcome::AwaitsFile | Outcome::NoWebhook => Ok(Before::Nothing),
                Outcome::Delivered(_)
                | Outcome::DeliveredBefore
                | Outcome::Nothing
                | Outcome::Held
                | Outcome::Later
                | Outcome::NotYet
                | Outcome::NotTaken(..)
                | Outcome::GivenUp(..)
                | Outcome::Over(_)
                | Outcome::Failed(_) => Ok(Before::Sent),
            };
        }
        Ok(Before::Nothing)
    }

    /// Sends the documents that have not arrived yet, in order, until one is not taken.
    async fn send(
        &self,
        key: &DeliveryKey,
        settings: &Settings,
        mut health: Health,
        loaded: Loaded,
        files: KnownFiles,
    ) -> Answer<Outcome> {
        let Loaded { content, mut progress, due, arrived: _ } = loaded;
        let mut sent = Sent::default();
        let parts = content.parts();
        let first = usize::try_from(progress.parts_done).unwrap_or(usize::MAX);
        for part in first..parts {
            if self.clock.now().plus(limits::SENDER_RESERVE) > self.deadline {
                return Ok(Outcome::NoTime);
            }
            let Some(events) = content.part(part) else { return Ok(Outcome::Nothing) };
            // Each attempt has links of its own: those of another may have ended.
            let links = files.mint(self.copies, events).await?;
            let Some(body) = content.document(part, self.platform, &links) else { return Ok(Outcome::Nothing) };
            let kept =
                if links.are_none() { None } else { content.document(part, self.platform, &files.ended(events)) };
            let (messages, missing_files) = (events.len(), files.troubles(events));
            let started = self.clock.now();
            let number = progress.attempts + 1;
            let document = Document { part, parts, attempt: number };
            let request = attempt::request(settings, key, document, started, body);
            let exchange = self.receiver.post(&request).await;
            let verdict = hold::verdict(&exchange, settings.success, self.clock.now());
            // Health first: whoever dies in between has counted the error, and what it held is tried again.
            let (seen, jitter) = (health.seen(), hold::jitter(key, &health));
            health = self.count(key, seen, verdict, health).await?;
            sent = Sent {
                webhook_id: key.webhook_id(part),
                messages: sent.messages + messages,
                missing_files: sent.missing_files + missing_files.len(),
                requests: sent.requests + 1,
                attempt: number,
                status: exchange.status(),
                duration_ms: sent.duration_ms + exchange.duration_ms,
            };
            let of = attempt::Of { key, document, messages, missing_files, body: kept };
            let record = request.record(of, started, exchange, settings.success);
            if record.is_receipt(progress) {
                self.table.put_receipt(&record).await?;
                return Ok(Outcome::Delivered(sent));
            }
            let now = self.clock.now();
            progress = hold::after(progress, verdict, &health, part + 1 == parts, now, self.patience, jitter);
            if progress.state == DeliveryState::Held && health.is_over(due, now) {
                // Only a person sends what is so old, and it would have expired before its next time.
                progress = Progress { state: DeliveryState::Failed, next: None, ..progress };
            }
            self.record(key, progress).await?;
            self.table.put_attempt(&record).await?;
            if let Some(class) = record.error {
                return Ok(match progress.state {
                    DeliveryState::Failed => Outcome::GivenUp(sent, class),
                    DeliveryState::Pending
                    | DeliveryState::Delivered
                    | DeliveryState::Held
                    | DeliveryState::Expired
                    | DeliveryState::Dropped => Outcome::NotTaken(sent, class),
                });
            }
        }
        Ok(Outcome::Delivered(sent))
    }

    pub(crate) async fn record(&self, key: &DeliveryKey, progress: Progress) -> Answer<()> {
        record(self.table, self.clock, key, progress).await
    }
}

/// What was done about deliveries that go out before one.
enum Before {
    Nothing,
    Sent,
    NoTime,
}

/// Writes a delivery's outcome where it stands.
pub(crate) async fn record<T: DeliverTable, C: Clock>(
    table: &T,
    clock: &C,
    key: &DeliveryKey,
    progress: Progress,
) -> Answer<()> {
    let delivery = Delivery { key: key.clone(), progress };
    match key.subject {
        Subject::Bundle { .. } => table.put_delivery(&delivery, clock.now()).await,
        Subject::Message { .. } => table.set_lane_progress(&delivery).await,
    }
}

/// What a delivery consists of.
pub(crate) enum Content {
    Bundle(Bundle),
    Message(Box<Event>),
}

impl Content {
    /// All of its messages, in order.
    fn messages(&self) -> &[Event] {
        match self {
            Self::Bundle(bundle) => &bundle.events,
            Self::Message(event) => std::slice::from_ref(event),
        }
    }

    /// Whether something may have to go out before it that waits for a file, or it may have to wait itself. A bundle of a
    /// whole window is due long after what went before it.
    fn may_wait(&self) -> bool {
        match self {
            Self::Bundle(bundle) => bundle.events.iter().any(|event| event.message.attachment.is_some()),
            Self::Message(_) => true,
        }
    }

    fn parts(&self) -> usize {
        match self {
            Self::Bundle(bundle) => bundle.documents.len(),
            Self::Message(_) => 1,
        }
    }

    /// The messages of a document.
    fn part(&self, part: usize) -> Option<&[Event]> {
        match self {
            Self::Bundle(bundle) => bundle.part(part),
            Self::Message(event) => Some(std::slice::from_ref(event)),
        }
    }

    /// The body of a document.
    fn document(&self, part: usize, platform: &str, links: &Links) -> Option<Vec<u8>> {
        let files = |event: &Event| links.of(event);
        match self {
            Self::Bundle(bundle) => document::part_of(bundle, part, platform, &files),
            Self::Message(event) => Some(document::message(event, &files)),
        }
    }
}

/// A delivery as it is stored.
pub(crate) struct Loaded {
    pub(crate) content: Content,
    pub(crate) progress: Progress,
    /// When it became due, or arrived.
    pub(crate) due: Timestamp,
    /// Whether its outcome was that it has arrived; a person may want it once more.
    pub(crate) arrived: bool,
}

/// Reads a delivery's outcome and content; nothing if it has no content.
pub(crate) async fn load<P: DeliverTable>(table: &P, key: &DeliveryKey, wish: Wish) -> Answer<Option<Loaded>> {
    match &key.subject {
        Subject::Message { timestamp, message } => {
            let stored = table.read_lane_message(&key.lane, *timestamp, message).await?;
            Ok(stored.map(|LaneMessage { event, at, progress, lane: _ }| {
                let arrived = progress.state == DeliveryState::Delivered;
                let progress = as_wished(progress, wish);
                Loaded { content: Content::Message(Box::new(event)), progress, due: at, arrived }
            }))
        }
        Subject::Bundle { due, cut } => {
            let delivery = table.read_delivery(key).await?;
            let stored = delivery.map_or(Progress::NONE, |delivery| delivery.progress);
            let (progress, arrived) = (as_wished(stored, wish), stored.state == DeliveryState::Delivered);
            let loaded = |content| Loaded { content, progress, due: key.due(), arrived };
            if progress.state == DeliveryState::Delivered {
                return Ok(Some(loaded(Content::Bundle(Bundle::new(Vec::new())))));
            }
            let (bundle, unreadable) = read_bundle(table, &key.lane, *due, *cut).await?;
            if unreadable > 0 {
                let code = format!("{unreadable} items do not read");
                return Err(PortError { doing: "reading a bucket", code });
            }
            Ok((!bundle.events.is_empty()).then(|| loaded(Content::Bundle(bundle))))
        }
    }
}

/// A person who wants it sent again wants all of it.
fn as_wished(progress: Progress, wish: Wish) -> Progress {
    match (wish, progress.state) {
        (Wish::Resend, DeliveryState::Delivered) => Progress { attempts: progress.attempts, ..Progress::NONE },
        (Wish::Resend | Wish::Replay | Wish::Due, _) => progress,
    }
}

/// Reads what a bundle consists of; and how many items beside it do not read, some of which may belong to it.
pub(crate) async fn read_bundle<P: ReadBucket>(
    table: &P,
    lane: &Lane,
    due: Timestamp,
    cut: Option<Timestamp>,
) -> Answer<(Bundle, u64)> {
    let (mut messages, mut cuts, mut unreadable) = (Vec::new(), Vec::new(), 0);
    let mut after: Option<String> = None;
    loop {
        let page = table.read_bucket(due, lane, after.as_deref()).await?;
        unreadable += page.unreadable;
        for row in page.rows {
            match row {
                BucketRow::Message { message, stored_bytes } => messages.push((message, stored_bytes)),
                BucketRow::Cuts(stored) => cuts = stored.moments,
                // What a pointer points to is gathered elsewhere.
                BucketRow::Pointer { .. } => {}
            }
        }
        after = page.after;
        if after.is_none() {
            break;
        }
    }
    messages.retain(|(message, _)| bundle::takes(&cuts, cut, message.at));
    let weigh = |(message, stored_bytes): (Box<BucketMessage>, usize)| Weighed { event: message.event, stored_bytes };
    Ok((Bundle::new(messages.into_iter().map(weigh).collect()), unreadable))
}
