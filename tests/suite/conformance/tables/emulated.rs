//! The adapter that speaks to DynamoDB, on a table of an emulator that is made anew for each sequence.

use super::attributes::{from_attributes, to_attributes};
use super::{
    Call, answer, content,
    given::{Given, Unreadable},
    interpret, split,
};
use crate::{
    conformance::{
        compare::{Played, Side},
        emulators::Emulator,
    },
    contract::{Tables, values},
};
use aws::table::Table;
use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
        PutRequest, ScalarAttributeType, WriteRequest,
    },
};
use bundler::{
    id::{WebhookId, WorkspaceId},
    ports::{self, SweepTable},
    settings::Settings,
    table::{
        Item,
        item::{DUE_PK, DUE_SK},
        sweep::LowWater,
        turn::Turn,
    },
};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What DynamoDB takes in one batch of writes.
const BATCH: usize = 25;

/// A table that outlives no sequence. The adapter does: to make its client costs more than a sequence's requests.
pub(crate) struct Emulated {
    table: Table,
    client: Client,
    exists: bool,
}

impl Emulated {
    pub(crate) fn new(emulator: Emulator, name: &str) -> Self {
        let config = emulator.config();
        Self { client: Client::new(&config), table: Table::new(&config, name.to_owned()), exists: false }
    }

    /// A table as the template declares it, that holds these items alone.
    async fn hold(&mut self, items: Vec<Item>) {
        if self.exists {
            self.client.delete_table().table_name(self.table.name()).send().await.expect("the table is deleted");
        }
        self.create().await;
        self.exists = true;
        for items in items.chunks(BATCH) {
            let put = |item: &Item| {
                let put = PutRequest::builder().set_item(Some(to_attributes(item.clone()))).build();
                WriteRequest::builder().put_request(put.expect("it has an item")).build()
            };
            let requests = items.iter().map(put).collect();
            let answer = self.client.batch_write_item().request_items(self.table.name(), requests).send().await;
            let left = answer.expect("items are put").unprocessed_items;
            assert!(left.is_none_or(|left| left.is_empty()), "an emulator has no reason to take less");
        }
    }

    async fn create(&self) {
        let attribute = |name: &str| {
            let definition = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
            definition.build().expect("a definition")
        };
        let keys = |hash: &str, range: &str| {
            let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
            Some(vec![key(hash, KeyType::Hash).expect("a key"), key(range, KeyType::Range).expect("a key")])
        };
        let index = GlobalSecondaryIndex::builder().index_name("due").set_key_schema(keys(DUE_PK, DUE_SK));
        let index = index.projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build());
        let request = self.client.create_table().table_name(self.table.name());
        let request = request.billing_mode(BillingMode::PayPerRequest).set_key_schema(keys("pk", "sk"));
        let request = request.set_attribute_definitions(Some(["pk", "sk", DUE_PK, DUE_SK].map(attribute).into()));
        let request = request.global_secondary_indexes(index.build().expect("an index"));
        request.send().await.expect("the table is created");
    }

    /// Every item, in order of keys.
    async fn items(&self) -> Vec<Item> {
        let (mut items, mut from) = (Vec::new(), None);
        loop {
            let request = self.client.scan().table_name(self.table.name()).set_exclusive_start_key(from);
            let page = request.send().await.expect("the table is scanned");
            items.extend(page.items.unwrap_or_default().into_iter().map(from_attributes));
            from = page.last_evaluated_key;
            if from.is_none() {
                items.sort_by(|one, other| one.key.cmp(&other.key));
                return items;
            }
        }
    }
}

impl interpret::Operate for Table {
    async fn set(&self, workspace: &WorkspaceId, webhook: &WebhookId, settings: &Settings) -> ports::Answer<()> {
        self.put_settings(workspace, webhook, settings).await
    }
}

impl Side for Emulated {
    type Call = Call;

    async fn play(&mut self, calls: &[Call]) -> Played {
        let (given, calls) = split(calls);
        self.hold(given).await;
        let mut answers = Vec::new();
        for call in calls {
            answers.push(answer(interpret::make(&self.table, call).await, false));
        }
        Played { answers, content: content(&self.items().await) }
    }
}

/// Tables of an emulator for the contract's rules, each with a table of its own.
impl Tables for Emulator {
    type Table = Table;

    async fn holding(&self, items: Vec<Item>) -> Table {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let mut emulated = Emulated::new(*self, &format!("contract-{}", MADE.fetch_add(1, Ordering::Relaxed)));
        emulated.hold(items).await;
        emulated.table
    }

    async fn items(&self, table: &Table) -> Vec<Item> {
        Emulated::new(*self, table.name()).items().await
    }
}

/// Whether a condition that compares a text with a number is answered by anything but the condition's failure.
pub(crate) async fn compares_no_text_with_a_number(emulator: Emulator) -> bool {
    let mut emulated = Emulated::new(emulator, "gap-types");
    emulated.hold(Given::Unreadable(Unreadable::LowWater(None)).items()).await;
    emulated.table.raise_low_water(LowWater { due: values::now(), shards: 0 }).await.is_err()
}

/// Whether every one of many writes is in the index as soon as it is answered.
pub(crate) async fn has_the_index_follow_at_once(emulator: Emulator) -> bool {
    let mut emulated = Emulated::new(emulator, "gap-index");
    emulated.hold(Vec::new()).await;
    let (acme, hook) = (values::workspace("acme"), WebhookId::first());
    for _ in 0..20 {
        emulated.table.raise_turn(&acme, &hook, values::now()).await.expect("a turn is raised");
        let begun = emulated.table.read_appointments(values::now(), None).await.expect("a page");
        emulated.table.end_turn(&acme, &hook, Turn { revision: 1 }).await.expect("a turn ends");
        let ended = emulated.table.read_appointments(values::now(), None).await.expect("a page");
        if (begun.rows.len(), ended.rows.len()) != (1, 0) {
            return false;
        }
    }
    true
}
