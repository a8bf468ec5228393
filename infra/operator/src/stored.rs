//! A webhook's settings as they stand in the table: read from what the AWS CLI prints, and changed into the write that
//! it makes. The write is refused if they have become others meanwhile.

use bundler::{header::CustomHeaders, settings::Settings, table::turn::REVISION};
use serde_json::{Value, json};

/// The attribute that holds the settings.
const SETTINGS: &str = "settings";

/// What `aws dynamodb put-item --cli-input-json` takes, from what `aws dynamodb get-item --query Item` prints.
pub(crate) fn changed(stored: &str, change: impl FnOnce(&mut Settings)) -> Result<Value, String> {
    let no_item = "standard input is not a webhook's item, as `aws dynamodb get-item --query Item` prints it";
    let mut item: Value = serde_json::from_str(stored).map_err(|_| no_item)?;
    let read = item.pointer("/settings/S").and_then(Value::as_str).ok_or(no_item)?.to_owned();
    // serde's own words may repeat a secret.
    let mut settings: Settings = serde_json::from_str(&read)
        .map_err(|error| format!("the settings do not read, at column {}", error.column()))?;
    change(&mut settings);
    let written = serde_json::to_string(&settings).map_err(|_| "the settings are not to be written")?;
    item[SETTINGS] = json!({ "S": written });
    // Whoever changes settings and health together looks at this.
    let revision = item.pointer("/revision/N").and_then(Value::as_str).and_then(|number| number.parse::<u64>().ok());
    item[REVISION] = json!({ "N": (revision.unwrap_or(0) + 1).to_string() });
    Ok(json!({
        "Item": item,
        "ConditionExpression": "#settings = :read",
        "ExpressionAttributeNames": { "#settings": SETTINGS },
        "ExpressionAttributeValues": { ":read": { "S": read } },
    }))
}

/// The headers of a file: `Name: value` on each line that is not empty.
pub(crate) fn headers(text: &str) -> Result<CustomHeaders, String> {
    let mut headers = Vec::new();
    for (place, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let (name, value) =
            line.split_once(':').ok_or_else(|| format!("line {} is not a name, a colon and a value", place + 1))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    CustomHeaders::parse(headers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bundler::{signature::SigningSecret, timestamp::Timestamp, window::Granularity};

    fn secret(number: u8) -> SigningSecret {
        SigningSecret::from_bytes([number; 32])
    }

    fn stored() -> (Settings, String) {
        let settings = Settings::new("https://a.org/1".to_owned(), Granularity::Hours1, secret(1));
        let text = serde_json::to_string(&settings).expect("JSON");
        let item = json!({ "sk": { "S": "settings" }, "pk": { "S": "hook#acme#default" }, "settings": { "S": text } });
        (settings, item.to_string())
    }

    #[test]
    fn a_change_is_written_only_over_what_was_read() {
        let (mut settings, item) = stored();
        let now = Timestamp::parse("2026-03-02T09:00:00Z").expect("a moment");
        let write = changed(&item, |settings| settings.rotate(now, secret(2))).expect("a write");
        let text = |pointer: &str| write.pointer(pointer).and_then(Value::as_str).expect(pointer).to_owned();
        assert_eq!(text("/ConditionExpression"), "#settings = :read");
        assert_eq!(text("/ExpressionAttributeNames/#settings"), "settings");
        let settings_of = |text: &str| serde_json::from_str::<Settings>(text).expect("settings");
        assert_eq!(settings_of(&text("/ExpressionAttributeValues/:read/S")), settings);
        assert_eq!((text("/Item/pk/S"), text("/Item/sk/S")), ("hook#acme#default".to_owned(), "settings".to_owned()));
        settings.rotate(now, secret(2));
        assert_eq!(settings_of(&text("/Item/settings/S")), settings);
        assert_eq!(text("/Item/revision/N"), "1");
        let again = changed(&write["Item"].to_string(), |_| {}).expect("a write");
        assert_eq!(again.pointer("/Item/revision/N"), Some(&json!("2")), "it rises with every change");
    }

    #[test]
    fn what_is_no_stored_webhook_is_refused_without_a_word_of_it() {
        let (_, item) = stored();
        let spoilt = item.replace("whsec_", "WHSEC_");
        for wrong in ["", "null", "{}", r#"{"Item":{}}"#, &item[1..], &spoilt, r#"{"settings":{"S":"s3cr3t"}}"#] {
            let error = changed(wrong, |_| {}).expect_err(wrong);
            assert!(!error.contains("s3cr3t") && !error.to_lowercase().contains("whsec"), "{error}");
        }
    }

    #[test]
    fn a_file_holds_a_header_on_each_line_and_a_mistake_is_told_by_its_line_or_name() {
        let read = headers("Authorization: Bearer a:b\r\n\nx-key:1\n").expect("headers");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = [pair("authorization", "Bearer a:b"), pair("x-key", "1")];
        assert_eq!(read.iter().cloned().collect::<Vec<_>>(), expected);
        assert!(headers("\n \n").is_ok_and(|headers| headers.is_empty()));
        for (text, told) in [("x-key: 1\n\ns3cr3t", "line 3"), ("x-key : s3cr3t", "header 1"), ("Host: s3cr3t", "host")]
        {
            let error = headers(text).expect_err(text);
            assert!(error.contains(told) && !error.contains("s3cr3t"), "{error}");
        }
    }
}
