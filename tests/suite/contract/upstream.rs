//! `PutUpstream` and `FirstSeen`: settings change by their revision alone, and the moment of a message's first arrival stays.

use super::{Tables, rules};
use crate::world::at;
use bundler::{
    id::{MessageId, WorkspaceId},
    limits,
    ports::{FirstSeen, PutUpstream, ReadUpstream},
    table::upstream::{self, AT},
    upstream::Upstream,
};
use serde_json::json;

rules! { Tables:
    where_nothing_is_set_the_default_is_read,
    settings_are_written_by_their_next_revision_alone,
    another_workspaces_settings_are_others,
    settings_that_do_not_read_are_an_error,
    the_first_moment_of_a_message_stays,
    another_message_or_workspace_has_its_own_first_moment,
    a_moment_that_is_none_is_an_error,
}

fn workspace(id: &str) -> WorkspaceId {
    WorkspaceId::parse(id).expect("an id")
}

fn message(id: &str) -> MessageId {
    MessageId::parse(id).expect("an id")
}

fn settings(phone: &str, revision: u64) -> Upstream {
    let value = json!({ "accounts": [{ "id": "1", "phone": phone }], "permalink": "https://a.example/{message_id}" });
    Upstream { revision, ..Upstream::parse(&value).expect("settings") }
}

async fn where_nothing_is_set_the_default_is_read(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    assert_eq!(table.read_upstream(&workspace("acme")).await, Ok(Upstream::default()));
}

async fn settings_are_written_by_their_next_revision_alone(tables: &impl Tables) {
    let (table, acme) = (tables.holding(Vec::new()).await, workspace("acme"));
    assert_eq!(table.put_upstream(&acme, &settings("5", 2)).await, Ok(false), "nobody has read a first one");
    assert_eq!(table.put_upstream(&acme, &settings("1", 1)).await, Ok(true));
    for refused in [settings("2", 0), settings("2", 1), settings("2", 3)] {
        assert_eq!(table.put_upstream(&acme, &refused).await, Ok(false), "{}", refused.revision);
        assert_eq!(table.read_upstream(&acme).await, Ok(settings("1", 1)));
    }
    assert_eq!(table.put_upstream(&acme, &settings("2", 2)).await, Ok(true));
    assert_eq!(table.read_upstream(&acme).await, Ok(settings("2", 2)));
    assert_eq!(tables.items(&table).await, [upstream::to_item(&acme, &settings("2", 2))]);
}

async fn another_workspaces_settings_are_others(tables: &impl Tables) {
    let table = tables.holding(vec![upstream::to_item(&workspace("acme"), &settings("1", 4))]).await;
    assert_eq!(table.read_upstream(&workspace("acme2")).await, Ok(Upstream::default()));
    assert_eq!(table.put_upstream(&workspace("acme2"), &settings("2", 1)).await, Ok(true));
    assert_eq!(table.read_upstream(&workspace("acme")).await, Ok(settings("1", 4)));
}

async fn settings_that_do_not_read_are_an_error(tables: &impl Tables) {
    let acme = workspace("acme");
    let item = upstream::to_item(&acme, &settings("1", 1)).text("settings", "secret");
    let error = tables.holding(vec![item]).await.read_upstream(&acme).await.expect_err("an error");
    assert!(!error.to_string().contains("secret"), "{error}");
}

async fn the_first_moment_of_a_message_stays(tables: &impl Tables) {
    let (table, acme) = (tables.holding(Vec::new()).await, workspace("acme"));
    let first = at("2026-03-02T08:50:00.123Z");
    for later in ["2026-03-02T08:50:00.123Z", "2026-03-02T08:51:00Z", "2026-03-02T08:49:00Z"] {
        assert_eq!(table.first_seen(&acme, &message("SM 1#"), at(later).max(first)).await, Ok(first), "{later}");
    }
    let items = tables.items(&table).await;
    assert_eq!(items, [upstream::seen_to_item(&acme, &message("SM 1#"), first)]);
    assert_eq!(items[0].get_number("expires"), Ok(first.plus(limits::FIRST_SEEN_LIFE).seconds()));
}

async fn another_message_or_workspace_has_its_own_first_moment(tables: &impl Tables) {
    let table = tables.holding(Vec::new()).await;
    let all = [("acme", "1"), ("acme", "2"), ("other", "1")];
    for (minute, (workspace_id, id)) in all.into_iter().enumerate() {
        let moment = at(&format!("2026-03-02T08:5{minute}:00Z"));
        assert_eq!(table.first_seen(&workspace(workspace_id), &message(id), moment).await, Ok(moment));
    }
    assert_eq!(tables.items(&table).await.len(), all.len());
}

async fn a_moment_that_is_none_is_an_error(tables: &impl Tables) {
    let (acme, moment) = (workspace("acme"), at("2026-03-02T08:50:00Z"));
    let item = upstream::seen_to_item(&acme, &message("1"), moment).text(AT, "then");
    let table = tables.holding(vec![item]).await;
    assert!(table.first_seen(&acme, &message("1"), moment).await.is_err());
}
