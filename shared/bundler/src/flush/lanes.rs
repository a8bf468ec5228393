//! Which deliveries the rows of a window's end make, read in their order. It decides and asks nothing.

use crate::{
    delivery::{DeliveryKey, Lane, Subject},
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
}

impl Walk {
    pub(super) fn of(due: Timestamp) -> Self {
        Self { due, lane: None, last_cut: None, is_named: false }
    }

    /// What the row adds to the deliveries of its lane: cuts that the queue has not taken yet, then the rest. A lane of
    /// which nothing is behind the last cut has no rest, and one of pointers alone has none.
    pub(super) fn step(&mut self, row: &DueRow) -> Vec<DeliveryKey> {
        if self.lane.as_ref() != Some(row.lane()) {
            *self = Self { lane: Some(row.lane().clone()), ..Self::of(self.due) };
        }
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
