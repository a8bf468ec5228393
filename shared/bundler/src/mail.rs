//! What an owner is told by e-mail: the facts, the mail that is made of them, and what the mail service says to it.
//! How a mail reads is not decided here: whoever sends one is handed a [`Compose`].

use crate::{
    attempt::ErrorClass,
    id::{WebhookId, WorkspaceId},
    timestamp::Timestamp,
    zone::Zone,
};
use std::fmt;

/// Makes a mail of a notice.
pub type Compose = fn(&Notice) -> Mail;

/// What an owner is told, and of which webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub news: News,
    pub workspace: WorkspaceId,
    pub webhook: WebhookId,
    /// The receiver's host, as [`host_of`] its URL; nothing else of the URL is for a mail.
    pub host: Option<String>,
    /// The clock that the owner reads.
    pub zone: Zone,
    /// The platform that the webhook belongs to, by its name.
    pub platform: String,
    /// Where the owner opens the webhook's settings, if the deployment says where.
    pub settings_link: Option<String>,
}

/// What has happened to a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It fails, and is not disabled yet.
    Warning {
        /// When the first of these errors was.
        since: Timestamp,
        /// In a row.
        errors: u32,
        last_error: LastError,
        next_try: Timestamp,
        /// So many errors in a row disable it.
        disabling_errors: u32,
    },
    /// It gets nothing more until its owner enables it.
    Disabled {
        /// When the first of these errors was.
        since: Timestamp,
        cause: Cause,
        held: Count,
    },
    /// It takes deliveries again.
    Recovered {
        /// When the first error was.
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

/// Why a webhook was disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// So many in a row.
    Errors { errors: u32, last_error: LastError },
    /// The receiver answered 410: it asks for no more.
    Gone,
}

/// What a webhook's recovery was, and how many deliveries are being sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// It was failing, and has taken a delivery.
    TookADelivery { released: Count },
    /// Its owner enabled it, and wants what was held.
    Enabled { released: Count },
    /// Its owner enabled it, and wants nothing of what was held.
    StartedFresh,
}

/// The last of a row of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastError {
    pub class: ErrorClass,
    /// If there was an answer.
    pub status: Option<u16>,
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

/// What the mail service says to a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailOutcome {
    /// It will try to deliver it. An address that bounces is found out later.
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
