//! `template.yaml` and the code agree. It is read as lines: what is checked stands on lines of its own.

use super::{check, files, read};
use bundler::{health::Patience, limits};
use std::collections::{BTreeMap, BTreeSet};

/// A section's entries by name: the line above each, and the lines below it.
fn section(title: &str) -> BTreeMap<String, (String, Vec<String>)> {
    let template = read("template.yaml");
    let lines: Vec<&str> = template.lines().collect();
    let start = lines.iter().position(|line| *line == title).expect(title);
    let mut entries: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    let mut current = None;
    for (above, line) in lines.iter().zip(&lines[1..]).skip(start) {
        if !line.is_empty() && !line.starts_with([' ', '#']) {
            break;
        }
        let is_name = line.starts_with("  ") && !line.starts_with("   ") && !line.trim_start().starts_with('#');
        if let Some(name) = line.trim_end().strip_suffix(':').filter(|_| is_name) {
            let before = entries.insert(name.trim().to_owned(), ((*above).to_owned(), Vec::new()));
            assert!(before.is_none(), "{name} stands twice under {title}");
            current = Some(name.trim().to_owned());
        } else if let Some(entry) = current.as_ref().and_then(|name| entries.get_mut(name)) {
            entry.1.push((*line).to_owned());
        }
    }
    entries
}

fn resources() -> BTreeMap<String, (String, Vec<String>)> {
    section("Resources:")
}

fn resource(name: &str) -> Vec<String> {
    resources().remove(name).unwrap_or_else(|| panic!("no resource {name}")).1
}

/// The number behind `key` in these lines, which must stand there once.
fn number(lines: &[String], key: &str) -> u64 {
    let marker = format!("{key}: ");
    let values: Vec<u64> = lines
        .iter()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once(&marker))
        .map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect::<String>())
        .map(|digits| digits.parse().expect("a number"))
        .collect();
    assert_eq!(values.len(), 1, "{key} in {lines:#?}");
    values[0]
}

#[test]
fn every_resource_says_in_the_line_above_it_what_it_is_for() {
    let resources = resources();
    assert!(resources.len() >= 10, "{:?}", resources.keys());
    let silent = resources.iter().filter(|(_, (above, _))| !above.trim_start().starts_with("# "));
    check(&silent.map(|(name, _)| name.clone()).collect::<Vec<_>>(), "a comment stands directly above each resource");
}

#[test]
fn every_parameter_says_what_it_is_and_is_bounded() {
    for (name, (_, lines)) in section("Parameters:") {
        let lines = lines.join("\n");
        assert!(lines.contains("    Description: "), "{name} has no description");
        let bounds = ["AllowedValues:", "AllowedPattern:", "MaxValue:"];
        assert!(bounds.iter().any(|bound| lines.contains(bound)), "{name} has no bounds");
    }
}

#[test]
fn the_patience_of_the_template_is_that_of_the_code() {
    let parameters = section("Parameters:");
    let default = |name: &str| {
        let lines = &parameters.get(name).expect(name).1;
        let value = lines.iter().find_map(|line| line.trim().strip_prefix("Default: ")).expect("a default");
        value.trim_matches('"').to_owned()
    };
    let patience = Patience::parse(&default("RetryWaits"), &default("DisableAtError"), &default("WarnAtError"));
    assert_eq!(patience, Ok(Patience::default()));
}

#[test]
fn an_ingest_invocation_lives_no_longer_than_the_grace_of_a_bucket_allows() {
    assert_eq!(number(&resource("IngestFunction"), "Timeout"), limits::INGEST_LIFE.as_secs());
    let worst = limits::TOLERANCE + limits::INGEST_LIFE + limits::CLOCK_SKEW;
    assert!(limits::GRACE >= worst);
}

#[test]
fn an_aggregator_invocation_lives_no_longer_than_cuts_and_claims_allow() {
    let aggregator = resource("AggregatorFunction");
    assert_eq!(number(&aggregator, "Timeout"), limits::SWEEP_LIFE.as_secs());
    // Of asynchronous invocations; the schedule's own limit stands in one line with its retries.
    let own: Vec<String> = aggregator.into_iter().filter(|line| line.trim().starts_with("MaximumEventAge")).collect();
    assert_eq!(number(&own, "MaximumEventAgeInSeconds"), limits::HAND_OVER_AGE.as_secs());
    assert!(limits::CUT_LEAD + limits::GRACE > limits::SWEEP_LIFE + limits::CLOCK_SKEW);
}

