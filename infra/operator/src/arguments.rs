//! The operator's command line. Every mistake is named; nothing is guessed.

use crate::{link, stored};
use bundler::{
    endpoint::{Policy, Reach, Scheme},
    filter::{Filter, Phone},
    header::CustomHeaders,
    health::Enabling,
    id::{WebhookId, WorkspaceId},
    limits,
    owner::Change,
    schedule::{DailyHour, Schedule},
    settings::SuccessRule,
    window::Granularity,
    zone::Zone,
};
use lexopt::{
    Arg::{Long, Short, Value},
    Parser, ValueExt,
};

pub(crate) const HELP: &str = "\
operator webhook --workspace ID --url URL --every none|1h|6h|12h|24h
                 [--time-zone NAME] [--daily-hour 0..23] [--success 200|2xx] [--owner EMAIL]
                 [--headers FILE] [--direction received|sent] [--chats direct|group]
                 [--account PHONE]... [--emulator]
    Prints the settings of a workspace's webhook as an item for `aws dynamodb put-item --item`,
    and its new signing secret on standard error. --emulator permits receivers on this machine.
    Windows are aligned to midnight in the time zone (UTC, or an IANA name such as Europe/Berlin),
    those of 24h to the daily hour, if there is one. The file holds headers of the owner's own for
    every request, `Name: value` on each line; values stay out of the command line. A direction, a
    kind of chats and accounts narrow what it gets.
operator webhook --beside NAME --table NAME --url URL --every ... (the others as above)
    Another webhook of a workspace, up to ten: reads the items of its first one on standard input and
    prints a transaction, both as `change` does. Each gets the messages that it wants.
operator rotate-secret
    Reads a webhook's item on standard input, as `aws dynamodb get-item --query Item` prints it, and
    prints what `aws dynamodb put-item --cli-input-json` takes: the item with a new signing secret,
    which goes to standard error as well, and the condition that nobody has changed it meanwhile.
    The secret before it signs beside the new one for 24 hours.
operator headers FILE
    As rotate-secret does: the item with the headers of the file instead of those that it had.
operator change --table NAME (--enable deliver|start-fresh | --url URL | --concurrency 1..64 | --switch on|off)
                [--emulator]
    Reads a webhook's items on standard input, as `aws dynamodb query --query Items` prints them, and
    prints what `aws dynamodb transact-write-items --cli-input-json` takes: settings and health after
    the change, and the condition that nobody has changed either meanwhile; then ask again. One that
    was disabled delivers what is held for it, or starts fresh and drops it. What is held for another
    URL, or while it was off, goes out.
operator ingest-key [--workspace ID]
    Reads the stack's root secret on standard input and prints the key that events are sent with:
    the workspace's own, or the platform's, which opens every workspace.
operator admin-key
    Reads the stack's root secret on standard input and prints the key that opens every workspace's
    settings, and that alone makes portal links. It sends no events.
operator portal-link --workspace ID --url ORIGIN --minutes 1..720 [--read-only]
    Reads the stack's root secret on standard input and prints a link that opens the workspace's
    settings page, once, for so many minutes; the session that it opens lives as long. ORIGIN is the
    stack's output PortalUrl, or the domain before it. A workspace that is new gets its first webhook
    on that page.
";

/// Where receivers may be: of a deployment in AWS, and of an emulator on this machine.
const OUTSIDE: Policy = Policy { scheme: Scheme::HttpsOnly, reach: Reach::Public };
const EMULATOR: Policy = Policy { scheme: Scheme::HttpToo, reach: Reach::Private };

pub(crate) enum Command {
    Help,
    IngestKey(KeyOf),
    AdminKey,
    PortalLink(link::Wish),
    Webhook(NewWebhook),
    Beside { table: String, name: WebhookId, webhook: NewWebhook },
    RotateSecret,
    Headers(CustomHeaders),
    Change { table: String, change: Change },
}

