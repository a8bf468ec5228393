//! A session: what a portal link has opened, and the token that the browser keeps of it.

use super::token::{self, SessionId, Token};
use crate::{
    id::WorkspaceId,
    limits,
    signature::{Purpose, RootSecret},
    timestamp::Timestamp,
};
use std::time::Duration;

/// How much of its workspace a link or a session opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// To look at everything.
    ReadOnly,
    /// To change it too.
    Full,
}

/// How long a link may be opened, or a session lives: 1 minute to 12 hours, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime(u32);

/// What a browser may do until its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub workspace: WorkspaceId,
    pub grant: Grant,
    pub id: SessionId,
    /// From then on it opens nothing.
    pub ends: Timestamp,
}

impl Lifetime {
    /// Any other number of seconds is refused, in words that follow a name.
    pub fn from_seconds(seconds: u64) -> Result<Self, String> {
        let allowed = limits::PORTAL_LIFE_MIN.as_secs()..=limits::PORTAL_LIFE_MAX.as_secs();
        let seconds = u32::try_from(seconds).ok().filter(|seconds| allowed.contains(&u64::from(*seconds)));
        seconds.map(Self).ok_or_else(|| format!("must be {} to {} seconds", allowed.start(), allowed.end()))
    }

    pub fn as_seconds(self) -> u32 {
        self.0
    }

    /// When it is over, if it begins now: a whole second, because that is what tokens and expiry say.
    pub(super) fn end(self, now: Timestamp) -> Timestamp {
        let end = now.plus(Duration::from_secs(self.0.into()));
        Timestamp::from_seconds(end.seconds()).unwrap_or(now)
    }
}

impl Grant {
    pub(super) fn to_byte(self) -> u8 {
        match self {
            Self::ReadOnly => b'r',
            Self::Full => b'f',
        }
    }

    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        [Self::ReadOnly, Self::Full].into_iter().find(|grant| grant.to_byte() == byte)
    }
}

impl Session {
    /// What the browser is given to keep.
    pub fn to_token(&self, root: &RootSecret) -> Token {
        let mut statement = vec![self.grant.to_byte()];
        statement.extend(self.ends.seconds().to_be_bytes());
        statement.extend(self.id.0);
        statement.extend(self.workspace.as_str().bytes());
        Token::sign(root, Purpose::PortalSession, &statement)
    }

    /// The session that we have signed, whether it has ended or not; nothing, for any other text.
    pub(super) fn from_token(root: &RootSecret, token: &str) -> Option<Self> {
        let statement = token::verify(root, Purpose::PortalSession, token)?;
        let (grant, rest) = statement.split_first()?;
        let (ends, rest) = rest.split_first_chunk()?;
        let (id, workspace) = rest.split_first_chunk()?;
        Some(Self {
            workspace: WorkspaceId::parse(str::from_utf8(workspace).ok()?).ok()?,
            grant: Grant::from_byte(*grant)?,
            id: SessionId(*id),
            ends: Timestamp::from_seconds(u64::from_be_bytes(*ends))?,
        })
    }
}
