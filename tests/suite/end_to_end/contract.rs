//! The ports' contracts on the adapters that speak to AWS: the rules that the memory adapters are held to, on tables and
//! queues of the emulator, one of its own for each rule.

use super::deploy::Stack;
use super::{ministack, place};
use crate::contract::{self, Queues, Tables};
use aws::{connection, queue::Queue, table::Table};
use aws_sdk_dynamodb::{Client, primitives::Blob, types::AttributeValue};
use bundler::table::{Item, ItemKey, Value};
use serde_json::json;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn the_adapters_on_aws_keep_the_ports_contracts() {
    let _turn = place::turn();
    let emulator = Emulator { stack: Stack::deployed(), made: AtomicUsize::new(0) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        contract::gather::all(&emulator).await;
        contract::sweep::all(&emulator).await;
        contract::deliver::all(&emulator).await;
        contract::pages::all(&emulator).await;
        contract::queue::all(&emulator).await;
    });
}

struct Emulator {
    stack: &'static Stack,
    made: AtomicUsize,
}

impl Emulator {
    fn new_name(&self) -> String {
        format!("contract-{}", self.made.fetch_add(1, Ordering::Relaxed))
    }

    /// What `make` makes of the configuration that the adapters share.
    fn connected<T>(&self, make: impl FnOnce(&aws::Config) -> T) -> T {
        let http_client = connection::http_client().expect("the client builds");
        let variable = |name: &str| ministack::variable(self.stack.address(), name);
        make(&connection::configure(http_client, variable).expect("the variables are there"))
    }
}

impl Tables for Emulator {
    type Table = Table;

    async fn holding(&self, items: Vec<Item>) -> Table {
        let name = self.new_name();
        let parameters = json!({
            "TableName": name, "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                { "AttributeName": "pk", "AttributeType": "S" }, { "AttributeName": "sk", "AttributeType": "S" },
            ],
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }, { "AttributeName": "sk", "KeyType": "RANGE" }],
        });
        self.stack.aws().call("dynamodb", "create_table", &parameters);
        let client = self.connected(Client::new);
        for item in items {
            let put = client.put_item().table_name(&name).set_item(Some(to_attributes(item)));
            put.send().await.expect("an item is put");
        }
        self.connected(|config| Table::new(config, name))
    }

    async fn items(&self, table: &Table) -> Vec<Item> {
        let client = self.connected(Client::new);
        let answer = client.scan().table_name(table.name()).send().await.expect("the table is scanned");
        let mut items: Vec<Item> = answer.items.unwrap_or_default().into_iter().map(from_attributes).collect();
        items.sort_by(|one, other| one.key.cmp(&other.key));
        items
    }
}

impl Queues for Emulator {
    type Queue = Queue;

    async fn empty(&self) -> Queue {
        // As the template declares it.
        let attributes = json!({
            "FifoQueue": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId",
        });
        let parameters = json!({ "QueueName": format!("{}.fifo", self.new_name()), "Attributes": attributes });
        let answer = self.stack.aws().call("sqs", "create_queue", &parameters);
        let url = answer["QueueUrl"].as_str().expect("a queue has a URL").to_owned();
        self.connected(|config| Queue::new(config, url))
    }

    async fn take(&self, queue: &Queue) -> Vec<(String, String)> {
        let mut taken = Vec::new();
        loop {
            let parameters = json!({
                "QueueUrl": queue.url(), "MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["MessageGroupId"],
            });
            let answer = self.stack.aws().call("sqs", "receive_message", &parameters);
            let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                return taken;
            }
            for message in messages {
                let handle = json!({ "QueueUrl": queue.url(), "ReceiptHandle": message["ReceiptHandle"] });
                self.stack.aws().call("sqs", "delete_message", &handle);
                let text = |pointer| message.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or_default();
                taken.push((text("/Attributes/MessageGroupId").to_owned(), text("/Body").to_owned()));
            }
        }
    }
}

pub(crate) fn to_attributes(item: Item) -> HashMap<String, AttributeValue> {
    let value = |value| match value {
        Value::Text(text) => AttributeValue::S(text),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::Bytes(bytes) => AttributeValue::B(Blob::new(bytes)),
    };
    let mut attributes: HashMap<_, _> =
        item.attributes.into_iter().map(|(name, content)| (name, value(content))).collect();
    attributes.insert("pk".to_owned(), AttributeValue::S(item.key.pk));
    attributes.insert("sk".to_owned(), AttributeValue::S(item.key.sk));
    attributes
}

pub(crate) fn from_attributes(mut attributes: HashMap<String, AttributeValue>) -> Item {
    let mut part = |name| match attributes.remove(name) {
        Some(AttributeValue::S(text)) => text,
        other => panic!("{name} is {other:?}"),
    };
    let key = ItemKey { pk: part("pk"), sk: part("sk") };
    let value = |value| match value {
        AttributeValue::S(text) => Value::Text(text),
        AttributeValue::N(number) => Value::Number(number.parse().expect("our numbers are whole")),
        AttributeValue::B(bytes) => Value::Bytes(bytes.into_inner()),
        other => panic!("no item of ours holds {other:?}"),
    };
    Item { key, attributes: attributes.into_iter().map(|(name, content)| (name, value(content))).collect() }
}
