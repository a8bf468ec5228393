//! `PutHealth`, `ReadHeld` and their like: webhooks that do not take what they are sent, and what is held for them.

use super::{
    Tables, rules,
    values::{DUE, NEXT_DUE, bundle, event, in_lane, lane, now, workspace},
};
use crate::world::at;
use bundler::{
    delivery::DeliveryKey,
    health::{Health, State, Why},
    id::{WebhookId, WorkspaceId},
    owner::Changed,
    ports::{
        CreateWebhook, DeliverTable, GatherTable, OwnerTable, PutHealth, ReadActions, ReadHeld, ReadSettings,
        ReadStanding, ReadWebhook, SweepTable,
    },
    settings::{Settings, Switch},
    signature::SigningSecret,
    table::{
        Item,
        action::{Action, ActionKind},
        at::Appointment,
        lane::{Delivery, DeliveryState, Held, HeldKind, Progress},
        settings,
    },
    timestamp::Timestamp,
    window::Granularity,
};
use std::time::Duration;

rules! { Tables:
    health_is_put_if_it_is_still_the_one_that_was_read,
    health_stands_in_the_index_as_long_as_somebody_has_to_look,
    stopping_is_written_with_its_health_or_not_at_all,
    settings_and_health_are_written_together_over_what_was_read_or_not_at_all,
    a_new_webhook_is_put_where_there_is_none_and_nowhere_else,
    a_change_takes_the_stop_away_with_what_stopped_it,
    the_last_ten_actions_of_a_webhook_are_read_newest_first,
    what_is_held_is_read_by_webhook_and_kind_in_order,
    an_attempt_takes_a_held_delivery_from_one_kind_to_the_other_and_out,
    what_a_lane_holds_unattempted_is_read_of_it_alone,
}

fn hook() -> (WorkspaceId, WebhookId) {
    (workspace("acme"), WebhookId::first())
}

fn settings() -> Item {
    let settings =
        Settings::new("https://example.org".to_owned(), Granularity::None, SigningSecret::from_bytes([1; 32]));
    settings::settings_to_item(&workspace("acme"), &WebhookId::first(), &settings)
}

fn failing(errors: u32, probe_at: &str) -> Health {
    let state = State::Failing { since: now(), probe_at: at(probe_at), probe: None };
    Health { consecutive_errors: errors, state, ..Health::default() }
}

async fn health_is_put_if_it_is_still_the_one_that_was_read(tables: &impl Tables) {
    let (acme, hook) = hook();
    let table = tables.holding(vec![settings()]).await;
    let read = async || table.read_webhook(&acme, &hook).await.expect("a webhook").expect("a webhook").health;
    let first = failing(1, DUE);
    assert_eq!(table.put_health(&acme, &hook, &first).await, Ok(true), "none was read, and none stands there");
    assert_eq!(read().await, first.risen());
    let late = failing(7, DUE);
    assert_eq!(table.put_health(&acme, &hook, &late).await, Ok(false), "none was read, and one stands there");
    let second = Health { revision: 1, ..failing(2, DUE) };
    assert_eq!(table.put_health(&acme, &hook, &second).await, Ok(true));
    assert_eq!(table.put_health(&acme, &hook, &second).await, Ok(false), "it has risen");
    assert_eq!(read().await, second.risen());
    let gone = tables.holding(vec![settings()]).await;
    assert_eq!(gone.put_health(&acme, &hook, &second).await, Ok(false), "what was read is gone");
    assert_eq!(tables.items(&gone).await.len(), 1);
}

async fn health_stands_in_the_index_as_long_as_somebody_has_to_look(tables: &impl Tables) {
    let (acme, hook) = hook();
    let table = tables.holding(vec![settings()]).await;
    let looks = async |until: &str| table.read_appointments(at(until), None).await.expect("a page").rows;
    let appointment = Appointment::Health { workspace: acme.clone(), webhook: hook.clone() };
    table.put_health(&acme, &hook, &failing(1, DUE)).await.expect("health");
    assert_eq!(looks("2021-02-24T16:59:59Z").await, Vec::new());
    assert_eq!(looks(DUE).await, [appointment]);
    table.put_health(&acme, &hook, &Health { revision: 1, ..Health::default() }).await.expect("health");
    assert_eq!(looks(NEXT_DUE).await, Vec::new(), "nobody has to look at one that is healthy");
}

