//! How a webhook stands, for its page.

use bundler::{
    health::{self, Health, Why},
    mail::Count,
    settings::{Settings, Switch},
};
use page::{Disabling, Savings, State};

pub(super) fn of(settings: &Settings, health: &Health, held: Count, carried: Savings) -> State {
    match (settings.switch, &health.state) {
        (Switch::Off, _) => State::Off { held },
        (Switch::On, health::State::Healthy) if carried.calls == carried.errors => State::Ready,
        (Switch::On, health::State::Healthy) => {
            State::Working { days: carried.days, calls: carried.calls - carried.errors, messages: carried.messages }
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
