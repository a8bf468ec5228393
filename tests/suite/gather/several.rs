//! Several webhooks of a workspace: a message goes to each that wants it, by that one's own windows, and is acknowledged
//! when all of them have it.

use super::{AT_ONCE, ON_TIME, SENT};
use crate::world::{Loses, World, in_chat, message, run};
use bundler::{
    event::{ChatKind, Direction},
    filter::{Filter, Phone},
    id::{WebhookId, WorkspaceId},
    ingest::Outcome,
    limits,
    owner::{Change, Refusal},
    ports::{Clock, ReadWebhook},
    settings::{Settings, Switch},
    signature::SigningSecret,
    table::action::ActionKind,
    window::Granularity,
};

const CRM: &str = "https://crm.example.org/hook";

fn settings(granularity: Granularity) -> Box<Settings> {
    Box::new(Settings::new(CRM.to_owned(), granularity, SigningSecret::from_bytes([9; 32])))
}

fn name(id: &str) -> WebhookId {
    WebhookId::parse(id).expect("an id")
}

fn add(world: &World, id: &str, settings: Box<Settings>) -> Result<(), Refusal> {
    let changed = world.change(&Change::Add(name(id), settings)).expect("the table answers");
    // What a warm function knows of its settings is half a minute old at most.
    world.restart();
    changed.map(|changed| {
        assert_eq!(changed.actions.last().map(|action| action.kind), Some(ActionKind::WebhookAdded));
    })
}

fn urls(world: &World) -> Vec<String> {
    let mut urls: Vec<String> = world.receiver.requests().into_iter().map(|request| request.url).collect();
    urls.sort();
    urls
}

#[test]
fn a_message_goes_to_each_webhook_by_its_own_windows() {
    let world = World::new(Granularity::Hours1);
    let own = run(world.table.inner.read_webhook(&WorkspaceId::parse("acme").expect("an id"), &WebhookId::first()));
    let own = own.expect("the table answers").expect("a webhook").settings.url;
    add(&world, "crm", settings(Granularity::None)).expect("it is added");
    assert_eq!(world.ingest(&message(SENT, "1", "text")), ON_TIME);
    world.drain();
    assert_eq!(urls(&world), [CRM]);
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    assert_eq!(urls(&world), [CRM.to_owned(), own]);
    let ids = world.receiver.headers("webhook-id");
    assert_ne!(ids[0], ids[1], "they are deliveries of their own");
}

#[test]
fn it_costs_one_write_for_each_webhook_and_what_a_workspace_has_is_read_with_its_first() {
    let world = World::new(Granularity::Hours1);
    add(&world, "crm", settings(Granularity::Hours6)).expect("it is added");
    world.tape.take();
    world.ingest(&message(SENT, "1", "cold"));
    let mut calls = world.tape.take();
    calls.sort_unstable();
    assert_eq!(calls, ["put_in_bucket", "put_in_bucket", "read_settings", "read_settings"]);
    world.ingest(&message(SENT, "2", "warm"));
    assert_eq!(world.tape.take(), ["put_in_bucket", "put_in_bucket"]);
}

#[test]
fn what_one_of_them_could_not_store_is_to_be_sent_again_and_lands_on_itself_in_the_others() {
    for fault in 0..2 {
        let world = World::new(Granularity::Hours1);
        add(&world, "crm", settings(Granularity::Hours1)).expect("it is added");
        world.ingest(&message(SENT, "1", "warm"));
        world.tape.fail("put_in_bucket", fault, Loses::Request);
        assert!(matches!(world.ingest(&message(SENT, "2", "text")), Outcome::Failed(_)), "{fault}");
        assert!(world.tape.repair());
        assert_eq!(world.ingest(&message(SENT, "2", "text")), ON_TIME);
        assert_eq!(world.ingest(&message(SENT, "2", "text")), Outcome::Duplicate);
        world.set_time("2021-02-24T17:02:45Z");
        world.tick().expect("a tick");
        world.drain();
        let texts = world.receiver.texts();
        assert_eq!(texts, [["warm", "text"], ["warm", "text"]]);
    }
}

