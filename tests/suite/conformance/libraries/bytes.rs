//! The check in one process: what the sender made goes through the guarded client to a socket, at the present time.

use super::{Libraries, TOO_OLD};
use crate::{
    end_to_end::{deploy, http::Message, place, receiver::Receiver},
    world::{World, message, run},
};
use bundler::{
    attempt::Request,
    endpoint::{Policy, Reach, Scheme},
    header::CustomHeaders,
    ports::Post,
    settings::Settings,
    signature::SigningSecret,
    timestamp::Timestamp,
    window::Granularity,
};
use std::time::Duration;

/// Two hours after a message its window of an hour has ended and may be read, whenever that is.
const GATHERING: Duration = Duration::from_secs(2 * 3_600);

fn secret(number: u8) -> SigningSecret {
    SigningSecret::from_bytes([number; 32])
}

/// The request that the sender makes at `now` for one message that holds every kind of character, as a socket got it.
fn received(now: Timestamp, granularity: Granularity, change: impl FnOnce(&mut Settings)) -> Message {
    let receiver = Receiver::start();
    let world = World::starting(&now.minus(GATHERING).rfc3339(), granularity);
    world.configure(|settings| {
        settings.url = format!("http://localhost:{}/hook?key=of%20it", receiver.port());
        settings.secrets = vec![secret(1)];
        change(settings);
    });
    let sent = now.minus(GATHERING).article();
    world.ingest(&message(&sent, "1", "Grüße 👋 \u{2028} \"<b>&amp;\" \u{1f469}\u{200d}\u{1f680}\n\tשלום"));
    world.clock.set(now);
    world.tick().expect("a tick");
    world.drain();
    let requests = world.receiver.requests();
    assert_eq!(requests.len(), 1);
    let client = outbound::Client::new(Policy { scheme: Scheme::HttpToo, reach: Reach::Private }).expect("a client");
    let exchange = run(client.post(&requests[0]));
    assert_eq!(exchange.status(), Some(200));
    let request = receiver.received().remove(0).request;
    assert_as_sent(&request, &requests[0]);
    request
}

/// Every header as it was made, the owner's own behind ours, and the body byte for byte.
fn assert_as_sent(received: &Message, sent: &Request) {
    let (ours, theirs) = received.headers.split_at(sent.headers.len());
    assert_eq!(ours, sent.headers);
    let names: Vec<_> = theirs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["accept", "host", "content-length"], "what the client adds");
    assert_eq!(received.body, sent.body);
}

#[test]
fn the_official_libraries_take_a_bundle_and_a_single_message_as_they_came_off_a_socket() {
    let _turn = place::turn();
    let libraries = Libraries::installed();
    for (name, granularity) in [("bundle", Granularity::Hours1), ("message", Granularity::None)] {
        let own = vec![("authorization".to_owned(), "Bearer a.b; c=\"d, e\"".to_owned())];
        let request = received(deploy::now(), granularity, |settings| {
            settings.headers = CustomHeaders::parse(own.clone()).expect("headers");
        });
        assert_eq!(request.header("authorization"), Some(own[0].1.as_str()));
        libraries.assert_take(name, &request, &[secret(1)]);
    }
}

#[test]
fn while_a_secret_is_being_replaced_the_official_libraries_take_either() {
    let _turn = place::turn();
    let (libraries, now) = (Libraries::installed(), deploy::now());
    let replaced = |hours: u64| {
        received(now, Granularity::Hours1, move |settings| {
            settings.rotate(now.minus(Duration::from_secs(hours * 3_600)), secret(2));
        })
    };
    libraries.assert_take("replaced", &replaced(23), &[secret(2), secret(1)]);
    let (over, nothing_matches) = (replaced(24), super::NOT_SIGNED);
    libraries.assert_take("replaced-and-over", &over, &[secret(2)]);
    libraries.assert_refuse("replaced-and-over-for-the-old", &over, &secret(1), nothing_matches);
}

#[test]
fn the_official_libraries_refuse_what_was_sent_more_than_five_minutes_ago() {
    let _turn = place::turn();
    let libraries = Libraries::installed();
    let old = received(deploy::now().minus(Duration::from_secs(301)), Granularity::Hours1, |_| {});
    libraries.assert_refuse("old", &old, &secret(1), TOO_OLD);
}
