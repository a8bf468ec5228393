//! A file is copied once, whole, from wherever upstream has it, and nothing is kept of where that was.

use super::{Desk, SENT, URL, key, source::Answer, with_file};
use crate::world::{message, run};
use bundler::{
    event::Incoming,
    file::{FileState, Source, Trouble},
    ingest::Outcome,
    ports::PutObject,
    window::Granularity,
};
use serde_json::{Value, json};

const PNG: &[u8] = b"\x89PNG and some more";

#[test]
fn a_file_is_fetched_with_its_headers_and_stands_in_the_bucket_as_what_it_was_declared() {
    let desk = Desk::new(Granularity::Hours1);
    desk.internet.has(URL, Answer::file("image/png", PNG));
    let mut event = with_file("1", Some(PNG.len() as u64), "image/png");
    event["message"]["attachment"]["source_headers"] = json!({ "Authorization": "Bearer secret" });
    assert!(matches!(desk.world.ingest(&event), Outcome::Accepted(_)));
    assert_eq!(desk.copied(&event), None, "ingest copies nothing");
    assert_eq!(desk.copy(), 1);
    let headers = vec![("authorization".to_owned(), "Bearer secret".to_owned())];
    assert_eq!(desk.internet.take_asked(), [(URL.to_owned(), headers)]);
    assert_eq!(desk.copied(&event), Some(("image/png".to_owned(), PNG.to_vec())));
    assert_eq!(desk.file(&event).state, FileState::Kept { size: PNG.len() as u64 });
    let item = format!("{:?}", desk.file(&event).to_item().attributes.keys());
    assert!(!item.contains("source") && !item.contains("due_pk"), "nothing is kept of its source: {item}");
}

#[test]
fn a_redelivered_message_and_a_repeated_record_copy_nothing_again() {
    let desk = Desk::new(Granularity::Hours1);
    desk.internet.has(URL, Answer::file("image/png", PNG));
    let event = with_file("1", None, "image/png");
    desk.world.ingest(&event);
    let reference = key(&event).to_reference();
    desk.copy();
    desk.internet.take_asked();
    // Upstream's link is another one by now.
    let mut again = event.clone();
    again["message"]["attachment"]["source_url"] = json!("https://files.example.org/other");
    assert_eq!(desk.world.ingest(&again), Outcome::Duplicate);
    assert_eq!(desk.copy(), 0, "what is there is not asked for");
    desk.try_copy(&reference).expect("a record that comes again");
    assert_eq!(desk.internet.take_asked(), []);
    assert_eq!(desk.copied(&event), Some(("image/png".to_owned(), PNG.to_vec())));
}

#[test]
fn a_redelivered_message_asks_again_for_a_file_that_is_not_there() {
    let desk = Desk::new(Granularity::Hours1);
    let event = with_file("1", None, "image/png");
    desk.world.ingest(&event);
    let reference = key(&event).to_reference();
    // The record is handed out, and lost.
    assert_eq!(desk.world.files.inner.due_copies(), Ok(vec![reference.clone()]));
    desk.world.files.inner.finish_copy(&reference).expect("finished");
    assert_eq!(desk.copy(), 0);
    assert_eq!(desk.world.ingest(&event), Outcome::Duplicate);
    assert_eq!(desk.world.files.inner.due_copies(), Ok(vec![reference]));
}

#[test]
fn a_large_file_goes_part_by_part_and_no_more_than_a_part_is_held() {
    let desk = Desk::new(Granularity::Hours1);
    let large: Vec<u8> = (0..20_000_001_u32).map(|place| u8::try_from(place % 251).expect("a byte")).collect();
    desk.internet.has(URL, Answer { size: None, ..Answer::file("video/mp4", &large) });
    let event = with_file("1", None, "video/mp4");
    desk.world.ingest(&event);
    desk.world.tape.take();
    desk.copy();
    let calls = desk.world.tape.take();
    let uploads: Vec<_> = calls.iter().filter(|call| call.contains("upload") || call.contains("part")).collect();
    assert_eq!(
        uploads,
        ["begin_upload", "put_part", "put_part", "put_part", "complete_upload"].iter().collect::<Vec<_>>().as_slice()
    );
    let (_, content) = desk.copied(&event).expect("a copy");
    assert!(content == large, "the copy is the file");
}

#[test]
fn a_file_that_came_along_is_there_at_once_and_nobody_is_asked_to_copy_it() {
    let desk = Desk::new(Granularity::None);
    let mut event = message(SENT, "1", "text");
    event["message"]["attachment"] =
        json!({ "content": "aGVsbG8=", "filename": "hello.txt", "size": 5, "mimetype": "text/plain" });
    desk.world.ingest(&event);
    assert_eq!(desk.copied(&event), Some(("text/plain".to_owned(), b"hello".to_vec())));
    assert_eq!(desk.copy(), 0);
    desk.world.drain();
    let attachment = &desk.attachments()[0];
    assert!(attachment["temporary_download_url"].is_string(), "{attachment}");
    assert_eq!(attachment["size"], 5);
}