async fn stopping_is_written_with_its_health_or_not_at_all(tables: &impl Tables) {
    let (acme, hook) = hook();
    let health = failing(3, DUE);
    let table = tables.holding(vec![settings()]).await;
    let switch = async || table.read_settings(&acme, &hook).await.expect("settings").expect("settings").switch;
    let late = Health { revision: 4, ..health.clone() };
    assert_eq!(table.stop_storing(&acme, &hook, &late).await, Ok(false));
    assert_eq!((switch().await, tables.items(&table).await.len()), (Switch::On, 1), "neither is written");
    assert_eq!(table.stop_storing(&acme, &hook, &health).await, Ok(true));
    assert_eq!(switch().await, Switch::Off, "nothing more is stored");
    let standing = table.read_standing(&acme, &hook).await.expect("standing").expect("standing");
    assert_eq!(standing.health, health.risen());
    let empty = tables.holding(Vec::new()).await;
    assert_eq!(empty.stop_storing(&acme, &hook, &health).await, Ok(false), "there is no such webhook");
    assert_eq!(tables.items(&empty).await, Vec::new());
}

fn changed(settings: Settings, health: Health) -> Changed {
    let ((workspace, webhook), action) = (hook(), Action { at: now(), kind: ActionKind::UrlChanged });
    Changed { workspace, webhook, settings, health, actions: vec![action], added: None }
}

async fn settings_and_health_are_written_together_over_what_was_read_or_not_at_all(tables: &impl Tables) {
    let (acme, hook) = hook();
    let table = tables.holding(vec![settings()]).await;
    let read = async || table.read_webhook(&acme, &hook).await.expect("a webhook").expect("a webhook");
    let webhook = read().await;
    let first = changed(Settings { url: "https://example.com".to_owned(), ..webhook.settings }, failing(1, DUE));
    for (of_settings, of_health) in [(7, 0), (0, 7)] {
        let other = Settings { revision: of_settings, ..first.settings.clone() };
        let health = Health { revision: of_health, ..failing(7, DUE) };
        let late = Changed { settings: other, health, ..first.clone() };
        assert_eq!(table.put_settings_and_health(&late).await, Ok(false), "one of them is another");
        assert_eq!(tables.items(&table).await, [settings()], "nothing is written");
    }
    assert_eq!(table.put_settings_and_health(&first).await, Ok(true));
    let after = read().await;
    assert_eq!((&after.settings, &after.health), (&first.settings.risen(), &first.health.risen()));
    assert!(tables.items(&table).await.contains(&first.actions[0].to_item(&acme, &hook)));
    assert_eq!(table.put_settings_and_health(&first).await, Ok(false), "they have risen");
    let again = changed(after.settings, after.health);
    assert_eq!(table.put_settings_and_health(&again).await, Ok(true));
    let empty = tables.holding(Vec::new()).await;
    assert_eq!(empty.put_settings_and_health(&first).await, Ok(false), "there is no such webhook");
    assert_eq!(tables.items(&empty).await, Vec::new());
}

async fn a_new_webhook_is_put_where_there_is_none_and_nowhere_else(tables: &impl Tables) {
    let (acme, hook) = hook();
    let table = tables.holding(Vec::new()).await;
    let new = |url: &str| Settings::new(url.to_owned(), Granularity::Hours6, SigningSecret::from_bytes([2; 32]));
    let first = new("https://example.org/1");
    assert_eq!(table.put_new_settings(&acme, &hook, &first).await, Ok(true));
    let stands = tables.items(&table).await;
    assert_eq!(stands, [settings::settings_to_item(&acme, &hook, &first)]);
    for again in [&first, &new("https://example.org/2")] {
        assert_eq!(table.put_new_settings(&acme, &hook, again).await, Ok(false));
        assert_eq!(tables.items(&table).await, stands);
    }
    assert_eq!(table.put_new_settings(&workspace("globex"), &hook, &first).await, Ok(true), "another workspace's");
}

async fn a_change_takes_the_stop_away_with_what_stopped_it(tables: &impl Tables) {
    let (acme, hook) = hook();
    let table = tables.holding(vec![settings()]).await;
    let disabled = |revision| {
        let state = State::Disabled { since: now(), why: Why::Errors, stopped: true };
        Health { state, revision, ..Health::default() }
    };
    assert_eq!(table.stop_storing(&acme, &hook, &disabled(0)).await, Ok(true));
    let switch = async || table.read_settings(&acme, &hook).await.expect("settings").expect("settings").switch;
    let read = table.read_webhook(&acme, &hook).await.expect("a webhook").expect("a webhook").settings;
    assert_eq!(table.put_settings_and_health(&changed(read.clone(), disabled(1))).await, Ok(true));
    assert_eq!(switch().await, Switch::Off, "it is disabled still");
    let enabled = Health { revision: 2, ..Health::default() };
    assert_eq!(table.put_settings_and_health(&changed(read.risen(), enabled)).await, Ok(true));
    assert_eq!(switch().await, Switch::On);
}

