//! The one decision about who may do what, for every route. It is taken before anything is looked up, so that a refusal
//! says nothing about what there is.

use super::{
    cookie::{self, Kept},
    csrf,
    session::{Grant, Session},
    site::Site,
};
use crate::{
    api::{Reply, bearer},
    id::WorkspaceId,
    problem::Problem,
    signature::RootSecret,
    timestamp::Timestamp,
};

/// What a request shows of who sends it.
#[derive(Clone, Copy, Default)]
pub struct Credentials<'a> {
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// Every header `Cookie`.
    pub cookies: &'a [&'a str],
    pub from: csrf::Provenance<'a>,
}

/// What a route does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It shows something and changes nothing.
    Read,
    /// It changes something of the workspace.
    Change,
    /// What only who runs the deployment may do, such as to make a portal link.
    Administer,
}

/// What a request wants, and of which workspace.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub workspace: &'a WorkspaceId,
    pub access: Access,
}

/// Who is let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// Who has the admin key.
    Administrator,
    /// Who has followed a link to the workspace that is asked for.
    Session(Session),
}

/// Why nobody is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Neither a key nor a cookie of ours was sent.
    NoCredentials,
    /// There is an `Authorization`, and it is not the admin key's.
    WrongKey,
    /// The cookie is no session that we have signed.
    WrongSession,
    /// Different cookies of our name were sent.
    SeveralSessions,
    /// The session was good once.
    SessionEnded,
    /// The session is good, and another workspace's.
    OtherWorkspace,
    /// The session may look and not change.
    ReadOnly,
    /// No session may do this.
    AdministratorsOnly,
    /// A change that does not come from a page of the session.
    Forged,
}

/// Whether a request may do what it wants. A key that is wrong is not made good by a session beside it.
pub fn authorise(
    root: &RootSecret,
    site: &Site,
    credentials: Credentials<'_>,
    wanted: Wanted<'_>,
    now: Timestamp,
) -> Result<Allowed, Denied> {
    if let Some(authorization) = credentials.authorization {
        let is_admin = bearer(authorization).is_some_and(|key| root.is_admin_key(key));
        return if is_admin { Ok(Allowed::Administrator) } else { Err(Denied::WrongKey) };
    }
    let token = match cookie::read(site, credentials.cookies) {
        Kept::One(token) => token,
        Kept::Nothing => return Err(Denied::NoCredentials),
        Kept::Several => return Err(Denied::SeveralSessions),
    };
    let session = Session::from_token(root, token).ok_or(Denied::WrongSession)?;
    if now >= session.ends {
        return Err(Denied::SessionEnded);
    }
    if session.workspace != *wanted.workspace {
        return Err(Denied::OtherWorkspace);
    }
    match (wanted.access, session.grant) {
        (Access::Read, Grant::ReadOnly | Grant::Full) => Ok(Allowed::Session(session)),
        (Access::Change, Grant::ReadOnly) => Err(Denied::ReadOnly),
        (Access::Change, Grant::Full) if csrf::is_own(root, site, &session, credentials.from) => {
            Ok(Allowed::Session(session))
        }
        (Access::Change, Grant::Full) => Err(Denied::Forged),
        (Access::Administer, Grant::ReadOnly | Grant::Full) => Err(Denied::AdministratorsOnly),
    }
}

impl Denied {
    /// As it is told to who has asked.
    pub fn problem(self) -> Problem {
        match self {
            Self::NoCredentials => Problem::new(
                401,
                "open the settings by a link from your provider, or send the admin key as \"Authorization: Bearer\"",
            ),
            Self::WrongKey => Problem::new(401, "the Authorization header is not \"Bearer\" and the admin key"),
            Self::WrongSession => Problem::new(401, "the session cookie is not one of ours; ask for a new link"),
            Self::SeveralSessions => {
                Problem::new(401, "the browser sends several session cookies; delete this site's cookies")
            }
            Self::SessionEnded => Problem::new(401, "the session has ended; ask for a new link"),
            Self::OtherWorkspace => Problem::new(403, "the session is another workspace's"),
            Self::ReadOnly => Problem::new(403, "the session may look at the settings and not change them"),
            Self::AdministratorsOnly => Problem::new(403, "this needs the admin key"),
            Self::Forged => {
                Problem::new(403, "the change does not come from the settings page; reload it and try again")
            }
        }
    }

    /// The whole answer.
    pub fn reply(self) -> Reply {
        let problem = self.problem();
        let reply = Reply::problem(&problem);
        if problem.status == 401 { reply.with("www-authenticate", "Bearer") } else { reply }
    }

    /// Whether it counts as a failed try. Who has nothing, or something that was good once, guesses nothing.
    pub fn is_guess(self) -> bool {
        match self {
            Self::WrongKey | Self::WrongSession | Self::Forged => true,
            Self::NoCredentials
            | Self::SeveralSessions
            | Self::SessionEnded
            | Self::OtherWorkspace
            | Self::ReadOnly
            | Self::AdministratorsOnly => false,
        }
    }
}
