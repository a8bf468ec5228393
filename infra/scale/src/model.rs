//! What the model takes for granted, as data: `model.json`, each value with its reason.

use serde::Deserialize;
use std::time::Duration;

const FILE: &str = include_str!("../model.json");

#[derive(Deserialize)]
pub(crate) struct Given {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) why: String,
}

pub(crate) struct Model {
    given: Vec<Given>,
    computing: Computing,
}

/// Whether computing takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Computing {
    /// It takes none: only requests do.
    Free,
    /// The share of a vCPU that the function's memory brings; one thing at a time.
    Shared,
}

impl Model {
    /// The file's. It is part of the program, and a test reads it.
    pub(crate) fn read(computing: Computing) -> Self {
        Self { given: serde_json::from_str(FILE).expect("model.json reads"), computing }
    }

    pub(crate) fn given(&self) -> &[Given] {
        &self.given
    }

    /// How long `what` lasts: a request, a delivery, a hand-over.
    pub(crate) fn lasts(&self, what: &str) -> Duration {
        Duration::from_secs_f64(self.value(&format!("{what}_milliseconds")) / 1_000.0)
    }

    /// A number of things.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts are small and whole")]
    pub(crate) fn count(&self, what: &str) -> usize {
        self.value(what) as usize
    }

    pub(crate) fn tick(&self) -> Duration {
        Duration::from_secs_f64(self.value("tick_seconds"))
    }

    pub(crate) fn sweep(&self) -> Duration {
        Duration::from_secs_f64(self.value("sweep_seconds"))
    }

    /// How long a function's processor works on so many of `what`: a request, a row, an entry.
    pub(crate) fn work(&self, what: &str, count: usize) -> Duration {
        match self.computing {
            Computing::Free => Duration::ZERO,
            Computing::Shared => {
                let share = self.value("memory_megabytes") / self.value("megabytes_of_a_vcpu");
                let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
                let instructions = count * self.value(&format!("instructions_of_{what}"));
                Duration::from_secs_f64(instructions / (share * self.value("instructions_of_a_vcpu_second")))
            }
        }
    }

    fn value(&self, name: &str) -> f64 {
        let value = self.given.iter().find(|value| value.name == name);
        value.map(|value| value.value).expect("model.json holds every value that is asked for")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_s_share_follows_from_the_memory() {
        let model = Model::read(Computing::Shared);
        // 0.65 M instructions at 512/1769 of 2.5 G a second.
        let work = model.work("a_request", 1).as_secs_f64();
        assert!((work - 0.65e6 / (512.0 / 1_769.0 * 2.5e9)).abs() < 1e-6, "{work}");
        assert_eq!(Model::read(Computing::Free).work("a_request", 1_000), Duration::ZERO);
        assert!(model.given().iter().all(|value| value.value > 0.0 && !value.why.is_empty()));
    }
}
