//! What has become of copying a file, and who waits for it.

use super::{FileKey, Source};
use crate::{attempt::ErrorClass, delivery::DeliveryKey, limits, timestamp::Timestamp};
use serde::{Deserialize, Serialize};

/// A file as the table knows it. It is written before its message is, and changes by its revision alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub key: FileKey,
    /// As upstream declared them.
    pub size: Option<u64>,
    pub mimetype: String,
    /// When its message arrived.
    pub at: Timestamp,
    pub state: FileState,
    /// Deliveries that are to be enqueued when it is there, or known to be gone; in their order.
    pub waiting: Vec<Waiting>,
    /// Whether they were. What comes after one of them in its chat sees to it that it goes first, for the queue may hand
    /// them out in another order after a crash.
    pub is_released: bool,
    pub revision: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// To be copied, or being copied.
    Pending(Copying),
    /// It stands in the bucket, with so many bytes.
    Kept { size: u64 },
    /// It cannot be had, for good.
    Gone(Trouble),
}

/// What copying goes by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copying {
    pub source: Source,
    /// Tries that did not work out.
    pub tries: u32,
}

/// A delivery that waits, and how many requests at a time its webhook takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub delivery: DeliveryKey,
    pub concurrency: u16,
}

/// Why a file could not be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Where it should be, it is not (404, 410).
    NotFound,
    /// We may not have it (401, 403).
    Denied,
    /// Another answer than the file.
    Status,
    /// Its address is none that may be called.
    Address,
    /// No connection, or one that broke off.
    Connection,
    Slow,
    TooLarge,
    /// It has another size than upstream declared.
    Size,
    /// It is of another kind than upstream declared.
    Type,
    /// It has another SHA-256 than upstream declared.
    Digest,
    /// Trouble of ours: credentials that are missing, a bucket that may not be read, copying that took too long to begin.
    Ours,
}

impl Trouble {
    pub const ALL: [Self; 11] = [
        Self::NotFound,
        Self::Denied,
        Self::Status,
        Self::Address,
        Self::Connection,
        Self::Slow,
        Self::TooLarge,
        Self::Size,
        Self::Type,
        Self::Digest,
        Self::Ours,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Denied => "denied",
            Self::Status => "status",
            Self::Address => "address",
            Self::Connection => "connection",
            Self::Slow => "slow",
            Self::TooLarge => "too_large",
            Self::Size => "size",
            Self::Type => "type",
            Self::Digest => "digest",
            Self::Ours => "ours",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trouble| trouble.name() == name)
    }

    /// What a person is told.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NotFound => "it is not where it should be any more",
            Self::Denied => "its source does not let us have it",
            Self::Status => "its source answered with an error",
            Self::Address => "its address may not be called",
            Self::Connection => "its source could not be reached, or broke off",
            Self::Slow => "its source took too long",
            Self::TooLarge => "it is larger than 100 MB",
            Self::Size => "its size is not the one that was declared",
            Self::Type => "its type is not the one that was declared",
            Self::Digest => "its content is not what was declared",
            Self::Ours => "it could not be copied in time",
        }
    }

    /// Whether another try may help.
    pub fn may_pass(self) -> bool {
        match self {
            // A file may have been written over while it was read, or cut off by somebody in between.
            Self::Status | Self::Connection | Self::Slow | Self::Size | Self::Digest | Self::Ours => true,
            Self::NotFound | Self::Denied | Self::Address | Self::TooLarge | Self::Type => false,
        }
    }

    /// Of a status that is not the file.
    pub fn of_status(status: u16) -> Self {
        match status {
            404 | 410 => Self::NotFound,
            401 | 403 => Self::Denied,
            _ => Self::Status,
        }
    }

    /// Of a request that had no answer.
    pub fn of_error(class: ErrorClass) -> Self {
        match class {
            ErrorClass::InvalidUrl | ErrorClass::BlockedAddress | ErrorClass::Redirect => Self::Address,
            ErrorClass::Timeout => Self::Slow,
            ErrorClass::Dns | ErrorClass::Connect | ErrorClass::Tls | ErrorClass::Body => Self::Connection,
            ErrorClass::Status => Self::Status,
        }
    }
}

impl File {
    /// Whether it is neither there nor known to be gone.
    pub fn is_pending(&self) -> bool {
        match self.state {
            FileState::Pending(_) => true,
            FileState::Kept { .. } | FileState::Gone(_) => false,
        }
    }

    /// Whether somebody has to look at it at `overdue`, if nobody has done so before.
    pub fn is_open(&self) -> bool {
        self.is_pending() || !self.waiting.is_empty() && !self.is_released
    }

    /// The same when all who wait have been enqueued.
    #[must_use]
    pub fn released(&self) -> Self {
        Self { is_released: true, revision: self.revision + 1, ..self.clone() }
    }

    /// When it is given up, whatever has become of those who should copy it: nothing waits for it any longer.
    pub fn overdue(&self) -> Timestamp {
        self.at.plus(limits::FILE_WAIT)
    }

    /// The same with another state, or other waiting deliveries: to be written over the one that it was made of.
    #[must_use]
    pub fn with(&self, state: FileState, waiting: Vec<Waiting>) -> Self {
        Self { state, waiting, revision: self.revision + 1, ..self.clone() }
    }
}
