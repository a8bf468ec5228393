//! A look at a webhook that wants one: what is held for it goes out, its probe is due, more of it waits its turn, its
//! owner has to be told something, or it was disabled for too long.

use super::{Sweep, Swept, WebhookKey, sum};
use crate::{
    delivery::{Cause, DeliveryKey, Subject},
    health::{Health, State, Waiting},
    limits, order,
    ports::{Answer, Clock, Enqueue, HandOver, SweepTable},
    settings::{Standing, Switch},
    table::{
        lane::{DeliveryState, Held, HeldKind},
        turn::{Out, OutKind},
    },
    timestamp::Timestamp,
};
use futures_util::{StreamExt, stream};
use std::collections::{BTreeMap, BTreeSet};

/// What is held for a webhook.
struct Found {
    /// What may go out now, the first due first.
    ready: Vec<Held>,
    waiting: Waiting,
}

impl<T: SweepTable, Q: Enqueue, C: Clock, H: HandOver> Sweep<'_, T, Q, C, H> {
    /// Looks at several webhooks at a time.
    pub(super) async fn look_at(&self, webhooks: BTreeSet<WebhookKey>, deadline: Timestamp) -> Answer<(Swept, ())> {
        let looks = webhooks.into_iter().map(|webhook| async move {
            if self.clock.now() >= deadline {
                return Ok((Swept { complete: false, ..Swept::NOTHING }, ()));
            }
            let references = self.look(&webhook, deadline).await?;
            Ok((Swept { references, ..Swept::NOTHING }, ()))
        });
        let (whole, _) = sum(stream::iter(looks).buffer_unordered(limits::SWEEP_CONCURRENCY)).await;
        whole.answer().map(|swept| (swept, ()))
    }

    /// Enqueues what may go out of a webhook now, and returns how many references they are.
    async fn look(&self, key: &WebhookKey, deadline: Timestamp) -> Answer<u64> {
        let (workspace, webhook) = key;
        // What the index says may be out of date.
        let Some(standing) = self.table.read_standing(workspace, webhook).await? else { return Ok(0) };
        let (now, health) = (self.clock.now(), &standing.health);
        if !health.owed.is_empty() {
            let notice = order::tell(workspace, webhook, health);
            self.queue.enqueue(&[notice]).await?.into_iter().collect::<Answer<Vec<()>>>()?;
        }
        if let Some(stopped) = health.stopped(now) {
            // Who was faster has done the same, or has enabled it.
            self.table.stop_storing(workspace, webhook, &stopped).await?;
            return Ok(0);
        }
        match (standing.gathering.switch, &health.state) {
            (Switch::On, State::Healthy) => self.take_turn(key, &standing, deadline).await,
            (Switch::On, State::Draining { .. } | State::Failing { .. }) if health.is_settling(now) => Ok(0),
            (Switch::On, State::Draining { .. }) => self.drain(key, &standing, deadline).await,
            (Switch::On, State::Failing { probe_at, probe, .. }) => {
                let is_claimed = probe.as_ref().is_some_and(|probe| now < probe.until);
                if now < *probe_at {
                    self.put_off(key, &standing, now).await
                } else if is_claimed {
                    Ok(0)
                } else {
                    self.probe(key, &standing, deadline).await
                }
            }
            (Switch::On, State::Disabled { .. }) | (Switch::Off, _) => self.put_off(key, &standing, now).await,
        }
    }

    /// What waits of a webhook that takes nothing now is looked at when its health is, and not every minute until then.
    /// Before anything of it goes out again it is draining, and that does not end while something waits.
    async fn put_off(&self, (workspace, webhook): &WebhookKey, standing: &Standing, now: Timestamp) -> Answer<u64> {
        let look = standing.health.next_look().unwrap_or(now.plus(limits::HOLDING));
        // Where its health is looked at every minute, nothing is gained.
        if standing.turn.is_some() && look > now {
            self.table.raise_turn(workspace, webhook, look).await?;
        }
        Ok(0)
    }

    /// Releases what is held, then what waits its turn; and notes how long nothing of either was there.
    async fn drain(&self, key: &WebhookKey, standing: &Standing, deadline: Timestamp) -> Answer<u64> {
        let (workspace, webhook) = key;
        let since = match standing.health.state {
            State::Draining { since, .. } => since,
            State::Healthy | State::Failing { .. } | State::Disabled { .. } => Timestamp::EPOCH,
        };
        if self.is_out(key, since).await? {
            return Ok(0);
        }
        let found = self.find_held(key, &standing.health, self.bounds.turn).await?;
        let turn = usize::try_from(self.bounds.turn).unwrap_or(usize::MAX);
        let ready: Vec<DeliveryKey> = found.ready.into_iter().map(|held| held.key).take(turn).collect();
        let mut references = ready.len() as u64;
        let mut waiting = found.waiting;
        if references > 0 {
            let Health { epoch, error_sequence, .. } = standing.health;
            self.release_held(standing, &ready, &Cause::Release { epoch, error_sequence }).await?;
            self.put_out(key, standing, &ready).await?;
        } else if standing.turn.is_some() {
            references = self.take_turn(key, standing, deadline).await?;
            waiting = Waiting::Something;
        }
        if let Some(next) = standing.health.looked_at(waiting, self.clock.now()) {
            // Where somebody was faster, the next tick looks again.
            self.table.put_health(workspace, webhook, &next).await?;
        }
        Ok(references)
    }

    /// Enqueues one delivery, which the sender takes for the probe: another than the last, where there is one.
    async fn probe(&self, key: &WebhookKey, standing: &Standing, deadline: Timestamp) -> Answer<u64> {
        let Health { epoch, error_sequence, state, .. } = &standing.health;
        let last = match state {
            State::Failing { probe, .. } => probe.as_ref().map(|probe| probe.delivery.as_str()),
            State::Healthy | State::Draining { .. } | State::Disabled { .. } => None,
        };
        // Two are enough to have another one; a few more, for those that are only about to leave the index.
        let Found { ready, .. } = self.find_held(key, &standing.health, limits::PROBE_CANDIDATES).await?;
        // What was not refused yet goes before what was, so that a few that nobody takes do not hide the others.
        let untried = untried(&ready, last);
        if untried.is_none() && standing.turn.is_some() {
            let references = self.take_rests(key, standing, 1, deadline).await?;
            if references > 0 {
                return Ok(references);
            }
        }
        let Some(held) = untried.or(refused(&ready, last)).or(ready.first()) else { return Ok(0) };
        let cause = Cause::Probe { epoch: *epoch, error_sequence: *error_sequence };
        self.release_held(standing, std::slice::from_ref(&held.key), &cause).await?;
        Ok(1)
    }

    /// What is held for a webhook and was neither dropped nor has expired, up to `most` of each kind.
    async fn find_held(&self, (workspace, webhook): &WebhookKey, health: &Health, most: u64) -> Answer<Found> {
        let (now, most) = (self.clock.now(), usize::try_from(most).unwrap_or(usize::MAX));
        let (mut ready, mut waiting) = (Vec::new(), Waiting::Nothing);
        for kind in [HeldKind::Waiting, HeldKind::Retrying] {
            let (mut taken, mut after) = (0, None);
            loop {
                let page = self.table.read_held(workspace, webhook, kind, after.as_ref()).await?;
                for held in page.rows.into_iter().filter(|held| !is_over(&held.key, health, now)) {
                    waiting = Waiting::Something;
                    if taken < most && held.next.is_none_or(|next| next <= now) {
                        taken += 1;
                        ready.push(held);
                    }
                }
                after = page.after;
                if after.is_none() || taken >= most {
                    break;
                }
            }
        }
        ready.sort_by_cached_key(|held| (held.key.due(), held.key.clone()));
        Ok(Found { ready, waiting })
    }

    async fn release_held(&self, standing: &Standing, keys: &[DeliveryKey], cause: &Cause) -> Answer<()> {
        let concurrency = standing.gathering.concurrency;
        let deliveries: Vec<_> = keys.iter().map(|key| (key.clone(), concurrency)).collect();
        self.enqueue(&deliveries, cause).await
    }

    async fn put_out(
        &self,
        (workspace, webhook): &WebhookKey,
        standing: &Standing,
        keys: &[DeliveryKey],
    ) -> Answer<()> {
        let concurrency = standing.gathering.concurrency;
        let last: BTreeMap<String, &DeliveryKey> = keys.iter().map(|key| (key.lane.group(concurrency), key)).collect();
        let keys = last.into_values().cloned().collect();
        let until = self.clock.now().plus(limits::RELEASE_WAIT);
        self.table.put_out(workspace, webhook, &Out { kind: OutKind::Release, keys, until }).await
    }

    /// Whether what the queue was given last is on its way yet. What was released before `since` met a webhook that failed
    /// meanwhile, and is held as before.
    pub(super) async fn is_out(&self, (workspace, webhook): &WebhookKey, since: Timestamp) -> Answer<bool> {
        let Some(out) = self.table.read_out(workspace, webhook).await? else { return Ok(false) };
        let now = self.clock.now();
        let is_of_before = match out.kind {
            OutKind::Release => out.until < since.plus(limits::RELEASE_WAIT),
            OutKind::Turn => false,
        };
        if now >= out.until || is_of_before {
            return Ok(false);
        }
        for key in out.keys {
            let progress = self.table.read_delivery(&key).await?.map(|delivery| delivery.progress);
            let is_on_its_way = match (out.kind, progress.map(|progress| (progress.state, progress.next))) {
                (_, None) => true,
                // What was held stands as held until it is attempted.
                (OutKind::Release, Some((DeliveryState::Held, next))) => next.is_none_or(|next| next <= now),
                (OutKind::Turn | OutKind::Release, Some(_)) => false,
            };
            if is_on_its_way {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The first that was never refused.
fn untried<'a>(ready: &'a [Held], last: Option<&str>) -> Option<&'a Held> {
    candidates(ready, last).find(|held| held.next.is_none())
}

/// Of those that were refused, the one whose own time came first: each in turn.
fn refused<'a>(ready: &'a [Held], last: Option<&str>) -> Option<&'a Held> {
    candidates(ready, last).filter(|held| held.next.is_some()).min_by_key(|held| held.next)
}

