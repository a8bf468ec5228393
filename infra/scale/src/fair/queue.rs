//! The delivery queue as SQS and Lambda's poller make it, fast enough for a day of a thousand webhooks: first in, first
//! out within a group; a group of which something is under way is handed out to nobody else; only the first 120,000
//! messages are looked through for a free group. A test holds it to the memory adapter's.

use bundler::ports::QueueEntry;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

/// How many messages SQS looks through for a group that is free. SQS's own.
const LOOKED_THROUGH: usize = 120_000;
/// How long a deduplication id is remembered. SQS's own.
const DEDUPLICATION: Duration = Duration::from_secs(300);

/// Which messages a batch is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// The oldest that are free, whichever group they are of.
    #[cfg_attr(not(test), expect(dead_code, reason = "the verb goes by what AWS says, and a test by both"))]
    Oldest,
    /// As many of the oldest's group as there are, then of the next one's. What AWS says of SQS.
    ByGroup,
}

/// A message that was handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handed {
    pub(crate) reference: String,
    pub(crate) group: Arc<str>,
    pub(crate) receives: usize,
    place: usize,
}

pub(crate) struct Fifo {
    visibility: Duration,
    packing: Packing,
    messages: HashMap<usize, (String, usize)>,
    groups: HashMap<Arc<str>, Group>,
    /// The oldest message of each group that is free.
    free: BTreeMap<usize, Arc<str>>,
    /// When groups of which something was handed back are free again.
    invisible: BTreeSet<(Duration, Arc<str>)>,
    known: HashMap<String, Duration>,
    /// Whether a place's message is on the queue yet.
    is_there: Vec<bool>,
    /// The place behind the last one that is looked through, and how many are there before it.
    horizon: usize,
    before_horizon: usize,
    /// The most messages that were on it at a time.
    pub(crate) deepest: usize,
}

#[derive(Default)]
struct Group {
    waiting: VecDeque<usize>,
    is_out: bool,
}

impl Fifo {
    pub(crate) fn new(visibility: Duration, packing: Packing) -> Self {
        Self {
            visibility,
            packing,
            messages: HashMap::new(),
            groups: HashMap::new(),
            free: BTreeMap::new(),
            invisible: BTreeSet::new(),
            known: HashMap::new(),
            is_there: Vec::new(),
            horizon: 0,
            before_horizon: 0,
            deepest: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(crate) fn take(&mut self, now: Duration, entries: &[QueueEntry]) {
        for entry in entries {
            let known = self.known.entry(format!("{}#{}", entry.group, entry.deduplication_id));
            let is_known = match known {
                std::collections::hash_map::Entry::Occupied(known) if now < *known.get() + DEDUPLICATION => true,
                known => {
                    known.insert_entry(now);
                    false
                }
            };
            if is_known {
                continue;
            }
            let (place, name): (usize, Arc<str>) = (self.is_there.len(), Arc::from(entry.group.as_str()));
            self.is_there.push(true);
            self.messages.insert(place, (entry.reference.clone(), 0));
            let group = self.groups.entry(name.clone()).or_default();
            group.waiting.push_back(place);
            if !group.is_out && group.waiting.len() == 1 {
                self.free.insert(place, name);
            }
        }
        self.deepest = self.deepest.max(self.messages.len());
        self.look_on();
    }

    /// Whether anything could be handed out.
    pub(crate) fn is_ready(&mut self, now: Duration) -> bool {
        while self.invisible.first().is_some_and(|(until, _)| *until <= now) {
            let Some((_, name)) = self.invisible.pop_first() else { break };
            self.set_free(&name);
        }
        self.free.first_key_value().is_some_and(|(place, _)| *place < self.horizon)
    }

    /// Up to `most` messages.
    pub(crate) fn receive(&mut self, now: Duration, most: usize) -> Vec<Handed> {
        let (mut handed, mut out): (Vec<Handed>, BTreeSet<Arc<str>>) = (Vec::new(), BTreeSet::new());
        while handed.len() < most && self.is_ready(now) {
            let Some((mut place, name)) = self.free.pop_first() else { break };
            let group = self.groups.get_mut(&name).expect("a group that is free");
            let next = loop {
                group.waiting.pop_front();
                let (reference, receives) = self.messages.get_mut(&place).expect("a message that waits");
                *receives += 1;
                let (reference, receives) = (reference.clone(), *receives);
                handed.push(Handed { reference, group: name.clone(), receives, place });
                match group.waiting.front() {
                    Some(next) if self.packing == Packing::ByGroup && handed.len() < most && *next < self.horizon => {
                        place = *next;
                    }
                    next => break next.copied(),
                }
            };
            if let Some(next) = next {
                self.free.insert(next, name.clone());
            }
            out.insert(name);
        }
        for name in out {
            let group = self.groups.get_mut(&name).expect("a group that was free");
            group.is_out = true;
            if let Some(next) = group.waiting.front() {
                self.free.remove(next);
            }
        }
        handed
    }

    /// Forgets what was handed out `at`, but for what is `kept`, which is handed out again when its visibility ends.
    /// Returns when that is.
    pub(crate) fn finish(&mut self, at: Duration, handed: Vec<Handed>, kept: &[String]) -> Option<Duration> {
        let until = at + self.visibility;
        let mut groups: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
        for (id, one) in handed.into_iter().enumerate() {
            let back = groups.entry(one.group).or_default();
            if kept.contains(&id.to_string()) {
                back.push(one.place);
            } else {
                self.messages.remove(&one.place);
                self.is_there[one.place] = false;
                self.before_horizon -= usize::from(one.place < self.horizon);
            }
        }
        self.look_on();
        let mut again = None;
        for (name, back) in groups {
            if back.is_empty() {
                self.set_free(&name);
                continue;
            }
            let group = self.groups.get_mut(&name).expect("a group that was handed out");
            back.into_iter().rev().for_each(|place| group.waiting.push_front(place));
            self.invisible.insert((until, name));
            again = Some(until);
        }
        again
    }

    fn set_free(&mut self, name: &Arc<str>) {
        let group = self.groups.get_mut(name).expect("a group that was out");
        group.is_out = false;
        if let Some(first) = group.waiting.front() {
            self.free.insert(*first, name.clone());
        }
    }

    /// Moves the horizon on as far as SQS looks.
    fn look_on(&mut self) {
        while self.before_horizon < LOOKED_THROUGH && self.horizon < self.is_there.len() {
            self.before_horizon += usize::from(self.is_there[self.horizon]);
            self.horizon += 1;
        }
    }
}
