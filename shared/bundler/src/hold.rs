//! What delivering does about a webhook's health: it counts results, claims probes, and holds what may not go out now.
//! What is right to do is decided by [`health`](crate::health); here it is written, and decided anew where somebody else
//! was faster.

use crate::{
    attempt::Exchange,
    deliver::{Deliver, Loaded, Outcome},
    delivery::{DeliveryKey, Subject},
    flush,
    health::{self, Health, Seen, State, Verdict, Wish},
    limits,
    ports::{Answer, Clock, DeliverTable, MintLinks, PortError, Post, PutHealth, ReadWebhook},
    settings::{Settings, SuccessRule, Switch},
    table::lane::{DeliveryState, Progress},
    timestamp::Timestamp,
};

/// How a request ended, as far as health goes.
pub(crate) fn verdict(exchange: &Exchange, rule: SuccessRule, ended: Timestamp) -> Verdict {
    match exchange.error(rule) {
        None => Verdict::Taken,
        Some(class) => Verdict::NotTaken { class, status: exchange.status(), not_before: exchange.retry_after(ended) },
    }
}

impl<T: DeliverTable, R: Post, C: Clock, L: MintLinks> Deliver<'_, T, R, C, L> {
    /// Counts a result that was begun under `seen`, if it counts, and returns the health that holds now. After an error,
    /// that is one for which somebody looks at what is held.
    pub(crate) async fn count(&self, key: &DeliveryKey, seen: Seen, verdict: Verdict, read: Health) -> Answer<Health> {
        let mut health = read;
        for _ in 0..limits::HEALTH_TRIES {
            let now = self.clock.now();
            let counted = health.after(seen, verdict, now, self.patience, jitter(key, &health));
            let next = match (counted, verdict) {
                (Some(next), _) => Some(next),
                (None, Verdict::Taken) => None,
                (None, Verdict::NotTaken { .. }) => health.looked_after(now),
            };
            let Some(next) = next else { return Ok(health) };
            if self.table.put_health(&key.lane.workspace, &key.lane.webhook, &next).await? {
                return Ok(next.risen());
            }
            health = self.read_health(key).await?;
        }
        Err(PortError { doing: "counting a result", code: "others were always faster".to_owned() })
    }

    /// Claims the webhook's probe for a delivery; nothing if it is somebody else's, or over.
    pub(crate) async fn claim(&self, key: &DeliveryKey, read: &Health) -> Answer<Option<Health>> {
        let claimed = read.claimed(&key.webhook_id(0), self.clock.now());
        let is_ours = self.table.put_health(&key.lane.workspace, &key.lane.webhook, &claimed).await?;
        Ok(is_ours.then(|| claimed.risen()))
    }

    /// Holds what may not go out now, unless it is held.
    pub(crate) async fn wait(
        &self,
        key: &DeliveryKey,
        settings: &Settings,
        health: &Health,
        loaded: &Loaded,
        wish: Wish,
    ) -> Answer<Outcome> {
        let Loaded { progress, due, arrived, content: _ } = loaded;
        let over = match progress.state {
            DeliveryState::Held => return Ok(Outcome::Held),
            // What is so old is not held any more.
            DeliveryState::Failed | DeliveryState::Expired | DeliveryState::Dropped
                if health.is_over(*due, self.clock.now()) =>
            {
                Some(Outcome::Over(progress.state))
            }
            DeliveryState::Failed
            | DeliveryState::Expired
            | DeliveryState::Dropped
            | DeliveryState::Pending
            | DeliveryState::Delivered => arrived.then_some(Outcome::DeliveredBefore),
        };
        let is_stopped = settings.switch == Switch::Off || matches!(health.state, State::Disabled { .. });
        match over {
            // Nothing of it is held, so that it is the queue that brings it back.
            Some(_) if wish == Wish::Resend && !is_stopped => return Ok(Outcome::Later),
            Some(over) => return Ok(over),
            None => {}
        }
        // Nothing is held for a healthy one, so nobody would look.
        if health.state == State::Healthy {
            look_after(self.table, self.clock, key).await?;
        }
        self.record(key, Progress { state: DeliveryState::Held, ..*progress }).await?;
        Ok(Outcome::Held)
    }

    /// Whether something older of the lane is held and was never attempted.
    pub(crate) async fn waits_in_lane(&self, key: &DeliveryKey, health: &Health) -> Answer<bool> {
        let mut after: Option<String> = None;
        loop {
            let page = self.table.read_unattempted(&key.lane, after.as_deref()).await?;
            let now = self.clock.now();
            if page.rows.iter().any(|held| is_before(held, key) && !flush::is_over(held, health, now)) {
                return Ok(true);
            }
            after = page.after;
            if after.is_none() {
                return Ok(false);
            }
        }
    }

    async fn read_health(&self, key: &DeliveryKey) -> Answer<Health> {
        let webhook = self.table.read_webhook(&key.lane.workspace, &key.lane.webhook).await?;
        Ok(webhook.map(|webhook| webhook.health).unwrap_or_default())
    }
}

