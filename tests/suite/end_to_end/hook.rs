//! A workspace's webhook as the table has it, and what a person does about it. It sends nothing.

use super::deploy::{self, Stack};
use ::aws::table::Table;
use bundler::delivery::DeliveryKey;
use bundler::flush;
use bundler::health::{Enabling, Health};
use bundler::id::{WebhookId, WorkspaceId};
use bundler::mail::Count;
use bundler::ports::{PutHealth, ReadDelivery, ReadWebhook};
use bundler::table::lane::Progress;
use tokio::runtime::Runtime;

/// What the table knows of a workspace's webhook, read and written by the functions' own adapter.
pub(crate) struct Hook {
    workspace: WorkspaceId,
    webhook: WebhookId,
    table: Table,
    runtime: Runtime,
}

impl Hook {
    pub(crate) fn of(stack: &Stack, workspace: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let workspace = WorkspaceId::parse(workspace).expect("the tests' workspaces have good ids");
        Self { workspace, webhook: WebhookId::first(), table: stack.table(), runtime }
    }

    pub(crate) fn health(&self) -> Health {
        let read = self.runtime.block_on(self.table.read_webhook(&self.workspace, &self.webhook));
        read.expect("the table answers").expect("the webhook is set up").health
    }

    /// How much waits for it.
    pub(crate) fn waiting(&self) -> Count {
        let Self { workspace, webhook, table, runtime } = self;
        let health = self.health();
        let count = flush::count_waiting(table, workspace, webhook, &health, deploy::now());
        runtime.block_on(count).expect("the table answers")
    }

    pub(crate) fn progress(&self, key: &DeliveryKey) -> Option<Progress> {
        let read = self.runtime.block_on(self.table.read_delivery(key)).expect("the table answers");
        read.map(|delivery| delivery.progress)
    }

    /// As a person does.
    pub(crate) fn enable(&self) {
        let enabled = self.health().enabled(Enabling::Deliver, deploy::now());
        let put = self.runtime.block_on(self.table.put_health(&self.workspace, &self.webhook, &enabled));
        assert_eq!(put, Ok(true), "nobody else changes the health of a disabled webhook");
    }
}
