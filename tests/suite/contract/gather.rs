//! `GatherTable` and `ReadSettings`: conditional writes that leave what stands there as it is.

use super::{
    Tables, rules,
    values::{DUE, NEXT_DUE, event, in_bucket, in_lane, lane, outcome, pointer, to_bucket, workspace},
};
use bundler::{
    id::WebhookId,
    ports::{Content, DeliverTable, GatherTable, Put, PutInLane, ReadSettings},
    settings::Settings,
    signature::SigningSecret,
    table::{
        bucket::Target,
        lane::{DeliveryState, LaneMessage, Progress},
        settings,
    },
    window::Granularity,
};

rules! { Tables:
    settings_are_read_by_workspace_and_webhook,
    of_two_messages_at_one_key_the_first_stands,
    messages_at_different_keys_all_stand,
    a_message_that_finds_a_pointer_is_told_where_it_points_and_changes_nothing,
    a_late_message_is_written_with_its_pointer_in_one_request,
    a_late_message_whose_key_is_taken_writes_neither,
    a_late_message_whose_target_is_taken_writes_neither,
    of_two_lane_messages_at_one_key_the_first_stands_and_its_outcome_is_told,
    a_late_lane_message_is_written_with_its_pointer_in_one_request,
    a_late_lane_message_whose_key_is_taken_writes_neither,
    a_late_lane_message_whose_target_is_taken_writes_neither,
}

const SENT: &str = "2021-02-24T16:25:29Z";

async fn settings_are_read_by_workspace_and_webhook(tables: &impl Tables) {
    let secret = SigningSecret::from_bytes([7; 32]);
    let of = |hook: &WebhookId| {
        let every = if *hook == WebhookId::first() { Granularity::Hours6 } else { Granularity::None };
        Settings::new("https://example.org".to_owned(), every, secret.clone())
    };
    let (first, other) = (WebhookId::first(), WebhookId::parse("other").expect("an id"));
    let keys = [("acme", &first), ("acme", &other), ("acme2", &first)];
    let items = keys.map(|(name, hook)| settings::settings_to_item(&workspace(name), hook, &of(hook)));
    let table = tables.holding(items.into()).await;
    for (name, hook) in keys {
        let read = table.read_settings(&workspace(name), hook).await.expect("settings");
        assert_eq!(read, Some(of(hook).gathering()));
    }
    assert_eq!(table.read_settings(&workspace("nobody"), &first).await, Ok(None));
}

async fn of_two_messages_at_one_key_the_first_stands(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let first = in_bucket(&lane("1"), DUE, event(SENT, "a", "first"));
    assert_eq!(table.put_in_bucket(&first).await, Ok(Put::Stored));
    assert_eq!(tables.items(&table).await, [first.to_item()]);
    let mut second = in_bucket(&lane("1"), DUE, event(SENT, "a", "second"));
    second.at = second.at.plus(std::time::Duration::from_secs(60));
    assert_eq!(table.put_in_bucket(&second).await, Ok(Put::Message(Content::Other)));
    assert_eq!(table.put_in_bucket(&first).await, Ok(Put::Message(Content::Same)));
    assert_eq!(tables.items(&table).await, [first.to_item()]);
}

async fn messages_at_different_keys_all_stand(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let messages = [
        in_bucket(&lane("1"), DUE, event(SENT, "a", "text")),
        in_bucket(&lane("1"), DUE, event(SENT, "b", "text")),
        in_bucket(&lane("1"), DUE, event("2021-02-24T16:25:29.5Z", "a", "text")),
        in_bucket(&lane("1"), NEXT_DUE, event(SENT, "a", "text")),
        in_bucket(&lane("2"), DUE, event(SENT, "a", "text")),
        in_bucket(&lane("1#a"), DUE, event(SENT, "a", "text")),
    ];
    for message in &messages {
        assert_eq!(table.put_in_bucket(message).await, Ok(Put::Stored), "{:?}", message.slot);
    }
    assert_eq!(tables.items(&table).await.len(), messages.len());
}

async fn a_message_that_finds_a_pointer_is_told_where_it_points_and_changes_nothing(tables: &impl Tables) {
    for target in [to_bucket(NEXT_DUE), Target::Lane] {
        let message = in_bucket(&lane("1"), DUE, event(SENT, "a", "text"));
        let standing = pointer(&lane("1"), DUE, &message.event, target.clone()).to_item();
        let table = tables.holding(vec![standing.clone()]).await;
        assert_eq!(table.put_in_bucket(&message).await, Ok(Put::Pointer(target)));
        assert_eq!(tables.items(&table).await, [standing]);
    }
}

async fn a_late_message_is_written_with_its_pointer_in_one_request(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let message = in_bucket(&lane("1"), NEXT_DUE, event(SENT, "a", "late"));
    let pointer = pointer(&lane("1"), DUE, &message.event, to_bucket(NEXT_DUE));
    assert_eq!(table.put_late_in_bucket(&pointer, &message).await, Ok(Put::Stored));
    assert_eq!(tables.items(&table).await, [pointer.to_item(), message.to_item()]);
}

