//! The list of requests, one of them opened, and what a chat's next delivery would be.

use crate::{
    frame::{Action, Frame},
    json, moment,
    request::{self, Row, Tried},
    said::Said,
    webhook::Bucket,
    words::{self, Icon},
};
use askama::Template;
use bundler::mail::Count;

/// The last requests, up to 100.
#[derive(Debug, Clone, Template)]
#[template(path = "requests.html", escape = "html")]
pub struct RequestsPage {
    pub frame: Frame,
    pub said: Option<Said>,
    /// Latest first.
    pub rows: Vec<Row>,
}

/// One request, whole.
#[derive(Debug, Clone, Template)]
#[template(path = "request.html", escape = "html")]
pub struct RequestPage {
    pub frame: Frame,
    pub said: Option<Said>,
    pub tried: Tried,
    /// A test is not a delivery, and cannot be sent again.
    pub is_test: bool,
}

/// The exact documents that a chat's bucket would be, were it closed now.
#[derive(Debug, Clone, Template)]
#[template(path = "preview.html", escape = "html")]
pub struct PreviewPage {
    pub frame: Frame,
    pub bucket: Bucket,
    /// In order.
    pub documents: Vec<String>,
}

impl RequestsPage {
    fn headline(&self) -> String {
        match self.rows.len() {
            0 => "None yet".to_owned(),
            rows => format!("The last {}", moment::counted(rows as u64, "request", "requests")),
        }
    }
}
