//! The questions that the README teaches an operator to ask, asked of the lines that a deployment really wrote.

use super::conversation::{DELIVERY_LIMIT, FUNCTIONS, conversation, tick_until_came};
use super::deploy::Stack;
use super::insights;
use super::place;
use super::workspace::Workspace;
use bundler::window::Granularity;
use serde_json::{Value, json};
use std::fs;
use std::time::Instant;

/// The ids that the README's queries ask about.
const EXAMPLE_MESSAGE: &str = "ddfskhsd76dsfs6dsd5skjsdhf";
const EXAMPLE_CHAT: &str = "10010001";

#[test]
fn the_readmes_five_questions_are_answered_by_the_log_lines() {
    let _turn = place::turn();
    let stack = Stack::deployed();
    let workspace = Workspace::set_up(stack, "asked", Granularity::None);
    workspace.receiver.answer_next([500]);
    let event = &conversation("asked")[0];
    let id = |pointer| event.pointer(pointer).and_then(Value::as_str).expect("an event has ids");
    assert_eq!(workspace.send(std::slice::from_ref(event)), ["accepted"]);
    tick_until_came(stack, &workspace, 2);
    put_poison_on_the_queue(stack);

    let questions = questions();
    let asked = |heading: &str| {
        let (_, query) = questions.iter().find(|(asked, _)| asked == heading).expect("the README asks it");
        query.replace(EXAMPLE_MESSAGE, id("/message/message_id")).replace(EXAMPLE_CHAT, id("/chat/chat_id"))
    };
    assert_eq!(questions.len(), 5);
    // An emulator's lines are there when the invocation has ended, which may be after its request has arrived.
    let check = |heading: &str, expected: &[(&str, &str)]| {
        let query = asked(heading);
        let deadline = Instant::now() + DELIVERY_LIMIT;
        loop {
            let rows = insights::answer(&query, &lines(stack));
            let fits = |row: &Value| expected.iter().all(|(field, value)| row[*field] == *value);
            if rows.iter().any(fits) {
                return;
            }
            assert!(Instant::now() < deadline, "{heading} {query} was answered with {rows:?}");
        }
    };
    check("What happened to this message?", &[("function", "ingest"), ("outcome", "accepted")]);
    check("What happened to this message?", &[("function", "sender"), ("outcome", "delivered")]);
    check("What happened to this chat's bundles?", &[("outcome", "delivered"), ("attempt.number", "2")]);
    check("Which webhooks fail, and how?", &[("workspace.id", "asked"), ("error", "status"), ("errors", "1")]);
    check("How much goes out?", &[("workspace.id", "asked"), ("deliveries", "1"), ("messages", "1")]);
    check("What is ours to mend?", &[("function", "sender"), ("message", "record is not a delivery's reference")]);
}

/// A record that nobody can read: it fails by itself, and is handed out again.
fn put_poison_on_the_queue(stack: &Stack) {
    let message = json!({
        "QueueUrl": stack.output("DeliveryQueueUrl"), "MessageBody": "not a reference",
        "MessageGroupId": "asked#default#poison", "MessageDeduplicationId": "poison",
    });
    stack.aws().call("sqs", "send_message", &message);
}

/// Each question of the README with its query: a line that ends with a question mark, and the block behind it.
fn questions() -> Vec<(String, String)> {
    let readme = fs::read_to_string(place::repository().join("README.md")).expect("there is a README");
    let (_, section) = readme.split_once("## Is it working?").expect("the README has the section");
    let (section, _) = section.split_once("\n## ").expect("another section follows");
    let lines: Vec<&str> = section.lines().collect();
    let block = |at: &[&str]| match at {
        [question, "```", query, "```"] if question.ends_with('?') => {
            Some(((*question).to_owned(), (*query).to_owned()))
        }
        _ => None,
    };
    lines.windows(4).filter_map(block).collect()
}

fn lines(stack: &Stack) -> Vec<Value> {
    FUNCTIONS.iter().flat_map(|function| stack.log_lines(function)).collect()
}
