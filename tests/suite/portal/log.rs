//! What happened last, and the last requests whole: as JSON and as a table.

use super::{Desk, HOOK, pages::Browser};
use crate::world::{Reply, World, article, in_chat, message, run};
use bundler::{
    file::{self, FileKey, FileState, Trouble},
    limits,
    ports::Clock,
    window::Granularity,
};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

fn requests() -> String {
    format!("{HOOK}/requests")
}

/// A world in which so many messages went out by themselves, each with a text of so many letters.
fn sent(messages: u32, letters: usize) -> Desk {
    let world = World::new(Granularity::None);
    send(&world, 0..messages, letters);
    Desk::over(world)
}

fn send(world: &World, numbers: std::ops::Range<u32>, letters: usize) {
    for number in numbers {
        world.clock.pass(std::time::Duration::from_secs(1));
        // Letters that compress to nothing, as texts do not: what is stored is not what is shown.
        let event = message(&world.clock.now().rfc3339(), &number.to_string(), &"\"".repeat(letters));
        world.ingest(&in_chat(&number.to_string(), event));
        world.drain();
    }
}

fn ids(shown: &Value) -> Vec<String> {
    let requests = shown["requests"].as_array().expect("requests").iter();
    requests.map(|request| request["webhook_id"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn the_last_ten_happenings_are_shown_newest_first() {
    let desk = sent(12, 1);
    desk.world.clock.pass(std::time::Duration::from_secs(1));
    desk.patch(&json!({ "concurrency": 5 }));
    let shown = desk.get(&format!("{HOOK}/activity")).json();
    let activity = shown["activity"].as_array().expect("a list");
    assert_eq!(activity.len(), 10);
    assert_eq!(activity[0]["kind"], "concurrency_changed");
    assert_eq!((&activity[1]["kind"], &activity[1]["request"]["status"]), (&json!("request"), &json!(200)));
    let times: Vec<_> = activity.iter().map(|it| it["at"].as_str().expect("a moment")).collect();
    assert!(times.is_sorted_by(|one, other| one >= other));
}

#[test]
fn a_request_is_shown_whole_with_what_came_back_and_no_secret() {
    let world = World::new(Granularity::None);
    world.configure(|settings| {
        let headers = vec![("x-api-key".to_owned(), "top-secret".to_owned())];
        settings.headers = bundler::header::CustomHeaders::parse(headers).expect("headers");
    });
    world.receiver.answers(|_| Reply::Says(503, "<h1>עברית</h1>".to_owned()));
    send(&world, 0..1, 1);
    let desk = Desk::over(world);
    let told = desk.get(&requests());
    let request = told.json()["requests"][0].clone();
    let sent = desk.world.receiver.requests().remove(0);
    assert_eq!(request["request"]["body"], String::from_utf8(sent.body).expect("text"));
    assert_eq!((&request["status"], &request["error"]), (&json!(503), &json!("status")));
    assert_eq!(request["response"]["body"], "<h1>עברית</h1>");
    assert!(!told.text().contains("top-secret"));
    assert!(!desk.get(&format!("{}?format=csv", requests())).text().contains("top-secret"));
}

#[test]
fn a_file_that_could_not_be_had_is_told_in_every_form_of_the_log() {
    let world = World::new(Granularity::None);
    world.copies_at_once.store(false, Ordering::Relaxed);
    world.ingest(&article());
    for reference in world.files.inner.due_copies().expect("the queue hands out") {
        let key = FileKey::from_reference(&reference).expect("a file");
        let (table, queue) = (&world.table.inner, &world.queue.inner);
        run(file::settle(table, queue, &key, &FileState::Gone(Trouble::NotFound))).expect("a file is settled");
    }
    world.drain();
    send(&world, 0..1, 1);
    let desk = Desk::over(world);
    let missing = |path: &str, list: &str| -> Vec<Value> {
        let shown = desk.get(path).json();
        shown[list]
            .as_array()
            .expect("a list")
            .iter()
            .map(|it| it.pointer("/request/missing_files").or(it.get("missing_files")).cloned().expect("files"))
            .collect()
    };
    let expected = [json!([]), json!(["not_found"])];
    assert_eq!(missing(&requests(), "requests"), expected);
    assert_eq!(missing(&format!("{HOOK}/activity"), "activity"), expected);
    let text = desk.get(&format!("{}?format=csv", requests())).text();
    let lines: Vec<&str> = text.trim_end().split("\r\n").collect();
    for (line, end) in lines.iter().zip([",\"missing_files\"", ",\"\"", ",\"not_found\""]) {
        assert!(line.ends_with(end), "{line} does not end with {end}");
    }
    let browser = Browser::new(&desk);
    let list = browser.look("/workspaces/acme/webhooks/default/requests");
    assert_eq!(list.words().matches("1 file could not be had").count(), 1);
    browser.look("/workspaces/acme/webhooks/default").says("1 file could not be had.");
    let link = list.text().split("href=\"").filter(|it| it.contains("/requests/")).last().map(str::to_owned);
    let link = link.and_then(|link| link.split('"').next().map(str::to_owned)).expect("a link to the request");
    let page = browser.look(&link);
    page.says(&format!(
        "A file could not be had, and the document names it without a link: {}.",
        Trouble::NotFound.sentence()
    ));
    assert!(!page.words().contains("Links to files end"), "there is none");
}

#[test]
fn the_page_of_a_request_with_a_file_says_why_its_link_has_ended() {
    let world = World::new(Granularity::None);
    world.ingest(&article());
    world.drain();
    let desk = Desk::over(world);
    let browser = Browser::new(&desk);
    let list = browser.look("/workspaces/acme/webhooks/default/requests");
    assert!(!list.words().contains("could not be had"));
    let link = list.text().split("href=\"").filter(|it| it.contains("/requests/")).last().map(str::to_owned);
    let link = link.and_then(|link| link.split('"').next().map(str::to_owned)).expect("a link to the request");
    let page = browser.look(&link);
    page.says("https://link-ended.invalid/");
    page.says("Links to files end after 15 minutes: each attempt has new ones.");
}

#[test]
fn the_log_is_a_table_for_who_asks_for_one() {
    let desk = sent(3, 1);
    let by_query = desk.get(&format!("{}?format=csv", requests()));
    let by_header = desk.ask(&desk.admin().with("accept", "text/csv;q=1, */*"), "GET", &requests(), None);
    assert_eq!(by_query.body, by_header.body);
    assert_eq!(by_query.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(by_query.header("content-disposition"), "attachment; filename=\"requests-acme-default.csv\"");
    let text = by_query.text();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[0].starts_with("\"started\",\"webhook_id\",\"attempt\""));
    let json = desk.ask(&desk.admin().with("accept", "text/csv"), "GET", &format!("{}?format=json", requests()), None);
    assert_eq!(json.header("content-type"), "application/json");
    assert_eq!(desk.get(&format!("{}?format=xml", requests())).status, 400);
}

#[test]
fn no_cell_of_the_table_is_a_formula_whatever_a_receiver_answers() {
    let world = World::new(Granularity::None);
    for (number, body) in (0..).zip(["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "\r\n=1"]) {
        world.receiver.answers(move |_| Reply::Says(200, body.to_owned()));
        send(&world, number..number + 1, 1);
    }
    let desk = Desk::over(world);
    let text = desk.get(&format!("{}?format=csv", requests())).text();
    assert!(text.contains("'=cmd|"), "{text}");
    let cells = text.split("\",\"").map(|cell| cell.trim_start_matches(['"', '\u{feff}']));
    let formulas: Vec<&str> = cells.filter(|cell| cell.trim_start().starts_with(['=', '+', '-', '@'])).collect();
    assert!(formulas.is_empty(), "{formulas:?}");
}

#[test]
fn what_does_not_fit_one_answer_goes_on_in_the_next_and_nothing_is_shown_twice_while_more_is_written() {
    let desk = sent(70, 50_000);
    let mut expected = ids(&json!({ "requests": all(&desk) }));
    expected.truncate(70);
    let (mut found, mut path, mut pages) = (Vec::new(), format!("{}?format=json", requests()), 0);
    loop {
        let told = desk.get(&path);
        assert!(told.status == 200 && told.body.len() <= limits::PORTAL_ANSWER_BYTES + 1_000, "{}", told.body.len());
        found.extend(ids(&told.json()));
        pages += 1;
        let link = told.header("link");
        let Some(next) = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")) else { break };
        path = next.to_owned();
        let number = 1_000 + pages;
        send(&desk.world, number..number + 1, 1);
    }
    assert!(pages > 1, "it fits one answer");
    assert_eq!(found, expected);
    for before in ["x", "", "~~", "20210224"] {
        assert_eq!(desk.get(&format!("{}?before={before}", requests())).status, 400, "{before}");
    }
}

/// Every request that is in the log, page by page.
fn all(desk: &Desk) -> Vec<Value> {
    let (mut all, mut path) = (Vec::new(), requests());
    loop {
        let told = desk.get(&path);
        all.extend(told.json()["requests"].as_array().expect("requests").clone());
        let link = told.header("link").to_owned();
        match link.strip_prefix('<').and_then(|link| link.split('>').next()) {
            Some(next) => next.clone_into(&mut path),
            None => return all,
        }
    }
}

#[test]
fn of_very_many_requests_the_last_hundred_are_shown() {
    let desk = sent(120, 1);
    assert_eq!(all(&desk).len(), 100);
}
