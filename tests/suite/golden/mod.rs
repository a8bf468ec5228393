//! The article's two examples go in as events and come out as its documents, byte for byte as they go out, with the
//! corrections that DESIGN.md makes and no others. `*.article.json` are the article's own words, white space aside.

pub(crate) mod headers;
mod mails;

use crate::world::{FILES, World, at, message};
use bundler::window::Granularity;
use serde_json::{Value, json};

const BUNDLE: &str = include_str!("bundle.article.json");
const BUNDLE_EVENTS: &str = include_str!("bundle.events.json");
const MESSAGE: &str = include_str!("message.article.json");
const MESSAGE_EVENT: &str = include_str!("message.event.json");

/// What a webhook is sent for these events, from the call to ingest on to the bytes of each request.
fn sent(granularity: Granularity, events: &Value) -> Vec<String> {
    let world = World::new(granularity);
    assert_eq!(world.post(events).status, 202);
    world.set_time("2021-02-24T17:02:45Z");
    assert!(world.tick().expect("a tick").complete);
    world.drain();
    world.receiver.requests().into_iter().map(|request| with_the_articles_link(request.body)).collect()
}

/// The body with the article's link to a file in the place of our own.
fn with_the_articles_link(body: Vec<u8>) -> String {
    let text = String::from_utf8(body).expect("text");
    let Some((before, rest)) = text.split_once(&format!("\"{FILES}/files/acme/")) else { return text };
    let (link, after) = rest.split_once('"').expect("a link's end");
    assert!(link.contains("?until="), "{link}");
    format!("{before}\"https://acme.com/path\"{after}")
}

/// The article's text as it goes over the wire: without the white space between tokens.
fn compact(json: &str) -> String {
    let (mut within, mut escaped) = (false, false);
    let mut keep = |character: char| {
        let kept = within || !character.is_whitespace();
        within ^= character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        kept
    };
    json.chars().filter(|character| keep(*character)).collect()
}

fn parse(json: &str) -> Value {
    serde_json::from_str(json).expect("JSON")
}

#[test]
fn the_articles_single_message_comes_out_as_its_document() {
    assert_eq!(sent(Granularity::None, &parse(MESSAGE_EVENT)), [compact(MESSAGE)]);
}

#[test]
fn the_articles_two_messages_come_out_as_its_document_but_for_a_note_with_their_own_texts() {
    // The article's note shows other texts than the messages above it.
    let note = "from John Doe on 2021-02-24 16:25: lorem ipsum<br/>\
                from John Doe on 2021-02-24 16:30: lorem ipsum [file: someimage.png]<br/>\
                Click <a href='https://app.timelines.ai/chat/10010001/messages/'>here</a> \
                to open the conversation in TimelinesAI";
    let article = compact(BUNDLE);
    let (before_note, _) = article.split_once("\"aggregation\":").expect("the article's note");
    let expected = format!("{before_note}\"aggregation\":\"{note}\"}}");
    for granularity in [Granularity::Hours1, Granularity::Hours6, Granularity::Hours12, Granularity::Hours24] {
        let world = World::new(granularity);
        assert_eq!(world.post(&parse(BUNDLE_EVENTS)).status, 202);
        world.set_time("2021-02-25T00:02:45Z");
        assert!(world.tick().expect("a tick").complete);
        world.drain();
        let bodies: Vec<_> =
            world.receiver.requests().into_iter().map(|request| with_the_articles_link(request.body)).collect();
        assert_eq!(bodies, [expected.as_str()], "{granularity:?}");
    }
}

#[test]
fn the_articles_note_comes_out_as_its_string_with_the_link_closed() {
    let mut question = message("2021-02-24T16:25:29+0000", "1", "Hi! How are you?");
    question["message"]["permalink"] =
        json!("https://app.timelines.ai/permalink/77a28d55-5345-5435-8c72-3a7bcad8ded9/");
    let mut answer = message("2021-02-24T16:30:29+0000", "2", "I am fine, how are you?");
    answer["message"]["sender"]["full_name"] = json!("Jane Smith");
    let bodies = sent(Granularity::Hours1, &json!([question, answer]));
    let article = parse(BUNDLE)["aggregation"].as_str().expect("the article's note").replace("</h>", "</a>");
    assert_eq!(bodies.len(), 1);
    assert_eq!(parse(&bodies[0])["aggregation"], json!(article));
}

#[test]
fn is_group_is_true_for_a_group() {
    let mut event = message("2021-02-24T16:25:29+0000", "1", "to all");
    event["chat"]["is_group"] = json!(true);
    event["chat"]["phone"] = json!(null);
    for granularity in [Granularity::None, Granularity::Hours1] {
        let chat = &parse(&sent(granularity, &event)[0])["chat"];
        assert_eq!((&chat["is_group"], &chat["phone"]), (&json!(true), &json!("")), "{granularity:?}");
    }
}

#[test]
fn account_and_chat_are_the_latest_messages_and_a_chat_is_new_if_any_message_said_so() {
    let mut first = message("2021-02-24T16:25:29+0000", "1", "first");
    first["chat"]["is_new_chat"] = json!(true);
    let mut latest = message("2021-02-24T16:30:29+0000", "2", "latest");
    latest["chat"]["is_new_chat"] = json!(false);
    latest["chat"]["responsible_name"] = json!("Dana");
    latest["whatsapp_account"]["full_name"] = json!("Noa");
    // The latest by its own time, whichever comes first.
    for events in [json!([first, latest]), json!([latest, first])] {
        let document = parse(&sent(Granularity::Hours1, &events)[0]);
        assert_eq!(document["chat"]["responsible_name"], json!("Dana"));
        assert_eq!(document["whatsapp_account"]["full_name"], json!("Noa"));
        assert_eq!(document["chat"]["is_new_chat"], json!(true));
        assert_eq!(document["messages"][0]["text"], json!("first"));
    }
}

#[test]
fn a_timestamp_of_any_offset_and_precision_goes_out_in_utc_to_the_second() {
    for written in ["2021-02-24T16:25:29.999Z", "2021-02-24T18:25:29+02:00", "2021-02-24T11:25:29-0500"] {
        let document = parse(&sent(Granularity::Hours1, &message(written, "1", "hello"))[0]);
        let expected = at(written).article();
        assert_eq!(expected, "2021-02-24T16:25:29+0000");
        for timestamp in [&document["messages"][0]["timestamp"], &document["first_message_timestamp"]] {
            assert_eq!(*timestamp, json!(expected), "{written}");
        }
    }
}
