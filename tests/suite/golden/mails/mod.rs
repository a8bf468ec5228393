//! The e-mails to owners, each piece of news in text and in HTML as it goes out, and what holds for all of them whatever
//! names come in.

use crate::{tidy, world::at};
use bundler::{
    attempt::ErrorClass,
    health::{LastError, Why},
    id::{WebhookId, WorkspaceId},
    limits,
    mail::{Count, Letter, Mail, News, Recovery},
    zone::Zone,
};

/// An answer that was no success, or none at all.
fn last_error(class: ErrorClass, status: Option<u16>) -> LastError {
    LastError { at: at("2021-02-24T16:46:29Z"), class, status }
}

fn about(news: News) -> Letter {
    Letter {
        news,
        workspace: WorkspaceId::parse("acme").expect("a workspace"),
        webhook: WebhookId::first(),
        host: Some("hooks.example.org".to_owned()),
        zone: Zone::parse("Europe/Berlin").expect("a zone"),
        platform: "TimelinesAI".to_owned(),
        settings_link: Some("https://app.example.org/acme/webhooks".to_owned()),
    }
}

fn disabled(why: Why, status: u16, held: Count) -> News {
    let last_error = Some(last_error(ErrorClass::Status, Some(status)));
    News::Disabled { since: at("2021-02-24T16:25:29Z"), why, errors: 11, last_error, held }
}

fn recovered(how: Recovery) -> News {
    News::Recovered { since: at("2021-02-24T16:25:29Z"), at: at("2021-02-24T23:45:30Z"), how }
}

/// Names that would break out of a line, a tag or an attribute, if they could.
const HOSTILE: &str = "A\r\nBcc: b@evil.example\u{202e}\u{2028}</title><script>alert('1')</script>\"&amp;\u{0}\u{85}";

fn hostile() -> Letter {
    Letter {
        host: Some(format!("\"><img src=x onerror=alert(1)>\n{HOSTILE}")),
        zone: Zone::UTC,
        platform: HOSTILE.to_owned(),
        settings_link: Some("https://a.example/\"onclick=\"alert(1)\"><script>alert(1)</script>".to_owned()),
        ..about(disabled(Why::Errors, 500, Count::Exactly(1)))
    }
}

/// Every piece of news, under the name of its files.
fn all() -> Vec<(&'static str, Letter)> {
    let warning = News::Warning {
        since: at("2021-02-24T16:25:29Z"),
        errors: 5,
        last_error: Some(last_error(ErrorClass::Timeout, None)),
        next_try: at("2021-02-24T18:16:00Z"),
        disable_at: 11,
    };
    let gone = Letter {
        host: None,
        zone: Zone::UTC,
        settings_link: None,
        ..about(disabled(Why::Gone, 410, Count::MoreThan(1_000)))
    };
    vec![
        ("warning", about(warning)),
        ("disabled", about(disabled(Why::Errors, 500, Count::Exactly(214)))),
        ("gone", gone),
        ("works-again", about(recovered(Recovery::TookADelivery { released: Count::Exactly(1) }))),
        ("enabled", about(recovered(Recovery::Enabled { released: Count::Exactly(214) }))),
        ("started-fresh", about(recovered(Recovery::StartedFresh))),
        ("stopped", about(News::Stopped { disabled: at("2021-02-24T16:25:29Z") })),
        ("hostile", hostile()),
    ]
}

fn mails() -> impl Iterator<Item = (&'static str, Mail)> {
    all().into_iter().map(|(name, letter)| (name, mail::compose(&letter)))
}

/// What a page shows, piece by piece: the texts of its body, unescaped.
fn shown(page: &str) -> Vec<String> {
    let (_, body) = page.split_once("<body").expect("a body");
    let texts = body.split('<').filter_map(|piece| Some(piece.split_once('>')?.1.trim()));
    texts.filter(|text| !text.is_empty()).map(unescaped).collect()
}

