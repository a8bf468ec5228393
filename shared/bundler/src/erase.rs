//! Erasing a chat: whatever is stored of it for any webhook of its workspace goes, in an order in which it may stop anywhere
//! and begin again. It reads nothing of what it erases but keys.
//!
//! What might go out is dropped before its messages go, so that nothing is sent of which a part is gone; a bundle's outcome
//! goes after its messages, so that nothing that arrived goes out again; cuts go after the messages that they divide; and
//! the log, which holds receipts, goes last. Files go before all of it, because nobody finds them without their messages. What is under way meanwhile may be stored after it, as may what comes again:
//! that is new. The sender gives an end to what it finds without messages.

use crate::{
    delivery::{Lane, Subject},
    file::object_prefix,
    id::{KeyPart, WebhookId, WorkspaceId},
    limits,
    ports::{Answer, Clock, EraseObjects, EraseTable, PortError, ReadAttempted, ReadWebhook},
    settings::Settings,
    table::{ItemKey, attempt, bucket, cut, file, lane, turn},
    timestamp::Timestamp,
    window::{AggregationUnit, Window},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeSet;

/// What erasing needs, and which chat.
pub struct Erase<'a, T, O, C> {
    pub table: &'a T,
    /// The bucket that files are copied into.
    pub copies: &'a O,
    pub clock: &'a C,
    pub unit: AggregationUnit,
    pub workspace: WorkspaceId,
    pub chat: KeyPart,
}

/// What was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    pub items: u64,
    /// From where on it goes on; nothing, if that was all.
    pub after: Option<Place>,
}

/// How far it has come: of which webhook, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    webhook: WebhookId,
    within: Within,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Within {
    /// The windows that ended before then are left, and the log.
    Windows(Timestamp),
    /// What stands behind this sort key of the log is left.
    Log(String),
}

impl Place {
    /// Needs no escaping in a query: `<webhook>~w<window end>`, `<webhook>~l<sort key>`.
    pub fn to_text(&self) -> String {
        match &self.within {
            Within::Windows(before) => format!("{}~w{}", self.webhook, before.key()),
            Within::Log(after) => format!("{}~l{}", self.webhook, after.replace('#', "~")),
        }
    }

    /// Reads what `to_text` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (webhook, rest) = text.split_once('~')?;
        let log = || rest.strip_prefix('l').filter(|after| (1..=limits::AFTER_CHARS).contains(&after.len()));
        let within = match rest.strip_prefix('w') {
            Some(before) => Within::Windows(Timestamp::parse_key(before)?),
            None => Within::Log(log()?.replace('~', "#")),
        };
        Some(Self { webhook: WebhookId::parse(webhook).ok()?, within })
    }
}

