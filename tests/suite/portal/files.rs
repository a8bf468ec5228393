//! The log for who wants it whole: what fits is answered, and what does not is a file that the answer leads to.

use super::{Desk, HOOK};
use crate::world::{World, run};
use bundler::{
    attempt::{Attempt, Body, Document, Response},
    delivery::{DeliveryKey, Lane, Subject},
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    ports::{Clock, DeliverTable, File},
    window::Granularity,
};
use serde_json::Value;
use std::{sync::atomic::Ordering, time::Duration};

/// A world in whose log so many attempts stand, each with a body of so many bytes.
fn attempted(attempts: u32, bytes: usize) -> World {
    let world = World::new(Granularity::None);
    for number in 0..attempts {
        world.clock.pass(Duration::from_secs(1));
        let (started, chat) = (world.clock.now(), KeyPart::of("1"));
        let subject = Subject::Message { timestamp: started, message: KeyPart::of(&number.to_string()) };
        let workspace = WorkspaceId::parse("acme").expect("an id");
        let lane = Lane { workspace, webhook: WebhookId::first(), chat };
        let response = Response { status: 200, headers: Vec::new(), body: Body::of(b"ok"), body_is_cut: false };
        let attempt = Attempt {
            key: DeliveryKey { lane, subject },
            document: Document { part: 0, parts: 1, attempt: 1 },
            started,
            duration_ms: 1,
            url: "https://hooks.example.org/1".to_owned(),
            request_headers: Vec::new(),
            messages: 1,
            missing_files: Vec::new(),
            request_body: Body::of("x".repeat(bytes).as_bytes()),
            error: None,
            result: Ok(response),
        };
        run(world.table.inner.put_attempt(&attempt)).expect("an attempt is put");
    }
    world
}

fn whole(format: &str) -> String {
    format!("{HOOK}/requests?format={format}&whole=true")
}

fn kept(desk: &Desk) -> Vec<File> {
    std::mem::take(&mut *desk.files.files.lock().expect("files"))
}

fn requests(json: &[u8]) -> Vec<Value> {
    let read: Value = serde_json::from_slice(json).expect("JSON");
    read["requests"].as_array().expect("requests").clone()
}

#[test]
fn a_hundred_requests_of_200_kib_are_a_file_with_all_of_them_and_its_link_says_nothing_of_them() {
    let desk = Desk::over(attempted(100, 200 * 1_024));
    for (format, content_type) in [("json", "application/json"), ("csv", "text/csv; charset=utf-8")] {
        let told = desk.get(&whole(format));
        assert_eq!((told.status, told.body.len(), told.header("link")), (303, 0, ""), "{format}");
        let file = kept(&desk).remove(0);
        assert_eq!(told.header("location"), format!("https://files.example.org/{}", file.key));
        assert!(file.key.starts_with("acme/") && file.key.len() == "acme/".len() + 32, "{}", file.key);
        assert_eq!((file.name, file.content_type.as_str()), (format!("requests-acme-default.{format}"), content_type));
        assert!(file.body.len() > 100 * 200 * 1_024, "{format}");
        if format == "json" {
            let all = requests(&file.body);
            assert_eq!(all.len(), 100);
            assert!(all.iter().all(|one| one["request"]["bytes"] == 200 * 1_024));
        } else {
            assert_eq!(String::from_utf8(file.body).expect("text").matches("\r\n").count(), 101);
        }
    }
    let keys: Vec<String> =
        (0..2).map(|_| desk.get(&whole("csv"))).map(|told| told.header("location").to_owned()).collect();
    assert_ne!(keys[0], keys[1], "nobody can tell the next");
}

#[test]
fn what_fits_is_answered_as_it_is_without_a_file() {
    let desk = Desk::over(attempted(3, 1_000));
    for format in ["json", "csv"] {
        let (all, page) = (desk.get(&whole(format)), desk.get(&format!("{HOOK}/requests?format={format}&whole=false")));
        assert_eq!((all.status, page.status, all.header("link")), (200, 200, ""), "{format}");
        assert_eq!(all.body, page.body);
        assert_eq!(all.header("content-disposition"), page.header("content-disposition"));
    }
    assert!(kept(&desk).is_empty());
    assert_eq!(desk.get(&format!("{HOOK}/requests?whole=yes")).status, 400);
}

#[test]
fn where_nothing_bounds_an_answer_it_is_whole_and_there_is_no_file() {
    let desk = Desk::with_answers_of(usize::MAX, attempted(30, 200 * 1_024));
    let told = desk.get(&whole("json"));
    assert_eq!((told.status, requests(&told.body).len()), (200, 30));
    let page = desk.get(&format!("{HOOK}/requests"));
    assert!(page.body.len() <= limits::PORTAL_ANSWER_BYTES + 1_000 && !page.header("link").is_empty());
}

#[test]
fn a_file_that_is_not_kept_is_trouble_of_ours_and_no_link() {
    let desk = Desk::over(attempted(30, 200 * 1_024));
    desk.files.is_full.store(true, Ordering::Relaxed);
    let told = desk.get(&whole("csv"));
    assert_eq!((told.status, told.header("location")), (503, ""));
}
