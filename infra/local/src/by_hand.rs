//! After the demonstration: takes what a person sends by hand, and changes on the settings page. The clock goes at its own pace; while something is being
//! gathered it hurries to the end of that window, so that nobody waits for hours to see a bundle.

use crate::{
    expected::{self, Expected},
    figures,
    settings_endpoint::SettingsEndpoint,
    stage::{MINUTE, Stage},
    words,
};
use bundler::{portal::Grant, ports::Clock as _, timestamp::Timestamp};
use std::time::Duration;

/// How long a bundle takes to come out, really: time enough to send a second message into it.
const GATHERING: Duration = Duration::from_secs(5);

/// Goes on until it is given up. What a function does is never given up half-way, but for the process's own end.
pub(crate) async fn attend(stage: &Stage, settings: &SettingsEndpoint) -> Result<(), String> {
    stage.clock.set_speed(1);
    let mut minute = stage.next_minute();
    let mut due = None;
    let mut expires = stage.clock.now();
    loop {
        if stage.clock.now() >= expires {
            let (link, until) = settings.link(Grant::Full).await?;
            stage.screen.show(&words::link(stage, &link));
            expires = until;
        }
        tokio::select! {
            () = stage.clock.run_to(minute) => {
                stage.tick().await?;
                minute = minute.plus(MINUTE);
                if due.is_some_and(|due| minute > due) {
                    due = gathered(stage, due)?;
                }
            }
            () = stage.world.called.notified() => {
                // What a person has asked for on the page is not left until the next minute.
                stage.tick().await?;
                due = gathered(stage, due)?;
            }
        }
    }
}

/// Sets the clock's pace by what is being gathered, and says so if that has changed; returns when all of it is due.
fn gathered(stage: &Stage, before: Option<Timestamp>) -> Result<Option<Timestamp>, String> {
    let owed = expected::owed(stage.world.table.store(), stage.clock.now()).map_err(|error| error.to_string())?;
    // What is late waits for a webhook that fails, or is off: nothing makes that faster.
    let is_to_come = |owed: &&Expected| owed.due().plus(expected::WHILE) >= stage.clock.now();
    let owed: Vec<&Expected> = owed.iter().filter(is_to_come).collect();
    let due = owed.iter().map(|owed| owed.due()).max();
    match due {
        Some(due) if before == Some(due) => {}
        Some(due) => {
            stage.hurry(due.plus(MINUTE), GATHERING, 1);
            let seconds = GATHERING.as_secs();
            let messages = figures::count(owed.len(), "message");
            let (now, until) = (figures::hour(stage.clock.now()), figures::end_hour(due));
            stage.screen.show(&format!(
                "\n{now}  {messages} in, gathered until {until}. The clock hurries there: about {seconds} seconds.\n       \
                 What you send to the chat until then comes out with it."
            ));
        }
        None if before.is_some() => {
            stage.clock.set_speed(1);
            stage.screen.show(&format!("{}  The clock goes at its own pace again.", figures::hour(stage.clock.now())));
        }
        None => {}
    }
    Ok(due)
}
