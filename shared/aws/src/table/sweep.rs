//! What the aggregator asks of the table: marks, what is due, what has a time of its own.

use super::{Range, Table, codec};
use crate::failure::{is_condition, port_error};
use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use bundler::{
    delivery::{DeliveryKey, Lane},
    id::{WebhookId, WorkspaceId},
    ports::{Answer, Appointments, CutTable, Page, PortError, ReadStanding, SweepTable},
    settings::Standing,
    table::{
        ItemKey, at,
        bucket::{self, DUE_ATTRIBUTES, DueRow},
        cut::{self, Cuts},
        item::{DUE_PK, DUE_SK, IndexKey},
        settings,
        sweep::{self, Claim, LowWater, Mark, Marks},
        turn::{self, Rest, Turn},
    },
    timestamp::Timestamp,
};

/// The sparse index, as the template names it.
const INDEX: &str = "due";

impl Table {
    /// A page of what is due, without the events: nine tenths of the bytes, and of the time to read them.
    async fn due_rows(&self, doing: &'static str, range: Range<'_>) -> Answer<Page<DueRow>> {
        let mut query = range.ask(self.client().query());
        // Under other names: some are words of DynamoDB's own.
        for name in DUE_ATTRIBUTES {
            query = query.expression_attribute_names(format!("#{name}"), name);
        }
        let projection = format!("pk, sk, #{}", DUE_ATTRIBUTES.join(", #"));
        let (items, after) = self.page(doing, query.projection_expression(projection)).await?;
        let after = after.map(codec::sort_key).transpose().map_err(|error| PortError::item(doing, &error))?;
        Ok(Page::of(&items, after, DueRow::from_item))
    }

    async fn delete_if(&self, doing: &'static str, key: &ItemKey, revision: Option<u64>) -> Answer<()> {
        let mut request = self.client().delete_item().table_name(&self.name).set_key(Some(codec::key(key)));
        if let Some(revision) = revision {
            request = request
                .condition_expression("#revision = :revision")
                .expression_attribute_names("#revision", turn::REVISION)
                .expression_attribute_values(":revision", AttributeValue::N(revision.to_string()));
        }
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_condition(&error) => Ok(()),
            Err(error) => Err(port_error(doing, &error)),
        }
    }
}

impl ReadStanding for Table {
    async fn read_standing(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Option<Standing>> {
        let doing = "reading how a webhook stands";
        let (items, _) = self.query(doing, Range::all_of(settings::partition(workspace, webhook))).await?;
        settings::standing_from_items(&items).map_err(|error| PortError::item(doing, &error))
    }
}

impl CutTable for Table {
    async fn read_cuts(&self, due: Timestamp, lane: &Lane) -> Answer<Option<Cuts>> {
        let doing = "reading cuts";
        let item = self.get(doing, &cut::key(due, lane)).await?;
        item.map(|item| Cuts::from_item(&item)).transpose().map_err(|error| PortError::item(doing, &error))
    }

    async fn put_cuts(&self, cuts: &Cuts, read: Option<&Cuts>) -> Answer<bool> {
        let request = self.client().put_item().table_name(&self.name);
        let request = request.set_item(Some(codec::attributes(cuts.to_item())));
        let request = match read.map(Cuts::to_item) {
            None => request.condition_expression(super::FREE),
            Some(read) => {
                let value = |name| read.attributes.get(name).cloned().map_or(AttributeValue::Null(true), codec::value);
                request
                    .condition_expression(format!("#{0} = :{0} AND #{1} = :{1}", cut::CUTS, cut::ENQUEUED))
                    .expression_attribute_names(format!("#{}", cut::CUTS), cut::CUTS)
                    .expression_attribute_names(format!("#{}", cut::ENQUEUED), cut::ENQUEUED)
                    .expression_attribute_values(format!(":{}", cut::CUTS), value(cut::CUTS))
                    .expression_attribute_values(format!(":{}", cut::ENQUEUED), value(cut::ENQUEUED))
            }
        };
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_condition(&error) => Ok(false),
            Err(error) => Err(port_error("putting cuts", &error)),
        }
    }
}

impl SweepTable for Table {
    async fn read_low_water(&self) -> Answer<Option<LowWater>> {
        let doing = "reading the low-water mark";
        let item = self.get(doing, &sweep::low_water_key()).await?;
        let read = item.map(|item| LowWater::from_item(&item)).transpose();
        read.map_err(|error| PortError::item(doing, &error))
    }

