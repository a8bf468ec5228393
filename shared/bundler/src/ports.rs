//! The ports: what the use cases ask of the world. One method is one AWS request with its condition, in our own words,
//! so that a use case can be stopped between any two requests. A port for each function's set of permissions.
//!
//! Reads are strongly consistent unless a method says otherwise. Every method may fail with a [`PortError`]; then its
//! effect may or may not have happened, and calling it again with the same arguments must be harmless.

mod gathering;
mod traffic;

pub use gathering::ReadGathering;
pub use traffic::{KeepTraffic, ReadTraffic};

use crate::{
    attempt::{Attempt, Exchange, Request},
    delivery::{DeliveryKey, Lane},
    flush::Portion,
    health::Health,
    id::{KeyPart, WebhookId, WorkspaceId},
    mail::{Addressee, Mail, MailOutcome},
    owner::Changed,
    settings::{Gathering, Settings, Standing, Webhook},
    signature::RootSecret,
    table::{
        Item, ItemError, ItemKey,
        action::Action,
        at::Appointment,
        attempt::Attempted,
        bucket::{BucketMessage, BucketRow, DueRow, Pointer, Target},
        cut::Cuts,
        item::{EVENT, IndexKey},
        lane::{Delivery, Held, HeldKind, LaneMessage, Progress},
        portal::{FailedTries, UsedLink},
        sweep::{Claim, LowWater, Mark, Marks},
        turn::{Out, Rest, Turn},
    },
    timestamp::Timestamp,
};
use std::{fmt, future::Future};

mod copies;
mod erase;
mod files;
mod trial;
mod upstream;

pub use copies::*;
pub use erase::*;
pub use files::*;
pub use trial::*;
pub use upstream::*;

/// A request that did not work out: ours to try again, or a bug. Never the receiver's or the caller's doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortError {
    /// What was being done, as in "putting a message".
    pub doing: &'static str,
    /// The service's error code. Never its message: that may repeat what was sent.
    pub code: String,
}

impl fmt::Display for PortError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}: {}", self.doing, self.code)
    }
}

impl std::error::Error for PortError {}

impl PortError {
    /// An item of the table that does not read.
    pub fn item(doing: &'static str, error: &ItemError) -> Self {
        Self { doing, code: error.to_string() }
    }
}

/// The answer of a port.
pub type Answer<T> = Result<T, PortError>;

/// The time. Not a request; a port all the same, so that the core reads no clock.
pub trait Clock: Sync {
    fn now(&self) -> Timestamp;
}

/// What a conditional write of a message found at its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    Stored,
    /// The message stands there already, and stays as it is.
    Message(Content),
    /// A pointer stands there: the message came before, after its window.
    Pointer(Target),
}

/// What a conditional write of a message that is not aggregated found at its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutInLane {
    Stored,
    /// The message stands there already, with this outcome.
    Taken(Progress, Content),
}

/// Whether a message that comes again says what it said the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    Same,
    Other,
}

impl Content {
    /// Of what is `stored` at the key that `wanted` was to be put at.
    pub fn of(stored: &Item, wanted: &Item) -> Self {
        let is_same = stored.attributes.get(EVENT) == wanted.attributes.get(EVENT);
        if is_same { Self::Same } else { Self::Other }
    }
}

/// `GetItem` of a webhook's settings, of which what gathering goes by is read.
pub trait ReadSettings: Sync {
    fn read_settings(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
    ) -> impl Future<Output = Answer<Option<Gathering>>> + Send;
}

/// The requests that gather messages.
pub trait GatherTable: ReadSettings + FileTable {
    /// `PutItem`, if nothing stands at the key. What stands there is returned and must not change.
    fn put_in_bucket(&self, message: &BucketMessage) -> impl Future<Output = Answer<Put>> + Send;

    /// `TransactWriteItems`: the pointer and the message it points to, if nothing stands at either key. Neither is
    /// written if one cannot be; what stands at the pointer's key, or else at the message's, is returned.
    fn put_late_in_bucket(
        &self,
        pointer: &Pointer,
        message: &BucketMessage,
    ) -> impl Future<Output = Answer<Put>> + Send;

    /// `PutItem`, if nothing stands at the key. The outcome that stands there is returned and must not change.
    fn put_in_lane(&self, message: &LaneMessage) -> impl Future<Output = Answer<PutInLane>> + Send;

    /// `TransactWriteItems`: as [`put_late_in_bucket`](Self::put_late_in_bucket), for a message that goes out by itself.
    fn put_late_in_lane(&self, pointer: &Pointer, message: &LaneMessage) -> impl Future<Output = Answer<Put>> + Send;
}

