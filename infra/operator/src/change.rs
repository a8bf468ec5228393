//! A change of a webhook's settings and health together: read from what the AWS CLI prints of its items, and made into the
//! transaction that it writes. The write is refused if either has become another meanwhile.

use crate::dynamodb_json;
use bundler::{
    id::{WebhookId, WorkspaceId},
    owner::{self, Change, Refusal},
    table::{
        Item, ItemKey, Value,
        settings::{self, If},
        turn::REVISION,
    },
    timestamp::Timestamp,
};
use serde_json::{Map, json};

type Json = serde_json::Value;

/// What `aws dynamodb transact-write-items --cli-input-json` takes, from what `aws dynamodb query --query Items` prints of
/// the webhook's partition.
pub(crate) fn transaction(stored: &str, table: &str, change: &Change, now: Timestamp) -> Result<Json, String> {
    let no_items = "standard input is not a webhook's items, as `aws dynamodb query --query Items` prints them";
    let items: Vec<Map<String, Json>> = serde_json::from_str(stored).map_err(|_| no_items)?;
    let items: Vec<Item> = items.into_iter().map(item).collect::<Option<_>>().ok_or(no_items)?;
    let read = settings::webhook_from_items(&items).map_err(|error| error.to_string())?;
    let read = read.ok_or(Refusal::NoWebhook.words())?;
    let mut names = items.iter().flat_map(|item| item.key.pk.split('#')).skip(1);
    let workspace = names.next().and_then(|name| WorkspaceId::parse(name).ok()).ok_or(no_items)?;
    let webhook = names.next().and_then(|name| WebhookId::parse(name).ok()).ok_or(no_items)?;
    let changed = owner::decide(&workspace, &webhook, read, change, now).map_err(Refusal::words)?;
    let puts = settings::changed_to_puts(&changed).into_iter().map(|(item, condition)| {
        let mut put = json!({ "TableName": table, "Item": dynamodb_json(item) });
        match condition {
            If::AsRead(condition, revision) => {
                put["ConditionExpression"] = condition.into();
                put["ExpressionAttributeNames"] = json!({ "#revision": REVISION });
                put["ExpressionAttributeValues"] = json!({ ":revision": { "N": revision.to_string() } });
            }
            If::Free => put["ConditionExpression"] = "attribute_not_exists(pk)".into(),
            If::Always => {}
        }
        json!({ "Put": put })
    });
    Ok(json!({ "TransactItems": puts.collect::<Vec<_>>() }))
}

