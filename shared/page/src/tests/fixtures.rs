//! An invented workspace in every state: the pages that tests look at, and people too.

use crate::*;
use bundler::{
    attempt::Body,
    event::Direction,
    mail::Count::{Exactly, MoreThan},
    settings::SuccessRule,
    table::action::ActionKind,
    timestamp::Timestamp,
    window::Granularity,
    zone::Zone,
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

fn working() -> State {
    State::Working { days: 30, calls: 131, messages: 4_812 }
}

fn failing() -> State {
    State::Failing {
        since: at("2021-02-24T09:42:00Z"),
        errors: 3,
        next_try: at("2021-02-24T09:57:00Z"),
        held: Exactly(12),
    }
}

fn disabled() -> State {
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
    }
}

fn rows() -> Vec<Row> {
    let broken = Some("It answered with status 500 Internal Server Error.");
    let late = Some("It did not answer within 15 seconds.");
    let again = |mut row: Row| {
        (row.attempt, row.part, row.parts) = (2, 1, 2);
        row
    };
    vec![
        row(0, "John Doe", Some(200), None),
        row(1, "אמנון האהא", Some(200), None),
        row(2, "Sales, north 🚀", Some(200), None),
        again(row(361, "Jane Smith", Some(200), None)),
        row(366, "Jane Smith", Some(500), broken),
        row(367, "Support group", None, late),
        row(1_440, "Maria González de la Fuente y Hernández", Some(200), None),
        row(1_441, "John Doe", Some(200), None),
    ]
}

const DOCUMENT: &str = r#"{"whatsapp_account":{"full_name":"Amnon Haha","email":"Amnon@acme.com","phone":"+972500000000"},"chat":{"full_name":"John Doe","responsible_name":"Amnon","chat_id":"10010001","is_new_chat":true,"is_group":false,"phone":"+97254000000"},"messages":[{"direction":"received","timestamp":"2021-02-24T16:25:29+0000","message_id":"ddfskhsd76dsfs6dsd5skjsdhf","sender":{"full_name":"John Doe","phone":"+972540000000"},"text":"Is the flat in Dizengoff street still free? \u263a"},{"direction":"sent","timestamp":"2021-02-24T16:30:29+0000","message_id":"77a28d55","sender":{"full_name":"Jane Smith","phone":"+972550000000"},"text":"כן, בהחלט"}],"aggregation":"from John Doe on 2021-02-24 16:25: Is the flat in Dizengoff street still free?<br/>Click <a href='https://app.timelines.ai/chat/10010001/'>here</a> to open the conversation in TimelinesAI"}"#;

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

fn days(errors: bool) -> Vec<Day> {
    let calls = [6, 9, 8, 11, 4, 0, 10, 12, 9, 13, 14, 3, 2, 12];
    let failed = [0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0];
    let day = |(index, (calls, failed)): (usize, (u64, u64))| Day {
        label: format!("{} Feb", index + 11),
        calls,
        errors: if errors && index > 11 { calls } else { failed },
    };
    calls.into_iter().zip(failed).enumerate().map(day).collect()
}

pub(super) fn bucket(chat: &str, name: &str, is_group: bool, messages: u64) -> Bucket {
    let closes = at("2021-02-24T17:00:00Z");
    Bucket { chat: chat.to_owned(), name: name.to_owned(), is_group, messages, closes }
}

fn activity() -> Vec<Happening> {
    let done = |moment: &str, kind| Happening { at: at(moment), what: What::Done(kind) };
    let mut all: Vec<_> =
        rows().into_iter().take(7).map(|row| Happening { at: row.started, what: What::Sent(row) }).collect();
    all.insert(4, done("2021-02-24T10:00:00Z", ActionKind::UrlChanged));
    all.push(done("2021-02-22T08:12:00Z", ActionKind::Enabled));
    all.push(done("2021-02-21T19:30:00Z", ActionKind::Disabled));
    all
}

