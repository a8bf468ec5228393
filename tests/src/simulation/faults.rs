//! What becomes of a request when the scheduler turns to it: it takes effect and is answered, or something goes wrong in
//! one of the ways in which things do.

use super::{
    gate::{Stage, Waiting, lock},
    invocation::Work,
    schedule::Schedule,
};

/// How long a request may still take effect whose caller has died or given up, milliseconds.
const UNDER_WAY_MS: u64 = 2_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Through,
    /// It takes effect now and is answered later.
    AnsweredLater,
    /// It never arrives.
    RequestLost,
    Throttled,
    AnswerLost,
    /// The same, and the caller learns of it later.
    AnswerLostLater,
    /// The caller hears of trouble, and then it takes effect all the same.
    GivenUp,
    /// The client tries it again although it has taken effect.
    Repeated,
    /// Of a batch one entry is not taken.
    EntryRefused,
    KilledBefore,
    KilledAfter,
}

impl Schedule {
    /// Turns to the request at `place` of those that wait.
    pub(super) fn let_happen(&mut self, place: usize) {
        let mut one = self.world.waiting().remove(place);
        match one.stage {
            Stage::Asked if one.lands.is_some() => {
                let lost = self.trouble.requests;
                if self.world.draw(|random| random.chance(lost)) {
                    self.tell(&one, "never arrives");
                } else {
                    self.effect(&mut one, "late effect", None);
                }
            }
            Stage::Asked => self.judge(one),
            Stage::Repeating => {
                self.effect(&mut one, "second effect", None);
                one.request.answer();
            }
            Stage::Answering => {
                self.tell(&one, "answer");
                one.request.answer();
            }
            Stage::Losing(code) => {
                self.tell(&one, "answer lost");
                one.request.fail(code);
            }
        }
    }

    fn judge(&mut self, mut one: Waiting) {
        let verdict = self.verdict(one.name);
        match verdict {
            Verdict::Through => {
                self.effect(&mut one, "effect", None);
                one.request.answer();
            }
            Verdict::AnsweredLater => {
                self.effect(&mut one, "effect", None);
                one.stage = Stage::Answering;
                self.world.waiting().push(one);
            }
            Verdict::RequestLost => {
                self.fault(&one, "request lost");
                one.request.fail("Lost");
            }
            Verdict::Throttled => {
                self.fault(&one, "throttled");
                one.request.fail("Throttled");
            }
            Verdict::AnswerLost => {
                self.effect(&mut one, "effect", None);
                self.fault(&one, "answer lost");
                one.request.fail("Lost");
            }
            Verdict::AnswerLostLater => {
                self.effect(&mut one, "effect", None);
                self.fault(&one, "answer lost");
                one.stage = Stage::Losing("Lost");
                self.world.waiting().push(one);
            }
            Verdict::GivenUp => {
                self.fault(&one, "given up, effect later");
                one.request.fail("Lost");
                one.lands = Some(self.lands());
                self.world.waiting().push(one);
            }
            Verdict::Repeated => {
                self.effect(&mut one, "effect", None);
                self.fault(&one, "tried twice");
                one.stage = Stage::Repeating;
                self.world.waiting().push(one);
            }
            Verdict::EntryRefused => {
                let refused = self.world.draw(|random| random.below(10));
                self.fault(&one, "entry refused");
                self.effect(&mut one, "effect", Some(refused));
                one.request.answer();
            }
            Verdict::KilledBefore => {
                let invocation = one.invocation;
                self.world.waiting().push(one);
                self.kill(invocation, "killed");
            }
            Verdict::KilledAfter => {
                self.effect(&mut one, "effect", None);
                self.kill(one.invocation, "killed");
            }
        }
    }

    fn verdict(&mut self, name: &'static str) -> Verdict {
        let (requests, kills) = (self.trouble.requests, self.trouble.kills);
        self.world.draw(|random| {
            if random.chance(kills) {
                return random.one_of(&[Verdict::KilledBefore, Verdict::KilledAfter]);
            }
            if !random.chance(requests) {
                return if random.chance(300) { Verdict::AnsweredLater } else { Verdict::Through };
            }
            let common = [Verdict::RequestLost, Verdict::AnswerLost, Verdict::AnswerLostLater];
            let ours = [Verdict::Throttled, Verdict::GivenUp, Verdict::Repeated];
            match name {
                "post" => random.one_of(&common),
                "enqueue" if random.chance(400) => Verdict::EntryRefused,
                _ => random.one_of(&[common, ours].concat()),
            }
        })
    }

    /// When a request takes effect that nobody waits for any more.
    fn lands(&self) -> u64 {
        self.world.now() + self.world.draw(|random| random.between(0, UNDER_WAY_MS))
    }

    fn effect(&mut self, one: &mut Waiting, how: &'static str, refused: Option<usize>) {
        one.request.take_effect(&self.world, refused);
        self.tell(one, how);
        match one.name {
            "enqueue" => self.poll_soon(),
            "hand_over" => self.set_going(),
            _ => {}
        }
    }

    fn fault(&mut self, one: &Waiting, name: &'static str) {
        *self.figures.faults.entry(name).or_default() += 1;
        self.troubled.insert(one.invocation);
        self.tell(one, name);
    }

    fn tell(&mut self, one: &Waiting, how: &'static str) {
        let numbers = [one.number, u64::from(one.invocation)];
        self.note(how, numbers, || format!("{} of {}: {}", one.name, one.invocation, one.about));
    }

    /// An invocation dies. What it had under way may still take effect, for a little while.
    pub(super) fn kill(&mut self, number: u32, why: &'static str) {
        let Some(invocation) = self.running.remove(&number) else { return };
        *self.figures.faults.entry(why).or_default() += 1;
        self.troubled.insert(number);
        self.note(why, [u64::from(number), 0], || format!("{} {number}", invocation.work.name()));
        let now = self.world.now();
        self.world.waiting().retain_mut(|one| {
            if one.invocation != number || one.lands.is_some() {
                return true;
            }
            one.lands = Some(self.lands());
            one.stage = if has_taken_effect(one.stage) { one.stage } else { Stage::Asked };
            !has_taken_effect(one.stage) && self.world.draw(|random| random.chance(500))
        });
        for attempt in lock(&self.world.book).attempts.iter_mut().filter(|attempt| attempt.invocation == number) {
            attempt.ended.get_or_insert(now);
        }
        if let Work::Ingest { messages, .. } = &invocation.work {
            for place in messages {
                self.bring_again(*place);
            }
        }
    }
}

/// Requests that are not to be abandoned: they have taken effect.
fn has_taken_effect(stage: Stage) -> bool {
    match stage {
        Stage::Answering | Stage::Losing(_) => true,
        Stage::Asked | Stage::Repeating => false,
    }
}
