//! The demonstration: plays the sample conversation message by message, minute by minute, until the last window has
//! been swept.

use crate::{
    expected::Expected,
    figures,
    sample::Played,
    screen::Live,
    stage::{MINUTE, Stage},
};
use bundler::{limits, ports::Clock as _, timestamp::Timestamp};
use std::time::Duration;

/// The longest that a person waits, really, when no more messages come and only windows have to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Plays the whole conversation at `speed`. What is wrong with what comes out of it is not judged here.
pub(crate) async fn play(
    stage: &Stage,
    conversation: &[Played],
    expected: &[Expected],
    speed: u32,
) -> Result<(), String> {
    let end = end(expected, stage.clock.now());
    let mut minute = stage.next_minute();
    let mut progress = Progress::new(stage, conversation.len());
    for (index, played) in conversation.iter().enumerate() {
        while minute <= played.at {
            stage.clock.run_to(minute).await;
            stage.tick().await?;
            progress.tell(minute, index);
            minute = minute.plus(MINUTE);
        }
        stage.clock.run_to(played.at).await;
        for call in &played.calls {
            stage.upstream.send(call).await?;
        }
        stage.send().await?;
    }
    stage.hurry(end, PATIENCE, speed);
    while minute <= end {
        stage.clock.run_to(minute).await;
        stage.tick().await?;
        progress.tell(minute, conversation.len());
        minute = minute.plus(MINUTE);
    }
    stage.screen.set_progress("");
    Ok(())
}

/// When everything has to have come out: at the first tick at which all shards of the last window's end may be read.
fn end(expected: &[Expected], now: Timestamp) -> Timestamp {
    let last = expected.iter().map(Expected::due).max();
    last.unwrap_or(now).plus(limits::GRACE + limits::SWEEP_SPREAD + MINUTE)
}

/// Says how far the demonstration is: in a line that is written over, or where that cannot be, every hour.
struct Progress<'a> {
    stage: &'a Stage,
    messages: usize,
    hour: String,
}

impl<'a> Progress<'a> {
    fn new(stage: &'a Stage, messages: usize) -> Self {
        Self { stage, messages, hour: figures::hour(stage.clock.now()) }
    }

    fn tell(&mut self, minute: Timestamp, sent: usize) {
        const BAR: usize = 24;
        let (now, screen) = (figures::hour(minute), &self.stage.screen);
        let webhooks = figures::count(self.stage.receiver.webhooks().len(), "webhook");
        let counts = format!("{sent} of {} in, {webhooks} out", figures::count(self.messages, "message"));
        match screen.live() {
            Live::Yes => {
                let done = sent * BAR / self.messages.max(1);
                let bar = format!("{}{}", "━".repeat(done), screen.paint().faint(&"━".repeat(BAR - done)));
                screen.set_progress(&format!("{now} {bar} {counts}"));
            }
            Live::No if now[..2] != self.hour[..2] => {
                screen.show(&format!("{now}  {counts}"));
                self.hour = now;
            }
            Live::No => {}
        }
    }
}
