//! What people do about webhooks: they enable one that was disabled, begin an epoch as another URL does, and send again
//! what was given up. A person's action is one request that does not fail.

use super::{
    breaks::Break,
    ports::at_once,
    schedule::{Schedule, id},
    world::moment,
};
use bundler::{
    delivery::Cause,
    health::{Enabling, Health, State},
    id::{WebhookId, WorkspaceId},
    order,
    ports::{Enqueue, ReadWebhook},
    settings::Settings,
    table::lane::{self, DeliveryState},
};
use std::collections::BTreeMap;

/// The number of no invocation.
pub(super) const PERSON: u32 = 0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// Also what nobody asked for.
    Anything,
    /// Only what waits for a person.
    WhatIsNeeded,
}

impl Schedule {
    pub(super) fn person(&mut self, doing: Doing) {
        for (workspace, health) in self.healths() {
            let now = moment(self.world.now());
            let next = match (&health.state, doing) {
                (State::Disabled { .. }, _) => health.enabled(Enabling::Deliver, now),
                (State::Healthy | State::Failing { .. } | State::Draining { .. }, Doing::Anything) => {
                    self.another_concurrency(&workspace, &health).unwrap_or_else(|| health.changed(now))
                }
                (State::Healthy | State::Failing { .. } | State::Draining { .. }, Doing::WhatIsNeeded) => continue,
            };
            self.note("person", [next.epoch, next.revision], || format!("{workspace} {next:?}"));
            self.world.put_health(PERSON, &workspace, &next).expect("memory keeps health");
        }
        self.send_again();
    }

    /// Sometimes a webhook gets another concurrency, and its health what belongs to that.
    fn another_concurrency(&mut self, workspace: &WorkspaceId, health: &Health) -> Option<Health> {
        let concurrency = self.world.draw(|random| random.one_of(&[None, Some(1), Some(2), Some(4)]))?;
        let settings = self.world.settings_before(workspace, 0).expect("settings stand there");
        let settings = Settings { concurrency, ..settings };
        self.world.put_settings(workspace, &settings).expect("memory keeps settings");
        let now = moment(self.world.now());
        let is_patient = !self.world.is(Break::RegroupedAtOnce);
        Some(if is_patient { health.regrouped(now) } else { health.changed(now) })
    }

    /// Every webhook's health as it stands.
    pub(super) fn healths(&self) -> BTreeMap<WorkspaceId, Health> {
        let read = |name: &str| {
            let workspace = id(name);
            let webhook = at_once(self.world.table.read_webhook(&workspace, &WebhookId::first()));
            let health = webhook.expect("memory reads").map(|webhook| webhook.health).unwrap_or_default();
            (workspace, health)
        };
        self.plan.workspaces.iter().map(|workspace| read(workspace.name)).collect()
    }

    fn send_again(&mut self) {
        let items = self.world.table.store().items().clone();
        let is_failed = |item: &&bundler::table::Item| {
            item.key.pk.starts_with("lane#") && item.get_text("state") == Ok(DeliveryState::Failed.name())
        };
        for item in items.iter().filter(is_failed) {
            let key = lane::parse_key(&item.key).expect("a delivery's key");
            let settings = self.world.settings_before(&key.lane.workspace, 0).expect("settings stand there");
            self.numbers += 1;
            let cause = Cause::Resend { nonce: self.numbers.to_string() };
            self.note("resend", [self.numbers, 0], || format!("{:?}", item.key));
            self.resent.insert(key.webhook_id(0));
            let entry = order::deliver(&key, settings.concurrency, &cause);
            at_once(self.world.queue.enqueue(&[entry])).expect("the queue takes it");
            self.at(self.world.now(), super::schedule::Happening::Poll);
        }
    }
}
