//! Every type of message that Meta sends, and what a person reads of it: the table of `infra/message-types.md`, which is
//! made here and nowhere else.

use super::{Around, sample};
use bundler::{
    event::{Direction, Incoming},
    file::Source,
};
use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

/// A sample of each, and what it is.
pub(super) const TYPES: [(&str, &str); 43] = [
    ("text", "`text`"),
    ("text-reply", "`text`, a reply"),
    ("text-forwarded", "`text`, forwarded"),
    ("text-product", "`text`, about a product"),
    ("text-ad", "`text`, from an ad"),
    ("image", "`image`"),
    ("image-forwarded", "`image`, forwarded often, no caption"),
    ("image-lost", "`image` without its media id"),
    ("video", "`video`"),
    ("audio", "`audio`"),
    ("voice", "`audio`, recorded in the chat"),
    ("document", "`document`"),
    ("document-unnamed", "`document` without a name"),
    ("sticker", "`sticker`"),
    ("location", "`location` of a place"),
    ("location-pin", "`location`"),
    ("contacts", "`contacts`"),
    ("contact-request", "`contacts`, the person's own"),
    ("button-reply", "`interactive`: `button_reply`"),
    ("list-reply", "`interactive`: `list_reply`"),
    ("form-reply", "`interactive`: `nfm_reply`, a form"),
    ("interactive-new", "`interactive` of another kind"),
    ("button", "`button`"),
    ("reaction", "`reaction`"),
    ("reaction-removed", "`reaction`, taken back"),
    ("order", "`order`"),
    ("number-changed", "`system`: `user_changed_number`"),
    ("user-id-changed", "`system`: `user_changed_user_id`"),
    ("system-other", "`system` of another kind"),
    ("request-welcome", "`request_welcome`"),
    ("unsupported", "`unsupported`"),
    ("unsupported-why", "`unsupported`, no kind named"),
    ("new-type", "a type that is not known"),
    ("group-text", "`text` in a group"),
    ("username-only", "`text` of somebody without a number"),
    ("phone-only", "`text` of somebody without a user id"),
    ("echo-text", "echo: `text`"),
    ("echo-document", "echo: `document`"),
    ("echo-edit", "echo: `edit`"),
    ("echo-edit-caption", "echo: `edit` of words below a file"),
    ("echo-revoke", "echo: `revoke`"),
    ("echo-question", "echo: `interactive`"),
    ("echo-template", "echo: `template`"),
];

/// Samples of what is no message.
pub(super) const SILENT: [&str; 3] = ["statuses", "history", "app-state"];

const HEAD: &str = "# What a person sees of each type of message

Made by `tests/suite/upstreams/types.rs` from the samples beside it; the test fails when this file says otherwise. An
echo is a message that the business has sent from its own WhatsApp application. Statuses, histories and the state of the
application are ignored.

| what Meta sends | from | text | file |
|---|---|---|---|
";

fn table() -> String {
    let mut table = HEAD.to_owned();
    for (name, what) in TYPES {
        let events = Around::default().read(&sample(name));
        let [Ok(Incoming { event, source })] = &events[..] else { panic!("{name} is one message: {events:?}") };
        let message = &event.message;
        let from = match message.direction {
            Direction::Received => message.sender.full_name.as_str(),
            Direction::Sent => "the business",
        };
        let text = message.text.replace('|', "\\|").replace('\n', "<br>");
        let file = message.attachment.as_ref().map_or("", |file| file.filename.as_str());
        assert_eq!(message.attachment.is_some(), matches!(source, Some(Source::WhatsApp { .. })), "{name}");
        writeln!(table, "| {what} | {from} | {text} | {file} |").expect("a String takes it");
    }
    table
}

#[test]
fn what_a_person_sees_of_each_type_is_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/message-types.md");
    let written = fs::read_to_string(&path).expect("the table");
    let made = table();
    assert_eq!(written, made, "infra/message-types.md should be:\n{made}");
}

#[test]
fn every_sample_is_in_the_table_and_every_message_says_something() {
    let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("suite/upstreams/samples")).expect("samples");
    let name = |file: fs::DirEntry| file.file_name().into_string().expect("a name");
    let found: BTreeSet<String> = files.map(|file| name(file.expect("a file"))).collect();
    let known = TYPES.iter().map(|(name, _)| *name).chain(SILENT);
    assert_eq!(found, known.map(|name| format!("{name}.json")).collect());
    for (name, _) in TYPES {
        for incoming in Around::default().read(&sample(name)) {
            let message = incoming.expect("a message").event.message;
            assert!(!message.text.is_empty() || message.attachment.is_some(), "{name} says nothing");
        }
    }
    for name in SILENT {
        assert!(Around::default().read(&sample(name)).is_empty(), "{name}");
    }
}