/// Sees to it that somebody looks at what is held for the webhook. There is none if it is gone.
pub(crate) async fn look_after<T: ReadWebhook + PutHealth, C: Clock>(
    table: &T,
    clock: &C,
    key: &DeliveryKey,
) -> Answer<bool> {
    let (workspace, webhook) = (&key.lane.workspace, &key.lane.webhook);
    for _ in 0..limits::HEALTH_TRIES {
        let Some(read) = table.read_webhook(workspace, webhook).await? else { return Ok(false) };
        let Some(next) = read.health.looked_after(clock.now()) else { return Ok(true) };
        if table.put_health(workspace, webhook, &next).await? {
            return Ok(true);
        }
    }
    Err(PortError { doing: "holding a delivery", code: "others were always faster".to_owned() })
}

/// A delivery's progress after an attempt that ended `now` with `verdict`, and left its webhook with `health`.
pub(crate) fn after(
    progress: Progress,
    verdict: Verdict,
    health: &Health,
    is_last_part: bool,
    now: Timestamp,
    patience: &health::Patience,
    jitter: u64,
) -> Progress {
    let attempts = progress.attempts + 1;
    match verdict {
        Verdict::NotTaken { not_before, .. } => {
            let errors = progress.errors + 1;
            // What an endpoint does not take, while it takes others, must not go round for ever. Of one that takes nothing
            // it is held, until its owner has mended that.
            let takes_others = errors > health.consecutive_errors;
            let (state, next) = if errors >= patience.disable_at && takes_others {
                (DeliveryState::Failed, None)
            } else {
                (DeliveryState::Held, Some(patience.next(errors, now, not_before, jitter)))
            };
            Progress { state, attempts, errors, next, ..progress }
        }
        Verdict::Taken => {
            let state = if is_last_part { DeliveryState::Delivered } else { DeliveryState::Pending };
            Progress { state, attempts, parts_done: progress.parts_done + 1, next: None, ..progress }
        }
    }
}

/// The same for the webhook's next probe and for the delivery's own next time, so that the one is not just too early for
/// the other.
pub(crate) fn jitter(key: &DeliveryKey, health: &Health) -> u64 {
    health::jitter(&key.lane.group_prefix(), health.error_sequence)
}

/// Whether `held` goes out before `key` in their lane: by when they were first due, and a cut before the rest.
pub(crate) fn is_before(held: &DeliveryKey, key: &DeliveryKey) -> bool {
    let order = |key: &DeliveryKey| match &key.subject {
        Subject::Bundle { due, cut } => (cut.unwrap_or(*due), *due),
        Subject::Message { timestamp, .. } => (*timestamp, *timestamp),
    };
    held != key && order(held) < order(key)
}