/// `GetSecretValue` of the one generated secret.
pub trait ReadRootSecret: Sync {
    fn read_root_secret(&self) -> impl Future<Output = Answer<RootSecret>> + Send;
}

/// What is put on the delivery queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueEntry {
    pub reference: String,
    pub group: String,
    pub deduplication_id: String,
}

/// The delivery queue, as those see it that put something on it.
pub trait Enqueue: Sync {
    /// `SendMessageBatch` of 1 to 10 entries. In order within a group; returns, for each entry, whether it was taken.
    /// An entry whose deduplication id was taken within the last five minutes counts as taken and is not stored again.
    fn enqueue(&self, entries: &[QueueEntry]) -> impl Future<Output = Answer<Vec<Result<(), PortError>>>> + Send;
}

/// A page of a query, and where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Items that do not read, left out of `rows`.
    pub unreadable: u64,
    /// The last sort key read, if there may be more behind it.
    pub after: Option<String>,
}

impl<T> Page<T> {
    /// The page of items that a query returned.
    pub fn of(items: &[Item], after: Option<String>, read: impl Fn(&Item) -> Result<T, ItemError>) -> Self {
        let mut page = Self { rows: Vec::with_capacity(items.len()), unreadable: 0, after };
        for item in items {
            match read(item) {
                Ok(row) => page.rows.push(row),
                Err(_) => page.unreadable += 1,
            }
        }
        page
    }
}

/// `Query` of a webhook's settings, health and turn, whole.
pub trait ReadWebhook: Sync {
    fn read_webhook(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
    ) -> impl Future<Output = Answer<Option<Webhook>>> + Send;
}

/// The same `Query`, of which what the sweep goes by is read: no secret and no URL.
pub trait ReadStanding: Sync {
    fn read_standing(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
    ) -> impl Future<Output = Answer<Option<Standing>>> + Send;
}

/// `Query` of one page of a lane's bucket, in order of sort keys, behind `after`.
pub trait ReadBucket: Sync {
    fn read_bucket(
        &self,
        due: Timestamp,
        lane: &Lane,
        after: Option<&str>,
    ) -> impl Future<Output = Answer<Page<BucketRow>>> + Send;
}

/// `Query` of one page of a webhook's attempts, 100 at the most, from the last sort key to the first, before `before`, which need not be
/// a key of an item. The page's `after` is the sort key that the next page stands before.
pub trait ReadAttempts: Sync {
    fn read_attempts(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        before: Option<&str>,
    ) -> impl Future<Output = Answer<Page<Attempt>>> + Send;
}

/// `Query` of one page of a webhook's attempts, in order of sort keys, behind `after`, which need not be a key of an item:
/// what each was for, and no more.
pub trait ReadAttempted: Sync {
    fn read_attempted(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        after: &str,
    ) -> impl Future<Output = Answer<Page<Attempted>>> + Send;
}

/// `Query` of a webhook's last actions, 10 at the most, newest first.
pub trait ReadActions: Sync {
    fn read_actions(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
    ) -> impl Future<Output = Answer<Page<Action>>> + Send;
}

/// `GetItem` of each of the two that may say what became of a delivery, its outcome and its receipt, at the same time:
/// nothing is asked of their order, which a `BatchGetItem` does not promise either. A receipt wins.
pub trait ReadDelivery: Sync {
    fn read_delivery(&self, key: &DeliveryKey) -> impl Future<Output = Answer<Option<Delivery>>> + Send;
}

/// The requests that cut a bucket.
pub trait CutTable: ReadStanding + ReadBucket {
    /// `GetItem` of a bucket's cuts.
    fn read_cuts(&self, due: Timestamp, lane: &Lane) -> impl Future<Output = Answer<Option<Cuts>>> + Send;

    /// `PutItem`, if what stands there is still what was `read` (nothing, for none). Returns whether it was; must be a
    /// no-op otherwise.
    fn put_cuts(&self, cuts: &Cuts, read: Option<&Cuts>) -> impl Future<Output = Answer<bool>> + Send;
}

/// `PutItem` of a webhook's health.
pub trait PutHealth: Sync {
    /// If the health that stands there has the revision of this one, which was made of it; the revision rises. Returns
    /// whether it had; must be a no-op otherwise.
    fn put_health(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        health: &Health,
    ) -> impl Future<Output = Answer<bool>> + Send;
}

/// The requests of a person who changes a webhook.
pub trait OwnerTable: ReadWebhook {
    /// `TransactWriteItems`: settings and health, if what stands there has the revisions of these, which were made of it,
    /// and what is written down about them; the revisions rise. Settings replace the whole item: that nothing is stored any
    /// more goes with it, unless this health says so. Returns whether it was written; must be a no-op otherwise.
    fn put_settings_and_health(&self, changed: &Changed) -> impl Future<Output = Answer<bool>> + Send;
}

