//! The scheduler's steps: it alone decides what happens next, which is a request's turn, a happening's, or time's.

use super::{invocation::End, schedule::Schedule};

/// More steps than any schedule needs: one that goes round for ever is a finding.
const STEPS: u64 = 200_000;

impl Schedule {
    pub(super) fn run_to(&mut self, until: u64) -> Result<(), String> {
        while self.world.now() < until {
            self.step(until)?;
        }
        Ok(())
    }

    /// Lets one thing happen, or time pass, up to `until`.
    pub(super) fn step(&mut self, until: u64) -> Result<(), String> {
        self.steps += 1;
        if self.steps > STEPS {
            return Err(format!("more than {STEPS} steps"));
        }
        self.go_on();
        let now = self.world.now();
        let happens = self.agenda.first_key_value().is_some_and(|((at, _), _)| *at <= now);
        // What was left under way lands when its time has come; everybody else's requests stand to choose from.
        let (waiting, overdue) = {
            let all = self.world.waiting();
            let asked: Vec<usize> = (0..all.len()).filter(|place| all[*place].lands.is_none()).collect();
            let overdue = asked.iter().copied().find(|place| all[*place].since + self.trouble.slow_ms <= now);
            (asked, overdue)
        };
        if waiting.is_empty() && !happens {
            let next = self.agenda.first_key_value().map_or(until, |((at, _), _)| (*at).min(until));
            // Whatever runs waits for a request; so with none there is nothing left but time.
            self.pass_to(if next == u64::MAX { now + 1_000 } else { next });
            return Ok(());
        }
        let passing = self.trouble.passing;
        if overdue.is_none() && self.world.draw(|random| random.chance(passing)) {
            self.pass_some(until);
            return Ok(());
        }
        let choices = waiting.len() + usize::from(happens);
        let choice = self.world.draw(|random| random.below(choices));
        match overdue.or(waiting.get(choice).copied()) {
            Some(place) => self.let_happen(place),
            None => {
                if let Some((_, happening)) = self.agenda.pop_first() {
                    self.happen(happening);
                }
            }
        }
        Ok(())
    }

    /// Everybody who was woken goes on.
    fn go_on(&mut self) {
        let ended: Vec<(u32, End)> =
            self.running.iter_mut().filter_map(|(number, one)| Some((*number, one.task.run()?))).collect();
        for (number, end) in ended {
            self.finish(number, end);
        }
    }

    fn pass_some(&mut self, until: u64) {
        let now = self.world.now();
        let slow = self.trouble.slow_ms;
        let by = self.world.draw(|random| match random.below(10) {
            0..=5 => random.between(1, 50),
            6 | 7 => random.between(50, 500),
            8 => random.between(500, 5_000),
            _ => random.between(1, slow),
        });
        let next = self.agenda.first_key_value().map_or(u64::MAX, |((at, _), _)| (*at).max(now));
        let slowest = self.world.waiting().iter().filter(|one| one.lands.is_none()).map(|one| one.since + slow).min();
        // Now and then what is on the agenda comes late.
        let next = if self.world.draw(|random| random.chance(200)) { u64::MAX } else { next };
        self.pass_to((now + by).min(until).min(next).min(slowest.unwrap_or(u64::MAX)).max(now));
    }

    /// Time passes; on the way lives end, and what was left under way takes effect at the lands.
    fn pass_to(&mut self, until: u64) {
        loop {
            let life = self.running.iter().map(|(number, one)| (one.ends, *number)).min();
            let left = {
                let all = self.world.waiting();
                all.iter().enumerate().filter_map(|(place, one)| Some((one.lands?, place))).min()
            };
            match (life, left) {
                (Some((ends, number)), left) if ends <= until && left.is_none_or(|(at, _)| ends <= at) => {
                    self.world.set_time(ends.max(self.world.now()));
                    self.kill(number, "life_over");
                }
                (_, Some((at, place))) if at <= until => {
                    self.world.set_time(at.max(self.world.now()));
                    self.let_happen(place);
                }
                (_, _) => break,
            }
        }
        self.world.set_time(until);
    }
}
