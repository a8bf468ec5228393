//! Whole demonstrations, as tests: every upstream's is played at once, with files and with fakes that lie, and judged by the
//! check that `cargo local` ends with.

use crate::{
    arguments::{Command, parse},
    check,
    clock::Clock,
    demonstration,
    download::{Client, Had},
    fakes::{Library, Media},
    links_endpoint,
    names::{Addresses, GRAPH, Names, STORE, TWILIO},
    run::{Opened, name_accounts, open, set_up},
    sample,
    sample_files::{self, library},
    screen::{Paint, Screen},
    secrets, show,
    stores::Stores,
    upstream::{Kind, twilio_media},
    webhook::Webhook,
};
use axum::http::{StatusCode, header};
use bundler::{
    file::disposition,
    limits,
    ports::{Clock as _, Fetch as _, ReadCredentials as _},
    settings::History,
};
use std::{sync::Arc, time::Duration};

/// As fast as this machine can.
const FAST: u32 = 1_000_000;
/// A photo of 1,843,022 bytes, and the message that it came with.
const PHOTO: &str = "6goff4fhui4d9ilmbyezhzy9x6";

/// What there is after a demonstration, and what the check finds in it.
async fn played(kind: Kind, every: &str, library: &Library) -> (Opened, Vec<String>) {
    let arguments = ["--once", "--upstream", kind.name(), "--every", every];
    let Ok(Command::Run(arguments)) = parse(arguments.map(Into::into)) else { panic!("the arguments are right") };
    let conversation = sample::conversation(None, kind).expect("the sample");
    let clock = Clock::new(sample::start(&conversation), FAST);
    let opened = open(&arguments, Stores::default(), clock, Screen::silent(), library).await.expect("a world");
    set_up(&opened.stage.world.table, None, arguments.every, opened.receives_at).await.expect("settings");
    name_accounts(&opened.stage.world.table).await.expect("accounts");
    let expected = sample::expected(&conversation, arguments.every);
    demonstration::play(&opened.stage, &conversation, &expected, FAST).await.expect("played");
    let faults = check::faults(&expected, &opened.stage.receiver.webhooks());
    (opened, faults)
}

/// The messages that arrived, and the files that were downloaded.
fn counts(Opened { stage, .. }: &Opened) -> (usize, usize) {
    let webhooks = stage.receiver.webhooks();
    let files = webhooks.iter().flat_map(|webhook| &webhook.files).flatten().filter(|had| had.is_ok());
    (webhooks.iter().map(|webhook| webhook.messages().len()).sum(), files.count())
}

type Lie = fn(&mut Vec<u8>);

/// A library that has another file than the sample's under the photo's id.
fn lying(lie: Lie) -> Library {
    let whole = library();
    Arc::new(move |id: &str| {
        let mut media: Option<Media> = whole(id);
        media.iter_mut().filter(|_| id == PHOTO).for_each(|media| lie(&mut media.content));
        media
    })
}

#[tokio::test]
async fn every_upstream_is_played_and_each_of_its_messages_and_files_arrives_whole() {
    for (kind, counted) in [(Kind::Native, (62, 13)), (Kind::WhatsApp, (62, 13)), (Kind::Twilio, (25, 7))] {
        for every in ["1", "none"] {
            let (opened, faults) = played(kind, every, &library()).await;
            assert_eq!(faults, Vec::<String>::new(), "{kind:?} {every}");
            assert_eq!(counts(&opened), counted, "{kind:?} {every}");
            let schedule = History::new(opened.stage.granularity.into());
            for webhook in &*opened.stage.receiver.webhooks() {
                let card = show::card(webhook, &schedule, Paint::Plain);
                assert!(!card.contains("delivered later") && !card.contains("could not be had"), "{card}");
            }
        }
    }
}

#[tokio::test]
async fn a_fake_that_lies_about_a_file_has_its_message_go_without_a_link_and_the_check_says_so() {
    let cases: [(Kind, Lie); 3] = [
        (Kind::Native, |content| content.truncate(content.len() - 1)),
        (Kind::Native, |content| content.push(0)),
        // Meta's webhooks say no size, but what the content's hash is.
        (Kind::WhatsApp, |content| content[0] ^= 1),
    ];
    for (kind, lie) in cases {
        let (opened, faults) = played(kind, "1", &lying(lie)).await;
        let [fault] = &faults[..] else { panic!("{kind:?}: {faults:?}") };
        assert!(fault.contains(PHOTO) && fault.ends_with("came without its file: it came without a link"), "{fault}");
        assert_eq!(counts(&opened), (62, 12), "{kind:?}: the message and all other files arrive");
    }
}