/// Whose ingest key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum KeyOf {
    Platform,
    Workspace(WorkspaceId),
}

pub(crate) struct NewWebhook {
    /// Nothing of one that is put beside another.
    pub(crate) workspace: Option<WorkspaceId>,
    pub(crate) url: String,
    pub(crate) schedule: Schedule,
    pub(crate) success: SuccessRule,
    pub(crate) owner_email: Option<String>,
    pub(crate) headers: CustomHeaders,
    pub(crate) filter: Filter,
}

pub(crate) fn parse(mut parser: Parser) -> Result<Command, String> {
    let told = |error: lexopt::Error| error.to_string();
    match parser.next().map_err(told)? {
        None | Some(Short('h') | Long("help")) => Ok(Command::Help),
        Some(Value(verb)) if verb == "ingest-key" => ingest_key(parser).map(Command::IngestKey),
        Some(Value(verb)) if verb == "admin-key" => nothing_more(parser).map(|()| Command::AdminKey),
        Some(Value(verb)) if verb == "portal-link" => link::parse(parser).map(Command::PortalLink),
        Some(Value(verb)) if verb == "webhook" => webhook(parser),
        Some(Value(verb)) if verb == "change" => change(parser),
        Some(Value(verb)) if verb == "rotate-secret" => nothing_more(parser).map(|()| Command::RotateSecret),
        Some(Value(verb)) if verb == "headers" => {
            let file = parser.value().and_then(ValueExt::string).map_err(told)?;
            let headers = headers(&file)?;
            nothing_more(parser).map(|()| Command::Headers(headers))
        }
        Some(other) => Err(format!("{}; see --help", other.unexpected())),
    }
}

fn change(mut parser: Parser) -> Result<Command, String> {
    let told = |error: lexopt::Error| error.to_string();
    let (mut table, mut changes, mut policy) = (None, Vec::new(), OUTSIDE);
    while let Some(argument) = parser.next().map_err(told)? {
        match argument {
            Long("emulator") => policy = EMULATOR,
            Long(name @ ("table" | "enable" | "url" | "concurrency" | "switch")) => {
                let name = name.to_owned();
                let value = parser.value().and_then(ValueExt::string).map_err(told)?;
                match name.as_str() {
                    "table" => table = Some(value),
                    "enable" => changes.push(Change::Enable(enabling(&value)?)),
                    "url" => changes.push(Change::Url(value)),
                    "concurrency" => changes.push(Change::Concurrency(concurrency(&value)?)),
                    _ => changes.push(Change::Switch(read(&name, &value)?)),
                }
            }
            other => return Err(format!("{}; see --help", other.unexpected())),
        }
    }
    let table = table.ok_or("--table is missing")?;
    let Some(change) = changes.pop().filter(|_| changes.is_empty()) else {
        return Err("one change at a time: --enable, --url, --concurrency or --switch".to_owned());
    };
    if let Change::Url(url) = &change {
        outbound::check(url, policy).map_err(|failure| format!("--url: {}", failure.detail))?;
    }
    Ok(Command::Change { table, change })
}

fn enabling(value: &str) -> Result<Enabling, String> {
    match value {
        "deliver" => Ok(Enabling::Deliver),
        "start-fresh" => Ok(Enabling::StartFresh),
        _ => Err("--enable is deliver or start-fresh".to_owned()),
    }
}

fn concurrency(value: &str) -> Result<u16, String> {
    let number = value.parse().ok().filter(|number| (1..=limits::CONCURRENCY_MAX).contains(number));
    number.ok_or_else(|| format!("--concurrency is 1 to {}", limits::CONCURRENCY_MAX))
}

fn nothing_more(mut parser: Parser) -> Result<(), String> {
    match parser.next().map_err(|error| error.to_string())? {
        None => Ok(()),
        Some(other) => Err(format!("{}; see --help", other.unexpected())),
    }
}

