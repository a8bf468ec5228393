//! Plays a sequence on two sides and says where they differ; makes a sequence that differs as short as it can be.

use std::fmt::{Debug, Write};

/// An adapter, on which sequences of calls can be played. Each begins with nothing of the one before it.
pub(crate) trait Side {
    type Call: Clone + Debug;

    async fn play(&mut self, calls: &[Self::Call]) -> Played;
}

/// What a sequence came to.
pub(crate) struct Played {
    /// Each call's.
    pub(crate) answers: Vec<Answer>,
    /// What is there in the end, piece by piece.
    pub(crate) content: Vec<String>,
}

pub(crate) struct Answer {
    /// All of it: two answers are the same if their lines are.
    pub(crate) line: String,
    /// Whether the call changed or found anything, as far as the side knows.
    pub(crate) took: bool,
    /// Of a query.
    pub(crate) pages: usize,
}

/// The first difference, as a person reads it; none if answers and content are the same.
pub(crate) fn difference(memory: &Played, aws: &Played) -> Option<String> {
    let answers = memory.answers.iter().zip(&aws.answers).enumerate();
    let mut differing = answers.filter(|(_, (memory, aws))| memory.line != aws.line);
    if let Some((index, (memory, aws))) = differing.next() {
        return Some(format!("answer {index}\n  memory: {}\n  AWS:    {}", memory.line, aws.line));
    }
    if memory.content == aws.content {
        return None;
    }
    let mut text = "content".to_owned();
    for (side, lines, other) in [("memory:", &memory.content, &aws.content), ("AWS:   ", &aws.content, &memory.content)]
    {
        for line in lines.iter().filter(|line| !other.contains(line)) {
            // Writing to a String does not fail.
            let _ = write!(text, "\n  {side} {line}");
        }
    }
    Some(text)
}

/// The sequence without every call that it differs without, and how it then differs.
pub(crate) async fn shrink<M: Side, A: Side<Call = M::Call>>(
    memory: &mut M,
    aws: &mut A,
    mut calls: Vec<M::Call>,
) -> Option<(Vec<M::Call>, String)> {
    let mut found = difference(&memory.play(&calls).await, &aws.play(&calls).await)?;
    let mut index = calls.len();
    while index > 0 {
        index -= 1;
        let mut fewer = calls.clone();
        fewer.remove(index);
        if let Some(difference) = difference(&memory.play(&fewer).await, &aws.play(&fewer).await) {
            (calls, found) = (fewer, difference);
            // What could not be missed before may be now.
            index = calls.len();
        }
    }
    Some((calls, found))
}

/// A sequence and its difference, as a failed test shows them.
pub(crate) fn shown(seed: u64, calls: &[impl Debug], difference: &str) -> String {
    let mut text = format!("seed {seed}:");
    for call in calls {
        let _ = write!(text, "\n  {call:?}");
    }
    format!("{text}\ndiffers in its {difference}")
}
