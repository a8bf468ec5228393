//! `FileTable` and `ReadFiles`: what is known of a file changes by its revision alone, is found by its message's moment, and
//! stands in the index while somebody may have to look at it.

use super::{Tables, rules};
use crate::world::at;
use bundler::{
    delivery::{DeliveryKey, Lane, Subject},
    event::HttpUrl,
    file::{Copying, File, FileKey, FileState, Source, Trouble, Waiting},
    header::CustomHeaders,
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    ports::{FileTable, ReadFiles, SweepTable},
    table::at::Appointment,
};
use std::time::Duration;

rules! { Tables:
    a_file_reads_back_as_it_was_put_in_every_state,
    a_file_is_put_once_and_then_by_its_revision_alone,
    a_chats_files_are_those_of_a_span_in_order_and_of_no_other_chat,
    a_file_is_an_appointment_until_it_is_settled_and_nobody_waits,
}

const SENT: &str = "2021-02-24T16:25:29Z";

fn key(chat: &str, timestamp: &str, message: &str) -> FileKey {
    let workspace = WorkspaceId::parse("acme").expect("an id");
    FileKey { workspace, chat: KeyPart::of(chat), timestamp: at(timestamp), message: KeyPart::of(message) }
}

fn file(key: FileKey) -> File {
    let url = HttpUrl::parse("https://files.example.org/1?a=b").expect("a URL");
    let headers = CustomHeaders::parse(vec![("authorization".to_owned(), "Bearer x".to_owned())]).expect("headers");
    File {
        key,
        size: Some(5),
        mimetype: "image/png".to_owned(),
        at: at(SENT),
        state: FileState::Pending(Copying { source: Source::Url { url, headers }, tries: 0 }),
        waiting: Vec::new(),
        is_released: false,
        revision: 0,
    }
}

fn waiting(message: &str) -> Waiting {
    let (workspace, webhook) = (WorkspaceId::parse("acme").expect("an id"), WebhookId::first());
    let lane = Lane { workspace, webhook, chat: KeyPart::of("1") };
    let subject = Subject::Message { timestamp: at(SENT), message: KeyPart::of(message) };
    Waiting { delivery: DeliveryKey { lane, subject }, concurrency: 4 }
}

async fn a_file_reads_back_as_it_was_put_in_every_state(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let first = file(key("1", SENT, "a#b"));
    assert_eq!(table.read_file(&first.key).await, Ok(None));
    let waits = first.with(first.state.clone(), vec![waiting("1"), waiting("2 \u{202e}")]);
    let kept = waits.with(FileState::Kept { size: 7 }, waits.waiting.clone());
    let mut states = vec![first, waits, kept.clone(), kept.released()];
    for (number, trouble) in Trouble::ALL.into_iter().enumerate() {
        let gone = File { size: None, revision: 4 + number as u64, ..kept.with(FileState::Gone(trouble), Vec::new()) };
        states.push(gone);
    }
    for state in states {
        assert_eq!(table.put_file(&state).await, Ok(true), "{state:?}");
        assert_eq!(table.read_file(&state.key).await, Ok(Some(state)));
    }
}

async fn a_file_is_put_once_and_then_by_its_revision_alone(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let first = file(key("1", SENT, "1"));
    let second = first.with(FileState::Kept { size: 5 }, Vec::new());
    assert_eq!(table.put_file(&second).await, Ok(false), "there is none that it was made of");
    assert_eq!(table.put_file(&first).await, Ok(true));
    for refused in [first.clone(), File { revision: 2, ..second.clone() }] {
        assert_eq!(table.put_file(&refused).await, Ok(false), "{}", refused.revision);
        assert_eq!(table.read_file(&first.key).await, Ok(Some(first.clone())));
    }
    assert_eq!(table.put_file(&second).await, Ok(true));
    assert_eq!(table.put_file(&second).await, Ok(false));
    assert_eq!(table.read_file(&first.key).await, Ok(Some(second)));
}

async fn a_chats_files_are_those_of_a_span_in_order_and_of_no_other_chat(tables: &impl Tables) {
    let keys = [
        key("1", "2021-02-24T16:25:28.999Z", "9"),
        key("1", SENT, "a"),
        key("1", SENT, "b"),
        key("1", "2021-02-24T16:25:30Z", "0"),
        key("1", "2021-02-24T16:25:30.001Z", "0"),
        key("10", SENT, "c"),
        key("2", SENT, "d"),
    ];
    let table = tables.holding(keys.iter().map(|key| file(key.clone()).to_item()).collect()).await;
    let (workspace, chat) = (&keys[0].workspace, KeyPart::of("1"));
    let moments = at(SENT)..=at("2021-02-24T16:25:30Z");
    let page = table.read_files(workspace, &chat, moments.clone(), None).await.expect("a page");
    let found: Vec<_> = page.rows.into_iter().map(|file| file.key).collect();
    assert_eq!((found.as_slice(), page.after), (&keys[1..4], None));
    let behind = bundler::table::file::key(&keys[1]).sk;
    let page = table.read_files(workspace, &chat, moments, Some(&behind)).await.expect("a page");
    assert_eq!(page.rows.into_iter().map(|file| file.key).collect::<Vec<_>>(), &keys[2..4]);
}

async fn a_file_is_an_appointment_until_it_is_settled_and_nobody_waits(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let first = file(key("1", SENT, "1"));
    let waits = first.with(first.state.clone(), vec![waiting("1")]);
    let kept = waits.with(FileState::Kept { size: 5 }, waits.waiting.clone());
    let released = kept.released();
    let overdue = at(SENT).plus(limits::FILE_WAIT);
    for (state, is_open) in [(&first, true), (&waits, true), (&kept, true), (&released, false)] {
        assert_eq!(table.put_file(state).await, Ok(true));
        let before = table.read_appointments(overdue.minus(Duration::from_millis(1)), None).await.expect("a page");
        assert_eq!(before.rows, []);
        let found = table.read_appointments(overdue, None).await.expect("a page").rows;
        let expected = if is_open { vec![Appointment::File(first.key.clone())] } else { Vec::new() };
        assert_eq!(found, expected, "{state:?}");
    }
}
