//! The settings as the form shows them: as they stand, or as somebody has typed them and something is wrong.

use bundler::{
    event::{ChatKind, Direction},
    limits,
    settings::SuccessRule,
    timestamp::Timestamp,
    window::Granularity,
};

/// The settings, or what was typed for them.
#[derive(Debug, Clone)]
pub struct Form {
    /// Of the settings that the page was made from: who saves sends it back. No part of it is shown.
    pub revision: String,
    pub granularity: Granularity,
    pub url: String,
    pub enabled: bool,
    pub time_zone: String,
    /// 0 to 23.
    pub daily_hour: u8,
    pub success: SuccessRule,
    /// Requests at a time.
    pub concurrency: String,
    /// Nothing: both.
    pub direction: Option<Direction>,
    /// Nothing: both.
    pub chats: Option<ChatKind>,
    /// Phone numbers, one in a line. None: all.
    pub accounts: String,
    pub owner_email: String,
    /// The names of the headers that are set. No value of one is ever shown.
    pub headers: Vec<String>,
    /// The names of headers that were typed and not saved, where something is wrong.
    pub typed_headers: Vec<String>,
    pub errors: Vec<(Field, String)>,
}

/// A setting that can be wrong. Its name is the form's name for it, and the id of its element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Of a new webhook.
    Name,
    Granularity,
    Url,
    Enabled,
    TimeZone,
    DailyHour,
    Success,
    Concurrency,
    Direction,
    Chats,
    Accounts,
    OwnerEmail,
    Headers,
    /// Of a WhatsApp account, from here on.
    AccountId,
    Phone,
    FullName,
    Email,
    /// Of the links into a company's own pages.
    ChatUrl,
    Permalink,
}

impl Field {
    pub const ALL: [Self; 19] = [
        Self::Name,
        Self::Granularity,
        Self::Url,
        Self::Enabled,
        Self::TimeZone,
        Self::DailyHour,
        Self::Success,
        Self::Concurrency,
        Self::Direction,
        Self::Chats,
        Self::Accounts,
        Self::OwnerEmail,
        Self::Headers,
        Self::AccountId,
        Self::Phone,
        Self::FullName,
        Self::Email,
        Self::ChatUrl,
        Self::Permalink,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "webhook",
            Self::Granularity => "granularity",
            Self::Url => "url",
            Self::Enabled => "enabled",
            Self::TimeZone => "time_zone",
            Self::DailyHour => "daily_hour",
            Self::Success => "success",
            Self::Concurrency => "concurrency",
            Self::Direction => "direction",
            Self::Chats => "chats",
            Self::Accounts => "accounts",
            Self::OwnerEmail => "owner_email",
            Self::Headers => "headers",
            Self::AccountId => "id",
            Self::Phone => "phone",
            Self::FullName => "full_name",
            Self::Email => "email",
            Self::ChatUrl => "chat_url",
            Self::Permalink => "permalink",
        }
    }

    /// As the page calls it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Granularity => "Aggregation granularity",
            Self::Url => "Webhook URL",
            Self::Enabled => "Webhook enabled",
            Self::TimeZone => "Time zone",
            Self::DailyHour => "Day begins at",
            Self::Success => "What counts as a success",
            Self::Concurrency => "Requests at a time",
            Self::Direction => "Direction",
            Self::Chats => "Chats",
            Self::Accounts => "WhatsApp accounts",
            Self::OwnerEmail => "Owner’s e-mail",
            Self::Headers => "Headers of your own",
            Self::AccountId => "Id of the number",
            Self::Phone => "Phone number",
            Self::FullName => "Team member’s name",
            Self::Email => "Team member’s e-mail",
            Self::ChatUrl => "Link to a chat",
            Self::Permalink => "Link to a message",
        }
    }

    fn is_folded(self) -> bool {
        match self {
            Self::Name
            | Self::Granularity
            | Self::Url
            | Self::Enabled
            | Self::AccountId
            | Self::Phone
            | Self::FullName
            | Self::Email
            | Self::ChatUrl
            | Self::Permalink => false,
            Self::TimeZone
            | Self::DailyHour
            | Self::Success
            | Self::Concurrency
            | Self::Direction
            | Self::Chats
            | Self::Accounts
            | Self::OwnerEmail
            | Self::Headers => true,
        }
    }
}

/// A change of window or clock that has not begun.
#[derive(Debug, Clone)]
pub struct Coming {
    pub granularity: Granularity,
    pub begins: Timestamp,
}

/// A setting that somebody else has saved otherwise while this one was typed.
#[derive(Debug, Clone)]
pub struct Difference {
    pub field: Field,
    /// As words.
    pub yours: String,
    pub theirs: String,
}

