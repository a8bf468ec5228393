//! Portal links: who has one opens one workspace's page, once, until the link expires.

use super::{
    session::{Grant, Lifetime, Session},
    site::Site,
    token::{self, Nonce, SessionId, Token},
};
use crate::{
    id::WorkspaceId,
    ports::{Answer, UseOnce},
    signature::{Purpose, RootSecret},
    table::portal::UsedLink,
    timestamp::Timestamp,
};

/// What a portal link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub workspace: WorkspaceId,
    pub grant: Grant,
    /// From then on it opens nothing.
    pub expires: Timestamp,
    /// How long the session lives that it opens.
    pub session: Lifetime,
    pub nonce: Nonce,
}

/// What became of a link that somebody has followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    Opened(Session),
    /// It was opened before.
    Used,
    Expired,
    /// It is no link of ours: cut off, changed, of another kind, of another deployment or of another version.
    Invalid,
}

impl Link {
    /// A link that may be opened for its life from now on, and then opens a session that lives as long as is said here.
    pub fn new(
        workspace: WorkspaceId,
        grant: Grant,
        life: Lifetime,
        session: Lifetime,
        now: Timestamp,
        nonce: Nonce,
    ) -> Self {
        Self { workspace, grant, expires: life.end(now), session, nonce }
    }

    /// What opens it at a site. Only who is allowed to administer the workspace may be given one.
    pub fn url(&self, root: &RootSecret, site: &Site) -> String {
        format!("{}/portal/{}", site.origin(), self.to_token(root).reveal())
    }

    /// What stands in the URL.
    pub fn to_token(&self, root: &RootSecret) -> Token {
        let mut statement = vec![self.grant.to_byte()];
        statement.extend(self.expires.seconds().to_be_bytes());
        statement.extend(self.session.as_seconds().to_be_bytes());
        statement.extend(self.nonce.0);
        statement.extend(self.workspace.as_str().bytes());
        Token::sign(root, Purpose::PortalLink, &statement)
    }

    /// The link that we have signed, whether it has expired or not; nothing, for any other text.
    fn from_token(root: &RootSecret, token: &str) -> Option<Self> {
        let statement = token::verify(root, Purpose::PortalLink, token)?;
        let (grant, rest) = statement.split_first()?;
        let (expires, rest) = rest.split_first_chunk()?;
        let (session, rest) = rest.split_first_chunk()?;
        let (nonce, workspace) = rest.split_first_chunk()?;
        Some(Self {
            workspace: WorkspaceId::parse(str::from_utf8(workspace).ok()?).ok()?,
            grant: Grant::from_byte(*grant)?,
            expires: Timestamp::from_seconds(u64::from_be_bytes(*expires))?,
            session: Lifetime::from_seconds(u32::from_be_bytes(*session).into()).ok()?,
            nonce: Nonce(*nonce),
        })
    }
}

/// What a link would open, without opening it: its workspace, or why nothing.
pub fn look(root: &RootSecret, token: &str, now: Timestamp) -> Result<WorkspaceId, Opening> {
    match Link::from_token(root, token) {
        None => Err(Opening::Invalid),
        Some(link) if now >= link.expires => Err(Opening::Expired),
        Some(link) => Ok(link.workspace),
    }
}

/// Opens a link as the session of this id, which is made of random bytes for each opening. An error means that it may
/// or may not be used now: only the same id can try again.
pub async fn open<P: UseOnce>(
    port: &P,
    root: &RootSecret,
    token: &str,
    id: SessionId,
    now: Timestamp,
) -> Answer<Opening> {
    let Some(link) = Link::from_token(root, token) else { return Ok(Opening::Invalid) };
    if now >= link.expires {
        return Ok(Opening::Expired);
    }
    let used = UsedLink { nonce: link.nonce, by: id, expires: link.expires };
    if !port.use_once(&used).await? {
        return Ok(Opening::Used);
    }
    Ok(Opening::Opened(Session { workspace: link.workspace, grant: link.grant, id, ends: link.session.end(now) }))
}

impl Opening {
    /// Whether it counts as a failed try: nobody comes by such a link in good faith twenty times a minute.
    pub fn is_guess(&self) -> bool {
        match self {
            Self::Invalid => true,
            Self::Opened(_) | Self::Used | Self::Expired => false,
        }
    }
}
