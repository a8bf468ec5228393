//! The table, and the judgement of each row. It decides and prints; it measures nothing.

use crate::{Result, probe::Outcome, receivers::Receiver};
use std::time::Duration;

/// So much more memory may be in use at any moment than before the request, KiB.
const GROWTH_KIB: u64 = 2_048;

/// What is wrong with an outcome, in a few words each.
fn faults(receiver: &Receiver, outcome: &Outcome) -> Vec<String> {
    let expected = receiver.expected.name();
    let took = Duration::from_millis(outcome.duration_ms);
    let checks = [
        (outcome.ended != expected, format!("expected {expected}")),
        (took > receiver.at_most, format!("more than {} s", receiver.at_most.as_secs())),
        (outcome.grown_kib > GROWTH_KIB, "too much memory".to_owned()),
        (outcome.canary > 0, format!("{} calls to loopback", outcome.canary)),
    ];
    checks.into_iter().filter(|(is_wrong, _)| *is_wrong).map(|(_, fault)| fault).collect()
}

pub(crate) fn heading() -> String {
    line(["receiver", "what it does", "expected", "got", "seconds", "KiB", "verdict"])
}

/// A receiver's line, and whether all is well.
pub(crate) fn row(receiver: &Receiver, outcome: &Result<Outcome>) -> (String, bool) {
    let expected = receiver.expected.name();
    let (got, seconds, kib, faults) = match outcome {
        Err(error) => ("-", String::new(), String::new(), vec![error.to_string()]),
        Ok(outcome) => {
            let seconds = format!("{:.1}", Duration::from_millis(outcome.duration_ms).as_secs_f64());
            (outcome.ended.as_str(), seconds, outcome.grown_kib.to_string(), faults(receiver, outcome))
        }
    };
    let verdict = if faults.is_empty() { "right".to_owned() } else { format!("WRONG: {}", faults.join(", ")) };
    (line([receiver.name, receiver.does, expected, got, &seconds, &kib, &verdict]), faults.is_empty())
}

fn line(columns: [&str; 7]) -> String {
    let [name, does, expected, got, seconds, kib, verdict] = columns;
    format!("{name:<22} {does:<37} {expected:<15} {got:<15} {seconds:>7} {kib:>6}  {verdict}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receiver() -> &'static Receiver {
        crate::receivers::all().into_iter().find(|receiver| receiver.name == "silence").expect("a receiver")
    }

    /// All that may be.
    fn outcome() -> Outcome {
        Outcome {
            ended: "timeout".to_owned(),
            duration_ms: 16_000,
            grown_kib: GROWTH_KIB,
            canary: 0,
            detail: String::new(),
        }
    }

    #[test]
    fn what_ends_in_time_within_memory_and_as_expected_is_right() {
        assert_eq!(faults(receiver(), &outcome()), [""; 0]);
    }

    #[test]
    fn each_thing_that_is_wrong_is_a_fault_of_its_own() {
        let other = Outcome { ended: "body".to_owned(), ..outcome() };
        let late = Outcome { duration_ms: 16_001, ..outcome() };
        let large = Outcome { grown_kib: GROWTH_KIB + 1, ..outcome() };
        let led = Outcome { canary: 2, ..outcome() };
        assert_eq!(faults(receiver(), &other), ["expected timeout"]);
        assert_eq!(faults(receiver(), &late), ["more than 16 s"]);
        assert_eq!(faults(receiver(), &large), ["too much memory"]);
        assert_eq!(faults(receiver(), &led), ["2 calls to loopback"]);
        let all = Outcome { duration_ms: u64::MAX, grown_kib: u64::MAX, canary: 1, ..other };
        assert_eq!(faults(receiver(), &all).len(), 4);
    }

    #[test]
    fn a_receiver_that_could_not_be_tried_is_wrong() {
        let (line, is_right) = row(receiver(), &Err("no answer from its process".into()));
        assert!(!is_right && line.contains("WRONG: no answer from its process"), "{line}");
        let (line, is_right) = row(receiver(), &Ok(outcome()));
        assert!(is_right && line.ends_with("  right"), "{line}");
    }
}
