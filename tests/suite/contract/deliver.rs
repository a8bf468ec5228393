//! `DeliverTable`: webhooks, outcomes and attempts.

use super::{
    Tables, rules,
    values::{DUE, NEXT_DUE, bundle, event, in_bucket, in_lane, lane, now, outcome, workspace},
};
use crate::world::at;
use bundler::{
    attempt::{Attempt, Body, ErrorClass, Failure},
    delivery::{DeliveryKey, Subject},
    health::{Health, State},
    id::{KeyPart, WebhookId},
    ports::{DeliverTable, ReadDelivery, ReadStanding, ReadWebhook},
    settings::{Settings, Standing, Webhook},
    signature::SigningSecret,
    table::{
        Item, attempt,
        lane::{DeliveryState, LaneMessage},
        settings,
        turn::Turn,
    },
    window::Granularity,
};

rules! { Tables:
    a_webhook_is_its_settings_its_health_and_its_turn,
    an_outcome_reads_back_and_a_later_one_takes_its_place,
    an_outcome_leaves_what_is_delivered_as_it_is,
    an_outcome_leaves_one_with_more_parts_done_as_it_is,
    only_what_is_held_stands_in_the_index,
    a_lane_message_is_read_by_its_lane_timestamp_and_id,
    a_lane_messages_outcome_changes_nothing_else_of_it,
    the_outcome_of_a_lane_message_that_is_gone_or_delivered_is_not_written,
    attempts_all_stand_and_a_repeated_one_is_one,
}

const SENT: &str = "2021-02-24T16:25:29Z";
const STATES: [DeliveryState; 4] =
    [DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::Held, DeliveryState::Failed];

async fn a_webhook_is_its_settings_its_health_and_its_turn(tables: &impl Tables) {
    let (acme, hook) = (workspace("acme"), WebhookId::first());
    let settings =
        Settings::new("https://example.org".to_owned(), Granularity::None, SigningSecret::from_bytes([1; 32]));
    let state = State::Failing { since: now(), probe_at: at(DUE), probe: None };
    let health = Health { epoch: 2, consecutive_errors: 3, error_sequence: 4, revision: 5, state, ..Health::default() };
    let items = [settings::settings_to_item(&acme, &hook, &settings), settings::health_to_item(&acme, &hook, &health)];
    let healthy = Health::default();
    let turn = Turn { revision: 5 };
    let all = [&items[..], &[turn.to_item(&acme, &hook, now())]].concat();
    for (items, health, turn) in [(&items[..1], healthy, None), (&items, health.clone(), None), (&all, health, Some(turn))] {
        let table = tables.holding(items.to_vec()).await;
        let webhook = Webhook { settings: settings.clone(), health: health.clone(), turn };
        assert_eq!(table.read_webhook(&acme, &hook).await, Ok(Some(webhook)));
        let standing = Standing { gathering: settings.gathering(), health, turn };
        assert_eq!(table.read_standing(&acme, &hook).await, Ok(Some(standing)));
        assert_eq!(table.read_webhook(&workspace("acme2"), &hook).await, Ok(None));
        assert_eq!(table.read_standing(&workspace("acme2"), &hook).await, Ok(None));
    }
    let table = tables.holding(items[1..].to_vec()).await;
    assert_eq!(table.read_webhook(&acme, &hook).await, Ok(None), "health without settings is no webhook");
    assert_eq!(table.read_standing(&acme, &hook).await, Ok(None));
}

async fn an_outcome_reads_back_and_a_later_one_takes_its_place(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let key = bundle(&lane("1"), DUE);
    assert_eq!(table.read_delivery(&key).await, Ok(None));
    let outcomes = [(DeliveryState::Held, 1, 0), (DeliveryState::Pending, 2, 1), (DeliveryState::Held, 3, 1)];
    for (state, attempts, parts) in outcomes.into_iter().chain([(DeliveryState::Delivered, 4, 2)]) {
        let delivery = outcome(&key, state, attempts, parts);
        table.put_delivery(&delivery, now()).await.expect("an outcome is put");
        assert_eq!(table.read_delivery(&key).await, Ok(Some(delivery.clone())));
        assert_eq!(tables.items(&table).await, [delivery.to_item(now())]);
    }
    assert_eq!(table.read_delivery(&bundle(&lane("1"), NEXT_DUE)).await, Ok(None));
    assert_eq!(table.read_delivery(&bundle(&lane("2"), DUE)).await, Ok(None));
}

async fn an_outcome_leaves_what_is_delivered_as_it_is(tables: &impl Tables) {
    let key = bundle(&lane("1"), DUE);
    for state in STATES {
        let delivered = outcome(&key, DeliveryState::Delivered, 1, 1).to_item(now());
        let table = tables.holding(vec![delivered.clone()]).await;
        assert_eq!(table.put_delivery(&outcome(&key, state, 9, 9), now()).await, Ok(()), "no error either");
        assert_eq!(tables.items(&table).await, [delivered]);
    }
}

async fn an_outcome_leaves_one_with_more_parts_done_as_it_is(tables: &impl Tables) {
    let key = bundle(&lane("1"), DUE);
    let further = outcome(&key, DeliveryState::Held, 3, 2).to_item(now());
    let table = tables.holding(vec![further.clone()]).await;
    for state in STATES {
        assert_eq!(table.put_delivery(&outcome(&key, state, 9, 1), now()).await, Ok(()), "no error either");
        assert_eq!(tables.items(&table).await.as_slice(), std::slice::from_ref(&further), "{state:?}");
    }
}

