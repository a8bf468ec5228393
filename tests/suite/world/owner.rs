//! What a person does about the webhook of `acme`, what stands about it, and time that passes with its ticks. None of
//! it is on the tape: a fault hits the functions alone.

use super::{World, run};
use bundler::{
    health::{Enabling, Health},
    id::{WebhookId, WorkspaceId},
    ports::{Clock, PutHealth, ReadWebhook},
    settings::{Switch, Webhook},
};
use std::time::Duration;

fn hook() -> (WorkspaceId, WebhookId) {
    (WorkspaceId::parse("acme").expect("an id"), WebhookId::first())
}

impl World {
    /// The webhook, whole.
    pub(crate) fn webhook(&self) -> Webhook {
        let (workspace, webhook) = hook();
        let read = run(self.table.inner.read_webhook(&workspace, &webhook));
        read.expect("the table answers").expect("a webhook")
    }

    /// How the webhook stands.
    pub(crate) fn health(&self) -> Health {
        self.webhook().health
    }

    /// Enables the webhook, with what is to become of what is held.
    pub(crate) fn enable(&self, enabling: Enabling) {
        self.put_health(&self.health().enabled(enabling, self.clock.now()));
    }

    /// Gives the webhook another URL.
    pub(crate) fn change_url(&self, url: &str) {
        self.configure(|settings| url.clone_into(&mut settings.url));
        self.put_health(&self.health().changed(self.clock.now()));
    }

    /// Uses the owner's own switch.
    pub(crate) fn switch(&self, switch: Switch) {
        self.configure(|settings| settings.switch = switch);
        match switch {
            Switch::On => self.enable(Enabling::Deliver),
            Switch::Off => {}
        }
    }

    /// Writes how the webhook stands, as somebody else may do it.
    pub(crate) fn put_health(&self, health: &Health) {
        let (workspace, webhook) = hook();
        let put = run(self.table.inner.put_health(&workspace, &webhook, health));
        assert_eq!(put, Ok(true), "nobody else writes meanwhile");
    }

    /// So many minutes, each with its tick and with the sender's invocations after it.
    pub(crate) fn minutes(&self, minutes: u64) {
        for _ in 0..minutes {
            self.clock.pass(Duration::from_secs(60));
            self.tick().expect("a tick");
            self.drain();
        }
    }

    /// Time passes until somebody has to look at the webhook, and then until what the look found is done.
    pub(crate) fn next_look(&self) {
        let look = self.health().next_look().expect("somebody has to look at it");
        self.clock.set(look.max(self.clock.now()));
        self.tick().expect("a tick");
        self.drain();
    }
}
