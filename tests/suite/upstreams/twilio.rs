//! Twilio's forms: what a person sees of each, and that a message which says not when it was sent is still stored once.

use super::{Around, door::Door};
use crate::world::at;
use bundler::{
    event::Incoming,
    file::Source,
    upstream::{Refused, twilio},
    window::Granularity,
};
use std::time::Duration;

const PLAIN: [(&str, &str); 6] = [
    ("MessageSid", "SM00000000000000000000000000000001"),
    ("From", "whatsapp:+15550001111"),
    ("To", "whatsapp:+15550002222"),
    ("ProfileName", "Sam Rivers"),
    ("WaId", "15550001111"),
    ("SmsStatus", "received"),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&PLAIN[..], more].concat()
}

fn read(fields: &[(&str, &str)]) -> Vec<Result<Incoming, Refused>> {
    let form = super::door::form(fields);
    twilio::read(&Around::default().reader(), &twilio::Form::read(&form), at("2026-03-02T08:50:03Z"))
}

fn check(more: &[(&str, &str)], texts: &[&str]) {
    let read: Vec<String> =
        read(&with(more)).into_iter().map(|one| one.expect("a message").event.message.text).collect();
    assert_eq!(read, texts, "{more:?}");
}

#[test]
fn a_person_reads_what_was_sent() {
    check(&[("Body", " Hello\nthere \n")], &[" Hello\nthere \n"]);
    check(&[("Body", "Yes"), ("ButtonText", "Yes"), ("ButtonPayload", "y-1")], &["Yes"]);
    check(&[("ButtonText", "No")], &["No"]);
    let place = [("Latitude", "32.5"), ("Longitude", "34.25"), ("Label", "Cafe"), ("Address", "1 Sample Street")];
    check(&place, &["Location: Cafe, 1 Sample Street\nhttps://www.google.com/maps?q=32.5,34.25"]);
    check(&[("Latitude", "NaN"), ("Longitude", "1"), ("Body", "x")], &["x"]);
    check(&[("Body", "News"), ("Forwarded", "true")], &["Forwarded: News"]);
    check(&[("NumMedia", "x"), ("Body", "one")], &["one"]);
    check(&[("MessageType", "poll")], &["A message that Twilio does not hand on"]);
}

#[test]
fn each_file_is_a_message_and_the_words_stand_with_the_first() {
    let fields = with(&[
        ("Body", "Both"),
        ("NumMedia", "3"),
        ("MediaUrl0", "https://api.twilio.com/m/0"),
        ("MediaContentType0", "image/jpeg"),
        ("MediaUrl1", "https://cdn.example.org/m/1"),
        ("MediaContentType1", "application/pdf"),
        ("MediaUrl2", "not a link"),
    ]);
    let read: Vec<Incoming> = read(&fields).into_iter().map(|one| one.expect("a message")).collect();
    let ids: Vec<&str> = read.iter().map(|one| one.event.message.id.as_str()).collect();
    let sid = PLAIN[0].1;
    assert_eq!(ids, [sid.to_owned(), format!("{sid}-1"), format!("{sid}-2")]);
    let files: Vec<_> =
        read.iter().map(|one| one.event.message.attachment.as_ref().map(|file| file.filename.as_str())).collect();
    assert_eq!(files, [Some("image-20260302-085003.jpg"), Some("document-20260302-085003.pdf"), None]);
    assert!(
        matches!(read[0].source, Some(Source::Twilio { .. })) && matches!(read[1].source, Some(Source::Url { .. }))
    );
    let texts: Vec<&str> = read.iter().map(|one| one.event.message.text.as_str()).collect();
    assert_eq!(texts, ["Both", "", "A file that Twilio did not hand on"]);
}

#[test]
fn the_chat_is_the_persons_and_no_number_is_in_its_id() {
    let one = read(&with(&[("Body", "a")])).remove(0).expect("a message").event;
    assert_eq!((one.chat.full_name.as_str(), one.chat.phone.as_str()), ("Sam Rivers", "+15550001111"));
    assert_eq!(one.account.phone, "+15550002222");
    assert!(one.chat.id.as_str().starts_with("wa_") && !one.chat.id.as_str().contains("1555"));
    let nobody = [("MessageSid", "SM1"), ("To", "whatsapp:+15550002222"), ("Body", "a")];
    assert_eq!(read(&nobody).remove(0).err(), Some(Refused::NoChat));
}

#[test]
fn a_message_that_comes_again_is_stored_once_whenever_it_comes() {
    let door = Door::new(Granularity::Hours1);
    let fields = with(&[("Body", "a")]);
    for minutes in [0, 0, 1, 9, 60, 600] {
        door.world.clock.pass(Duration::from_secs(minutes * 60));
        let reply = door.twilio(&fields);
        assert_eq!((reply.status, &reply.body[..]), (200, &b"<Response/>"[..]), "after {minutes} minutes");
        assert!(reply.headers.contains(&("content-type", "text/xml".to_owned())));
        assert_eq!(door.world.stored(), 1, "after {minutes} minutes");
    }
}

#[test]
fn what_tells_how_an_own_message_fares_is_answered_and_leaves_nothing() {
    let door = Door::new(Granularity::Hours1);
    for status in ["queued", "sent", "delivered", "read", "failed"] {
        let mut fields = with(&[("MessageStatus", status)]);
        fields.retain(|(name, _)| *name != "SmsStatus");
        assert_eq!(door.twilio(&fields).status, 200);
        fields.push(("SmsStatus", status));
        fields.retain(|(name, _)| *name != "MessageStatus");
        assert_eq!(door.twilio(&fields).status, 200);
    }
    assert_eq!(
        door.world.table.inner.store().items().iter().filter(|item| item.key.pk.starts_with("seen#")).count(),
        0
    );
    assert_eq!(door.world.stored(), 0);
    assert_eq!(door.twilio(&[("From", "whatsapp:+15550001111")]).status, 200, "what has no id is refused and done");
    assert!(door.world.log.all().iter().any(|line| line.contains("{\"no_id\":1}")));
}
