//! What a person reads of a message, for each type that there is. `infra/message-types.md` shows all of them.

use super::fields::{first, list, number, text};
use crate::upstream::{
    event::number as e164,
    phrases::{self, joined},
};
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Write};

/// The words of a message, with what is said of where they come from.
pub(super) fn of(message: &Value) -> String {
    let words = words(message);
    let context = &message["context"];
    let is_forwarded = context["forwarded"] == true || context["frequently_forwarded"] == true;
    let words = if is_forwarded { phrases::forwarded(&words) } else { words };
    let product = about("About the product ", text(&context["referred_product"], "product_retailer_id"));
    joined([words.as_str(), &product, &referral(&message["referral"])], "\n")
}

fn words(message: &Value) -> String {
    let kind = text(message, "type");
    let content = &message[kind];
    match kind {
        "text" => text(content, "body").to_owned(),
        "image" => media(content, "An image"),
        "video" => media(content, "A video"),
        "audio" | "voice" => media(content, "A recording"),
        "document" => media(content, "A document"),
        "sticker" => media(content, "A sticker"),
        "location" => location(content),
        "contacts" => contacts(list(message, "contacts")),
        "interactive" => interactive(content),
        "button" => text(content, "text").to_owned(),
        "reaction" => match text(content, "emoji") {
            "" => "Took back a reaction".to_owned(),
            emoji => format!("Reacted with {emoji}"),
        },
        "order" => order(content),
        "system" => system(message, content),
        "request_welcome" => "Opened the chat for the first time".to_owned(),
        "template" => about("A template message: ", text(content, "name")),
        "edit" => edited(&content["message"]),
        "revoke" => "Deleted a message".to_owned(),
        "unsupported" | "unknown" | "errors" => unsupported(message, content),
        new => unknown(new),
    }
}

/// What a message says now. Of a file it is the words below it, which come without the file.
fn edited(message: &Value) -> String {
    let caption = text(&message[text(message, "type")], "caption");
    let now = if caption.is_empty() { words(message) } else { caption.to_owned() };
    joined(["Edited a message", &now], ": ")
}

/// The words below a file. Without its id there is no file to see, so that it has to be told.
fn media(content: &Value, what: &str) -> String {
    let lost =
        if text(content, "id").is_empty() { format!("{what} that WhatsApp did not hand on") } else { String::new() };
    joined([lost.as_str(), text(content, "caption")], "\n")
}

fn location(content: &Value) -> String {
    let at = number(content, "latitude").zip(number(content, "longitude"));
    let place = phrases::location(text(content, "name"), text(content, "address"), at);
    joined([place.as_str(), text(content, "url")], "\n")
}

/// A line for each: the name, and how the person is reached.
fn contacts(contacts: &[Value]) -> String {
    let line = |contact: &Value| {
        let name = &contact["name"];
        let parts = joined([text(name, "first_name"), text(name, "last_name")], " ");
        let name = [text(name, "formatted_name"), &parts].into_iter().find(|name| !name.is_empty()).map(str::to_owned);
        let phones = list(contact, "phones").iter().map(|phone| e164(first(phone, &["phone", "wa_id"])));
        let emails = list(contact, "emails").iter().map(|email| text(email, "email").to_owned());
        let reached: Vec<String> = phones.chain(emails).collect();
        let reached = joined(reached.iter().map(String::as_str), ", ");
        let name = name.unwrap_or_default();
        format!("Contact: {}", joined([name.as_str(), text(&contact["org"], "company"), &reached], ", "))
    };
    contacts.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn interactive(content: &Value) -> String {
    let kind = text(content, "type");
    let answer = &content[kind];
    match kind {
        "button_reply" => text(answer, "title").to_owned(),
        "list_reply" => joined([text(answer, "title"), text(answer, "description")], "\n"),
        "nfm_reply" => form(answer),
        // What a business has sent: a question with buttons, a list, products.
        _ => {
            let parts =
                [text(&content["header"], "text"), text(&content["body"], "text"), text(&content["footer"], "text")];
            match joined(parts, "\n") {
                said if said.is_empty() => "An interactive message".to_owned(),
                said => said,
            }
        }
    }
}

/// A form that was filled in: a line for each answer. Its token is nothing to read.
fn form(answer: &Value) -> String {
    let answers: Value = serde_json::from_str(text(answer, "response_json")).unwrap_or_default();
    let said = answers.as_object().into_iter().flatten().filter(|(name, _)| *name != "flow_token");
    let line = |(name, value): (&String, &Value)| {
        format!("{name}: {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let lines: Vec<String> = said.map(line).collect();
    joined([first(answer, &["body", "name"]), lines.join("\n").as_str()], "\n")
}

/// What was ordered, and what it comes to in each currency.
fn order(content: &Value) -> String {
    let mut lines = vec!["Order".to_owned()];
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    for item in list(content, "product_items") {
        let (name, currency) = (text(item, "product_retailer_id"), text(item, "currency"));
        let quantity = number(item, "quantity").unwrap_or(1.0);
        let mut line = format!("{quantity} x {name}");
        if let Some(price) = number(item, "item_price") {
            // Writing to a String does not fail.
            let _ = write!(line, " at {}", money(price, currency));
            *sums.entry(currency).or_default() += price * quantity;
        }
        lines.push(line);
    }
    lines.extend(sums.into_iter().map(|(currency, sum)| format!("Sum: {}", money(sum, currency))));
    joined(lines.iter().map(String::as_str).chain([text(content, "text")]), "\n")
}

fn money(amount: f64, currency: &str) -> String {
    joined([format!("{amount:.2}").as_str(), currency], " ")
}

fn system(message: &Value, content: &Value) -> String {
    match text(content, "type") {
        "user_changed_number" | "customer_changed_number" => {
            let (old, new) = (e164(text(message, "from")), e164(first(content, &["wa_id", "new_wa_id"])));
            match (old.as_str(), new.as_str()) {
                ("", "") => "Changed their number".to_owned(),
                ("", new) => format!("Changed their number to {new}"),
                (old, "") => format!("Changed their number, which was {old}"),
                (old, new) => format!("Changed their number from {old} to {new}"),
            }
        }
        "user_changed_user_id" => "WhatsApp knows this person by another id from now on".to_owned(),
        "customer_identity_changed" => "Uses WhatsApp on another device from now on".to_owned(),
        _ => match text(content, "body") {
            "" => "A notice of WhatsApp's".to_owned(),
            body => body.to_owned(),
        },
    }
}

fn unsupported(message: &Value, content: &Value) -> String {
    let kind = text(content, "type");
    let error = list(message, "errors").first().unwrap_or(&Value::Null);
    let details = match first(&error["error_data"], &["details"]) {
        "" => first(error, &["title", "message"]),
        details => details,
    };
    let why = if kind.is_empty() { details } else { kind };
    format!("A message that WhatsApp does not hand on{}", about(": ", why))
}

/// A type that has come since this was written. What stands for it is upstream's own word, as far as it is one.
fn unknown(kind: &str) -> String {
    let is_word = kind.len() <= 64 && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    format!("A message of a kind that is not known yet{}", about(": ", if is_word { kind } else { "" }))
}

fn referral(referral: &Value) -> String {
    let from = joined([text(referral, "headline"), text(referral, "source_url")], " ");
    about(if text(referral, "source_type") == "post" { "Came from a post: " } else { "Came from an ad: " }, &from)
}

/// Nothing about nothing.
fn about(what: &str, said: &str) -> String {
    if said.is_empty() { String::new() } else { format!("{what}{said}") }
}
