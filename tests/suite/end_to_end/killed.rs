//! The sender's process dies while a request is under way: nothing is lost, and what comes twice has one id.

use super::conversation::{DELIVERY_LIMIT, conversation, tick_until_came};
use super::deploy::Stack;
use super::receiver::Received;
use super::workspace::Workspace;
use super::{documents, place};
use bundler::window::Granularity;
use serde_json::{Value, json};
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::Command;

#[test]
fn what_a_killed_sender_was_sending_comes_again_with_the_same_id_and_the_rest_after_it() {
    let _turn = place::turn();
    let stack = Stack::deployed();
    let workspace = Workspace::set_up(stack, "killed", Granularity::None);
    let events = conversation("killed");
    // Of one chat, so that they are sent one after the other.
    let is_of_the_chat = |event: &&Value| event["chat"]["chat_id"] == events[0]["chat"]["chat_id"];
    let events: Vec<Value> = events.iter().filter(is_of_the_chat).take(3).cloned().collect();
    let _visibility = Visibility::of_seconds(stack, 5);
    workspace.receiver.hold();
    assert_eq!(workspace.send(&events), ["accepted"; 3]);
    assert!(workspace.receiver.wait_until(DELIVERY_LIMIT, |received| received.len() == 1));

    kill(process_of(workspace.receiver.received()[0].from), &stack.physical_name("SenderFunction"));
    workspace.receiver.release();

    let received = tick_until_came(stack, &workspace, 1 + events.len());
    let [lost, again, ..] = received.as_slice() else { panic!("{} requests", received.len()) };
    let id = |received: &Received| received.request.header("webhook-id").map(str::to_owned);
    let document = |received: &Received| documents::without_links(documents::document(&received.request));
    assert_eq!((id(again), document(again)), (id(lost), document(lost)));
    let arrived: Vec<Value> = received[1..].iter().map(|it| document(it)["message"].clone()).collect();
    let sent: Vec<Value> = events.iter().map(|event| documents::as_delivered(&event["message"])).collect();
    assert_eq!(arrived, sent, "every one, once more at most, and in order");
    for received in &received {
        workspace.assert_signed(received);
    }
}

/// The delivery queue hands out what was not finished after so long, and as the template has it once this is dropped.
struct Visibility {
    stack: &'static Stack,
    before: Value,
}

impl Visibility {
    const NAME: &str = "VisibilityTimeout";

    fn of_seconds(stack: &'static Stack, seconds: u32) -> Self {
        let asked = json!({ "QueueUrl": stack.output("DeliveryQueueUrl"), "AttributeNames": [Self::NAME] });
        let before = stack.aws().call("sqs", "get_queue_attributes", &asked)["Attributes"][Self::NAME].clone();
        let visibility = Self { stack, before };
        visibility.set(&seconds.to_string().into());
        visibility
    }

    fn set(&self, seconds: &Value) {
        let attributes = json!({ Self::NAME: seconds });
        let parameters = json!({ "QueueUrl": self.stack.output("DeliveryQueueUrl"), "Attributes": attributes });
        self.stack.aws().call("sqs", "set_queue_attributes", &parameters);
    }
}

impl Drop for Visibility {
    fn drop(&mut self) {
        self.set(&self.before);
    }
}

/// The process on this machine that holds the connection with this end, as Linux lists them in proc(5).
fn process_of(end: SocketAddr) -> u32 {
    let IpAddr::V4(address) = end.ip() else { panic!("the receivers listen on IPv4") };
    let end = format!("{:08X}:{:04X}", u32::from_ne_bytes(address.octets()), end.port());
    let connections = fs::read_to_string("/proc/net/tcp").expect("Linux lists connections");
    let columns = connections.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let connection = columns.into_iter().find(|columns| columns[1] == end).expect("the connection is open");
    let socket = format!("socket:[{}]", connection[9]);
    let holds = |process: &Path| {
        let files = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        files.filter_map(|file| fs::read_link(file.path()).ok()).any(|target| target.as_os_str() == socket.as_str())
    };
    let processes = fs::read_dir("/proc").expect("Linux lists processes").flatten().map(|entry| entry.path());
    let numbered = processes.filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path)));
    let holder = numbered.into_iter().find(|(_, path)| holds(path));
    holder.expect("a process holds the connection").0
}

/// Ends the process at once; panics if it is not one of this function.
fn kill(process: u32, function: &str) {
    let environment = fs::read(format!("/proc/{process}/environ")).expect("the process is there");
    let expected = format!("AWS_LAMBDA_FUNCTION_NAME={function}");
    let variables: Vec<_> = environment.split(|byte| *byte == 0).collect();
    assert!(variables.contains(&expected.as_bytes()), "process {process} is no {function}");
    let status = Command::new("kill").args(["-KILL", &process.to_string()]).status().expect("kill runs");
    assert!(status.success(), "process {process} was not killed");
}