async fn the_last_ten_actions_of_a_webhook_are_read_newest_first(tables: &impl Tables) {
    let (acme, hook) = hook();
    let action = |minute: u64| {
        let kind = if minute.is_multiple_of(2) { ActionKind::SwitchedOn } else { ActionKind::SwitchedOff };
        Action { at: now().plus(Duration::from_secs(minute * 60)), kind }
    };
    let mut items: Vec<Item> = (0..12).map(|minute| action(minute).to_item(&acme, &hook)).collect();
    items.push(action(20).to_item(&workspace("acme2"), &hook));
    items[11].key.sk.push('?');
    let page = tables.holding(items).await.read_actions(&acme, &hook).await.expect("a page");
    assert_eq!(page.rows, (2..11).rev().map(action).collect::<Vec<_>>());
    assert_eq!((page.unreadable, page.after), (1, None));
}

fn held(key: &DeliveryKey, attempts: u32, next: Option<Timestamp>) -> Delivery {
    let progress = Progress { state: DeliveryState::Held, attempts, errors: attempts, next, ..Progress::NONE };
    Delivery { key: key.clone(), progress }
}

async fn what_is_held_is_read_by_webhook_and_kind_in_order(tables: &impl Tables) {
    let (acme, hook) = hook();
    let keys = [bundle(&lane("2"), DUE), bundle(&lane("1"), NEXT_DUE), bundle(&lane("a#b / ç"), NEXT_DUE)];
    let soon = [Some(at("2021-02-24T17:05:00Z")), Some(at("2021-02-24T17:03:00Z"))];
    let table = tables.holding(Vec::new()).await;
    for (key, next) in [(&keys[1], None), (&keys[0], None), (&keys[2], soon[0])] {
        table.put_delivery(&held(key, 1, next), now()).await.expect("it is held");
    }
    let message = in_lane(&lane("3"), event("2021-02-24T16:25:29Z", "1", "text"));
    table.put_in_lane(&message).await.expect("it is put");
    table.set_lane_progress(&held(&message.delivery(), 1, soon[1])).await.expect("it is held");
    let read = async |kind| table.read_held(&acme, &hook, kind, None).await.expect("a page").rows;
    let row = |key: &DeliveryKey, next| Held { key: key.clone(), next };
    assert_eq!(read(HeldKind::Waiting).await, [row(&keys[0], None), row(&keys[1], None)], "by when it was due");
    let retrying = [row(&message.delivery(), soon[1]), row(&keys[2], soon[0])];
    assert_eq!(read(HeldKind::Retrying).await, retrying, "by when it is tried again");
    for kind in [HeldKind::Waiting, HeldKind::Retrying] {
        let other = table.read_held(&workspace("acme2"), &hook, kind, None).await.expect("a page");
        assert_eq!((other.rows, other.unreadable, other.after), (Vec::new(), 0, None));
    }
}

async fn an_attempt_takes_a_held_delivery_from_one_kind_to_the_other_and_out(tables: &impl Tables) {
    let (acme, hook) = hook();
    let table = tables.holding(Vec::new()).await;
    let key = bundle(&lane("1"), DUE);
    let count = async |kind| table.read_held(&acme, &hook, kind, None).await.expect("a page").rows.len();
    let counts = async || (count(HeldKind::Waiting).await, count(HeldKind::Retrying).await);
    table.put_delivery(&held(&key, 0, None), now()).await.expect("it is held");
    assert_eq!(counts().await, (1, 0));
    table.put_delivery(&held(&key, 1, Some(at(NEXT_DUE))), now()).await.expect("it failed");
    assert_eq!(counts().await, (0, 1));
    for state in [DeliveryState::Failed, DeliveryState::Expired, DeliveryState::Dropped, DeliveryState::Delivered] {
        let progress = Progress { state, attempts: 2, ..Progress::NONE };
        table.put_delivery(&Delivery { key: key.clone(), progress }, now()).await.expect("it is over");
        assert_eq!(counts().await, (0, 0), "{state:?}");
    }
}

async fn what_a_lane_holds_unattempted_is_read_of_it_alone(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let (one, other) = (lane("1"), lane("10"));
    let waiting = [bundle(&one, DUE), bundle(&one, NEXT_DUE)];
    for key in waiting.iter().chain([&bundle(&other, DUE)]) {
        table.put_delivery(&held(key, 0, None), now()).await.expect("it is held");
    }
    let attempted = bundle(&one, "2021-02-24T16:00:00Z");
    table.put_delivery(&held(&attempted, 1, None), now()).await.expect("it failed");
    let message = in_lane(&one, event("2021-02-24T16:25:29Z", "1", "text"));
    table.put_in_lane(&message).await.expect("it is put");
    let read = async || table.read_unattempted(&one, None).await.expect("a page").rows;
    assert_eq!(read().await, waiting, "what is pending is on its way");
    table.set_lane_progress(&held(&message.delivery(), 0, None)).await.expect("it is held");
    assert_eq!(read().await, [&waiting[..], &[message.delivery()]].concat());
}
