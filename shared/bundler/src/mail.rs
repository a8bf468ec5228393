//! What an owner is told by e-mail: the facts, the mail that is made of them, and what the mail service says to it.
//! How a mail reads is not decided here: whoever sends one is handed a [`Compose`].

use crate::{
    health::{LastError, Notice, NoticeKind, Verdict, Why},
    id::{WebhookId, WorkspaceId},
    timestamp::Timestamp,
    zone::Zone,
};
use std::fmt;

/// Makes a mail of a letter.
pub type Compose = fn(&Letter) -> Mail;

/// What an owner is told, and of which webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub news: News,
    pub workspace: WorkspaceId,
    pub webhook: WebhookId,
    /// The receiver's host, as [`host_of`] its URL; nothing else of the URL is for a mail.
    pub host: Option<String>,
    /// The clock that the owner reads.
    pub zone: Zone,
    /// The platform that the webhook belongs to, by its name.
    pub platform: String,
    /// Where the owner opens the webhook's settings, as [`settings_link`].
    pub settings_link: Option<String>,
}

/// What has happened to a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// It fails, and is not disabled yet.
    Warning {
        /// When the first of these errors was.
        since: Timestamp,
        /// In a row.
        errors: u32,
        last_error: Option<LastError>,
        next_try: Timestamp,
        /// At so many errors in a row it is disabled.
        disable_at: u32,
    },
    /// It gets nothing more until its owner enables it.
    Disabled {
        /// When the first of these errors was.
        since: Timestamp,
        why: Why,
        errors: u32,
        last_error: Option<LastError>,
        held: Count,
    },
    /// It takes deliveries again.
    Recovered {
        /// When it began to take none.
        since: Timestamp,
        at: Timestamp,
        how: Recovery,
    },
    /// It has been disabled for so long that nothing more is stored for it.
    Stopped {
        /// When it was disabled.
        disabled: Timestamp,
    },
}

/// How a webhook recovered, and how many deliveries are being sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// It was failing, and has taken a delivery.
    TookADelivery { released: Count },
    /// Its owner enabled it, and wants what was held.
    Enabled { released: Count },
    /// Its owner enabled it, and wants nothing of what was held.
    StartedFresh,
}

impl News {
    /// The news that an owed notice is, of a webhook for which so many deliveries are held now.
    pub fn of(notice: &Notice, disable_at: u32, held: Count) -> Self {
        let Notice { kind, at, errors, last_error, .. } = *notice;
        let since = notice.since.unwrap_or(at);
        match kind {
            NoticeKind::Warning => {
                Self::Warning { since, errors, last_error, next_try: notice.next.unwrap_or(at), disable_at }
            }
            NoticeKind::Disabled => {
                let is_gone = last_error.is_some_and(|error| error.status == Verdict::GONE);
                let why = if is_gone { Why::Gone } else { Why::Errors };
                Self::Disabled { since, why, errors, last_error, held }
            }
            NoticeKind::Recovered => Self::Recovered { since, at, how: Recovery::TookADelivery { released: held } },
            NoticeKind::Enabled => Self::Recovered { since, at, how: Recovery::Enabled { released: held } },
            NoticeKind::StartedFresh => Self::Recovered { since, at, how: Recovery::StartedFresh },
            NoticeKind::Stopped => Self::Stopped { disabled: since },
        }
    }
}

/// How many deliveries, as far as they were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    Exactly(u64),
    MoreThan(u64),
}

/// A mail, ready to go: the same in text and in HTML. Its subject has no line breaks. Content never shows in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Whose mail it is. It has no `Debug`, because of the address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Addressee<'a> {
    pub address: &'a str,
    /// The webhook that its owner is told of, by which the mail service names the mail later.
    pub workspace: &'a WorkspaceId,
    pub webhook: &'a WebhookId,
}

/// What the mail service says to a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailOutcome {
    /// It will try to deliver it. That it could not is a [`Bounce`](crate::bounce::Bounce) later.
    Accepted,
    /// It will not take this mail to this address, however often it is asked.
    Refused { code: String },
    /// This deployment sends no mails.
    Off,
}

/// The host that a URL names, without user, port, path and query. None where there is none that is plainly a host: what
/// does not parse must not show in a mail.
pub fn host_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    (!host.is_empty() && host.len() <= 253 && host.bytes().all(is_plain)).then(|| host.to_ascii_lowercase())
}

/// Where the owner of a webhook opens its settings: the deployment's link with the webhook's names put in. They need no
/// escaping, because ids hold nothing that a URL would read. None where the deployment has no link.
pub fn settings_link(template: &str, workspace: &WorkspaceId, webhook: &WebhookId) -> Option<String> {
    let link = template.replace("{workspace}", workspace.as_str()).replace("{webhook}", webhook.as_str());
    (!link.is_empty()).then_some(link)
}