impl<T: EraseTable + ReadWebhook + ReadAttempted, O: EraseObjects, C: Clock> Erase<'_, T, O, C> {
    /// Erases the chat, from a place on, until it is done or the `deadline` is over.
    pub async fn erase(&self, from: Option<Place>, deadline: Timestamp) -> Answer<Erased> {
        let mut items = 0;
        let mut from = from;
        if from.is_none() {
            items += self.erase_files().await?;
        }
        for (webhook, settings) in self.webhooks().await? {
            let within = match &from {
                Some(place) if place.webhook != webhook => continue,
                Some(_) | None => from.take().map(|place| place.within),
            };
            if let Some(within) = self.erase_of(&webhook, &settings, within, deadline, &mut items).await? {
                return Ok(Erased { items, after: Some(Place { webhook, within }) });
            }
        }
        Ok(Erased { items, after: None })
    }

    /// What is known of the chat's files, and then their copies: who is copying one meanwhile finds that nothing is known of
    /// it any more, and takes it away again.
    async fn erase_files(&self) -> Answer<u64> {
        let known = self.keys(&file::partition(&self.workspace, &self.chat), "").await?;
        let mut items = self.delete(known).await?;
        let prefix = object_prefix(&self.workspace, &self.chat);
        loop {
            let objects = self.copies.list_objects(&prefix).await?;
            if objects.is_empty() {
                return Ok(items);
            }
            items += objects.len() as u64;
            // Gathered first: a stream that makes them as it goes could be moved to no other thread.
            let deleted: Vec<_> = objects.iter().map(|object| self.copies.delete_object(object)).collect();
            stream::iter(deleted).buffered(limits::INGEST_CONCURRENCY).try_collect::<Vec<()>>().await?;
        }
    }

    async fn webhooks(&self) -> Answer<Vec<(WebhookId, Settings)>> {
        let mut webhooks = Vec::new();
        let mut ids = vec![WebhookId::first()];
        while let Some(id) = ids.pop() {
            let Some(read) = self.table.read_webhook(&self.workspace, &id).await? else { continue };
            // The first one names the others.
            ids.extend(read.settings.others.iter().rev().cloned());
            webhooks.push((id, read.settings));
        }
        Ok(webhooks)
    }

    /// Where to go on, if there was no time for all of it.
    async fn erase_of(
        &self,
        webhook: &WebhookId,
        settings: &Settings,
        within: Option<Within>,
        deadline: Timestamp,
        items: &mut u64,
    ) -> Answer<Option<Within>> {
        let lane = Lane { workspace: self.workspace.clone(), webhook: webhook.clone(), chat: self.chat.clone() };
        let before = match within {
            None => None,
            Some(Within::Windows(before)) => Some(before),
            Some(Within::Log(after)) => return self.erase_log(&lane, after, deadline, items).await,
        };
        if let Some(left) = self.erase_lane(&lane, settings, before, deadline, items).await? {
            return Ok(Some(left));
        }
        self.erase_log(&lane, Timestamp::EPOCH.key(), deadline, items).await
    }

    /// What waits, what has an outcome, and what is gathered.
    async fn erase_lane(
        &self,
        lane: &Lane,
        settings: &Settings,
        before: Option<Timestamp>,
        deadline: Timestamp,
        items: &mut u64,
    ) -> Answer<Option<Within>> {
        let kept = self.keys(&lane::partition(lane), "").await?;
        let (mut outcomes, messages): (Vec<_>, Vec<_>) =
            kept.into_iter().partition(|key| key.sk.starts_with(lane::BUNDLE));
        // Those of windows that are done with are of what came meanwhile.
        outcomes.retain(|key| before.is_none_or(|before| due(key).is_none_or(|due| due < before)));
        for key in &outcomes {
            if let Ok(delivery) = lane::parse_key(key) {
                self.table.drop_delivery(&delivery).await?;
            }
        }
        *items += self.delete(messages).await?;
        let mut ends = ends(settings, self.unit, self.clock.now());
        ends.retain(|end| before.is_none_or(|before| *end < before));
        for ends in ends.chunks(limits::ERASE_WINDOWS) {
            let read = ends.iter().copied().map(|end| async move {
                self.keys(&bucket::partition(end, lane.shard()), &bucket::prefix(lane)).await
            });
            let read: Vec<_> = stream::iter(read).buffered(limits::LOG_CONCURRENCY).try_collect().await?;
            let (cuts, messages) = read.into_iter().flatten().partition(cut::stands_at);
            let last = ends.last().copied().unwrap_or(Timestamp::EPOCH);
            let (done, left) = outcomes.into_iter().partition(|key| due(key).is_some_and(|due| due >= last));
            outcomes = left;
            for keys in [messages, cuts, done] {
                *items += self.delete(keys).await?;
            }
            if self.clock.now() >= deadline {
                return Ok(Some(Within::Windows(last)));
            }
        }
        *items += self.delete(outcomes).await?;
        // Who waits for the last references of a turn would wait for one that has no outcome any more: the next turn may
        // come early instead.
        if *items > 0 || before.is_some() {
            self.delete(vec![turn::out_key(&lane.workspace, &lane.webhook)]).await?;
        }
        Ok(None)
    }

    async fn erase_log(
        &self,
        lane: &Lane,
        after: String,
        deadline: Timestamp,
        items: &mut u64,
    ) -> Answer<Option<Within>> {
        let pk = attempt::partition(&lane.workspace, &lane.webhook);
        let mut after = after;
        loop {
            let page = self.table.read_attempted(&lane.workspace, &lane.webhook, &after).await?;
            let of_chat = page.rows.into_iter().filter(|row| row.key.lane.chat == lane.chat);
            let keys = of_chat.map(|row| ItemKey { pk: pk.clone(), sk: row.sk }).collect();
            *items += self.delete(keys).await?;
            match page.after {
                Some(next) if self.clock.now() >= deadline => return Ok(Some(Within::Log(next))),
                Some(next) => after = next,
                None => return Ok(None),
            }
        }
    }

    /// All of them.
    async fn keys(&self, pk: &str, prefix: &str) -> Answer<Vec<ItemKey>> {
        let (mut keys, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = self.table.read_keys(pk, prefix, after.as_deref()).await?;
            keys.extend(page.rows);
            after = page.after;
            if after.is_none() {
                return Ok(keys);
            }
        }
    }

    /// Returns how many they were.
    async fn delete(&self, keys: Vec<ItemKey>) -> Answer<u64> {
        for batch in keys.chunks(limits::DELETE_BATCH) {
            let mut left = batch.to_vec();
            for _ in 0..limits::DELETE_TRIES {
                if !left.is_empty() {
                    left = self.table.delete_items(&left).await?;
                }
            }
            if !left.is_empty() {
                return Err(PortError { doing: "erasing a chat", code: "some items were never got to".to_owned() });
            }
        }
        Ok(keys.len() as u64)
    }
}

