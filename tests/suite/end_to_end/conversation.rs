//! The whole way: the sample conversation goes in at ingest's Function URL and comes out at a customer's server.

use super::deploy::{self, Stack};
use super::documents;
use super::place;
use super::receiver::Received;
use super::sources;
use super::workspace::{self, Workspace};
use crate::conformance::libraries::Libraries;
use bundler::header::CustomHeaders;
use bundler::signature::SigningSecret;
use bundler::window::Granularity;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

pub(crate) const FUNCTIONS: [&str; 4] = ["ingest", "attachments", "aggregator", "sender"];
/// Two windows, the protocol's grace, and what a loaded machine adds.
pub(crate) const DELIVERY_LIMIT: Duration = Duration::from_mins(5);
/// The schedule ticks once a minute. The tests tick more often, so as not to wait for it.
pub(crate) const TICK: Duration = Duration::from_secs(2);
/// So many of the conversation's messages get the same second, which makes it last longer than a window.
const MESSAGES_PER_SECOND: usize = 5;
/// Shorter words of the conversation may stand in a log line by chance.
const TELLING_CHARS: usize = 8;

#[test]
fn every_message_of_a_conversation_arrives_once_and_in_order_in_signed_bundles() {
    let _turn = place::turn();
    let (stack, libraries) = (Stack::deployed(), Libraries::installed());
    let workspace = Workspace::set_up(stack, "acme", Granularity::Hours1);
    let events = conversation("acme");
    assert_eq!(workspace.send(&events), vec!["accepted"; events.len()]);
    assert_eq!(workspace.send(&events), vec!["duplicate"; events.len()]);

    let received = tick_until_all(stack, &workspace, events.len());

    let bundles: Vec<Value> = received.iter().map(|received| documents::document(&received.request)).collect();
    documents::assert_complete_and_in_order(&bundles, &events);
    for (received, bundle) in received.iter().zip(&bundles) {
        documents::assert_valid("bundle", bundle);
        assert_eq!((received.request.method(), received.request.target()), ("POST", workspace::TARGET));
        assert_eq!(received.request.header("content-type"), Some("application/json"));
        workspace.assert_signed(received);
        let windows: BTreeSet<_> = documents::messages(bundle).iter().map(documents::window).collect();
        assert_eq!(windows.len(), 1, "a bundle holds messages of one window");
    }
    let last = &received.last().expect("bundles have come").request;
    libraries.assert_take("deployed-bundle", last, &[workspace::secret()]);
    let ids: BTreeSet<_> = received.iter().map(|received| received.request.header("webhook-id")).collect();
    assert_eq!(ids.len(), received.len(), "every bundle has an id of its own");
    assert_nothing_private_is_logged(stack, &workspace, &events);
}

#[test]
fn without_aggregation_a_message_goes_out_at_once_and_again_with_the_same_id_until_it_is_taken() {
    let _turn = place::turn();
    let (stack, libraries) = (Stack::deployed(), Libraries::installed());
    let workspace = Workspace::set_up(stack, "at-once", Granularity::None);
    workspace.receiver.answer_next([500]);
    let events = &conversation("at-once")[..1];
    assert_eq!(workspace.send(events), ["accepted"]);

    let received = tick_until_came(stack, &workspace, 2);

    for received in &received {
        let document = documents::document(&received.request);
        documents::assert_valid("message", &document);
        assert_eq!(document["message"], documents::as_delivered(&events[0]["message"]));
        workspace.assert_signed(received);
    }
    assert_eq!(received[0].request.header("webhook-id"), received[1].request.header("webhook-id"));
    assert_eq!(received[0].request.body, received[1].request.body);
    libraries.assert_take("deployed-message", &received[1].request, &[workspace::secret()]);
}

#[test]
fn while_a_secret_is_being_replaced_receivers_with_either_take_what_comes_with_the_owners_own_headers() {
    let _turn = place::turn();
    let (stack, libraries) = (Stack::deployed(), Libraries::installed());
    let (old, new) = (workspace::secret(), SigningSecret::from_bytes([8; 32]));
    let own = vec![("authorization".to_owned(), "Bearer of.the.receiver".to_owned())];
    let workspace = Workspace::set_up_with(stack, "replaced", Granularity::None, |settings| {
        settings.rotate(deploy::now(), new.clone());
        settings.headers = CustomHeaders::parse(own.clone()).expect("headers");
    });
    assert_eq!(workspace.send(&conversation("replaced")[..1]), ["accepted"]);

    assert!(workspace.receiver.wait_until(DELIVERY_LIMIT, |received| received.len() == 1));

    let received = workspace.receiver.received().remove(0);
    workspace.assert_signed(&received);
    libraries.assert_take("deployed-replaced", &received.request, &[new.clone(), old.clone()]);
    assert_eq!(received.request.header("authorization"), Some(own[0].1.as_str()));
    for line in stack.log_lines("sender").iter().map(Value::to_string) {
        let secrets = [old.reveal(), new.reveal(), &own[0].1];
        assert!(!secrets.iter().any(|secret| line.contains(secret)), "the sender logged a secret");
    }
}