/// A choice of several.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
}

fn choice(value: &str, label: &str, is_chosen: bool) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned(), is_chosen }
}

/// In the article's words.
pub(crate) fn granularity_label(granularity: Granularity) -> &'static str {
    match granularity {
        Granularity::None => "Don’t aggregate",
        Granularity::Hours1 => "Every 1 hour",
        Granularity::Hours6 => "Every 6 hours",
        Granularity::Hours12 => "Every 12 hours",
        Granularity::Hours24 => "Every 24 hours",
    }
}

pub(crate) fn granularities(chosen: Granularity) -> Vec<Choice> {
    let all = Granularity::ALL.into_iter();
    all.map(|one| choice(one.name(), granularity_label(one), one == chosen)).collect()
}

impl Form {
    pub(crate) fn error(&self, field: Field) -> Option<&str> {
        self.errors.iter().find(|(wrong, _)| *wrong == field).map(|(_, error)| error.as_str())
    }

    /// Where these settings are other than what is `saved`. Values of headers are on no page, so none is compared.
    pub fn differences(&self, saved: &Self) -> Vec<Difference> {
        let both = self.facts().into_iter().zip(saved.facts());
        let other = both.filter(|((_, yours), (_, theirs))| yours != theirs);
        other.map(|((field, yours), (_, theirs))| Difference { field, yours, theirs }).collect()
    }

    /// Whether what is folded away has to be seen.
    pub(crate) fn is_unfolded(&self) -> bool {
        self.errors.iter().any(|(field, _)| field.is_folded()) || !self.typed_headers.is_empty()
    }

    pub(crate) fn granularities(&self) -> Vec<Choice> {
        granularities(self.granularity)
    }

    pub(crate) fn hours(&self) -> Vec<Choice> {
        (0..24).map(|hour| choice(&hour.to_string(), &format!("{hour:02}:00"), hour == self.daily_hour)).collect()
    }

    pub(crate) fn success_rules(&self) -> Vec<Choice> {
        let is_any = self.accepts_any();
        vec![choice("200", "200 alone", !is_any), choice("2xx", "200 to 299", is_any)]
    }

    pub(crate) fn directions(&self) -> Vec<Choice> {
        let is = |direction| self.direction == direction;
        vec![
            choice("", "Received and sent", is(None)),
            choice("received", "Received only", is(Some(Direction::Received))),
            choice("sent", "Sent only", is(Some(Direction::Sent))),
        ]
    }

    pub(crate) fn chat_kinds(&self) -> Vec<Choice> {
        let is = |kind| self.chats == kind;
        vec![
            choice("", "Direct chats and groups", is(None)),
            choice("direct", "Direct chats only", is(Some(ChatKind::Direct))),
            choice("group", "Groups only", is(Some(ChatKind::Group))),
        ]
    }

    pub(crate) fn accepts_any(&self) -> bool {
        match self.success {
            SuccessRule::Any2xx => true,
            SuccessRule::Only200 => false,
        }
    }

    /// The settings in words, for who may only look.
    pub(crate) fn facts(&self) -> Vec<(Field, String)> {
        let chosen = |choices: Vec<Choice>| {
            choices.into_iter().find(|choice| choice.is_chosen).map_or_else(String::new, |choice| choice.label)
        };
        let or = |text: &str, nothing: &str| if text.trim().is_empty() { nothing } else { text.trim() }.to_owned();
        vec![
            (Field::Granularity, granularity_label(self.granularity).to_owned()),
            (Field::Url, or(&self.url, "None yet")),
            (Field::Enabled, if self.enabled { "Yes" } else { "No" }.to_owned()),
            (Field::TimeZone, self.time_zone.clone()),
            (Field::DailyHour, chosen(self.hours())),
            (Field::Success, chosen(self.success_rules())),
            (Field::Concurrency, self.concurrency.clone()),
            (Field::Direction, chosen(self.directions())),
            (Field::Chats, chosen(self.chat_kinds())),
            (Field::Accounts, or(&self.accounts.lines().collect::<Vec<_>>().join(", "), "All")),
            (Field::OwnerEmail, or(&self.owner_email, "None")),
            (Field::Headers, or(&self.headers.join(", "), "None")),
        ]
    }

    /// Rows for headers that are typed: what was typed, and one to begin with.
    pub(crate) fn header_rows(&self) -> Vec<&str> {
        let rows = self.typed_headers.iter().map(String::as_str).chain([""]);
        rows.take(limits::CUSTOM_HEADERS.saturating_sub(self.headers.len())).collect()
    }
}