/// One that works.
pub(super) fn webhook() -> WebhookPage {
    WebhookPage {
        frame: frame(),
        said: None,
        state: working(),
        mail_refused: None,
        form: form(),
        coming: None,
        secret: Secret::default(),
        disable_at: 11,
        days: days(false),
        savings: Savings { days: 30, messages: 4_812, calls: 131 },
        activity: activity(),
        gathering: Gathering {
            chats: vec![
                bucket("10010001", "John Doe", false, 12),
                bucket("10010002", "אמנון האהא", false, 3),
                bucket("10010003", "Sales, north 🚀", true, 148),
            ],
            more: 39,
        },
        failed: Exactly(0),
    }
}

fn with(state: State, change: impl FnOnce(&mut WebhookPage)) -> WebhookPage {
    let mut page = webhook();
    page.frame.webhooks[0].state = state.clone();
    page.state = state;
    change(&mut page);
    page
}

fn said(said: Said) -> WebhookPage {
    with(working(), |page| page.said = Some(said))
}

fn wrong_form() -> Form {
    Form {
        url: "htps:/crm.example".to_owned(),
        time_zone: "Berlin".to_owned(),
        concurrency: "many".to_owned(),
        owner_email: "owner".to_owned(),
        typed_headers: vec!["Webhook-Id".to_owned()],
        errors: vec![
            (Field::Url, "must begin with https://".to_owned()),
            (Field::TimeZone, "is no time zone that IANA knows, such as Europe/Berlin".to_owned()),
            (Field::Concurrency, "must be a number from 1 to 64".to_owned()),
            (Field::OwnerEmail, "must be an address, such as owner@example.com".to_owned()),
            (Field::Headers, "the header webhook-id is set by the sender itself".to_owned()),
        ],
        ..form()
    }
}

fn many(page: &mut WebhookPage) {
    let states = [
        ("default", working()),
        ("zapier", failing()),
        ("hubspot-sales-north", disabled()),
        ("warehouse", State::Off { held: Exactly(0) }),
        ("backup", State::Ready),
    ];
    page.frame.webhooks = states.into_iter().map(|(name, state)| Tab { webhook: name.to_owned(), state }).collect();
}

