//! Plays a stream through the real use cases over the memory adapters, and returns what that consumed, by function.
//! Time passes only as the stream says; the receiver answers 200 to everything; nothing fails.

use crate::{
    functions::{Functions, UNIT},
    prices::Prices,
    stream::Traffic,
    usage::Usage,
};
use bundler::{
    id::WebhookId,
    log::Level,
    memory::Consumed,
    ports::SweepTable,
    settings::Settings,
    signature::SigningSecret,
    table::{Item, sweep::LowWater},
    window::Granularity,
};
use futures_util::FutureExt;
use std::{collections::BTreeMap, time::Duration};

/// Far beyond what any stream here needs.
const TICKS_MAX: usize = 60;

/// What a stream came to.
#[derive(Default)]
pub(crate) struct Played {
    pub(crate) ingest: Consumed,
    pub(crate) sweep: Consumed,
    pub(crate) sender: Consumed,
    pub(crate) queue: Consumed,
    /// Each function's share of what is billed, and the queue's.
    pub(crate) usage: BTreeMap<&'static str, Usage>,
    /// Bytes of the bodies and header lines of all POSTs.
    pub(crate) post_bytes: u64,
    /// What the table holds in the end.
    pub(crate) items: Vec<Item>,
}

impl Played {
    pub(crate) fn total(&self) -> Usage {
        self.usage.values().fold(Usage::default(), |total, usage| total.plus(*usage))
    }

    fn note(&mut self, function: &'static str, usage: Usage) {
        let noted = self.usage.entry(function).or_default();
        *noted = noted.plus(usage);
    }
}

/// Runs a future of the memory adapters: they do not wait.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("memory answers at once")
}

/// Lines are written from `level` on.
pub(crate) fn play(traffic: Traffic, level: Level, prices: &Prices) -> Played {
    let (begins, due) = Traffic::window();
    let functions = Functions::new(level, prices, begins);
    for workspace in traffic.workspaces() {
        let url = "https://hooks.example.com/catch/1234567/abcdefg/".to_owned();
        let settings = Settings::new(url, Granularity::Hours1, SigningSecret::from_bytes([7; 32]));
        functions.table.put_settings(&workspace, &WebhookId::first(), &settings).expect("settings are put");
    }
    // Everything before this window's end has been swept.
    let swept = LowWater { due: due.minus(UNIT.due_step()), shards: 0 };
    now(functions.table.raise_low_water(swept)).expect("a mark");
    functions.table.store().take_consumed();

    let mut played = Played::default();
    played.note("ingest", functions.ingest(traffic.arrivals()));
    played.ingest = functions.table.store().take_consumed();

    // The minute's ticks, and the sender after each of them, until every bundle is out and nobody waits a turn.
    functions.clock.set(due.plus(Duration::from_secs(60)));
    let mut ticks = 0;
    while functions.receiver.posts() < traffic.bundles as u64 || ticks < 6 {
        played.note("aggregator", functions.tick());
        played.sweep.add(&functions.table.store().take_consumed());
        played.note("sender", functions.send());
        played.sender.add(&functions.table.store().take_consumed());
        functions.clock.pass(Duration::from_secs(60));
        ticks += 1;
        assert!(ticks < TICKS_MAX, "the stream does not come out");
    }
    played.queue = functions.queue.take_consumed();
    played.note("queue", Usage::of(&played.queue));
    for (function, consumed) in
        [("ingest", played.ingest.clone()), ("aggregator", played.sweep.clone()), ("sender", played.sender.clone())]
    {
        played.note(function, Usage::of(&consumed));
    }
    played.post_bytes = functions.receiver.bytes();
    played.items = functions.table.store().items();
    played
}
