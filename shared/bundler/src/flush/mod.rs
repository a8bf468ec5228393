//! The sweep: finds what is due and puts references to it on the delivery queue.
//!
//! It goes from the low-water mark to the last window's end that may be read, one end after the other, so that a
//! shard's later window waits for its earlier one; then come cuts, and webhooks of which more fell due than the queue
//! takes at a time. What is noted moves on only after the queue has taken everything before it: a crash repeats
//! references, which the queue or the delivery's record recognises, and loses none.

mod cuts;
mod files;
mod lanes;
mod look;
mod shard;
mod turn;
mod waiting;
mod window;

pub(crate) use look::is_over;
pub use waiting::{Waits, count_waiting, look_at_waiting};

use crate::{
    delivery::{Cause, DeliveryKey},
    health::State,
    id::{WebhookId, WorkspaceId},
    limits, order,
    ports::{Answer, Clock, Enqueue, HandOver, PortError, SweepTable},
    settings::{Standing, Switch},
    table::{
        at::Appointment,
        sweep::{self, LowWater},
    },
    timestamp::Timestamp,
    window::{self as windows, AggregationUnit},
};
use futures_util::{Stream, StreamExt};
use std::{collections::BTreeSet, ops::Range};

/// What a tick did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Windows' ends that are complete now.
    pub windows: u64,
    /// References that were enqueued.
    pub references: u64,
    /// Shards of which the rest of a webhook's lanes waits its turn now.
    pub rests: u64,
    /// Shards that other invocations have been given.
    pub handed_over: u64,
    /// Shards that should have been, and that this invocation has kept, because that went wrong.
    pub not_handed_over: u64,
    /// Files that should have been copied by now, and are given up: somebody has to look at why.
    pub files_given_up: u64,
    /// Items that are none of ours, passed over: somebody has to look at them.
    pub unreadable: u64,
    /// Whether there was time for everything that could be done now.
    pub complete: bool,
}

/// Shards of one window's end: what an invocation is given by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    pub due: Timestamp,
    pub shards: Range<u16>,
}

impl Portion {
    /// As an invocation's payload holds it: `20210224T170000#032-064`.
    pub fn to_text(&self) -> String {
        format!("{}#{}", self.due.key(), sweep::range_to_text(&self.shards))
    }

    /// Reads what `to_text` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (due, shards) = text.split_once('#')?;
        Some(Self { due: Timestamp::parse_key(due)?, shards: sweep::parse_range(shards)? })
    }
}

/// How much is done at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// References of one webhook that a tick enqueues.
    pub turn: u64,
    /// References that one invocation enqueues before it hands shards over.
    pub fan_out: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { turn: limits::TURN_REFERENCES, fan_out: limits::FAN_OUT_REFERENCES }
    }
}

/// What sweeping needs.
pub struct Sweep<'a, T, Q, C, H> {
    pub table: &'a T,
    pub queue: &'a Q,
    pub clock: &'a C,
    pub others: &'a H,
    pub unit: AggregationUnit,
    pub bounds: Bounds,
}

/// A webhook, where it is a key of something.
type WebhookKey = (WorkspaceId, WebhookId);

