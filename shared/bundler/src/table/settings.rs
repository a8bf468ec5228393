//! A webhook's settings, its health, and whether references of it wait their turn: items of one partition, read by one
//! query.

use super::{
    at,
    item::{DUE_PK, DUE_SK, Item, ItemError, ItemKey, wrong},
    turn::{REVISION, Turn},
};
use crate::{
    health::Health,
    id::{WebhookId, WorkspaceId},
    settings::{Gathering, Settings, Standing, Webhook},
};
use serde::de::DeserializeOwned;

/// The sort key of a webhook's health, and the attribute that holds it.
pub(super) const HEALTH: &str = "health";

/// The partition key of a webhook.
pub fn partition(workspace: &WorkspaceId, webhook: &WebhookId) -> String {
    format!("hook#{workspace}#{webhook}")
}

pub fn settings_key(workspace: &WorkspaceId, webhook: &WebhookId) -> ItemKey {
    ItemKey { pk: partition(workspace, webhook), sk: "settings".to_owned() }
}

pub fn settings_to_item(workspace: &WorkspaceId, webhook: &WebhookId, settings: &Settings) -> Item {
    // Strings and integers under names: there is nothing in it that JSON cannot write.
    Item::new(settings_key(workspace, webhook)).text("settings", serde_json::to_string(settings).unwrap_or_default())
}

/// What gathering goes by, of the same item.
pub fn gathering_from_item(item: &Item) -> Result<Gathering, ItemError> {
    read(item, "settings")
}

pub fn health_key(workspace: &WorkspaceId, webhook: &WebhookId) -> ItemKey {
    ItemKey { pk: partition(workspace, webhook), sk: HEALTH.to_owned() }
}

/// It stands in the index for as long as somebody has to look at the webhook.
pub fn health_to_item(workspace: &WorkspaceId, webhook: &WebhookId, health: &Health) -> Item {
    let item = Item::new(health_key(workspace, webhook))
        .text(HEALTH, serde_json::to_string(health).unwrap_or_default())
        .number(REVISION, health.revision);
    match health.next_look() {
        Some(look) => item.text(DUE_PK, at::PARTITION).text(DUE_SK, look.key()),
        None => item,
    }
}

fn health_from_item(item: &Item) -> Result<Health, ItemError> {
    let health: Health = read(item, HEALTH)?;
    // The first ones had no revision.
    Ok(Health { revision: item.get_number(REVISION).unwrap_or(0), ..health })
}

/// The webhook from all items of its partition; nothing if it has no settings. One without health has never failed.
pub fn webhook_from_items(items: &[Item]) -> Result<Option<Webhook>, ItemError> {
    let parts = parts::<Settings>(items)?;
    Ok(parts.map(|(settings, health, turn)| Webhook { settings, health, turn }))
}

/// How the webhook stands, of the same items.
pub fn standing_from_items(items: &[Item]) -> Result<Option<Standing>, ItemError> {
    let parts = parts::<Gathering>(items)?;
    Ok(parts.map(|(gathering, health, turn)| Standing { gathering, health, turn }))
}

fn parts<S: DeserializeOwned>(items: &[Item]) -> Result<Option<(S, Health, Option<Turn>)>, ItemError> {
    let find = |sk: &str| items.iter().find(|item| item.key.sk == sk);
    let Some(settings) = find("settings").map(|item| read(item, "settings")).transpose()? else {
        return Ok(None);
    };
    let health = find(HEALTH).map(health_from_item).transpose()?.unwrap_or_default();
    let turn = find("turn").map(Turn::from_item).transpose()?;
    Ok(Some((settings, health, turn)))
}

fn read<T: DeserializeOwned>(item: &Item, name: &'static str) -> Result<T, ItemError> {
    // serde's own words may repeat content: only where it stopped is told.
    serde_json::from_str(item.get_text(name)?)
        .map_err(|error| wrong(name, format!("is not what it should be, at column {}", error.column())))
}
