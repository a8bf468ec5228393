//! Nothing personal is ever in a log line: the whole sample goes its way, well and badly, and every line that is written
//! at any level is searched for every text, name, number, address, file name and link of it, and for every secret.

mod search;

use crate::world::{Loses, Reply, Way, World, record, sample};
use bundler::{
    attempt::ErrorClass, bounce::Cause, header::CustomHeaders, health::Enabling, memory::MailService, ports::Clock,
    settings::Switch, signature::SigningSecret, window::Granularity,
};
use search::{OWN_HEADER, OWNER, leaks, personal};

/// Each event as it is, and spoilt in each way that a text could be repeated for.
fn calls(world: &World) {
    for event in sample() {
        world.set_time(event["message"]["timestamp"].as_str().expect("a timestamp"));
        let text = event["chat"]["full_name"].clone();
        for place in ["/workspace_id", "/message/direction", "/message/timestamp", "/chat/chat_url", "/chat/is_group"] {
            let mut spoilt = event.clone();
            *spoilt.pointer_mut(place).expect("a field") = text.clone();
            world.post(&spoilt);
        }
        for request in ["put_in_bucket", "put_in_lane"] {
            world.tape.fail(request, 0, Loses::Request);
            world.post(&event);
            world.tape.repair();
        }
        world.post(&event);
        let cut = event.to_string();
        let end = cut.char_indices().nth(400).expect("a long event").0;
        world.call("POST", "/v1/workspaces/acme/messages", Some(&world.bearer()), &cut.as_bytes()[..end]);
        let path = format!("/v1/workspaces/{}/messages", text.as_str().expect("a name"));
        world.call("POST", &path, Some(&world.bearer()), cut.as_bytes());
        world.call("POST", "/v1/workspaces/acme/messages", text.as_str(), cut.as_bytes());
        world.bring(Way::Queue(&[cut.clone(), cut[..end].to_owned(), text.to_string()]));
        world.bring(Way::Bus(&text.to_string()));
        world.bring(Way::Direct(&cut[..end]));
    }
}

/// Deliveries that fail in every way before they arrive; the receiver repeats what it was sent.
fn deliveries(world: &World) {
    let echo = |status| {
        move |request: &bundler::attempt::Request| Reply::Says(status, String::from_utf8_lossy(&request.body).into())
    };
    world.receiver.answers(echo(500));
    world.deliver();
    world.receiver.answers(|_| Reply::Fails(ErrorClass::Dns));
    world.next_look();
    for request in ["put_delivery", "set_lane_progress"] {
        world.tape.fail(request, 0, Loses::Answer);
        world.next_look();
        world.tape.repair();
    }
    world.switch(Switch::Off);
    world.deliver_records(vec![record("0", "g", "{}")]);
    world.switch(Switch::On);
    // The owner is told in every way.
    world.receiver.answers(echo(410));
    world.minutes(7);
    for service in [MailService::Fails("Throttling"), MailService::Refuses("MessageRejected"), MailService::Takes] {
        world.mailbox.inner.set(service);
        world.minutes(7);
        world.enable(Enabling::Deliver);
        world.minutes(7);
    }
    for cause in [Cause::Passing, Cause::Refused("Bounce")] {
        for address in [OWNER, "former@mail.example.net"] {
            world.hear(address, cause).expect("it is heard");
        }
    }
    world.tape.fail("put_health", 0, Loses::Request);
    world.hear(OWNER, Cause::Refused("Complaint")).expect_err("the table does not answer");
    world.tape.repair();
    world.take_dead_letters(vec![record("0", "g", "{}")]);
    world.receiver.answers(echo(200));
    world.enable(Enabling::Deliver);
    world.minutes(90);
    let tell = r#"{"tell":{"workspace":"acme","webhook":"default"}}"#;
    world.deliver_records(vec![record("0", "acme#default#notices", tell)]);
    // Records that somebody has put there by hand.
    for event in sample() {
        let text = event["message"]["text"].to_string();
        let name = event["chat"]["full_name"].to_string();
        let as_workspace = format!("{{\"workspace\":{name},\"webhook\":\"default\",\"chat\":\"1\",\"due\":{name}}}");
        for body in [text.clone(), name.clone(), event.to_string(), format!("{{{text}:1}}"), as_workspace] {
            world.deliver_records(vec![record("0", "g", &body)]);
        }
    }
}

fn check(granularity: Granularity, expected: &[&str]) {
    let world = World::starting("2026-03-02T08:50:00Z", granularity);
    let personal = personal(&world);
    world.configure(|settings| {
        let secrets = settings.secrets.clone();
        settings.secrets = vec![SigningSecret::from_bytes([8; 32])];
        settings.rotate(world.clock.now(), secrets[0].clone());
        let own = vec![("authorization".to_owned(), OWN_HEADER.to_owned())];
        settings.headers = CustomHeaders::parse(own).expect("headers");
        settings.owner_email = Some(OWNER.to_owned());
    });
    calls(&world);
    world.set_time("2026-03-03T00:02:45Z");
    world.tick().expect("a tick");
    deliveries(&world);
    let lines = world.log.all();
    for message in expected {
        assert!(
            lines.iter().any(|line| line.contains(&format!("\"message\":\"{message}\""))),
            "{message} was not written"
        );
    }
    assert_eq!(leaks(&lines, &personal), Vec::<String>::new());
}

const ALWAYS: [&str; 17] = [
    "message was here before",
    "message not stored",
    "event rejected",
    "call refused",
    "delivered",
    "the receiver did not take the delivery",
    "held: the webhook takes nothing now",
    "not delivered: our own trouble",
    "record is not a delivery's reference",
    "dead letter is no order of ours",
    "told the owner",
    "could not tell the owner",
    "the owner's address was refused",
    "the owner knows already",
    "a mail to the owner did not arrive this time",
    "a mail came back from a former address",
    "could not keep that a mail came back",
];

#[test]
fn nothing_of_a_bundle_is_in_any_line() {
    check(Granularity::Hours6, &[&ALWAYS[..], &["message accepted"]].concat());
}

#[test]
fn nothing_of_a_single_message_is_in_any_line() {
    check(Granularity::None, &[&ALWAYS[..], &["message accepted and enqueued"]].concat());
}
