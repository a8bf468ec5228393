//! Whether a delivery may be sent now: what its own record, its webhook's health and the owner's switch come to.

use super::{Health, State};
use crate::{
    limits,
    settings::Switch,
    table::lane::{DeliveryState, Progress},
    timestamp::Timestamp,
};

/// Whether anything of a webhook waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    Nothing,
    Something,
}

/// Why a reference was put on the queue, as far as it changes what is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Its time has come.
    Due,
    /// A person wants it sent, whatever became of it before.
    Resend,
    /// A person wants everything sent that was given up: this, if it still is. It waits like what is due.
    Replay,
}

/// Where the queue has handed a reference out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// In the group of its lane: nobody else sends anything of it.
    OfItsLane,
    /// In one that was its lane's with another concurrency.
    Former,
}

/// What is done about a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is sent.
    Send,
    /// It is sent if nothing older of its lane waits for its first attempt.
    SendInOrder,
    /// It is the probe, if nothing older of its lane waits for its first attempt, and if it is claimed.
    Probe,
    /// It is held.
    Hold,
    /// It has its own next time, which has not come.
    NotYet,
    DeliveredBefore,
    /// It was given up, and is sent again only by a person.
    GivenUp,
    /// The owner has dropped it.
    Dropped,
    /// It was held for as long as anything is.
    Expired,
}

/// Decides about a delivery that arrived, or became due, at `due`.
pub fn admit(
    switch: Switch,
    health: &Health,
    progress: Progress,
    due: Timestamp,
    wish: Wish,
    group: Group,
    now: Timestamp,
) -> Admission {
    let is_resend = match wish {
        Wish::Resend => true,
        Wish::Due | Wish::Replay => false,
    };
    let is_replay = wish == Wish::Replay && progress.state == DeliveryState::Failed;
    match progress.state {
        DeliveryState::Delivered if !is_resend => return Admission::DeliveredBefore,
        DeliveryState::Failed if !is_resend && !is_replay => return Admission::GivenUp,
        DeliveryState::Dropped if !is_resend => return Admission::Dropped,
        DeliveryState::Expired if !is_resend => return Admission::Expired,
        DeliveryState::Delivered
        | DeliveryState::Failed
        | DeliveryState::Dropped
        | DeliveryState::Expired
        | DeliveryState::Pending
        | DeliveryState::Held => {}
    }
    let is_wished = is_resend || is_replay;
    if !is_wished && health.dropped_until.is_some_and(|until| due <= until) {
        return Admission::Dropped;
    }
    if !is_wished && now >= due.plus(limits::HOLDING) {
        return Admission::Expired;
    }
    let is_early = !is_resend && progress.next.is_some_and(|next| now < next);
    let is_alone = group == Group::OfItsLane && !health.is_settling(now);
    match (switch, &health.state) {
        (Switch::Off, _) | (Switch::On, State::Disabled { .. }) => Admission::Hold,
        (Switch::On, State::Healthy | State::Draining { .. } | State::Failing { .. }) if is_early => Admission::NotYet,
        (Switch::On, State::Healthy | State::Draining { .. } | State::Failing { .. }) if !is_alone => Admission::Hold,
        (Switch::On, State::Healthy) => Admission::Send,
        // A person decides about order, too.
        (Switch::On, State::Draining { .. }) if is_resend => Admission::Send,
        (Switch::On, State::Draining { .. }) => Admission::SendInOrder,
        (Switch::On, State::Failing { probe_at, probe, .. }) => {
            let is_over = is_resend || now >= *probe_at;
            let is_free = probe.as_ref().is_none_or(|probe| now >= probe.until);
            if is_over && is_free { Admission::Probe } else { Admission::Hold }
        }
    }
}
