//! What an invented workspace's pages are made of.

use crate::*;
use bundler::{
    attempt::Body, file::Trouble, mail::Count::Exactly, settings::SuccessRule, table::action::ActionKind,
    timestamp::Timestamp, upstream::UpstreamAccount, window::Granularity, zone::Zone,
};

pub(super) const CSRF: &str = "csrf-token-of-the-session";

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect(text)
}

pub(super) fn frame() -> Frame {
    Frame {
        platform: "TimelinesAI".to_owned(),
        workspace: "acme".to_owned(),
        webhook: "default".to_owned(),
        webhooks: vec![Tab { webhook: "default".to_owned(), state: working() }],
        access: Access::Full { csrf: CSRF.to_owned() },
        clock: Clock { zone: Zone::parse("Europe/Berlin").expect("a zone"), now: at("2021-02-24T16:25:29Z") },
        may_add: true,
        session_ends: Some(at("2021-02-24T20:00:00Z")),
        downloads: Downloads {
            json: "/v1/workspaces/acme/webhooks/default/requests".to_owned(),
            csv: "/v1/workspaces/acme/webhooks/default/requests?format=csv".to_owned(),
        },
    }
}

pub(super) fn read_only(mut frame: Frame) -> Frame {
    frame.access = Access::ReadOnly;
    frame
}

pub(super) fn working() -> State {
    State::Working { days: 30, calls: 131, messages: 4_812 }
}

pub(super) fn failing() -> State {
    State::Failing {
        since: at("2021-02-24T09:42:00Z"),
        errors: 3,
        next_try: at("2021-02-24T09:57:00Z"),
        held: Exactly(12),
    }
}

pub(super) fn disabled() -> State {
    State::Disabled { since: at("2021-02-23T18:04:00Z"), why: Disabling::Errors(11), held: Exactly(214) }
}

pub(super) fn form() -> Form {
    Form {
        revision: "17.42".to_owned(),
        granularity: Granularity::Hours6,
        url: "https://crm.example.com/hooks/whatsapp?source=timelines".to_owned(),
        enabled: true,
        time_zone: "Europe/Berlin".to_owned(),
        daily_hour: 7,
        success: SuccessRule::Only200,
        concurrency: "4".to_owned(),
        direction: None,
        chats: None,
        accounts: "+972500000000\n+972540000000".to_owned(),
        owner_email: "owner@acme.com".to_owned(),
        headers: vec!["authorization".to_owned(), "x-crm-pipeline".to_owned()],
        typed_headers: Vec::new(),
        errors: Vec::new(),
    }
}

pub(super) fn row(minute: u64, chat: &str, status: Option<u16>, error: Option<&str>) -> Row {
    let started = Timestamp::from_seconds(at("2021-02-24T16:00:47Z").seconds() - minute * 60).expect("a moment");
    Row {
        id: format!("{}-8f14e45f-1", started.key()),
        webhook_id: "8f14e45fceea167a5a36dedd4bea2543".to_owned(),
        started,
        duration_ms: if status.is_none() { 15_000 } else { 184 + minute },
        chat: chat.to_owned(),
        attempt: 1,
        part: 1,
        parts: 1,
        status,
        error: error.map(str::to_owned),
        missing_files: Vec::new(),
    }
}

pub(super) fn account(id: &str, phone: &str, full_name: &str, email: &str) -> UpstreamAccount {
    let [id, phone, full_name, email] = [id, phone, full_name, email].map(str::to_owned);
    UpstreamAccount { id, phone, full_name, email }
}

pub(super) fn links() -> LinksForm {
    LinksForm {
        chat_url: "https://app.timelines.ai/chat/{chat_id}/messages/".to_owned(),
        permalink: String::new(),
        chat_example: Some("https://app.timelines.ai/chat/10010001/messages/".to_owned()),
        message_example: None,
        errors: Vec::new(),
    }
}

pub(super) fn accounts() -> AccountsPage {
    AccountsPage {
        frame: Frame { webhook: String::new(), ..frame() },
        said: None,
        revision: 3,
        accounts: vec![
            account("106540352242922", "+972 50 000 0000", "Amnon Haha", "Amnon@acme.com"),
            account("106540352242923", "+972 54 000 0000", "אמנון האהא", ""),
            account("+14155238886", "+1 415 523 8886", "", ""),
        ],
        form: AccountForm::default(),
        links: links(),
        ingest: Some("https://ingest.example.com".to_owned()),
    }
}