/// Those that are not the last probe, and stand behind nothing of their lane that was never attempted: the sender would
/// hold them.
fn candidates<'a>(ready: &'a [Held], last: Option<&str>) -> impl Iterator<Item = &'a Held> {
    let waits_behind = |held: &Held, before: &[Held]| {
        before.iter().any(|older| older.next.is_none() && older.key.lane == held.key.lane)
    };
    let is_last = move |held: &Held| Some(held.key.webhook_id(0).as_str()) == last;
    let places = ready.iter().enumerate();
    places.filter(move |(place, held)| !is_last(held) && !waits_behind(held, &ready[..*place])).map(|(_, held)| held)
}

/// Whether a held delivery is over by its name alone. That of a message says nothing of when it arrived: the sender looks.
pub(crate) fn is_over(key: &DeliveryKey, health: &Health, now: Timestamp) -> bool {
    match &key.subject {
        Subject::Bundle { .. } => health.is_over(key.due(), now),
        Subject::Message { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        delivery::Lane,
        id::{KeyPart, WebhookId, WorkspaceId},
    };

    fn held(chat: &str, due: &str, next: Option<&str>) -> Held {
        let at = |text: &str| Timestamp::parse(text).expect("a moment");
        let lane = Lane {
            workspace: WorkspaceId::parse("acme").expect("an id"),
            webhook: WebhookId::first(),
            chat: KeyPart::of(chat),
        };
        let key = DeliveryKey { lane, subject: Subject::Bundle { due: at(due), cut: None } };
        Held { key, next: next.map(at) }
    }

    #[test]
    fn a_probe_was_never_refused_if_there_is_such_a_one_and_stands_behind_nothing_of_its_chat_that_waits() {
        let tried = held("1", "2021-02-24T17:00:00Z", Some("2021-02-24T19:00:00Z"));
        let older = held("2", "2021-02-24T18:00:00Z", None);
        let newer = held("2", "2021-02-24T19:00:00Z", None);
        let ready = [tried, older, newer];
        let older = ready[1].key.webhook_id(0);
        assert_eq!(untried(&ready, None).map(|held| held.key.webhook_id(0)), Some(older.clone()));
        assert!(untried(&ready, Some(&older)).is_none(), "the newer one of its chat has to wait");
        assert!(untried(&ready[..1], None).is_none());
        let again = [ready[1].clone(), Held { next: ready[0].next, ..ready[2].clone() }];
        assert!(refused(&again, Some(&older)).is_none(), "also where it was tried before");
    }

    #[test]
    fn those_that_were_refused_are_tried_in_turn() {
        let late = held("1", "2021-02-24T17:00:00Z", Some("2021-02-24T20:00:00Z"));
        let early = held("2", "2021-02-24T18:00:00Z", Some("2021-02-24T19:00:00Z"));
        let ready = [late, early, held("3", "2021-02-24T18:00:00Z", None)];
        let chosen = |last| refused(&ready, last).map(|held| held.key.lane.chat.to_string());
        assert_eq!(chosen(None).as_deref(), Some("2"));
        assert_eq!(chosen(Some(&ready[1].key.webhook_id(0))).as_deref(), Some("1"));
    }
}
