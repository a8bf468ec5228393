//! What a person does about a webhook, and what becomes of what is held for it.

use crate::world::{Reply, World, header, in_chat, message, run};
use bundler::{
    health::{Enabling, Health, NoticeKind, State},
    id::{WebhookId, WorkspaceId},
    owner::{self, Change, Changed, Refusal},
    ports::{Answer, Clock, OwnerTable, PutHealth, ReadSettings, ReadWebhook, SweepTable},
    recent::{self, Happening},
    settings::{Switch, Webhook},
    table::action::{Action, ActionKind},
    window::Granularity,
};
use std::{sync::Mutex, time::Duration};

fn acme() -> (WorkspaceId, WebhookId) {
    (WorkspaceId::parse("acme").expect("an id"), WebhookId::first())
}

fn webhook(world: &World) -> Webhook {
    let (workspace, webhook) = acme();
    run(world.table.inner.read_webhook(&workspace, &webhook)).expect("the table answers").expect("a webhook")
}

/// A world whose receiver answers like this to the first bundle of a chat.
fn met(reply: Reply) -> World {
    let world = World::new(Granularity::Hours1);
    world.ingest(&in_chat("1", message("2021-02-24T16:25:29+0000", "1", "first")));
    world.receiver.answers(move |_| reply.clone());
    world.set_time("2021-02-24T17:02:45Z");
    go_on(&world, 1);
    world.receiver.answers(|_| Reply::Status(200));
    world
}

/// So many minutes, each with its tick.
fn go_on(world: &World, minutes: u32) {
    for _ in 0..minutes {
        world.tick().expect("a tick");
        world.drain();
        world.clock.pass(Duration::from_secs(60));
    }
}

fn kinds(world: &World) -> Vec<ActionKind> {
    let items = world.table.inner.store().items().into_iter().filter(|item| item.key.pk.starts_with("act#"));
    items.map(|item| Action::from_item(&item).expect("an action").kind).collect()
}

#[test]
fn enabling_a_disabled_webhook_delivers_what_is_held_with_the_same_id() {
    let world = met(Reply::Status(410));
    assert!(matches!(webhook(&world).health.state, State::Disabled { .. }));
    go_on(&world, 5);
    assert_eq!(world.receiver.requests().len(), 1, "nothing goes out before");
    let changed = world.change(&Change::Enable(Enabling::Deliver)).expect("the table answers").expect("it is enabled");
    assert_eq!(changed.health.owed.last().map(|notice| notice.kind), Some(NoticeKind::Enabled));
    go_on(&world, 5);
    let requests = world.receiver.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(header(&requests[1], "webhook-id"), header(&requests[0], "webhook-id"));
    assert_eq!(kinds(&world), [ActionKind::Gone, ActionKind::Enabled]);
}

#[test]
fn of_two_who_have_read_the_same_webhook_the_second_changes_nothing() {
    let world = World::new(Granularity::Hours1);
    let ((workspace, hook), read) = (acme(), webhook(&world));
    world.change(&Change::Concurrency(5)).expect("the table answers").expect("it is changed");
    let before = webhook(&world);
    let wanted = [Change::Url("https://example.org/2".to_owned()), Change::Switch(Switch::Off)];
    let late = run(owner::change_as_read(&world.table, &world.clock, &workspace, &hook, read, &wanted));
    assert_eq!(late, Ok(Err(Refusal::Outdated)));
    assert_eq!(webhook(&world), before);
}

#[test]
fn several_changes_are_written_at_once_and_each_has_its_line() {
    let world = World::new(Granularity::Hours1);
    let ((workspace, hook), read) = (acme(), webhook(&world));
    let wanted = [Change::Url("https://example.org/2".to_owned()), Change::Concurrency(4), Change::Switch(Switch::Off)];
    world.tape.take();
    let changed = run(owner::change_as_read(&world.table, &world.clock, &workspace, &hook, read, &wanted));
    assert!(matches!(changed, Ok(Ok(_))));
    assert_eq!(world.tape.take(), ["put_settings_and_health"]);
    let stands = webhook(&world);
    assert_eq!((stands.settings.url.as_str(), stands.settings.switch), ("https://example.org/2", Switch::Off));
    assert_eq!((stands.settings.revision, stands.health.revision), (1, 1));
    assert_eq!(kinds(&world), [ActionKind::SwitchedOff, ActionKind::UrlChanged], "what is as it was has none");
}

