//! The invented workspace's pages, one for each state.

use super::fixtures::{self, *};
use crate::*;
use bundler::{
    attempt::Body,
    event::Direction,
    mail::Count::{Exactly, MoreThan},
    table::action::ActionKind,
    window::Granularity,
};

/// One that works.
pub(super) fn webhook() -> WebhookPage {
    WebhookPage {
        frame: frame(),
        said: None,
        state: working(),
        mail_refused: None,
        settling_until: None,
        form: form(),
        coming: None,
        secret: Secret::default(),
        disable_at: 11,
        days: days(false),
        savings: Savings { days: 30, messages: 4_812, calls: 131, errors: 0 },
        activity: activity(),
        gathering: Some(Gathering {
            chats: vec![
                bucket("10010001", "John Doe", false, 12),
                bucket("10010002", "אמנון האהא", false, 3),
                bucket("10010003", "Sales, north 🚀", true, 148),
            ],
            all: Exactly(42),
        }),
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
                page.savings.errors = 22;
                let end = at("2021-02-23T18:04:00Z");
                let refused = |minutes: u64| {
                    let status = row(1_317 + minutes, "Jane Smith", Some(500), Some(broken));
                    Happening { at: status.started, what: What::Sent(status) }
                };
                page.activity = vec![Happening { at: end, what: What::Done(ActionKind::Disabled) }];
                page.activity.extend([0, 360, 660, 900].map(refused));
                page.activity.extend(webhook().activity.into_iter().filter(|happening| happening.at < end));
                page.activity.sort_by_key(|happening| std::cmp::Reverse(happening.at));
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
                page.secret.shown = Some("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw1d3Yc0aMl7E=".to_owned());
                page.form = Form { url: String::new(), accounts: String::new(), headers: Vec::new(), ..form() };
                page.activity = Vec::new();
                page.said = Some(Said::Added);
                page.gathering = Some(Gathering { chats: Vec::new(), all: Exactly(0) });
                page.savings = Savings { days: 30, messages: 0, calls: 0, errors: 0 };
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
    let mut first = frame();
    (first.webhook, first.webhooks) = (String::new(), Vec::new());
    let adding = |frame: Frame, name: Option<&str>| AddPage {
        frame,
        name: name.map(str::to_owned),
        granularity: Granularity::Hours1,
        url: String::new(),
        owner_email: String::new(),
        errors: Vec::new(),
    };
    add("first", adding(first.clone(), None).html());
    add("first-read-only", adding(read_only(first), None).html());
    let wrong = AddPage {
        frame: Frame { webhook: String::new(), ..frame() },
        url: "crm".to_owned(),
        errors: vec![
            (Field::Name, "Is one of another webhook.".to_owned()),
            (Field::Url, "Must begin with https://.".to_owned()),
            (Field::OwnerEmail, "Must be an e-mail address.".to_owned()),
        ],
        ..adding(frame(), Some("default"))
    };
    add("another", wrong.html());
    for (name, page) in accounts() {
        add(name, page.html());
    }
    for (name, what) in small() {
        add(name, SmallPage { platform: "TimelinesAI".to_owned(), what }.html());
    }
    pages
}

/// The pages of WhatsApp accounts, each with its name.
fn accounts() -> Vec<(&'static str, AccountsPage)> {
    let page = fixtures::accounts;
    let none = AccountsPage { accounts: Vec::new(), links: LinksForm::default(), ingest: None, ..page() };
    let mut nowhere = none.clone();
    (nowhere.frame.webhooks, nowhere.frame.may_add) = (Vec::new(), true);
    let wrong = AccountsPage {
        said: Some(Said::Refused),
        form: AccountForm {
            account: "106540352242922".to_owned(),
            id: "my number".to_owned(),
            errors: [Field::AccountId, Field::Phone, Field::FullName, Field::Email]
                .map(|field| (field, "Must not be empty.".to_owned()))
                .into(),
            ..AccountForm::default()
        },
        links: LinksForm {
            errors: [Field::ChatUrl, Field::Permalink].map(|field| (field, "Must not be this.".to_owned())).into(),
            ..links()
        },
        ..page()
    };
    let mut conflict = AccountsPage { form: AccountForm::of(&page().accounts[0]), ..page() };
    conflict.form.full_name = "Amnon".to_owned();
    conflict.said = Some(Said::Conflict(conflict.form.differences(&AccountForm::of(&page().accounts[0]))));
    let full =
        (0..50).map(|number| account(&format!("1065403522{number:05}"), "+972 50 000 0000", "Amnon", "a@acme.com"));
    vec![
        ("accounts", page()),
        ("accounts-none", none),
        ("accounts-nowhere", nowhere),
        ("accounts-wrong", wrong),
        ("accounts-conflict", conflict),
        ("accounts-removed", AccountsPage { said: Some(Said::AccountRemoved), ..page() }),
        ("accounts-full", AccountsPage { accounts: full.collect(), ..page() }),
        ("accounts-read-only", AccountsPage { frame: read_only(page().frame), ..page() }),
    ]
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