fn item(attributes: Map<String, Json>) -> Option<Item> {
    let mut item = Item::new(ItemKey::default());
    for (name, value) in attributes {
        let (kind, value) = value.as_object()?.iter().next()?;
        match (name.as_str(), kind.as_str(), value.as_str()?) {
            ("pk", "S", text) => text.clone_into(&mut item.key.pk),
            ("sk", "S", text) => text.clone_into(&mut item.key.sk),
            (_, "S", text) => drop(item.attributes.insert(name, Value::Text(text.to_owned()))),
            (_, "N", number) => drop(item.attributes.insert(name, Value::Number(number.parse().ok()?))),
            (_, _, _) => return None,
        }
    }
    Some(item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bundler::{
        health::{Enabling, Health, State, Why},
        settings::{Settings, Webhook},
        signature::SigningSecret,
        window::Granularity,
    };

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect(text)
    }

    fn stored() -> [Item; 2] {
        let secret = SigningSecret::from_bytes([1; 32]);
        let settings = Settings::new("https://a.org/1".to_owned(), Granularity::Hours1, secret);
        let state = State::Disabled { since: at("2026-03-02T09:00:00Z"), why: Why::Errors, stopped: true };
        let health = Health { state, epoch: 3, revision: 41, ..Health::default() };
        let (workspace, webhook) = (WorkspaceId::parse("acme").expect("an id"), WebhookId::first());
        let settings = settings::settings_to_item(&workspace, &webhook, &settings).number(settings::STOPPED, 1);
        [settings, settings::health_to_item(&workspace, &webhook, &health)]
    }

    fn printed(items: &[Item]) -> String {
        items.iter().cloned().map(dynamodb_json).collect::<Json>().to_string()
    }

    fn write(change: &Change) -> Result<Json, String> {
        transaction(&printed(&stored()), "table", change, at("2026-03-20T09:00:00Z"))
    }

    fn items_of(transaction: &Json) -> Vec<Item> {
        let puts = transaction["TransactItems"].as_array().expect("puts");
        puts.iter()
            .map(|put| item(put["Put"]["Item"].as_object().expect("an item").clone()).expect("it reads"))
            .collect()
    }

    #[test]
    fn enabling_is_one_transaction_on_what_was_read_and_lets_messages_in_again() {
        let transaction = write(&Change::Enable(Enabling::Deliver)).expect("a transaction");
        let conditions = [0, 1].map(|place| {
            let put = &transaction["TransactItems"][place]["Put"];
            (put["ConditionExpression"].clone(), put["ExpressionAttributeValues"][":revision"]["N"].clone())
        });
        let of_settings = "attribute_exists(pk) AND (attribute_not_exists(#revision) OR #revision = :revision)";
        assert_eq!(conditions, [(json!(of_settings), json!("0")), (json!("#revision = :revision"), json!("41"))]);
        let items = items_of(&transaction);
        assert!(!items[0].attributes.contains_key(settings::STOPPED));
        let Ok(Some(Webhook { settings, health, turn: None })) = settings::webhook_from_items(&items) else {
            panic!("a webhook")
        };
        assert_eq!((settings.revision, health.revision, health.epoch), (1, 42, 4));
        assert!(matches!(health.state, State::Draining { .. }));
        let lines: Vec<&str> = items[2..].iter().map(|item| item.key.sk.as_str()).collect();
        assert_eq!(lines, ["20260302T090000#disabled", "20260320T090000#enabled"]);
    }

    #[test]
    fn another_url_leaves_a_webhook_that_stores_nothing_as_it_is() {
        let transaction = write(&Change::Url("https://b.org/2".to_owned())).expect("a transaction");
        let items = items_of(&transaction);
        assert!(items[0].attributes.contains_key(settings::STOPPED), "its health says so too");
        let webhook = settings::webhook_from_items(&items).expect("items").expect("a webhook");
        assert_eq!(webhook.settings.url, "https://b.org/2");
        assert!(matches!(webhook.health.state, State::Disabled { stopped: true, .. }));
        let lines: Vec<&str> = items[2..].iter().map(|item| item.key.sk.as_str()).collect();
        assert_eq!(lines, ["20260320T090000#url_changed"], "it is disabled still");
    }

    #[test]
    fn another_webhook_is_put_where_none_stands_with_the_first_that_names_it() {
        let name = WebhookId::parse("crm").expect("an id");
        let secret = SigningSecret::from_bytes([2; 32]);
        let new = Settings::new("https://b.org/2".to_owned(), Granularity::None, secret);
        let transaction = write(&Change::Add(name.clone(), Box::new(new))).expect("a transaction");
        assert_eq!(transaction["TransactItems"][2]["Put"]["ConditionExpression"], json!("attribute_not_exists(pk)"));
        let items = items_of(&transaction);
        assert!(items[0].attributes.contains_key(settings::STOPPED), "the first one is as it was");
        let first = settings::webhook_from_items(&items[..2]).expect("items").expect("a webhook");
        assert_eq!(first.settings.others, [name]);
        assert_eq!(items[2].key.pk, "hook#acme#crm");
        let lines: Vec<&str> = items[3..].iter().map(|item| item.key.sk.as_str()).collect();
        assert_eq!(lines, ["20260320T090000#webhook_added"]);
    }

    #[test]
    fn what_is_no_webhook_or_changes_nothing_is_refused_without_a_word_of_it() {
        let change = Change::Url("https://a.org/1".to_owned());
        assert_eq!(write(&change), Err(Refusal::AsItWas.words().to_owned()));
        let health_alone = printed(&stored()[1..]);
        for (wrong, told) in [
            ("", "standard input"),
            ("{}", "standard input"),
            (r#"[{"pk":{"S":"s3cr3t"},"sk":{"B":"x"}}]"#, "standard input"),
            ("[]", Refusal::NoWebhook.words()),
            (&health_alone, Refusal::NoWebhook.words()),
        ] {
            let error = transaction(wrong, "table", &change, at("2026-03-20T09:00:00Z")).expect_err(wrong);
            assert!(error.contains(told) && !error.contains("s3cr3t"), "{error}");
        }
    }
}