/// `PutItem` of a new webhook's settings.
pub trait CreateWebhook: Sync {
    /// If nothing stands at the key. Returns whether it was put; must be a no-op otherwise.
    fn put_new_settings(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        settings: &Settings,
    ) -> impl Future<Output = Answer<bool>> + Send;
}

/// `Query` of one page of the index: a webhook's held deliveries of one kind, in the index's order, behind `after`.
/// Eventually consistent.
pub trait ReadHeld: Sync {
    fn read_held(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        kind: HeldKind,
        after: Option<&IndexKey>,
    ) -> impl Future<Output = Answer<HeldPage>> + Send;
}

/// The requests about what waits its turn, where it stands.
pub trait ReadRests: Sync {
    /// `Query` of the first page of a webhook's rests, in order of windows' ends.
    fn read_rests(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
    ) -> impl Future<Output = Answer<Vec<Rest>>> + Send;

    /// As [`read_due`](SweepTable::read_due), of the lanes alone that wait their turn.
    fn read_rest(&self, rest: &Rest) -> impl Future<Output = Answer<Page<DueRow>>> + Send;
}

/// A page of held deliveries, and where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPage {
    pub rows: Vec<Held>,
    /// Entries that do not read, left out of `rows`.
    pub unreadable: u64,
    pub after: Option<IndexKey>,
}

impl HeldPage {
    /// The page of keys that a query of the index returned.
    pub fn of(keys: &[IndexKey], after: Option<IndexKey>) -> Self {
        let rows: Vec<Held> = keys.iter().filter_map(|key| Held::of(key).ok()).collect();
        Self { unreadable: (keys.len() - rows.len()) as u64, rows, after }
    }
}

/// The requests of the sweep.
pub trait SweepTable: PutHealth + ReadHeld + ReadRests + CutTable + ReadDelivery + FileTable {
    /// `GetItem`.
    fn read_low_water(&self) -> impl Future<Output = Answer<Option<LowWater>>> + Send;

    /// `PutItem`, if what stands there is not further. Must be a no-op otherwise.
    fn raise_low_water(&self, mark: LowWater) -> impl Future<Output = Answer<()>> + Send;

    /// `Query` of all marks and claims of a window's end.
    fn read_marks(&self, due: Timestamp) -> impl Future<Output = Answer<Marks>> + Send;

    /// `PutItem`.
    fn put_mark(&self, mark: &Mark) -> impl Future<Output = Answer<()>> + Send;

    /// `PutItem`.
    fn put_claim(&self, claim: &Claim) -> impl Future<Output = Answer<()>> + Send;

    /// `Query` of one page of a window's end and a shard, in order of sort keys, behind `after`, which need not be a key
    /// of an item; of `most` items, or as many as a request returns.
    fn read_due(
        &self,
        due: Timestamp,
        shard: u16,
        after: Option<&str>,
        most: Option<u16>,
    ) -> impl Future<Output = Answer<Page<DueRow>>> + Send;

    /// `Query` of one page of the index of what has a time of its own, up to `now`, earliest first, behind `after`.
    /// Eventually consistent: what was written within the last moments may be missing, or as it was before.
    fn read_appointments(
        &self,
        now: Timestamp,
        after: Option<&IndexKey>,
    ) -> impl Future<Output = Answer<Appointments>> + Send;

    /// `PutItem`.
    fn put_rest(&self, rest: &Rest) -> impl Future<Output = Answer<()>> + Send;

    /// `DeleteItem`. Must be a no-op if it is not there.
    fn delete_rest(&self, rest: &Rest) -> impl Future<Output = Answer<()>> + Send;

    /// `UpdateItem`: raises the revision of a webhook's turn, which begins if there is none, and which is looked at
    /// from `look` on.
    fn raise_turn(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        look: Timestamp,
    ) -> impl Future<Output = Answer<()>> + Send;

    /// `DeleteItem` of a webhook's turn, if its revision is still the one that was `read`. Must be a no-op otherwise.
    fn end_turn(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        read: Turn,
    ) -> impl Future<Output = Answer<()>> + Send;

    /// `GetItem` of the last references of a webhook that the queue was given.
    fn read_out(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
    ) -> impl Future<Output = Answer<Option<Out>>> + Send;

    /// `PutItem`.
    fn put_out(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        out: &Out,
    ) -> impl Future<Output = Answer<()>> + Send;

