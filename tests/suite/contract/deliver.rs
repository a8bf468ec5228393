//! `DeliverTable`: webhooks, outcomes and attempts.

use super::{
    Tables, rules,
    values::{DUE, NEXT_DUE, bundle, event, in_bucket, in_lane, lane, now, outcome, workspace},
};
use crate::world::at;
use bundler::{
    attempt::{Attempt, Body, Document, ErrorClass, Failure, Response},
    delivery::{DeliveryKey, Subject},
    health::{Health, State},
    id::{KeyPart, WebhookId},
    ports::{DeliverTable, ReadAttempted, ReadAttempts, ReadDelivery, ReadLaneMessage, ReadStanding, ReadWebhook},
    settings::{Settings, Standing, Webhook},
    signature::SigningSecret,
    table::{
        Item,
        attempt::{self, Attempted},
        lane::{DeliveryState, LaneMessage},
        settings,
        turn::Turn,
    },
    timestamp::Timestamp,
    window::Granularity,
};
use std::time::Duration;

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
    a_receipt_says_that_its_delivery_arrived_whatever_else_is_recorded,
    an_outcome_that_is_not_delivered_is_not_written_where_a_receipt_stands,
    a_receipt_stands_as_it_was_first_put_and_is_an_attempt,
    attempts_are_read_from_the_last_to_the_first_in_pages_of_a_hundred,
    what_was_attempted_is_read_in_order_from_a_moment_on,
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
    for (items, health, turn) in
        [(&items[..1], healthy, None), (&items, health.clone(), None), (&all, health, Some(turn))]
    {
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

/// The record of a request that got no answer.
pub(crate) fn attempt(key: &DeliveryKey, number: u32, started: Timestamp) -> Attempt {
    Attempt {
        key: key.clone(),
        document: Document { part: 0, parts: 1, attempt: number },
        messages: 2,
        missing_files: Vec::new(),
        started,
        duration_ms: 12,
        url: "https://example.org/hook".to_owned(),
        request_headers: vec![("webhook-id".to_owned(), key.webhook_id(0))],
        request_body: Body::of(b"{}"),
        error: Some(ErrorClass::Timeout),
        result: Err(Failure { class: ErrorClass::Timeout, detail: "no answer".to_owned() }),
    }
}

async fn attempts_all_stand_and_a_repeated_one_is_one(tables: &impl Tables) {
    let (one, other) = (bundle(&lane("1"), DUE), bundle(&lane("2"), DUE));
    // Two deliveries of one webhook may be attempted at the same moment.
    let started = at("2021-02-24T17:00:45.125Z");
    let attempts = [attempt(&one, 1, started), attempt(&one, 2, started), attempt(&other, 1, started)];
    let table = tables.holding(Vec::new()).await;
    for attempt in attempts.iter().chain([&attempts[0]]) {
        table.put_attempt(attempt).await.expect("an attempt is put");
    }
    let items = tables.items(&table).await;
    let stored: Vec<_> = items.iter().map(|item| attempt::from_item(item).expect("an attempt")).collect();
    assert_eq!(stored.len(), attempts.len());
    assert!(attempts.iter().all(|attempt| stored.contains(attempt)));
}

pub(crate) fn receipt(key: &DeliveryKey) -> Attempt {
    let response = Response { status: 200, headers: Vec::new(), body: Body::of(b""), body_is_cut: false };
    Attempt { error: None, result: Ok(response), ..attempt(key, 1, at("2021-02-24T17:02:45.125Z")) }
}

async fn a_receipt_says_that_its_delivery_arrived_whatever_else_is_recorded(tables: &impl Tables) {
    let cut = |moment| Subject::Bundle { due: at(DUE), cut: Some(at(moment)) };
    let of_cut = |moment| DeliveryKey { lane: lane("1"), subject: cut(moment) };
    let keys = [bundle(&lane("1"), DUE), of_cut("2021-02-24T16:30:00Z")];
    let others = [bundle(&lane("2"), DUE), bundle(&lane("1"), NEXT_DUE), of_cut("2021-02-24T16:31:00Z")];
    for key in &keys {
        for before in [None, Some(DeliveryState::Held), Some(DeliveryState::Delivered)] {
            let stands = before.map(|state| outcome(key, state, 3, 1).to_item(now()));
            let table = tables.holding(stands.into_iter().collect()).await;
            table.put_receipt(&receipt(key)).await.expect("a receipt is put");
            let delivered = outcome(key, DeliveryState::Delivered, 1, 1);
            assert_eq!(table.read_delivery(key).await, Ok(Some(delivered)), "{before:?}");
            for other in keys.iter().chain(&others).filter(|other| *other != key) {
                assert_eq!(table.read_delivery(other).await, Ok(None));
            }
        }
    }
}

async fn an_outcome_that_is_not_delivered_is_not_written_where_a_receipt_stands(tables: &impl Tables) {
    let key = bundle(&lane("1"), DUE);
    let table = tables.holding(Vec::new()).await;
    table.put_receipt(&receipt(&key)).await.expect("a receipt is put");
    let stands = tables.items(&table).await;
    for state in STATES.into_iter().filter(|state| *state != DeliveryState::Delivered) {
        assert_eq!(table.put_delivery(&outcome(&key, state, 9, 9), now()).await, Ok(()), "no error either");
        assert_eq!(tables.items(&table).await, stands, "{state:?}");
    }
    let beside = outcome(&bundle(&lane("2"), DUE), DeliveryState::Held, 1, 0);
    table.put_delivery(&beside, now()).await.expect("an outcome is put");
    assert_eq!(tables.items(&table).await.len(), 2);
}

async fn a_receipt_stands_as_it_was_first_put_and_is_an_attempt(tables: &impl Tables) {
    let key = bundle(&lane("1"), DUE);
    let table = tables.holding(Vec::new()).await;
    let (first, second) = (receipt(&key), Attempt { started: at("2021-02-24T17:03:00Z"), ..receipt(&key) });
    for receipt in [&first, &second] {
        assert_eq!(table.put_receipt(receipt).await, Ok(()), "no error either");
    }
    table.put_attempt(&second).await.expect("an attempt is put");
    let page = table.read_attempts(&key.lane.workspace, &key.lane.webhook, None).await.expect("a page");
    assert_eq!((page.rows, page.unreadable), (vec![second, first], 0));
}

async fn attempts_are_read_from_the_last_to_the_first_in_pages_of_a_hundred(tables: &impl Tables) {
    let (acme, hook) = (workspace("acme"), WebhookId::first());
    let mut begun: Vec<_> = (0..130).map(|number| now().plus(Duration::from_millis(number * 500))).collect();
    let key = bundle(&lane("1"), DUE);
    let attempts = begun.iter().map(|started| attempt::to_item(&attempt(&key, 1, *started)));
    let mut of_another = key.clone();
    of_another.lane.workspace = workspace("acme2");
    let beside = attempt::to_item(&attempt(&of_another, 1, now()));
    let mut unreadable = attempt::to_item(&attempt(&key, 1, now().minus(Duration::from_secs(1))));
    unreadable.attributes.clear();
    let table = tables.holding(attempts.chain([beside, unreadable]).collect()).await;
    begun.reverse();
    let (mut read, mut pages, mut before) = (Vec::new(), Vec::new(), None::<String>);
    loop {
        let page = table.read_attempts(&acme, &hook, before.as_deref()).await.expect("a page");
        pages.push((page.rows.len(), page.unreadable));
        read.extend(page.rows.into_iter().map(|attempt| attempt.started));
        before = page.after;
        if before.is_none() {
            break;
        }
    }
    assert_eq!((read, pages), (begun, vec![(100, 0), (30, 1)]));
    let page = table.read_attempts(&acme, &hook, Some(&now().key())).await.expect("a page");
    assert_eq!((page.rows.len(), page.unreadable, page.after), (0, 1, None), "before a key that no item has");
}

async fn what_was_attempted_is_read_in_order_from_a_moment_on(tables: &impl Tables) {
    let (acme, hook) = (workspace("acme"), WebhookId::first());
    let begun = |seconds| now().plus(Duration::from_secs(seconds));
    let message = DeliveryKey {
        lane: lane("a#b"),
        subject: Subject::Message { timestamp: at(SENT), message: KeyPart::of("x#y") },
    };
    let document = Document { part: 2, parts: 3, attempt: 4 };
    let failed =
        [attempt(&bundle(&lane("1"), DUE), 1, begun(1)), Attempt { document, ..attempt(&message, 4, begun(3)) }];
    let mut unreadable = attempt::to_item(&attempt(&message, 1, begun(2)));
    unreadable.attributes.clear();
    let mut of_another = bundle(&lane("1"), DUE);
    of_another.lane.workspace = workspace("acme2");
    let beside = attempt::to_item(&attempt(&of_another, 1, begun(1)));
    let receipt = receipt(&bundle(&lane("2"), DUE));
    let items = failed.iter().map(attempt::to_item).chain([attempt::receipt_to_item(&receipt), beside, unreadable]);
    let table = tables.holding(items.collect()).await;
    let row = |of: &Attempt, item: Item, at, is_taken| Attempted {
        sk: item.key.sk,
        key: of.key.clone(),
        part: of.document.part,
        at,
        is_taken,
        messages: 2,
    };
    let of_failed = |place: usize, at| row(&failed[place], attempt::to_item(&failed[place]), at, false);
    let of_receipt = row(&receipt, attempt::receipt_to_item(&receipt), at(DUE), true);
    let rows = [of_receipt, of_failed(0, begun(1)), of_failed(1, begun(3))];
    for (after, expected) in [(at(DUE), &rows[..]), (begun(1), &rows[1..]), (begun(2), &rows[2..]), (begun(4), &[])] {
        let page = table.read_attempted(&acme, &hook, &after.key()).await.expect("a page");
        let unreadable = u64::from(after <= begun(2));
        assert_eq!((page.rows.as_slice(), page.unreadable, page.after), (expected, unreadable, None), "{after:?}");
    }
    let behind = attempt::to_item(&failed[0]).key.sk;
    let page = table.read_attempted(&acme, &hook, &behind).await.expect("a page");
    assert_eq!(page.rows, rows[2..], "behind a key is not that key");
}
