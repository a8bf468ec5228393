//! The chats that have gathered something: each in its window, with what no cut has taken.

use super::{Desk, HOOK};
use crate::{
    contract::{
        Memory, Tables,
        values::{lane, workspace},
    },
    world::{World, at, in_chat, message, run},
};
use bundler::{
    delivery::Lane,
    id::{KeyPart, WebhookId},
    limits, native,
    schedule::Schedule,
    settings::Settings,
    signature::SigningSecret,
    table::bucket::{BucketMessage, Slot},
    window::Granularity,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const CHATS: &str = "/v1/workspaces/acme/webhooks/default/chats";

fn look(desk: &Desk, path: &str) -> Value {
    let told = desk.get(path);
    assert_eq!(told.status, 200, "{}", told.text());
    told.json()
}

/// Chat, messages and the end of the window of each that is shown.
fn shown(list: &Value) -> Vec<(String, u64, String)> {
    let text = |chat: &Value, name: &str| chat[name].as_str().expect(name).to_owned();
    let chat = |chat: &Value| {
        let end = text(chat, "window_end").replace(":00:00.000Z", "").replace("2021-02-", "");
        (text(chat, "chat_id"), chat["messages"].as_u64().expect("a number"), end)
    };
    list["chats"].as_array().expect("chats").iter().map(chat).collect()
}

fn row(chat: &str, messages: u64, end: &str) -> (String, u64, String) {
    (chat.to_owned(), messages, end.to_owned())
}

fn said(world: &World, chat: &str, sent: &str, ids: std::ops::Range<u32>) {
    for id in ids {
        world.ingest(&in_chat(chat, message(sent, &format!("{sent} {id}"), "hidden-text")));
    }
}

fn requests(desk: &Desk) -> usize {
    desk.world.tape.take().iter().filter(|call| **call == "read_gathering").count()
}

#[test]
fn chats_are_listed_by_window_and_name_with_their_messages_for_names_and_ids_in_every_script() {
    let desk = Desk::new(Granularity::Hours1);
    let long = "א".repeat(256);
    let chats =
        [("10010001", "Zoë <b>"), ("Ἑλληνικά/עברית#日本語 🙂?", "Ωμέγα"), (&long, "אבג \u{202e}"), ("a%2Fb", "Jane")];
    for (chat, name) in chats {
        for id in 0..3 {
            let mut event = in_chat(chat, message("2021-02-24T16:30:00+0000", &id.to_string(), "hidden-text"));
            event["chat"]["full_name"] = json!(if id == 2 { name } else { "Before" });
            event["chat"]["is_group"] = json!(chat == "a%2Fb");
            desk.world.ingest(&event);
        }
    }
    let list = look(&desk, CHATS);
    let names: Vec<_> = list["chats"].as_array().expect("chats").iter().map(|it| it["name"].clone()).collect();
    assert_eq!(names, ["Jane", "Zoë <b>", "Ωμέγα", "אבג \u{202e}"], "as the latest message has it");
    let expected =
        [row("a%2Fb", 3, "24T17"), row(chats[0].0, 3, "24T17"), row(chats[1].0, 3, "24T17"), row(&long, 3, "24T17")];
    assert_eq!(shown(&list), expected);
    let groups: Vec<_> = list["chats"].as_array().expect("chats").iter().map(|it| it["is_group"].clone()).collect();
    assert_eq!(groups, [json!(true), json!(false), json!(false), json!(false)]);
    assert_eq!((&list["total"], &list["after"]), (&json!({ "count": 4, "more": false }), &Value::Null));
    assert!(!list.to_string().contains("hidden-text"));
    for line in desk.world.log.all().iter().filter(|line| line.contains("answered")) {
        assert!(!["Jane", "Zoë", "10010001", "hidden"].iter().any(|it| line.contains(it)), "{line}");
    }
}

#[test]
fn every_shard_is_asked_once_for_each_window_that_is_open() {
    let desk = Desk::new(Granularity::Hours6);
    for (now, windows) in [
        ("2021-02-24T16:31:00Z", 1),
        ("2021-02-24T17:54:59Z", 1),
        ("2021-02-24T17:55:00Z", 2),
        ("2021-02-24T18:00:44Z", 2),
        ("2021-02-24T18:00:45Z", 1),
    ] {
        desk.world.set_time(now);
        look(&desk, CHATS);
        assert_eq!(requests(&desk), windows * 256, "{now}");
    }
}

#[test]
fn a_window_is_listed_from_the_first_message_ahead_of_it_until_it_begins_to_go_out() {
    let desk = Desk::new(Granularity::Hours1);
    said(&desk.world, "1", "2021-02-24T16:30:00Z", 0..2);
    desk.world.set_time("2021-02-24T16:58:00Z");
    said(&desk.world, "2", "2021-02-24T17:01:00Z", 0..1);
    let both = [row("1", 2, "24T17"), row("2", 1, "24T18")];
    assert_eq!(shown(&look(&desk, CHATS)), both);
    desk.world.set_time("2021-02-24T17:00:10Z");
    said(&desk.world, "1", "2021-02-24T16:59:59Z", 0..1);
    assert_eq!(shown(&look(&desk, CHATS)), [row("1", 3, "24T17"), row("2", 1, "24T18")], "it comes on time");
    desk.world.set_time("2021-02-24T17:00:45Z");
    said(&desk.world, "1", "2021-02-24T16:40:00Z", 0..1);
    let late = [row("1", 1, "24T18"), row("2", 1, "24T18")];
    assert_eq!(shown(&look(&desk, CHATS)), late, "what comes too late is in the window that is open");
}

#[test]
fn a_window_that_was_open_when_the_granularity_was_changed_is_listed_to_its_end() {
    let desk = Desk::new(Granularity::Hours24);
    said(&desk.world, "1", "2021-02-24T16:30:00Z", 0..1);
    desk.patch(&json!({ "granularity": "1h" }));
    desk.world.set_time("2021-02-24T16:39:00Z");
    desk.world.restart();
    said(&desk.world, "2", "2021-02-24T16:38:30Z", 0..1);
    let both = [row("2", 1, "24T17"), row("1", 1, "25T00")];
    assert_eq!(shown(&look(&desk, CHATS)), both);
    desk.patch(&json!({ "granularity": "none" }));
    desk.world.set_time("2021-02-24T17:30:00Z");
    desk.world.tape.take();
    assert_eq!(shown(&look(&desk, CHATS)), both[1..], "of what gathers no more, too");
    assert_eq!(requests(&desk), 256);
    desk.world.set_time("2021-02-25T00:00:45Z");
    assert_eq!(shown(&look(&desk, CHATS)), []);
}

#[test]
fn a_webhook_that_sends_each_message_at_once_gathers_nothing_and_nothing_is_asked_for_it() {
    let desk = Desk::new(Granularity::None);
    said(&desk.world, "1", "2021-02-24T16:30:00Z", 0..1);
    let nothing = json!({ "total": { "count": 0, "more": false }, "chats": [], "after": null });
    assert_eq!(look(&desk, CHATS), nothing);
    assert_eq!(requests(&desk), 0);
    assert_eq!(desk.get("/v1/workspaces/acme/webhooks/none/chats").status, 404);
}

#[test]
fn what_a_cut_has_taken_is_gathering_no_more() {
    let desk = Desk::new(Granularity::Hours1);
    for chat in ["1", "2"] {
        said(&desk.world, chat, "2021-02-24T16:30:00Z", 0..3);
    }
    let flushed = desk.ask(&desk.admin(), "POST", &format!("{HOOK}/chats/1/flush"), None);
    assert_eq!(flushed.json()["outcome"], "cut");
    assert_eq!(shown(&look(&desk, CHATS)), [row("2", 3, "24T17")]);
    desk.world.set_time("2021-02-24T16:31:30Z");
    said(&desk.world, "1", "2021-02-24T16:31:29Z", 0..2);
    assert_eq!(shown(&look(&desk, CHATS)), [row("1", 2, "24T17"), row("2", 3, "24T17")]);
}

#[test]
fn two_webhooks_and_workspaces_whose_ids_begin_alike_gather_beside_each_other() {
    let world = World::new(Granularity::Hours1);
    let settings = || {
        let (url, secret) = ("https://hooks.example.org/2".to_owned(), SigningSecret::from_bytes([2; 32]));
        Settings::new(url, Granularity::Hours1, secret)
    };
    let beside = WebhookId::parse("default2").expect("an id");
    world.configure(|settings| settings.others = vec![beside.clone()]);
    world.table.inner.put_settings(&workspace("acme"), &beside, &settings()).expect("settings are put");
    for id in ["acm", "acme2", "a"] {
        world.add_workspace(id);
    }
    // Enough chats for every shard to hold some of each.
    for chat in 0..600 {
        let own = format!("chat {chat}");
        world.ingest(&in_chat(&own, message("2021-02-24T16:30:00Z", "1", "")));
        for id in ["acm", "acme2"] {
            let mut event = in_chat(&format!("{id} {chat}"), message("2021-02-24T16:30:00Z", "1", ""));
            event["workspace_id"] = json!(id);
            world.ingest(&event);
        }
    }
    let desk = Desk::over(world);
    for (id, webhook, prefix) in [
        ("acme", "default", "chat "),
        ("acme", "default2", "chat "),
        ("acm", "default", "acm "),
        ("acme2", "default", "acme2 "),
    ] {
        let mut path = format!("/v1/workspaces/{id}/webhooks/{webhook}/chats");
        let mut chats = Vec::new();
        loop {
            let list = look(&desk, &path);
            chats.extend(shown(&list).into_iter().map(|(chat, _, _)| chat));
            let Some(after) = list["after"].as_str() else { break };
            path = format!("/v1/workspaces/{id}/webhooks/{webhook}/chats?after={after}");
        }
        chats.sort();
        let mut expected: Vec<_> = (0..600).map(|chat| format!("{prefix}{chat}")).collect();
        expected.sort();
        assert_eq!(chats, expected, "{id} {webhook}");
    }
    assert_eq!(shown(&look(&desk, "/v1/workspaces/a/webhooks/default/chats")), []);
}

/// A world in which so many messages gather in each of these chats.
fn gathering(chats: &[(String, usize)]) -> Desk {
    let mut world = World::new(Granularity::Hours24);
    let mut items = world.table.inner.store().items();
    let event = native::parse(&message("2021-02-24T16:30:00Z", "1", ""), "").expect("an event");
    for (chat, messages) in chats {
        let lane = Lane { chat: KeyPart::of(chat), ..lane("1") };
        let mut event = event.clone();
        event.chat.id = bundler::id::ChatId::parse(chat).expect("an id");
        let slot = Slot {
            due: at("2021-02-25T00:00:00Z"),
            lane,
            timestamp: event.message.timestamp,
            message: KeyPart::of("0"),
        };
        for number in 0..*messages {
            let slot = Slot { message: KeyPart::of(&format!("{number:05}")), ..slot.clone() };
            items.push(BucketMessage { slot, event: event.clone(), at: at("2021-02-24T16:30:01Z") }.to_item());
        }
    }
    world.table.inner = run(Memory.holding(items));
    Desk::over(world)
}

/// Every page: what is shown of each chat, and what each page says of how many there are.
fn all(desk: &Desk) -> (BTreeMap<String, (u64, bool)>, Vec<Value>) {
    let (mut chats, mut totals, mut path) = (BTreeMap::new(), Vec::new(), CHATS.to_owned());
    loop {
        let list = look(desk, &path);
        assert!(requests(desk) <= 256, "a look asks each shard once");
        for chat in list["chats"].as_array().expect("chats") {
            let counted = (chat["messages"].as_u64().expect("a number"), chat["is_exact"] == true);
            let before = chats.insert(chat["chat_id"].as_str().expect("an id").to_owned(), counted);
            assert_eq!(before, None, "no chat is shown twice");
        }
        totals.push(list["total"].clone());
        let Some(after) = list["after"].as_str() else { return (chats, totals) };
        assert!(after.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_~".contains(&byte)), "{after}");
        path = format!("{CHATS}?after={after}");
    }
}

#[test]
fn of_a_huge_webhook_every_chat_is_listed_once_page_by_page_and_the_first_says_more_than() {
    let chats: Vec<_> = (0..9_000).map(|chat| (format!("Ω {chat}"), 3)).collect();
    let desk = gathering(&chats);
    let (found, totals) = all(&desk);
    let expected = chats.iter().map(|(chat, messages)| (chat.clone(), (*messages as u64, true))).collect();
    assert_eq!(found, expected);
    assert_eq!(totals.len(), 18, "of 500 chats each");
    assert!(totals[0]["more"] == true && totals[0]["count"].as_u64() > Some(6_000), "{}", totals[0]);
    assert_eq!(totals[17], json!({ "count": 500, "more": false }));
}

#[test]
fn of_more_chats_than_an_answer_lists_the_number_is_told_all_the_same() {
    let desk = gathering(&(0..1_200).map(|chat| (chat.to_string(), 1)).collect::<Vec<_>>());
    let (found, totals) = all(&desk);
    assert_eq!(found.len(), 1_200);
    let counts = [1_200, 700, 200].map(|count| json!({ "count": count, "more": false }));
    assert_eq!(totals, counts);
}

#[test]
fn a_chat_with_more_messages_than_a_request_reads_is_told_to_have_more_and_hides_no_other() {
    let shard = lane("1").shard();
    let alike =
        |from: u32| (from..2 * from + 20_000).map(|chat| chat.to_string()).find(|chat| lane(chat).shard() == shard);
    let others = [alike(2), alike(20_000)].map(|chat| (chat.expect("a chat"), 2));
    let mut chats: Vec<_> = (0..300).map(|chat| (format!("other {chat}"), 1)).collect();
    chats.push(("1".to_owned(), 1_500));
    chats.extend(others);
    let desk = gathering(&chats);
    let (found, totals) = all(&desk);
    let expected = chats.iter().map(|(chat, messages)| match messages {
        1_500 => (chat.clone(), (u64::from(limits::GATHERING_PAGE_ROWS), false)),
        messages => (chat.clone(), (*messages as u64, true)),
    });
    assert_eq!(found, expected.collect());
    assert_eq!(totals.len(), 2);
    assert_eq!(totals[0]["more"], true);
}

#[test]
fn an_answer_goes_on_from_where_one_has_ended_and_from_nowhere_else() {
    let desk = Desk::new(Granularity::Hours1);
    desk.world.add_workspace("acmd");
    let mut event = in_chat("others", message("2021-02-24T16:30:00Z", "1", ""));
    event["workspace_id"] = json!("acmd");
    desk.world.ingest(&event);
    for wrong in
        ["", "x", "20210224T170000~0", "20210224T170000~256~", "20210224T170000~0~YSNi", "20210224T170000~0~~", "~~"]
    {
        let told = desk.get(&format!("{CHATS}?after={wrong}"));
        assert!(told.status == 400 && told.text().contains("after"), "{wrong}: {}", told.status);
    }
    // A place in a window that is open no more, in one that never was, and behind the last chat there could be.
    for place in ["20210224T160000~9~", "20210224T163000~9~", "20210224T170000~255~fg", "20990101T000000~0~"] {
        let list = look(&desk, &format!("{CHATS}?after={place}"));
        assert_eq!(shown(&list), [], "{place}");
    }
}

#[test]
fn a_change_of_time_zone_leaves_no_open_window_out() {
    let desk = Desk::new(Granularity::Hours24);
    said(&desk.world, "1", "2021-02-24T16:30:00Z", 0..1);
    desk.world.configure(|settings| {
        let schedule = Schedule::try_from("24h Asia/Kathmandu 18".to_owned()).expect("a schedule");
        settings.schedule.change(at("2021-02-24T16:31:00Z"), schedule);
    });
    desk.world.restart();
    desk.world.set_time("2021-02-24T16:39:00Z");
    said(&desk.world, "2", "2021-02-24T16:38:30Z", 0..1);
    let list = look(&desk, CHATS);
    let ends: Vec<_> = list["chats"].as_array().expect("chats").iter().map(|it| it["window_end"].clone()).collect();
    assert_eq!(ends, ["2021-02-25T00:00:00.000Z", "2021-02-25T12:15:00.000Z"]);
}