#[test]
fn a_batch_is_not_handed_out_again_while_it_may_be_worked_on() {
    for (function, queue) in [
        ("SenderFunction", "DeliveryQueue"),
        ("SenderFunction", "DeliveryDeadLetterQueue"),
        ("IngestFunction", "UpstreamQueue"),
    ] {
        let (function, queue) = (resource(function), resource(queue));
        assert!(number(&queue, "VisibilityTimeout") >= 6 * number(&function, "Timeout"));
        // The dead letters' own queue gives nothing up.
        let redrive: Vec<_> = queue.into_iter().filter(|line| line.contains("RedrivePolicy")).collect();
        assert!(redrive.is_empty() || number(&redrive, "maxReceiveCount") >= 5);
    }
}

#[test]
fn a_batch_of_upstream_is_as_large_as_a_call_and_has_the_window_that_sqs_asks_for() {
    let ingest = resource("IngestFunction");
    assert_eq!(number(&ingest, "BatchSize"), limits::EVENTS_PER_CALL as u64);
    assert!(number(&ingest, "MaximumBatchingWindowInSeconds") >= 1);
}

#[test]
fn a_message_of_upstream_is_tried_until_one_that_came_too_early_is_due() {
    // Refused because its timestamp is ahead, it may be right by the next try.
    let queue = resource("UpstreamQueue");
    let tries = number(&queue, "VisibilityTimeout") * number(&queue, "maxReceiveCount");
    assert!(tries > limits::AHEAD.as_secs());
}

#[test]
fn what_is_not_delivered_to_a_function_is_kept_for_two_weeks() {
    for (name, (_, lines)) in resources().iter().filter(|(name, _)| name.ends_with("DeadLetterQueue")) {
        assert_eq!(number(lines, "MessageRetentionPeriod"), limits::HOLDING.as_secs(), "{name}");
        assert!(lines.join("\n").contains("SqsManagedSseEnabled: true"), "{name}");
    }
}

#[test]
fn the_line_of_a_refused_address_is_what_is_counted_and_raises_an_alarm() {
    let (counted, alarm) = (resource("RefusedAddresses").join("\n"), resource("RefusedAddressesAlarm").join("\n"));
    assert!(counted.contains(&format!("FilterPattern: '{{ $.outcome = \"{}\" }}'", bundler::tell::REFUSED)));
    assert!(counted.contains("LogGroupName: !Ref SenderLogs"));
    for named in ["Namespace: !Sub Bundlehook/${AWS::StackName}", "MetricName: RefusedAddresses"] {
        assert!(counted.contains(named) && alarm.contains(named), "{named}");
    }
}

#[test]
fn the_sender_has_time_for_a_request_and_its_records() {
    assert_eq!(number(&resource("SenderFunction"), "Timeout"), limits::SENDER_LIFE.as_secs());
    assert!(limits::SENDER_LIFE > limits::SENDER_RESERVE);
    assert!(limits::SENDER_RESERVE > limits::REQUEST);
}

#[test]
fn the_settings_have_time_for_a_replay_and_what_it_has_begun_and_for_a_test() {
    let seconds = number(&resource("SettingsFunction"), "Timeout");
    assert!(seconds >= 2 * limits::PORTAL_REPLAY.as_secs());
    assert!(seconds > limits::TRIAL.as_secs() && limits::TRIAL > limits::REQUEST);
}

#[test]
fn files_are_encrypted_and_nobodys_and_gone_when_nobody_can_ask_for_them_any_more() {
    let (bucket, policy) = (resource("FilesBucket").join("\n"), resource("FilesPolicy").join("\n"));
    for needed in ["SSEAlgorithm: AES256", "RestrictPublicBuckets: true", "BlockPublicPolicy: true"] {
        assert!(bucket.contains(needed), "{needed}");
    }
    assert!(bucket.contains(&format!("Prefix: {}, Status: Enabled, ExpirationInDays: 1 ", aws::files::PREFIX)));
    let copies = format!("Prefix: files/, Status: Enabled, ExpirationInDays: {} ", limits::COPY_DAYS);
    assert!(bucket.contains(&copies) && bucket.contains("AbortIncompleteMultipartUpload"));
    let (attachments, queue) = (resource("AttachmentsFunction"), resource("CopyQueue"));
    assert_eq!(number(&attachments, "Timeout"), limits::ATTACHMENTS_LIFE.as_secs());
    // What died is tried again before the tick gives it up.
    let again = number(&queue, "VisibilityTimeout");
    assert!(again > limits::ATTACHMENTS_LIFE.as_secs() && 4 * again < limits::FILE_WAIT.as_secs());
    assert!(policy.contains("Effect: Deny") && policy.contains("aws:SecureTransport: \"false\""));
    assert!(resource("SettingsFunction").join("\n").contains(&format!("${{FilesBucket.Arn}}/{}*", aws::files::PREFIX)));
}

