//! Whatever a text holds, it stands on the page as text, whole, and nothing beside it changes.

use super::{
    fixtures,
    markup::{Element, Node, elements, read},
    states,
};
use crate::*;
use bundler::{attempt::Body, window::Granularity};

/// Texts that want to be more than texts.
fn texts() -> Vec<String> {
    let mut texts: Vec<_> = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onfocus='alert(1)' autofocus='",
        "</textarea></title></style></code></bdi>-->",
        "&lt;b&gt; &amp; &#60; &copy",
        "{{ frame.csrf() }} {% include \"csrf.html\" %}",
        "שלום \u{202e}txt.exe\u{202c} مرحبا",
        "👩‍👩‍👧 🇮🇱 z̷̡̛a̷l̷g̷o̷ 田中",
        "javascript:alert(1)",
        "line\r\nbreak\u{2028}and\u{0}nothing\ttab",
    ]
    .map(str::to_owned)
    .into();
    texts.push("<\"'&>".repeat(2_000));
    texts.push("W".repeat(10_000));
    texts
}

/// Every page whose every text is this one.
fn pages(text: &str) -> Vec<String> {
    let own = || text.to_owned();
    let mut frame = fixtures::frame();
    (frame.platform, frame.workspace, frame.webhook) = (own(), own(), own());
    let state = frame.webhooks[0].state.clone();
    frame.webhooks = vec![Tab { webhook: own(), state: state.clone() }, Tab { webhook: "b".to_owned(), state }];
    frame.access = Access::Full { csrf: own() };
    let row = || {
        let mut row = fixtures::row(1, text, Some(500), Some(text));
        (row.id, row.webhook_id) = (own(), own());
        row
    };
    let pair = || vec![(own(), own())];
    let tried = || Tried {
        row: row(),
        url: own(),
        headers: pair(),
        body: Body::Text(own()),
        answer: Some(Answer { headers: pair(), body: Body::Text(own()), is_cut: true }),
    };
    let bucket = || fixtures::bucket(text, text, true, 3);
    let form = || Form {
        revision: own(),
        url: own(),
        time_zone: own(),
        concurrency: own(),
        accounts: own(),
        owner_email: own(),
        headers: vec![own()],
        typed_headers: vec![own()],
        errors: vec![(Field::Url, own()), (Field::Headers, own())],
        ..fixtures::form()
    };
    let conflict = Said::Conflict(vec![Difference { field: Field::Url, yours: own(), theirs: own() }]);
    let page = |said| WebhookPage {
        frame: frame.clone(),
        said: Some(said),
        settling_until: Some(frame.clock.now),
        mail_refused: Some(MailRefused { address: own(), at: frame.clock.now, reason: own() }),
        form: form(),
        secret: Secret { shown: Some(own()), former_signs_until: None },
        days: vec![Day { label: own(), calls: 2, errors: 1 }],
        activity: vec![Happening { at: frame.clock.now, what: What::Sent(row()) }],
        gathering: Some(Gathering { chats: vec![bucket()], all: bundler::mail::Count::MoreThan(1) }),
        ..states::webhook()
    };
    let mut watched = page(Said::NotDone(own()));
    watched.frame.access = Access::ReadOnly;
    // Its lines are told in one.
    watched.form.accounts = String::new();
    let landing = Small::Landing { workspace: own(), action: "/portal/A".to_owned() };
    let small = |what| SmallPage { platform: own(), what }.html();
    vec![
        page(conflict).html(),
        page(Said::Tested(Box::new(tried()))).html(),
        page(Said::Flushed { chat: own() }).html(),
        watched.html(),
        RequestsPage { frame: frame.clone(), said: None, rows: vec![row()] }.html(),
        RequestPage { frame: frame.clone(), said: None, tried: tried(), is_test: false }.html(),
        PreviewPage { frame: frame.clone(), bucket: bucket(), documents: vec![own()] }.html(),
        AddPage {
            frame: frame.clone(),
            name: Some(own()),
            granularity: Granularity::None,
            url: own(),
            owner_email: own(),
            errors: vec![(Field::Name, own())],
        }
        .html(),
        accounts(text, &frame, Access::Full { csrf: own() }),
        accounts(text, &frame, Access::ReadOnly),
        small(landing),
        small(Small::Trouble { reference: Some(own()) }),
    ]
}

/// The page of accounts, whose every text is this one.
fn accounts(text: &str, frame: &Frame, access: Access) -> String {
    let own = || text.to_owned();
    let account = || fixtures::account(text, text, text, text);
    let errors = |fields: &[Field]| fields.iter().map(|field| (*field, own())).collect();
    let differences = [Field::AccountId, Field::ChatUrl];
    let page = AccountsPage {
        frame: Frame { webhook: String::new(), access, ..frame.clone() },
        said: Some(Said::Conflict(differences.map(|field| Difference { field, yours: own(), theirs: own() }).into())),
        revision: 1,
        accounts: vec![account(), account()],
        form: AccountForm {
            errors: errors(&[Field::AccountId, Field::Phone, Field::FullName, Field::Email]),
            ..AccountForm::of(&account())
        },
        links: LinksForm {
            chat_url: own(),
            permalink: own(),
            chat_example: Some(own()),
            message_example: Some(own()),
            errors: errors(&[Field::ChatUrl, Field::Permalink]),
        },
        ingest: Some(own()),
    };
    page.html()
}

/// Pages of a text that is long, hostile and runs both ways, for who looks at them in a browser.
pub(super) fn hostile() -> Vec<(String, String)> {
    let text = format!("<script>document.title = 'broken'</script>\"'><b>שלום 🚀 {}", "W".repeat(300));
    (1..).zip(pages(&text)).map(|(number, html): (u32, _)| (format!("hostile-{number}"), html)).collect()
}

/// What a page is made of, its texts and its values aside.
fn skeleton(html: &str) -> Vec<(String, Vec<String>, usize)> {
    let told = |element: Element| (element.name, element.attributes.into_keys().collect(), element.depth);
    elements(html).into_iter().map(told).collect()
}

#[test]
fn no_text_breaks_out_of_its_place() {
    let plain = pages("plain");
    for text in texts() {
        for (page, plain) in pages(&text).iter().zip(&plain) {
            assert_eq!(skeleton(page), skeleton(plain), "{text:.60}");
        }
    }
}

#[test]
fn every_text_stands_whole_where_a_plain_one_stands() {
    // No word of the templates holds this one.
    let plain = "plainest";
    for text in texts() {
        for (page, other) in pages(&text).iter().zip(pages(plain)) {
            let mut compared = 0;
            for (node, other) in read(page).into_iter().zip(read(&other)) {
                match (node, other) {
                    (Node::Text(node), Node::Text(other)) if other.contains(plain) => {
                        // A command for a shell quotes what it holds, and an address escapes it.
                        if !other.contains("curl ") && !other.contains("/v1/") {
                            assert_eq!(node, other.replace(plain, &text));
                        }
                        compared += 1;
                    }
                    (Node::Element(node), Node::Element(other)) => {
                        for name in ["value", "title", "id"] {
                            let (value, other) = (node.get(name), other.get(name));
                            assert_eq!(value.map(str::to_owned), other.map(|other| other.replace(plain, &text)));
                        }
                    }
                    _ => {}
                }
            }
            assert!(compared > 0, "the page shows the text");
        }
    }
}
