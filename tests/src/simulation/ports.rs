//! The ports as one invocation has them: the memory adapters behind gates, a clock that is a little wrong, a log that is
//! kept for whoever reads the trace. Rules are left out here, when a break says so.

use super::{
    breaks::Break,
    gate::lock,
    world::{SkewedClock, World},
};
use bundler::{
    id::{WebhookId, WorkspaceId},
    limits,
    log::{Line, Log},
    ports::{Answer, Clock, PortError, ReadRootSecret, ReadSettings},
    settings::{Gathering, Settings},
    signature::RootSecret,
    table::turn::Rest,
    timestamp::Timestamp,
};
use futures_util::FutureExt;
use std::{
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

/// What an invocation asks of the world.
pub(super) struct Ports {
    pub(super) world: Arc<World>,
    pub(super) invocation: u32,
    /// When it began, true time.
    pub(super) began: u64,
    pub(super) clock: SkewedClock,
    /// Of a tick that sweeps the latest window's end before the earlier ones: where it is to begin.
    pub(super) begins_at: Option<Timestamp>,
    /// Of a tick that knows no grace of cuts: its clock is ahead when it is read next.
    pub(super) leaps: AtomicBool,
    /// Of a tick that notes rests too late: those that it has not noted yet.
    pub(super) late_rests: Mutex<Vec<Rest>>,
}

impl Ports {
    pub(super) async fn ask<R, E>(&self, name: &'static str, about: impl Fn() -> String, effect: E) -> Answer<R>
    where
        R: Send + 'static,
        E: FnMut(&World, Option<usize>) -> Answer<R> + Send + 'static,
    {
        let gate = self.world.ask(self.invocation, name, about, effect);
        gate.await
    }

    pub(super) fn is(&self, broken: Break) -> bool {
        self.world.is(broken)
    }

    /// The clock is ahead by the grace when it is read next.
    pub(super) fn leap(&self) {
        self.leaps.store(true, Ordering::Relaxed);
    }

    /// Puts settings with another schedule, as the operator's tool does; the concurrency is somebody else's business.
    pub(super) async fn put_settings(&self, workspace: &WorkspaceId, settings: &Settings) -> Answer<()> {
        let (workspace, settings) = (workspace.clone(), settings.clone());
        let about = workspace.to_string();
        let put = move |world: &World, _| {
            let concurrency = world.settings_before(&workspace, 0).map_or(settings.concurrency, |now| now.concurrency);
            world.put_settings(&workspace, &Settings { concurrency, ..settings.clone() })
        };
        self.ask("put_settings", || about.clone(), put).await
    }
}

/// What a memory adapter answers: it never waits.
pub(super) fn at_once<T>(answer: impl Future<Output = T>) -> T {
    answer.now_or_never().expect("a memory adapter answers at once")
}

impl Clock for Ports {
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        if self.leaps.swap(false, Ordering::Relaxed) { now.plus(limits::GRACE) } else { now }
    }
}

impl Log for Ports {
    fn log(&self, line: Line) {
        if self.world.is_told {
            lock(&self.world.book).lines.push(line.render(self.now(), "simulation"));
        }
    }
}

impl ReadRootSecret for Ports {
    async fn read_root_secret(&self) -> Answer<RootSecret> {
        // What comes over HTTP is authenticated before it is taken; the simulation's way in needs no key.
        Err(PortError { doing: "reading the secret", code: "there is none here".to_owned() })
    }
}

impl ReadSettings for Ports {
    async fn read_settings(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Gathering>> {
        let about = || workspace.to_string();
        let (workspace, webhook) = (workspace.clone(), webhook.clone());
        let read = move |world: &World, _| {
            if world.is(Break::SettingsForTenMinutes) {
                return Ok(world.settings_before(&workspace, 600_000).map(|settings| settings.gathering()));
            }
            at_once(world.table.read_settings(&workspace, &webhook))
        };
        self.ask("read_settings", about, read).await
    }
}
