//! The checker's part about webhooks that do not take what they are sent: errors are counted exactly, probes go out one
//! at a time, an owner is told of each disabling once, and in the end nobody fails, drains or is owed anything.

use super::{
    check::{Checker, Violation},
    gate::lock,
    history::Attempted,
    person::PERSON,
    schedule::id,
};
use bundler::{
    health::{Health, NoticeKind, State},
    id::WorkspaceId,
    limits,
};

/// The longest that a request's result takes to be recorded, milliseconds: an invocation's life.
const RECORDED_MS: u64 = 60_000;

/// A change of what a result counts under, as it was put.
struct Recorded {
    at: u64,
    invocation: u32,
    is_error: bool,
}

impl Checker<'_> {
    pub(super) fn healths(&mut self) {
        let book = lock(&self.schedule.world.book);
        for (place, workspace) in self.schedule.plan.workspaces.iter().enumerate() {
            let name = id(workspace.name);
            let history = book.healths.get(&name).map_or(&[][..], Vec::as_slice);
            let of_workspace = |attempt: &&Attempted| {
                attempt.messages.first().is_some_and(|first| self.schedule.plan.messages[*first].workspace == place)
            };
            let attempts: Vec<&Attempted> = book.attempts.iter().filter(of_workspace).collect();
            let mut found = self.counting(history, &attempts);
            found.extend(self.probes(history, &attempts));
            found.extend(self.mails(&name, history, &book.mails));
            found.extend(self.end(&name, history));
            self.violations.extend(found);
        }
    }

    /// A failure counts if, and only if, it began after the last counted one was recorded.
    fn counting(&self, history: &[(u64, u32, Health)], attempts: &[&Attempted]) -> Vec<Violation> {
        let mut violations = Vec::new();
        let first = Health::default();
        let before = std::iter::once(&first).chain(history.iter().map(|(.., health)| health));
        let recorded: Vec<Recorded> = before
            .zip(history)
            .filter(|(before, (.., after))| before.seen() != after.seen())
            .map(|(before, (at, invocation, after))| Recorded {
                at: *at,
                invocation: *invocation,
                is_error: before.error_sequence != after.error_sequence,
            })
            .collect();
        let mut last = 0;
        for one in &recorded {
            let is_cause = |attempt: &&&Attempted| {
                attempt.invocation == one.invocation
                    && !attempt.is_known
                    && attempt.began >= last
                    && attempt.ended.is_some_and(|ended| ended <= one.at)
            };
            if one.is_error && !attempts.iter().any(|attempt| is_cause(&attempt)) {
                let detail = format!("{} by {}: nothing that began after {last} failed", one.at, one.invocation);
                violations.push(Violation { rule: "a burst of parallel failures is one error", detail });
            }
            last = one.at;
        }
        for attempt in attempts {
            let Some(ended) = attempt.ended else { continue };
            let is_excused = self.schedule.troubled.contains(&attempt.invocation);
            // What it was begun under was read when its invocation was there.
            let span = attempt.invocation_began..=ended + RECORDED_MS;
            if !attempt.is_known && !is_excused && !recorded.iter().any(|one| span.contains(&one.at)) {
                let detail = format!("{} at {}", attempt.webhook_id, attempt.began);
                violations.push(Violation { rule: "every failed request is one error", detail });
            }
        }
        violations
    }

    /// Of the invocations that begin after an error was recorded, one sends a probe, and another only when its lease is
    /// over.
    fn probes(&self, history: &[(u64, u32, Health)], attempts: &[&Attempted]) -> Vec<Violation> {
        if self.schedule.promise_broken {
            return Vec::new();
        }
        let mut violations = Vec::new();
        let mut errors: Vec<(u64, u64, &Health)> = Vec::new();
        for (at, _, health) in history {
            match errors.last_mut() {
                Some((_, until, last)) if last.seen() == health.seen() && is_failing(last) == is_failing(health) => {
                    *until = u64::MAX;
                }
                Some((_, until, _)) => {
                    *until = *at;
                    errors.push((*at, u64::MAX, health));
                }
                None => errors.push((*at, u64::MAX, health)),
            }
        }
        let lease = u64::try_from(limits::PROBE_LEASE.as_millis()).unwrap_or(u64::MAX);
        for (from, until, _) in errors.iter().filter(|(.., health)| is_failing(health)) {
            let mut began: Vec<u64> = attempts
                .iter()
                .filter(|attempt| attempt.invocation_began > *from && (*from..*until).contains(&attempt.began))
                .map(|attempt| attempt.began)
                .collect();
            began.sort_unstable();
            // A lease begins before its request by as long as claiming took, and two clocks see its end.
            let least = lease.saturating_sub(4 * self.schedule.plan.trouble.slow_ms + 5_000);
            if let Some(pair) = began.windows(2).find(|pair| pair[1] - pair[0] < least) {
                let detail = format!("{pair:?} after the error at {from}");
                violations.push(Violation { rule: "a failing webhook gets one probe at a time", detail });
            }
        }
        violations
    }

    /// One disabling, one mail; only a crash between the mail service's answer and the mark repeats it.
    fn mails(&self, name: &WorkspaceId, history: &[(u64, u32, Health)], mails: &[(String, String)]) -> Vec<Violation> {
        let to = format!("owner@{name}.example.com");
        let disabled = |health: &Health| matches!(health.state, State::Disabled { .. });
        let mut disables = 0;
        let mut was = false;
        for (_, invocation, health) in history {
            disables += usize::from(*invocation != PERSON && !was && disabled(health));
            was = disabled(health);
        }
        let sent = mails.iter().filter(|(address, what)| *address == to && what == "disabled").count();
        let is_calm = self.schedule.plan.trouble.requests + self.schedule.plan.trouble.kills == 0;
        let is_right = if is_calm && !self.schedule.promise_broken { sent == disables } else { sent >= disables };
        let rule = "an owner is told of each disabling once";
        if is_right {
            Vec::new()
        } else {
            vec![Violation { rule, detail: format!("{disables} disables, {sent} mails") }]
        }
    }

    fn end(&self, name: &WorkspaceId, history: &[(u64, u32, Health)]) -> Vec<Violation> {
        let Some((.., last)) = history.last() else { return Vec::new() };
        let owed: Vec<NoticeKind> = last.owed.iter().map(|notice| notice.kind).collect();
        let is_over = last.state == State::Healthy && owed.is_empty();
        let rule = "a webhook that takes everything is healthy in the end";
        if is_over { Vec::new() } else { vec![Violation { rule, detail: format!("{name} {:?} {owed:?}", last.state) }] }
    }
}

fn is_failing(health: &Health) -> bool {
    matches!(health.state, State::Failing { .. })
}
