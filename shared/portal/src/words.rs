//! How a webhook stands, in one sentence and in one word.

use bundler::{
    health::{Health, State, Why},
    settings::{Settings, Switch},
    timestamp::Timestamp,
    zone::Zone,
};

/// The name of the state that an owner sees: the switch goes before what health says.
pub(crate) fn state(settings: &Settings, health: &Health) -> &'static str {
    match (settings.switch, &health.state) {
        (Switch::Off, _) => "off",
        (Switch::On, State::Healthy) => "healthy",
        (Switch::On, State::Failing { .. }) => "failing",
        (Switch::On, State::Draining { .. }) => "draining",
        (Switch::On, State::Disabled { .. }) => "disabled",
    }
}

/// For the owner, by his own clock.
pub(crate) fn sentence(settings: &Settings, health: &Health, now: Timestamp) -> String {
    let zone = settings.schedule.at(now).zone;
    let errors = match health.consecutive_errors {
        1 => "1 error".to_owned(),
        errors => format!("{errors} errors in a row"),
    };
    match (settings.switch, &health.state) {
        (Switch::Off, _) => "Switched off: messages that come are not stored, and what was held waits.".to_owned(),
        (Switch::On, State::Healthy) => "Working.".to_owned(),
        (Switch::On, State::Failing { since, probe_at, .. }) => {
            format!("Failing since {}: {errors}, next try {}.", shown(*since, zone), shown(*probe_at, zone))
        }
        (Switch::On, State::Draining { since, .. }) => {
            format!("Working: since {} what was held goes out, the oldest first.", shown(*since, zone))
        }
        (Switch::On, State::Disabled { since, why, stopped }) => {
            let why = match why {
                Why::Errors => format!("after {errors}"),
                Why::Gone => "because its receiver answered 410 Gone".to_owned(),
            };
            let rest = if *stopped {
                "it has been for so long that messages that come are not stored any more"
            } else {
                "what comes due is held until it is enabled"
            };
            format!("Disabled on {} {why}: {rest}.", shown(*since, zone))
        }
    }
}

/// `24 February 2021, 17:25 (Europe/Berlin)`.
fn shown(moment: Timestamp, zone: Zone) -> String {
    format!("{} ({})", on_the_wall(moment, zone).spoken(), zone.name())
}

/// `2021-02-24`: the day on which a clock of the zone shows the moment.
pub(crate) fn day(moment: Timestamp, zone: Zone) -> String {
    on_the_wall(moment, zone).rfc3339().split('T').next().unwrap_or_default().to_owned()
}

/// What a clock of the zone shows, as if it were UTC.
fn on_the_wall(moment: Timestamp, zone: Zone) -> Timestamp {
    let clock = i64::try_from(moment.seconds()).ok().map(|seconds| zone.clock_at(seconds));
    let clock = clock.and_then(|clock| Timestamp::from_seconds(u64::try_from(clock).ok()?));
    clock.unwrap_or(moment)
}