#[test]
fn starting_fresh_drops_what_is_held_and_takes_what_comes() {
    let world = met(Reply::Status(410));
    world.change(&Change::Enable(Enabling::StartFresh)).expect("the table answers").expect("it is enabled");
    world.ingest(&in_chat("1", message("2021-02-24T17:04:00+0000", "2", "second")));
    go_on(&world, 70);
    assert_eq!(world.receiver.texts(), [["first"], ["second"]]);
    assert_eq!(kinds(&world), [ActionKind::Gone, ActionKind::StartedFresh]);
}

#[test]
fn enabling_one_that_was_disabled_for_two_weeks_stores_messages_again() {
    let world = met(Reply::Status(410));
    let (workspace, hook) = acme();
    let stopped = webhook(&world).health.stopped(world.clock.now().plus(Duration::from_secs(15 * 86_400)));
    let stopped = stopped.expect("it has been two weeks");
    assert_eq!(run(world.table.inner.stop_storing(&workspace, &hook, &stopped)), Ok(true));
    let switch =
        || run(world.table.inner.read_settings(&workspace, &hook)).expect("settings").expect("settings").switch;
    assert_eq!(switch(), Switch::Off);
    world.change(&Change::Enable(Enabling::Deliver)).expect("the table answers").expect("it is enabled");
    assert_eq!(switch(), Switch::On);
}

#[test]
fn another_url_begins_anew_and_what_was_held_goes_there_at_once() {
    let world = met(Reply::Status(500));
    let before = webhook(&world).health;
    assert!(matches!(before.state, State::Failing { .. }));
    let url = "https://new.example.org/".to_owned();
    world.change(&Change::Url(url.clone())).expect("the table answers").expect("it is changed");
    let after = webhook(&world);
    assert_eq!((after.settings.url, after.health.epoch, after.health.consecutive_errors), (url, before.epoch + 1, 0));
    go_on(&world, 3);
    let urls: Vec<_> = world.receiver.requests().into_iter().map(|request| request.url).collect();
    assert_eq!(urls, [crate::world::WEBHOOK_URL, "https://new.example.org/"]);
}

#[test]
fn what_was_held_while_a_webhook_was_off_goes_out_when_it_is_switched_on() {
    let world = World::new(Granularity::Hours1);
    world.ingest(&in_chat("1", message("2021-02-24T16:25:29+0000", "1", "first")));
    world.change(&Change::Switch(Switch::Off)).expect("the table answers").expect("it is changed");
    world.set_time("2021-02-24T17:02:45Z");
    go_on(&world, 5);
    assert_eq!(world.receiver.requests().len(), 0);
    world.change(&Change::Switch(Switch::On)).expect("the table answers").expect("it is changed");
    go_on(&world, 5);
    assert_eq!(world.receiver.texts(), [["first"]]);
    assert_eq!(kinds(&world), [ActionKind::SwitchedOff, ActionKind::SwitchedOn]);
}

#[test]
fn switching_on_or_another_url_does_not_enable_what_is_disabled() {
    let world = met(Reply::Status(410));
    for change in [Change::Url("https://b.org".to_owned()), Change::Switch(Switch::Off), Change::Switch(Switch::On)] {
        world.change(&change).expect("the table answers").expect("it is changed");
        assert!(matches!(webhook(&world).health.state, State::Disabled { .. }));
    }
    go_on(&world, 5);
    assert_eq!(world.receiver.requests().len(), 1);
}

