//! The owner's settings page: what a workspace's pages show, as structures, becomes HTML. It does no I/O, reads no clock,
//! decides nothing and looks nothing up: the router fills the structures, and answers the forms.
//!
//! Every page is whole without a script and without what another origin serves. It keeps to this policy:
//! `default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self';
//! frame-ancestors 'none'; base-uri 'none'`. The router serves [`STYLE`], [`SCRIPT`] and [`ICON`] at their [`paths`].
//!
//! # Pages
//! | path | page |
//! |---|---|
//! | `/workspaces/{workspace}` | [`WebhookPage`] of the first webhook |
//! | `/workspaces/{workspace}/webhooks/{webhook}` | [`WebhookPage`] |
//! | `…/webhooks/{webhook}/requests` | [`RequestsPage`] |
//! | `…/webhooks/{webhook}/requests/{id}` | [`RequestPage`], by [`Row::id`] |
//! | `…/webhooks/{webhook}/preview?chat={chat}` | [`PreviewPage`] |
//! | `/workspaces/{workspace}/webhooks`, and `/workspaces/{workspace}` without a webhook | [`AddPage`] |
//! | `/workspaces/{workspace}/accounts`, and `?account={id}` with the form of one | [`AccountsPage`] |
//! | a portal link, and every refusal | [`SmallPage`] |
//!
//! # Forms
//! Plain POSTs, `application/x-www-form-urlencoded`, to `/workspaces/{workspace}/webhooks/{webhook}/{action}`
//! ([`Action`]), each with the session's token in `csrf`. A portal link's landing alone has no field: it POSTs to where it
//! is told, and the link is the credential.
//!
//! | action | field | is |
//! |---|---|---|
//! | `save` | `revision` | [`Form::revision`], as it was given |
//! | | `granularity` | `none`, `1h`, `6h`, `12h`, `24h` |
//! | | `url` | text |
//! | | `enabled` | `on`, or not there |
//! | | `time_zone` | text, a name of IANA's |
//! | | `daily_hour` | `0` to `23` |
//! | | `success` | `200`, `2xx` |
//! | | `concurrency` | text, a number |
//! | | `direction` | empty for both, `received`, `sent` |
//! | | `chats` | empty for both, `direct`, `group` |
//! | | `accounts` | text, a phone number in each line |
//! | | `owner_email` | text |
//! | | `header_name`, `header_value` | as often as there are headers and rows for new ones, in pairs; an empty value keeps what a header of that name has, and a pair that is empty says nothing |
//! | | `header_remove` | the name of a header to be taken away, as often as there are |
//! | `enable` | `held` | `deliver`, `discard` |
//! | `switch` | `to` | `on`, `off` |
//! | `secret`, `test` | | |
//! | `resend` | `webhook_id`, `sent_at` | of the request: the delivery's id, and when it was sent (RFC 3339) |
//! | `replay` | `days` | `1`, `3`, `7`, `30`: failed deliveries so many days back |
//! | `flush` | `chat` | the chat's id |
//!
//! A new webhook is sent to `/workspaces/{workspace}/webhooks`: `csrf`, `webhook` (its name; the first has none),
//! `granularity`, `url`, `owner_email`.
//!
//! The accounts' forms are sent to `/workspaces/{workspace}/accounts/{action}` ([`AccountAction`]), each with `csrf` and
//! `revision` ([`AccountsPage::revision`]):
//!
//! | action | field | is |
//! |---|---|---|
//! | `save` | `account` | the id of the account that is changed; empty for a new one |
//! | | `id`, `phone`, `full_name`, `email` | text |
//! | `remove` | `account` | the id of the account |
//! | `links` | `chat_url`, `permalink` | text, a template; empty for none |
//!
//! Each is answered by the page that it was sent from (a resend, by the list of requests), with what has become of it
//! ([`Said`]); the secret and a test's answer are shown on that one page, so it is the answer to the POST itself, with
//! `Cache-Control: no-store`.

mod accounts;
mod activity;
mod add;
mod chart;
mod curl;
mod form;
mod frame;
mod json;
mod moment;
pub mod paths;
mod request;
mod requests;
mod said;
mod secret;
mod small;
mod state;
mod webhook;
mod words;

#[cfg(test)]
mod tests;

pub use accounts::{AccountAction, AccountForm, AccountsPage, LinksForm};
pub use activity::{Happening, What};
pub use add::{ADD_FIELDS, AddPage};
pub use chart::Day;
pub use form::{Coming, Difference, Field, Form};
pub use frame::{Access, Action, Downloads, Frame, Tab};
pub use moment::Clock;
pub use request::{Answer, Row, Tried};
pub use requests::{PreviewPage, RequestPage, RequestsPage};
pub use said::Said;
pub use secret::Secret;
pub use small::{Small, SmallPage};
pub use state::{Disabling, State};
pub use webhook::{Bucket, Gathering, MailRefused, Savings, WebhookPage};

use askama::Template;

/// The style sheet, `text/css`.
pub const STYLE: &str = include_str!("../assets/style.css");
/// The script, `text/javascript`. Nothing needs it: it copies, asks before what cannot be undone, and tells the reader's
/// own time.
pub const SCRIPT: &str = include_str!("../assets/script.js");
/// The sign of the browser's tab, `image/svg+xml`.
pub const ICON: &str = include_str!("../assets/icon.svg");

/// The page as HTML.
pub trait Page {
    fn html(&self) -> String;
}

impl<T: Template> Page for T {
    fn html(&self) -> String {
        // Rendering fails only where writing does, and writing to a String does not.
        self.render().unwrap_or_default()
    }
}
