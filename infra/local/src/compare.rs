//! One webhook beside what was sent in: what in it is not as it should be. Each answer is a list of faults in words.

use crate::{
    document::{Bundle, Chat, Document, File, Message, Participant},
    download::{Download, Had},
    expected::{Expected, Way},
    sample_files,
    webhook::Webhook,
};
use bundler::{event, limits};

/// What is wrong with a bundle by itself: its order, its times, its note.
pub(crate) fn bundle(bundle: &Bundle) -> Vec<String> {
    let mut faults = Vec::new();
    if !bundle.messages.is_sorted_by_key(|message| (message.timestamp, message.id.as_str())) {
        faults.push("its messages are out of order".to_owned());
    }
    let ends = [bundle.messages.first(), bundle.messages.last()].map(|end| end.map(|message| message.timestamp));
    if ends != [bundle.first_message_timestamp, bundle.last_message_timestamp].map(Some) {
        faults.push("its first and last time are not those of its messages".to_owned());
    }
    let mut note = bundle.aggregation.as_str();
    for Message { sender, timestamp, .. } in &bundle.messages {
        let line = format!("from {} on {}: ", escaped(&sender.full_name), timestamp.minute());
        match note.split_once(&line) {
            Some((_, rest)) => note = rest,
            None => faults.push(format!("its note lacks a sender, or has it out of order, at {}", timestamp.minute())),
        }
    }
    let own = ["<br/>", "<a href='", "</a>"];
    if own.iter().fold(bundle.aggregation.clone(), |note, tag| note.replace(tag, "")).contains('<') {
        faults.push("its note holds a tag that somebody wrote".to_owned());
    }
    faults
}

/// What is wrong with a message that arrived in a webhook, under a chat.
pub(crate) fn message(expected: &Expected, webhook: &Webhook, chat: &Chat, arrived: &Message) -> Vec<&'static str> {
    let mut faults = Vec::new();
    let event::Event { chat: of_chat, message: sent, .. } = &expected.event;
    match (expected.way, &webhook.document) {
        (Way::Single, Ok(Document::Bundle(_))) => faults.push("came in a bundle"),
        (Way::Bundle { .. }, Ok(Document::Single(_))) => faults.push("came by itself"),
        (Way::Bundle { due }, _) if webhook.arrived < due.plus(limits::GRACE) => {
            faults.push("came before its window had ended");
        }
        (Way::Bundle { .. } | Way::Single, _) => {}
    }
    if webhook.arrived > expected.by {
        faults.push("came too late");
    }
    // Where the chat's name changes, a bundle has that of its latest message.
    let is_latest = webhook.messages().last().is_some_and(|latest| latest.id == arrived.id);
    if is_latest && (chat.full_name != of_chat.full_name || chat.kind != of_chat.kind) {
        faults.push("came under another chat's name");
    }
    let same = arrived.direction == sent.direction
        && arrived.text == sent.text
        && is_same(&arrived.sender, &sent.sender)
        && is_same(&arrived.recipient, &sent.recipient)
        && is_same_file(arrived.attachment.as_ref(), sent.attachment.as_ref());
    if !same {
        faults.push("is not what was sent in");
    }
    faults
}

fn is_same(arrived: &Participant, sent: &event::Participant) -> bool {
    arrived.full_name == sent.full_name && arrived.phone == sent.phone
}

/// What upstream did not say of a file is held to nothing.
fn is_same_file(arrived: Option<&File>, sent: Option<&event::Attachment>) -> bool {
    match (arrived, sent) {
        (None, None) => true,
        (Some(arrived), Some(sent)) => {
            let is_name = sent.filename.is_empty() || arrived.filename == sent.filename;
            is_name && sent.size.is_none_or(|size| arrived.size == Some(size)) && arrived.mimetype == sent.mimetype
        }
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// What is wrong with what the receiver got by a message's link. A file that is none of the sample's has only to be there.
pub(crate) fn file(arrived: &Message, had: Option<&Had>) -> Option<String> {
    let attachment = arrived.attachment.as_ref()?;
    let sample = sample_files::find(&arrived.id);
    match had {
        None => Some("came without its file".to_owned()),
        Some(Err(why)) => Some(format!("came without its file: {why}")),
        Some(Ok(Download { size, .. })) if attachment.size != Some(*size) => {
            Some("has a file of another size than it says".to_owned())
        }
        Some(Ok(Download { sha256, .. })) => {
            let is_whole = sample.is_none_or(|sample| *sha256 == sample.sha256);
            (!is_whole).then(|| "has another file than was sent in".to_owned())
        }
    }
}

/// A name as it has to stand in HTML.
fn escaped(name: &str) -> String {
    let entities = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")];
    entities.into_iter().fold(name.to_owned(), |name, (character, entity)| name.replace(character, entity))
}