impl<T: SweepTable, Q: Enqueue, C: Clock, H: HandOver> Sweep<'_, T, Q, C, H> {
    /// One tick: does what is due until it is done or `deadline` is near. Trouble in one part leaves the others be.
    pub async fn tick(&self, deadline: Timestamp) -> Answer<Swept> {
        let now = self.clock.now();
        let appointments = self.appointments(now).await;
        let windows = self.sweep_windows(now, deadline).await;
        let mut whole = Whole::default();
        let low_water = whole.note(windows.map(|(swept, low_water)| (swept, Some(low_water))));
        let (mut cuts, mut files, mut webhooks) = (Vec::new(), Vec::new(), BTreeSet::new());
        for appointment in whole.note(appointments) {
            match appointment {
                Appointment::Cuts { due, lane } => cuts.push((due, lane)),
                Appointment::File(key) => files.push(key),
                Appointment::Turn { workspace, webhook } | Appointment::Health { workspace, webhook } => {
                    webhooks.insert((workspace, webhook));
                }
            }
        }
        if let Some(low_water) = low_water {
            whole.note(self.release_cuts(cuts, low_water, deadline).await);
        }
        whole.note(self.give_up_files(files, deadline).await);
        whole.note(self.look_at(webhooks, deadline).await);
        whole.answer()
    }

    /// What another invocation has handed over.
    pub async fn sweep_portion(&self, portion: Portion, deadline: Timestamp) -> Answer<Swept> {
        // Whoever calls, and however late: nothing is read before its time.
        let readable = windows::readable_shards(self.unit, portion.due, self.clock.now());
        let shards = portion.shards.start..portion.shards.end.min(readable);
        let share = self.bounds.turn * shards.len() as u64 / u64::from(limits::SHARDS);
        let swept =
            self.sweep_shards(portion.due, shards, window::Hands::Given { turn: share.max(1) }, deadline).await?;
        Ok(swept.swept)
    }

    /// All windows' ends that may be read, and up to where all is done then.
    async fn sweep_windows(&self, now: Timestamp, deadline: Timestamp) -> Answer<(Swept, LowWater)> {
        let step = self.unit.due_step();
        let last = windows::last_due(self.unit, now);
        let first_look = now.minus(step * 4 * limits::FIRST_TICK_UNITS);
        let first = || LowWater { due: windows::last_due(self.unit, first_look), shards: 0 };
        let mut done = self.table.read_low_water().await?.unwrap_or_else(first);
        let mut stored = done;
        let (mut swept, mut trouble) = (Swept::NOTHING, None);
        while done.due < last && swept.complete {
            let due = done.due.plus(step);
            let shards = done.shards..windows::readable_shards(self.unit, due, now);
            if shards.is_empty() {
                break;
            }
            let window = match self.sweep_shards(due, shards, window::Hands::Own, deadline).await {
                Ok(window) => window,
                Err(error) => {
                    trouble = Some(error);
                    break;
                }
            };
            swept.add(window.swept);
            if window.done < limits::SHARDS {
                done.shards = window.done;
                break;
            }
            done = LowWater { due, shards: 0 };
            swept.windows += 1;
            // After each window in which something was found, so that a crash repeats little.
            if window.swept.references > 0 {
                self.table.raise_low_water(done).await?;
                stored = done;
            }
        }
        // Trouble in one window takes nothing back of those before it.
        if done > stored {
            self.table.raise_low_water(done).await?;
        }
        trouble.map_or(Ok((swept, done)), Err)
    }

    /// What has a time of its own, which has come.
    async fn appointments(&self, now: Timestamp) -> Answer<(Swept, Vec<Appointment>)> {
        let (mut swept, mut rows, mut after) = (Swept::NOTHING, Vec::new(), None);
        loop {
            let page = self.table.read_appointments(now, after.as_ref()).await?;
            swept.unreadable += page.unreadable;
            rows.extend(page.rows);
            after = page.after;
            if after.is_none() {
                return Ok((swept, rows));
            }
        }
    }

    /// Puts references on the queue, in their order. It has taken all of them, or it is an error.
    async fn enqueue(&self, deliveries: &[(DeliveryKey, u16)], cause: &Cause) -> Answer<()> {
        enqueue(self.queue, deliveries, &|_| cause.clone()).await
    }

    /// How many requests at a time a webhook takes, and whether what falls due of it waits.
    async fn place(&self, (workspace, webhook): &WebhookKey) -> Answer<Place> {
        let now = self.clock.now();
        let Some(standing) = self.table.read_standing(workspace, webhook).await? else {
            // A webhook that is gone keeps its bundles: the sender says what becomes of them.
            return Ok(Place { concurrency: limits::CONCURRENCY, waits: false, look: now });
        };
        let takes = standing.takes();
        // Who takes nothing is looked at for its health, or not before its owner does something about it.
        let look = if takes { now } else { standing.health.next_look().unwrap_or(now.plus(limits::HOLDING)) };
        Ok(Place { concurrency: standing.gathering.concurrency, waits: standing.turn.is_some() || !takes, look })
    }
}