fn headers(file: &str) -> Result<CustomHeaders, String> {
    let told = |detail: String| format!("the file of headers: {detail}");
    let text = std::fs::read_to_string(file).map_err(|error| told(error.to_string()))?;
    stored::headers(&text).map_err(told)
}

fn ingest_key(mut parser: Parser) -> Result<KeyOf, String> {
    let told = |error: lexopt::Error| error.to_string();
    let mut key_of = KeyOf::Platform;
    while let Some(argument) = parser.next().map_err(told)? {
        match argument {
            Long("workspace") => {
                let id = parser.value().and_then(ValueExt::string).map_err(told)?;
                key_of = KeyOf::Workspace(workspace(&id)?);
            }
            other => return Err(format!("{}; see --help", other.unexpected())),
        }
    }
    Ok(key_of)
}

fn webhook(mut parser: Parser) -> Result<Command, String> {
    let told = |error: lexopt::Error| error.to_string();
    let (mut workspace, mut url, mut granularity) = (None, None, None);
    let (mut zone, mut daily_hour) = (Zone::UTC, None);
    let (mut success, mut owner_email, mut own_headers) = (SuccessRule::Only200, None, CustomHeaders::default());
    let (mut filter, mut accounts, mut beside, mut table) = (Filter::default(), Vec::new(), None, None);
    let mut policy = OUTSIDE;
    while let Some(argument) = parser.next().map_err(told)? {
        match argument {
            Long("emulator") => policy = EMULATOR,
            Long(
                name @ ("workspace" | "url" | "every" | "time-zone" | "daily-hour" | "success" | "owner" | "headers"
                | "direction" | "chats" | "account" | "beside" | "table"),
            ) => {
                let name = name.to_owned();
                let value = parser.value().and_then(ValueExt::string).map_err(told)?;
                match name.as_str() {
                    "workspace" => workspace = Some(self::workspace(&value)?),
                    "every" => granularity = Some(read(&name, &value)?),
                    "time-zone" => zone = Zone::parse(&value).map_err(|detail| format!("--time-zone {detail}"))?,
                    "daily-hour" => {
                        daily_hour = Some(DailyHour::parse(&value).map_err(|detail| format!("--daily-hour {detail}"))?);
                    }
                    "success" => success = read(&name, &value)?,
                    "owner" => owner_email = Some(value),
                    "headers" => own_headers = headers(&value)?,
                    "direction" => filter.direction = Some(read(&name, &value)?),
                    "chats" => filter.chats = Some(read(&name, &value)?),
                    "account" => {
                        accounts.push(Phone::parse(&value).map_err(|detail| format!("--account {detail}"))?);
                    }
                    "beside" => {
                        beside = Some(WebhookId::parse(&value).map_err(|detail| format!("--beside {detail}"))?);
                    }
                    "table" => table = Some(value),
                    _ => url = Some(value),
                }
            }
            other => return Err(format!("{}; see --help", other.unexpected())),
        }
    }
    let url = url.ok_or("--url is missing")?;
    outbound::check(&url, policy).map_err(|failure| format!("--url: {}", failure.detail))?;
    let schedule = schedule(granularity.ok_or("--every is missing")?, zone, daily_hour)?;
    let filter = filter.of_accounts(accounts).map_err(|detail| format!("--account {detail}"))?;
    let headers = own_headers;
    let webhook = NewWebhook { workspace, url, schedule, success, owner_email, headers, filter };
    match (beside, table, &webhook.workspace) {
        (None, None, Some(_)) => Ok(Command::Webhook(webhook)),
        (Some(name), Some(table), None) => Ok(Command::Beside { table, name, webhook }),
        (Some(_), _, Some(_)) => Err("--workspace is that of the items, with --beside".to_owned()),
        (Some(_), None, None) => Err("--table is missing".to_owned()),
        (None, Some(_), _) => Err("--table is for --beside".to_owned()),
        (None, None, None) => Err("--workspace is missing".to_owned()),
    }
}

