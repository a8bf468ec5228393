//! Who is there: a thousand webhooks with a handful of chats each, some of which do not answer as they should, and one
//! that has two hundred thousand bundles due at once. Names say nothing of who is who, because the sweep goes by names.

use crate::population::{event, item};
use bundler::{
    delivery::Lane,
    id::{KeyPart, WebhookId, WorkspaceId},
    table::Item,
    timestamp::Timestamp,
};
use std::time::Duration;

const FIRST_DUE: &str = "2026-03-02T09:00:00Z";
const HOUR: Duration = Duration::from_secs(3_600);
/// One in so many webhooks answers badly: the 5 %.
const BAD_ONE_IN: usize = 20;

/// How a webhook's receiver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// 200, soon.
    Healthy,
    /// As healthy; and has very much due.
    Huge,
    /// 200, just before it would be given up.
    Slow,
    /// Not at all.
    Silent,
    /// There is nobody to connect to.
    Refusing,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Huge => "huge",
            Self::Slow => "slow",
            Self::Silent => "silent",
            Self::Refusing => "refusing",
        }
    }

    pub(crate) fn takes(self) -> bool {
        match self {
            Self::Healthy | Self::Huge | Self::Slow => true,
            Self::Silent | Self::Refusing => false,
        }
    }
}

/// How many there are, and of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Population {
    pub(crate) webhooks: usize,
    /// Of each small webhook, each with a bundle due at each window's end.
    pub(crate) chats: usize,
    /// Windows' ends, an hour apart.
    pub(crate) windows: usize,
    /// Whether some answer badly.
    pub(crate) any_bad: bool,
    /// Bundles that one webhook more has due at the first window's end.
    pub(crate) huge: usize,
}

impl Population {
    pub(crate) fn began() -> Timestamp {
        Timestamp::parse(FIRST_DUE).expect("a moment")
    }

    /// The huge one stands among the others.
    fn huge_number(&self) -> usize {
        self.webhooks / 2
    }

    pub(crate) fn kind(&self, number: usize) -> Kind {
        if self.huge > 0 && number == self.huge_number() {
            return Kind::Huge;
        }
        match (self.any_bad && number % BAD_ONE_IN == 7, number / BAD_ONE_IN % 4) {
            (false, _) => Kind::Healthy,
            (true, 0 | 2) => Kind::Slow,
            (true, 1) => Kind::Silent,
            (true, _) => Kind::Refusing,
        }
    }

    pub(crate) fn workspaces(&self) -> impl Iterator<Item = (WorkspaceId, Kind)> {
        let population = *self;
        let all = self.webhooks + usize::from(self.huge > 0);
        (0..all).map(move |number| (workspace(number), population.kind(number)))
    }

    /// Every bundle that is to go out: its lane, and when it is due.
    pub(crate) fn bundles(&self) -> impl Iterator<Item = (Lane, Kind, Timestamp)> {
        let population = *self;
        self.workspaces().flat_map(move |(workspace, kind)| {
            let (chats, windows) =
                if kind == Kind::Huge { (population.huge, 1) } else { (population.chats, population.windows) };
            (0..windows).flat_map(move |window| {
                let due = Self::began().plus(HOUR * u32::try_from(window).unwrap_or(u32::MAX));
                let workspace = workspace.clone();
                (0..chats).map(move |chat| {
                    let chat = KeyPart::of(&(10_000_000 + chat).to_string());
                    (Lane { workspace: workspace.clone(), webhook: WebhookId::first(), chat }, kind, due)
                })
            })
        })
    }

    /// The messages as the table holds them: one a bundle.
    pub(crate) fn items(&self) -> impl Iterator<Item = Item> {
        let event = event();
        self.bundles().map(move |(lane, _, due)| item(due, &lane, 0, event.clone()))
    }
}

pub(crate) fn workspace(number: usize) -> WorkspaceId {
    WorkspaceId::parse(&format!("workspace-{number:06}")).expect("an id")
}

/// A workspace's number, from its name.
pub(crate) fn number(workspace: &str) -> usize {
    workspace.rsplit('-').next().and_then(|number| number.parse().ok()).expect("a name that was given")
}
