//! Calls and errors of the last days as a small picture: bars whose numbers stand in a table too.

/// A day's calls, errors among them.
#[derive(Debug, Clone)]
pub struct Day {
    /// `24 Feb`, by the webhook's clock.
    pub label: String,
    pub calls: u64,
    pub errors: u64,
}

/// Units of the picture, which is stretched to the room that there is.
const HEIGHT: u64 = 100;
const STEP: u64 = 20;
const GAP: u64 = 6;

/// A day's bar: what was taken at the bottom, what was not above it.
pub(crate) struct Bar {
    pub(crate) x: u64,
    pub(crate) width: u64,
    pub(crate) taken_y: u64,
    pub(crate) taken_height: u64,
    pub(crate) errors_y: u64,
    pub(crate) errors_height: u64,
    pub(crate) title: String,
}

pub(crate) fn bars(days: &[Day]) -> Vec<Bar> {
    let most = most(days).max(1);
    let bar = |(index, day): (u64, &Day)| {
        let errors = day.errors.min(day.calls);
        let taken_height = scaled(day.calls - errors, most);
        // One error among thousands is seen all the same.
        let errors_height = scaled(errors, most).max(if errors > 0 { 3 } else { 0 }).min(HEIGHT);
        let taken_height = taken_height.min(HEIGHT - errors_height);
        Bar {
            x: index * STEP + GAP / 2,
            width: STEP - GAP,
            taken_y: HEIGHT - taken_height,
            taken_height,
            errors_y: HEIGHT - taken_height - errors_height,
            errors_height,
            title: format!("{}: {}", day.label, words(day)),
        }
    };
    (0..).zip(days).map(bar).collect()
}

pub(crate) fn width(days: &[Day]) -> u64 {
    days.len() as u64 * STEP
}

pub(crate) fn most(days: &[Day]) -> u64 {
    days.iter().map(|day| day.calls).max().unwrap_or_default()
}

/// What is seen, in a sentence.
pub(crate) fn alternative(days: &[Day]) -> String {
    let sum = |number: fn(&Day) -> u64| days.iter().map(number).fold(0, u64::saturating_add);
    let all = Day { label: String::new(), calls: sum(|day| day.calls), errors: sum(|day| day.errors) };
    format!("The last {} days: {}.", days.len(), words(&all))
}

fn words(day: &Day) -> String {
    let counted = crate::moment::counted;
    format!("{}, {}", counted(day.calls, "call", "calls"), counted(day.errors, "error", "errors"))
}

fn scaled(number: u64, most: u64) -> u64 {
    let share = u128::from(number) * u128::from(HEIGHT) / u128::from(most);
    let height = u64::try_from(share).unwrap_or(HEIGHT).min(HEIGHT);
    if number > 0 { height.max(2) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_high_as_its_share_and_never_leaves_the_picture() {
        let day = |calls, errors| Day { label: "24 Feb".to_owned(), calls, errors };
        let days = [day(0, 0), day(100, 0), day(50, 25), day(1_000_000, 1), day(7, 9), day(u64::MAX, u64::MAX)];
        for bar in bars(&days) {
            assert!(bar.taken_y + bar.taken_height == HEIGHT && bar.errors_y + bar.errors_height == bar.taken_y);
        }
        let few = bars(&days[..4]);
        assert_eq!((few[0].taken_height, few[0].errors_height), (0, 0));
        assert_eq!((few[3].taken_height, few[3].errors_height), (97, 3), "one error of a million is seen");
        assert_eq!(few[3].title, "24 Feb: 1,000,000 calls, 1 error");
        assert_eq!(alternative(&days[..3]), "The last 3 days: 150 calls, 25 errors.");
    }
}