/// What would have no effect is a mistake.
fn schedule(granularity: Granularity, zone: Zone, daily_hour: Option<DailyHour>) -> Result<Schedule, String> {
    if granularity == Granularity::None && zone != Zone::UTC {
        return Err("--time-zone is for what is gathered, not for --every none".to_owned());
    }
    if granularity != Granularity::Hours24 && daily_hour.is_some() {
        return Err("--daily-hour is for --every 24h".to_owned());
    }
    Ok(Schedule { granularity, zone, daily_hour: daily_hour.unwrap_or(DailyHour::MIDNIGHT) })
}

fn workspace(value: &str) -> Result<WorkspaceId, String> {
    WorkspaceId::parse(value).map_err(|detail| format!("--workspace {detail}"))
}

/// A value in the words that settings are stored in.
fn read<T: serde::de::DeserializeOwned>(name: &str, value: &str) -> Result<T, String> {
    serde_json::from_value(value.into()).map_err(|error| format!("--{name}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bundler::{event::ChatKind, settings::Switch};

    #[test]
    fn a_mistake_is_named() {
        let right = ["webhook", "--workspace", "acme", "--url", "https://a.org", "--every", "1h"];
        assert!(matches!(parse(Parser::from_args(right)), Ok(Command::Webhook(_))));
        for (index, wrong, name) in [
            (2, "a b", "--workspace"),
            (4, "http://a.org", "--url"),
            (4, "https://127.0.0.1", "--url"),
            (6, "2h", "--every"),
        ] {
            let mut arguments = right;
            arguments[index] = wrong;
            let error = parse(Parser::from_args(arguments)).err().unwrap_or_default();
            assert!(error.contains(name), "{error}");
        }
        for missing in [&right[..5], &right[..3], &["webhook"]] {
            assert!(parse(Parser::from_args(missing)).is_err_and(|error| error.contains("missing")));
        }
        assert!(parse(Parser::from_args(["nonsense"])).is_err());
    }

    #[test]
    fn another_webhook_stands_beside_the_first_and_gets_what_it_wants() {
        let common = ["webhook", "--url", "https://a.org", "--every", "1h"];
        let with = |more: &[&str]| match parse(Parser::from_args([&common[..], more].concat())) {
            Ok(Command::Beside { table, name, webhook }) => Ok((table, name.to_string(), webhook.filter)),
            Ok(_) => Err("another command".to_owned()),
            Err(error) => Err(error),
        };
        let beside = ["--beside", "crm", "--table", "t", "--chats", "group", "--account", "+1 555 0001"];
        let (table, name, filter) = with(&beside).expect("it is right");
        assert_eq!((table.as_str(), name.as_str(), filter.chats), ("t", "crm", Some(ChatKind::Group)));
        assert_eq!((filter.direction, filter.accounts().len()), (None, 1));
        for (wrong, named) in [
            (&["--beside", "crm"][..], "--table"),
            (&["--beside", "c r m", "--table", "t"], "--beside"),
            (&["--beside", "crm", "--table", "t", "--workspace", "acme"], "--workspace"),
            (&["--workspace", "acme", "--table", "t"], "--table"),
            (&["--workspace", "acme", "--chats", "all"], "--chats"),
            (&["--workspace", "acme", "--direction", "up"], "--direction"),
            (&["--workspace", "acme", "--account", "John"], "--account"),
        ] {
            assert!(with(wrong).is_err_and(|error| error.contains(named)), "{wrong:?}");
        }
    }

    #[test]
    fn a_change_is_one_and_is_checked() {
        let check = |more: &[&str]| match parse(Parser::from_args([&["change", "--table", "t"], more].concat())) {
            Ok(Command::Change { table, change }) => Ok((table, change)),
            Ok(_) => unreachable!("another command"),
            Err(error) => Err(error),
        };
        for (name, value, change) in [
            ("--enable", "deliver", Change::Enable(Enabling::Deliver)),
            ("--enable", "start-fresh", Change::Enable(Enabling::StartFresh)),
            ("--url", "https://a.org", Change::Url("https://a.org".to_owned())),
            ("--concurrency", "64", Change::Concurrency(64)),
            ("--switch", "off", Change::Switch(Switch::Off)),
        ] {
            assert!(check(&[name, value]) == Ok(("t".to_owned(), change)), "{name} {value}");
        }
        for (name, value) in [
            ("--enable", "all"),
            ("--url", "http://a.org"),
            ("--concurrency", "65"),
            ("--concurrency", "0"),
            ("--switch", "up"),
        ] {
            assert!(check(&[name, value]).is_err_and(|error| error.contains(name)), "{name} {value}");
        }
        for not_one in [&[][..], &["--switch", "off", "--enable", "deliver"]] {
            assert!(check(not_one).is_err_and(|error| error.contains("one change")), "{not_one:?}");
        }
    }

    #[test]
    fn an_ingest_key_is_the_platforms_unless_a_workspace_is_named() {
        let check = |arguments: &[&str], expected: Result<KeyOf, &str>| {
            let found = match parse(Parser::from_args(arguments)) {
                Ok(Command::IngestKey(key_of)) => Ok(key_of),
                Ok(_) => panic!("another command"),
                Err(error) => Err(error),
            };
            match (found, expected) {
                (Err(error), Err(named)) => assert!(error.contains(named), "{error}"),
                (found, expected) => assert_eq!(found, expected.map_err(str::to_owned)),
            }
        };
        let acme = WorkspaceId::parse("acme").expect("an id");
        check(&["ingest-key"], Ok(KeyOf::Platform));
        check(&["ingest-key", "--workspace", "acme"], Ok(KeyOf::Workspace(acme)));
        check(&["ingest-key", "--workspace", "a b"], Err("--workspace"));
        check(&["ingest-key", "--workspace"], Err("--workspace"));
        check(&["ingest-key", "acme"], Err("acme"));
    }

    #[test]
    fn the_admin_key_is_nobodys_in_particular() {
        assert!(matches!(parse(Parser::from_args(["admin-key"])), Ok(Command::AdminKey)));
        let more = parse(Parser::from_args(["admin-key", "--workspace", "acme"]));
        assert!(more.is_err_and(|error| error.contains("--workspace")));
    }

    #[test]
    fn a_time_zone_and_an_hour_of_the_day_are_checked() {
        let with = |every: &str, more: &[&str]| {
            let common = ["webhook", "--workspace", "acme", "--url", "https://a.org", "--every", every];
            match parse(Parser::from_args([&common[..], more].concat())) {
                Ok(Command::Webhook(webhook)) => Ok(String::from(webhook.schedule)),
                Ok(_) => unreachable!("another command"),
                Err(error) => Err(error),
            }
        };
        let told = |words: &str| Ok(words.to_owned());
        assert_eq!(with("24h", &["--time-zone", "Europe/Berlin", "--daily-hour", "18"]), told("24h Europe/Berlin 18"));
        assert_eq!(with("6h", &["--time-zone", "Asia/Kathmandu"]), told("6h Asia/Kathmandu"));
        assert_eq!(with("24h", &["--daily-hour", "0"]), told("24h"));
        for (every, name, value) in [
            ("24h", "--time-zone", "Europe/Atlantis"),
            ("24h", "--time-zone", "europe/berlin"),
            ("24h", "--daily-hour", "24"),
            ("24h", "--daily-hour", "6pm"),
            ("12h", "--daily-hour", "18"),
            ("none", "--time-zone", "Europe/Berlin"),
        ] {
            let error = with(every, &[name, value]).expect_err(value);
            assert!(error.starts_with(name), "{error}");
        }
    }
}