#[test]
fn every_sqs_event_reports_which_of_its_records_failed() {
    let mut events = 0;
    for (name, (_, lines)) in resources() {
        for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.trim() == "Type: SQS") {
            let indent = line.len() - line.trim_start().len();
            let within = |line: &&String| line.trim().is_empty() || line.len() - line.trim_start().len() >= indent;
            let event: Vec<_> = lines[index..].iter().take_while(within).cloned().collect();
            assert!(
                event.join("\n").contains("FunctionResponseTypes: [ReportBatchItemFailures]"),
                "{name}: {event:#?}"
            );
            events += 1;
        }
    }
    assert!(events >= 1);
}

#[test]
fn the_table_expires_items_keeps_backups_and_has_the_index_that_the_rows_name() {
    let table = resource("Table").join("\n");
    for needed in [
        format!("AttributeName: {}, Enabled: true", bundler::table::item::EXPIRES),
        "PointInTimeRecoveryEnabled: true".to_owned(),
        format!("{{ AttributeName: {}, KeyType: HASH }}", bundler::table::item::DUE_PK),
        format!("{{ AttributeName: {}, KeyType: RANGE }}", bundler::table::item::DUE_SK),
        "ProjectionType: KEYS_ONLY".to_owned(),
    ] {
        assert!(table.contains(&needed), "{needed}");
    }
}

#[test]
fn a_function_is_a_folder_a_binary_and_a_resource_of_one_name_with_a_log_group() {
    let folders: BTreeSet<String> = files()
        .iter()
        .filter_map(|path| path.strip_prefix("functions/")?.strip_suffix("/Cargo.toml").map(str::to_owned))
        .collect();
    let resources = resources();
    let functions: BTreeSet<String> =
        resources.keys().filter_map(|name| name.strip_suffix("Function").map(str::to_lowercase)).collect();
    assert_eq!(folders, functions);
    for (name, (_, lines)) in resources.iter().filter(|(name, _)| name.ends_with("Function")) {
        let folder = name.trim_end_matches("Function").to_lowercase();
        assert!(lines.join("\n").contains(&format!("Binary: {folder} }}")), "{name}");
        let logs = name.replace("Function", "Logs");
        assert!(
            lines.join("\n").contains(&format!("LogGroup: !Ref {logs}")) && resources.contains_key(&logs),
            "{name}"
        );
    }
}

#[test]
fn a_functions_manifest_lists_the_systems_that_its_policy_allows_and_no_others() {
    let systems = [
        ("table", "dynamodb:"),
        ("queue", "sqs:SendMessage"),
        ("secret", "secretsmanager:"),
        ("invoke", "lambda:InvokeFunction"),
        ("mail", "ses:SendEmail"),
        ("files", "/downloads/*"),
        ("copies", "CopyQueue.Arn"),
        ("links", "sts:AssumeRole"),
    ];
    for (name, (_, lines)) in resources().iter().filter(|(name, _)| name.ends_with("Function")) {
        let manifest = read(&format!("functions/{}/Cargo.toml", name.trim_end_matches("Function").to_lowercase()));
        let adapter = manifest.lines().find(|line| line.starts_with("aws = ")).expect("the adapter");
        // A policy of its own is named after the function's role.
        let own = resources().into_values().filter(|(_, policy)| {
            policy.iter().any(|line| line.contains("Roles: ") && line.contains(&format!("!Ref {name}Role")))
        });
        let policy = own.fold(lines.join("\n"), |policy, (_, lines)| policy + &lines.join("\n"));
        for (feature, action) in systems {
            let (listed, allowed) = (adapter.contains(&format!("\"{feature}\"")), policy.contains(action));
            assert_eq!(listed, allowed, "{name}: {feature}");
        }
    }
}