impl Standing {
    /// Whether its deliveries go out, one after the other.
    fn takes(&self) -> bool {
        match (self.gathering.switch, &self.health.state) {
            (Switch::On, State::Healthy | State::Draining { .. }) => true,
            (Switch::On, State::Failing { .. } | State::Disabled { .. }) | (Switch::Off, _) => false,
        }
    }
}

/// Puts references on the queue, in their order. It has taken all of them, or it is an error.
pub(crate) async fn enqueue<Q: Enqueue>(
    queue: &Q,
    mut deliveries: &[(DeliveryKey, u16)],
    cause: &(dyn Fn(&DeliveryKey) -> Cause + Sync),
) -> Answer<()> {
    while !deliveries.is_empty() {
        let (batch, behind) = deliveries.split_at(batch_size(deliveries));
        let entries: Vec<_> =
            batch.iter().map(|(key, concurrency)| order::deliver(key, *concurrency, &cause(key))).collect();
        queue.enqueue(&entries).await?.into_iter().collect::<Answer<Vec<()>>>()?;
        deliveries = behind;
    }
    Ok(())
}

/// How many of the deliveries go in one request. The queue may refuse an entry of a batch and take the next one, so a
/// batch holds no two of a lane, of which the later would go out first. A lane's deliveries stand together.
fn batch_size(deliveries: &[(DeliveryKey, u16)]) -> usize {
    let most = deliveries.len().min(limits::QUEUE_BATCH);
    let is_same_lane = |pair: &[(DeliveryKey, u16)]| pair[0].0.lane == pair[1].0.lane;
    deliveries[..most].windows(2).position(is_same_lane).map_or(most, |before| before + 1)
}

#[derive(Debug, Clone, Copy)]
struct Place {
    concurrency: u16,
    /// What falls due of it waits: others wait before it, or it takes nothing now.
    waits: bool,
    /// When what waits is looked at.
    look: Timestamp,
}

impl Swept {
    pub const NOTHING: Self = Self {
        windows: 0,
        references: 0,
        rests: 0,
        handed_over: 0,
        not_handed_over: 0,
        files_given_up: 0,
        unreadable: 0,
        complete: true,
    };

    fn add(&mut self, part: Self) {
        let Self { windows, references, rests, handed_over, not_handed_over, files_given_up, unreadable, complete } =
            part;
        self.windows += windows;
        self.references += references;
        self.rests += rests;
        self.handed_over += handed_over;
        self.not_handed_over += not_handed_over;
        self.files_given_up += files_given_up;
        self.unreadable += unreadable;
        self.complete &= complete;
    }
}

/// The sum of parts, some of which may have gone wrong.
struct Whole {
    swept: Swept,
    trouble: Option<PortError>,
}

impl Default for Whole {
    fn default() -> Self {
        Self { swept: Swept::NOTHING, trouble: None }
    }
}

impl Whole {
    /// Adds a part, and returns what it has found besides.
    fn note<F: Default>(&mut self, part: Answer<(Swept, F)>) -> F {
        match part {
            Ok((swept, found)) => {
                self.swept.add(swept);
                found
            }
            Err(error) => {
                self.trouble.get_or_insert(error);
                F::default()
            }
        }
    }

    fn answer(self) -> Answer<Swept> {
        self.trouble.map_or(Ok(self.swept), Err)
    }
}

/// Brings every part to its end, also after one of them has failed: no request is left under way.
async fn sum<F>(mut running: impl Stream<Item = Answer<(Swept, F)>> + Unpin) -> (Whole, Vec<F>) {
    let (mut whole, mut found) = (Whole::default(), Vec::new());
    while let Some(part) = running.next().await {
        found.extend(whole.note(part.map(|(swept, one)| (swept, Some(one)))));
    }
    (whole, found)
}

/// How long a claim on shards holds: until the invocations that were given them cannot be there any more.
fn claim_ends(now: Timestamp) -> Timestamp {
    now.plus(limits::HAND_OVER_AGE + limits::SWEEP_LIFE + limits::CLOCK_SKEW * 2)
}
