//! What both acts, the demonstration and the time by hand, play on: the world, its clock, the receiver and the screen;
//! and the minute, which is the same in both.

use crate::{
    clock::Clock,
    receiver::Receiver,
    screen::Screen,
    upstream::{Kind, Upstream},
    world::World,
};
use bundler::{ports::Clock as _, timestamp::Timestamp, window::Granularity};
use std::{sync::Arc, time::Duration};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

pub(crate) struct Stage {
    pub(crate) world: Arc<World>,
    pub(crate) clock: Clock,
    pub(crate) screen: Screen,
    pub(crate) receiver: Receiver,
    pub(crate) upstream: Upstream,
    pub(crate) granularity: Granularity,
    /// Whose calls are played.
    pub(crate) kind: Kind,
}

impl Stage {
    /// What is done every minute: the aggregator finds what is due, files are copied, and the sender sends what may go.
    pub(crate) async fn tick(&self) -> Result<(), String> {
        self.world.sweep().await.map_err(|error| error.to_string())?;
        self.send().await
    }

    /// Lets files be copied, and the sender send what is on the queue.
    pub(crate) async fn send(&self) -> Result<(), String> {
        self.world.copy().await.map_err(|error| error.to_string())?;
        self.world.send().await.map_err(|error| error.to_string())
    }

    /// The next full minute of the clock.
    pub(crate) fn next_minute(&self) -> Timestamp {
        let next = self.clock.now().plus(MINUTE);
        next.minus(Duration::from_millis(next.millis() % 60_000))
    }

    /// Lets the clock run so fast that it is at `moment` after so much real time, and at least as fast as `speed`.
    pub(crate) fn hurry(&self, moment: Timestamp, real: Duration, speed: u32) {
        let needed = moment.since(self.clock.now()).as_millis() / real.as_millis().max(1);
        self.clock.set_speed(u32::try_from(needed).unwrap_or(u32::MAX).max(speed));
    }
}
