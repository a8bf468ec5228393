//! Holds what the receiver got against what had to come out, and says in words what is wrong. It knows nothing of how
//! webhooks are made: what it compares with is what was sent in.

use crate::{compare, document::Document, expected::Expected, figures, text, webhook::Webhook};
use bundler::{event::Event, timestamp::Timestamp};
use std::collections::BTreeMap;

/// A message's name: its chat, its time, its id.
type Name<'a> = (&'a str, Timestamp, &'a str);

/// Everything that is wrong; nothing if all is well. Webhooks may also carry messages that nobody expected, because
/// somebody sent them by hand: those must not come twice, and are held to nothing else.
pub(crate) fn faults(expected: &[Expected], webhooks: &[Webhook]) -> Vec<String> {
    let expected: BTreeMap<Name<'_>, &Expected> = expected.iter().map(|one| (name(&one.event), one)).collect();
    let mut arrived: BTreeMap<Name<'_>, usize> = BTreeMap::new();
    let mut latest: BTreeMap<&str, Timestamp> = BTreeMap::new();
    let mut faults = Vec::new();
    for webhook in webhooks {
        let mut fault = |what: String| faults.push(format!("webhook {}: {what}", text::line(&webhook.id, 40)));
        if let Err(error) = webhook.signature {
            fault(error.to_owned());
        }
        let chat = match &webhook.document {
            Ok(Document::Bundle(bundle)) => {
                compare::bundle(bundle).into_iter().for_each(&mut fault);
                &bundle.chat
            }
            Ok(Document::Single(single)) => &single.chat,
            Err(error) => {
                fault(format!("its document is not as it should be: {}", text::neutral(error)));
                continue;
            }
        };
        let mut ways = Vec::new();
        for (message, had) in webhook.messages_with_files() {
            let name = (chat.id.as_str(), message.timestamp, message.id.as_str());
            *arrived.entry(name).or_default() += 1;
            let Some(expected) = expected.get(&name) else { continue };
            ways.push(expected.way);
            for what in compare::message(expected, webhook, chat, message) {
                fault(format!("{} {what}", called(name)));
            }
            if let Some(what) = compare::file(message, had) {
                fault(format!("{} {what}", called(name)));
            }
            if latest.insert(&chat.id, message.timestamp).is_some_and(|before| before > message.timestamp) {
                fault(format!("{} comes after a later one of its chat", called(name)));
            }
        }
        if ways.windows(2).any(|pair| pair[0] != pair[1]) {
            fault("it mixes messages of two windows".to_owned());
        }
    }
    let missing = expected.keys().filter(|name| !arrived.contains_key(*name));
    faults.extend(missing.map(|name| format!("{} never arrived", called(*name))));
    let repeated = arrived.iter().filter(|(_, times)| **times > 1);
    faults.extend(repeated.map(|(name, times)| format!("{} arrived {times} times", called(*name))));
    faults
}

fn name(event: &Event) -> Name<'_> {
    (event.chat.id.as_str(), event.message.timestamp, event.message.id.as_str())
}