#[test]
fn an_object_of_the_platforms_is_copied_within_s3() {
    let desk = Desk::new(Granularity::Hours1);
    let object = ("platform-files", "a/b.png");
    run(desk.world.files.inner.put_object(&format!("{}/{}", object.0, object.1), "image/png", PNG.to_vec()))
        .expect("an object");
    let event = |id: &str, key: &str, size: u64| -> Value {
        let mut event = message(SENT, id, "text");
        event["message"]["attachment"] = json!({
            "source_object": { "bucket": object.0, "key": key }, "filename": "b.png", "size": size, "mimetype": "image/png",
        });
        event
    };
    let (good, gone, other) = (event("1", object.1, 18), event("2", "a/c.png", 18), event("3", object.1, 19));
    for event in [&good, &gone, &other] {
        desk.world.ingest(event);
    }
    desk.copy();
    assert_eq!(desk.copied(&good), Some(("image/png".to_owned(), PNG.to_vec())));
    assert_eq!(desk.internet.take_asked(), []);
    assert_eq!(desk.file(&gone).state, FileState::Gone(Trouble::NotFound));
    assert!(matches!(desk.file(&other).state, FileState::Pending(_)), "it may be written over at the moment");
}

/// A message whose file is a media id of the WhatsApp Cloud API.
fn ingest_media(desk: &Desk, sha256: Option<&str>) -> Value {
    let event = with_file("1", None, "image/jpeg");
    let parsed = bundler::native::parse(&event, "").expect("an event");
    let source = Source::WhatsApp { media: "1234".to_owned(), sha256: sha256.map(str::to_owned) };
    desk.world.ingest_incoming(Incoming { event: parsed, source: Some(source) });
    event
}

const SAID: &[u8] = br#"{"messaging_product":"whatsapp","url":"https://cdn.example.org/a?b=c","mime_type":"image/jpeg",
    "sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","file_size":"5","id":"1234"}"#;
const SHA256: &str = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";

#[test]
fn a_media_id_becomes_a_file_by_two_questions_with_the_token() {
    for sha256 in [None, Some(SHA256)] {
        let desk = Desk::new(Granularity::Hours1);
        desk.internet.has("https://graph.example.org/v1.0/1234", Answer::file("application/json", SAID));
        desk.internet.has("https://cdn.example.org/a?b=c", Answer::file("image/jpeg", b"hello"));
        let event = ingest_media(&desk, sha256);
        desk.copy();
        let token = vec![("authorization".to_owned(), "Bearer token".to_owned())];
        let asked = ["https://graph.example.org/v1.0/1234", "https://cdn.example.org/a?b=c"];
        assert_eq!(desk.internet.take_asked(), asked.map(|url| (url.to_owned(), token.clone())));
        assert_eq!(desk.copied(&event), Some(("image/jpeg".to_owned(), b"hello".to_vec())));
    }
}

#[test]
fn media_that_is_gone_denied_or_other_than_the_webhook_said_is_no_file() {
    let graph = "https://graph.example.org/v1.0/1234";
    for (answer, content, sha256, expected) in [
        (Answer::status(400), &b"hello"[..], None, Some(Trouble::NotFound)),
        (Answer::status(404), b"hello", None, Some(Trouble::NotFound)),
        (Answer::status(401), b"hello", None, Some(Trouble::Denied)),
        (Answer::status(500), b"hello", None, None),
        (Answer::file("application/json", b"{}"), b"hello", None, None),
        (Answer::file("application/json", SAID), b"hellO", Some(SHA256), None),
        (Answer::file("application/json", SAID), b"hellO", None, None),
    ] {
        let desk = Desk::new(Granularity::Hours1);
        desk.internet.has(graph, answer.clone());
        desk.internet.has("https://cdn.example.org/a?b=c", Answer::file("image/jpeg", content));
        let event = ingest_media(&desk, sha256);
        desk.copy();
        match (desk.file(&event).state, expected) {
            (FileState::Gone(trouble), Some(expected)) => assert_eq!(trouble, expected),
            (FileState::Pending(copying), None) => assert_eq!(copying.tries, 1, "it is tried again"),
            (state, expected) => panic!("{state:?}, not {expected:?}, after {}", answer.status),
        }
        assert_eq!(desk.copied(&event), None);
    }
}

#[test]
fn a_file_of_twilios_is_fetched_with_the_accounts_credentials() {
    let desk = Desk::new(Granularity::Hours1);
    desk.internet.has("https://api.twilio.com/media/1", Answer::file("image/jpeg", b"hello"));
    let event = with_file("1", None, "image/jpeg");
    let url = bundler::event::HttpUrl::parse("https://api.twilio.com/media/1").expect("a URL");
    let parsed = bundler::native::parse(&event, "").expect("an event");
    desk.world.ingest_incoming(Incoming { event: parsed, source: Some(Source::Twilio { url }) });
    desk.copy();
    // `AC1:t` in base64.
    let headers = vec![("authorization".to_owned(), "Basic QUMxOnQ=".to_owned())];
    assert_eq!(desk.internet.take_asked(), [("https://api.twilio.com/media/1".to_owned(), headers)]);
    assert_eq!(desk.copied(&event), Some(("image/jpeg".to_owned(), b"hello".to_vec())));
}