    /// `TransactWriteItems`: the health, as [`put_health`](PutHealth::put_health), and in the webhook's settings that
    /// from now on nothing more is stored for it. Returns whether they were written; must be a no-op otherwise.
    fn stop_storing(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        health: &Health,
    ) -> impl Future<Output = Answer<bool>> + Send;
}

/// A page of appointments, and where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointments {
    pub rows: Vec<Appointment>,
    /// Entries that do not read, left out of `rows`.
    pub unreadable: u64,
    pub after: Option<IndexKey>,
}

impl Appointments {
    /// The page of keys that a query of the index returned.
    pub fn of<'a>(keys: impl IntoIterator<Item = &'a ItemKey>, after: Option<IndexKey>) -> Self {
        let mut page = Self { rows: Vec::new(), unreadable: 0, after };
        for key in keys {
            match Appointment::of(key) {
                Ok(row) => page.rows.push(row),
                Err(_) => page.unreadable += 1,
            }
        }
        page
    }
}

/// The aggregator's other invocations.
pub trait HandOver: Sync {
    /// `Invoke`, asynchronously: the portion is swept by an invocation of its own, once, or not at all.
    fn hand_over(&self, portion: &Portion) -> impl Future<Output = Answer<()>> + Send;
}

/// The request that reads a message by itself.
pub trait ReadLaneMessage: Sync {
    /// `GetItem` of a message that is not aggregated.
    fn read_lane_message(
        &self,
        lane: &Lane,
        timestamp: Timestamp,
        message: &KeyPart,
    ) -> impl Future<Output = Answer<Option<LaneMessage>>> + Send;
}

/// The requests of the sender.
pub trait DeliverTable:
    ReadWebhook + ReadBucket + ReadLaneMessage + ReadDelivery + PutHealth + ReadFiles + FileTable
{
    /// `Query` of one page of a lane's deliveries, behind `after`: of those that are held and were never attempted.
    fn read_unattempted(
        &self,
        lane: &Lane,
        after: Option<&str>,
    ) -> impl Future<Output = Answer<Page<DeliveryKey>>> + Send;

    /// Of an outcome that is delivered: `PutItem`, unless what stands there is delivered or has more parts done. Of another:
    /// `TransactWriteItems`, on the same condition, and that no receipt stands. Must be a no-op otherwise.
    fn put_delivery(&self, delivery: &Delivery, now: Timestamp) -> impl Future<Output = Answer<()>> + Send;

    /// `UpdateItem` of a lane message's outcome, if the message is there and not delivered. Must be a no-op otherwise.
    fn set_lane_progress(&self, delivery: &Delivery) -> impl Future<Output = Answer<()>> + Send;

    /// `PutItem` of an attempt that says by itself that its delivery is delivered, if none stands there. Must be a no-op
    /// otherwise.
    fn put_receipt(&self, attempt: &Attempt) -> impl Future<Output = Answer<()>> + Send;

    /// `PutItem`.
    fn put_attempt(&self, attempt: &Attempt) -> impl Future<Output = Answer<()>> + Send;
}

/// The receiver's end: one HTTP request, guarded. It has no error of ours: whatever happens is an exchange.
pub trait Post: Sync {
    fn post(&self, request: &Request) -> impl Future<Output = Exchange> + Send;
}

/// The mail service.
pub trait SendMail: Sync {
    /// One request that hands over a mail to one address. Must have sent nothing when the mail is refused, or when this
    /// deployment sends none.
    ///
    /// What is wrong with the address or the mail is an outcome, because it stays wrong. What is wrong with us (too many
    /// requests, a sender that is not verified, an account that may not send) is an error, because the mail is owed until
    /// that is mended. This is the one request that is not harmless to repeat: after an error the mail may have been
    /// sent, and another try may send it twice. So no adapter repeats it by itself.
    fn send(&self, to: &Addressee<'_>, mail: &Mail) -> impl Future<Output = Answer<MailOutcome>> + Send;
}

/// What makes a portal link open its page once.
pub trait UseOnce: Sync {
    /// `PutItem` of what says that a link is used, if nothing stands at its nonce, or what the same opening has put
    /// there: so an opening whose answer was lost is harmless to repeat, and no other one gets through. Returns whether
    /// the link is this opening's; must be a no-op otherwise.
    fn use_once(&self, used: &UsedLink) -> impl Future<Output = Answer<bool>> + Send;
}

/// What failed tries are counted in.
pub trait CountFailedTry: Sync {
    /// `UpdateItem`: one more failed try of a source in a window, the first of which begins it. Returns how many there
    /// are with this one. Counting one twice is harmless: its source has to wait a try earlier.
    fn count_failed_try(&self, tries: &FailedTries) -> impl Future<Output = Answer<u64>> + Send;
}