#[test]
fn a_webhook_gets_what_its_filter_wants_and_a_message_that_none_wants_is_not_stored() {
    let world = World::new(Granularity::Hours1);
    world.configure(|settings| settings.filter = Filter::default().of_direction(Direction::Received));
    let groups = Filter::default().of_chats(ChatKind::Group);
    let another = Filter::default().of_accounts(vec![Phone::parse("+15550001").expect("a number")]).expect("one");
    add(&world, "groups", Box::new(Settings { filter: groups, ..*settings(Granularity::None) })).expect("added");
    add(&world, "another", Box::new(Settings { filter: another, ..*settings(Granularity::None) })).expect("added");
    let before = world.stored();
    assert_eq!(world.ingest(&message(SENT, "1", "sent, direct")), Outcome::NotWanted);
    assert_eq!(world.stored(), before);
    let mut event = in_chat("7", message(SENT, "2", "sent, in a group"));
    event["chat"]["is_group"] = true.into();
    assert_eq!(world.ingest(&event), AT_ONCE);
    world.drain();
    assert_eq!(world.receiver.texts(), [["sent, in a group"]]);
    let mut event = message(SENT, "3", "received, by another account");
    event["message"]["direction"] = "received".into();
    event["whatsapp_account"]["phone"] = "+1 555 0001".into();
    world.ingest(&event);
    world.drain();
    world.set_time("2021-02-24T17:02:45Z");
    world.tick().expect("a tick");
    world.drain();
    let received = "received, by another account";
    assert_eq!(world.receiver.texts(), [["sent, in a group"], [received], [received]]);
}

#[test]
fn one_that_is_switched_off_takes_nothing_from_the_others() {
    let world = World::new(Granularity::Hours1);
    world.configure(|settings| settings.switch = Switch::Off);
    assert_eq!(world.ingest(&message(SENT, "1", "text")), Outcome::SwitchedOff);
    add(&world, "crm", settings(Granularity::None)).expect("it is added");
    assert_eq!(world.ingest(&message(SENT, "2", "text")), AT_ONCE);
}

#[test]
fn a_name_is_given_once_and_a_workspace_has_at_most_ten_webhooks() {
    let world = World::new(Granularity::Hours1);
    assert_eq!(add(&world, "default", settings(Granularity::None)), Err(Refusal::Exists));
    for number in 2..=limits::WEBHOOKS {
        assert_eq!(add(&world, &format!("crm-{number}"), settings(Granularity::None)), Ok(()));
    }
    assert_eq!(add(&world, "crm-2", settings(Granularity::None)), Err(Refusal::Exists));
    assert_eq!(add(&world, "one-more", settings(Granularity::None)), Err(Refusal::TooMany));
    world.ingest(&message(SENT, "1", "text"));
    world.drain();
    assert_eq!(world.receiver.requests().len(), limits::WEBHOOKS - 1);
}

#[test]
fn adding_one_leaves_the_first_as_it_is() {
    let world = World::new(Granularity::Hours1);
    let read = |world: &World| {
        let acme = WorkspaceId::parse("acme").expect("an id");
        run(world.table.inner.read_webhook(&acme, &WebhookId::first())).expect("it answers").expect("a webhook")
    };
    let failing = read(&world).health.enabled(bundler::health::Enabling::Deliver, world.clock.now());
    world.put_health(&failing);
    let before = read(&world);
    add(&world, "crm", settings(Granularity::None)).expect("it is added");
    let after = read(&world);
    assert_eq!(after.health.risen().state, before.health.state);
    assert_eq!(
        Settings { others: Vec::new(), revision: 0, ..after.settings },
        Settings { revision: 0, ..before.settings }
    );
}
