//! What a chat has gathered: seen before it goes out, and sent before its window ends.

use super::{Desk, HOOK};
use crate::world::{in_chat, message};
use bundler::{id::push_hex, window::Granularity};
use serde_json::json;

/// A chat's id as it stands in a path.
fn escaped(chat: &str) -> String {
    let mut escaped = String::new();
    for byte in chat.bytes() {
        push_hex(&mut escaped, "%", &[byte]);
    }
    escaped
}

fn preview(chat: &str) -> String {
    format!("{HOOK}/chats/{}/preview", escaped(chat))
}

fn flush(chat: &str) -> String {
    format!("{HOOK}/chats/{}/flush", escaped(chat))
}

#[test]
fn a_preview_is_the_very_document_that_goes_out_for_chats_and_names_in_every_script() {
    let desk = Desk::new(Granularity::Hours1);
    for chat in ["10010001", "Ἑλληνικά/עברית#日本語 🙂?", "<script>", "a%2Fb", ".."] {
        let event = in_chat(chat, message("2021-02-24T16:30:00+0000", chat, "text <b> \u{202e}日本"));
        desk.world.ingest(&event);
        let told = desk.get(&preview(chat));
        assert_eq!(told.status, 200, "{chat}: {}", told.text());
        let shown = told.json();
        assert_eq!((&shown["messages"], &shown["parts"]), (&json!(1), &json!(1)));
        assert_eq!(shown["window_end"], "2021-02-24T17:00:00.000Z");
        let flushed = desk.ask(&desk.admin(), "POST", &flush(chat), None);
        assert_eq!((flushed.status, &flushed.json()["outcome"]), (202, &json!("cut")), "{chat}");
        desk.world.minutes(2);
        let sent = desk.world.receiver.requests().pop().expect("a request");
        assert_eq!(desk.world.receiver.documents().pop(), Some(shown["documents"][0].clone()));
        assert!(told.text().contains(std::str::from_utf8(&sent.body).expect("text")), "to the byte");
        assert_eq!(desk.get(&preview(chat)).status, 404, "nothing is left");
        desk.world.set_time("2021-02-24T16:31:00Z");
    }
}

#[test]
fn a_long_preview_has_as_many_documents_as_go_out() {
    let desk = Desk::new(Granularity::Hours1);
    for number in 0..501 {
        desk.world.ingest(&in_chat("1", message("2021-02-24T16:30:00+0000", &format!("{number:03}"), "text")));
    }
    let shown = desk.get(&preview("1")).json();
    assert_eq!((&shown["messages"], &shown["parts"]), (&json!(501), &json!(2)));
    let lengths =
        shown["documents"].as_array().expect("documents").iter().map(|it| it["messages"].as_array().map(Vec::len));
    assert_eq!(lengths.collect::<Vec<_>>(), [Some(500), Some(1)]);
}

#[test]
fn a_chat_that_is_not_there_has_nothing_to_show_and_nothing_to_send() {
    let desk = Desk::new(Granularity::Hours1);
    desk.world.ingest(&in_chat("1", message("2021-02-24T16:30:00+0000", "1", "text")));
    let long = "c".repeat(257);
    for chat in ["2", "1#", "1 ", "\n", long.as_str()] {
        assert_eq!(desk.get(&preview(chat)).status, 404, "{chat:?}");
        assert_eq!(desk.ask(&desk.admin(), "POST", &flush(chat), None).status, 404, "{chat:?}");
    }
    desk.world.add_workspace("globex");
    let others = preview("1").replace("acme", "globex");
    assert_eq!(desk.get(&others).status, 404, "it is another workspace's chat");
    assert_eq!(desk.get(&format!("{HOOK}/chats/%FF/preview")).status, 404, "not UTF-8");
}

#[test]
fn a_flush_says_when_the_window_ends_before_it_and_where_nothing_is_gathered() {
    let desk = Desk::new(Granularity::Hours1);
    desk.world.ingest(&in_chat("1", message("2021-02-24T16:30:00+0000", "1", "text")));
    desk.world.set_time("2021-02-24T16:59:45Z");
    let told = desk.ask(&desk.admin(), "POST", &flush("1"), None);
    let soon =
        json!({ "outcome": "window_ends_soon", "arrived_until": null, "window_end": "2021-02-24T17:00:00.000Z" });
    assert_eq!((told.status, told.json()), (202, soon));
    let desk = Desk::new(Granularity::None);
    assert_eq!(desk.get(&preview("1")).status, 409);
    assert_eq!(desk.ask(&desk.admin(), "POST", &flush("1"), None).status, 409);
}
