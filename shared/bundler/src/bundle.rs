//! A bundle: a lane's messages of one window, in order, split into documents that are not too long.

use crate::{event::Event, limits, timestamp::Timestamp};
use std::ops::Range;

/// A message and what it weighs in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    pub event: Event,
    pub stored_bytes: usize,
}

/// A closed bucket's messages in order of (timestamp, message id), and which of them each document holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    pub events: Vec<Event>,
    pub documents: Vec<Range<usize>>,
}

impl Bundle {
    pub fn new(mut messages: Vec<Weighed>) -> Self {
        messages.sort_unstable_by(|one, other| order(&one.event).cmp(&order(&other.event)));
        let documents = split(&messages);
        Self { events: messages.into_iter().map(|message| message.event).collect(), documents }
    }

    /// The messages of one of its documents, if there is such a part.
    pub fn part(&self, part: usize) -> Option<&[Event]> {
        self.events.get(self.documents.get(part)?.clone())
    }
}

/// Whether a message that arrived at `at` is in the delivery of `cut`, or without one in what is behind the last of `cuts`.
/// Cuts rise, so a later one changes nothing in what an earlier one has taken.
pub fn takes(cuts: &[Timestamp], cut: Option<Timestamp>, at: Timestamp) -> bool {
    // The first cut that the message did not come too late for takes it.
    cuts.iter().find(|cut| at <= **cut).copied() == cut
}

fn order(event: &Event) -> (Timestamp, &str) {
    (event.message.timestamp, event.message.id.as_str())
}

/// By stored sizes, not by the rendered body, which links make longer or shorter from attempt to attempt: each is counted
/// as one of its kind.
/// A message too heavy for any document has one of its own.
fn split(messages: &[Weighed]) -> Vec<Range<usize>> {
    let mut documents = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, message) in messages.iter().enumerate() {
        let link = message.event.message.attachment.as_ref().map_or(0, |_| limits::FILE_LINK_BYTES);
        let weight = message.stored_bytes + link;
        let full = index - start >= limits::DOCUMENT_MESSAGES || bytes + weight > limits::DOCUMENT_BYTES;
        if full && index > start {
            documents.push(start..index);
            (start, bytes) = (index, 0);
        }
        bytes += weight;
    }
    if start < messages.len() {
        documents.push(start..messages.len());
    }
    documents
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{native, samples};

    fn weighed(timestamp: &str, id: &str, stored_bytes: usize) -> Weighed {
        let event = native::parse(&samples::message(timestamp, id, "text"), "").expect("an event");
        Weighed { event, stored_bytes }
    }

    fn ids(bundle: &Bundle) -> Vec<&str> {
        bundle.events.iter().map(|event| event.message.id.as_str()).collect()
    }

    #[test]
    fn messages_stand_in_order_of_timestamp_and_then_of_message_id() {
        let bundle = Bundle::new(vec![
            weighed("2021-02-24T16:00:02Z", "a", 1),
            weighed("2021-02-24T16:00:01Z", "~", 1),
            weighed("2021-02-24T16:00:01Z", "é", 1),
            weighed("2021-02-24T16:00:01Z", "B", 1),
            weighed("2021-02-24T16:00:01.5Z", "0", 1),
        ]);
        assert_eq!(ids(&bundle), ["B", "~", "é", "0", "a"]);
    }

    #[test]
    fn a_bundle_over_500_messages_goes_out_as_several_documents() {
        let messages = |count| (0..count).map(|id| weighed("2021-02-24T16:00:00Z", &format!("{id:05}"), 1)).collect();
        assert_eq!(Bundle::new(messages(500)).documents.as_slice(), std::slice::from_ref(&(0..500)));
        assert_eq!(Bundle::new(messages(501)).documents, [0..500, 500..501]);
        assert_eq!(Bundle::new(messages(1_000)).documents, [0..500, 500..1_000]);
    }

    #[test]
    fn a_bundle_over_200_kib_goes_out_as_several_documents() {
        let kib = 1_024;
        let of = |sizes: &[usize]| {
            let message = |(id, size): (usize, &usize)| weighed("2021-02-24T16:00:00Z", &format!("{id:05}"), *size);
            Bundle::new(sizes.iter().enumerate().map(message).collect()).documents
        };
        assert_eq!(of(&[100 * kib, 100 * kib]).as_slice(), std::slice::from_ref(&(0..2)));
        assert_eq!(of(&[100 * kib, 100 * kib, 1]), [0..2, 2..3]);
        assert_eq!(of(&[1, 300 * kib, 1]), [0..1, 1..2, 2..3]);
    }

    #[test]
    fn nothing_gathered_is_no_document() {
        assert!(Bundle::new(Vec::new()).documents.is_empty());
    }
}