async fn only_what_is_held_stands_in_the_index(tables: &impl Tables) {
    let message = in_lane(&lane("1"), event(SENT, "a", "text"));
    let (bundle, by_itself) = (bundle(&lane("1"), DUE), message.delivery());
    let table = tables.holding(vec![message.to_item()]).await;
    for state in [DeliveryState::Held, DeliveryState::Pending, DeliveryState::Held, DeliveryState::Delivered] {
        table.put_delivery(&outcome(&bundle, state, 1, 0), now()).await.expect("an outcome is put");
        table.set_lane_progress(&outcome(&by_itself, state, 1, 0)).await.expect("an outcome is set");
        let is_indexed = |item: &Item| ["due_pk", "due_sk"].map(|name| item.attributes.contains_key(name));
        let indexed: Vec<_> = tables.items(&table).await.iter().map(is_indexed).collect();
        assert_eq!(indexed, [[state == DeliveryState::Held; 2]; 2], "{state:?}");
    }
}

async fn a_lane_message_is_read_by_its_lane_timestamp_and_id(tables: &impl Tables) {
    let messages = [("1", SENT, "a"), ("1", SENT, "b#/ é"), ("1", "2021-02-24T16:25:29.5Z", "a"), ("1 1", SENT, "a")]
        .map(|(chat, sent, id)| in_lane(&lane(chat), event(sent, id, "text")));
    let beside = in_bucket(&lane("1"), DUE, event(SENT, "c", "text")).to_item();
    let table = tables.holding(messages.iter().map(LaneMessage::to_item).chain([beside]).collect()).await;
    for message in &messages {
        let Subject::Message { timestamp, message: id } = message.delivery().subject else { panic!("a message") };
        assert_eq!(table.read_lane_message(&message.lane, timestamp, &id).await, Ok(Some(message.clone())));
    }
    assert_eq!(table.read_lane_message(&lane("1"), at(SENT), &KeyPart::of("c")).await, Ok(None));
}

async fn a_lane_messages_outcome_changes_nothing_else_of_it(tables: &impl Tables) {
    let message = in_lane(&lane("1"), event(SENT, "a", "text"));
    let table = tables.holding(vec![message.to_item()]).await;
    let outcomes = [(DeliveryState::Held, 1, 0), (DeliveryState::Failed, 2, 0), (DeliveryState::Delivered, 3, 1)];
    for (state, attempts, parts) in outcomes {
        let reached = outcome(&message.delivery(), state, attempts, parts);
        table.set_lane_progress(&reached).await.expect("an outcome is set");
        let stored = tables.items(&table).await;
        let mut expected = LaneMessage { progress: reached.progress, ..message.clone() }.to_item();
        expected.attributes.extend(reached.outcome());
        assert_eq!(stored, [expected], "{state:?}");
    }
}

async fn the_outcome_of_a_lane_message_that_is_gone_or_delivered_is_not_written(tables: &impl Tables) {
    let message = in_lane(&lane("1"), event(SENT, "a", "text"));
    let held = outcome(&message.delivery(), DeliveryState::Held, 2, 0);
    let table = tables.holding(Vec::new()).await;
    assert_eq!(table.set_lane_progress(&held).await, Ok(()), "no error either");
    assert_eq!(tables.items(&table).await, []);
    let progress = outcome(&message.delivery(), DeliveryState::Delivered, 1, 1).progress;
    let delivered = LaneMessage { progress, ..message }.to_item();
    let table = tables.holding(vec![delivered.clone()]).await;
    assert_eq!(table.set_lane_progress(&held).await, Ok(()), "no error either");
    assert_eq!(tables.items(&table).await, [delivered]);
}

async fn attempts_all_stand_and_a_repeated_one_is_one(tables: &impl Tables) {
    let attempt = |key: &DeliveryKey, number: u32| Attempt {
        lane: key.lane.clone(),
        webhook_id: key.webhook_id(0),
        number,
        // Two deliveries of one webhook may be attempted at the same moment.
        started: at("2021-02-24T17:00:45.125Z"),
        duration_ms: 12,
        url: "https://example.org/hook".to_owned(),
        request_headers: vec![("webhook-id".to_owned(), key.webhook_id(0))],
        request_body: Body::of(b"{}"),
        error: Some(ErrorClass::Timeout),
        result: Err(Failure { class: ErrorClass::Timeout, detail: "no answer".to_owned() }),
    };
    let (one, other) = (bundle(&lane("1"), DUE), bundle(&lane("2"), DUE));
    let attempts = [attempt(&one, 1), attempt(&one, 2), attempt(&other, 1)];
    let table = tables.holding(Vec::new()).await;
    for attempt in attempts.iter().chain([&attempts[0]]) {
        table.put_attempt(attempt).await.expect("an attempt is put");
    }
    let items = tables.items(&table).await;
    let stored: Vec<_> = items.iter().map(|item| attempt::from_item(item).expect("an attempt")).collect();
    assert_eq!(stored.len(), attempts.len());
    assert!(attempts.iter().all(|attempt| stored.contains(attempt)));
}
