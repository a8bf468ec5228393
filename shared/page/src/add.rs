//! The page on which a webhook is added: the first of a workspace, or another one beside it.

use crate::{
    form::{self, Choice, Field},
    frame::Frame,
    words::Icon,
};
use askama::Template;
use bundler::window::Granularity;

/// What a new webhook has to be told.
#[derive(Debug, Clone, Template)]
#[template(path = "add.html", escape = "html")]
pub struct AddPage {
    /// Its webhook has no name yet.
    pub frame: Frame,
    /// Its name; nothing for the first, which has one.
    pub name: Option<String>,
    pub granularity: Granularity,
    pub url: String,
    pub owner_email: String,
    pub errors: Vec<(Field, String)>,
}

/// The names of the fields that the form can send.
pub const ADD_FIELDS: [&str; 5] = ["csrf", "webhook", "granularity", "url", "owner_email"];

impl AddPage {
    fn title(&self) -> &'static str {
        if self.name.is_some() { "Add a webhook" } else { "Connect your system" }
    }

    fn error(&self, field: Field) -> Option<&str> {
        self.errors.iter().find(|(wrong, _)| *wrong == field).map(|(_, error)| error.as_str())
    }

    fn granularities(&self) -> Vec<Choice> {
        form::granularities(self.granularity)
    }
}