pub(super) fn rows() -> Vec<Row> {
    let broken = Some("It answered with status 500 Internal Server Error.");
    let late = Some("It did not answer within 15 seconds.");
    let again = |mut row: Row| {
        (row.attempt, row.part, row.parts) = (2, 1, 2);
        row
    };
    let without_file = |mut row: Row| {
        row.missing_files = vec![Trouble::NotFound];
        row
    };
    vec![
        without_file(row(0, "John Doe", Some(200), None)),
        row(1, "אמנון האהא", Some(200), None),
        row(2, "Sales, north 🚀", Some(200), None),
        again(row(361, "Jane Smith", Some(200), None)),
        row(366, "Jane Smith", Some(500), broken),
        row(367, "Support group", None, late),
        row(1_440, "Maria González de la Fuente y Hernández", Some(200), None),
        row(1_441, "John Doe", Some(200), None),
    ]
}

pub(super) const DOCUMENT: &str = r#"{"whatsapp_account":{"full_name":"Amnon Haha","email":"Amnon@acme.com","phone":"+972500000000"},"chat":{"full_name":"John Doe","responsible_name":"Amnon","chat_id":"10010001","is_new_chat":true,"is_group":false,"phone":"+97254000000"},"messages":[{"direction":"received","timestamp":"2021-02-24T16:25:29+0000","message_id":"ddfskhsd76dsfs6dsd5skjsdhf","sender":{"full_name":"John Doe","phone":"+972540000000"},"text":"Is the flat in Dizengoff street still free? \u263a"},{"direction":"sent","timestamp":"2021-02-24T16:30:29+0000","message_id":"77a28d55","sender":{"full_name":"Jane Smith","phone":"+972550000000"},"text":"כן, בהחלט","attachments":[{"filename":"plan.pdf","temporary_download_url":"https://link-ended.invalid/files/acme/8f14/1"}]}],"aggregation":"from John Doe on 2021-02-24 16:25: Is the flat in Dizengoff street still free?<br/>Click <a href='https://app.timelines.ai/chat/10010001/'>here</a> to open the conversation in TimelinesAI"}"#;

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(super) fn tried(row: Row, answer: Option<Answer>) -> Tried {
    let sent = [
        ("content-type", "application/json"),
        ("user-agent", "Bundlehook/0.1.0"),
        ("webhook-id", "8f14e45fceea167a5a36dedd4bea2543"),
        ("webhook-timestamp", "1614186047"),
        ("webhook-signature", "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="),
        ("bundlehook-attempt", "1"),
        ("authorization", "***"),
    ];
    let url = form().url;
    Tried { row, url, headers: headers(&sent), body: Body::Text(DOCUMENT.to_owned()), answer }
}

pub(super) fn answer(body: &str) -> Answer {
    let headers = headers(&[("content-type", "application/json"), ("server", "nginx"), ("set-cookie", "***")]);
    Answer { headers, body: Body::Text(body.to_owned()), is_cut: false }
}

pub(super) fn days(errors: bool) -> Vec<Day> {
    let calls = [6, 9, 8, 11, 4, 0, 10, 12, 9, 13, 14, 3, 2, 12];
    let failed = [0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0];
    // One that fails took nothing on its last day but one, and has not been called since.
    let day = |(index, (calls, failed)): (usize, (u64, u64))| Day {
        label: format!("{} Feb", index + 11),
        calls: if errors && index > 11 { [11, 0][index - 12] } else { calls },
        errors: if errors && index > 11 { [11, 0][index - 12] } else { failed },
    };
    calls.into_iter().zip(failed).enumerate().map(day).collect()
}

pub(super) fn bucket(chat: &str, name: &str, is_group: bool, messages: u64) -> Bucket {
    let closes = at("2021-02-24T17:00:00Z");
    Bucket { chat: chat.to_owned(), name: name.to_owned(), is_group, messages: Exactly(messages), closes }
}

pub(super) fn activity() -> Vec<Happening> {
    let done = |moment: &str, kind| Happening { at: at(moment), what: What::Done(kind) };
    let mut all: Vec<_> =
        rows().into_iter().take(7).map(|row| Happening { at: row.started, what: What::Sent(row) }).collect();
    all.push(done("2021-02-24T10:00:00Z", ActionKind::UrlChanged));
    all.push(done("2021-02-22T08:12:00Z", ActionKind::Enabled));
    all.push(done("2021-02-21T19:30:00Z", ActionKind::Disabled));
    all.sort_by_key(|happening| std::cmp::Reverse(happening.at));
    all
}
