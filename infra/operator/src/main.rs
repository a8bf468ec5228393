//! What an operator needs beside the AWS CLI: a webhook's settings as the item that the table holds, changes of them, and
//! keys. It calls nobody: it reads its arguments, a file of headers and standard input, and prints.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what it prints is what it is for")]

mod arguments;
mod change;
mod link;
mod stored;

use arguments::{Command, HELP, KeyOf, NewWebhook};
use bundler::{
    id::WebhookId,
    owner::Change,
    settings::Settings,
    signature::{RootSecret, SigningSecret},
    table::{Item, Value, settings::settings_to_item},
    timestamp::Timestamp,
};
use serde_json::{Map, json};
use std::{
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

fn main() -> ExitCode {
    match arguments::parse(lexopt::Parser::from_env()).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("operator: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Help => print!("{HELP}"),
        Command::IngestKey(key_of) => {
            let secret = root_secret()?;
            let key = match key_of {
                KeyOf::Platform => secret.ingest_key(),
                KeyOf::Workspace(workspace) => secret.workspace_ingest_key(&workspace),
            };
            println!("{key}");
        }
        Command::PortalLink(wish) => println!("{}", wish.url(&root_secret()?, now()?, random()?)),
        Command::AdminKey => println!("{}", root_secret()?.admin_key()),
        Command::Webhook(webhook) => {
            let secret = new_secret()?;
            println!("{}", item(webhook, secret.clone())?);
            tell(&secret);
        }
        Command::Beside { table, name, webhook } => {
            let (stored, secret) = (standard_input()?, new_secret()?);
            let change = Change::Add(name, Box::new(settings(webhook, secret.clone())));
            println!("{}", change::transaction(&stored, &table, &change, now()?)?);
            tell(&secret);
        }
        Command::RotateSecret => {
            let (stored, secret, now) = (standard_input()?, new_secret()?, now()?);
            println!("{}", stored::changed(&stored, |settings| settings.rotate(now, secret.clone()))?);
            tell(&secret);
        }
        Command::Headers(headers) => {
            println!("{}", stored::changed(&standard_input()?, |settings| settings.headers = headers)?);
        }
        Command::Change { table, change } => {
            println!("{}", change::transaction(&standard_input()?, &table, &change, now()?)?);
        }
    }
    Ok(())
}

fn standard_input() -> Result<String, String> {
    std::io::read_to_string(std::io::stdin()).map_err(|error| format!("standard input: {error}"))
}

fn root_secret() -> Result<RootSecret, String> {
    RootSecret::parse(&standard_input()?).map_err(|detail| format!("the root secret {detail}"))
}

fn new_secret() -> Result<SigningSecret, String> {
    random().map(SigningSecret::from_bytes)
}

fn random() -> Result<[u8; 32], String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| format!("no random bytes: {error}"))?;
    Ok(bytes)
}

/// Standard output is for the AWS CLI; the secret is for whoever checks the signatures.
fn tell(secret: &SigningSecret) {
    eprintln!("signing secret: {}", secret.reveal());
}

fn now() -> Result<Timestamp, String> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs());
    since.and_then(Timestamp::from_seconds).ok_or_else(|| "the clock is wrong".to_owned())
}

/// The webhook's settings as `aws dynamodb put-item --item` takes them.
fn item(webhook: NewWebhook, secret: SigningSecret) -> Result<serde_json::Value, String> {
    let workspace = webhook.workspace.clone().ok_or("--workspace is missing")?;
    Ok(dynamodb_json(settings_to_item(&workspace, &WebhookId::first(), &settings(webhook, secret))))
}

fn settings(webhook: NewWebhook, secret: SigningSecret) -> Settings {
    let mut settings = Settings::new(webhook.url, webhook.schedule, secret);
    settings.success = webhook.success;
    settings.owner_email = webhook.owner_email;
    settings.headers = webhook.headers;
    settings.filter = webhook.filter;
    settings
}

fn dynamodb_json(item: Item) -> serde_json::Value {
    let mut attributes = Map::new();
    attributes.insert("pk".to_owned(), json!({ "S": item.key.pk }));
    attributes.insert("sk".to_owned(), json!({ "S": item.key.sk }));
    for (name, value) in item.attributes {
        let value = match value {
            Value::Text(text) => json!({ "S": text }),
            Value::Number(number) => json!({ "N": number.to_string() }),
            Value::Bytes(_) => continue, // settings hold none
        };
        attributes.insert(name, value);
    }
    attributes.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_becomes_the_item_that_the_functions_read() {
        let arguments = ["webhook", "--workspace", "acme", "--url", "https://hooks.zapier.com/1", "--every", "6h"];
        let Ok(Command::Webhook(webhook)) = arguments::parse(lexopt::Parser::from_args(arguments)) else {
            panic!("the arguments are right");
        };
        let item = item(webhook, SigningSecret::from_bytes([1; 32])).expect("an item");
        assert_eq!((&item["pk"]["S"], &item["sk"]["S"]), (&json!("hook#acme#default"), &json!("settings")));
        let settings = item["settings"]["S"].as_str().and_then(|text| serde_json::from_str::<Settings>(text).ok());
        assert_eq!(settings.map(|settings| settings.url), Some("https://hooks.zapier.com/1".to_owned()));
    }
}
