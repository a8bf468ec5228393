//! The tool itself, as anybody runs it: every receiver, at once.

use std::process::Command;

#[test]
fn every_hostile_receiver_is_ended_in_time_within_memory_and_with_the_right_class() {
    let run = Command::new(env!("CARGO_BIN_EXE_hostile")).output().expect("the tool runs");
    let table = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{table}{}", String::from_utf8_lossy(&run.stderr));
    assert!(table.lines().filter(|line| line.ends_with("  right")).count() >= 24, "{table}");
}

#[test]
fn a_receiver_that_nobody_knows_is_an_error() {
    let run = Command::new(env!("CARGO_BIN_EXE_hostile")).arg("friendly").output().expect("the tool runs");
    assert!(!run.status.success());
    assert!(String::from_utf8_lossy(&run.stderr).contains("no receiver is called friendly"));
}
