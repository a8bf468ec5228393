//! Whom a message is from, and which chat it belongs to: names, numbers, links and ids.

use super::{Around, message, sample};
use bundler::{
    event::{ChatKind, Direction},
    file::Source,
    id::WorkspaceId,
    upstream::Upstream,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn chat_of(call: &Value) -> String {
    Around::default().read_one(call).event.chat.id.as_str().to_owned()
}

fn with(name: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut call = sample(name);
    change(message(&mut call));
    call
}

#[test]
fn a_chats_id_is_opaque_and_is_its_accounts_and_persons_and_workspaces_own() {
    let id = chat_of(&sample("text"));
    let hex = id.strip_prefix("wa_").expect("a prefix");
    assert!(hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    let mut other_number = sample("text");
    other_number["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = json!("510000000000002");
    let other_workspace = Around { workspace: WorkspaceId::parse("other").expect("an id"), ..Around::default() };
    let other_secret = Around {
        secret: bundler::signature::RootSecret::parse(&"else".repeat(16)).expect("a secret"),
        ..Around::default()
    };
    let elsewhere = |around: &Around| around.read_one(&sample("text")).event.chat.id.as_str().to_owned();
    let ids = BTreeSet::from([
        id,
        chat_of(&other_number),
        chat_of(&sample("username-only")),
        chat_of(&sample("phone-only")),
        chat_of(&sample("group-text")),
        // A group that is called as a person is no person.
        chat_of(&with("text", |message| message["group_id"] = json!("IL.7000000000000000001"))),
        chat_of(&with("phone-only", |message| message["from_user_id"] = json!("972540000031"))),
        elsewhere(&other_workspace),
        elsewhere(&other_secret),
    ]);
    assert_eq!(ids.len(), 9);
}

#[test]
fn a_person_is_known_by_the_user_id_where_there_is_one_and_by_the_number_where_there_is_none() {
    let id = chat_of(&sample("text"));
    let hidden = with("text", |message| message["from"] = json!(""));
    assert_eq!(chat_of(&hidden), id, "a number that is hidden later changes nothing");
    let changed = with("text", |message| message["from"] = json!("972540000077"));
    assert_eq!(chat_of(&changed), id);
    let contacts_alone =
        with("text", |message| drop(message.as_object_mut().expect("a message").remove("from_user_id")));
    assert_eq!(chat_of(&contacts_alone), id, "the contact says the user id");
    assert_eq!(chat_of(&sample("contact-request")), id);
    assert_ne!(chat_of(&sample("phone-only")), id);
}

#[test]
fn what_the_business_writes_is_in_the_chat_of_whom_it_is_written_to() {
    let id = chat_of(&sample("text"));
    for (name, _) in super::types::TYPES.iter().filter(|(name, _)| name.starts_with("echo-")) {
        let event = Around::default().read_one(&sample(name)).event;
        assert_eq!(event.chat.id.as_str(), id, "{name}");
        assert_eq!(event.message.direction, Direction::Sent, "{name}");
        assert_eq!(event.message.recipient.full_name, "Noa Levi", "{name}");
        assert_eq!(
            (event.message.sender.phone.as_str(), event.chat.phone.as_str()),
            ("+972500000001", "+972540000002")
        );
    }
    let mut bare = with("echo-text", |message| drop(message.as_object_mut().expect("an echo").remove("to_user_id")));
    assert_eq!(chat_of(&bare), id, "the contact says the user id");
    bare["entry"][0]["changes"][0]["value"].as_object_mut().expect("a value").remove("contacts");
    let event = Around::default().read_one(&bare).event;
    assert_eq!(
        (event.chat.full_name.as_str(), event.message.recipient.phone.as_str()),
        ("+972540000002", "+972540000002")
    );
    let phones = with("phone-only", |message| message["from"] = json!("972540000002"));
    assert_eq!(event.chat.id.as_str(), chat_of(&phones), "by the number, if that is all that either says");
    bare["entry"][0]["changes"][0]["value"]["message_echoes"][0]["to"] = json!("+972540000002");
    assert_eq!(chat_of(&bare), chat_of(&phones), "with a plus or without");
}

#[test]
fn a_notice_of_another_number_or_id_is_in_the_chat_that_there_was() {
    let id = chat_of(&sample("text"));
    assert_eq!(chat_of(&sample("number-changed")), id);
    assert_eq!(chat_of(&sample("user-id-changed")), id);
}

#[test]
fn a_group_is_a_chat_without_a_number_whose_messages_say_who_wrote_them() {
    let event = Around::default().read_one(&sample("group-text")).event;
    assert_eq!(
        (event.chat.kind, event.chat.phone.as_str(), event.chat.full_name.as_str()),
        (ChatKind::Group, "", "WhatsApp group")
    );
    assert_eq!(
        (event.message.sender.full_name.as_str(), event.message.sender.phone.as_str()),
        ("Noa Levi", "+972540000002")
    );
    let other = with("group-text", |message| {
        message["from"] = json!("972540000099");
        message["from_user_id"] = json!("IL.7000000000000000099");
    });
    assert_eq!(chat_of(&other), event.chat.id.as_str());
}

#[test]
fn each_of_several_messages_has_its_own_contacts_name() {
    let mut call = sample("text");
    let value = &mut call["entry"][0]["changes"][0]["value"];
    value["contacts"] = json!([
        { "profile": { "name": "Somebody" }, "wa_id": "972540000050", "user_id": "IL.50" },
        value["contacts"][0],
        { "profile": 7, "wa_id": 7 },
        "contact",
    ]);
    let mut second = value["messages"][0].clone();
    second["from_user_id"] = json!("IL.50");
    let mut third = value["messages"][0].clone();
    (third["from_user_id"], third["from"]) = (json!("IL.60"), json!("972540000060"));
    value["messages"].as_array_mut().expect("messages").extend([second, third]);
    let read =
        Around::default().read(&call).into_iter().map(|read| read.expect("a message").event.message.sender.full_name);
    assert_eq!(read.collect::<Vec<_>>(), ["Noa Levi", "Somebody", "+972540000060"]);
}

#[test]
fn the_account_is_as_the_workspace_has_set_it_and_links_lead_where_it_says() {
    let settings = json!({
        "accounts": [{ "id": "510000000000001", "phone": "+972 50-000-0001", "full_name": "Dana", "email": "dana@acme.example" }],
        "chat_url": "https://crm.example.org/c/{chat_id}",
        "permalink": "https://crm.example.org/c/{chat_id}?p={phone}#{message_id}",
    });
    let around = Around { upstream: Upstream::parse(&settings).expect("settings"), ..Around::default() };
    let event = around.read_one(&sample("text")).event;
    assert_eq!((event.account.full_name.as_str(), event.account.phone.as_str()), ("Dana", "+972 50-000-0001"));
    assert_eq!(
        (event.chat.responsible_name.as_str(), event.chat.responsible_email.as_str()),
        ("Dana", "dana@acme.example")
    );
    assert_eq!((event.message.recipient.full_name.as_str(), event.chat.is_new), ("Dana", false));
    let id = event.chat.id.as_str();
    assert_eq!(event.chat.url.as_str(), format!("https://crm.example.org/c/{id}"));
    let permalink = event.message.permalink.expect("a link");
    assert_eq!(permalink.as_str(), format!("https://crm.example.org/c/{id}?p=972540000002#wamid.SAMPLE-text"));

    let unset = Around::default().read_one(&sample("text")).event;
    assert_eq!((unset.account.full_name.as_str(), unset.account.phone.as_str()), ("", "+972500000001"));
    assert_eq!(unset.chat.url.as_str(), "https://wa.me/972540000002");
    let nameless = Around::default().read_one(&sample("username-only")).event;
    assert_eq!((nameless.chat.phone.as_str(), nameless.chat.url.as_str()), ("", "https://web.whatsapp.com/"));
}

#[test]
fn a_file_is_to_be_had_by_its_media_id_and_one_that_leads_elsewhere_is_none() {
    let read = Around::default().read_one(&sample("document"));
    let sha256 = Some("q2FtcGxlLXNhbXBsZS1zYW1wbGUtc2FtcGxlLXNhbXA=".to_owned());
    assert_eq!(read.source, Some(Source::WhatsApp { media: "810000000000005".to_owned(), sha256 }));
    let file = read.event.message.attachment.expect("a file");
    assert_eq!((file.filename.as_str(), file.size, file.mimetype.as_str()), ("Offer 17.pdf", None, "application/pdf"));
    for odd in ["", "../me", "1?fields=x", "1/2", "é", &"1".repeat(257)] {
        let call = with("document", |message| message["document"]["id"] = json!(odd));
        let read = Around::default().read_one(&call);
        assert_eq!((read.source, read.event.message.attachment), (None, None), "{odd}");
    }
}

#[test]
fn what_is_too_long_is_cut_and_a_message_without_id_moment_or_sender_is_refused() {
    let long = with("text", |message| message["text"]["body"] = json!("א".repeat(70_000)));
    let text = Around::default().read_one(&long).event.message.text;
    assert_eq!((text.chars().count(), text.chars().last()), (65_536, Some('…')));
    let check = |change: &dyn Fn(&mut Value), why: &str| {
        let call = with("phone-only", |message| change(message));
        let read = Around::default().read(&call);
        assert_eq!(
            read.iter().map(|read| read.as_ref().map_err(|why| why.name()).err()).collect::<Vec<_>>(),
            [Some(why)]
        );
    };
    check(&|message| message["id"] = json!(7), "no_id");
    check(&|message| message["id"] = json!("a\u{0}"), "no_id");
    check(&|message| message["timestamp"] = json!("today"), "no_timestamp");
    check(&|message| message["timestamp"] = json!(-1), "no_timestamp");
    check(&|message| message["timestamp"] = json!("99999999999999"), "no_timestamp");
    check(&|message| *message = json!([1]), "no_timestamp");
    let nobody = with("number-changed", |message| {
        message["from"] = json!(null);
        message["system"] = json!({});
    });
    assert_eq!(Around::default().read(&nobody).remove(0).err().map(bundler::upstream::Refused::name), Some("no_chat"));
}