async fn a_late_message_whose_key_is_taken_writes_neither(tables: &impl Tables) {
    let (early, late) = (event(SENT, "a", "on time"), event(SENT, "a", "late"));
    let message = in_bucket(&lane("1"), NEXT_DUE, late.clone());
    let pointer_to = |target| pointer(&lane("1"), DUE, &late, target);
    let third = "2021-02-24T19:00:00Z";
    let standing = [
        (in_bucket(&lane("1"), DUE, early).to_item(), Put::Message(Content::Other)),
        (pointer_to(to_bucket(third)).to_item(), Put::Pointer(to_bucket(third))),
        (pointer_to(Target::Lane).to_item(), Put::Pointer(Target::Lane)),
    ];
    for (item, expected) in standing {
        let table = tables.holding(vec![item.clone()]).await;
        let put = table.put_late_in_bucket(&pointer_to(to_bucket(NEXT_DUE)), &message).await;
        assert_eq!((put, tables.items(&table).await), (Ok(expected), vec![item]));
    }
}

async fn a_late_message_whose_target_is_taken_writes_neither(tables: &impl Tables) {
    let late = event(SENT, "a", "second");
    let third = "2021-02-24T19:00:00Z";
    let standing = [
        (in_bucket(&lane("1"), NEXT_DUE, event(SENT, "a", "first")).to_item(), Put::Message(Content::Other)),
        (in_bucket(&lane("1"), NEXT_DUE, late.clone()).to_item(), Put::Message(Content::Same)),
        (pointer(&lane("1"), NEXT_DUE, &late, to_bucket(third)).to_item(), Put::Pointer(to_bucket(third))),
    ];
    for (item, expected) in standing {
        let table = tables.holding(vec![item.clone()]).await;
        let pointer = pointer(&lane("1"), DUE, &late, to_bucket(NEXT_DUE));
        let put = table.put_late_in_bucket(&pointer, &in_bucket(&lane("1"), NEXT_DUE, late.clone())).await;
        assert_eq!((put, tables.items(&table).await), (Ok(expected), vec![item]));
    }
}

async fn of_two_lane_messages_at_one_key_the_first_stands_and_its_outcome_is_told(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let first = in_lane(&lane("1"), event(SENT, "a", "first"));
    let second = in_lane(&lane("1"), event(SENT, "a", "second"));
    assert_eq!(table.put_in_lane(&first).await, Ok(PutInLane::Stored));
    assert_eq!(table.put_in_lane(&second).await, Ok(PutInLane::Taken(Progress::NONE, Content::Other)));
    assert_eq!(table.put_in_lane(&first).await, Ok(PutInLane::Taken(Progress::NONE, Content::Same)));
    assert_eq!(tables.items(&table).await, [first.to_item()]);
    for (state, attempts, parts) in [(DeliveryState::Held, 2, 0), (DeliveryState::Delivered, 3, 1)] {
        let reached = outcome(&first.delivery(), state, attempts, parts);
        table.set_lane_progress(&reached).await.expect("an outcome");
        assert_eq!(table.put_in_lane(&second).await, Ok(PutInLane::Taken(reached.progress, Content::Other)));
        let stored = tables.items(&table).await;
        let read = LaneMessage::from_item(&first.delivery(), &stored[0]).expect("a message");
        assert_eq!((stored.len(), read), (1, LaneMessage { progress: reached.progress, ..first.clone() }));
    }
}

async fn a_late_lane_message_is_written_with_its_pointer_in_one_request(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let message = in_lane(&lane("1"), event(SENT, "a", "late"));
    let pointer = pointer(&lane("1"), DUE, &message.event, Target::Lane);
    assert_eq!(table.put_late_in_lane(&pointer, &message).await, Ok(Put::Stored));
    assert_eq!(tables.items(&table).await, [pointer.to_item(), message.to_item()]);
}

async fn a_late_lane_message_whose_key_is_taken_writes_neither(tables: &impl Tables) {
    let message = in_lane(&lane("1"), event(SENT, "a", "late"));
    let pointer_to = |target| pointer(&lane("1"), DUE, &message.event, target);
    let standing = [
        (in_bucket(&lane("1"), DUE, event(SENT, "a", "on time")).to_item(), Put::Message(Content::Other)),
        (pointer_to(to_bucket(NEXT_DUE)).to_item(), Put::Pointer(to_bucket(NEXT_DUE))),
        (pointer_to(Target::Lane).to_item(), Put::Pointer(Target::Lane)),
    ];
    for (item, expected) in standing {
        let table = tables.holding(vec![item.clone()]).await;
        let put = table.put_late_in_lane(&pointer_to(Target::Lane), &message).await;
        assert_eq!((put, tables.items(&table).await), (Ok(expected), vec![item]));
    }
}

async fn a_late_lane_message_whose_target_is_taken_writes_neither(tables: &impl Tables) {
    let standing = in_lane(&lane("1"), event(SENT, "a", "first"));
    let table = tables.holding(vec![standing.to_item()]).await;
    let pointer = pointer(&lane("1"), DUE, &standing.event, Target::Lane);
    let put = table.put_late_in_lane(&pointer, &in_lane(&lane("1"), event(SENT, "a", "second"))).await;
    assert_ne!(put, Ok(Put::Stored));
    assert_eq!(tables.items(&table).await, [standing.to_item()]);
}
