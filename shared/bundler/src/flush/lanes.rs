//! Which deliveries the rows of a window's end make, read in their order. It decides and asks nothing.

use crate::{
    delivery::{DeliveryKey, Lane, Subject},
    limits,
    table::bucket::{self, DueRow},
    timestamp::Timestamp,
};

/// A walk along the rows of one shard. A lane's rows are contiguous, its cuts first.
pub(super) struct Walk {
    due: Timestamp,
    lane: Option<Lane>,
    last_cut: Option<Timestamp>,
    /// Whether the delivery of what is behind the last cut has been named.
    is_named: bool,
    /// Rows of the lane so far.
    rows: u64,
    seen: Seen,
}

/// Lanes of which the length is known, or that it is more than a short one's; and their rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Seen {
    lanes: u64,
    rows: u64,
}

impl Seen {
    fn note(&mut self, rows: u64) {
        self.lanes += 1;
        self.rows += rows;
    }

    /// How many rows the next page is to have at the most: of long lanes a few, because only a lane's first ones say
    /// something new; of short ones as many as a request returns. Before anything is known, enough to tell them apart.
    fn page_rows(self) -> Option<u16> {
        let short = u64::from(limits::SHORT_LANE_ROWS);
        if self.lanes == 0 {
            Some(limits::SHORT_LANE_ROWS + 1)
        } else if self.rows > short * self.lanes {
            Some(limits::LONG_LANE_PAGE_ROWS)
        } else {
            None
        }
    }
}

impl Walk {
    pub(super) fn of(due: Timestamp) -> Self {
        Self { due, lane: None, last_cut: None, is_named: false, rows: 0, seen: Seen::default() }
    }

    /// How many rows the next page is to have at the most. A lane of which nothing is named yet is read on, however long.
    pub(super) fn page_rows(&self) -> Option<u16> {
        if self.lane.is_some() && !self.is_named { None } else { self.seen.page_rows() }
    }

    /// Leaves the lane, if what follows of it says nothing new: returns a sort key behind all of it.
    pub(super) fn pass_over(&mut self) -> Option<String> {
        let behind = self.lane.as_ref().filter(|_| self.is_named).map(|lane| bucket::behind(&bucket::prefix(lane)))?;
        // Of one that may be short all that is known is a beginning.
        if self.rows > limits::SHORT_LANE_ROWS.into() {
            self.seen.note(self.rows);
        }
        *self = Self { seen: self.seen, ..Self::of(self.due) };
        Some(behind)
    }

    /// What the row adds to the deliveries of its lane: cuts that the queue has not taken yet, then the rest. A lane of
    /// which nothing is behind the last cut has no rest, and one of pointers alone has none.
    pub(super) fn step(&mut self, row: &DueRow) -> Vec<DeliveryKey> {
        if self.lane.as_ref() != Some(row.lane()) {
            if self.lane.is_some() {
                self.seen.note(self.rows);
            }
            *self = Self { lane: Some(row.lane().clone()), seen: self.seen, ..Self::of(self.due) };
        }
        self.rows += 1;
        let key = |cut| DeliveryKey { lane: row.lane().clone(), subject: Subject::Bundle { due: self.due, cut } };
        match row {
            // What a pointer points to is gathered elsewhere.
            DueRow::Pointer { .. } => Vec::new(),
            DueRow::Cuts(cuts) => {
                self.last_cut = cuts.moments.last().copied();
                cuts.waiting().iter().map(|cut| key(Some(*cut))).collect()
            }
            DueRow::Message { at, .. } => {
                let is_behind = self.last_cut.is_none_or(|cut| *at > cut);
                if self.is_named || !is_behind {
                    return Vec::new();
                }
                self.is_named = true;
                vec![key(None)]
            }
        }
    }

    /// Where a later walk begins so that it takes nothing for what it is not: `after`, or before a lane that has been cut,
    /// whose cuts have to be seen again.
    pub(super) fn resumes(&self, after: String) -> String {
        match (&self.lane, self.last_cut) {
            (Some(lane), Some(_)) => bucket::prefix(lane),
            (Some(_) | None, _) => after,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{KeyPart, WebhookId, WorkspaceId};

    fn due() -> Timestamp {
        Timestamp::parse("2021-02-24T17:00:00Z").expect("a moment")
    }

    fn message(chat: u32) -> DueRow {
        let workspace = WorkspaceId::parse("acme").expect("an id");
        let lane = Lane { workspace, webhook: WebhookId::first(), chat: KeyPart::of(&chat.to_string()) };
        DueRow::Message { lane, at: due() }
    }

    /// Reads lanes of these lengths as the sweep does: the rows of each page, and how many lanes were named.
    fn pages(lengths: &[usize]) -> (Vec<usize>, usize) {
        let lanes = lengths.iter().enumerate();
        let mut left: Vec<DueRow> =
            lanes.flat_map(|(chat, rows)| vec![message(u32::try_from(chat).expect("a number")); *rows]).collect();
        let (mut walk, mut pages, mut named) = (Walk::of(due()), Vec::new(), 0);
        while !left.is_empty() {
            let most = walk.page_rows().map_or(1_500, usize::from).min(left.len());
            let page: Vec<_> = left.drain(..most).collect();
            named += page.iter().map(|row| walk.step(row).len()).sum::<usize>();
            pages.push(page.len());
            if !left.is_empty() && walk.pass_over().is_some() {
                left.retain(|row| Some(row.lane()) != page.last().map(DueRow::lane));
            }
        }
        (pages, named)
    }

    #[test]
    fn pages_are_as_large_as_they_may_be_while_lanes_are_short_on_average() {
        let rule = |lanes, rows| Seen { lanes, rows }.page_rows();
        assert_eq!(rule(0, 0), Some(17));
        assert_eq!([rule(1, 16), rule(10, 160), rule(100, 3)], [None; 3]);
        assert_eq!([rule(1, 17), rule(10, 161), rule(2, 100)], [Some(5); 3]);
    }

    #[test]
    fn of_long_lanes_a_few_rows_are_read_of_each() {
        assert_eq!(pages(&[100; 6]), (vec![17, 5, 5, 5, 5, 5], 6));
        assert_eq!(pages(&[2_500; 3]), (vec![17, 5, 5], 3));
    }

    #[test]
    fn short_lanes_are_read_by_the_page_also_behind_long_ones() {
        let (read, named) = pages(&[3; 1_000]);
        assert_eq!((read, named), (vec![17, 1_500, 1_482], 1_000));
        let long_first: Vec<usize> = std::iter::once(40).chain([3; 1_000]).collect();
        let (read, named) = pages(&long_first);
        assert!(read.len() < 10 && named == 1_001, "{read:?}");
    }

    #[test]
    fn a_lane_of_which_nothing_is_named_is_read_on() {
        let mut walk = Walk::of(due());
        let lane = message(1).lane().clone();
        walk.step(&DueRow::Pointer { lane });
        assert_eq!((walk.pass_over(), walk.page_rows()), (None, None));
        walk.step(&message(1));
        assert_eq!(walk.page_rows(), Some(17));
        assert!(walk.pass_over().is_some_and(|behind| behind > bucket::prefix(message(1).lane())));
        assert_eq!(walk.pass_over(), None, "once");
    }
}
