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
    let alone = |of: &[String], other: &[String]| of.iter().filter(|line| !other.contains(line)).cloned().collect();
    let mut sides: [Vec<String>; 2] = [alone(&memory.content, &aws.content), alone(&aws.content, &memory.content)];
    if sides.iter().all(Vec::is_empty) {
        // The same pieces, in another order or number.
        sides = [memory.content.clone(), aws.content.clone()];
    }
    let mut text = "content".to_owned();
    for (side, lines) in ["memory:", "AWS:   "].into_iter().zip(sides) {
        for line in lines {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::run;

    /// Notes each number once; and, if it forgets, the first one again when it comes behind the second.
    struct Notes {
        forgets: Option<[u32; 2]>,
    }

    impl Side for Notes {
        type Call = u32;

        async fn play(&mut self, calls: &[u32]) -> Played {
            let (mut answers, mut content) = (Vec::new(), Vec::<String>::new());
            let mut noted: Vec<u32> = Vec::new();
            for call in calls {
                let is_known = noted.contains(call);
                let is_forgotten = self.forgets.is_some_and(|[what, when]| *call == what && noted.contains(&when));
                if !is_known || is_forgotten {
                    noted.push(*call);
                    content.push(call.to_string());
                }
                answers.push(Answer { line: "noted".to_owned(), took: !is_known, pages: 0 });
            }
            Played { answers, content }
        }
    }

    #[test]
    fn a_difference_is_shrunk_to_the_calls_that_it_takes() {
        let (mut right, mut wrong) = (Notes { forgets: None }, Notes { forgets: Some([7, 3]) });
        let calls = vec![1, 7, 2, 7, 3, 4, 7, 5, 3, 7];
        let (calls, difference) = run(shrink(&mut right, &mut wrong, calls)).expect("they differ");
        assert_eq!(calls, [7, 3, 7]);
        assert_eq!(difference, "content\n  memory: 7\n  memory: 3\n  AWS:    7\n  AWS:    3\n  AWS:    7");
        assert_eq!(run(shrink(&mut right, &mut Notes { forgets: None }, calls)), None);
    }
}
