//! The operator's command line. Every mistake is named; nothing is guessed.

use bundler::{
    endpoint::{Policy, Reach, Scheme},
    id::WorkspaceId,
    settings::SuccessRule,
    window::Granularity,
};
use lexopt::{
    Arg::{Long, Short, Value},
    Parser, ValueExt,
};

pub(crate) const HELP: &str = "\
operator webhook --workspace ID --url URL --every none|1h|6h|12h|24h [--success 200|2xx] [--owner EMAIL] [--emulator]
    Prints the settings of a workspace's webhook as an item for `aws dynamodb put-item --item`,
    and its new signing secret on standard error. --emulator permits receivers on this machine.
operator ingest-key [--workspace ID]
    Reads the stack's root secret on standard input and prints the key that events are sent with:
    the workspace's own, or the platform's, which opens every workspace.
";

pub(crate) enum Command {
    Help,
    IngestKey(KeyOf),
    Webhook(NewWebhook),
}

/// Whose ingest key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum KeyOf {
    Platform,
    Workspace(WorkspaceId),
}

pub(crate) struct NewWebhook {
    pub(crate) workspace: WorkspaceId,
    pub(crate) url: String,
    pub(crate) granularity: Granularity,
    pub(crate) success: SuccessRule,
    pub(crate) owner_email: Option<String>,
}

pub(crate) fn parse(mut parser: Parser) -> Result<Command, String> {
    let told = |error: lexopt::Error| error.to_string();
    match parser.next().map_err(told)? {
        None | Some(Short('h') | Long("help")) => Ok(Command::Help),
        Some(Value(verb)) if verb == "ingest-key" => ingest_key(parser).map(Command::IngestKey),
        Some(Value(verb)) if verb == "webhook" => webhook(parser).map(Command::Webhook),
        Some(other) => Err(format!("{}; see --help", other.unexpected())),
    }
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

fn webhook(mut parser: Parser) -> Result<NewWebhook, String> {
    let told = |error: lexopt::Error| error.to_string();
    let (mut workspace, mut url, mut granularity) = (None, None, None);
    let (mut success, mut owner_email) = (SuccessRule::Only200, None);
    let mut policy = Policy { scheme: Scheme::HttpsOnly, reach: Reach::Public };
    while let Some(argument) = parser.next().map_err(told)? {
        match argument {
            Long("emulator") => policy = Policy { scheme: Scheme::HttpToo, reach: Reach::Private },
            Long(name @ ("workspace" | "url" | "every" | "success" | "owner")) => {
                let name = name.to_owned();
                let value = parser.value().and_then(ValueExt::string).map_err(told)?;
                match name.as_str() {
                    "workspace" => workspace = Some(self::workspace(&value)?),
                    "every" => granularity = Some(read(&name, &value)?),
                    "success" => success = read(&name, &value)?,
                    "owner" => owner_email = Some(value),
                    _ => url = Some(value),
                }
            }
            other => return Err(format!("{}; see --help", other.unexpected())),
        }
    }
    let url = url.ok_or("--url is missing")?;
    outbound::check(&url, policy).map_err(|failure| format!("--url: {}", failure.detail))?;
    let (workspace, granularity) =
        (workspace.ok_or("--workspace is missing")?, granularity.ok_or("--every is missing")?);
    Ok(NewWebhook { workspace, url, granularity, success, owner_email })
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
    fn an_ingest_key_is_the_platforms_unless_a_workspace_is_named() {
        let check = |arguments: &[&str], expected: Result<KeyOf, &str>| {
            let found = match parse(Parser::from_args(arguments)) {
                Ok(Command::IngestKey(key_of)) => Ok(key_of),
                Ok(Command::Help | Command::Webhook(_)) => panic!("another command"),
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
}