fn unescaped(text: &str) -> String {
    let plain = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    plain.into_iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

#[test]
fn each_mail_reads_as_its_golden_files() {
    for (name, mail) in mails() {
        let golden = |end: &str| tidy::read(&format!("tests/suite/golden/mails/{name}.{end}"));
        assert_eq!(mail.text, golden("txt"), "{name}");
        assert_eq!(mail.html, golden("html"), "{name}");
    }
}

#[test]
fn a_text_says_what_its_page_says_in_the_same_order_and_begins_with_the_state() {
    for (name, mail) in mails() {
        let paragraphs: Vec<_> = mail.text.trim_end().split("\n\n").collect();
        let [state, opening, facts, advice, rest @ ..] = paragraphs.as_slice() else { panic!("{name}: {}", mail.text) };
        assert_eq!(*state, format!("{}.", mail.subject), "{name}");
        let facts =
            facts.lines().flat_map(|fact| fact.split_once(": ").map_or([fact, ""], |(label, value)| [label, value]));
        let mut said: Vec<_> = [*state, *opening].into_iter().chain(facts).chain([*advice]).collect();
        if let [link, _] = rest {
            let (button, link) = link.split_once(":\n").expect("a link");
            assert!(unescaped(&mail.html).contains(&format!("<a href=\"{link}\"")), "{name}");
            said.push(button);
        }
        said.extend(rest.last());
        // The page has the state in a word before it all.
        assert_eq!(said, shown(&mail.html)[1..], "{name}");
    }
}

#[test]
fn no_name_brings_a_line_break_into_a_subject_or_makes_it_endless() {
    for broken in ["\n", "\r\n", "\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}", "\0", "\u{1b}", "\u{7f}"] {
        for (_, letter) in all() {
            let name = format!("a{broken}Bcc: b@evil.example{broken}{}", "x".repeat(5_000));
            let mail = mail::compose(&Letter { host: Some(name.clone()), platform: name, ..letter });
            assert!(!mail.subject.chars().any(char::is_control), "{broken:?}");
            assert!(!mail.subject.contains(['\u{2028}', '\u{2029}', '\u{202e}']), "{broken:?}");
            assert!(mail.subject.chars().count() < 2 * limits::MAIL_NAME_CHARS + 50, "{broken:?}");
            // Where it stands in the text and in the page it starts no line of its own either.
            assert!(!mail.text.lines().any(|line| line.starts_with("Bcc")), "{broken:?}");
        }
    }
}

#[test]
fn no_name_brings_a_tag_or_an_attribute_into_a_page() {
    let page = |letter: &Letter| mail::compose(letter).html;
    let tags = |page: &str| {
        page.split('<').skip(1).filter_map(|tag| tag.split([' ', '>']).next().map(str::to_owned)).collect::<Vec<_>>()
    };
    let plain = page(&about(hostile().news));
    let hostile = page(&hostile());
    assert_eq!(tags(&hostile), tags(&plain));
    let quotes = |page: &str| page.matches(['"', '\'']).count();
    assert_eq!(quotes(&hostile), quotes(&plain));
    assert!(!hostile.contains("&amp;"), "what was escaped before is text like any other");
}

#[test]
fn a_link_that_leads_to_no_web_page_is_left_out() {
    for link in
        ["javascript:alert(1)", "data:text/html,a", "app.example.org", "https://a.example/ b", "https://a\n.b", ""]
    {
        let letter = Letter { settings_link: Some(link.to_owned()), ..hostile() };
        let mail = mail::compose(&letter);
        assert!(!mail.html.contains("href") && !mail.text.contains("Open the settings"), "{link}");
    }
}

#[test]
fn a_page_needs_nothing_that_has_to_be_fetched() {
    for (name, mail) in mails().filter(|(name, _)| *name != "hostile") {
        for fetched in ["src=", "url(", "@import", "<link", "<img", "<script", "<form"] {
            assert!(!mail.html.contains(fetched), "{name}: {fetched}");
        }
    }
}

#[test]
fn a_mail_is_plain_and_holds_one_fact_a_line() {
    for (name, mail) in mails().filter(|(name, _)| *name != "hostile") {
        assert!(!mail.text.contains('!') && !mail.subject.contains('!'), "{name}");
        assert!(!mail.text.contains("  ") && !mail.text.contains(" ."), "{name}");
        assert!(mail.html.len() < 10_000 && mail.text.len() < 2_000, "{name}");
    }
}