/// The pages of webhooks, each with its name.
pub(super) fn webhooks() -> Vec<(&'static str, WebhookPage)> {
    let broken = "It answered with status 500 Internal Server Error.";
    let taken = tried(row(0, "Test", Some(200), None), Some(answer(r#"{"ok":true,"id":41}"#)));
    let refused = tried(row(0, "Test", Some(500), Some(broken)), Some(answer("<h1>Oops & sorry</h1>")));
    let difference =
        |field, yours: &str, theirs: &str| Difference { field, yours: yours.to_owned(), theirs: theirs.to_owned() };
    vec![
        ("working", webhook()),
        ("failing", with(failing(), |page| page.days = days(true))),
        (
            "disabled",
            with(disabled(), |page| {
                page.days = days(true);
                page.failed = Exactly(3);
                let action = What::Done(ActionKind::Disabled);
                page.activity.insert(0, Happening { at: at("2021-02-23T18:04:00Z"), what: action });
                page.activity.truncate(10);
            }),
        ),
        (
            "stopped",
            with(State::Stopped { since: at("2021-02-03T11:00:00Z"), held: MoreThan(1_000) }, |page| {
                page.mail_refused = Some(MailRefused {
                    address: "owner@acme.com".to_owned(),
                    at: at("2021-02-10T11:00:00Z"),
                    reason: "the mailbox does not exist".to_owned(),
                });
            }),
        ),
        ("switched-off", with(State::Off { held: Exactly(7) }, |page| page.form.enabled = false)),
        (
            "catching-up",
            with(State::CatchingUp { since: at("2021-02-24T16:20:00Z"), held: Exactly(198) }, |page| {
                page.said = Some(Said::Enabled { released: Exactly(214) });
            }),
        ),
        (
            "new",
            with(State::Ready, |page| {
                page.said = None;
                page.secret.shown = Some("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw1d3Yc0aMl7E=".to_owned());
                page.form = Form { url: String::new(), accounts: String::new(), headers: Vec::new(), ..form() };
                page.activity = Vec::new();
                page.gathering = Gathering::default();
                page.savings = Savings { days: 30, messages: 0, calls: 0 };
                page.days.iter_mut().for_each(|day| (day.calls, day.errors) = (0, 0));
            }),
        ),
        (
            "saved",
            with(working(), |page| {
                let begins = at("2021-02-24T16:32:29Z");
                page.said = Some(Said::Saved { begins: Some(begins) });
                page.coming = Some(Coming { granularity: Granularity::Hours24, begins });
                page.form.granularity = Granularity::Hours24;
                page.form.direction = Some(Direction::Received);
            }),
        ),
        (
            "wrong",
            with(working(), |page| {
                page.said = Some(Said::Refused);
                page.form = wrong_form();
            }),
        ),
        (
            "conflict",
            said(Said::Conflict(vec![
                difference(Field::Url, "https://crm.example.com/new", "https://crm.example.com/other"),
                difference(Field::Granularity, "Every 6 hours", "Don’t aggregate"),
            ])),
        ),
        (
            "secret",
            with(working(), |page| {
                page.said = Some(Said::SecretMade);
                page.secret = Secret {
                    shown: Some("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw1d3Yc0aMl7E=".to_owned()),
                    former_signs_until: Some(at("2021-02-25T16:25:29Z")),
                };
            }),
        ),
        ("tested", said(Said::Tested(Box::new(taken)))),
        ("test-refused", said(Said::Tested(Box::new(refused)))),
        ("replayed", said(Said::Replayed { deliveries: 3, gone: 1, is_all: false })),
        ("several", with(working(), many)),
        (
            "read-only",
            with(disabled(), |page| {
                many(page);
                page.frame = read_only(page.frame.clone());
            }),
        ),
    ]
}

/// Every page, each with its name.
pub(super) fn pages() -> Vec<(String, String)> {
    let mut pages: Vec<_> = webhooks().into_iter().map(|(name, page)| (name.to_owned(), page.html())).collect();
    let mut add = |name: &str, html: String| pages.push((name.to_owned(), html));
    add("requests", RequestsPage { frame: frame(), said: None, rows: rows() }.html());
    add("requests-none", RequestsPage { frame: frame(), said: None, rows: Vec::new() }.html());
    let request = |tried, said| RequestPage { frame: frame(), said, tried, is_test: false };
    let taken = tried(rows()[0].clone(), Some(answer(r#"{"ok":true}"#)));
    add("request", request(taken, Some(Said::SentAgain)).html());
    add("request-timeout", request(tried(rows()[5].clone(), None), None).html());
    let binary = Answer { body: Body::of(&[0xff, 0, 0xfe]), is_cut: true, ..answer("") };
    let mut gone = tried(rows()[4].clone(), Some(binary));
    gone.body = Body::LeftOut { bytes: 3_120 };
    let watched = RequestPage { frame: read_only(frame()), ..request(gone, None) };
    add("request-read-only", watched.html());
    let bucket = || bucket("10010001", "John Doe", false, 2);
    let preview = PreviewPage { frame: frame(), bucket: bucket(), documents: vec![DOCUMENT.to_owned()] };
    add("preview", preview.html());
    add("preview-none", PreviewPage { frame: read_only(frame()), bucket: bucket(), documents: Vec::new() }.html());
    for (name, what) in small() {
        add(name, SmallPage { platform: "TimelinesAI".to_owned(), what }.html());
    }
    pages
}

fn small() -> Vec<(&'static str, Small)> {
    let action = "/portal/ABCDEF".to_owned();
    vec![
        ("landing", Small::Landing { workspace: "acme".to_owned(), action }),
        ("link-used", Small::LinkUsed),
        ("link-expired", Small::LinkExpired),
        ("link-invalid", Small::LinkInvalid),
        ("session-ended", Small::SessionEnded),
        ("no-session", Small::NoSession),
        ("forbidden", Small::Forbidden),
        ("forged", Small::Forged),
        ("too-many-tries", Small::TooManyTries),
        ("not-found", Small::NotFound),
        ("trouble", Small::Trouble { reference: Some("1-603673a9-5b1c".to_owned()) }),
    ]
}
