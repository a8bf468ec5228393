//! How a webhook stands, for its page.

use bundler::{
    health::{self, Health, Why},
    mail::Count,
    settings::{Settings, Switch},
};
use page::{Disabling, State};

/// What was sent of late.
#[derive(Clone, Copy)]
pub(super) struct Carried {
    pub(super) days: u64,
    /// That were taken.
    pub(super) calls: u64,
    pub(super) messages: u64,
}

pub(super) fn of(settings: &Settings, health: &Health, held: Count, carried: Carried) -> State {
    match (settings.switch, &health.state) {
        (Switch::Off, _) => State::Off { held },
        (Switch::On, health::State::Healthy) if carried.calls == 0 => State::Ready,
        (Switch::On, health::State::Healthy) => {
            State::Working { days: carried.days, calls: carried.calls, messages: carried.messages }
        }
        (Switch::On, health::State::Failing { since, probe_at, probe: _ }) => {
            State::Failing { since: *since, errors: health.consecutive_errors, next_try: *probe_at, held }
        }
        (Switch::On, health::State::Draining { since, empty_since: _ }) => State::CatchingUp { since: *since, held },
        (Switch::On, health::State::Disabled { since, why: _, stopped: true }) => {
            State::Stopped { since: *since, held }
        }
        (Switch::On, health::State::Disabled { since, why, stopped: false }) => {
            let why = match why {
                Why::Errors => Disabling::Errors(health.consecutive_errors),
                Why::Gone => Disabling::Gone,
            };
            State::Disabled { since: *since, why, held }
        }
    }
}