#[test]
fn what_changes_nothing_is_refused_and_writes_nothing() {
    let world = World::new(Granularity::Hours1);
    let before = world.table.inner.store().items();
    for (change, refusal) in [
        (Change::Enable(Enabling::Deliver), Refusal::NotDisabled),
        (Change::Url(crate::world::WEBHOOK_URL.to_owned()), Refusal::AsItWas),
        (Change::Switch(Switch::On), Refusal::AsItWas),
        (Change::Concurrency(4), Refusal::AsItWas),
    ] {
        assert_eq!(world.change(&change).expect("the table answers"), Err(refusal));
    }
    assert_eq!(world.table.inner.store().items(), before);
    let nobody = World::without_webhook("2021-02-24T16:31:00Z", Granularity::Hours1);
    assert_eq!(nobody.change(&Change::Switch(Switch::Off)), Ok(Err(Refusal::NoWebhook)));
}

#[test]
fn the_last_actions_are_deliveries_changes_and_disabling_newest_first() {
    let world = met(Reply::Status(410));
    let last = |most| {
        let (workspace, webhook) = acme();
        let read = run(recent::actions(&world.table.inner, &workspace, &webhook, most)).expect("the table answers");
        assert_eq!(read.1, 0);
        let name = |happening: &Happening| match happening {
            Happening::Sent(attempt) => format!("sent {}", attempt.document.attempt),
            Happening::Done(action) => action.kind.name().to_owned(),
        };
        read.0.iter().map(name).collect::<Vec<_>>()
    };
    let seen = last(10);
    assert_eq!(seen.len(), 2);
    assert!(
        seen.contains(&"gone".to_owned()) && seen.contains(&"sent 1".to_owned()),
        "nobody has written it: {seen:?}"
    );
    world.clock.pass(Duration::from_secs(60));
    world.change(&Change::Enable(Enabling::Deliver)).expect("the table answers").expect("it is enabled");
    world.clock.pass(Duration::from_secs(60));
    go_on(&world, 3);
    world.change(&Change::Url("https://b.org".to_owned())).expect("the table answers").expect("it is changed");
    assert_eq!(last(3), ["url_changed", "sent 2", "enabled"]);
    assert_eq!(last(10).iter().filter(|name| *name == "gone").count(), 1, "it is told once");
    for _ in 0..6 {
        for switch in [Switch::Off, Switch::On] {
            world.clock.pass(Duration::from_secs(60));
            world.change(&Change::Switch(switch)).expect("the table answers").expect("it is changed");
        }
    }
    assert_eq!(last(100).len(), 10);
}

#[test]
fn a_change_is_decided_anew_where_somebody_else_was_faster() {
    let (workspace, hook) = acme();
    let world = World::new(Granularity::Hours1);
    let failing = |revision| {
        let state = State::Failing { since: world.clock.now(), probe_at: world.clock.now(), probe: None };
        Health { state, revision, consecutive_errors: 3, error_sequence: 3, ..Health::default() }
    };
    // Between the change's read and its write, an error is counted.
    let faster = Faster { world: &world, write: Mutex::new(Some(failing(0))) };
    let change = Change::Concurrency(7);
    let changed = run(owner::change(&faster, &world.clock, &workspace, &hook, &change));
    let changed = changed.expect("the table answers").expect("it is changed");
    assert_eq!((changed.health.revision, changed.health.error_sequence, changed.settings.concurrency), (1, 3, 7));
    assert_eq!(webhook(&world).health, changed.health.risen());
}

/// A table in which somebody writes health just before a change is put.
struct Faster<'a> {
    world: &'a World,
    write: Mutex<Option<Health>>,
}

impl ReadWebhook for Faster<'_> {
    async fn read_webhook(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Webhook>> {
        self.world.table.inner.read_webhook(workspace, webhook).await
    }
}

impl OwnerTable for Faster<'_> {
    async fn put_settings_and_health(&self, changed: &Changed) -> Answer<bool> {
        let write = self.write.lock().expect("a health").take();
        if let Some(health) = write {
            assert!(self.world.table.inner.put_health(&changed.workspace, &changed.webhook, &health).await?);
        }
        self.world.table.inner.put_settings_and_health(changed).await
    }
}