#[test]
fn a_call_without_the_right_key_is_refused_with_a_problem_document() {
    let _turn = place::turn();
    let workspace = Workspace::set_up(Stack::deployed(), "locked", Granularity::None);
    let events = json!(conversation("locked")).to_string();
    for authorization in ["", "Bearer", "Bearer wrong", "Basic d3Jvbmc6d3Jvbmc="] {
        let answer = workspace.post(authorization, events.as_bytes());
        assert_eq!(answer.status(), 401, "{authorization}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
}

/// The sample conversation, for this workspace, as if it began now.
pub(crate) fn conversation(workspace: &str) -> Vec<Value> {
    let file = place::repository().join("infra/local/sample/conversation.json");
    let text = fs::read_to_string(file).expect("the sample conversation is in the repository");
    let mut events: Vec<Value> = serde_json::from_str(&text).expect("it is an array of events");
    let now = deploy::now();
    for (index, event) in events.iter_mut().enumerate() {
        let sent = now.plus(Duration::from_secs((index / MESSAGES_PER_SECOND) as u64));
        event["message"]["timestamp"] = sent.article().into();
        event["workspace_id"] = workspace.into();
        if let Some(file) = event.pointer_mut("/message/attachment").and_then(Value::as_object_mut) {
            file.remove("temporary_download_url");
            let size = file["size"].as_u64().expect("the sample's files have sizes");
            file.insert("source_url".to_owned(), sources::plain(index, size).into());
        }
    }
    events
}

/// Lets the aggregator look for what is due until the receiver has got so many messages.
pub(crate) fn tick_until_all(stack: &Stack, workspace: &Workspace, count: usize) -> Vec<Received> {
    let has_all = |received: &[Received]| {
        received
            .iter()
            .map(|received| documents::messages(&documents::document(&received.request)).len())
            .sum::<usize>()
            >= count
    };
    tick_until(stack, workspace, has_all)
}

/// Lets the aggregator look for what is due until the receiver has got so many requests.
pub(crate) fn tick_until_came(stack: &Stack, workspace: &Workspace, requests: usize) -> Vec<Received> {
    tick_until(stack, workspace, |received| received.len() >= requests)
}

/// Lets the aggregator look for what is due until what has come is enough.
fn tick_until(stack: &Stack, workspace: &Workspace, enough: impl Fn(&[Received]) -> bool) -> Vec<Received> {
    let deadline = Instant::now() + DELIVERY_LIMIT;
    while !workspace.receiver.wait_until(TICK, &enough) {
        assert!(Instant::now() < deadline, "only {} requests have come", workspace.receiver.received().len());
        stack.tick();
    }
    workspace.receiver.received()
}

/// What of a conversation and of its workspace nobody may find anywhere but in a delivery.
pub(crate) fn private<'a>(workspace: &'a Workspace, events: &'a [Value]) -> BTreeSet<&'a str> {
    let parts =
        ["/message/text", "/message/sender/full_name", "/message/sender/phone", "/chat/full_name", "/chat/phone"];
    let texts = events.iter().flat_map(|event| parts.iter().filter_map(|part| event.pointer(part)?.as_str()));
    texts.chain(workspace.secrets()).filter(|text| text.chars().count() >= TELLING_CHARS).collect()
}

fn assert_nothing_private_is_logged(stack: &Stack, workspace: &Workspace, events: &[Value]) {
    let private = private(workspace, events);
    for function in FUNCTIONS {
        let lines = stack.log_lines(function);
        assert!(!lines.is_empty(), "{function} has logged nothing");
        for line in lines.iter().map(Value::to_string) {
            let found = private.iter().find(|text| line.contains(**text));
            assert!(found.is_none(), "{function} logged {found:?}");
        }
    }
}