impl fmt::Debug for Mail {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Mail({} bytes)", self.subject.len() + self.text.len() + self.html.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        attempt::ErrorClass,
        health::{Enabling, Health, Patience},
    };

    const HELD: Count = Count::Exactly(2);

    fn at(minute: u64) -> Timestamp {
        Timestamp::EPOCH.plus(std::time::Duration::from_secs(60 * minute))
    }

    fn failed(health: &Health, status: u16, minute: u64) -> Health {
        let verdict = Verdict::NotTaken { class: ErrorClass::Status, status: Some(status), not_before: None };
        health.after(health.seen(), verdict, at(minute), &Patience::default(), 500).expect("an error counts")
    }

    /// After an error a minute, from the first minute on.
    fn failing(errors: u64) -> Health {
        (1..=errors).fold(Health::default(), |health, minute| failed(&health, 500, minute))
    }

    fn last_news(health: &Health) -> Option<News> {
        health.owed.last().map(|notice| News::of(notice, 11, HELD))
    }

    #[test]
    fn what_a_webhooks_health_owes_is_news_with_its_own_facts() {
        let last_error = |minute, status| Some(LastError { at: at(minute), class: ErrorClass::Status, status });
        let warned = failing(5);
        let Some(News::Warning { since, errors: 5, last_error: error, next_try, disable_at: 11 }) = last_news(&warned)
        else {
            panic!("{:?}", last_news(&warned));
        };
        assert_eq!((since, error), (at(1), last_error(5, Some(500))));
        assert!(next_try > at(5));
        let disabled = failing(11);
        let news = |why, last_error, errors| News::Disabled { since: at(1), why, errors, last_error, held: HELD };
        assert_eq!(last_news(&disabled), Some(news(Why::Errors, last_error(11, Some(500)), 11)));
        let gone = failed(&failing(1), 410, 2);
        assert_eq!(last_news(&gone), Some(news(Why::Gone, last_error(2, Some(410)), 2)));
        let stopped = disabled.stopped(at(30 * 1_440)).expect("it is stopped");
        assert_eq!(last_news(&stopped), Some(News::Stopped { disabled: at(11) }));
    }

    #[test]
    fn a_recovery_says_whether_a_delivery_or_the_owner_brought_it_about() {
        let (warned, disabled) = (failing(5), failing(11));
        let taken = warned.after(warned.seen(), Verdict::Taken, at(6), &Patience::default(), 500);
        let news = |since, minute, how| Some(News::Recovered { since: at(since), at: at(minute), how });
        let took = Recovery::TookADelivery { released: HELD };
        assert_eq!(last_news(&taken.expect("a recovery")), news(1, 6, took));
        let enabled = Recovery::Enabled { released: HELD };
        assert_eq!(last_news(&disabled.enabled(Enabling::Deliver, at(20))), news(11, 20, enabled));
        let fresh = disabled.enabled(Enabling::StartFresh, at(20));
        assert_eq!(last_news(&fresh), news(11, 20, Recovery::StartedFresh));
    }

    #[test]
    fn of_a_url_a_mail_holds_the_host_and_nothing_else() {
        for (url, host) in [
            ("https://hooks.example.org/catch/1?token=s3cr3t", "hooks.example.org"),
            ("https://user:p4ss@Hooks.Example.org:8443/1", "hooks.example.org"),
            ("https://hooks.example.org?token=s3cr3t", "hooks.example.org"),
            ("https://hooks.example.org#token=s3cr3t", "hooks.example.org"),
            ("http://a@b@hooks.example.org", "hooks.example.org"),
        ] {
            assert_eq!(host_of(url).as_deref(), Some(host), "{url}");
        }
        for url in ["", "hooks.example.org/secret", "https://", "https:///secret", "https://a b/", "https://s3cr%74/"] {
            assert_eq!(host_of(url), None, "{url}");
        }
    }

    #[test]
    fn a_link_to_the_settings_names_the_webhook_where_the_deployment_wants_it_named() {
        let workspace = WorkspaceId::parse("acme").expect("a workspace");
        let link = |template: &str| settings_link(template, &workspace, &WebhookId::first());
        let named = link("https://app.example.com/{workspace}/webhooks?id={webhook}");
        assert_eq!(named.as_deref(), Some("https://app.example.com/acme/webhooks?id=default"));
        assert_eq!(link("https://app.example.com/").as_deref(), Some("https://app.example.com/"));
        assert_eq!(link(""), None);
    }

    #[test]
    fn a_mail_does_not_show_what_it_says() {
        let mail = Mail { subject: "hooks".to_owned(), text: "hooks".to_owned(), html: "hooks".to_owned() };
        assert_eq!(format!("{mail:?}"), "Mail(15 bytes)");
    }
}
