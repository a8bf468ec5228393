//! The page of WhatsApp accounts, used as a person uses it.

use super::{
    super::upstream::{many, put, shown, whole},
    Browser, encoded,
};
use crate::{
    portal::{Desk, Told},
    world::World,
};
use bundler::{limits, portal::Grant, window::Granularity};
use serde_json::json;

const ACCOUNTS: &str = "/workspaces/acme/accounts";
const SAVE: &str = "/workspaces/acme/accounts/save";
const REMOVE: &str = "/workspaces/acme/accounts/remove";
const LINKS: &str = "/workspaces/acme/accounts/links";

/// Sends a form of the page as it is now.
fn sent(browser: &Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Told {
    let revision = browser.look(ACCOUNTS).value("revision");
    sent_from(browser, &revision, path, fields)
}

/// Sends a form of a page that was made from this revision.
fn sent_from(browser: &Browser<'_>, revision: &str, path: &str, fields: &[(&str, &str)]) -> Told {
    let fields: Vec<_> = [("revision", revision)].into_iter().chain(fields.iter().copied()).collect();
    browser.send(path, &fields)
}

const DANA: [(&str, &str); 5] =
    [("account", ""), ("id", "1234"), ("phone", "+972 50"), ("full_name", "Dana"), ("email", "dana@acme.example")];

fn typed<'a>(over: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    DANA.into_iter()
        .filter(|(name, _)| !over.iter().any(|(typed, _)| typed == name))
        .chain(over.iter().copied())
        .collect()
}

#[test]
fn an_account_is_added_changed_and_taken_away() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    browser.look(ACCOUNTS).says("None yet. Messages of any number go out all the same");
    let added = sent(&browser, SAVE, &typed(&[("phone", " +972 50 ")]));
    assert_eq!(added.status, 200, "{}", added.words());
    added.says("Saved.");
    added.says("Dana dana@acme.example +972 50 1234");
    assert_eq!(added.value("id"), "", "the form is there for another one");
    let dana = json!({ "id": "1234", "phone": "+972 50", "full_name": "Dana", "email": "dana@acme.example" });
    assert_eq!(shown(&desk)["accounts"], json!([dana]));
    sent(&browser, SAVE, &[("account", ""), ("id", "+15550001"), ("phone", "+1 555 0001")]).says("Saved.");

    let opened = browser.look(&format!("{ACCOUNTS}?{}", encoded(&[("account", "+15550001")])));
    opened.says("Change the account +15550001");
    assert_eq!((opened.value("id").as_str(), opened.value("phone").as_str()), ("+15550001", "+1 555 0001"));
    let changed =
        sent(&browser, SAVE, &[("account", "+15550001"), ("id", "77"), ("phone", "+1 555"), ("full_name", "Avi")]);
    assert_eq!(changed.status, 200, "{}", changed.words());
    let avi = json!({ "id": "77", "phone": "+1 555", "full_name": "Avi", "email": "" });
    assert_eq!(shown(&desk)["accounts"], json!([dana, avi]), "in its place");
    sent(&browser, SAVE, &typed(&[("account", "1234")])).says("Saved. Nothing was different.");

    let removed = sent(&browser, REMOVE, &[("account", "1234")]);
    assert_eq!(removed.status, 200);
    removed.says("Taken away. What comes through this number still goes out");
    assert_eq!(shown(&desk)["accounts"], json!([avi]));
    let gone = browser.look(&format!("{ACCOUNTS}?account=1234"));
    assert_eq!(gone.status, 404);
    gone.says("There is no such account any more.");
}

#[test]
fn where_links_lead_is_set_and_shown_by_an_example() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    browser.look(ACCOUNTS).says("For example https://wa.me/972540000000");
    let fields = [
        ("chat_url", "https://crm.example.org/{chat_id}?p={phone}"),
        ("permalink", "https://crm.example.org/m/{message_id}"),
    ];
    let told = sent(&browser, LINKS, &fields);
    assert_eq!(told.status, 200, "{}", told.words());
    told.says("Saved.");
    told.says("For example https://crm.example.org/10010001?p=%2b972540000000");
    told.says("For example https://crm.example.org/m/ddfskhsd76dsfs6dsd5skjsdhf");
    assert_eq!(told.value("chat_url"), fields[0].1);
    assert_eq!((&shown(&desk)["chat_url"], &shown(&desk)["permalink"]), (&json!(fields[0].1), &json!(fields[1].1)));
    sent(&browser, LINKS, &fields).says("Nothing was different.");
    assert_eq!(sent(&browser, LINKS, &[("chat_url", ""), ("permalink", " ")]).status, 200);
    assert_eq!((&shown(&desk)["chat_url"], &shown(&desk)["permalink"]), (&json!(null), &json!(null)));
}

