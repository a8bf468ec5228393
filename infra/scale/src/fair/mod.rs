//! `cargo scale --fair`: what webhooks that are dead, slow or huge cost the others. The real sweep and the real sender over
//! the memory adapters, with a model of SQS and Lambda around them, for a day of virtual time.

mod batch;
mod budgets;
mod ledger;
mod population;
mod queue;
mod ran;
mod report;
mod run;
mod sender;
#[cfg(test)]
mod tests;
mod world;

use population::Population;
use queue::Packing;
use ran::Ran;
use run::{Deployment, run};

/// A thousand webhooks with five chats each, each with a bundle due at six windows' ends.
const CONTROL: Population = Population { webhooks: 1_000, chats: 5, windows: 6, any_bad: false, huge: 0 };
const HUGE: usize = 200_000;

/// The same population four times, with and without those that may cost the others something.
pub(crate) struct Four {
    control: Ran,
    bad: Ran,
    huge: Ran,
    both: Ran,
}

impl Four {
    /// Two at a time, of which one is huge: what they hold has to fit a common machine.
    fn of(control: Population, huge: usize, deployment: Deployment) -> Self {
        let run = |any_bad, huge| run(Population { any_bad, huge, ..control }, deployment);
        std::thread::scope(|scope| {
            let small = scope.spawn(|| (run(false, 0), run(true, 0)));
            let (huge, both) = (run(false, huge), run(true, huge));
            let (control, bad) = small.join().expect("a run comes to its end");
            Self { control, bad, huge, both }
        })
    }

    fn named(&self) -> [(&'static str, &Ran); 4] {
        [
            ("nobody else", &self.control),
            ("5 % that are dead or slow", &self.bad),
            ("one huge", &self.huge),
            ("both", &self.both),
        ]
    }
}

/// Runs all, and returns the tables and what of the budgets does not hold.
pub(crate) fn compare() -> (String, Vec<String>) {
    let four = Four::of(CONTROL, HUGE, Deployment::of_the_template(Packing::ByGroup));
    let text =
        format!("{}\nAll of the last one\n{}", report::healthy(four.named().into_iter()), report::kinds(&four.both));
    (text, budgets::broken(&four))
}