    async fn raise_low_water(&self, mark: LowWater) -> Answer<()> {
        let request = self
            .client()
            .put_item()
            .table_name(&self.name)
            .set_item(Some(codec::attributes(mark.to_item())))
            .condition_expression("attribute_not_exists(pk) OR #done <= :done")
            .expression_attribute_names("#done", sweep::DONE)
            .expression_attribute_values(":done", AttributeValue::S(mark.to_text()));
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_condition(&error) => Ok(()),
            Err(error) => Err(port_error("raising the low-water mark", &error)),
        }
    }

    async fn read_marks(&self, due: Timestamp) -> Answer<Marks> {
        let doing = "reading marks";
        // 256 marks of some 100 bytes, and a few claims, are one page.
        let range = Range { pk: sweep::partition(due), prefix: "", after: None };
        let (items, _) = self.query(doing, range).await?;
        Marks::from_items(due, &items).map_err(|error| PortError::item(doing, &error))
    }

    async fn put_mark(&self, mark: &Mark) -> Answer<()> {
        self.put("putting a mark", mark.to_item()).await
    }

    async fn put_claim(&self, claim: &Claim) -> Answer<()> {
        self.put("putting a claim", claim.to_item()).await
    }

    async fn read_due(&self, due: Timestamp, shard: u16, after: Option<&str>) -> Answer<Page<DueRow>> {
        let range = Range { pk: bucket::partition(due, shard), prefix: "", after };
        self.due_rows("reading what is due", range).await
    }

    async fn read_rest(&self, rest: &Rest) -> Answer<Page<DueRow>> {
        let prefix = bucket::webhook_prefix(&rest.workspace, &rest.webhook);
        let pk = bucket::partition(rest.due, rest.shard);
        self.due_rows("reading what waits", Range { pk, prefix: &prefix, after: rest.after.as_deref() }).await
    }

    async fn read_appointments(&self, now: Timestamp, after: Option<&IndexKey>) -> Answer<Appointments> {
        let doing = "reading appointments";
        let (items, after) = self.page(doing, self.index_query(now, after)).await?;
        let after = after.map(codec::index_key).transpose().map_err(|error| PortError::item(doing, &error))?;
        Ok(Appointments::of(items.iter().map(|item| &item.key), after))
    }

    async fn read_rests(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Vec<Rest>> {
        let doing = "reading rests";
        let range = Range { pk: turn::partition(workspace, webhook), prefix: Rest::PREFIX, after: None };
        let (items, _) = self.query(doing, range).await?;
        let rests = items.iter().map(|item| Rest::from_item(workspace, webhook, item));
        rests.collect::<Result<_, _>>().map_err(|error| PortError::item(doing, &error))
    }

    async fn put_rest(&self, rest: &Rest) -> Answer<()> {
        self.put("putting a rest", rest.to_item()).await
    }

    async fn delete_rest(&self, rest: &Rest) -> Answer<()> {
        self.delete_if("deleting a rest", &rest.key(), None).await
    }

    async fn raise_turn(&self, workspace: &WorkspaceId, webhook: &WebhookId, now: Timestamp) -> Answer<()> {
        let (due_pk, due_sk) = turn::index(now);
        let request = self
            .client()
            .update_item()
            .table_name(&self.name)
            .set_key(Some(codec::key(&turn::key(workspace, webhook))))
            .update_expression(format!("ADD #revision :one SET {DUE_PK} = :pk, {DUE_SK} = :sk"))
            .expression_attribute_names("#revision", turn::REVISION)
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":pk", AttributeValue::S(due_pk))
            .expression_attribute_values(":sk", AttributeValue::S(due_sk));
        request.send().await.map(|_| ()).map_err(|error| port_error("raising a turn", &error))
    }

    async fn end_turn(&self, workspace: &WorkspaceId, webhook: &WebhookId, read: Turn) -> Answer<()> {
        self.delete_if("ending a turn", &turn::key(workspace, webhook), Some(read.revision)).await
    }

    async fn read_out(&self, workspace: &WorkspaceId, webhook: &WebhookId) -> Answer<Vec<DeliveryKey>> {
        let doing = "reading what is out";
        let item = self.get(doing, &turn::out_key(workspace, webhook)).await?;
        let read = item.map(|item| turn::out_from_item(&item)).transpose();
        read.map(Option::unwrap_or_default).map_err(|error| PortError::item(doing, &error))
    }

    async fn put_out(
        &self,
        workspace: &WorkspaceId,
        webhook: &WebhookId,
        out: &[DeliveryKey],
        now: Timestamp,
    ) -> Answer<()> {
        self.put("putting what is out", turn::out_to_item(workspace, webhook, out, now)).await
    }
}

impl Table {
    /// Of what has a time of its own, what is due by `now`, behind `after`. An index cannot be read consistently.
    fn index_query(&self, now: Timestamp, after: Option<&IndexKey>) -> QueryFluentBuilder {
        self.client()
            .query()
            .index_name(INDEX)
            .key_condition_expression(format!("{DUE_PK} = :pk AND {DUE_SK} <= :now"))
            .expression_attribute_values(":pk", AttributeValue::S(at::PARTITION.to_owned()))
            .expression_attribute_values(":now", AttributeValue::S(now.key()))
            .set_exclusive_start_key(after.map(codec::index_start))
    }
}
