//! What a seed decides before anything runs: workspaces and their schedules, messages and when they are brought, changes
//! of settings, and how much goes wrong. Worlds are small, so that many are looked at.

use crate::random::Random;
use bundler::{
    delivery::Lane,
    flush::Bounds,
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    schedule::{DailyHour, Schedule},
    timestamp::Timestamp,
    window::{AggregationUnit, Granularity, Window},
    zone::Zone,
};

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// Zones, and moments shortly before which their clocks change.
const ZONES: [(&str, &[&str]); 7] = [
    ("UTC", &[]),
    ("Europe/Berlin", &["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]),
    ("America/New_York", &["2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"]),
    ("Asia/Kathmandu", &[]),
    ("Australia/Lord_Howe", &["2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"]),
    ("Asia/Jerusalem", &["2026-03-27T00:00:00Z", "2026-10-24T23:00:00Z"]),
    ("Africa/Cairo", &["2026-04-23T22:00:00Z", "2026-10-29T21:00:00Z"]),
];

pub(super) struct Plan {
    pub(super) start: u64,
    /// From here on nothing goes wrong any more.
    pub(super) quiet: u64,
    pub(super) workspaces: Vec<Workspace>,
    pub(super) messages: Vec<Message>,
    /// When whose schedule is changed to what.
    pub(super) changes: Vec<(u64, usize, Schedule)>,
    pub(super) trouble: Trouble,
    /// When whose chat is flushed at once.
    pub(super) flushes: Vec<(u64, usize, usize)>,
    /// When a person looks at the webhooks.
    pub(super) looks: Vec<u64>,
    pub(super) bounds: Bounds,
    /// What a page of a bucket reads: DynamoDB's megabyte is out of a small world's reach.
    pub(super) page_bytes: usize,
    /// Chats by their names, which say what shards they are in.
    chats: Vec<usize>,
}

pub(super) struct Workspace {
    pub(super) name: &'static str,
    pub(super) schedule: Schedule,
    pub(super) concurrency: u16,
}

pub(super) struct Message {
    pub(super) workspace: usize,
    pub(super) chat: usize,
    pub(super) timestamp: u64,
    /// Long texts make a bundle of several documents.
    pub(super) text_chars: usize,
    /// When upstream brings it: first, and again for no reason.
    pub(super) brought: Vec<u64>,
}

/// How much goes wrong, of a thousand cases each.
#[derive(Clone, Default)]
pub(super) struct Trouble {
    /// A request ends in one of the ways in which requests fail.
    pub(super) requests: u64,
    /// A request is the last thing that its invocation does.
    pub(super) kills: u64,
    pub(super) receiver: u64,
    /// The receiver takes nothing from the one moment to the other.
    pub(super) receiver_dead: (u64, u64),
    /// A tick does not come, nor what it hands over.
    pub(super) ticks: u64,
    /// A tick comes twice.
    pub(super) twice: u64,
    /// No tick comes before this moment.
    pub(super) no_ticks_until: u64,
    /// A batch waits before it is worked on, by seconds.
    pub(super) batches: u64,
    /// A batch is worked on late, when others may have it too, or twice: the queue breaks its promise.
    pub(super) promises: u64,
    /// The index is behind the table by so many milliseconds at most.
    pub(super) index_lag_ms: u64,
    /// Clocks are wrong by so many milliseconds at most.
    pub(super) skew_ms: u64,
    /// How long a request may take, milliseconds.
    pub(super) slow_ms: u64,
    /// Of a thousand steps so many let time pass instead of a request.
    pub(super) passing: u64,
}

impl Plan {
    pub(super) fn draw(random: &mut Random) -> Self {
        let workspaces: Vec<Workspace> = ["acme", "beta"][..=usize::from(random.chance(250))]
            .iter()
            .map(|name| Workspace { name, schedule: schedule(random), concurrency: random.one_of(&[1, 1, 2, 4]) })
            .collect();
        let end = an_end(random, workspaces[0].schedule);
        let start = end - random.one_of(&[2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR + 5 * MINUTE]);
        let quiet = end + random.one_of(&[2 * MINUTE, 10 * MINUTE, HOUR + 3 * MINUTE, HOUR + 12 * MINUTE]);
        let mut trouble = Trouble::draw(random, start, quiet);
        let changes = (0..random.one_of(&[0, 0, 0, 1, 1, 2])).map(|_| {
            let workspace = random.below(workspaces.len());
            (random.between(start, quiet), workspace, schedule(random))
        });
        let changes: Vec<_> = changes.collect();
        // Now and then one webhook has many chats, of which few go at a time.
        let is_crowded = random.chance(150);
        if is_crowded && trouble.twice > 0 {
            (trouble.twice, trouble.index_lag_ms) = (700, SECOND);
        }
        let chats = if is_crowded { random.between(5, 8) } else { random.between(1, 4) };
        let chats: Vec<usize> = (0..chats)
            .map(|chat| {
                // Several in the shards that a tick reads before it hands the others over.
                let shards = if !is_crowded {
                    limits::SHARDS
                } else if chat % 2 == 0 {
                    32
                } else {
                    128
                };
                let fits = |chat: &usize| lane_of(workspaces[0].name, *chat).shard() < shards;
                std::iter::repeat_with(|| random.below(1_000)).find(fits).unwrap_or_default()
            })
            .collect();
        let text_chars = if random.chance(10) { 60_000 } else { 0 };
        let span = Span { start, end, quiet, changes: changes.iter().map(|(at, ..)| at + 7 * MINUTE).collect() };
        let mut messages: Vec<Message> = Vec::new();
        for _ in 0..if is_crowded { 12 } else { random.between(3, 12) } {
            let timestamp = match messages.last() {
                Some(last) if random.chance(150) => last.timestamp,
                Some(_) | None => span.timestamp(random),
            };
            messages.push(Message {
                workspace: random.below(workspaces.len()),
                chat: random.below(chats.len()),
                timestamp,
                text_chars,
                brought: span.brought(random, timestamp),
            });
        }
        let mut flushes: Vec<(u64, usize, usize)> = Vec::new();
        for _ in 0..random.one_of(&[0, 0, 1, 2, 4]) {
            let message = &messages[random.below(messages.len())];
            let flush = match flushes.last() {
                // At the same time as another, or when that one is on its way.
                Some(last) if random.chance(400) => {
                    let after = random.one_of(&[0, 50, 50 * SECOND, 50 * SECOND]);
                    (last.0 + after + random.between(0, after), last.1, last.2)
                }
                Some(_) | None => (span.flush(random, message.timestamp), message.workspace, message.chat),
            };
            flushes.push(flush);
        }
        let usual = Bounds::default();
        let bounds = if is_crowded {
            Bounds { turn: random.one_of(&[1, 1, 2]), fan_out: random.one_of(&[1, 2, usual.fan_out]) }
        } else {
            Bounds {
                turn: random.one_of(&[1, 2, 3, usual.turn, usual.turn]),
                fan_out: random.one_of(&[1, 2, 8, usual.fan_out, usual.fan_out]),
            }
        };
        let looks = (0..random.one_of(&[0, 0, 1, 2])).map(|_| random.between(start, quiet)).collect();
        let page_bytes = random.one_of(&[1, 700, 1_500, usize::MAX, usize::MAX]);
        Self { start, quiet, workspaces, messages, changes, trouble, flushes, looks, bounds, page_bytes, chats }
    }
}

impl Plan {
    pub(super) fn lane(&self, workspace: usize, chat: usize) -> Lane {
        lane_of(self.workspaces[workspace].name, self.chats[chat])
    }

    pub(super) fn chat(&self, chat: usize) -> String {
        self.chats[chat].to_string()
    }
}

fn lane_of(workspace: &str, chat: usize) -> Lane {
    Lane {
        workspace: WorkspaceId::parse(workspace).expect("a workspace's id"),
        webhook: WebhookId::first(),
        chat: KeyPart::of(&chat.to_string()),
    }
}

/// The moments that everything happens around.
struct Span {
    start: u64,
    /// A window's end.
    end: u64,
    quiet: u64,
    changes: Vec<u64>,
}

impl Span {
    fn timestamp(&self, random: &mut Random) -> u64 {
        let last = self.quiet - MINUTE;
        let moment = match random.below(10) {
            0..=3 => random.between(self.start, last),
            4 | 5 => (self.end + random.between(0, 60 * SECOND)).saturating_sub(30 * SECOND),
            6 => (self.end + random.between(0, 2)).saturating_sub(1),
            7 => random.between(self.end - 2 * HOUR, self.end),
            8 if !self.changes.is_empty() => {
                let change = self.changes[random.below(self.changes.len())];
                change + random.between(0, 20 * SECOND) - 10 * SECOND
            }
            _ => random.between(self.end - 10 * MINUTE, self.end),
        };
        let moment = moment.min(self.quiet);
        if random.chance(500) { moment / SECOND * SECOND } else { moment }
    }

    /// Some time after a message, or shortly before a window ends.
    fn flush(&self, random: &mut Random, timestamp: u64) -> u64 {
        let moment = match random.below(4) {
            0 => self.end - random.between(0, 90 * SECOND),
            1 => timestamp + random.between(0, 5 * SECOND),
            2 => timestamp + random.between(0, 10 * MINUTE),
            _ => random.between(self.start, self.quiet),
        };
        moment.clamp(self.start, self.quiet)
    }

    /// A message comes at once, or it comes late; and again for no reason, at a moment that is worth a look.
    fn brought(&self, random: &mut Random, timestamp: u64) -> Vec<u64> {
        let moment = |random: &mut Random| match random.below(8) {
            0 => timestamp.saturating_sub(random.between(0, 7 * MINUTE)),
            // Around the tolerance of its window, if that is the one in the middle of everything.
            1 => self.end + 20 * SECOND + random.between(0, 4 * SECOND) - 2 * SECOND,
            2 => random.between(self.end, self.quiet),
            3 => self.end + HOUR + random.between(0, 40 * SECOND) - 20 * SECOND,
            _ => timestamp + random.between(0, 3 * SECOND),
        };
        // Upstream's clock is not hours ahead: what comes too early comes a little too early.
        let within = |moment: u64| moment.max(timestamp.saturating_sub(7 * MINUTE)).clamp(self.start, self.quiet);
        let mut brought = vec![within(moment(random))];
        for _ in 0..random.one_of(&[0, 0, 1, 1, 2]) {
            let again = if random.chance(300) { brought[0] + random.between(0, 5 * SECOND) } else { moment(random) };
            brought.push(within(again));
        }
        brought
    }
}

impl Trouble {
    /// A fifth of all schedules has none.
    fn draw(random: &mut Random, start: u64, quiet: u64) -> Self {
        let level = random.below(5);
        let up_to = |random: &mut Random, some: u64, many: u64| match level {
            0 => 0,
            1 | 2 => random.between(0, some),
            _ => random.between(0, many),
        };
        Self {
            requests: up_to(random, 30, 200),
            kills: up_to(random, 10, 60),
            receiver: if random.chance(300) { up_to(random, 100, 500) } else { 0 },
            receiver_dead: if level > 0 && random.chance(300) {
                let from = random.between(start, quiet);
                (from, from + random.one_of(&[MINUTE, 5 * MINUTE, 20 * MINUTE, HOUR]))
            } else {
                (0, 0)
            },
            ticks: up_to(random, 50, 300),
            twice: up_to(random, 300, 500),
            no_ticks_until: if level > 0 && random.chance(150) { random.between(start, quiet) } else { 0 },
            batches: up_to(random, 100, 300),
            promises: if random.chance(100) { up_to(random, 50, 200) } else { 0 },
            index_lag_ms: if level == 0 { SECOND } else { random.one_of(&[SECOND, 10 * SECOND, MINUTE]) },
            skew_ms: if level == 0 { random.one_of(&[0, 2 * SECOND]) } else { 2 * SECOND },
            slow_ms: if level == 0 { 300 } else { random.one_of(&[300, 3 * SECOND, 14 * SECOND]) },
            passing: random.between(20, 500),
        }
    }
}

fn schedule(random: &mut Random) -> Schedule {
    // Long windows cost a walk over every quarter of an hour until their end, and show little that short ones do not.
    let granularity = match random.below(200) {
        0..=139 => Granularity::Hours1,
        140..=189 => Granularity::None,
        190..=194 => Granularity::Hours6,
        195..=197 => Granularity::Hours12,
        _ => Granularity::Hours24,
    };
    let (zone, _) = if random.chance(400) { ZONES[0] } else { random.one_of(&ZONES) };
    let hour = u8::try_from(random.one_of(&[0, 0, 18, 23])).unwrap_or_default();
    Schedule {
        granularity,
        zone: Zone::parse(zone).unwrap_or(Zone::UTC),
        daily_hour: DailyHour::new(hour).unwrap_or(DailyHour::MIDNIGHT),
    }
}

/// The end of one of the schedule's windows, often one at which the day or the clock changes.
fn an_end(random: &mut Random, schedule: Schedule) -> u64 {
    let any = 1_767_225_600 + random.between(0, 2 * 365 * 86_400);
    let changes = ZONES.iter().find(|(name, _)| *name == schedule.zone.name()).map_or(&[][..], |(_, changes)| changes);
    let near = match changes {
        [] => any,
        changes if random.chance(300) => {
            let change = Timestamp::parse(random.one_of(changes)).map_or(any, Timestamp::seconds);
            change + random.between(0, 7_200) - 3_600
        }
        _ => any,
    };
    let near = Timestamp::from_seconds(near).unwrap_or(Timestamp::EPOCH);
    let daily = Schedule { granularity: Granularity::Hours24, ..schedule };
    let by = if schedule.granularity == Granularity::None || random.chance(200) { daily } else { schedule };
    Window::of(by, AggregationUnit::HOUR, near).map_or(near, |window| window.end).millis()
}
