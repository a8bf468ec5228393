//! What is not aggregated waits for its file, and what comes after it in its chat waits with it; nothing waits for ever.

use super::{Desk, URL, source::Answer, with_file};
use crate::world::{in_chat, message, run};
use bundler::{
    file::{FileState, Trouble},
    id::{WebhookId, WorkspaceId},
    limits, recent,
    window::Granularity,
};
use serde_json::{Value, json};
use std::time::Duration;

const LATER: &str = "2021-02-24T16:31:05Z";

fn has_link(attachment: &Value) -> bool {
    attachment["temporary_download_url"].is_string()
}

#[test]
fn a_message_by_itself_goes_out_when_its_file_is_there() {
    let desk = Desk::new(Granularity::None);
    desk.internet.has(URL, Answer::file("image/png", b"hello"));
    desk.world.ingest(&with_file("1", None, "image/png"));
    desk.world.drain();
    assert_eq!(desk.attachments(), Vec::<Value>::new(), "it waits");
    desk.copy();
    desk.world.drain();
    let attachments = desk.attachments();
    assert!(attachments.len() == 1 && has_link(&attachments[0]), "{attachments:?}");
    assert_eq!(attachments[0]["size"], 5, "upstream said none: the copy's");
}

#[test]
fn a_file_that_is_there_already_is_waited_for_by_nobody() {
    let desk = Desk::new(Granularity::None);
    desk.internet.has(URL, Answer::file("image/png", b"hello"));
    desk.world.ingest(&with_file("1", None, "image/png"));
    desk.copy();
    desk.world.tape.take();
    desk.world.drain();
    assert!(!desk.world.tape.take().contains(&"put_file"));
    assert_eq!(desk.attachments().iter().filter(|attachment| has_link(attachment)).count(), 1);
}

#[test]
fn what_comes_after_it_in_its_chat_goes_out_after_it_and_other_chats_at_once() {
    let desk = Desk::new(Granularity::None);
    desk.internet.has(URL, Answer::file("image/png", b"hello"));
    desk.world.ingest(&with_file("1", None, "image/png"));
    desk.world.ingest(&message(LATER, "2", "what do you say to the photo?"));
    desk.world.ingest(&message("2021-02-24T16:31:06Z", "3", "well?"));
    desk.world.ingest(&in_chat("other", message(LATER, "4", "elsewhere")));
    desk.world.drain();
    assert_eq!(desk.world.receiver.texts(), [["elsewhere"]]);
    desk.copy();
    desk.world.drain();
    let texts = ["elsewhere", "see the photo", "what do you say to the photo?", "well?"].map(|text| [text]);
    assert_eq!(desk.world.receiver.texts(), texts);
}

#[test]
fn a_message_of_before_the_photo_does_not_wait_for_it() {
    let desk = Desk::new(Granularity::None);
    desk.world.ingest(&with_file("1", None, "image/png"));
    desk.world.ingest(&message("2021-02-24T16:30:59Z", "2", "before"));
    desk.world.drain();
    assert_eq!(desk.world.receiver.texts(), [["before"]]);
}

#[test]
fn a_file_that_cannot_be_had_goes_out_without_a_link_and_the_log_says_why() {
    let desk = Desk::new(Granularity::None);
    desk.internet.has(URL, Answer::status(404));
    *desk.world.receiver.takes.lock().expect("a duration") = Duration::from_secs(1);
    desk.world.ingest(&with_file("1", None, "image/png"));
    desk.world.ingest(&message(LATER, "2", "after"));
    desk.world.drain();
    desk.copy();
    desk.world.drain();
    assert_eq!(desk.world.receiver.texts(), [["see the photo"], ["after"]]);
    assert_eq!(desk.attachments()[0], json!({ "filename": "photo.jpg", "mimetype": "image/png" }));
    let (workspace, webhook) = (WorkspaceId::parse("acme").expect("an id"), WebhookId::first());
    let log = run(recent::attempts(&desk.world.table, &workspace, &webhook, 10, "TimelinesAI")).expect("the log");
    let missing: Vec<_> = log.attempts.iter().map(|attempt| attempt.missing_files.as_slice()).collect();
    assert_eq!(missing, [&[][..], &[Trouble::NotFound]], "newest first");
    let lines = desk.world.log.all().join("\n");
    assert!(lines.contains("\"files\":{\"missing\":1}"), "{lines}");
}

#[test]
fn nothing_waits_for_a_file_that_nobody_copies() {
    let desk = Desk::new(Granularity::None);
    let event = with_file("1", None, "image/png");
    desk.world.ingest(&event);
    desk.world.ingest(&message(LATER, "2", "after"));
    desk.world.drain();
    desk.world.clock.pass(limits::FILE_WAIT.saturating_sub(Duration::from_secs(60)));
    let early = desk.world.tick().expect("a tick");
    desk.world.drain();
    assert_eq!((early.files_given_up, desk.world.receiver.texts().len()), (0, 0));
    desk.world.clock.pass(Duration::from_secs(60));
    let swept = desk.world.tick().expect("a tick");
    assert_eq!((swept.files_given_up, swept.references), (1, 2));
    desk.world.drain();
    assert_eq!(desk.world.receiver.texts(), [["see the photo"], ["after"]]);
    assert_eq!(desk.file(&event).state, FileState::Gone(Trouble::Ours));
    // Whoever comes too late to copy it finds that, and copies nothing that nobody would find.
    desk.internet.has(URL, Answer::file("image/png", b"hello"));
    desk.copy();
    assert_eq!((desk.copied(&event), desk.internet.take_asked().len()), (None, 0));
    assert_eq!(desk.world.tick().expect("a tick").files_given_up, 0);
}

#[test]
fn a_bundle_whose_file_is_late_waits_for_it_and_one_whose_file_is_there_does_not() {
    for is_late in [false, true] {
        let desk = Desk::new(Granularity::Hours1);
        desk.internet.has(URL, Answer::file("image/png", b"hello"));
        let mut event = with_file("1", None, "image/png");
        event["message"]["timestamp"] = json!("2021-02-24T16:59:00Z");
        desk.world.ingest_on_time(&[event]);
        if !is_late {
            desk.copy();
        }
        desk.world.set_time("2021-02-24T17:02:45Z");
        desk.world.tick().expect("a tick");
        desk.world.drain();
        assert_eq!(desk.attachments().len(), usize::from(!is_late));
        desk.copy();
        desk.world.drain();
        let attachments = desk.attachments();
        assert!(attachments.len() == 1 && has_link(&attachments[0]), "{attachments:?}");
    }
}

#[test]
fn more_deliveries_than_may_wait_for_one_file_go_out_without_it() {
    let desk = Desk::new(Granularity::None);
    desk.world.ingest(&with_file("1", None, "image/png"));
    desk.world.drain();
    let moment = bundler::timestamp::Timestamp::parse(LATER).expect("a moment");
    for number in 0..limits::FILE_WAITING {
        let at = moment.plus(Duration::from_millis(number as u64)).rfc3339();
        desk.world.ingest(&message(&at, &format!("after {number}"), "after"));
    }
    desk.world.drain();
    assert_eq!(desk.world.receiver.texts(), [["after"]], "the last of them");
}
