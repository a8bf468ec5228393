//! The files of messages: fetched whole or not at all, and kept under names that are names, whatever they were.

use super::letter::{self, Letter, attachment, bundle, secret};
use super::running::ALL;
use super::server::{Server, answer, answer_that_says};
use bundler::{
    document::{self, FileLink},
    native,
};
use serde_json::{Value, json};

#[test]
fn a_dead_link_has_the_delivery_tried_again_with_fresh_ones_and_what_was_fetched_is_not_fetched_again() {
    for recipe in ALL {
        let files = Server::of_files(&[("alive", b"one"), ("fresh", b"two")]);
        let with = |path| {
            let alive = attachment("a.txt", Some(&files.url("/alive")), Some(3));
            bundle(&[alive, attachment("b.txt", Some(&files.url(path)), Some(3))])
        };
        let receiver = recipe.run("dead-link", secret(1).reveal());
        assert_eq!(receiver.send(&Letter::signed("msg_1", &[secret(1)], &with("/dead"))), 502, "{recipe:?}");
        assert_eq!(receiver.kept().keys().collect::<Vec<_>>(), ["msg_1/1-a.txt"], "{recipe:?}");
        assert_eq!(receiver.send(&Letter::signed("msg_1", &[secret(1)], &with("/fresh"))), 200, "{recipe:?}");
        assert_eq!(files.targets(), ["/alive", "/dead", "/fresh"], "{recipe:?}");
        assert_eq!(receiver.kept()["msg_1/2-b.txt"], b"two", "{recipe:?}");
        assert_eq!(receiver.lines()[0], "msg_1 not taken: a file's link answered 404", "{recipe:?}");
    }
}

#[test]
fn a_file_that_is_not_what_was_said_or_not_whole_is_not_kept_and_no_link_leads_elsewhere() {
    let elsewhere = Server::of_files(&[("file", b"12345")]);
    let there = elsewhere.url("/file");
    for recipe in ALL {
        let there = there.clone();
        let files = Server::start(move |request| match request.target() {
            "/moved" => format!("HTTP/1.1 302 Found\r\nlocation: {there}\r\ncontent-length: 0\r\n\r\n").into_bytes(),
            "/cut" => answer_that_says(200, 10, b"12345"),
            _ => answer(200, b"12345"),
        });
        let receiver = recipe.run("not-whole", secret(1).reveal());
        let cases = [
            ("longer", files.url("/file"), Some(4)),
            ("shorter", files.url("/file"), Some(6)),
            ("empty", files.url("/file"), Some(0)),
            ("cut", files.url("/cut"), None),
            ("cut-at-its-size", files.url("/cut"), Some(10)),
            ("moved", files.url("/moved"), Some(5)),
            ("local", "file:///etc/hostname".to_owned(), None),
            ("inline", "data:text/plain,12345".to_owned(), Some(5)),
            ("none", String::new(), None),
            ("refused", "http://127.0.0.1:1/private-key".to_owned(), Some(5)),
        ];
        for (id, link, size) in &cases {
            let document = bundle(&[attachment("a.txt", Some(link), *size)]);
            assert_eq!(receiver.send(&Letter::signed(id, &[secret(1)], &document)), 502, "{recipe:?} {id}");
        }
        let kept = receiver.kept();
        // What has come so far of one is not under its name.
        assert!(kept.keys().all(|path| path.ends_with("/1-a.txt.part")), "{recipe:?}: {:?}", kept.keys());
        let lines = receiver.lines();
        assert_eq!(lines.len(), cases.len(), "{recipe:?}: {lines:?}");
        assert!(!lines.concat().contains("private-key"), "{recipe:?}: {lines:?}");
        let right = bundle(&[attachment("a.txt", Some(&files.url("/file")), Some(5))]);
        assert_eq!(receiver.send(&Letter::signed("longer", &[secret(1)], &right)), 200, "{recipe:?}");
        assert_eq!(receiver.kept()["longer/1-a.txt"], b"12345", "{recipe:?}");
    }
    assert!(elsewhere.asked().is_empty());
}

#[test]
fn whatever_a_file_is_called_it_is_kept_in_its_folder_under_a_name_that_shows_what_it_is() {
    let long = format!("{}.pdf", "\u{fc}".repeat(300));
    let cut = format!("{}.pdf", "\u{fc}".repeat(56));
    let names = [
        ("../../x", "_.._x"),
        ("/etc/passwd", "_etc_passwd"),
        (r"C:\Windows\x.ini", "C__Windows_x.ini"),
        (r#"a"b'c.txt"#, "a_b'c.txt"),
        ("line\r\nbreak\u{2028}.txt", "linebreak.txt"),
        ("picture\u{202e}gpj.exe", "picturegpj.exe"),
        ("\u{feff}zero\u{200b}\u{2066}width\0.txt", "zerowidth.txt"),
        ("", "file"),
        ("..", "file"),
        ("\u{202e}\n", "file"),
        (".hidden", "hidden"),
        ("-rf", "-rf"),
        ("document.json", "document.json"),
        ("\u{540d}\u{524d} \u{1f600}.png", "\u{540d}\u{524d} \u{1f600}.png"),
        (&long, &cut),
        ("same.txt", "same.txt"),
        ("SAME.txt", "SAME.txt"),
    ];
    let files = Server::start(|request| answer(200, request.target().as_bytes()));
    let link = |number| files.url(&format!("/{number}"));
    let attachments = (1..).zip(names).map(|(number, (name, _))| attachment(name, Some(&link(number)), None));
    let document = bundle(&attachments.collect::<Vec<_>>());
    for recipe in ALL {
        let receiver = recipe.run("names", secret(1).reveal());
        assert_eq!(receiver.send(&Letter::signed("msg_1", &[secret(1)], &document)), 200, "{recipe:?}");
        let mut kept = receiver.kept();
        assert!(kept.remove("msg_1/document.json").is_some(), "{recipe:?}");
        let expected = (1..).zip(names).map(|(number, (_, name))| {
            let path = format!("msg_1/{number}-{name}");
            (path, format!("/{number}").into_bytes())
        });
        assert_eq!(kept, expected.collect(), "{recipe:?}");
        assert_eq!(receiver.lines().len(), 1, "{recipe:?}: {:?}", receiver.lines());
    }
}

#[test]
fn a_groups_bundle_is_taken_as_it_goes_out() {
    let event = |text: &str, id: &str| {
        let mut event: Value = serde_json::from_str(include_str!("../../golden/message.event.json")).expect("an event");
        event["chat"]["is_group"] = true.into();
        event["chat"]["phone"] = "".into();
        event["message"]["text"] = text.into();
        event["message"]["message_id"] = id.into();
        event["message"].as_object_mut().expect("an object").remove("attachment");
        native::parse(&event, "").expect("an event")
    };
    let events = [event("first \u{1f600} <b>", "1"), event("second\n\u{202e}", "2")];
    let body = document::bundle(&events, &events, "TimelinesAI", &|_| FileLink::default()).expect("there are messages");
    assert_eq!(serde_json::from_slice::<Value>(&body).expect("JSON")["chat"]["is_group"], json!(true));
    for recipe in ALL {
        let receiver = recipe.run("group", secret(1).reveal());
        let letter = Letter::of_bytes(letter::now(), "msg_1", &[secret(1)], body.clone());
        assert_eq!(receiver.send(&letter), 200, "{recipe:?}");
        assert_eq!(receiver.kept()["msg_1/document.json"], body, "{recipe:?}");
        assert_eq!(receiver.lines(), ["msg_1 taken: 2 messages"], "{recipe:?}");
    }
}