#[test]
fn accounts_and_links_leave_each_other_as_they_are() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    put(&desk, &whole());
    sent(&browser, SAVE, &DANA).says("Saved.");
    sent(&browser, LINKS, &[("chat_url", "https://a.example.org/{chat_id}"), ("permalink", "")]).says("Saved.");
    sent(&browser, REMOVE, &[("account", "1234")]).says("Taken away.");
    let expected = json!({
        "accounts": whole()["accounts"], "chat_url": "https://a.example.org/{chat_id}", "permalink": null
    });
    assert_eq!(shown(&desk), expected);
}

#[test]
fn what_is_wrong_stands_beside_its_field_as_the_api_says_it_and_nothing_typed_is_lost() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    put(&desk, &whole());
    let long = "x".repeat(1_025);
    for (field, value) in [
        ("id", ""),
        ("id", "12a"),
        ("id", "106540352242922"),
        ("phone", ""),
        ("phone", &long),
        ("full_name", &long),
        ("email", &long),
        ("chat_url", "ftp://a"),
        ("chat_url", "https://a.example.org/{message_id}"),
        ("chat_url", "https://{chat_id}/"),
        ("permalink", "https://a.example.org/{secret}"),
        ("permalink", &format!("https://a.example.org/{long}")),
    ] {
        let (path, fields, mut document) = if field.len() > 5 && field != "full_name" && field != "email" {
            (LINKS, vec![("chat_url", ""), ("permalink", "")], whole())
        } else {
            (SAVE, DANA.to_vec(), whole())
        };
        let fields: Vec<_> = fields.into_iter().filter(|(name, _)| *name != field).chain([(field, value)]).collect();
        if path == SAVE {
            let row = DANA.into_iter().skip(1).map(|(name, text)| (name.to_owned(), json!(text)));
            let mut row: serde_json::Value = row.collect::<serde_json::Map<_, _>>().into();
            row[field] = json!(value);
            document["accounts"].as_array_mut().expect("a list").push(row);
        } else {
            document[field] = json!(value);
        }
        let told = sent(&browser, path, &fields);
        assert_eq!(told.status, 422, "{field} {value:.40}");
        told.says("Not saved: please look at what is marked below.");
        assert_eq!(told.value(field), value, "{field}");
        let by_api = put(&desk, &document);
        let error = by_api.json()["errors"][0].clone();
        assert_eq!((by_api.status, by_api.json()["errors"].as_array().map(Vec::len)), (422, Some(1)), "{field}");
        assert!(error["pointer"].as_str().is_some_and(|pointer| pointer.ends_with(&format!("/{field}"))), "{error}");
        let detail = error["detail"].as_str().expect("a detail");
        assert!(told.words().to_lowercase().contains(&detail.to_lowercase()), "{detail} is not in {}", told.words());
        let html = told.text();
        assert!(html.contains(&format!("id=\"{field}-error\"")), "{field}: {}", told.words());
        assert_eq!(shown(&desk), whole(), "{field}");
    }
}

#[test]
fn who_is_slower_sees_what_differs_and_may_save_again() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    sent(&browser, SAVE, &DANA);
    let seen = browser.look(ACCOUNTS).value("revision");
    sent(&browser, SAVE, &typed(&[("account", "1234"), ("full_name", "Dana Other")]));
    let slower = sent_from(&browser, &seen, SAVE, &typed(&[("account", "1234"), ("full_name", "Dana Mine")]));
    assert_eq!(slower.status, 409);
    slower.says("Not saved: somebody else has saved meanwhile.");
    slower.says("Team member’s name Dana Mine Dana Other");
    assert_eq!(shown(&desk)["accounts"][0]["full_name"], "Dana Other");
    assert_eq!((slower.value("full_name").as_str(), slower.value("account").as_str()), ("Dana Mine", "1234"));
    let again = sent_from(
        &browser,
        &slower.value("revision"),
        SAVE,
        &typed(&[("account", "1234"), ("full_name", "Dana Mine")]),
    );
    assert_eq!((again.status, &shown(&desk)["accounts"][0]["full_name"]), (200, &json!("Dana Mine")));

    let removed = sent_from(&browser, &seen, REMOVE, &[("account", "1234")]);
    assert_eq!((removed.status, shown(&desk)["accounts"].as_array().map(Vec::len)), (409, Some(1)));
    removed.says("Somebody else has saved meanwhile. Look at the list, and try again.");

    let links = sent_from(&browser, &seen, LINKS, &[("chat_url", "https://mine.example.org/"), ("permalink", "")]);
    assert_eq!((links.status, &shown(&desk)["chat_url"]), (409, &json!(null)));
    links.says("Link to a chat https://mine.example.org/");
    assert_eq!(links.value("chat_url"), "https://mine.example.org/");
}

