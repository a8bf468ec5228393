//! Deliberate breaks: each makes the system behave as if one rule of the protocol were left out. They are switched on
//! between the use cases and their ports; the core knows nothing of them.

macro_rules! breaks {
    ($($(#[doc = $rule:literal])+ $name:ident,)+) => {
        /// A rule left out. Each says the rule as it stands, and how it is broken.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Break {
            $($(#[doc = $rule])+ $name,)+
        }

        impl Break {
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }

            /// The rule, and how it is broken.
            pub fn rule(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($rule,)+).trim_ascii_start(),)+
                }
            }
        }
    };
}

breaks! {
    /// Health is put if it is the one that was read: here it overwrites what stands there.
    HealthOverwritten,
    /// What is older in a lane goes first, also over an outage: here nobody looks whether something older is held.
    LaneOutOfOrder,
    /// Whoever holds something sees to it that somebody looks: here nobody looks at a webhook for its health.
    NobodyLooks,
    /// Draining ends when nothing has waited for a quarter of an hour: here at once.
    DrainedAtOnce,
    /// After a change of concurrency nothing is sent until old requests are over: here it is sent at once.
    RegroupedAtOnce,
    /// What the queue hands out in a former group is not sent there: here it is.
    FormerGroup,
    /// What is owed is marked after it is sent: here before.
    ToldBeforeSent,
    /// A put is conditional: here it overwrites what stands at its key.
    UnconditionalPut,
    /// A late message and its pointer are one transaction: here the pointer is put first.
    PointerFirst,
    /// A late message and its pointer are one transaction: here the message is put first.
    MessageFirst,
    /// No put follows a pointer: here a redelivered late message is put into what is open now.
    PutBehindPointer,
    /// A window follows from the message's timestamp: here from the moment of its arrival.
    WindowByArrival,
    /// Nothing is read before the grace is over: here ticks know no grace.
    NoGrace,
    /// Ingest returns when all of its requests have ended: here it leaves its put under way.
    PutLeftUnderWay,
    /// What is due is read consistently: here the read is up to a minute old.
    StaleDue,
    /// A bucket is read consistently: here the read is up to a minute old.
    StaleBucket,
    /// A mark follows the queue's acceptance: here the queue answers before it takes anything.
    MarkBeforeAcceptance,
    /// Every entry has to be taken: here one that the queue refuses counts as taken.
    RefusalIgnored,
    /// A shard's later window waits for its earlier one: here the latest goes first.
    LaterWindowFirst,
    /// A change begins minutes ahead: here at once.
    ChangeWithoutLead,
    /// Settings are cached for half a minute: here for ten.
    SettingsForTenMinutes,
    /// A lane is always in one group: here each entry has its own.
    NoGroups,
    /// A deduplication id names the delivery: here the lane alone.
    DeduplicationByLane,
    /// A deduplication id names the cut: here that of the window.
    DeduplicationWithoutCut,
    /// A cut's grace is over before it goes out: here it goes out at once.
    CutWithoutGrace,
    /// No cut is moved: here a new one takes the place of the last.
    CutsMove,
    /// Cuts are put if nobody has changed them: here they overwrite what stands there.
    UnconditionalCuts,
    /// A bucket is not cut when its window has ended: here the clock of who cuts is minutes behind.
    CutAfterTheEnd,
    /// Cuts go out before the rest of their window: here behind it.
    CutsBehindMessages,
    /// A bucket's cuts are read consistently: here the read is up to a minute old.
    StaleCuts,
    /// The low-water mark says what is done: here some shards more.
    LowWaterTooHigh,
    /// A rest is noted before its shard's mark: here behind it.
    RestBehindMark,
    /// A turn ends if no rest was added meanwhile: here in any case, and it takes its time.
    TurnEndedBlindly,
    /// Whether a webhook's turn goes on is read consistently: here it is overlooked at times.
    StaleTurn,
    /// What was handed over is done when there are marks of it: here at once.
    HandedOverIsDone,
    /// Nobody works on a batch when it is handed out again: here it is after five seconds.
    ShortVisibility,
    /// What was not done is named to the queue: here the whole batch counts as done.
    FailureForgotten,
    /// What is behind a failure in its group waits: here it goes on.
    GroupGoesOn,
    /// An outcome is recorded: here the record is lost.
    OutcomeLost,
    /// A receipt says that its delivery has arrived: here it is overlooked.
    ReceiptOverlooked,
    /// A stored message without an outcome is enqueued again: here once is enough.
    EnqueuedOnce,
    /// An id is that of the delivery: here of the attempt.
    IdByAttempt,
}
