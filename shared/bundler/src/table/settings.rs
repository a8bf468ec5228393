//! A webhook's settings, its health, and whether references of it wait their turn: items of one partition, read by one
//! query.

use super::{
    at,
    item::{DUE_PK, DUE_SK, Item, ItemError, ItemKey, wrong},
    turn::{REVISION, Turn},
};
use crate::{
    health::{Health, State},
    id::{WebhookId, WorkspaceId},
    owner::Changed,
    settings::{Gathering, Settings, Standing, Switch, Webhook},
};
use serde::de::DeserializeOwned;

/// The sort key of a webhook's settings, and the attribute that holds them.
const SETTINGS: &str = "settings";
/// The attribute of the settings' item that says that nothing more is stored. It goes when settings are put.
pub const STOPPED: &str = "stopped";
/// The sort key of a webhook's health, and the attribute that holds it.
pub(super) const HEALTH: &str = "health";

/// The partition key of a webhook.
pub fn partition(workspace: &WorkspaceId, webhook: &WebhookId) -> String {
    format!("hook#{workspace}#{webhook}")
}

pub fn settings_key(workspace: &WorkspaceId, webhook: &WebhookId) -> ItemKey {
    ItemKey { pk: partition(workspace, webhook), sk: SETTINGS.to_owned() }
}

pub fn settings_to_item(workspace: &WorkspaceId, webhook: &WebhookId, settings: &Settings) -> Item {
    // Strings and integers under names: there is nothing in it that JSON cannot write.
    let item =
        Item::new(settings_key(workspace, webhook)).text(SETTINGS, serde_json::to_string(settings).unwrap_or_default());
    if settings.revision > 0 { item.number(REVISION, settings.revision) } else { item }
}

/// The condition, in DynamoDB's words, that what stands there has the revision that was read: none, of the first ones, or
/// where nothing stands.
pub fn as_read(revision: u64) -> &'static str {
    match revision {
        0 => "attribute_not_exists(#revision) OR #revision = :revision",
        _ => "#revision = :revision",
    }
}

/// What has to be so for one of a change's puts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum If {
    /// What stands there has the revision that was read; in DynamoDB's words.
    AsRead(String, u64),
    /// Nothing stands there.
    Free,
    Always,
}

/// The puts of a change, as they stand once it is written. What is written down about it has no condition.
pub fn changed_to_puts(changed: &Changed) -> Vec<(Item, If)> {
    let Changed { workspace, webhook, settings, health, actions, added } = changed;
    let settings = settings_to_item(workspace, webhook, &settings.risen());
    let settings = match health.state {
        // A change leaves it stopped, as it leaves it disabled.
        State::Disabled { stopped: true, .. } => settings.number(STOPPED, 1),
        State::Disabled { stopped: false, .. } | State::Healthy | State::Failing { .. } | State::Draining { .. } => {
            settings
        }
    };
    let (read, health) = (health.revision, health_to_item(workspace, webhook, &health.risen()));
    // Settings that are gone are not put again: nobody has asked for a new webhook.
    let condition = format!("attribute_exists(pk) AND ({})", as_read(changed.settings.revision));
    let settings = (settings, If::AsRead(condition, changed.settings.revision));
    let health = (health, If::AsRead(as_read(read).to_owned(), read));
    let added = added.iter().map(|(webhook, settings)| (settings_to_item(workspace, webhook, settings), If::Free));
    let actions = actions.iter().map(|action| (action.to_item(workspace, webhook), If::Always));
    [settings, health].into_iter().chain(added).chain(actions).collect()
}

/// What gathering goes by, of the same item. Nothing is stored for one that was disabled for too long.
pub fn gathering_from_item(item: &Item) -> Result<Gathering, ItemError> {
    let gathering: Gathering = read(item, SETTINGS)?;
    let switch = if item.attributes.contains_key(STOPPED) { Switch::Off } else { gathering.switch };
    Ok(Gathering { switch, ..gathering })
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
    // The first ones had no revision.
    let stored = items.iter().find(|item| item.key.sk == SETTINGS).map(|item| item.get_number(REVISION).unwrap_or(0));
    let revision = stored.unwrap_or(0);
    Ok(parts.map(|(settings, health, turn)| Webhook { settings: Settings { revision, ..settings }, health, turn }))
}

/// How the webhook stands, of the same items.
pub fn standing_from_items(items: &[Item]) -> Result<Option<Standing>, ItemError> {
    let parts = parts::<Gathering>(items)?;
    Ok(parts.map(|(gathering, health, turn)| Standing { gathering, health, turn }))
}

fn parts<S: DeserializeOwned>(items: &[Item]) -> Result<Option<(S, Health, Option<Turn>)>, ItemError> {
    let find = |sk: &str| items.iter().find(|item| item.key.sk == sk);
    let Some(settings) = find(SETTINGS).map(|item| read(item, SETTINGS)).transpose()? else {
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