#[test]
fn an_account_that_somebody_else_has_taken_away_is_typed_for_a_new_one() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    sent(&browser, SAVE, &DANA);
    let seen = browser.look(ACCOUNTS).value("revision");
    sent(&browser, REMOVE, &[("account", "1234")]);
    let slower = sent_from(&browser, &seen, SAVE, &typed(&[("account", "1234")]));
    assert_eq!(slower.status, 409);
    slower.says("Add an account");
    assert_eq!((slower.value("account").as_str(), slower.value("id").as_str()), ("", "1234"));
    let again = sent_from(&browser, &slower.value("revision"), SAVE, &DANA);
    assert_eq!((again.status, &shown(&desk)["accounts"][0]["id"]), (200, &json!("1234")));
}

#[test]
fn what_no_form_of_the_page_sends_changes_nothing() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    put(&desk, &whole());
    for (path, fields) in [(SAVE, typed(&[("account", "nobody")])), (REMOVE, vec![("account", "nobody")])] {
        assert_eq!(sent(&browser, path, &fields).status, 422, "{path}");
        assert_eq!(browser.send(path, &fields).status, 409, "{path} without a revision");
    }
    for path in [SAVE, REMOVE, LINKS] {
        let back = browser.look(path);
        assert_eq!((back.status, back.header("location")), (303, ACCOUNTS));
    }
    assert_eq!(shown(&desk), whole());
}

#[test]
fn of_very_many_accounts_each_is_listed_and_there_is_none_beyond() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    put(&desk, &json!({ "accounts": many(limits::UPSTREAM_ACCOUNTS) }));
    let page = browser.look(ACCOUNTS);
    assert_eq!(page.text().matches("?account=").count(), limits::UPSTREAM_ACCOUNTS);
    page.says("There are as many as there can be: 50.");
    let more = sent(&browser, SAVE, &typed(&[("id", "999999")]));
    assert_eq!(more.status, 422);
    more.says("Not done: The accounts must");
    assert_eq!(shown(&desk)["accounts"], many(limits::UPSTREAM_ACCOUNTS));
    assert_eq!(sent(&browser, SAVE, &typed(&[("account", "7"), ("id", "7")])).status, 200, "each may be changed");
    assert_eq!(sent(&browser, REMOVE, &[("account", "7")]).status, 200);
    assert_eq!(sent(&browser, SAVE, &typed(&[("id", "999999")])).status, 200);
}

#[test]
fn a_name_that_wants_to_be_more_than_a_name_stands_on_the_page_as_text() {
    let desk = Desk::new(Granularity::Hours1);
    let browser = Browser::new(&desk);
    let name = "\"><script>alert(1)</script>\u{202e}'";
    let told = sent(&browser, SAVE, &typed(&[("full_name", name), ("phone", "<b>1</b>")]));
    assert_eq!((told.status, &shown(&desk)["accounts"][0]["full_name"]), (200, &json!(name)));
    for page in [told, browser.look(&format!("{ACCOUNTS}?account=1234"))] {
        assert!(!page.text().contains("<script>alert") && !page.text().contains("<b>1"));
        page.says(name);
    }
    let query = encoded(&[("account", "<script>alert(1)</script>")]);
    assert!(!browser.look(&format!("{ACCOUNTS}?{query}")).text().contains("<script>alert"));
}

#[test]
fn who_may_only_look_sees_accounts_and_links_and_no_form() {
    let desk = Desk::new(Granularity::Hours1);
    put(&desk, &whole());
    let watcher = Browser { desk: &desk, session: desk.session("acme", Grant::ReadOnly) };
    for path in [ACCOUNTS.to_owned(), format!("{ACCOUNTS}?account=106540352242922")] {
        let page = watcher.look(&path);
        page.says("Amnon <b>");
        page.says("https://crm.example.org/{chat_id}?phone={phone}");
        assert!(page.status == 200 && !page.text().contains("<form"));
    }
}

#[test]
fn the_page_says_what_to_tell_whoever_brings_the_messages_also_before_there_is_a_webhook() {
    let desk = Desk::over(World::without_webhook("2021-02-24T16:31:00Z", Granularity::Hours1));
    let browser = Browser::new(&desk);
    let first = browser.look("/workspaces/acme");
    assert!(first.text().contains(&format!("href=\"{ACCOUNTS}\"")), "there is a way to it");
    let page = browser.look(ACCOUNTS);
    assert_eq!(page.status, 200);
    page.says("/v1/whatsapp/acme");
    page.says("/v1/twilio/acme");
    page.says("what the deployment calls IngestUrl");
    assert_eq!(sent(&browser, SAVE, &DANA).status, 200);
}