/// A message as a person finds it again.
fn called((chat, timestamp, id): Name<'_>) -> String {
    let (chat, id) = (text::line(chat, 30), text::line(id, 40));
    format!("the message of {} in chat {chat} ({id})", figures::hour(timestamp))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{download::Had, fixtures};
    use bundler::window::Granularity;
    use serde_json::{Value, json};
    use std::time::Duration;

    type Bodies = Vec<(Timestamp, Value)>;

    /// The faults of the sample gathered by the hour, after something was done to what arrived.
    fn faults_after(spoil: impl FnOnce(&mut Bodies)) -> Vec<String> {
        let (expected, mut bodies) = fixtures::played(Granularity::Hours1);
        spoil(&mut bodies);
        faults(&expected, &bodies.iter().map(|(arrived, body)| fixtures::webhook(*arrived, body)).collect::<Vec<_>>())
    }

    fn messages(body: &mut Value) -> &mut Vec<Value> {
        body["messages"].as_array_mut().expect("a bundle")
    }

    #[test]
    fn what_came_out_as_it_should_has_no_fault_at_any_granularity() {
        for granularity in Granularity::ALL {
            let (expected, bodies) = fixtures::played(granularity);
            let webhooks: Vec<_> = bodies.iter().map(|(arrived, body)| fixtures::webhook(*arrived, body)).collect();
            assert_eq!(faults(&expected, &webhooks), Vec::<String>::new(), "{granularity:?}");
        }
    }

    #[test]
    fn every_fault_is_found_and_named() {
        type Spoil = fn(&mut Bodies);
        let cases: [(&str, Spoil); 14] = [
            ("never arrived", |bodies| drop(bodies.pop())),
            ("never arrived", |bodies| drop(messages(&mut bodies[0].1).remove(2))),
            ("arrived 2 times", |bodies| bodies.push(bodies[12].clone())),
            ("arrived 2 times", |bodies| {
                let again = messages(&mut bodies[0].1)[0].clone();
                messages(&mut bodies[0].1).insert(0, again);
            }),
            ("out of order", |bodies| messages(&mut bodies[0].1).swap(0, 1)),
            ("after a later one of its chat", |bodies| bodies.reverse()),
            ("before its window had ended", |bodies| bodies[0].0 = bodies[0].0.minus(Duration::from_secs(16))),
            ("too late", |bodies| bodies[0].0 = bodies[0].0.plus(Duration::from_secs(3_600))),
            ("another chat's name", |bodies| bodies[0].1["chat"]["is_group"] = json!(true)),
            ("not what was sent in", |bodies| messages(&mut bodies[0].1)[0]["text"] = json!("lorem ipsum")),
            ("not what was sent in", |bodies| messages(&mut bodies[0].1)[3]["attachment"]["size"] = json!(1)),
            ("first and last time", |bodies| {
                bodies[0].1["first_message_timestamp"] = json!("2026-03-02T08:52:12+0000");
            }),
            ("lacks a sender", |bodies| bodies[0].1["aggregation"] = json!("<br/>")),
            ("a tag that somebody wrote", |bodies| {
                let note = format!("{}<b>", bodies[0].1["aggregation"].as_str().expect("a note"));
                bodies[0].1["aggregation"] = json!(note);
            }),
        ];
        for (named, spoil) in cases {
            let faults = faults_after(spoil);
            assert!(faults.iter().any(|fault| fault.contains(named)), "{named}: {faults:?}");
        }
    }

    #[test]
    fn messages_of_two_windows_in_one_bundle_are_a_fault() {
        let faults = faults_after(|bodies| {
            let chat = bodies[0].1["chat"]["chat_id"].clone();
            let next =
                1 + bodies[1..].iter().position(|(_, body)| body["chat"]["chat_id"] == chat).expect("a second one");
            let moved = messages(&mut bodies[next].1).remove(0);
            messages(&mut bodies[0].1).push(moved);
        });
        assert!(faults.iter().any(|fault| fault.contains("mixes messages of two windows")), "{faults:?}");
    }

    #[test]
    fn a_file_that_did_not_arrive_as_it_was_sent_is_a_fault() {
        type Spoil = fn(&mut Option<Had>);
        let cases: [(&str, Spoil); 4] = [
            ("came without its file", |had| *had = None),
            ("came without its file: its link was answered 403", |had| {
                *had = Some(Err("its link was answered 403".to_owned()));
            }),
            ("has a file of another size", |had| had.iter_mut().flatten().for_each(|file| file.size -= 1)),
            ("has another file", |had| had.iter_mut().flatten().for_each(|file| file.sha256[31] ^= 1)),
        ];
        let (expected, bodies) = fixtures::played(Granularity::Hours1);
        for (named, spoil) in cases {
            let mut webhooks: Vec<_> = bodies.iter().map(|(arrived, body)| fixtures::webhook(*arrived, body)).collect();
            spoil(&mut webhooks[0].files[3]);
            let faults = faults(&expected, &webhooks);
            assert!(faults.len() == 1 && faults[0].contains(named), "{named}: {faults:?}");
        }
    }

    #[test]
    fn a_wrong_signature_and_a_field_too_many_are_faults() {
        let (expected, mut bodies) = fixtures::played(Granularity::Hours24);
        bodies[1].1["chat"]["colour"] = json!("green");
        let mut webhooks: Vec<_> = bodies.iter().map(|(arrived, body)| fixtures::webhook(*arrived, body)).collect();
        webhooks[0].signature = Err("the signature is wrong");
        let faults = faults(&expected, &webhooks);
        assert!(faults[0].contains("the signature is wrong"), "{faults:?}");
        assert!(faults[1].contains("unknown field `colour`"), "{faults:?}");
    }

    #[test]
    fn a_message_sent_by_hand_is_none_of_the_checks_business_unless_it_comes_twice() {
        let by_hand = |times: usize| {
            faults_after(|bodies| {
                let (arrived, mut body) = bodies[0].clone();
                messages(&mut body).truncate(1);
                messages(&mut body)[0]["message_id"] = json!("by-hand");
                body["last_message_timestamp"] = body["first_message_timestamp"].clone();
                bodies.extend(vec![(arrived, body); times]);
            })
        };
        assert_eq!(by_hand(1), Vec::<String>::new());
        assert!(by_hand(2)[0].contains("(by-hand) arrived 2 times"));
    }
}
