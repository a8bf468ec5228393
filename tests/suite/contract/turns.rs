//! `SweepTable`: what waits its turn, and the turn that tells of it.

use super::{
    Tables, rules,
    values::{DUE, NEXT_DUE, bundle, event, in_bucket, lane, now, workspace},
};
use crate::world::at;
use bundler::{
    delivery::Lane,
    id::WebhookId,
    ports::{ReadStanding, SweepTable},
    settings::Settings,
    signature::SigningSecret,
    table::{
        at::Appointment,
        bucket::{self, DueRow},
        settings,
        turn::{Rest, Turn},
    },
    window::Granularity,
};

rules! { Tables:
    a_turn_begins_with_its_first_rest_and_counts_the_others,
    a_turn_ends_only_if_nothing_was_added_since_it_was_read,
    a_turn_has_an_appointment_from_its_last_rest_on,
    rests_are_read_by_webhook_in_order_of_windows_ends,
    a_rest_takes_the_place_of_the_one_before_it_and_can_be_deleted_twice,
    what_waits_is_what_stands_behind_the_key_in_the_webhooks_buckets_alone,
    the_last_references_of_a_turn_take_the_place_of_those_before_them,
}

const SENT: &str = "2021-02-24T16:25:29Z";

fn rest(due: &str, shard: u16, after: Option<&str>) -> Rest {
    let after = after.map(str::to_owned);
    Rest { workspace: workspace("acme"), webhook: WebhookId::first(), due: at(due), shard, after }
}

/// The workspace's first webhook, as `read_standing` needs it to be there.
async fn with_webhook<T: Tables>(tables: &T) -> T::Table {
    let secret = SigningSecret::from_bytes([7; 32]);
    let settings = Settings::new("https://example.org".to_owned(), Granularity::Hours1, secret);
    tables.holding(vec![settings::settings_to_item(&workspace("acme"), &WebhookId::first(), &settings)]).await
}

async fn turn_of(table: &impl ReadStanding) -> Option<Turn> {
    let standing = table.read_standing(&workspace("acme"), &WebhookId::first()).await.expect("a webhook");
    standing.expect("it has settings").turn
}

async fn a_turn_begins_with_its_first_rest_and_counts_the_others(tables: &impl Tables) {
    let table = with_webhook(tables).await;
    assert_eq!(turn_of(&table).await, None);
    for revision in 1..4 {
        table.raise_turn(&workspace("acme"), &WebhookId::first(), now()).await.expect("a turn is raised");
        assert_eq!(turn_of(&table).await, Some(Turn { revision }));
    }
    let expected = Turn { revision: 3 }.to_item(&workspace("acme"), &WebhookId::first(), now());
    assert!(tables.items(&table).await.contains(&expected));
}

async fn a_turn_ends_only_if_nothing_was_added_since_it_was_read(tables: &impl Tables) {
    let (acme, hook) = (workspace("acme"), WebhookId::first());
    let table = with_webhook(tables).await;
    assert_eq!(table.end_turn(&acme, &hook, Turn { revision: 1 }).await, Ok(()), "there is none: no error");
    for _ in 0..2 {
        table.raise_turn(&acme, &hook, now()).await.expect("a turn is raised");
    }
    assert_eq!(table.end_turn(&acme, &hook, Turn { revision: 1 }).await, Ok(()), "no error either");
    assert_eq!(turn_of(&table).await, Some(Turn { revision: 2 }));
    assert_eq!(table.end_turn(&acme, &hook, Turn { revision: 2 }).await, Ok(()));
    assert_eq!(turn_of(&table).await, None);
}

async fn a_turn_has_an_appointment_from_its_last_rest_on(tables: &impl Tables) {
    let (acme, hook) = (workspace("acme"), WebhookId::first());
    let table = tables.holding(Vec::new()).await;
    let appointment = Appointment::Turn { workspace: acme.clone(), webhook: hook.clone() };
    for (began, before) in [(DUE, "2021-02-24T16:59:59.999Z"), (NEXT_DUE, "2021-02-24T17:59:59.999Z")] {
        table.raise_turn(&acme, &hook, at(began)).await.expect("a turn is raised");
        let page = table.read_appointments(at(before), None).await.expect("a page");
        assert_eq!(page.rows, []);
        let page = table.read_appointments(at(began), None).await.expect("a page");
        assert_eq!(page.rows, std::slice::from_ref(&appointment));
    }
    table.end_turn(&acme, &hook, Turn { revision: 2 }).await.expect("a turn ends");
    assert_eq!(table.read_appointments(at(NEXT_DUE), None).await.expect("a page").rows, []);
}