/// The window's end that an outcome is of; nothing, of one that does not read.
fn due(key: &ItemKey) -> Option<Timestamp> {
    match lane::parse_key(key).ok()?.subject {
        Subject::Bundle { due, .. } => Some(due),
        Subject::Message { .. } => None,
    }
}

/// Every window's end at which anything may stand of what the webhook has gathered, the last first: of each quarter of an
/// hour, and of each beginning of a value, because one may hold for less.
fn ends(settings: &Settings, unit: AggregationUnit, now: Timestamp) -> Vec<Timestamp> {
    let (step, last) = (unit.due_step(), now.plus(limits::AHEAD));
    let first = now.minus(limits::OLDEST_WINDOW);
    let steps = std::iter::successors(Some(first), |moment| Some(moment.plus(step)).filter(|next| *next < last));
    let moments = steps.chain(settings.schedule.beginnings().filter(|begins| *begins <= last)).chain([last]);
    let end = |moment| Window::of(settings.schedule.at(moment), unit, moment).map(|window| window.end);
    moments.filter_map(end).collect::<BTreeSet<_>>().into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{signature::SigningSecret, window::Granularity};
    use std::time::Duration;

    #[test]
    fn a_place_reads_back_and_needs_no_escaping() {
        let at = Timestamp::parse("2021-02-24T17:00:00.125Z").expect("a moment");
        let webhook = WebhookId::first();
        for within in [Within::Windows(at), Within::Log("20210224T170000#msg_00ff-3".to_owned())] {
            let place = Place { webhook: webhook.clone(), within };
            let text = place.to_text();
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)), "{text}");
            assert_eq!(Place::parse(&text), Some(place));
        }
        for other in ["", "default", "a b", "default~", "default~x", "default~w", "default~wx", "default~l", "~l1"] {
            assert_eq!(Place::parse(other), None, "{other}");
        }
    }

    #[test]
    fn the_ends_are_those_of_every_message_that_is_kept_whatever_the_schedule_was_then() {
        let now = Timestamp::parse("2021-02-24T16:31:07Z").expect("a moment");
        let secret = SigningSecret::from_bytes([1; 32]);
        let mut settings = Settings::new("https://example.org".to_owned(), Granularity::Hours1, secret);
        for (days, granularity) in [(40, Granularity::Hours24), (20, Granularity::None), (3, Granularity::Hours6)] {
            settings.schedule.change(now.minus(Duration::from_secs(days * limits::DAY_SECONDS)), granularity.into());
        }
        // Three values within two minutes.
        for (seconds, granularity) in
            [(7_300, Granularity::Hours12), (7_260, Granularity::Hours1), (7_200, Granularity::Hours6)]
        {
            settings.schedule.change(now.minus(Duration::from_secs(seconds)), granularity.into());
        }
        let ends = ends(&settings, AggregationUnit::HOUR, now);
        assert!(ends.is_sorted_by(|one, other| one > other));
        let (mut moment, mut some) = (now.minus(limits::OLDEST_WINDOW), 0);
        while moment <= now.plus(limits::AHEAD) {
            let window = Window::of(settings.schedule.at(moment), AggregationUnit::HOUR, moment);
            assert!(window.is_none_or(|window| ends.contains(&window.end)), "{moment:?}");
            moment = moment.plus(Duration::from_secs(61));
            some += 1;
        }
        assert!(some > 90_000 && ends.len() < 24 * 66, "{} ends", ends.len());
    }
}