#[tokio::test]
async fn a_link_downloads_the_file_under_its_name_for_15_minutes_of_the_clock() {
    let (Opened { stage, .. }, _) = played(Kind::Native, "1", &library()).await;
    let (link, arrived) = {
        let webhooks = stage.receiver.webhooks();
        let message = webhooks[0].messages().iter().find(|message| message.id == PHOTO).expect("the photo's message");
        (message.attachment.as_ref().and_then(|file| file.link.clone()).expect("a link"), webhooks[0].arrived)
    };
    let (_, path) = link.split_once("/files/").expect("a path");
    // The demonstration went on since. So the same link is asked for as it was then, and as it is when its time has come.
    let at = |seconds: u64| {
        let (object, rest) = path.split_once("?until=").expect("an end");
        let (until, name) = rest.split_once('&').expect("a name");
        assert_eq!(until, arrived.plus(limits::FILE_LINK).seconds().to_string());
        let until = stage.clock.now().seconds() + limits::FILE_LINK.as_secs() - seconds;
        let uri = format!("/files/{object}?until={until}&{name}");
        links_endpoint::serve(&stage.world, &uri.parse().expect("a path"))
    };
    for (seconds, status) in [(0, StatusCode::OK), (15 * 60 - 1, StatusCode::OK), (15 * 60, StatusCode::FORBIDDEN)] {
        let response = at(seconds);
        assert_eq!(response.status(), status, "{seconds}");
        let named = response.headers().get(header::CONTENT_DISPOSITION).and_then(|value| value.to_str().ok());
        let own = disposition("IMG_0231.jpg");
        assert_eq!(named, (status == StatusCode::OK).then_some(&*own));
    }
}

#[tokio::test]
async fn a_link_that_was_kept_is_dead_when_the_clock_is_15_minutes_on() {
    let (Opened { stage, .. }, _) = played(Kind::Native, "none", &library()).await;
    let last = {
        let webhooks = stage.receiver.webhooks();
        let mut files = webhooks.iter().flat_map(Webhook::messages).filter_map(|it| it.attachment.as_ref());
        files.next_back().and_then(|file| file.link.clone()).expect("a link")
    };
    let (base, _) = last.split_once("/files/acme/").expect("a copy's path");
    let client = Client::new(base).expect("a client");
    let endless = last.replace("?until=", "?until=9");
    stage.clock.run_to(stage.clock.now().plus(Duration::from_secs(15 * 60))).await;
    assert_eq!(client.get(Some(&last)).await, Err("its link was answered 403".to_owned()));
    let kept: Had = client.get(Some(&endless)).await;
    assert_eq!(kept.expect("it is still there").size, 61_877);
    for (link, why) in [(None, "it came without a link"), (Some("https://acme.com/path"), "its link leads elsewhere")] {
        assert_eq!(client.get(link).await, Err(why.to_owned()));
    }
}

#[tokio::test]
async fn the_fakes_ask_for_what_the_real_ones_ask_for() {
    let names = Names::new(Addresses::start(&library()).await.expect("fakes")).expect("a client");
    let credentials = secrets::Upstreams.read_credentials().await.expect("credentials");
    let token = format!("Bearer {}", secrets::WHATSAPP_TOKEN);
    let basic = credentials.twilio_authorization().expect("credentials");
    let (graph, unknown) = (format!("{GRAPH}/v23.0/{PHOTO}"), format!("{GRAPH}/v23.0/1"));
    let (media, gone) = (twilio_media("SM1", PHOTO), twilio_media("SM1", "1"));
    let (store, size) =
        (format!("{STORE}/files/{PHOTO}"), sample_files::find(PHOTO).map(|it| it.media.content.len() as u64));
    assert!(media.starts_with(TWILIO));
    for (url, authorization, status) in [
        (&graph, None, 401),
        (&graph, Some("Bearer another"), 401),
        (&unknown, Some(&*token), 404),
        (&graph, Some(&*token), 200),
        (&media, None, 401),
        (&media, Some(&*token), 401),
        (&gone, Some(&*basic), 404),
        (&media, Some(&*basic), 200),
        (&store, Some(&*basic), 400),
        (&store, None, 200),
    ] {
        let headers: Vec<_> = authorization.iter().map(|it| ("authorization".to_owned(), (*it).to_owned())).collect();
        let fetched = names.fetch(url, &headers).await.expect("an answer");
        assert_eq!(fetched.status, status, "{url} {authorization:?}");
        if status == 200 && *url != graph {
            assert_eq!(fetched.size, size, "{url}");
        }
    }
}