async fn rests_are_read_by_webhook_in_order_of_windows_ends(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let other = Rest { webhook: WebhookId::parse("other").expect("an id"), ..rest(DUE, 0, None) };
    let rests = [rest(NEXT_DUE, 2, None), rest(DUE, 10, Some("b")), other, rest(DUE, 9, Some("a"))];
    for rest in &rests {
        table.put_rest(rest).await.expect("a rest is put");
    }
    table.put_out(&workspace("acme"), &WebhookId::first(), &[], now()).await.expect("what is out is put");
    let read = table.read_rests(&workspace("acme"), &WebhookId::first()).await.expect("rests");
    assert_eq!(read, [rests[3].clone(), rests[1].clone(), rests[0].clone()]);
    assert_eq!(table.read_rests(&workspace("acme2"), &WebhookId::first()).await, Ok(Vec::new()));
}

async fn a_rest_takes_the_place_of_the_one_before_it_and_can_be_deleted_twice(tables: &impl Tables) {
    let (acme, hook) = (workspace("acme"), WebhookId::first());
    let table = tables.holding(Vec::new()).await;
    for after in [Some("a"), None, Some("b")] {
        table.put_rest(&rest(DUE, 3, after)).await.expect("a rest is put");
        assert_eq!(table.read_rests(&acme, &hook).await, Ok(vec![rest(DUE, 3, after)]));
    }
    table.put_rest(&rest(DUE, 4, None)).await.expect("a rest is put");
    for _ in 0..2 {
        // Wherever it has come to meanwhile.
        assert_eq!(table.delete_rest(&rest(DUE, 3, None)).await, Ok(()));
        assert_eq!(table.read_rests(&acme, &hook).await, Ok(vec![rest(DUE, 4, None)]));
    }
}

async fn what_waits_is_what_stands_behind_the_key_in_the_webhooks_buckets_alone(tables: &impl Tables) {
    // Three chats of one shard, and what stands beside them in it: other webhooks before and behind.
    let shard = lane("1").shard();
    let chats: Vec<_> =
        (0..).map(|number: u32| lane(&number.to_string())).filter(|lane| lane.shard() == shard).take(3).collect();
    let strangers = ["acm", "acme", "acme2"].map(|name| {
        let webhook = WebhookId::parse("e").expect("an id");
        let of =
            |number: u32| Lane { workspace: workspace(name), webhook: webhook.clone(), ..lane(&number.to_string()) };
        (0..5_000).map(of).find(|lane| lane.shard() == shard).expect("one of so many is in the shard")
    });
    let all = chats.iter().cloned().chain(strangers);
    let items = all.map(|lane| in_bucket(&lane, DUE, event(SENT, "a", "text")).to_item()).collect();
    let table = tables.holding(items).await;
    let mut lanes = chats;
    lanes.sort_by_key(Lane::key);
    let read = async |after: Option<String>| -> Vec<Lane> {
        let page = table.read_rest(&Rest { after, ..rest(DUE, shard, None) }).await.expect("a page");
        assert_eq!((page.unreadable, page.after), (0, None));
        page.rows.iter().map(DueRow::lane).cloned().collect()
    };
    assert_eq!(read(None).await, lanes);
    for (index, lane) in lanes.iter().enumerate() {
        assert_eq!(read(Some(bucket::prefix(lane))).await, lanes[index..], "before the first of a lane");
        let key = in_bucket(lane, DUE, event(SENT, "a", "text")).slot.key().sk;
        assert_eq!(read(Some(key)).await, lanes[index + 1..], "behind the last of a lane");
    }
}

async fn the_last_references_of_a_turn_take_the_place_of_those_before_them(tables: &impl Tables) {
    let (acme, hook) = (workspace("acme"), WebhookId::first());
    let table = tables.holding(Vec::new()).await;
    assert_eq!(table.read_out(&acme, &hook).await, Ok(Vec::new()));
    let keys = [bundle(&lane("1"), DUE), bundle(&lane("a#b / ç"), NEXT_DUE)];
    for out in [&keys[..], &keys[1..], &[]] {
        table.put_out(&acme, &hook, out, now()).await.expect("what is out is put");
        assert_eq!(table.read_out(&acme, &hook).await, Ok(out.to_vec()));
        assert_eq!(tables.items(&table).await.len(), 1);
    }
    assert_eq!(table.read_out(&workspace("acme2"), &hook).await, Ok(Vec::new()));
}
