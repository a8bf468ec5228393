//! A portal link, as the API makes one for who has the admin key: here for who has the root secret at hand, right after
//! a deployment.

use bundler::{
    id::WorkspaceId,
    portal::{Grant, Lifetime, Link, Nonce, Site},
    signature::RootSecret,
    timestamp::Timestamp,
};
use lexopt::{Arg::Long, Parser, ValueExt};

/// What is asked for on the command line.
#[derive(Debug)]
pub(crate) struct Wish {
    workspace: WorkspaceId,
    site: Site,
    life: Lifetime,
    grant: Grant,
}

pub(crate) fn parse(mut parser: Parser) -> Result<Wish, String> {
    let told = |error: lexopt::Error| error.to_string();
    let (mut workspace, mut site, mut life, mut grant) = (None, None, None, Grant::Full);
    while let Some(argument) = parser.next().map_err(told)? {
        match argument {
            Long("read-only") => grant = Grant::ReadOnly,
            Long(name @ ("workspace" | "url" | "minutes")) => {
                let name = name.to_owned();
                let value = parser.value().and_then(ValueExt::string).map_err(told)?;
                let wrong = |detail: String| format!("--{name} {detail}");
                match name.as_str() {
                    "workspace" => workspace = Some(WorkspaceId::parse(&value).map_err(wrong)?),
                    // The stack's output ends in a slash, which is no part of an origin.
                    "url" => site = Some(Site::parse(value.strip_suffix('/').unwrap_or(&value)).map_err(wrong)?),
                    _ => life = Some(minutes(&value).map_err(wrong)?),
                }
            }
            other => return Err(format!("{}; see --help", other.unexpected())),
        }
    }
    Ok(Wish {
        workspace: workspace.ok_or("--workspace is missing")?,
        site: site.ok_or("--url is missing")?,
        life: life.ok_or("--minutes is missing")?,
        grant,
    })
}

fn minutes(text: &str) -> Result<Lifetime, String> {
    let seconds = text.parse().ok().and_then(|minutes: u64| minutes.checked_mul(60));
    Lifetime::from_seconds(seconds.ok_or("is a whole number")?)
}

impl Wish {
    /// The session that it opens lives as long as the link does.
    pub(crate) fn url(self, root: &RootSecret, now: Timestamp, random: [u8; 32]) -> String {
        let nonce = Nonce(std::array::from_fn(|place| random[place]));
        Link::new(self.workspace, self.grant, self.life, self.life, now, nonce).url(root, &self.site)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bundler::{
        memory::{MemoryTable, Store},
        portal::{Opening, SessionId, open},
    };
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Poll, Waker},
    };

    fn wish(text: &str) -> Result<Wish, String> {
        parse(Parser::from_args(text.split_whitespace()))
    }

    /// What memory adapters answer they answer at once.
    fn at_once<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => panic!("nothing has to wait here"),
        }
    }

    #[test]
    fn the_link_opens_its_workspace_as_wide_and_as_long_as_was_asked_for() {
        let root = RootSecret::parse(&"r".repeat(64)).expect("a secret");
        let now = Timestamp::parse("2026-03-02T08:50:11Z").expect("a moment");
        for (more, grant) in [("", Grant::Full), ("--read-only", Grant::ReadOnly)] {
            let wish = wish(&format!("--workspace acme --url https://settings.example.org/ --minutes 60 {more}"));
            let url = wish.expect("a wish").url(&root, now, [7; 32]);
            let token = url.strip_prefix("https://settings.example.org/portal/").expect("where the page is");
            let (table, id) = (MemoryTable::new(Store::default()), SessionId([1; 16]));
            let Ok(Opening::Opened(session)) = at_once(open(&table, &root, token, id, now)) else {
                panic!("it opens the page");
            };
            assert_eq!((session.workspace.as_str(), session.grant), ("acme", grant));
            assert_eq!(session.ends.since(now).as_secs(), 3_600);
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for (text, named) in [
            ("--url https://a.example --minutes 60", "--workspace"),
            ("--workspace acme --minutes 60", "--url"),
            ("--workspace acme --url https://a.example", "--minutes"),
            ("--workspace acme --url https://a.example --minutes 0", "--minutes"),
            ("--workspace acme --url https://a.example --minutes 721", "--minutes"),
            ("--workspace acme --url https://a.example --minutes hour", "--minutes"),
            ("--workspace acme --url http://a.example --minutes 60", "--url"),
            ("--workspace a/b --url https://a.example --minutes 60", "--workspace"),
            ("--workspace acme --url https://a.example --minutes 60 --admin", "--admin"),
        ] {
            let error = wish(text).expect_err(text);
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
