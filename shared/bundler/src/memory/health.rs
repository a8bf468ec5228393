//! What is asked of the table in memory about webhooks that do not take what they are sent.

use super::{consumed::Consistency, store::Request, table::MemoryTable};
use crate::{
    health::Health,
    id::{WebhookId, WorkspaceId},
    limits,
    owner::Changed,
    ports::{Answer, CreateWebhook, HeldPage, OwnerTable, Page, PutHealth, ReadActions, ReadHeld},
    settings::Settings,
    table::{
        Item,
        action::{self, Action},
        item::IndexKey,
        lane::HeldKind,
        settings::{self, If},
        turn::REVISION,
    },
};

impl PutHealth for MemoryTable {
    async fn put_health(&self, workspace: &WorkspaceId, webhook: &WebhookId, health: &Health) -> Answer<bool> {
        let item = settings::health_to_item(workspace, webhook, &health.risen());
        self.store.request("putting health", |request| {
            let is_as_read = revision(request.standing(&item)) == health.revision;
            if is_as_read {
                request.put(item);
            }
            is_as_read
        })
    }
}

impl OwnerTable for MemoryTable {
    async fn put_settings_and_health(&self, changed: &Changed) -> Answer<bool> {
        let settings = settings::settings_key(&changed.workspace, &changed.webhook);
        let puts = settings::changed_to_puts(changed);
        self.store.transaction("changing a webhook", |request| {
            let is_as_read = puts.iter().all(|(item, condition)| match condition {
                If::AsRead(_, read) => revision(request.standing(item)) == *read,
                If::Free => request.standing(item).is_none(),
                If::Always => true,
            });
            let is_met = is_as_read && request.get(&settings).is_some();
            if is_met {
                for (item, _) in puts {
                    request.put(item);
                }
            }
            is_met
        })
    }
}

impl CreateWebhook for MemoryTable {
    async fn put_new_settings(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        settings: &Settings,
    ) -> Answer<bool> {
        let item = settings::settings_to_item(workspace, webhook, settings);
        self.store.request("creating a webhook", |request| {
            let is_free = request.standing(&item).is_none();
            if is_free {
                request.put(item);
            }
            is_free
        })
    }
}

impl ReadActions for MemoryTable {
    async fn read_actions(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Page<Action>> {
        let pk = action::partition(workspace, webhook);
        let last = |request: &mut Request<'_>| -> Vec<Item> {
            request.range_back(&pk, None).take(limits::RECENT_ACTIONS).cloned().collect()
        };
        let items = self.store.read("reading actions", Consistency::Strong, last)?;
        Ok(Page::of(&items, None, Action::from_item))
    }
}

/// As a condition compares: none is that of an item that is not there, or of one of the first.
pub(super) fn revision(stored: Option<&Item>) -> u64 {
    stored.and_then(|stored| stored.get_number(REVISION).ok()).unwrap_or(0)
}

impl ReadHeld for MemoryTable {
    async fn read_held(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        kind: HeldKind,
        after: Option<&IndexKey>,
    ) -> Answer<HeldPage> {
        let partition = kind.partition(workspace, webhook);
        let read = |request: &mut Request<'_>| request.index(&partition, ALL, after);
        let (keys, after) = self.store.read("reading what is held", Consistency::Eventual, read)?;
        Ok(HeldPage::of(&keys, after))
    }
}

/// Behind every key of the index: those are ASCII.
const ALL: &str = "\u{10ffff}";
